"""Which table each COPY and INSERT of a source is about, as its catalog stood at that point."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from pglast import ast

from dsql_compat.catalog.model import Catalog, Column, Table
from dsql_compat.sql.names import relation_name
from dsql_compat.sql.statements import Statement


@dataclass(frozen=True, slots=True, eq=False)
class Destination:
    """A table and the columns it had when rows came in; None where the source makes no such one."""

    catalog: Catalog
    table: Table | None
    columns: dict[str, Column]


@dataclass(slots=True)
class RowLog:
    """Destinations in the order of the source, those that repeat counted."""

    rows: list[tuple[Destination, int]] = field(default_factory=list)
    inserts: list[tuple[Destination, int]] = field(default_factory=list)

    def add_rows(self, catalog: Catalog, table: Table | None) -> None:
        """Note where one COPY, or one INSERT of literals, goes."""
        _add(self.rows, catalog, table)

    def add_statement(self, catalog: Catalog, statement: Statement) -> None:
        """Note where an INSERT that was given out as a statement goes."""
        tree = statement.tree
        if isinstance(tree, ast.InsertStmt):
            _add(self.inserts, catalog, catalog.table(relation_name(tree.relation)))


def _add(log: list[tuple[Destination, int]], catalog: Catalog, table: Table | None) -> None:
    if log:
        last, count = log[-1]
        if (
            last.table is table
            and last.catalog is catalog
            and (table is None or _same(last.columns, table.columns))
        ):
            log[-1] = (last, count + 1)
            return
    log.append((Destination(catalog, table, dict(table.columns) if table else {}), 1))


def _same(some: dict[str, Column], others: dict[str, Column]) -> bool:
    return some == others and list(some) == list(others)


def each(log: list[tuple[Destination, int]]) -> Iterator[Destination]:
    """The destinations one by one."""
    for destination, count in log:
        for _ in range(count):
            yield destination
