"""MERGE, and the INSERT … ON CONFLICT that says the same where it is a plain upsert."""

from __future__ import annotations

from typing import Any

from pglast import ast, enums
from pglast.stream import RawStream

from dsql_compat.checks.context import Found, Here
from dsql_compat.checks.registry import detects
from dsql_compat.findings import ObjectRef
from dsql_compat.sql import spans
from dsql_compat.sql.names import name_of, quote, quote_list, relation_name


@detects("merge", on=ast.MergeStmt)
def merge(node: ast.MergeStmt, here: Here) -> Found:
    name = relation_name(node.relation)
    table = here.catalog.table(name)
    upsert = None if node.withClause or node.returningClause else _upsert(node)
    yield here.found(
        "merge",
        spans.words(here.statement, "MERGE INTO"),
        about=table.ref if table else ObjectRef("table", name.name, name.schema),
        case="upsert" if upsert else "",
        table=table.name if table else name,
        upsert=upsert or "",
    )


def _upsert(node: ast.MergeStmt) -> str | None:
    """The INSERT … ON CONFLICT for `MATCHED UPDATE, NOT MATCHED INSERT`; None for all else."""
    target = node.relation.alias.aliasname if node.relation.alias else node.relation.relname
    keys = _joined_keys(node.joinCondition, target)
    insert = update = None
    for clause in node.mergeWhenClauses or ():
        if clause.condition is not None:
            return None
        if clause.commandType == enums.CmdType.CMD_INSERT and insert is None:
            insert = clause
        elif clause.commandType == enums.CmdType.CMD_UPDATE and update is None:
            update = clause
        else:
            return None
    if insert is None or not keys or not insert.values or not insert.targetList:
        return None
    columns = [column.name for column in insert.targetList]
    inserted = dict(zip(columns, map(_text, insert.values), strict=False))
    if any(inserted.get(key) != value for key, value in keys.items()):
        return None
    action = "NOTHING"
    if update is not None:
        assignments = _assignments(update, inserted)
        if assignments is None:
            return None
        action = f"UPDATE SET {assignments}"
    return (
        f"INSERT INTO {relation_name(node.relation)} ({quote_list(columns)})"  # noqa: S608
        f" SELECT {', '.join(inserted.values())} FROM {_text(node.sourceRelation)}"
        f" ON CONFLICT ({quote_list(keys)}) DO {action};"
    )


def _joined_keys(condition: ast.Node, target: str) -> dict[str, str]:
    """The target's columns that the join compares, each with the source's expression."""
    parts = condition.args if isinstance(condition, ast.BoolExpr) else (condition,)
    if isinstance(condition, ast.BoolExpr) and condition.boolop != enums.BoolExprType.AND_EXPR:
        return {}
    keys: dict[str, str] = {}
    for part in parts:
        if not isinstance(part, ast.A_Expr) or name_of(part.name).name != "=":
            return {}
        for side, other in ((part.lexpr, part.rexpr), (part.rexpr, part.lexpr)):
            fields: tuple[Any, ...] = ()
            if isinstance(side, ast.ColumnRef):
                fields = side.fields or ()
            if len(fields) == 2 and fields[0].sval == target:
                keys[fields[1].sval] = _text(other)
                break
        else:
            return {}
    return keys


def _assignments(update: ast.MergeWhenClause, inserted: dict[str, str]) -> str | None:
    """SET with `excluded` for what is inserted; None where it needs another column's value."""
    parts = []
    for item in update.targetList or ():
        source = next((c for c, value in inserted.items() if value == _text(item.val)), None)
        if source is None and not isinstance(item.val, ast.A_Const):
            return None
        value = f"excluded.{quote(source)}" if source else _text(item.val)
        parts.append(f"{quote(item.name)} = {value}")
    return ", ".join(parts) or None


def _text(node: ast.Node) -> str:
    return str(RawStream()(node))
