"""Queries of the system catalog whose answers are others than PostgreSQL's."""

from __future__ import annotations

from pglast import ast

from dsql_compat.checks.context import Found, Here
from dsql_compat.checks.registry import detects
from dsql_compat.checks.system_relations import EXTENDED_STATISTICS, NOT_LISTED
from dsql_compat.findings import Span
from dsql_compat.sql import spans
from dsql_compat.sql.names import Name
from dsql_compat.sql.statements import Statement

_ESTIMATES = {"relpages", "reltuples"}


@detects("statistics-view", on=ast.RangeVar)
def missing_catalog(node: ast.RangeVar, here: Here) -> Found:
    name = node.relname
    if not name.startswith("pg_") or node.schemaname not in (None, "pg_catalog"):
        return
    if name in NOT_LISTED:
        case = "catalog"
    elif name in EXTENDED_STATISTICS:
        case = "extended-statistics"
    elif name == "pg_extension":
        case = "extension"
    else:
        return
    span = spans.name(here.statement, Name(None, name))
    yield here.found("statistics-view", span, case=case, key=name, view=name)


@detects("size-function", "index-definition", on=ast.ColumnRef)
def catalog_column(node: ast.ColumnRef, here: Here) -> Found:
    field = node.fields[-1]
    if field.__class__ is not ast.String:
        return
    name = field.sval
    if name in _ESTIMATES and _reads(here.statement, "pg_class"):
        span = _column(here.statement, node, name)
        yield here.found("size-function", span, case="estimate", key=name, function=name)
    elif name == "indexdef" and _reads(here.statement, "pg_indexes"):
        span = _column(here.statement, node, name)
        yield here.found("index-definition", span, key=name, function=name)


def _reads(statement: Statement, view: str) -> bool:
    return view in statement.text.lower()


def _column(statement: Statement, node: ast.ColumnRef, name: str) -> Span:
    return spans.words(statement, name, after=node.location)


@detects("index-definition", on=ast.FuncCall)
def index_definition(node: ast.FuncCall, here: Here) -> Found:
    if node.funcname[-1].sval == "pg_get_indexdef":
        span = spans.call(here.statement, node)
        yield here.found("index-definition", span, key=str(span.start), function="pg_get_indexdef")
