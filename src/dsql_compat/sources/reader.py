"""Turns a source into events: statements, data rows, database changes and what was not read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from dsql_compat.findings import Unanalysed
from dsql_compat.sources.directives import Directive, between, inside
from dsql_compat.sources.encoding import codec_for, must_convert, utf8_reader
from dsql_compat.sources.events import Database, DataRows, Event, RowBlock, SourceStats
from dsql_compat.sources.files import Input, InputError, open_input
from dsql_compat.sql.asides import OUR_NAME
from dsql_compat.sql.lexer import DATA_INSERT, LONG_ROW, Lexer, Piece, RowCount, insert_widths
from dsql_compat.sql.names import name_from_text
from dsql_compat.sql.statements import Statement, SyntaxProblem, parse_statement

_COPY = re.compile(rb"COPY\s.*\bFROM\s+(?:STDIN|STDOUT)\b(?!.*\bTO\b)", re.I | re.S)
_COPY_INTO = re.compile(
    rb'COPY\s+(?P<table>(?:"[^"]*"|[^\s("])+)\s*(?P<columns>\((?:"[^"]*"|[^")])*\))?', re.I
)
_COLUMN = re.compile(r'"(?:[^"]|"")+"|[^\s,()"]+')
_LOOKED_INTO = 16  # long INSERTs of a table
_BACKSLASH_COPY = re.compile(rb"\\copy\s.*\bfrom\s+p?std(?:in|out)\b", re.I | re.S)
_ENCODING = re.compile(
    rb"SET\s+(?:SESSION\s+)?client_encoding\s*(?:=|\bTO\b)\s*'?([\w-]+)'?\s*;", re.I
)
_LARGE_OBJECT = re.compile(rb"SELECT\s+pg_catalog\.(?:lowrite|lo_open|lo_close)\(", re.I)
_VERB = re.compile(
    rb"(?:ALTER|ANALYZE|BEGIN|CALL|COMMENT|COMMIT|COPY|CREATE|DELETE|DO|DROP|EXPLAIN|GRANT|INSERT"
    rb"|LOCK|MERGE|REVOKE|ROLLBACK|SELECT|SET|START|TRUNCATE|UPDATE|VACUUM|WITH)\b",
    re.I,
)
_VERSION = re.compile(rb"Dumped from database version (\d+(?:\.\d+)*)")
_CONNECT = re.compile(r"\\(?:connect|c)\b\s*(?:-reuse-previous=\S+\s+)?(.*)")
_NOT_SQL = {
    "\\gexec": "psql runs the result of a query as SQL",
    "\\!": "a shell command",
    "\\copy": "psql reads rows from a file of the client",
    "\\lo_import": "psql imports a large object from a file",
    "\\if": "psql decides while it runs; every branch was read",
}
_MOST_INCLUDES = 200
# Where goose, dbmate, sql-migrate and others keep both ways of a migration in one file.
_WAY = re.compile(rb"^--\s*(?:\+goose\s+|migrate:|\+migrate\s+)(up|down)\b", re.I | re.M)


class Reader:
    """Reads one input, and the files it includes, as one history.

    With `keep_rows` it gives the rows, too, uncounted and without a statement for each table's
    first INSERT.
    """

    def __init__(
        self,
        source: Input,
        on_progress: Callable[[int], None] | None = None,
        included: frozenset[Path] = frozenset(),
        *,
        keep_rows: bool = False,
    ) -> None:
        self.source = source
        self.stats = SourceStats()
        self._on_progress = on_progress
        self._codec = self._declared = "utf-8"
        self._keep_rows = keep_rows
        self._fallback_noted = False
        self._seen_tables: set[bytes] = set()
        self._long_inserts: dict[bytes, tuple[int, int]] = {}
        self._included = included
        self._is_way_back = False

    def __iter__(self) -> Iterator[Event]:
        with open_input(self.source) as read:
            lexer = Lexer(read, self._on_progress)
            for piece in lexer:
                if lexer.asides:
                    yield from self._directives(lexer, piece)
                if piece.lead and (way := _WAY.findall(piece.lead)):
                    yield from self._turn(piece, is_back=way[-1].lower() == b"down")
                if self._is_way_back:
                    continue
                match piece.kind:
                    case "command":
                        if piece.text.startswith(b"\\q") and piece.text.strip() in (
                            b"\\q",
                            b"\\quit",
                        ):
                            break
                        yield from self._command(piece, lexer)
                    case "data-insert":
                        yield from self._insert(piece)
                    case _:
                        yield from self._sql(piece, lexer)
            if lexer.asides:
                yield from self._directives(lexer, None)
            self.stats.bytes += lexer.bytes_read

    def _directives(self, lexer: Lexer, piece: Piece | None) -> Iterator[Directive]:
        """What comments in front of a piece tell this program; not those of a way back."""
        asides, lexer.asides = lexer.asides, []
        if self._keep_rows:
            return
        way = None if piece is None else next(_WAY.finditer(piece.lead), None)
        for aside in asides:
            for at, directive in between(aside, piece, self.source.name, self._text):
                is_back = self._is_way_back
                if way is not None and at > way.start():
                    is_back = way[1].lower() == b"down"
                if not is_back:
                    yield directive

    def _sql(self, piece: Piece, lexer: Lexer) -> Iterator[Event]:
        if self.stats.postgres_version is None and piece.lead:
            version = _VERSION.search(piece.lead)
            if version:
                self.stats.postgres_version = version[1].decode()
        head = piece.text[:12].upper()
        if head.startswith((b"BEGIN", b"START")):
            # What stands in one transaction is judged together, so each has its first INSERTs.
            self._seen_tables &= {b"lo"}
        if head.startswith(b"SET"):
            self._watch_encoding(piece.text, lexer)
        elif head.startswith(b"SELECT") and _LARGE_OBJECT.match(piece.text):
            if b"lo" in self._seen_tables:
                self.stats.statements += 1
                return
            self._seen_tables.add(b"lo")
        statement = self._statement(piece)
        yield from self._note_fallback(piece.line)
        if piece.complete:
            parse_statement(statement)
        else:
            statement.problem = _unclosed(statement.text)
        if OUR_NAME in piece.text and not self._keep_rows:
            yield from inside(statement)
        self.stats.syntax_errors += statement.problem is not None
        self.stats.is_sql |= statement.problem is None or bool(_VERB.match(piece.text))
        yield statement
        if head.startswith(b"COPY") and _COPY.match(piece.text):
            yield from self._copy_rows(piece, lexer)

    def _turn(self, piece: Piece, *, is_back: bool) -> Iterator[Event]:
        """The way back of a migration would undo what stands above it, so it is no history."""
        if is_back and not self._is_way_back:
            yield Unanalysed(
                self.source.name,
                piece.line,
                "way back of a migration",
                "it undoes what stands above, and only runs when that is taken back",
            )
        self._is_way_back = is_back

    def _insert(self, piece: Piece) -> Iterator[Event]:
        """Rows of literals: the first statement of a table is parsed, the others are counted."""
        found = DATA_INSERT.match(piece.text)
        table = found["table"] if found else b""
        self.stats.data_rows += piece.rows
        self.stats.is_sql = True
        key = table + (found["columns"] or b"" if found else b"")
        is_shown = key not in self._seen_tables
        if is_shown:
            self._seen_tables.add(key)
        if self._keep_rows:
            columns = self._columns(found["columns"] or b"") if found else ()
            yield self._block("insert", table, columns, piece.text, piece.line, is_shown=is_shown)
        elif is_shown:
            statement = parse_statement(self._statement(piece))
            self.stats.syntax_errors += statement.problem is not None
            yield statement
        else:
            self.stats.statements += 1
        size = len(piece.text)
        widest = size // max(1, piece.rows)
        values = insert_widths(found["rows"]) if found and self._is_looked_into(key, size) else ()
        count = RowCount(piece.rows, size, widest, values=values)
        columns = self._columns(found["columns"] or b"") if found and values else ()
        yield DataRows(self._text(table), count, "insert", is_shown, columns)

    def _is_looked_into(self, key: bytes, size: int) -> bool:
        """Whether the widths of an INSERT's values are asked for: its table's first long ones
        and each that is longer than those before it."""
        if size <= LONG_ROW:
            return False
        times, longest = self._long_inserts.get(key, (0, 0))
        if times >= _LOOKED_INTO and size <= longest:
            return False
        self._long_inserts[key] = (times + 1, max(longest, size))
        return True

    def _columns(self, listed: bytes) -> tuple[str, ...]:
        """The names in brackets of an INSERT or COPY."""
        names = _COLUMN.findall(self._text(listed))
        return tuple(name_from_text(name).name for name in names)

    def _copy_rows(self, piece: Piece, lexer: Lexer) -> Iterator[Event]:
        found = _COPY_INTO.match(piece.text)
        table = found["table"] if found else b""
        if self._keep_rows and lexer.to_next_line():
            yield from self._copy_blocks(table, found["columns"] if found else b"", piece, lexer)
        count = RowCount() if self._keep_rows else lexer.skip_copy_rows()
        self.stats.data_rows += count.rows
        columns = self._columns(found["columns"] or b"") if found and count.values else ()
        yield DataRows(self._text(table), count, "copy", columns=columns)
        if not count.complete:
            yield Unanalysed(
                self.source.name, piece.line, "COPY", "its rows never end: no \\. line was found"
            )

    def _command(self, piece: Piece, lexer: Lexer) -> Iterator[Event]:
        text = self._text(piece.text)
        word = text.split(maxsplit=1)[0] if text.split() else text
        if _BACKSLASH_COPY.match(piece.text):
            lexer_table = text.split()[1] if len(text.split()) > 1 else ""
            yield from self._copy_rows_after_command(lexer, lexer_table, piece)
        elif word in ("\\i", "\\ir", "\\include", "\\include_relative"):
            yield from self._include(text, piece.line)
        elif word == "\\encoding":
            self._switch(text.removeprefix(word).strip(), lexer)
        elif word in ("\\connect", "\\c"):
            found = _CONNECT.match(text)
            name = _database_name(found[1]) if found else ""
            if name:
                yield Database(name, self.source.name, piece.line)
        elif word in _NOT_SQL:
            yield Unanalysed(self.source.name, piece.line, word, _NOT_SQL[word])

    def _copy_blocks(
        self, table: bytes, listed: bytes | None, piece: Piece, lexer: Lexer
    ) -> Iterator[Event]:
        columns = self._columns(listed or b"")
        for block in lexer.copy_blocks():
            yield self._block("copy", table, columns, block, piece.line)

    def _block(
        self,
        kind: str,
        table: bytes,
        columns: tuple[str, ...],
        data: bytes,
        line: int,
        *,
        is_shown: bool = False,
    ) -> RowBlock:
        return RowBlock(
            kind,
            self._text(table),
            columns,
            data,
            self._declared,
            self.source.name,
            line,
            is_shown,
        )

    def _copy_rows_after_command(self, lexer: Lexer, table: str, piece: Piece) -> Iterator[Event]:
        if self._keep_rows:
            found = _COPY_INTO.match(piece.text[1:])
            listed = found["columns"] if found else b""
            yield from self._copy_blocks(found["table"] if found else b"", listed, piece, lexer)
        count = RowCount() if self._keep_rows else lexer.skip_rows_from_here()
        self.stats.data_rows += count.rows
        yield DataRows(table.partition("(")[0], count, "copy")
        if not count.complete:
            yield Unanalysed(
                self.source.name, piece.line, "\\copy", "its rows never end: no \\. line was found"
            )

    def _include(self, text: str, line: int) -> Iterator[Event]:
        r"""Follow \i and \ir, but never out of the folder the source lies in."""
        _, _, argument = text.partition(" ")
        name = argument.strip().strip("'\"")
        is_file = self.source.path is not None and self.source.pipe is None
        base = self.source.path.parent if self.source.path and is_file else None
        if base is None or not name:
            yield Unanalysed(
                self.source.name, line, text, "standard input has no folder to look in"
            )
            return
        path = (base / name).resolve()
        if not path.is_relative_to(base.resolve()):
            yield Unanalysed(
                self.source.name, line, text, "outside the source's folder: not opened"
            )
        elif path in self._included or len(self._included) > _MOST_INCLUDES:
            yield Unanalysed(self.source.name, line, text, "included before: a circle")
        elif not path.is_file():
            yield Unanalysed(self.source.name, line, text, "the file does not exist")
        else:
            shown = (PurePosixPath(self.source.name).parent / name).as_posix()
            nested = Input(shown, self.source.kind, "plain", path, None)
            included = self._included | {path}
            reader = Reader(nested, self._on_progress, included, keep_rows=self._keep_rows)
            try:
                yield from reader
            except InputError as error:
                yield Unanalysed(self.source.name, line, text, str(error))
            self.stats.is_sql |= reader.stats.is_sql
            for field in ("statements", "syntax_errors", "data_rows", "bytes"):
                total = getattr(self.stats, field) + getattr(reader.stats, field)
                setattr(self.stats, field, total)

    # -- text -------------------------------------------------------------------------------

    def _statement(self, piece: Piece) -> Statement:
        self.stats.statements += 1
        prefix = piece.prefix.decode(self._codec, errors="replace")
        return Statement(
            self._text(piece.text),
            self.source.name,
            piece.line,
            len(prefix) + 1,
            ordinal=self.stats.statements,
            lead=self._text(piece.lead) if piece.lead else "",
        )

    def _text(self, data: bytes) -> str:
        try:
            text = data.decode(self._codec)
        except UnicodeDecodeError:
            self._codec = "cp1252"
            text = data.decode("cp1252", errors="replace")
        return text.replace("\0", "\ufffd")

    def _note_fallback(self, line: int) -> Iterator[Event]:
        if self._codec == "cp1252" and not self._fallback_noted:
            self._fallback_noted = True
            yield Unanalysed(
                self.source.name,
                line,
                "bytes that are no UTF-8",
                "the source declares no encoding; read as Windows-1252, names may be wrong",
            )

    def _watch_encoding(self, text: bytes, lexer: Lexer) -> None:
        declared = _ENCODING.match(text)
        if declared:
            self._switch(declared[1].decode(), lexer)

    def _switch(self, client_encoding: str, lexer: Lexer) -> None:
        codec = codec_for(client_encoding)
        if codec is None or codec == self._codec:
            return
        self._fallback_noted = codec == "cp1252"  # declared, so nothing to note
        if must_convert(codec):
            # What cannot be decoded may become a mark in a report, but never in somebody's rows.
            errors = "strict" if self._keep_rows else "replace"
            lexer.replace_rest(utf8_reader(codec, errors))
            codec = "utf-8"
        self._codec = self._declared = codec


def _database_name(arguments: str) -> str:
    """The database in the arguments of a connect command, which may be a connection string."""
    found = re.search(r"dbname='?((?:[^'\\ ]|\\.)+)", arguments)
    if found:
        return found[1].replace("\\'", "'").replace("\\\\", "\\")
    words = arguments.split()
    return words[0].strip('"') if words and words[0] != "-" else ""


def _unclosed(text: str) -> SyntaxProblem:
    return (
        SyntaxProblem("a quote, comment or parenthesis is never closed", 0)
        if text
        else (SyntaxProblem("nothing to parse", 0))
    )
