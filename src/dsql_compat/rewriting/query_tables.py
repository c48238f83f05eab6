"""CREATE TABLE AS and SELECT INTO of certain columns: the table, and its rows after the load.

DSQL makes no table from a query.  Where something else of the source touches the table, or the
query reads a column that is stored otherwise now, it is left to a person.
"""

from __future__ import annotations

import re

from pglast import ast

from dsql_compat.catalog import model as source
from dsql_compat.rewriting.caseless_keys import caseless_columns
from dsql_compat.rewriting.model import Item, Key
from dsql_compat.rewriting.references import needs
from dsql_compat.rewriting.views import query_text
from dsql_compat.rewriting.work import Work
from dsql_compat.sql.names import relation_name
from dsql_compat.sql.statements import Statement
from dsql_compat.sql.walk import walk

_SAID = (ast.CommentStmt, ast.GrantStmt, ast.AlterOwnerStmt)


def makes_from_query(work: Work, table: source.Table) -> bool:
    """Whether the result has the table that a query made; its statements are taken in."""
    finding = next(
        (f for f in work.findings.get(table.ref, ()) if f.rule == "create-table-as"), None
    )
    if finding is None or not finding.facts.get("columns") or not _is_plain(work, table):
        return False
    lines = [line.format_map(finding.facts).rstrip(";") for line in finding.status.rewrite]
    written = work.with_schemas(table.statement)
    if written is not table.statement:
        old, new = (query_text(one) for one in (table.statement, written))
        lines = [line.replace(old, new) for line in lines]
        if len(lines) > 1 and new not in lines[-1]:
            return False
    if any(work.refusal(line) is not None for line in lines[:1]):
        return False
    wanted = needs(work.catalog, table.statement.tree) - {Key("relation", table.name)}
    if work.lacks(wanted) is not None:
        return False
    key = Key("relation", table.name)
    work.items.append(Item(table.ref, lines[0], makes=key))
    for line in lines[1:]:
        work.items.append(Item(table.ref, line, "after-load", needs=wanted | {key}))
    filled = (
        "; an INSERT after the load fills it, which takes 3,000 rows at most: "
        "split a larger one by ranges of a key"
    )
    what = "made with the columns of its query" + (filled if len(lines) > 1 else ", without rows")
    work.settle(table.ref, "changed", what)
    return True


def _is_plain(work: Work, table: source.Table) -> bool:
    """Whether nothing else makes the table what it is, and its query reads what is kept."""
    if table.constraints or table.indexes or table.triggers or table.statement.outer is not None:
        return False
    others = [o for o in work.statements if not isinstance(o.tree, _SAID)]
    if any(_names(other, table) for other in others if other is not table.statement):
        return False
    later = others[others.index(table.statement) + 1 :] if table.statement in others else []
    for node in walk(table.statement.tree):
        if isinstance(node, ast.FuncCall):
            return False
        if not isinstance(node, ast.RangeVar):
            continue
        found = work.catalog.table(relation_name(node))
        if found is None:
            return False
        if found is not table and not (_is_kept(work, found, node) and _is_still(found, later)):
            return False
    return True


def _is_kept(work: Work, table: source.Table, node: ast.RangeVar) -> bool:
    """Whether a query finds the table by the same words, its columns stored as they were."""
    made = work.tables.get(table.name)
    if made is None or (node.schemaname is None and table.name.schema != "public"):
        return False
    if caseless_columns(work, table, table.columns):
        return False
    return all(column.conversion == "same" for column in made.columns)


def _is_still(table: source.Table, later: list[Statement]) -> bool:
    """Whether nothing further down changes the table, or its rows, after the query read them."""
    return not any(_names(other, table) for other in later if not _only_reads(other))


def _only_reads(statement: Statement) -> bool:
    tree = statement.tree
    if isinstance(tree, ast.SelectStmt):
        return True
    return isinstance(tree, ast.CreateTableAsStmt | ast.ViewStmt | ast.IndexStmt)


def _names(statement: Statement, table: source.Table) -> bool:
    name = re.escape(table.name.name)
    return re.search(rf"(?<!\w){name}(?!\w)", statement.text, re.I) is not None
