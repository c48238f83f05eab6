"""ADD COLUMN with constraints, taken apart into the steps that DSQL accepts."""

from __future__ import annotations

from typing import Any

from pglast import ast, enums

from dsql_compat.checks.actions import Action
from dsql_compat.findings import Span
from dsql_compat.sql import spans
from dsql_compat.sql.names import Name, quote
from dsql_compat.sql.statements import Statement

CT = enums.ConstrType


def added_column_facts(action: Action, node: ast.ColumnDef) -> dict[str, Any]:
    """A step a fact, empty where the column does not need it, in the order to be run."""
    table, statement = action.table.name, action.here.statement
    column = quote(node.colname)
    kind = spans.type_name(statement, node.typeName).text
    pieces = _pieces(statement, node)
    base = f"{action.table.name.name}_{node.colname}"
    default = pieces.get(CT.CONSTR_DEFAULT)
    steps: dict[str, Any] = dict.fromkeys(STEPS, "")
    unless = "IF NOT EXISTS " if action.command.missing_ok else ""
    add = f"ALTER TABLE {table} ADD COLUMN {unless}{column} {kind}"
    if default:
        value = default[1].split(None, 1)[1]
        steps["add"] = f"{add}, ALTER COLUMN {column} SET DEFAULT {value};"
        steps["fill"] = f"UPDATE {table} SET {column} = {value} WHERE {column} IS NULL;"  # noqa: S608
    else:
        steps["add"] = f"{add};"
    if CT.CONSTR_IDENTITY in pieces:
        name = str(Name(action.table.name.schema, f"{base}_seq"))
        steps["sequence"] = f"CREATE SEQUENCE {unless}{name} CACHE 65536;"
        steps["add"] = f"{add}, ALTER COLUMN {column} SET DEFAULT nextval('{name}');"
        steps["fill"] = f"UPDATE {table} SET {column} = DEFAULT WHERE {column} IS NULL;"  # noqa: S608
    if CT.CONSTR_NOTNULL in pieces or CT.CONSTR_IDENTITY in pieces:
        name = quote(f"{base}_not_null"[:63])
        steps["not_null"] = (
            f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({column} IS NOT NULL) NOT VALID;"
        )
        steps["not_null_valid"] = f"ALTER TABLE ASYNC {table} VALIDATE CONSTRAINT {name};"
    _check(steps, pieces, str(table), f"{base}_check")
    _unique(steps, pieces, str(table), column, f"{base}_key")
    _reference(steps, pieces, str(table), column, f"{base}_fkey")
    reference = pieces[CT.CONSTR_FOREIGN][1] if CT.CONSTR_FOREIGN in pieces else ""
    whole = spans.column_definition(statement, node).text.replace(reference, "")
    return {
        **steps,
        "column": column,
        "type": kind,
        "unreferring": " ".join(whole.split()),
    }


STEPS = (
    *("sequence", "add", "fill", "not_null", "not_null_valid", "check", "check_valid"),
    *("index", "wait", "unique", "reference", "reference_valid"),
)
Pieces = dict[enums.ConstrType, tuple[ast.Constraint, str]]


def _pieces(statement: Statement, node: ast.ColumnDef) -> Pieces:
    """Each constraint of the column with its own words."""
    whole = spans.column_definition(statement, node)
    constraints = sorted(node.constraints or (), key=lambda c: c.location)
    ends = [c.location for c in constraints[1:]] + [whole.end]
    found: Pieces = {}
    for constraint, end in zip(constraints, ends, strict=True):
        text = Span(statement, constraint.location, end).text.strip()
        if constraint.contype in found or constraint.contype not in _KEPT:
            continue
        if is_null_default(constraint):
            continue
        found[constraint.contype] = (constraint, text)
    return found


_KEPT = {
    *(CT.CONSTR_DEFAULT, CT.CONSTR_NOTNULL, CT.CONSTR_CHECK, CT.CONSTR_UNIQUE, CT.CONSTR_PRIMARY),
    *(CT.CONSTR_FOREIGN, CT.CONSTR_GENERATED, CT.CONSTR_IDENTITY),
}


def is_null_default(constraint: ast.Constraint) -> bool:
    """DEFAULT NULL, which says nothing; also as pg_dump casts it, NULL::text."""
    value = constraint.raw_expr if constraint.contype == CT.CONSTR_DEFAULT else None
    if isinstance(value, ast.TypeCast):
        value = value.arg
    return isinstance(value, ast.A_Const) and bool(value.isnull)


def _named(constraint: ast.Constraint, text: str, fallback: str) -> tuple[str, str]:
    """The constraint's name and its text without CONSTRAINT and the name."""
    if not constraint.conname:
        return quote(fallback[:63]), text
    return quote(constraint.conname), text.split(None, 2)[2]


def _check(steps: dict[str, Any], pieces: Pieces, table: str, fallback: str) -> None:
    if CT.CONSTR_CHECK in pieces:
        name, text = _named(*pieces[CT.CONSTR_CHECK], fallback)
        steps["check"] = f"ALTER TABLE {table} ADD CONSTRAINT {name} {text} NOT VALID;"
        steps["check_valid"] = f"ALTER TABLE ASYNC {table} VALIDATE CONSTRAINT {name};"


def _unique(steps: dict[str, Any], pieces: Pieces, table: str, column: str, fallback: str) -> None:
    if CT.CONSTR_UNIQUE in pieces:
        constraint, text = pieces[CT.CONSTR_UNIQUE]
        name, _ = _named(constraint, text, fallback)
        index = quote(f"{constraint.conname or fallback}_idx"[:63])
        nulls = " NULLS NOT DISTINCT" if constraint.nulls_not_distinct else ""
        steps["index"] = f"CREATE UNIQUE INDEX ASYNC {index} ON {table} ({column}){nulls};"
        steps["wait"] = "CALL sys.wait_for_job('<job_id>');"
        steps["unique"] = f"ALTER TABLE {table} ADD CONSTRAINT {name} UNIQUE USING INDEX {index};"


def _reference(
    steps: dict[str, Any], pieces: Pieces, table: str, column: str, fallback: str
) -> None:
    if CT.CONSTR_FOREIGN in pieces:
        name, text = _named(*pieces[CT.CONSTR_FOREIGN], fallback)
        steps["reference"] = (
            f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY ({column}) {text} NOT VALID;"
        )
        steps["reference_valid"] = f"ALTER TABLE ASYNC {table} VALIDATE CONSTRAINT {name};"
