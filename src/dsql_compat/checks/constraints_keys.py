"""What a primary key, a unique constraint or an index can hold: columns, types and sizes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from dsql_compat.catalog.model import Catalog, Column, Constraint, Index, Table
from dsql_compat.catalog.types import NOT_IN_KEYS, ResolvedType, resolve
from dsql_compat.checks.columns_declared import declared_column, without_cast
from dsql_compat.checks.constraint_text import constraint_span
from dsql_compat.checks.context import Found, Here
from dsql_compat.checks.indexes_plan import rewritten_keys
from dsql_compat.checks.registry import detects
from dsql_compat.findings import Finding, ObjectRef, Span
from dsql_compat.sql import spans
from dsql_compat.sql.names import quote, quote_list

MOST_COLUMNS = 8
MOST_BYTES = 2000
_CASES = {"bytea": "bytea", "json": "json", "jsonb": "json", "interval": "interval"}
_EXPRESSIONS = {
    "bytea": "encode(sha256({column}), 'hex')",
    "json": "{column} ->> 'id'",
    "jsonb": "{column} ->> 'id'",
    "interval": "extract(epoch FROM {column})",
    "time with time zone": "extract(epoch FROM {column})",
}
# What a primary key can hold in place of such a type.
_STAND_INS = {"interval": "bigint", "time with time zone": "time"}
_BYTES = {
    "smallint": 2,
    "integer": 4,
    "bigint": 8,
    "real": 4,
    "double precision": 8,
    "boolean": 1,
    "date": 4,
    "time without time zone": 8,
    "timestamp without time zone": 8,
    "timestamp with time zone": 8,
    "uuid": 16,
}


@detects("key-columns", "key-type", "numeric-key", "key-size", on=Constraint)
def constraint_key(constraint: Constraint, here: Here) -> Found:
    if constraint.kind not in ("primary key", "unique") or constraint.using_index:
        return
    if constraint.table.kind == "foreign table":
        return
    if len(constraint.columns) > MOST_COLUMNS:
        span = constraint_span(constraint)
        yield here.found(
            "key-columns",
            span,
            about=constraint.ref,
            case="primary-key" if constraint.kind == "primary key" else "",
            cause=here.missing(constraint.table.ref),
            before=span.text,
            table=constraint.table.name,
            constraint=quote(constraint.name),
            count=len(constraint.columns),
            columns=quote_list(constraint.columns),
            index=quote(f"{constraint.name}_idx"),
        )
    what = "the primary key" if constraint.kind == "primary key" else "a unique constraint"
    yield from _types(
        here,
        constraint.table,
        constraint.columns,
        constraint.ref,
        lambda: constraint_span(constraint),
        what,
        constraint.name,
        None,
    )


@detects("key-type", "numeric-key", "key-size", on=Index)
def index_key(index: Index, here: Here) -> Found:
    if index.table is None or index.method not in ("btree", "hash"):
        return  # what another method indexes is that method's question
    names = tuple(key.name for key in index.keys if key.name)
    yield from _types(
        here,
        index.table,
        names,
        index.ref,
        lambda: spans.name(here.statement, index.name),
        "an index",
        index.name.name,
        index,
    )


def _types(
    here: Here,
    table: Table,
    names: tuple[str, ...],
    about: ObjectRef,
    locate: Callable[[], Span],
    what: str,
    key_name: str,
    index: Index | None,
) -> Found:
    sizes: dict[str, int] = {}
    for name in names:
        column = table.columns.get(name)
        if column is None or column.type is None:
            continue
        resolved = resolve(here.catalog, column.type)
        if resolved.family != "storable":
            continue  # the column itself is refused, and said to be
        sizes[name] = declared_bytes(resolved)
        rule, case = "key-type", _CASES.get(resolved.base, "timetz")
        if resolved.base == "numeric":
            rule, case = "numeric-key", ""
        elif resolved.base not in NOT_IN_KEYS:
            continue
        if what == "the primary key" and rule == "key-type":
            case = "primary-key"
        # A column or a domain is decided on once, however many keys have it.
        owner = resolved.through[0].ref if resolved.through else column.ref
        finding = here.found(
            rule,
            _column_word(here, locate(), name, is_index=what == "an index"),
            about=about,
            case=case,
            cause=here.missing(table.ref)
            or _refused(here, column, resolved)
            or here.run.unfit_keys.get((rule, owner)),
            before=_before(here, column, case),
            key=name,
            table=table.name,
            column=quote(name),
            type=resolved.display,
            what=what,
            **_rewrites(here, table, column, resolved, names, key_name, index),
        )
        if finding is not None:
            here.run.unfit_keys.setdefault((rule, owner), finding)
        yield finding
    total = sum(sizes.values())
    if total > MOST_BYTES:
        yield here.found(
            "key-size",
            locate(),
            about=about,
            case="index" if what == "an index" else "",
            cause=here.missing(table.ref),
            table=table.name,
            columns=quote_list(names),
            bytes=total,
            what=what,
            edited=_digested(here, table, sizes, index) if index else "",
        )


def _before(here: Here, column: Column, case: str) -> str | None:
    """A primary key's column is declared anew; an index is written anew as a whole."""
    declared = declared_column(column, here) if case == "primary-key" else None
    return declared.before if declared is not None else None


def _rewrites(
    here: Here,
    table: Table,
    column: Column,
    resolved: ResolvedType,
    names: tuple[str, ...],
    key_name: str,
    index: Index | None,
) -> dict[str, Any]:
    """The column with another type, and the index on an expression."""
    declared = declared_column(column, here)
    if index is not None:
        edited = rewritten_keys(index.node, here, lambda name: _part(here, table, name))
    else:
        keys = ", ".join(_part(here, table, part) for part in names)
        made = quote(f"{key_name}_key")
        edited = f"CREATE UNIQUE INDEX ASYNC {made} ON {table.name} ({keys});"
    return {
        "stand_in": _STAND_INS.get(resolved.base, "text"),
        "head": declared.head if declared else quote(column.name),
        "tail": declared.tail(without_cast) if declared else "",
        "edited": edited,
    }


def _digested(here: Here, table: Table, sizes: dict[str, int], index: Index) -> str:
    """The index with digests of 32 characters for its widest texts, until it fits."""
    left = dict(sizes)
    digests: set[str] = set()
    for name in sorted(sizes, key=lambda name: -sizes[name]):
        column = table.columns[name]
        assert column.type is not None
        is_text = resolve(here.catalog, column.type).base in ("character varying", "character")
        if is_text and sum(left.values()) > MOST_BYTES:
            left[name] = 32
            digests.add(name)
    return rewritten_keys(
        index.node, here, lambda name: f"(md5({quote(name)}))" if name in digests else quote(name)
    )


def _part(here: Here, table: Table, name: str) -> str:
    """A key's column, or the expression that stands in for it."""
    column = table.columns.get(name)
    if column is None or column.type is None:
        return quote(name)
    base = resolve(here.catalog, column.type).base
    if base not in _EXPRESSIONS or _gets_stand_in(here, column):
        return quote(name)
    return f"({_EXPRESSIONS[base].format(column=quote(name))})"


def _gets_stand_in(here: Here, column: Column) -> bool:
    """Whether it is of another type by then, because the primary key needs that."""
    decided = here.run.unfit_keys.get(("key-type", column.ref))
    return decided is not None and decided.facts["what"] == "the primary key"


def _refused(here: Here, column: Column, resolved: ResolvedType) -> Finding | None:
    """The finding by which DSQL refuses the column itself, at dates when it does."""
    if resolved.base not in ("json", "jsonb"):
        return None
    return here.earlier(f"{resolved.base}-column", column.ref)


def _column_word(here: Here, span: Span, name: str, *, is_index: bool) -> Span:
    """The column inside a key's brackets; the whole where it is the column's own constraint."""
    inside = spans.parenthesised(here.statement, span.end) if is_index else span
    if inside is None:
        return span
    for token in here.statement.tokens:
        is_inside = inside.start <= token.start < inside.end
        if is_inside and token.text.strip('"').lower() == name.lower():
            return Span(here.statement, token.start, token.end)
    return span


def declared_bytes(resolved: ResolvedType) -> int:
    """The bytes a type's declaration allows for; 0 where it sets no bound."""
    if resolved.base in ("character varying", "character"):
        return resolved.modifiers[0] if resolved.modifiers else 0
    if resolved.base == "numeric" and resolved.modifiers:
        return min(510, 8 + 2 * -(-resolved.modifiers[0] // 4))
    return _BYTES.get(resolved.base, 0)


def unique_columns(table: Table, catalog: Catalog) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Columns that could be the primary key, and whether a constraint or an index says so."""
    for constraint in table.constraints_of("unique"):
        if _can_be_key(constraint.columns, table, catalog):
            yield "constraint", constraint.columns
    for index in table.indexes.values():
        names = tuple(key.name for key in index.keys if key.name)
        is_whole = index.is_unique and not index.node.whereClause and len(names) == len(index.keys)
        if is_whole and _can_be_key(names, table, catalog):
            yield "index", names


def _can_be_key(names: tuple[str, ...], table: Table, catalog: Catalog) -> bool:
    if len(names) > MOST_COLUMNS:
        return False
    for name in names:
        column = table.columns.get(name)
        if column is None or column.type is None or not column.not_null:
            return False
        if resolve(catalog, column.type).base in NOT_IN_KEYS:
            return False
    return True
