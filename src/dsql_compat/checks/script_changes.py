"""Statements that change as many rows as there are, of which a transaction takes 3,000."""

from __future__ import annotations

from collections.abc import Iterator

from pglast import ast, enums

from dsql_compat.catalog.model import Table
from dsql_compat.checks.context import Found, Here
from dsql_compat.checks.registry import detects
from dsql_compat.findings import Finding, ObjectRef
from dsql_compat.sql import spans
from dsql_compat.sql.names import quote, quote_list, relation_name
from dsql_compat.sql.walk import walk

_BATCH, _FEW = 1000, 3000
_AGGREGATES = {
    *("count", "sum", "min", "max", "avg", "array_agg", "string_agg", "bool_and", "bool_or"),
    *("json_agg", "jsonb_agg", "json_object_agg", "jsonb_object_agg"),
}


@detects("whole-table-change", on=ast.UpdateStmt)
def update_of_all(node: ast.UpdateStmt, here: Here) -> Found:
    if node.whereClause is None and not node.fromClause:
        yield _found(node, "", here)


@detects("whole-table-change", on=ast.DeleteStmt)
def delete_of_all(node: ast.DeleteStmt, here: Here) -> Found:
    if node.whereClause is None and not node.usingClause:
        yield _found(node, "delete", here)


@detects("whole-table-change", on=ast.InsertStmt)
def insert_of_all(node: ast.InsertStmt, here: Here) -> Found:
    query = node.selectStmt
    if not isinstance(query, ast.SelectStmt) or query.withClause or node.withClause:
        return
    if any(_reads_a_table(arm) for arm in _arms(query)):
        yield _found(node, "insert", here)


def _arms(query: ast.SelectStmt) -> Iterator[ast.SelectStmt]:
    """The query, or what its UNIONs join; an INTERSECT or EXCEPT bounds its rows."""
    if query.op == enums.SetOperation.SETOP_UNION and query.limitCount is None:
        yield from _arms(query.larg)
        yield from _arms(query.rarg)
    elif query.op == enums.SetOperation.SETOP_NONE:
        yield query


def is_whole(query: ast.SelectStmt) -> bool:
    """Whether a query brings every row of what it reads from."""
    if query.whereClause or query.limitCount or query.groupClause or query.distinctClause:
        return False
    return not any(
        isinstance(node, ast.FuncCall)
        and node.over is None
        and node.funcname[-1].sval in _AGGREGATES
        for target in query.targetList or ()
        for node in walk(target)
    )


def _reads_a_table(query: ast.SelectStmt) -> bool:
    return is_whole(query) and any(map(_is_table, query.fromClause or ()))


def _is_table(source: ast.Node) -> bool:
    match source:
        case ast.RangeVar():
            return source.schemaname not in ("pg_catalog", "information_schema")
        case ast.JoinExpr(jointype=enums.JoinType.JOIN_LEFT):
            return _is_table(source.larg)
        case ast.JoinExpr(jointype=enums.JoinType.JOIN_RIGHT):
            return _is_table(source.rarg)
        case ast.JoinExpr():  # joined with a list of values, only so many rows remain
            return _is_table(source.larg) and _is_table(source.rarg)
    return False


def _found(
    node: ast.UpdateStmt | ast.DeleteStmt | ast.InsertStmt, case: str, here: Here
) -> Finding | None:
    name = relation_name(node.relation)
    table = here.catalog.table(name)
    if table is not None and case != "insert" and 0 < table.data.rows <= _FEW:
        return None  # a small table that the source itself filled
    ref = table.ref if table else ObjectRef("table", name.name, name.schema)
    statement = here.statement
    alone = not node.withClause and not node.returningClause and statement.tree is node
    return here.found(
        "whole-table-change",
        spans.word_at(statement, _start(node, here)),
        about=ref,
        case=case,
        cause=here.missing(ref),
        key=case,
        table=table.name if table else name,
        edited=_in_batches(node, table, case, here) if table and alone else "",
    )


def _start(node: ast.UpdateStmt | ast.DeleteStmt | ast.InsertStmt, here: Here) -> int:
    """Where the statement begins: its node knows only where the table's name is."""
    before = [t for t in here.statement.tokens if t.start < node.relation.location]
    verbs = ("UPDATE", "DELETE", "INSERT")
    return next((t.start for t in reversed(before) if t.text.upper() in verbs), 0)


def _in_batches(
    node: ast.UpdateStmt | ast.DeleteStmt | ast.InsertStmt, table: Table, case: str, here: Here
) -> str:
    """The same change for a number of keys; an UPDATE goes along the key, so it must be one."""
    key = table.primary_key
    if key is None or node.relation.alias is not None or case == "insert":
        return ""
    end = len(here.statement.text.rstrip().removesuffix(";").rstrip())
    if case == "delete":
        columns = quote_list(key.columns)
        wanted = columns if len(key.columns) == 1 else f"({columns})"
        part = f"SELECT {columns} FROM {table.name} LIMIT {_BATCH}"  # noqa: S608
    elif len(key.columns) == 1:
        wanted = quote(key.columns[0])
        part = f"SELECT {wanted} FROM {table.name} WHERE {wanted} > $1"  # noqa: S608
        part += f" ORDER BY {wanted} LIMIT {_BATCH}"
    else:
        return ""
    return spans.edited(here.statement, [(end, end, f" WHERE {wanted} IN ({part})")])
