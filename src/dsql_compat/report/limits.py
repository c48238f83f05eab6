"""DSQL's quotas beside what the source shows of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from dsql_compat.catalog.model import Catalog, Sequence, Table
from dsql_compat.catalog.types import resolve
from dsql_compat.checks.constraints_keys import declared_bytes
from dsql_compat.checks.context import Run
from dsql_compat.checks.script_data import stored_bytes, tree_keys
from dsql_compat.report.model import LimitRow, LimitState
from dsql_compat.sql.names import quote

NEAR = 0.8  # from here on a limit is called near

Observed = tuple[int, str | None]


def limit_rows(run: Run) -> list[LimitRow]:
    """Every limit of the catalogue, with the largest value seen and where."""
    rows = []
    for limit in run.catalogue.limits:
        measure = MEASURES[limit.counts]
        of_run = [*_OF_RUN[limit.counts](run)] if limit.counts in _OF_RUN else []
        if limit.counts in run.observed:
            of_run.append(run.observed[limit.counts])
        seen = max(
            (*(found for catalog in run.catalogs for found in measure(catalog)), *of_run),
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
                if value >= NEAR * limit.value and limit.value > 1
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


def _declared_key(catalog: Catalog) -> Iterator[Observed]:
    for table in catalog.tables():
        for label, names in tree_keys(table):
            types = (table.columns[name].type for name in names if name in table.columns)
            sizes = [declared_bytes(resolve(catalog, node)) for node in types if node is not None]
            if any(sizes):
                yield sum(sizes), label


def _declared(base: str) -> Callable[[Catalog], Iterator[Observed]]:
    """The first number in brackets behind a type, of all columns of that type."""

    def measure(catalog: Catalog) -> Iterator[Observed]:
        for table in catalog.tables():
            for column in table.columns.values():
                if column.type is not None and column.type.typmods:
                    resolved = resolve(catalog, column.type)
                    if resolved.base == base and resolved.modifiers:
                        yield resolved.modifiers[0], f"{table.name}.{quote(column.name)}"

    return measure


def _widest_value(catalog: Catalog) -> Iterator[Observed]:
    for table in catalog.tables():
        for name in table.data.widest_values:
            yield stored_bytes(table, name, catalog)[1], f"{table.name}.{quote(name)}"


def _widest_key(catalog: Catalog) -> Iterator[Observed]:
    for table in catalog.tables():
        for label, names in tree_keys(table):
            for name in names:
                if name in table.data.widest_values:
                    yield stored_bytes(table, name, catalog)[1], label


def _batch_bytes(catalog: Catalog) -> Iterator[Observed]:
    return _data(catalog, lambda table: max(table.data.copy_bytes, table.data.insert_bytes))


def _statement_bytes(catalog: Catalog) -> Iterator[Observed]:
    return ((t.data.insert_bytes, str(t.name)) for t in catalog.tables() if t.data.insert_bytes)


def _widest_row(catalog: Catalog) -> Iterator[Observed]:
    return _data(catalog, lambda table: table.data.widest_row)


def _largest_batch(catalog: Catalog) -> Iterator[Observed]:
    return _data(catalog, lambda table: table.data.largest_batch)


def _data(catalog: Catalog, value: Callable[[Table], int]) -> Iterator[Observed]:
    found = ((value(t), str(t.name)) for t in catalog.tables() if t.data.rows)
    return ((size, name) for size, name in found if size)  # none of an estimate


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
    "declared-key-bytes": _declared_key,
    "char-length": _declared("character"),
    "varchar-length": _declared("character varying"),
    "numeric-precision": _declared("numeric"),
    "row-bytes": _widest_row,
    "value-bytes": _widest_value,
    "key-bytes": _widest_key,
    "rows-per-transaction": _largest_batch,
    "bytes-per-transaction": _batch_bytes,
    "statement-bytes": _statement_bytes,
    "databases": _unknown,
    "data-bytes": _bytes,
    "transaction-seconds": _unknown,
    "connections": _unknown,
    "connection-seconds": _unknown,
    "unknown": _unknown,
}
# What no single catalog shows.
_OF_RUN: dict[str, Callable[[Run], Iterable[Observed]]] = {
    "databases": lambda run: [(len(run.databases), None)],
    "rows-per-transaction": lambda run: [(run.most_rows, "COMMIT")] if run.most_rows else [],
    "bytes-per-transaction": lambda run: [(run.most_bytes, "COMMIT")] if run.most_bytes else [],
}
