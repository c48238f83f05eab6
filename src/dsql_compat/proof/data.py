"""Rows: played into a scratch database as they stand in the source, then counted and summed up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import psycopg
from psycopg import Copy

from dsql_compat.proof.catalogs import Key, Snapshot
from dsql_compat.proof.compare import Comparison, Difference, Open
from dsql_compat.proof.load import Connection, Refused, run
from dsql_compat.rewriting.conversion_sql import converted
from dsql_compat.rewriting.model import Column, Rewrite, Table
from dsql_compat.sources.events import DataRows, Event, RowBlock
from dsql_compat.sources.files import Input
from dsql_compat.sources.reader import Reader
from dsql_compat.sql.names import quote
from dsql_compat.sql.statements import Statement, unchecked_nodes

OnStatement = Callable[[Statement], None]
OnRefused = Callable[[str, Refused], None]


def events_of(inputs: list[Input], rewrite: Rewrite) -> Iterator[Event]:
    """The statements of one database, the very ones that its catalog was built from, and rows."""
    expected = iter(rewrite.statements)
    following = next(expected, None)
    is_ours = False
    with unchecked_nodes():
        for source in inputs:
            for event in Reader(source, keep_rows=True):
                if not isinstance(event, Statement):
                    if is_ours:
                        yield event
                    continue
                is_ours = following is not None and _same(event, following)
                if is_ours and following is not None:
                    yield following
                    following = next(expected, None)


def _same(one: Statement, other: Statement) -> bool:
    return (one.source, one.line, one.column, one.ordinal) == (
        *(other.source, other.line, other.column, other.ordinal),
    )


def play(
    connection: Connection,
    events: Iterable[Event],
    on_statement: OnStatement,
    on_refused: OnRefused,
) -> None:
    """Run events in order: statements by `on_statement`, rows by COPY or as they stand."""
    copying: _Copying | None = None
    for event in events:
        match event:
            case Statement():
                copying = _Copying(connection, event)
                if not copying.is_copy:
                    on_statement(event)
            case RowBlock() if event.kind == "copy" and copying is not None:
                copying.add(_utf8(event))
            case RowBlock() if event.kind == "insert" and not event.is_shown:
                refused = run(connection, _utf8(event).decode("utf-8", "replace"))
                if refused is not None:
                    on_refused(f"INSERT INTO {event.table}", refused)
            case DataRows() if copying is not None:
                refused = copying.end()
                if refused is not None:
                    on_refused(f"COPY {event.table}", refused)


def _utf8(block: RowBlock) -> bytes:
    if block.codec in ("utf-8", "ascii"):
        return block.data
    return block.data.decode(block.codec, "replace").encode()


class _Copying:
    """One COPY: begun with its first rows, ended when they are all there."""

    def __init__(self, connection: Connection, statement: Statement) -> None:
        self.words = statement.excerpt.rstrip().removesuffix(";")
        self.is_copy = self.words[:4].upper() == "COPY" and "stdin" in self.words.lower()
        self._connection = connection
        self._open: AbstractContextManager[Copy] | None = None
        self._copy: Copy | None = None
        self._refused: Refused | None = None

    def add(self, data: bytes) -> None:
        """Send some rows."""
        if self._refused is not None:
            return
        try:
            if self._copy is None:
                self._open = self._connection.cursor().copy(self.words.encode())
                self._copy = self._open.__enter__()
            self._copy.write(data)
        except psycopg.Error as error:
            self._fail(error)

    def end(self) -> Refused | None:
        """All rows are there; what the server says against them."""
        if self._open is not None and self._refused is None:
            try:
                self._open.__exit__(None, None, None)
            except psycopg.Error as error:
                self._fail(error)
        self._open = self._copy = None
        return self._refused

    def _fail(self, error: psycopg.Error) -> None:
        self._refused = Refused(error.sqlstate or "", error.diag.message_primary or str(error))
        self._open = self._copy = None


# -- comparing ----------------------------------------------------------------------------------


def compare_rows(
    source: Connection,
    result: Connection,
    rewrite: Rewrite,
    before: Snapshot,
    after: Snapshot,
    found: Comparison,
) -> None:
    """Row counts, and a checksum of every column after conversion, table by table."""
    for table in rewrite.tables:
        key = Key("relation", table.name.schema or "public", None, table.name.name)
        if key not in after.things:
            continue
        columns = [c for c in table.columns if c.source is not None and c.generated is None]
        froms = [s for s in table.sources if _there(before, s.name.schema, s.name.name)]
        if not froms or not columns:
            continue
        try:
            left = _sums(
                source, [str(s.name) for s in froms], [f"{converted(c)}::text" for c in columns]
            )
            plain = [f"{quote(c.name)}::text" for c in columns]
            right = _sums(result, [str(table.name)], plain)
        except psycopg.Error as error:
            reason = error.diag.message_primary or str(error)
            found.open.append(Open(f"rows of {table.name}", reason, key))
            continue
        found.compared["table with rows"] += 1
        found.differences += _row_differences(key, table, columns, left, right)


def _there(before: Snapshot, schema: str | None, name: str) -> bool:
    return Key("relation", schema or "public", None, name) in before.things


def _sums(connection: Connection, tables: list[str], columns: list[str]) -> dict[str, Any]:
    """Rows, and for each column the sum of its values' hashes, which any order gives."""
    names = [f"c{i}" for i in range(len(columns))]
    listed = ", ".join(f"{c} AS {n}" for c, n in zip(columns, names, strict=True))
    rows = " UNION ALL ".join(f"SELECT {listed} FROM ONLY {table}" for table in tables)
    sums = "".join(f", sum(hashtextextended(coalesce({n}, '\\N'), 0)) AS {n}" for n in names)
    query = f"SELECT count(*) AS n{sums} FROM ({rows}) AS r"
    return connection.execute(query.encode()).fetchone() or {}


def _row_differences(
    key: Key, table: Table, columns: list[Column], left: dict[str, Any], right: dict[str, Any]
) -> Iterator[Difference]:
    if left["n"] != right["n"]:
        yield Difference(key, "table", "rows", str(left["n"]), str(right["n"]))
        return
    for number, column in enumerate(columns):
        one, other = left[f"c{number}"], right[f"c{number}"]
        if one != other:
            own = Key("column", key.schema, table.name.name, column.name)
            yield Difference(own, "column", "values", f"checksum {one}", f"checksum {other}")
