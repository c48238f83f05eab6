"""Indexes: all of them ASYNC, after the load, and none of a kind that DSQL has no match for."""

from __future__ import annotations

from pglast import ast, enums

from dsql_compat.catalog import model as source
from dsql_compat.catalog.model import Table
from dsql_compat.findings import Finding
from dsql_compat.rewriting.caseless import side_of
from dsql_compat.rewriting.caseless_keys import (
    add_caseless_keys,
    caseless_columns,
    index_key,
    index_note,
    refers_to_index,
)
from dsql_compat.rewriting.expressions import settled_on
from dsql_compat.rewriting.folding import fold_indexes
from dsql_compat.rewriting.model import Item, Key
from dsql_compat.rewriting.printing import parsed
from dsql_compat.rewriting.translation import scope_of
from dsql_compat.rewriting.work import Settled, Work
from dsql_compat.sql.names import Name, quote, quote_list

_ORDER, _NULLS = enums.SortByDir, enums.SortByNulls


def rewrite_indexes(work: Work) -> None:
    """CREATE INDEX ASYNC for every index that means the same as a plain one."""
    indexes = [r for r in work.catalog.relations.values() if isinstance(r, source.Index)]
    for table in work.catalog.tables():
        if table.is_partitioned and not table.is_partition:
            indexes += fold_indexes(work, table)
    surplus = _surplus(work, indexes)
    for index in indexes:
        owner = work.catalog.relation(index.table_name)
        if isinstance(owner, Table) and owner.is_partition:
            continue  # settled with the others of its kind
        if index.name in surplus:
            _leave(work, index, surplus[index.name])
        else:
            _rewrite(work, index)
    add_caseless_keys(work)


def _leave(work: Work, index: source.Index, why: str, cause: Finding | None = None) -> None:
    key = Key("relation", index.name)
    work.settle(index.ref, "left", why, index.statement, key=key, cause=cause)


def _surplus(work: Work, indexes: list[source.Index]) -> dict[Name, str]:
    """The indexes beyond those that a table may have: plain ones before unique ones, last first."""
    most = next(x.value for x in work.run.catalogue.limits if x.key == "indexes-per-table")
    found: dict[Name, str] = {}
    for name, table in work.tables.items():
        own = [i for i in indexes if i.table_name == name and _refused_method(work, i) is None]
        room = most - sum(1 for c in table.constraints if c.kind in ("primary key", "unique"))
        room -= len(work.caseless_keys.get(name, ()))
        kept = sorted(own, key=lambda index: not index.is_unique)[: max(room, 0)]
        why = f"one too many: a table of DSQL has {most} indexes at most"
        found |= {index.name: why for index in own if index not in kept}
    return found


def _rewrite(work: Work, index: source.Index) -> None:
    if index.table_name not in work.tables:
        _leave(work, index, f"{index.table_name} is not there")
        return
    refused = _refused_method(work, index)
    if refused is not None:
        _leave(work, index, f"a {index.method} index", refused)
        return
    sql = _definition(work, index)
    if isinstance(sql, Settled):
        reason = sql.reason or "DSQL cannot evaluate it"
        _leave(work, index, reason, sql.problem)
        return
    wanted = frozenset({Key("relation", index.table_name)})
    made = Key("relation", index.name)
    problem = work.add(Item(index.ref, sql, "after-load", made, wanted, waits=True))
    if problem is not None:
        _leave(work, index, "DSQL refuses it", problem)
        return
    note = index_note(work, index)
    work.settle(index.ref, "changed", f"ASYNC; {note}" if note else "ASYNC")
    names = frozenset(key.name for key in index.keys if key.expr is None)
    is_lower = caseless_columns(work, index.table, names) and not _is_kept_plain(work, index)
    is_whole = index.node.whereClause is None and len(names) == len(index.keys)
    if index.is_unique and is_whole and not is_lower:
        work.unique_indexes.setdefault(index.table_name, []).append((names, made))


def _refused_method(work: Work, index: source.Index) -> Finding | None:
    """Why no plain index stands in for one of another method."""
    found = [f for f in work.findings.get(index.ref, ()) if f.rule == "index-method"]
    return next((f for f in found if not f.status.rewrite), None)


def _definition(work: Work, index: source.Index) -> str | Settled:
    node = index.node
    keys: list[str] = []
    for key in index.keys:
        text = _key(work, key, index.table, plain=_is_kept_plain(work, index))
        if isinstance(text, Settled):
            return text
        keys.append(text)
    unique = "UNIQUE " if index.is_unique else ""
    sql = (
        f"CREATE {unique}INDEX ASYNC {quote(index.name.name)} ON {index.table_name} "
        f"({', '.join(keys)})"
    )
    if node.indexIncludingParams:
        sql += f" INCLUDE ({quote_list(part.name for part in node.indexIncludingParams)})"
    if node.nulls_not_distinct:
        sql += " NULLS NOT DISTINCT"
    if node.whereClause is not None:
        found = settled_on(work, node.whereClause, index.table)
        if found.fails:
            return found
        sql += f" WHERE {found.sql}"
    return sql


def _is_kept_plain(work: Work, index: source.Index) -> bool:
    """Whether columns that paid no regard to case are keys as they stand."""
    if not work.has_caseless:
        return True
    return index.is_unique and refers_to_index(work, index)


def _key(work: Work, key: ast.IndexElem, table: Table | None, *, plain: bool) -> str | Settled:
    if key.expr is not None:
        found = settled_on(work, key.expr, table)
        if found.fails:
            return found
        if work.has_caseless and _is_caseless(work, key.expr, table):
            return f"lower({found.sql})" + _nulls(key)
        is_call = isinstance(parsed(found.sql), ast.FuncCall)
        text = found.sql if is_call else f"({found.sql})"
    else:
        text = quote(key.name) if plain else index_key(work, table, key.name)
    return text + _nulls(key)


def _is_caseless(work: Work, node: ast.Node, table: Table | None) -> bool:
    return side_of(work, node, scope_of(work, table)) == "caseless"


def _nulls(key: ast.IndexElem) -> str:
    """NULLS FIRST or LAST; an index of descending keys is read backwards, so they turn round."""
    given = key.nulls_ordering
    if given == _NULLS.SORTBY_NULLS_DEFAULT:
        return ""
    is_first = given == _NULLS.SORTBY_NULLS_FIRST
    if key.ordering == _ORDER.SORTBY_DESC:
        is_first = not is_first
    return " NULLS FIRST" if is_first else ""
