"""Splits a byte stream into statements and psql commands, as psql itself does.

Works on bytes and keeps only the statement at hand, so a dump of any size streams through.  Data
rows are never split: `Lexer.skip_copy_rows` passes over a COPY block with byte searches, and an
INSERT of plain literals is matched whole.  What a statement means is for others to find out.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal

from dsql_compat.sql.asides import OUR_NAME, Aside

Read = Callable[[int], bytes]

BLOCK = 1 << 20
_LONGEST_TOKEN = 70  # a dollar quote's tag is an identifier: 63 bytes, two dollars, one to look at

_BLANK = re.compile(rb"\s*+")
_LINE_COMMENTS = re.compile(rb"(?:--[^\n]*+\n)+")
_TOKEN = re.compile(
    rb"""(?<![\w$\x80-\xff])[eE]'|['"();\\]|--|/\*"""
    rb"""|(?<![\w\x80-\xff])\$(?:[A-Za-z_\x80-\xff][\w\x80-\xff]*)?\$"""
)
# A statement without comments, dollar quotes, backslashes and deeper parentheses, in one match.
_SIMPLE = re.compile(
    rb"""(?:[^;'"()$\\/-]++|'[^'\\]*+'|"[^"]*+"|-(?!-)|/(?!\*)"""
    rb"""|\((?:[^;'"()$\\/-]++|'[^'\\]*+'|"[^"]*+"|-(?!-)|/(?!\*)"""
    rb"""|\((?:[^;'"()$\\/-]++|'[^'\\]*+'|-(?!-)|/(?!\*))*\))*\))*;"""
)
_COMMENT_EDGE = re.compile(rb"/\*|\*/")
_ROUTINE = re.compile(rb"CREATE\s+(?:OR\s+REPLACE\s+)?(?:FUNCTION|PROCEDURE)\b", re.I)
_BODY_WORD = re.compile(
    rb"""\b(?:begin|case|end)\b|'[^']*'|"[^"]*"|--[^\n]*|/\*.*?\*/""", re.I | re.S
)
_ATOMIC = re.compile(rb"\bBEGIN\s+ATOMIC\b", re.I)
_SENDS = re.compile(rb"\\(?:g(?:x|set|exec|desc)?(?=[\s(]|$)|crosstabview|watch)")
_RESYNC = re.compile(rb";[ \t]*\r?\n")

_LITERAL = rb"(?:[bBxX]?'[^']*+'(?:'[^']*+')*|[-+]?[\w.+-]++)(?:::[\w. ]++)?"
_ROW = rb"\(\s*+" + _LITERAL + rb"(?:\s*+,\s*+" + _LITERAL + rb")*\s*+\)"
_NAME = rb'(?:"[^"]*+"|[\w$\x80-\xff]++)'
DATA_INSERT = re.compile(
    rb"INSERT\s++INTO\s++(?P<table>" + _NAME + rb"(?:\." + _NAME + rb")?)\s*+"
    rb"(?P<columns>\([^()']*+\))?\s*+(?:OVERRIDING\s++(?:SYSTEM|USER)\s++VALUE\s++)?"
    rb"VALUES\s*+(?P<rows>" + _ROW + rb"(?:\s*+,\s*+" + _ROW + rb")*)\s*+"
    rb"(?:ON\s++CONFLICT\s++DO\s++NOTHING\s*+)?;",
    re.I,
)
ONE_ROW = re.compile(_ROW)
ONE_LITERAL = re.compile(_LITERAL)
LONG_ROW = 1024  # bytes: no key takes more, so shorter rows hold nothing that is too long
_SAMPLE = 500  # rows of a block, of which some long ones are looked into
_LOOKED_INTO = 8


@dataclass(frozen=True, slots=True)
class Piece:
    """A statement or psql command as it stands in the source.

    `line` and `column` count from 1 and say where `text` begins, column in bytes before decoding
    (`prefix` holds the bytes of that line before it).  `lead` is the comment text in front.
    `complete` is false when a quote, comment or parenthesis was never closed.
    """

    kind: Literal["sql", "command", "data-insert"]
    text: bytes
    line: int
    prefix: bytes = b""
    lead: bytes = b""
    complete: bool = True
    rows: int = 0


@dataclass(frozen=True, slots=True)
class RowCount:
    """What a block of data rows holds: their number, bytes without line ends, the widest row.

    `values` has the widest value of each place, as far as long rows were looked into.
    """

    rows: int = 0
    bytes: int = 0
    widest: int = 0
    complete: bool = True
    values: tuple[int, ...] = ()


class Lexer:
    """One pass over a byte stream; iterate it, and skip COPY rows when a piece announces them."""

    def __init__(self, read: Read, on_progress: Callable[[int], None] | None = None) -> None:
        self._read = read
        self._on_progress = on_progress
        self._buf = b""
        self._pos = 0
        self._line = 1
        self._line_start = 0
        self._eof = False
        self._copy_complete = False
        self.bytes_read = 0
        self.asides: list[Aside] = []  # met on the way to the piece at hand

    # -- the buffer -------------------------------------------------------------------------

    def _more(self) -> bool:
        """Append the next block; the block grows with the buffer, so no byte is copied often."""
        if self._eof:
            return False
        block = self._read(max(BLOCK, len(self._buf) - self._pos))
        if not block:
            self._eof = True
            return False
        self.bytes_read += len(block)
        if self._on_progress:
            self._on_progress(len(block))
        self._buf += block
        return True

    def _compact(self) -> None:
        if self._pos > BLOCK:
            keep = min(self._line_start, self._pos)
            if self._pos - keep > 4 * BLOCK:  # one endless line: its columns are lost, not memory
                keep = self._pos
            self._buf = self._buf[keep:]
            self._pos -= keep
            self._line_start = max(0, self._line_start - keep)

    def _advance(self, to: int) -> None:
        newlines = self._buf.count(b"\n", self._pos, to)
        if newlines:
            self._line += newlines
            self._line_start = self._buf.rfind(b"\n", self._pos, to) + 1
        self._pos = to

    def _find(self, needle: bytes, start: int) -> int:
        """Index just behind `needle`, reading on as far as it takes; -1 when it never comes."""
        while True:
            found = self._buf.find(needle, start)
            if found >= 0:
                return found + len(needle)
            start = max(start, len(self._buf) - len(needle) + 1)
            if not self._more():
                return -1

    def replace_rest(self, convert: Callable[[Read], Read]) -> None:
        """Put what has not been split yet through another reader (a change of encoding)."""
        rest, source, eof = self._buf[self._pos :], self._read, self._eof
        pending = [rest]

        def read(size: int) -> bytes:
            if pending:
                return pending.pop() or read(size)
            return b"" if eof else source(size)

        self._read, self._eof = convert(read), False
        self._buf, self._pos, self._line_start = self._buf[self._line_start : self._pos], 0, 0
        self._pos = len(self._buf)

    # -- statements -------------------------------------------------------------------------

    def __iter__(self) -> Iterator[Piece]:
        while True:
            self._compact()
            lead = self._skip_blank()
            if self._pos >= len(self._buf):
                return
            prefix = self._buf[self._line_start : self._pos]
            if self._buf[self._pos] == 0x5C:
                yield self._command(prefix)
            else:
                yield self._statement(lead, prefix)

    def _skip_blank(self) -> bytes:
        """Pass white space, comments and stray semicolons; return the text from the first comment
        to the last."""
        first = last = -1
        while True:  # _BLANK matches everywhere, if only nothing, which mypy cannot know
            end = _BLANK.match(self._buf, self._pos).end()  # type: ignore[union-attr]
            while end >= len(self._buf) - 1 and self._more():
                end = _BLANK.match(self._buf, end).end()  # type: ignore[union-attr]
            self._advance(end)
            head = self._buf[end : end + 2]
            if head == b"--":
                stop = self._line_comments_end(end)
            elif head == b"/*":
                stop = self._comment_end(end)
            elif head[:1] == b";":
                self._advance(end + 1)
                continue
            else:
                stop = -1
            if stop < 0:
                return self._buf[first:last] if first >= 0 else b""
            first, last = end if first < 0 else first, stop
            if self._buf.find(OUR_NAME, end, stop) >= 0:
                text, prefix = self._buf[end:stop], self._buf[self._line_start : end]
                self.asides.append(Aside(text, self._line, prefix, end - first))
            self._advance(stop)

    def _line_comments_end(self, start: int) -> int:
        """Index behind one or more comments that end with their lines."""
        run = _LINE_COMMENTS.match(self._buf, start)
        if run and run.end() < len(self._buf):
            return run.end()
        stop = self._find(b"\n", start)
        return len(self._buf) if stop < 0 else stop

    def _command(self, prefix: bytes) -> Piece:
        """A psql command ends with its line."""
        start, line = self._pos, self._line
        stop = self._find(b"\n", start)
        stop = len(self._buf) if stop < 0 else stop
        text = self._buf[start:stop].rstrip()
        self._advance(stop)
        return Piece("command", text, line, prefix)

    def _statement(self, lead: bytes, prefix: bytes) -> Piece:
        start, line = self._pos, self._line
        if self._buf[start : start + 1] in b"iI":
            data = DATA_INSERT.match(self._buf, start)
            if data:
                self._advance(data.end())
                rows = len(ONE_ROW.findall(data["rows"]))
                return Piece("data-insert", data[0], line, prefix, lead, rows=rows)
        end, complete = self._statement_end(start)
        if not complete:
            resync = _RESYNC.search(self._buf, start)
            end = resync.end() if resync else len(self._buf)
        text = self._buf[start:end].rstrip()
        self._advance(end)
        if text[:1] in b"iI":  # the first try met the end of a block
            data = DATA_INSERT.fullmatch(text)
            if data:
                rows = len(ONE_ROW.findall(data["rows"]))
                return Piece("data-insert", text, line, prefix, lead, rows=rows)
        return Piece("sql", text, line, prefix, lead, complete)

    def _statement_end(self, start: int) -> tuple[int, bool]:
        """Index behind the semicolon (or what else sends it), and whether all quotes closed."""
        simple = _SIMPLE.match(self._buf, start)
        if simple and not self._inside_atomic_body(start, simple.end()):
            return simple.end(), True
        at, depth = start, 0
        while True:
            token = _TOKEN.search(self._buf, at)
            if token is None or token.end() > len(self._buf) - _LONGEST_TOKEN:
                if self._more():
                    continue
                if token is None:
                    return len(self._buf), depth == 0
            word, at = token[0], token.end()
            match word[:1]:
                case b";":
                    if depth <= 0 and not self._inside_atomic_body(start, at):
                        return at, True
                case b"(":
                    depth += 1
                case b")":
                    depth -= 1
                case b"\\":
                    if _SENDS.match(self._buf, token.start()):
                        return token.start(), depth <= 0
                case _:
                    at = self._quoted_end(word, at)
                    if at < 0:
                        return len(self._buf), False

    def _quoted_end(self, opening: bytes, at: int) -> int:
        """Index behind the quote or comment that `opening` began at; -1 if it never closes."""
        match opening:
            case b"'" | b'"':
                return self._find(opening, at)  # a doubled quote is two strings side by side
            case b"--":
                stop = self._find(b"\n", at)
                return len(self._buf) if stop < 0 else stop
            case b"/*":
                return self._comment_end(at - 2)
            case b"E'" | b"e'":
                return self._escape_string_end(at)
            case _:
                return self._find(opening, at)

    def _escape_string_end(self, at: int) -> int:
        while True:
            end = self._find(b"'", at)
            if end < 0:
                return -1
            slashes = 0
            while self._buf[end - 2 - slashes] == 0x5C:
                slashes += 1
            if slashes % 2 == 0 or end - 1 - slashes < at:
                return end
            at = end

    def _comment_end(self, start: int) -> int:
        """Index behind a block comment, which nests in PostgreSQL; -1 if it never closes."""
        depth, at = 1, start + 2
        while depth:
            edge = _COMMENT_EDGE.search(self._buf, at)
            if edge is None:
                at = max(at, len(self._buf) - 1)
                if not self._more():
                    return -1
                continue
            depth += 1 if edge[0] == b"/*" else -1
            at = edge.end()
        return at

    def _inside_atomic_body(self, start: int, end: int) -> bool:
        """Whether the semicolon at `end` belongs to a BEGIN ATOMIC body that is still open."""
        if not _ROUTINE.match(self._buf, start):
            return False
        body = _ATOMIC.search(self._buf, start, end)
        if not body:
            return False
        depth = 0
        for word in _BODY_WORD.finditer(self._buf, body.start(), end):
            lowered = word[0].lower()
            if lowered in (b"begin", b"case"):
                depth += 1
            elif lowered == b"end":
                depth -= 1
        return depth > 0

    # -- data -------------------------------------------------------------------------------

    def skip_copy_rows(self) -> RowCount:
        r"""Pass the rows that follow a COPY … FROM stdin, up to the line `\.`, and count them."""
        if not self.to_next_line():
            return RowCount(complete=False)
        return self.skip_rows_from_here()

    def to_next_line(self) -> bool:
        """Pass the rest of the line; False where the source ends with it."""
        end = self._find(b"\n", self._pos)
        self._advance(len(self._buf) if end < 0 else end)
        return end >= 0

    def skip_rows_from_here(self) -> RowCount:
        """The same where the rows begin with the very next line, as they do behind a command."""
        rows = size = widest = 0
        values: tuple[int, ...] = ()
        for block in self.copy_blocks():
            count, length, longest, widths = _measure_rows(block)
            rows, size, widest = rows + count, size + length, max(widest, longest)
            values = widest_of(values, widths) if widths else values
        return RowCount(rows, size, widest, self._copy_complete, values)

    def copy_blocks(self) -> Iterator[bytes]:
        r"""The rows from the next line on up to the line `\.`, some whole lines at a time."""
        while True:
            stop, found = self._copy_stop()
            block = self._buf[self._pos : stop]
            self._line += block.count(b"\n")
            self._buf, self._pos, self._line_start = self._buf[stop:], 0, 0
            if block:
                yield block
            if found or self._eof:
                break
        if found:
            self._advance(self._copy_end_line())
        self._copy_complete = found

    def _copy_stop(self) -> tuple[int, bool]:
        r"""Where the rows in the buffer end: at the line `\.`, or behind the last whole line."""
        at = self._pos
        if self._buf.startswith((b"\\.\n", b"\\.\r\n"), at):
            return at, True
        while True:
            end = self._buf.find(b"\n\\.", at)
            if end < 0:
                break
            tail = self._buf[end + 3 : end + 5]
            if tail[:1] == b"\n" or tail == b"\r\n" or (self._eof and not tail.strip(b"\r")):
                return end + 1, True
            if len(tail) < 2 and not self._eof:
                self._more()
                continue
            at = end + 1
        # The last line may be a `\.` whose end is still to come: leave it for the next block.
        whole = max(self._buf.rfind(b"\n", self._pos) + 1, self._pos)
        if self._more():
            return whole, False
        if self._buf[whole:].rstrip(b"\r") == b"\\.":
            return whole, True
        return len(self._buf), False

    def _copy_end_line(self) -> int:
        end = self._find(b"\n", self._pos)
        return len(self._buf) if end < 0 else end


def _measure_rows(block: bytes) -> tuple[int, int, int, tuple[int, ...]]:
    """Rows in a block, their bytes without line ends, the longest one's, and its values'."""
    lines = block.split(b"\n")
    size = len(block) - (len(lines) - 1)
    if not lines[-1]:
        lines.pop()
    lengths = list(map(len, lines))
    longest = max(lengths, default=0)
    if longest <= LONG_ROW:
        return len(lines), size, longest, ()
    return len(lines), size, longest, _widths(lines, lines[lengths.index(longest)])


def _widths(lines: list[bytes], longest: bytes) -> tuple[int, ...]:
    """The widest value in each place: of the longest row, and of some of the long ones."""
    sample = lines[:: 1 + len(lines) // _SAMPLE]
    long = [line for line in sample if len(line) > LONG_ROW]
    looked_into = [longest, *long[:: max(1, -(-len(long) // _LOOKED_INTO))]]
    widths: tuple[int, ...] = ()
    for line in looked_into:
        values = line.split(b"\t")
        if max(map(len, values)) > LONG_ROW:
            widths = widest_of(widths, tuple(map(_length, values)))
    return widths


def _length(value: bytes) -> int:
    """The bytes of a value of COPY; an escape is a backslash and one byte more."""
    return len(value) - value.count(b"\\") + value.count(b"\\\\")


def widest_of(some: tuple[int, ...], others: tuple[int, ...]) -> tuple[int, ...]:
    """The larger of two numbers in each place."""
    return tuple(map(max, zip_longest(some, others, fillvalue=0)))


def insert_widths(rows: bytes) -> tuple[int, ...]:
    """The widest literal in each place of an INSERT's rows; nothing where none is long."""
    if len(rows) <= LONG_ROW or max(map(len, rows.split(b"'"))) <= LONG_ROW:
        return ()
    widths: tuple[int, ...] = ()
    for row in ONE_ROW.finditer(rows):
        widths = widest_of(widths, tuple(map(_literal_length, ONE_LITERAL.findall(row[0]))))
    return widths


def _literal_length(literal: bytes) -> int:
    """The bytes between the quotes; 0 without any, for numbers are never long."""
    opening, closing = literal.find(b"'"), literal.rfind(b"'")
    if opening < 0:
        return 0
    return closing - opening - 1 - literal.count(b"''", opening + 1, closing)
