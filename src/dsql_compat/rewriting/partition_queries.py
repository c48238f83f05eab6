"""Partitions that are part of their root by now, where a query names one of them."""

from __future__ import annotations

from pglast import ast, enums

from dsql_compat.catalog.model import Table
from dsql_compat.rewriting.printing import expression
from dsql_compat.rewriting.translation_values import Untranslatable
from dsql_compat.rewriting.work import Work
from dsql_compat.sql import spans
from dsql_compat.sql.names import quote, relation_name
from dsql_compat.sql.statements import Statement, parse_statement
from dsql_compat.sql.walk import walk

_ATTACH = enums.AlterTableType.AT_AttachPartition


def without_partitions(work: Work, sql: str) -> str:
    """A query on the roots of its partitions, with their bounds.  Raises Untranslatable."""
    statement = parse_statement(Statement(sql))
    if statement.tree is None:
        return sql
    nodes = list(walk(statement.tree))
    made_here = {node.ctename for node in nodes if isinstance(node, ast.CommonTableExpr)}
    edits: list[tuple[int, int, str]] = []
    for node in nodes:
        if not isinstance(node, ast.RangeVar) or (
            node.schemaname is None and node.relname in made_here
        ):
            continue
        table = work.catalog.table(relation_name(node))
        if table is None or not table.is_partition:
            continue
        start, end = spans.name_at(statement, node.location)[1:]
        root, condition = _root(work, table)
        alias = "" if node.alias is not None else f" AS {quote(table.name.name)}"
        edits.append((start, end, f"(SELECT * FROM {root.name} WHERE {condition}){alias}"))  # noqa: S608
    for start, end, new in sorted(edits, reverse=True):
        sql = sql[:start] + new + sql[end:]
    return sql


def _root(work: Work, table: Table) -> tuple[Table, str]:
    conditions: list[str] = []
    while table.is_partition:
        parent = work.catalog.table(table.parents[0]) if table.parents else None
        if parent is None:
            raise Untranslatable(f"the table that {table.name} is a part of is not there")
        conditions.insert(0, _condition(work, table, parent))
        table = parent
    return table, " AND ".join(conditions)


def _condition(work: Work, table: Table, parent: Table) -> str:
    bound = _bound(work, table)
    spec = getattr(parent.node, "partspec", None)
    keys = [element.name for element in spec.partParams] if spec is not None else []
    unknown = Untranslatable(f"which rows are of the partition {table.name} cannot be said")
    if bound is None or bound.is_default or len(keys) != 1 or keys[0] is None:
        raise unknown
    key = quote(keys[0])
    if bound.strategy == "l":
        return _listed(key, bound)
    if bound.strategy != "r":
        raise unknown
    found: list[str] = []
    for sign, datums in ((">=", bound.lowerdatums), ("<", bound.upperdatums)):
        (value,) = datums
        if isinstance(value, ast.ColumnRef):  # MINVALUE or MAXVALUE
            continue
        found.append(f"{key} {sign} {expression(value)}")
    return " AND ".join(found) or f"{key} IS NOT NULL"


def _listed(key: str, bound: ast.PartitionBoundSpec) -> str:
    values = [v for v in bound.listdatums if not (isinstance(v, ast.A_Const) and v.isnull)]
    texts = ", ".join(expression(value) for value in values)
    found = [f"{key} IN ({texts})"] if values else []
    if len(values) < len(bound.listdatums):
        found.append(f"{key} IS NULL")
    return f"({' OR '.join(found)})" if len(found) > 1 else found[0]


def _bound(work: Work, table: Table) -> ast.PartitionBoundSpec | None:
    """FOR VALUES, of CREATE TABLE or of the ATTACH PARTITION that came later."""
    node = getattr(table.node, "partbound", None)
    for statement in work.statements:
        tree = statement.tree
        if not isinstance(tree, ast.AlterTableStmt):
            continue
        for command in tree.cmds:
            given = command.def_
            if command.subtype != _ATTACH or not isinstance(given, ast.PartitionCmd):
                continue
            if relation_name(given.name) in (table.name, table.name._replace(schema=None)):
                node = given.bound
    return node if isinstance(node, ast.PartitionBoundSpec) else None
