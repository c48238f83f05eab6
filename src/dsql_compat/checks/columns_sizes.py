"""Columns and domains of types that DSQL stores, with sizes or clauses that it does not take."""

from __future__ import annotations

from pglast import ast, enums

from dsql_compat.catalog.model import Column, Type
from dsql_compat.catalog.types import ResolvedType, resolve
from dsql_compat.checks.actions import AT, Action, on_action
from dsql_compat.checks.columns_declared import (
    Declared,
    declared_column,
    declared_domain,
    stand_in,
)
from dsql_compat.checks.context import Found, Here
from dsql_compat.checks.registry import detects
from dsql_compat.checks.type_map import size_rule
from dsql_compat.findings import Finding, Span
from dsql_compat.sql import spans
from dsql_compat.sql.names import quote

MOST_DIGITS = 1000
_OLD_SCALE = 37
_SIZED = ("numeric", "character", "character varying")
SIZE_RULES = ("numeric-without-precision", "numeric-precision", "char-length", "varchar-length")


def column_size(column: Column, here: Here, resolved: ResolvedType) -> Finding | None:
    """What is to be said of the size of a type that DSQL stores; a domain's stands there."""
    node = column.type
    rule = None if resolved.through or node is None else _rule(resolved, node, here)
    declared = declared_column(column, here) if rule else None
    return _sized(declared, resolved, rule) if declared is not None and rule else None


@detects(*SIZE_RULES, on=Type)
def domain_size(made: Type, here: Here) -> Found:
    declared = declared_domain(made, here)
    if declared is None:
        return
    resolved = resolve(here.catalog, declared.type)
    is_own = resolved.family == "storable" and not resolved.through
    rule = _rule(resolved, declared.type, here) if is_own else None
    if rule:
        yield _sized(declared, resolved, rule)


def _rule(resolved: ResolvedType, node: ast.TypeName, here: Here) -> str | None:
    return size_rule(here.run, resolved, node) if resolved.base in _SIZED else None


def _sized(declared: Declared, resolved: ResolvedType, rule: str) -> Finding | None:
    sizes = resolved.modifiers
    size = sizes[0] if sizes else 0
    scale = sizes[1] if len(sizes) > 1 else 0
    value = "VALUE" if declared.is_domain else declared.column
    check = "" if declared.is_added else f" CHECK (length({value}) <= {size})"
    tail = declared.tail()
    return declared.here.found(
        rule,
        declared.span,
        about=declared.ref,
        case="beyond" if rule == "numeric-precision" and size > MOST_DIGITS else "",
        before=declared.before,
        **{
            **declared.facts(),
            "size": size,
            "scale": scale,
            "old_scale": min(max(scale, 0), _OLD_SCALE),
            "new_scale": min(max(scale, 0), MOST_DIGITS),
            "checked_tail": tail.removesuffix(";") + check + (";" if declared.is_domain else ""),
            "new": stand_in(declared.type, declared.here) or "text",
        },
    )


@detects("virtual-generated-column", "column-storage", "column-compression", on=Column)
def column_clauses(column: Column, here: Here) -> Found:
    node = column.node
    if node is None or (column.generated != "v" and not node.compression and not node.storage_name):
        return
    if node.colname is None:
        return
    definition = spans.column_definition(column.statement, node)
    if node.storage_name:
        yield _clause(column, here, "column-storage", definition, "STORAGE")
    if node.compression:
        yield _clause(column, here, "column-compression", definition, "COMPRESSION")
    if column.generated == "v":
        yield _virtual(column, here, definition)


def _clause(column: Column, here: Here, rule: str, definition: Span, word: str) -> Finding | None:
    """STORAGE MODE or COMPRESSION METHOD: two words behind the type."""
    statement = column.statement
    behind = spans.type_name(statement, column.type).end
    tokens = [t for t in statement.tokens if behind <= t.start < definition.end]
    at = next((i for i, t in enumerate(tokens) if t.text.upper() == word), None)
    if at is None or at + 1 >= len(tokens):
        return None
    span = Span(statement, tokens[at].start, tokens[at + 1].end)
    return here.found(
        rule,
        span,
        about=column.ref,
        before=definition.text,
        column=quote(column.name),
        table=column.table.name,
        value=tokens[at + 1].text,
        edited=spans.cut(definition, [(span.start, span.end, "")]),
    )


def _virtual(column: Column, here: Here, definition: Span) -> Finding | None:
    """VIRTUAL, or the words before the expression where PostgreSQL 18's default is left to act."""
    statement = column.statement
    constraint = next(
        c
        for c in (column.node.constraints if column.node else ()) or ()
        if c.contype == enums.ConstrType.CONSTR_GENERATED
    )
    held = spans.parenthesised(statement, constraint.location)
    end = held.end if held else definition.end
    after = next((t for t in statement.tokens if t.start >= end), None)
    if after is not None and after.text.upper() == "VIRTUAL" and after.end <= definition.end:
        span = Span(statement, after.start, after.end)
        edit = (after.start, after.end, "STORED")
    else:
        span = spans.find_words(
            statement, "GENERATED ALWAYS AS", after=constraint.location
        ) or spans.word_at(statement, constraint.location)
        edit = (end, end, " STORED")
    return here.found(
        "virtual-generated-column",
        span,
        about=column.ref,
        before=definition.text,
        column=quote(column.name),
        table=column.table.name,
        edited=spans.cut(definition, [edit]),
    )


@on_action("column-storage", "column-compression", on=(AT.AT_SetStorage, AT.AT_SetCompression))
def set_storage(action: Action) -> Found:
    is_storage = action.command.subtype == AT.AT_SetStorage
    value = action.command.def_
    yield action.found(
        "column-storage" if is_storage else "column-compression",
        case="set",
        about=_ref(action),
        column=quote(action.command.name or ""),
        value=value.sval if isinstance(value, ast.String) else "",
    )


def _ref(action: Action) -> object:
    column = action.column
    return column.ref if column is not None else None
