"""Columns: their types, defaults, identity and collation."""

from __future__ import annotations

from collections.abc import Iterator

from pglast import ast

from dsql_compat.catalog.build import name_from_text
from dsql_compat.catalog.model import Catalog, Column, Sequence
from dsql_compat.catalog.types import resolve
from dsql_compat.checks.context import Here
from dsql_compat.checks.registry import detects
from dsql_compat.findings import Finding
from dsql_compat.sql import spans
from dsql_compat.sql.names import name_of, quote

Found = Iterator[Finding | None]


@detects("serial-column", on=Column)
def serial_column(column: Column, here: Here) -> Found:
    if column.type is None or resolve(here.catalog, column.type).family != "serial":
        return
    definition = spans.column_definition(here.statement, column.node)
    span = spans.type_name(here.statement, column.type)
    yield here.found(
        "serial-column",
        span,
        about=column.ref,
        before=definition.text,
        column=quote(column.name),
        table=column.table.name,
        type=span.text.lower(),
        start="",
        tail=here.statement.text[span.end : definition.end],
    )


@detects("serial-column", on=Catalog)
def serial_idiom(catalog: Catalog, here: Here) -> Found:
    """CREATE SEQUENCE, OWNED BY and SET DEFAULT nextval: what pg_dump makes of a SERIAL."""
    for table in catalog.tables():
        for column in table.columns.values():
            sequence = owned_sequence(catalog, column)
            if sequence is None:
                continue
            definition = spans.column_definition(column.statement, column.node)
            span = spans.type_name(column.statement, column.type)
            position = sequence.last_value
            start = sequence.start if position is None else position + (sequence.increment or 1)
            yield here.found(
                "serial-column",
                definition,
                about=column.ref,
                case="bigint-sequence" if sequence.type == "bigint" else "integer-sequence",
                also=(sequence.ref,),
                before=definition.text,
                column=quote(column.name),
                table=table.name,
                sequence=sequence.name,
                sequence_type=sequence.type,
                type=span.text,
                cache=sequence.cache or 1,
                start=f"START WITH {start} " if start not in (None, 1) else "",
                tail=column.statement.text[span.end : definition.end],
            )


def owned_sequence(catalog: Catalog, column: Column) -> Sequence | None:
    """The sequence that is both this column's default and owned by it."""
    name = nextval_argument(column.default)
    sequence = catalog.relation(name_from_text(name)) if name else None
    if isinstance(sequence, Sequence) and sequence.owned_by == (column.table.name, column.name):
        return sequence
    return None


def nextval_argument(default: ast.Node | None) -> str | None:
    """The sequence name in `nextval('…'::regclass)`."""
    if not isinstance(default, ast.FuncCall) or name_of(default.funcname).name != "nextval":
        return None
    argument = default.args[0] if default.args else None
    if isinstance(argument, ast.TypeCast):
        argument = argument.arg
    if isinstance(argument, ast.A_Const) and isinstance(argument.val, ast.String):
        return str(argument.val.sval)
    return None
