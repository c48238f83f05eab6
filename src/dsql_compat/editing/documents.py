"""Files as text and back to the same bytes, and one place for putting edited text together."""

from __future__ import annotations

import os
import re
import stat
import tempfile
from bisect import bisect_right
from collections.abc import Iterator
from pathlib import Path

from dsql_compat.editing.model import Document, Unit
from dsql_compat.sources.encoding import codec_for, codec_of_bom
from dsql_compat.sources.files import InputError
from dsql_compat.sql.statements import Statement

LARGEST = 8 << 20  # bytes of a file that is edited; schema files are far smaller, data files larger
_ENCODING = re.compile(
    rb"^SET\s+(?:SESSION\s+)?client_encoding\s*(?:=|\bTO\b)\s*'?([\w-]+)'?\s*;", re.I | re.M
)
_BOMS = {"utf-8-sig": ("utf-8", 3), "utf-16": ("", 2)}
_ROWS = re.compile(r"COPY\s.*\bFROM\s+(?:STDIN|STDOUT)\b", re.I | re.S)


def document_of(name: str, data: bytes, path: Path | None = None) -> Document:
    """A file's bytes as a document without units.  Raises InputError for what is no text."""
    bom_codec = codec_of_bom(data[:4])
    bom = b""
    if bom_codec is not None:
        codec, length = _BOMS[bom_codec]
        codec = codec or ("utf-16-le" if data.startswith(b"\xff\xfe") else "utf-16-be")
        bom = data[:length]
    else:
        declared = _ENCODING.search(data)
        codec = (codec_for(declared[1].decode()) if declared else None) or "utf-8"
    body = data[len(bom) :]
    for attempt in dict.fromkeys((codec, "cp1252", "latin-1")):
        try:
            text = body.decode(attempt)
        except UnicodeDecodeError:
            continue
        if text.encode(attempt) == body:
            newline = "\r\n" if text.count("\r\n") * 2 > text.count("\n") else "\n"
            return Document(name, path, text, attempt, bom, newline)
    raise InputError(f"{name}: its bytes are no text in {codec}")


def encoded(document: Document, text: str) -> bytes:
    """Text as bytes of the file that the document was read from.  Raises InputError."""
    try:
        return document.bom + text.encode(document.codec)
    except UnicodeEncodeError:
        raise InputError(
            f"{document.name}: what was written cannot be said in {document.codec}"
        ) from None


def write_whole(path: Path, data: bytes) -> None:
    """Replace a file in one step; its mode stays, and a link stays a link.  Raises InputError."""
    target = path.resolve()
    try:
        mode = stat.S_IMODE(target.stat().st_mode)
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
            Path(name).chmod(mode)
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from None


def add_units(document: Document, statements: list[Statement]) -> None:
    """Find the statements in the text; one that is not where it should be gets no unit."""
    starts = line_starts(document.text)
    at = 0
    for statement in statements:
        start = place(document.text, starts, statement)
        if start is None or start < at:
            continue
        end = start + len(statement.text)
        rows = bool(_ROWS.match(statement.text))
        text = statement.text
        document.units.append(Unit(start, end, text, text, statement.line, rows))
        at = end


def line_starts(text: str) -> list[int]:
    """Where each line of a text begins."""
    return [0, *(found.end() for found in re.finditer("\n", text))]


def place(text: str, starts: list[int], statement: Statement) -> int | None:
    """Where a statement of a text begins in it; None if its words do not stand there."""
    if statement.line > len(starts) or not statement.text:
        return None
    start = starts[statement.line - 1] + statement.column - 1
    return start if text.startswith(statement.text, start) else None


def composed(document: Document) -> tuple[str, list[tuple[int, Unit]]]:
    """The text by now, and where in it each unit begins."""
    parts: list[str] = []
    places: list[tuple[int, Unit]] = []
    at = length = 0
    for unit in document.units:
        start, end = extent(document, unit)
        gap = document.text[at:start]
        places.append((length + len(gap), unit))
        parts += [gap, unit.current]
        length += len(gap) + len(unit.current)
        at = end
    parts.append(document.text[at:])
    return "".join(parts), places


def extent(document: Document, unit: Unit) -> tuple[int, int]:
    """What a unit replaces: its statement, or the whole line where nothing of it is left."""
    text = document.text
    if unit.current:
        return unit.start, unit.end
    start = text.rfind("\n", 0, unit.start) + 1
    stop = text.find("\n", unit.end)
    stop = len(text) if stop < 0 else stop + 1
    if text[start : unit.start].strip() or text[unit.end : stop].strip():
        return unit.start, unit.end
    return _with_blank_line(text, start, stop)


def _with_blank_line(text: str, start: int, stop: int) -> tuple[int, int]:
    """A line that goes, with one of the two blank lines that would meet in its place."""
    before = text.rfind("\n", 0, max(0, start - 1)) + 1
    after = text.find("\n", stop)
    after = len(text) if after < 0 else after + 1
    is_free_above = start == 0 or not text[before:start].strip()
    if is_free_above and stop < len(text) and not text[stop:after].strip():
        return start, after
    if stop == len(text) and start and not text[before:start].strip():
        return before, stop
    return start, stop


def hidden_text(document: Document, text: str, places: list[tuple[int, Unit]]) -> str:
    """The text with what is no part of the history blanked, length for length."""
    for start, end in document.hidden:
        shift = moved(places, document, start)
        stretch = text[start + shift : end + shift]
        blank = re.sub(r"[^\r\n]", " ", stretch)
        text = text[: start + shift] + blank + text[end + shift :]
    return text


def moved(places: list[tuple[int, Unit]], document: Document, at: int) -> int:
    """By how much a place between the units moved."""
    before = bisect_right(document.units, at, key=lambda unit: unit.end) - 1
    if before < 0:
        return 0
    start, unit = places[before]
    return start + len(unit.current) - extent(document, unit)[1]


def unit_at(places: list[tuple[int, Unit]], at: int) -> tuple[Unit, int] | None:
    """The unit that a place of the composed text lies in, and where in there."""
    number = bisect_right(places, at, key=lambda found: found[0]) - 1
    if number < 0:
        return None
    start, unit = places[number]
    return (unit, at - start) if at < start + max(1, len(unit.current)) else None


def spelled(document: Document, text: str) -> str:
    """Generated text with the line ends of the file."""
    if document.newline == "\n":
        return text
    return re.sub(r"(?<!\r)\n", "\r\n", text)


def comments_in(text: str) -> Iterator[tuple[int, int]]:
    """Where comments stand in a statement's text."""
    from pglast.parser import ParseError, scan

    from dsql_compat.sql.masking import mask_dsql_words

    try:
        found = scan(mask_dsql_words(text)[0])
    except (ParseError, UnicodeEncodeError):
        return
    for token in found:
        if token.name in ("SQL_COMMENT", "C_COMMENT"):
            yield token.start, token.end + 1
