"""What psql collected by the script of `dsql-compat collect`: answers as a server does."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import IO, Any, cast

from dsql_compat.sources.database.measuring import Measuring
from dsql_compat.sources.database.offline import CATALOG, FORMAT
from dsql_compat.sources.database.session import (
    DatabaseError,
    Row,
    Server,
    UnseenError,
    grant_for,
)
from dsql_compat.sources.files import COLLECTED, Input, InputError
from dsql_compat.sources.workload.database import section_of

_FIELDS = {"version", "release", "database", "user", "encoding", "is_standby", "is_dsql"}
_SIGN = re.compile(rb"-- (section|end|failed|complete)(?: (\w+))?(?: (.*))?")
_AGAIN = "collect it again, and leave it as psql wrote it"


@dataclass(slots=True)
class Collected:
    """One database as a file has it.  A session as `Connection` is one."""

    name: str
    server: Server
    _rows: dict[str, list[Row]]
    _failed: dict[str, str]
    _measured: dict[int, Row] = field(default_factory=dict)

    def answer(self, name: str) -> list[Row]:
        """The rows of a query that is kept as a file; UnseenError where psql got none."""
        if name in self._failed:
            reason = self._failed[name]
            raise UnseenError(reason, grant_for(reason, self.server.user))
        if name not in self._rows:
            raise UnseenError("it was not collected")
        return self._rows[name]

    def rows(
        self, query: str, params: Mapping[str, Any] | None = None, timeout: str | None = None
    ) -> list[Row]:
        """The rows of a query about the workload, as far as it was collected."""
        del params, timeout
        name = section_of(query)
        return self.answer(name) if name in self._rows or name in self._failed else []

    @property
    def has_workload(self) -> bool:
        """Whether the workload was collected, too."""
        return "activity" in self._rows or "activity" in self._failed

    def plan(self, measuring: Measuring) -> list[Row]:
        """The tables that were to be measured; how many rows of each was settled then."""
        del measuring
        return self.answer("measure") if "measured" in self._rows else []

    def measured(self, table: Row, seconds: float) -> Row | None:
        """What was counted of a table."""
        del seconds
        found = self._measured.get(table["relation"])
        if found is None:
            raise UnseenError("psql was refused its rows, or had no time left for them")
        return found


def read_collected(source: Input) -> Collected:
    """The database that a file holds.  Raises DatabaseError for one that is not whole."""
    name = source.name
    sections: dict[str, list[Row]] = {}
    failed: dict[str, str] = {}
    inside: str | None = None
    is_complete = False
    for number, line in enumerate(_lines(source), 1):
        if number == 1:
            _check_format(name, line)
            continue
        sign = _SIGN.fullmatch(line)
        if sign is None:
            if inside is not None:
                sections[inside].append(_row(name, number, line))
            elif line.strip():
                raise DatabaseError(f"{name}:{number}: not what psql wrote: {_AGAIN}")
            continue
        word, what, rest = sign[1], (sign[2] or b"").decode(), sign[3]
        if word == b"complete":
            is_complete = True
        elif word == b"section":
            inside = what
            sections[what] = []
        elif what != inside:
            raise DatabaseError(f"{name}:{number}: a section ends that did not begin: {_AGAIN}")
        elif word == b"failed":
            failed[what] = (rest or b"").decode("utf-8", "replace")
            inside = None
            del sections[what]
        else:
            if rest is not None and int(rest) != len(sections[what]):
                raise DatabaseError(
                    f"{name}:{number}: section {what} has {len(sections[what]):,} rows of"
                    f" {int(rest):,}: {_AGAIN}"
                )
            inside = None
    if not is_complete or inside is not None:
        raise DatabaseError(
            f"{name}: the file ends too early: {_AGAIN}, and look for psql's errors"
        )
    return _whole(name, sections, failed)


def _whole(name: str, sections: dict[str, list[Row]], failed: dict[str, str]) -> Collected:
    servers = sections.get("server", [])
    missing = [part for part in CATALOG if part not in sections and part not in failed]
    if missing or len(servers) != 1 or servers[0].keys() != _FIELDS:
        part = missing[0] if missing else "server"
        raise DatabaseError(f"{name}: section {part} is missing: {_AGAIN}")
    measured = {row["relation"]: row for row in sections.get("measured", ())}
    return Collected(name, Server(**servers[0]), sections, failed, measured)


def _check_format(name: str, line: bytes) -> None:
    version = line.removeprefix(COLLECTED).strip()
    if version != str(FORMAT).encode():
        raise DatabaseError(
            f"{name}: collected for another version of dsql-compat (form"
            f" {version.decode('ascii', 'replace')}, this one reads {FORMAT}): collect it again"
        )


def _row(name: str, number: int, line: bytes) -> Row:
    digest, _, text = line.partition(b" ")
    try:
        if hashlib.sha256(text).hexdigest()[:8].encode() != digest:
            raise ValueError
        row = json.loads(text.decode("utf-8", "replace"))
    except ValueError:
        raise DatabaseError(f"{name}:{number}: this line was changed: {_AGAIN}") from None
    if not isinstance(row, dict):
        raise DatabaseError(f"{name}:{number}: not a row: {_AGAIN}")
    return row


def _lines(source: Input) -> Iterator[bytes]:
    """Lines of the file, of any size, without their ends."""
    try:
        with _stream(source) as stream:
            for number, line in enumerate(stream):
                text = line.rstrip(b"\r\n")
                yield text if number else text.removeprefix(b"\xef\xbb\xbf")
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(f"{source.name}: broken gzip file: {error}") from None
    except OSError as error:
        raise InputError(f"{source.name}: {error.strerror or error}") from None


def _stream(source: Input) -> AbstractContextManager[IO[bytes]]:
    if source.path is None:
        assert source.pipe is not None, "collected output is a file, or comes through a pipe"
        return nullcontext(source.pipe)
    with source.path.open("rb") as stream:
        is_packed = stream.read(2) == b"\x1f\x8b"
    packed = cast("IO[bytes]", gzip.open(source.path)) if is_packed else None  # noqa: SIM115
    return packed or source.path.open("rb")
