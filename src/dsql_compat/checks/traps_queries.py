"""Silent traps of queries: orders that change, locks that do not wait, privileges as DDL.

A dump makes functions before the tables they read, and defaults after the views, so sorted
queries are put by and looked at when the whole schema stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pglast import ast, enums

from dsql_compat.catalog.model import Catalog, Column, Table
from dsql_compat.checks.columns import nextval_argument
from dsql_compat.checks.columns_identity import SMALLEST_BLOCK
from dsql_compat.checks.context import Found, Here
from dsql_compat.checks.registry import detects
from dsql_compat.checks.traps import database_ref, is_text, sorts_by_byte
from dsql_compat.checks.traps_keys import is_numbered
from dsql_compat.findings import Finding, Span
from dsql_compat.sql import spans
from dsql_compat.sql.names import name_from_text, quote, relation_name
from dsql_compat.sql.statements import Statement

Sources = dict[str, Table | None]


# -- sorted queries -------------------------------------------------------------------------------


@detects("sorted-text", "numbered-order", on=ast.SelectStmt)
def sorted_query(node: ast.SelectStmt, here: Here) -> Found:
    if node.sortClause and node.fromClause:
        here.run.again.append((here, node))
    yield from ()


@detects("sorted-text", "numbered-order", on=Catalog)
def sorted_queries(catalog: Catalog, here: Here) -> Found:
    """The first column of text that a query is sorted by, and a number as its first column."""
    by_byte = sorts_by_byte(catalog, here)
    seen: set[int] = set()
    for then, node in here.run.again:
        if not isinstance(node, ast.SelectStmt) or not node.sortClause or id(node) in seen:
            continue
        seen.add(id(node))  # those of routines are put by twice
        keys = list(_sort_keys(node, catalog))
        texts = [key for key in keys if is_text(key[1], catalog)]
        if texts and not by_byte:
            yield _order("sorted-text", *texts[0], then)
        if keys and _comes_in_blocks(keys[0][1], catalog) and keys[0][0] is node.sortClause[0].node:
            yield _order("numbered-order", *keys[0], then)


def _order(rule: str, node: ast.ColumnRef, column: Column, then: Here) -> Finding | None:
    span = dotted(then.statement, node.location)
    return then.found(
        rule,
        span,
        key=f"{column.table.name} {column.name}",
        cause=then.cause or (then.missing(then.subject) if then.subject else None),
        before=span.text,
        column=quote(column.name),
        table=column.table.name,
    )


def dotted(statement: Statement, location: int) -> Span:
    """A name with what is written before it: its table's alias, its schema."""
    tokens = [token for token in statement.tokens if token.start >= location][:7]
    end = 0
    while end + 2 < len(tokens) and tokens[end + 1].text == ".":
        end += 2
    if not tokens:
        return spans.head(statement)
    return Span(statement, tokens[0].start, tokens[end].end)


def _sort_keys(node: ast.SelectStmt, catalog: Catalog) -> Iterator[tuple[ast.ColumnRef, Column]]:
    """The sort keys that are plain columns of known tables."""
    sources: Sources = {}
    for source in node.fromClause:
        _collect(source, catalog, sources)
    targets = node.targetList or ()
    named = {target.name: target.val for target in targets if getattr(target, "name", None)}
    for key in node.sortClause:
        value = key.node
        if isinstance(value, ast.A_Const) and isinstance(value.val, ast.Integer):
            at = value.val.ival - 1
            value = targets[at].val if 0 <= at < len(targets) else None
        elif isinstance(value, ast.ColumnRef) and len(value.fields) == 1:
            value = named.get(getattr(value.fields[0], "sval", ""), value)
        column = _column(value, sources) if isinstance(value, ast.ColumnRef) else None
        if column is not None:
            yield value, column


def _collect(source: ast.Node, catalog: Catalog, sources: Sources) -> None:
    """What a FROM item brings, by the names that it goes by; None for what is no table."""
    match source:
        case ast.RangeVar():
            alias = source.alias.aliasname if source.alias else source.relname
            sources[alias] = catalog.table(relation_name(source))
        case ast.JoinExpr():
            _collect(source.larg, catalog, sources)
            _collect(source.rarg, catalog, sources)
        case _:
            alias = getattr(source, "alias", None)
            sources[alias.aliasname if alias else ""] = None


def _column(node: ast.ColumnRef, sources: Sources) -> Column | None:
    names = [field.sval for field in node.fields if isinstance(field, ast.String)]
    if len(names) != len(node.fields):
        return None
    if len(names) > 1:
        table = sources.get(names[-2])
        return table.columns.get(names[-1]) if table is not None else None
    if None in sources.values():
        return None  # the column may be of what is not known
    found = [t.columns[names[0]] for t in sources.values() if t and names[0] in t.columns]
    return found[0] if len(found) == 1 else None


def _comes_in_blocks(column: Column, catalog: Catalog) -> bool:
    """Whether numbers are not in the order of insertion: in blocks, or with no CACHE chosen yet."""
    if not is_numbered(column):
        return False
    if column.identity:
        cache = (column.identity_options or {}).get("cache")
        return not (cache == 1 and column.node is not None and _is_declared(column))
    name = nextval_argument(column.default)
    sequence = catalog.relation(name_from_text(name)) if name else None
    cache = getattr(sequence, "cache", None)
    return sequence is None or not isinstance(cache, int) or cache >= SMALLEST_BLOCK


def _is_declared(column: Column) -> bool:
    """Whether the identity stands in CREATE TABLE, where someone chose its CACHE."""
    return any(
        constraint.contype == enums.ConstrType.CONSTR_IDENTITY
        for constraint in (column.node.constraints if column.node else None) or ()
    )


# -- locks and privileges: counted, and told once -------------------------------------------------


@detects("locking-read", on=ast.SelectStmt)
def locking_read(node: ast.SelectStmt, here: Here) -> Found:
    """FOR UPDATE that would wait in PostgreSQL; of SKIP LOCKED and NOWAIT another rule tells."""
    for clause in node.lockingClause or ():
        if clause.waitPolicy != enums.LockWaitPolicy.LockWaitBlock:
            continue
        if clause.strength != enums.LockClauseStrength.LCS_FORUPDATE:
            continue
        is_routine = here.inside is not None and here.inside.kind != "workload"
        where = here.inside.name if here.inside is not None and is_routine else ""
        yield from _once(
            "locking-read", lambda: spans.words(here.statement, "FOR UPDATE"), where, here
        )


@detects("grant-as-ddl", on=(ast.GrantStmt, ast.GrantRoleStmt))
def grant(node: ast.GrantStmt | ast.GrantRoleStmt, here: Here) -> Found:
    if here.statement.tree is node:  # not in ALTER DEFAULT PRIVILEGES or CREATE SCHEMA
        yield from _once("grant-as-ddl", lambda: spans.head(here.statement, 1), "", here)


def _once(rule: str, find: Callable[[], Span], where: str, here: Here) -> Found:
    """The first of many becomes the finding; the others are counted in it, and not looked for."""
    ref = database_ref(here.catalog)
    known = here.earlier(rule, ref)
    if known is not None:
        known.facts["count"] = str(int(known.facts["count"]) + 1)
        return
    outer = Here(here.run, here.statement, ref)
    yield outer.found(rule, find(), about=ref, count=1, where=where)
