"""A database as a source: the events that reading its own dump would give."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext

from dsql_compat.findings import Unanalysed
from dsql_compat.sources.collected import Collected, read_collected
from dsql_compat.sources.database.cluster import read_globals
from dsql_compat.sources.database.collect import Collector, Found, Unread
from dsql_compat.sources.database.items import AFTER_DATA, PRIORITY, Item
from dsql_compat.sources.database.order import in_order
from dsql_compat.sources.database.selection import PatternError, select
from dsql_compat.sources.database.session import DatabaseError, Row, Server, Session
from dsql_compat.sources.database.sizes import Sizes, busiest, read_sizes
from dsql_compat.sources.database.tables import Table
from dsql_compat.sources.database.words import ident
from dsql_compat.sources.events import Database, DataRows, Event, Position, SourceStats, TextOrder
from dsql_compat.sources.files import Input
from dsql_compat.sources.workload.database import read_workload
from dsql_compat.sources.workload.model import Workload
from dsql_compat.sql.lexer import RowCount
from dsql_compat.sql.names import literal
from dsql_compat.sql.statements import Statement, parse_statement

_LARGEST = 3  # tables in a note
_SHOWN = 5  # names in a note
_OLDEST = 13
_UNTOLD = {"dummy type", "shell type", "default grants", "before data", "after data"}
_TIMEOUTS_OF_TRANSACTIONS = 17


class DatabaseReader:
    """Reads one database within one snapshot.  Raises DatabaseError while it is iterated.

    `on_progress` is told of each query that was answered.
    """

    def __init__(
        self,
        source: Input,
        on_progress: Callable[[int], None] | None = None,
        *,
        reads_workload: bool = False,
    ) -> None:
        self.source = source
        self._reads_workload = reads_workload
        self.stats = SourceStats(is_sql=True)
        self._on_progress = on_progress
        self._line = 1

    def __iter__(self) -> Iterator[Event]:
        with self._session() as session:
            server = session.server
            found = Collector(session, self._on_progress).read()
            items, left = self._selected(in_order(found.items), server)
            workloads, unread = self._workloads(session)
            tables = {oid for oid, table in found.tables.items() if table.item in set(items)}
            measuring = self.source.measuring
            is_wanted = measuring is not None and measuring.with_globals
            shared, unshared = read_globals(session) if is_wanted else ([], [])
            sizes = read_sizes(session, measuring, tables)
        # From here on nothing is asked of the server, and it is rid of the snapshot.
        self.stats.postgres_version = server.release
        self.stats.notes += [
            *notes_on(server),
            *left,
            *notes_on_what_is_left_out(found),
            *(note for workload in workloads for note in workload.notes),
            *unshared,
            *notes_on_sizes(found, sizes),
        ]
        if self.source.names_itself:
            yield Database(server.database, self.source.name, self._line)
        if found.whole.get("collate"):
            yield TextOrder(collation_of(found.whole))
        for part in [*found.unread, *unread]:
            yield Unanalysed(self.source.name, 1, part.what, part.reason)
        if sizes.lost is not None:
            yield Unanalysed(self.source.name, 1, "sizes of rows and values", sizes.lost)
        yield from self._statements(shared)
        yield from self._statements(header(server))
        yield from self._items(items, found, sizes)
        yield from workloads

    def _session(self) -> AbstractContextManager[Session]:
        if self.source.conninfo is None:
            return nullcontext(read_collected(self.source))
        from dsql_compat.sources.database.connect import connect  # loads the driver

        return connect(self.source.conninfo)

    def _workloads(self, session: Session) -> tuple[list[Workload], list[Unread]]:
        """What is known of the workload; the schema is there already if the server goes away."""
        if not self._reads_workload or (
            isinstance(session, Collected) and not session.has_workload
        ):
            return [], []
        try:
            return read_workload(session), []
        except DatabaseError as error:
            return [], [Unread("workload", str(error).removeprefix(f"{session.name}: "))]

    def _selected(self, items: list[Item], server: Server) -> tuple[list[Item], list[str]]:
        """What is to be judged, and what to say of the rest."""
        if server.is_dsql:
            items = [i for i in items if (i.schema or i.name) != "sys"]
        selection = self.source.selection
        if not selection:
            return items, []
        try:
            chosen, left = select(items, selection)
        except PatternError as error:
            raise DatabaseError(f"{self.source.name}: {error}") from None
        parts = ", ".join(
            f"{count} {kind}{'s' if count > 1 else ''}"
            for kind, count in sorted(left.items())
            if kind not in _UNTOLD
        )
        note = [f"left out by --schema, --exclude-schema, --tables: {parts}"] if parts else []
        return [item for item in items if item in chosen], note

    def _items(self, items: list[Item], found: Found, sizes: Sizes) -> Iterator[Event]:
        tablespace: str | None = None
        method = ""
        rows_told = False
        for item in items:
            if item.is_merged or item.kind == "event trigger":
                continue
            if not rows_told and PRIORITY[item.kind] >= AFTER_DATA:
                rows_told = True
                yield from self._rows(items, found, sizes)
            texts = list(item.text())
            if not texts:
                continue
            if item.tablespace is not None and item.tablespace != tablespace:
                tablespace = item.tablespace
                shown = ident(tablespace) if tablespace else "''"
                yield from self._statements([f"SET default_tablespace = {shown}"])
            if item.access_method and item.access_method != method:
                method = item.access_method
                yield from self._statements([f"SET default_table_access_method = {ident(method)}"])
            yield from self._statements(texts)
        if not rows_told:
            yield from self._rows(items, found, sizes)
        for item in items:
            yield from self._statements(item.grants())
        for item in items:
            if item.kind == "event trigger":
                yield from self._statements(item.text())

    def _statements(self, texts: Iterable[str]) -> Iterator[Event]:
        for text in texts:
            text = f"{text};" if not text.endswith(";") else text
            self.stats.statements += 1
            statement = Statement(
                text, self.source.name, self._line, 1, ordinal=self.stats.statements
            )
            parse_statement(statement)
            self.stats.syntax_errors += statement.problem is not None
            self._line += text.count("\n") + 2
            yield statement

    def _rows(self, items: list[Item], found: Found, sizes: Sizes) -> Iterator[Event]:
        """What the tables hold and where sequences stand: where a dump has its rows."""
        written = set(items)
        for oid, table in found.tables.items():
            if table.item not in written:
                continue
            rows, size = sizes.rows.get(oid, 0), sizes.bytes.get(oid, 0)
            self.stats.data_rows += rows
            self.stats.bytes += size
            if table.row["kind"] == "r" and (rows or size):
                inserted = sizes.inserted.get(oid, 0)
                count = RowCount(rows, size)
                yield DataRows(table.name, count, "estimate", inserted=inserted)
            widths = sizes.widths.get(oid)
            if table.row["kind"] == "r" and widths is not None:
                yield DataRows(table.name, widths.count, "widths", columns=widths.columns)
        for table in found.tables.values():
            if table.sequence is not None and table.item in written:
                yield from self._position(table)

    def _position(self, table: Table) -> Iterator[Event]:
        """Only of sequences that have given a number; others stand where their statement says."""
        last = table.sequence["last_value"] if table.sequence is not None else None
        if last is not None:
            text = f"SELECT pg_catalog.setval({literal(table.name)}, {last}, true);"
            statement = Statement(text, self.source.name, self._line, 1)
            yield Position(parse_statement(statement))


def header(server: Server) -> list[str]:
    """The settings at the head of a dump."""
    lines = ["SET statement_timeout = 0", "SET lock_timeout = 0"]
    lines.append("SET idle_in_transaction_session_timeout = 0")
    if server.major >= _TIMEOUTS_OF_TRANSACTIONS:
        lines.append("SET transaction_timeout = 0")
    return [
        *lines,
        f"SET client_encoding = {literal(server.encoding)}",
        "SET standard_conforming_strings = on",
        "SELECT pg_catalog.set_config('search_path', '', false)",
        "SET check_function_bodies = false",
        "SET xmloption = content",
        "SET client_min_messages = warning",
        "SET row_security = off",
    ]


def notes_on(server: Server) -> list[str]:
    """What has to be said about the server itself."""
    notes = []
    if server.is_dsql:
        notes.append(
            "this is an Aurora DSQL cluster already: judge it with --target latest, the newest that"
            " this catalogue knows; its rows were not looked at"
        )
    if server.is_standby:
        notes.append("read from a standby, which may lag behind its primary")
    if server.major < _OLDEST and not server.is_dsql:
        notes.append(f"PostgreSQL {server.release} is older than {_OLDEST}: not tried")
    return notes


def notes_on_what_is_left_out(found: Found) -> list[str]:
    """What the database holds and a dump of its schema does not, by name."""
    notes = []
    members = {name: count for name, count in found.members.items() if count}
    if members:
        shown = ", ".join(f"{name} ({count})" for name, count in sorted(members.items()))
        notes.append(f"objects that extensions own are left out: {shown}")
    encoding = found.whole.get("encoding")
    if encoding:
        is_known = bool(found.whole["collate"])
        order = f"{collation_of(found.whole)} order" if is_known else "unknown order"
        notes.append(f"the database has encoding {encoding} and sorts text in {order}")
    objects = found.whole.get("large_objects") or 0
    if objects:
        notes.append(f"{objects} large object{'s' if objects > 1 else ''}")
    invalid = found.whole.get("invalid_indexes") or []
    if invalid:
        notes.append(f"invalid indexes are left out, as pg_dump does: {_some(invalid)}")
    others = found.whole.get("others") or []
    if others:
        notes.append(f"other databases of the server, not read: {_some(others)}")
    if found.hidden_sequences:
        notes.append(
            f"the position of {_some(found.hidden_sequences)} is not visible;"
            " to see it: GRANT SELECT ON ALL SEQUENCES IN SCHEMA … TO the role"
        )
    return notes


def collation_of(whole: Row) -> str:
    """The name of the order that a database sorts text in: since 15 libc need not be asked."""
    is_libc = whole["provider"] not in ("i", "b") or not whole["locale"]
    return str(whole["collate"] if is_libc else whole["locale"])


def notes_on_sizes(found: Found, sizes: Sizes) -> list[str]:
    """What the figures are worth, and the tables that stand out."""
    notes = list(sizes.notes)
    names = {oid: table.name for oid, table in found.tables.items() if table.row["kind"] == "r"}
    largest = sorted((oid for oid in sizes.bytes if oid in names), key=lambda o: -sizes.bytes[o])
    shown = [
        f"{names[oid]} {sizes.rows[oid]:,} rows, {sizes.bytes[oid]:,} bytes"
        for oid in largest[:_LARGEST]
        if sizes.bytes[oid]
    ]
    if shown:
        notes.append(f"largest tables (bytes by the server's estimate): {'; '.join(shown)}")
    busy = busiest(sizes, names)
    return [*notes, busy] if busy else notes


def _some(names: list[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
