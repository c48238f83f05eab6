"""Reads what `--queries` names: a log of PostgreSQL, an export of statistics, or a file of SQL.

The form is recognised by what the file begins with, never by its name.
"""

from __future__ import annotations

import contextlib
import csv
import gzip
import io
import json
import re
import sys
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, cast

from dsql_compat.findings import Unanalysed
from dsql_compat.sources.events import RowBlock
from dsql_compat.sources.files import STDIN, Format, Input, InputError
from dsql_compat.sources.reader import Reader
from dsql_compat.sources.workload import exported, logs
from dsql_compat.sources.workload.model import Grouping, Sent, Workload, WorkloadFormat
from dsql_compat.sql.statements import Statement, unchecked_nodes

_HEAD = 1 << 16
_LOG_TIME = re.compile(r'"?\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d[^,"]*"?,')
_FORMS = (
    "a PostgreSQL log (csvlog, jsonlog or text), pg_stat_statements as CSV or JSON, or statements"
)
_NAMES: dict[str, str] = {"csvlog": "csvlog", "jsonlog": "jsonlog", "stderr": "log"}


def read_queries(name: str) -> Workload:
    """The workload that a file holds, `-` for standard input.  Raises InputError."""
    try:
        with _open(name) as stream, unchecked_nodes():
            head = _head(stream)
            if b"\0" in head[:4096]:
                raise InputError(f"{name}: binary data: --queries takes {_FORMS}")
            form = recognise(head.decode("utf-8", "replace"))
            shown = "<stdin>" if name == STDIN else Path(name).as_posix()
            if form is None:
                raise InputError(f"{name}: not recognised: --queries takes {_FORMS}")
            return _read(stream, shown, form)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(f"{name}: broken gzip file: {error}") from None
    except OSError as error:
        raise InputError(f"{name}: {error.strerror or error}") from None


def recognise(head: str) -> WorkloadFormat | None:
    """The form of a file from its first lines; None where it is none of those that are read."""
    text = head.removeprefix("\ufeff").lstrip()
    if not text:
        return None
    first, _, rest = text.partition("\n")
    if text[0] in "[{":
        return _json_form(text, first)
    if _LOG_TIME.match(first) and len(next(csv.reader([first]))) >= 12:
        return "csvlog"
    if {name.strip().lower() for name in next(csv.reader([first]), [])} >= exported.NEEDED:
        return "csv"
    if any(logs.ENTRY.fullmatch(line.rstrip("\r")) for line in [first, *rest.split("\n")[:500]]):
        return "stderr"
    return "sql"


def _json_form(text: str, first: str) -> WorkloadFormat | None:
    try:
        row = json.loads(first)
    except ValueError:
        row = None
    if first.startswith("{") and '"error_severity":' in first:  # the head may end within it
        return "jsonlog"
    if isinstance(row, dict):
        return "json" if row.keys() >= exported.NEEDED else None
    return "json" if all(f'"{name}"' in text for name in exported.NEEDED) else None


def _read(stream: io.BufferedReader, name: str, form: WorkloadFormat) -> Workload:
    work = Workload(name, form)
    grouping = Grouping(name)
    counter = _Counted(stream)
    lines = io.TextIOWrapper(
        io.BufferedReader(cast(io.RawIOBase, counter)), "utf-8-sig", "replace", newline=""
    )
    if form == "sql":
        _read_sql(name, stream, work, grouping)
    elif form in _NAMES:
        entries = {
            "csvlog": logs.csv_entries,
            "jsonlog": logs.json_entries,
            "stderr": logs.text_entries,
        }
        seen = logs.collect(entries[form](lines), grouping)
        work.queries = grouping.ranked()
        if not work.queries:
            raise InputError(f"{name}: {_nothing(form, seen)}")
    else:
        _read_export(lines, form, name, grouping)
    work.queries = grouping.ranked()
    work.bytes = work.bytes or counter.count
    if not work.queries:
        raise InputError(f"{name}: no statement in it")
    return work


def _nothing(form: WorkloadFormat, seen: int) -> str:
    return (
        f"a {_NAMES[form]} of {seen:,} entries without a statement: set log_statement = 'all' or"
        " log_min_duration_statement = 0 (its messages must be in English: lc_messages)"
    )


def _read_export(lines: Iterable[str], form: WorkloadFormat, name: str, grouping: Grouping) -> None:
    try:
        rows = exported.csv_rows(lines) if form == "csv" else exported.json_rows(lines)
        for sent in rows:
            grouping.add(sent)
    except (ValueError, csv.Error) as error:
        raise InputError(f"{name}: broken {form.upper()}: {type(error).__name__}") from None


def _read_sql(name: str, stream: IO[bytes], work: Workload, grouping: Grouping) -> None:
    """Statements as a script has them; each is a call."""
    content = stream.read() if name == "<stdin>" else None
    shape: Format = "gzip" if isinstance(getattr(stream, "raw", None), gzip.GzipFile) else "plain"
    source = Input(name, "dump", "plain" if content else shape, Path(name), None, content)
    reader = Reader(source, keep_rows=True)
    for event in reader:
        match event:
            case Statement():
                grouping.add(Sent(event.excerpt, event.line))
            case RowBlock(kind="insert"):
                grouping.add(Sent(event.data.decode(event.codec, "replace"), event.line))
            case Unanalysed():
                work.unanalysed.append(event)
    work.bytes = reader.stats.bytes
    if not reader.stats.is_sql:
        raise InputError(f"{name}: not recognised: --queries takes {_FORMS}")


@contextlib.contextmanager
def _open(name: str) -> Iterator[io.BufferedReader]:
    with contextlib.ExitStack() as stack:
        if name == STDIN:
            stream = cast(io.BufferedReader, sys.stdin.buffer)
        else:
            plain = stack.enter_context(Path(name).open("rb", buffering=_HEAD))
            stream = cast(io.BufferedReader, plain)
        if stream.peek(2)[:2] == b"\x1f\x8b":
            unpacked = stack.enter_context(gzip.open(stream, "rb"))
            stream = io.BufferedReader(cast(io.RawIOBase, unpacked), _HEAD)
        yield stream


def _head(stream: io.BufferedReader) -> bytes:
    return stream.peek(_HEAD)[:_HEAD]


class _Counted(io.RawIOBase):
    """The stream, counting what is read of it."""

    def __init__(self, stream: io.BufferedReader) -> None:
        self._stream = stream
        self.count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        self.count += len(data)
        return len(data)
