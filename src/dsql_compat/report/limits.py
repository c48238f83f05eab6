"""DSQL's quotas beside what the source shows of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from dsql_compat.catalog.model import Catalog, Sequence, Table
from dsql_compat.checks.context import Run
from dsql_compat.report.model import LimitRow, LimitState

NEAR = 0.8  # from here on a limit is called near

Observed = tuple[int, str | None]


def limit_rows(run: Run) -> list[LimitRow]:
    """Every limit of the catalogue, with the largest value seen and where."""
    rows = []
    for limit in run.catalogue.limits:
        measure = MEASURES[limit.counts]
        seen = max(
            (found for catalog in run.catalogs for found in measure(catalog)),
            key=lambda found: found[0],
            default=None,
        )
        state: LimitState = "unknown"
        if seen is not None:
            value = seen[0]
            state = (
                "exceeded"
                if value > limit.value
                else "near"
                if value >= NEAR * limit.value
                else "ok"
            )
        observed, where = seen if seen is not None else (None, None)
        rows.append(
            LimitRow(limit.key, limit.subject, limit.value, limit.unit, observed, state, where)
        )
    return rows


def _schemas(catalog: Catalog) -> Iterator[Observed]:
    names = set(catalog.schemas) | {name.schema for name in catalog.relations}
    yield len(names - {"public", None}), None


def _tables(catalog: Catalog) -> Iterator[Observed]:
    yield sum(1 for _ in catalog.tables()), None


def _views(catalog: Catalog) -> Iterator[Observed]:
    yield sum(1 for view in catalog.views() if view.kind == "view"), None


def _sequences(catalog: Catalog) -> Iterator[Observed]:
    declared = sum(1 for relation in catalog.relations.values() if isinstance(relation, Sequence))
    identity = sum(1 for t in catalog.tables() for c in t.columns.values() if c.identity)
    yield declared + identity, None


def _columns(catalog: Catalog) -> Iterator[Observed]:
    return ((len(t.columns), str(t.name)) for t in catalog.tables() if t.columns_known)


def _columns_ever(catalog: Catalog) -> Iterator[Observed]:
    return (
        (len(t.columns) + t.dropped_columns, str(t.name))
        for t in catalog.tables()
        if t.columns_known
    )


def _indexes(catalog: Catalog) -> Iterator[Observed]:
    return ((t.index_count, str(t.name)) for t in catalog.tables())


def _key_columns(catalog: Catalog) -> Iterator[Observed]:
    for table in catalog.tables():
        for constraint in table.constraints.values():
            if constraint.kind in ("primary key", "unique"):
                yield len(constraint.columns), constraint.name
        for index in table.indexes.values():
            yield len(index.keys), str(index.name)


def _statistics(catalog: Catalog) -> Iterator[Observed]:
    counts: dict[str, int] = {}
    for other in catalog.others.values():
        if other.kind == "statistics" and other.table:
            counts[other.table] = counts.get(other.table, 0) + 1
    return ((count, table) for table, count in counts.items())


def _view_size(catalog: Catalog) -> Iterator[Observed]:
    return (
        (len(view.statement.text.encode("utf-8", "replace")), str(view.name))
        for view in catalog.views()
        if view.kind == "view"
    )


def _widest_row(catalog: Catalog) -> Iterator[Observed]:
    return _data(catalog, lambda table: table.data.widest_row)


def _largest_batch(catalog: Catalog) -> Iterator[Observed]:
    return _data(catalog, lambda table: table.data.largest_batch)


def _data(catalog: Catalog, value: Callable[[Table], int]) -> Iterator[Observed]:
    return ((value(t), str(t.name)) for t in catalog.tables() if t.data.rows)


def _bytes(catalog: Catalog) -> Iterator[Observed]:
    total = sum(table.data.bytes for table in catalog.tables())
    if total:
        yield total, None


def _unknown(_: Catalog) -> Iterator[Observed]:
    return iter(())


MEASURES: dict[str, Callable[[Catalog], Iterator[Observed]]] = {
    "schemas": _schemas,
    "tables": _tables,
    "views": _views,
    "sequences": _sequences,
    "columns-per-table": _columns,
    "columns-ever-per-table": _columns_ever,
    "indexes-per-table": _indexes,
    "key-columns": _key_columns,
    "statistics-per-table": _statistics,
    "view-bytes": _view_size,
    "row-bytes": _widest_row,
    "rows-per-transaction": _largest_batch,
    "data-bytes": _bytes,
    "unknown": _unknown,
}
