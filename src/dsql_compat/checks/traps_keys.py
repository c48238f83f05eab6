"""Silent traps of keys: those that only grow, sequences in order, and deletes that spread."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from pglast import ast

from dsql_compat.catalog.model import Catalog, Column, Constraint, Sequence, Table
from dsql_compat.catalog.types import SERIAL
from dsql_compat.checks.columns import absorbed_sequences, nextval_argument
from dsql_compat.checks.constraint_text import constraint_span
from dsql_compat.checks.constraints import is_not_enforced
from dsql_compat.checks.context import Found, Here
from dsql_compat.checks.registry import detects
from dsql_compat.checks.traps import (
    column_label,
    column_span,
    counted,
    database_ref,
    first_names,
    reads_clock,
)
from dsql_compat.findings import Finding
from dsql_compat.sql import spans
from dsql_compat.sql.names import Name, name_of

# Functions that begin a key with the time: uuidv7(), uuid_generate_v1mc(), gen_ulid() …
_BUSIEST = 3  # tables whose rows are told
_TIMED = re.compile(r"ulid|ksuid|uuid\w*?v?[167](?:mc)?$", re.I)


# -- keys that only grow --------------------------------------------------------------------------


@detects("monotonic-key", on=Catalog)
def monotonic_key(catalog: Catalog, here: Here) -> Found:
    """One finding for all primary keys, one for all other indexes."""
    keys: list[Column] = []
    indexed: list[Column] = []
    total = 0
    for table in catalog.tables():
        if table.is_partition:
            continue
        total += 1
        key = table.primary_key
        first = table.columns.get(key.columns[0]) if key is not None and key.columns else None
        if first is not None and is_growing(first):
            keys.append(first)
        indexed += [column for column in _leading(table) if column is not first]
    if keys:
        yield _growing(keys, "", here, catalog, total)
    if indexed:
        yield _growing(indexed, "index", here, catalog, total)


def _growing(
    columns: list[Column], case: str, here: Here, catalog: Catalog, total: int
) -> Finding | None:
    # A running database tells which tables are busy; those matter most.
    ranked = sorted(columns, key=lambda column: -column.table.data.inserted)
    return here.found(
        "monotonic-key",
        column_span(columns[0]),
        about=database_ref(catalog),
        case=case,
        key=case,
        count=f"{len(columns):,}",
        columns=counted(len(columns), "column"),
        tables=counted(total, "table"),
        names=first_names([_label(column, n < _BUSIEST) for n, column in enumerate(ranked)]),
    )


def _label(column: Column, is_busiest: bool) -> str:
    """A column, of the busiest tables with how many rows were added."""
    inserted = column.table.data.inserted
    added = f" ({counted(inserted, 'row')} added)" if is_busiest and inserted else ""
    return f"{column_label(column)}{added}"


def _leading(table: Table) -> list[Column]:
    """The growing columns that an index or a unique constraint begins with, each once."""
    names = {c.columns[0]: None for c in table.constraints_of("unique") if c.columns}
    for index in table.indexes.values():
        if index.method in ("btree", "btree_index") and index.keys[0].name:
            names[index.keys[0].name] = None
    columns = (table.columns.get(name) for name in names)
    return [column for column in columns if column is not None and is_growing(column)]


def is_growing(column: Column) -> bool:
    """Whether each new value of a column is larger than those before, or nearly so."""
    if is_numbered(column):
        return True
    default = column.default
    if isinstance(default, ast.FuncCall) and _TIMED.search(name_of(default.funcname).name):
        return True
    return reads_clock(default)


def is_numbered(column: Column) -> bool:
    """Whether a column counts up by itself."""
    if column.identity or nextval_argument(column.default):
        return True
    node = column.type
    return node is not None and bool(node.names) and node.names[-1].sval in SERIAL


# -- sequences in order ---------------------------------------------------------------------------


@detects("sequence-order", on=Catalog)
def sequence_order(catalog: Catalog, here: Here) -> Found:
    """Sequences with CACHE 1 that stay sequences; of serial columns another rule tells."""
    absorbed = {sequence.ref for _, sequence in absorbed_sequences(catalog, here.run)}
    kept: list[Sequence] = [
        sequence
        for sequence in catalog.sequences()
        if sequence.cache == 1 and sequence.ref not in absorbed
    ]
    if kept:
        first = kept[0]
        yield here.found(
            "sequence-order",
            spans.find_words(first.statement, "CACHE 1") or spans.head(first.statement),
            about=database_ref(catalog),
            sequences=counted(len(kept), "sequence has", "sequences have"),
            names=first_names([str(sequence.name) for sequence in kept]),
        )


# -- deletes that spread --------------------------------------------------------------------------

_DELETES, _CHANGES = "c", "nd"


@dataclass(slots=True)
class _Reach:
    """What one deleted row takes with it: the steps below each table, whether it goes round."""

    steps: dict[Name, int] = field(default_factory=dict)
    touched: dict[Name, None] = field(default_factory=dict)
    is_endless: bool = False


@detects("cascade-size", on=Catalog)
def cascade_size(catalog: Catalog, here: Here) -> Found:
    """One finding for each table where a chain begins."""
    edges = _edges(catalog)
    if not edges:
        return
    reached = {
        child.table.name
        for parent, children in edges.items()
        for child in children
        if child.table.name != parent and child.node.fk_del_action in _DELETES
    }
    tops = [name for name in edges if name not in reached]
    covered: set[Name] = set()
    for name in [*tops, *(name for name in edges if name in reached)]:
        if name in covered:
            continue
        found = _Reach()
        _follow(name, edges, (), found)
        covered.update(found.steps)
        yield _cascade(name, edges[name][0], found, here, catalog)


def _edges(catalog: Catalog) -> dict[Name, list[Constraint]]:
    """The foreign keys that change rows when one of the table they refer to is deleted."""
    found: dict[Name, list[Constraint]] = {}
    for table in catalog.tables():
        for key in table.constraints_of("foreign key"):
            if table.is_partition or is_not_enforced(key) or key.referenced is None:
                continue
            if (key.node.fk_del_action or "a") in _DELETES + _CHANGES:
                parent = catalog.table(key.referenced)
                name = parent.name if parent else catalog.qualified(key.referenced)
                found.setdefault(name, []).append(key)
    return found


def _follow(
    name: Name, edges: dict[Name, list[Constraint]], way: tuple[Name, ...], found: _Reach
) -> int:
    """The steps of the longest way down from a table, each table gone into once."""
    if name in found.steps:
        return found.steps[name]
    below = 0
    for key in edges.get(name, ()):
        child = key.table.name
        found.touched[child] = None
        if key.node.fk_del_action not in _DELETES:
            below = max(below, 1)
        elif child == name or child in way:
            found.is_endless = True
            below = max(below, 1)
        else:
            below = max(below, 1 + _follow(child, edges, (*way, name), found))
    found.steps[name] = below
    return below


def _cascade(
    name: Name, first: Constraint, found: _Reach, here: Here, catalog: Catalog
) -> Finding | None:
    depth = found.steps[name]
    case = "endless" if found.is_endless else "chain" if depth > 1 else ""
    table = catalog.table(name)
    span = constraint_span(first)
    return here.found(
        "cascade-size",
        span,
        about=table.ref if table else first.ref,
        case=case,
        before=span.text,
        table=name,
        tables=counted(len(found.touched), "table"),
        names=first_names([str(child) for child in found.touched]),
        depth=f"{depth}",
    )
