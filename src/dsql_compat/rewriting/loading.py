"""`--data`: a second pass over the source, its rows written as batches that DSQL takes.

Streams: a block of a COPY or one INSERT is in memory at a time.  No value is ever shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pglast import ast

from dsql_compat.pipeline import Progress
from dsql_compat.rewriting.batches import Batches, Files
from dsql_compat.rewriting.insert_values import literal_rows
from dsql_compat.rewriting.load_plan import Skipped, Written, load_order
from dsql_compat.rewriting.model import Rewrite, Table
from dsql_compat.rewriting.routes import Route, RowError, route
from dsql_compat.rewriting.row_log import Destination, RowLog, each
from dsql_compat.rewriting.row_texts import Literal, inserted
from dsql_compat.sources.events import DataRows, RowBlock
from dsql_compat.sources.files import Input
from dsql_compat.sources.reader import Reader
from dsql_compat.sql.names import name_from_text
from dsql_compat.sql.statements import Statement, unchecked_nodes

_CHANGES = {
    ast.UpdateStmt: "UPDATE",
    ast.DeleteStmt: "DELETE",
    ast.MergeStmt: "MERGE",
    ast.TruncateStmt: "TRUNCATE",
    ast.DoStmt: "DO",
}


class DataError(ValueError):
    """Rows that cannot be carried over; the message says where and why, never what they hold."""


def write_rows(
    folders: list[tuple[Rewrite, Path]],
    inputs: list[Input],
    log: RowLog,
    on_progress: Progress | None = None,
) -> list[Written]:
    """Write the rows of the inputs below each rewrite's folder; what was written for each.

    Raises DataError and InputError.
    """
    files = Files()
    loads = [_Load(rewrite, folder, files) for rewrite, folder in folders]
    carrier = _Carrier(loads, each(log.rows), each(log.inserts))
    try:
        with unchecked_nodes():
            for source in inputs:
                for event in Reader(source, on_progress, keep_rows=True):
                    match event:
                        case Statement():
                            carrier.statement(event)
                        case RowBlock():
                            carrier.block(event)
                        case DataRows():
                            carrier.end_of_rows()
    except UnicodeError:
        raise DataError(
            f"{source.name}: bytes that are not what SET client_encoding says: dump it again with "
            "pg_dump --encoding=UTF8"
        ) from None
    finally:
        files.close_all()
    return [load.finish() for load in loads]


class _Load:
    """What is written for one database."""

    def __init__(self, rewrite: Rewrite, folder: Path, files: Files) -> None:
        self.rewrite = rewrite
        self.skipped: list[Skipped] = []
        self.rows_left: Counter[str] = Counter()
        self.routes: list[Route] = []
        self._tables = {id(s): table for table in rewrite.tables for s in table.sources}
        self._batches: dict[int, tuple[Table, Batches]] = {}
        self._folder = folder / "load"
        self._folder.mkdir(parents=True, exist_ok=True)
        for load in load_order(rewrite):
            batches = Batches(files, self._folder, load.stem)
            self._batches[id(load.table)] = (load.table, batches)

    def target(self, destination: Destination) -> Table | None:
        """The table of the result that takes a source table's rows."""
        return self._tables.get(id(destination.table))

    def batches(self, table: Table) -> Batches:
        """Where a table's rows are written."""
        return self._batches[id(table)][1]

    def finish(self) -> Written:
        """End all files."""
        written = {
            str(table.name): (batches, batches.finish())
            for table, batches in self._batches.values()
        }
        return Written(written, self.skipped, dict(self.rows_left), self.routes)


@dataclass(slots=True)
class _Carrier:
    """Takes the rows of a source one after the other, and knows where each go."""

    loads: list[_Load]
    rows: Iterator[Destination]
    inserts: Iterator[Destination]
    by_catalog: dict[int, _Load] = field(init=False)
    copy: Statement | None = None
    at: Destination | None = None
    number: int = 1  # of the next row of this COPY
    escapes: bool = False  # backslashes in plain literals mean something
    routes: dict[tuple[int, tuple[str, ...]], tuple[Destination, Route]] = field(
        default_factory=dict
    )

    def __post_init__(self) -> None:
        self.by_catalog = {id(load.rewrite.catalog): load for load in self.loads}

    # -- statements -----------------------------------------------------------------------------

    def statement(self, statement: Statement) -> None:
        """Remember a COPY for its rows, take an INSERT, note what is not carried over."""
        tree = statement.tree
        match tree:
            case ast.CopyStmt():
                self.copy = statement
            case ast.InsertStmt():
                self._insert(statement, tree, next(self.inserts))
            case ast.VariableSetStmt() if tree.name == "standard_conforming_strings":
                self.escapes = _setting(tree) in ("off", "false", "0", "no")
            case _ if type(tree) in _CHANGES:
                self._skip(self.loads[-1], statement, _CHANGES[type(tree)], _relation(tree))

    def _skip(self, load: _Load, statement: Statement, what: str, table: str) -> None:
        load.skipped.append(Skipped(what, table, statement.source, statement.line))

    def _insert(self, statement: Statement, tree: ast.InsertStmt, destination: Destination) -> None:
        load = self.by_catalog[id(destination.catalog)]
        table = load.target(destination)
        name = str(destination.table.name) if destination.table else tree.relation.relname
        found = literal_rows(tree)
        if found is None:
            self._skip(load, statement, "INSERT of what is no constant", name)
            return
        if table is None:
            load.rows_left[name] += len(found.rows)
            return
        listed = tuple(column.name for column in tree.cols or ())
        where = f"{statement.source}:{statement.line}"
        way = self._route(load, destination, table, listed, where)
        self._insert_rows(load, way, found.rows, found.tail, where)

    # -- rows -----------------------------------------------------------------------------------

    def block(self, block: RowBlock) -> None:
        """Some rows of a COPY, or one INSERT of literals."""
        if self.at is None:
            self.at = next(self.rows)
            self.number = 1
        if block.kind == "insert" and block.is_shown:
            next(self.inserts)
        load = self.by_catalog[id(self.at.catalog)]
        where = f"{block.source}:{block.line}"
        data = _utf8(block, where)
        table = load.target(self.at)
        if table is None:
            self._leave(load, self.at, block, data)
            return
        if block.kind == "copy":
            self._refuse_format(block, where)
        way = self._route(load, self.at, table, block.columns, where)
        if block.kind == "copy":
            self._copy_rows(load, way, data, where)
            return
        if self.escapes and b"\\" in data:
            raise DataError(
                f"{where}: INSERT while standard_conforming_strings is off, and a backslash in it: "
                "dump with COPY, or with the setting on"
            )
        found = inserted(data)
        self._insert_rows(load, way, found.rows, found.tail, where)

    def end_of_rows(self) -> None:
        """The COPY or INSERT is over."""
        if self.at is None:  # it brought no rows
            next(self.rows)
        self.at = self.copy = None

    def _leave(self, load: _Load, at: Destination, block: RowBlock, data: bytes) -> None:
        """Count rows that have no table to go to; a dropped table's were dropped with it."""
        rows = data.count(b"\n") if block.kind == "copy" else len(inserted(data).rows)
        if at.table is None:
            load.rows_left[str(name_from_text(block.table))] += rows
        elif at.catalog.relations.get(at.table.name) is at.table:
            load.rows_left[str(at.table.name)] += rows

    def _route(
        self,
        load: _Load,
        destination: Destination,
        table: Table,
        listed: tuple[str, ...],
        where: str,
    ) -> Route:
        key = (id(destination), listed)
        known = self.routes.get(key)
        if known is None:
            try:
                way = route(destination, table, listed)
            except RowError as error:
                raise DataError(f"{where}: {table.name}: {error}") from None
            known = self.routes[key] = (destination, way)
            load.routes.append(way)
        return known[1]

    def _copy_rows(self, load: _Load, way: Route, data: bytes, where: str) -> None:
        lines = data.split(b"\n")
        if not lines[-1]:
            lines.pop()
        if data.endswith(b"\r\n") and all(line.endswith(b"\r") for line in lines):
            lines = [line[:-1] for line in lines]
        if b"\\\n" in data and any(_continues(line) for line in lines):
            raise DataError(
                f"{where}: a value of {way.table.name} goes on behind a backslash at the end of "
                "its line, as before PostgreSQL 8: dump it again"
            )
        try:
            rows = way.copied(lines, self.number)
        except RowError as error:
            raise DataError(f"{where}: {way.table.name}: {error}") from None
        self.number += len(lines)
        if way.steps:
            load.batches(way.table).add(way.shape("copy"), rows)

    def _insert_rows(
        self, load: _Load, way: Route, rows: list[list[Literal]], tail: str, where: str
    ) -> None:
        try:
            made = way.inserted(rows, 1)
        except RowError as error:
            raise DataError(f"{where}: {way.table.name}: {error}") from None
        if way.steps:
            load.batches(way.table).add(way.shape("insert", tail), made)

    def _refuse_format(self, block: RowBlock, where: str) -> None:
        """Only COPY's own text format; that of pg_dump."""
        tree = self.copy.tree if self.copy is not None else None
        options = (tree.options or ()) if tree is not None else ()
        other = [option.defname for option in options if not _is_text(option)]
        if tree is not None and tree.whereClause is not None:
            other.append("where")
        if other:
            raise DataError(
                f"{where}: COPY {block.table} with {', '.join(other).upper()}: only the plain text "
                "format of pg_dump is read; write the rows anew with a COPY that has no options"
            )


def _is_text(option: ast.DefElem) -> bool:
    value = getattr(option.arg, "sval", "")
    return option.defname == "freeze" or (option.defname == "format" and value == "text")


def _continues(line: bytes) -> bool:
    return (len(line) - len(line.rstrip(b"\\"))) % 2 == 1


def _setting(tree: ast.VariableSetStmt) -> str:
    value = tree.args[0].val if tree.args else None
    return str(getattr(value, "sval", "")).lower()


def _relation(tree: ast.Node) -> str:
    relations = getattr(tree, "relations", None) or (getattr(tree, "relation", None),)
    return ", ".join(r.relname for r in relations if r is not None)


def _utf8(block: RowBlock, where: str) -> bytes:
    """The rows in UTF-8.  Raises DataError where they are not in the encoding that was declared."""
    try:
        text = block.data.decode(block.codec)
    except UnicodeDecodeError:
        raise DataError(
            f"{where}: rows of {block.table} that are no {block.codec.upper()}: the source has to "
            "say its encoding (SET client_encoding = 'LATIN1'), or dump it again with "
            "pg_dump --encoding=UTF8"
        ) from None
    return block.data if block.codec == "utf-8" else text.encode()
