"""Tools that keep both ways of a migration in one file: the way back is blanked, line for line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from dsql_compat.gate.folders import Folder
from dsql_compat.gate.steps import Found, Step, blanked, line_of, step, text_of
from dsql_compat.sources.files import Wrap, natural

_LOOKED_INTO = 3  # files of a folder that are asked for marks


class _Section(NamedTuple):
    """One way in a file, from its mark to the next; `body` begins behind the mark."""

    is_up: bool
    start: int
    body: int
    end: int
    words: bytes


@dataclass(frozen=True, slots=True)
class _Sections:
    """A tool with marks in comments: `mark` has the groups way (up or down) and words behind it.

    `free` finds what switches the transaction off, in the mark, or anywhere in the file with
    `for_file`.  `writes_row`: the tool notes the migration in the same transaction.
    """

    name: str
    mark: re.Pattern[bytes]
    free: re.Pattern[bytes] | None
    for_file: bool = False
    writes_row: bool = True

    def recognises(self, folder: Folder) -> bool:
        """By a mark in one of the first files."""
        return any(self.mark.search(folder.head(path)) for path in folder.sql[:_LOOKED_INTO])

    def found(self, folder: Folder) -> Found:
        """The files of the folder by number, then name; then all ways back, the latest first."""
        forward: list[Step] = []
        back: list[Step] = []
        for path in sorted(folder.sql, key=_by_number):
            for made in self._steps(path):
                (back if made.is_back else forward).append(made)
        return Found(tuple(forward), tuple(reversed(back)))

    def _steps(self, path: Path) -> Iterator[Step]:
        whole = step(path)
        data = text_of(whole.source)
        sections = list(self._split(data)) if data is not None else []
        if data is None or not sections:
            wrap = () if data is None else (Wrap(self.name, writes_row=self.writes_row),)
            yield replace(whole, source=replace(whole.source, wraps=wrap))
            return
        is_free = self.for_file and bool(self.free and self.free.search(data))
        for is_up in (True, False):
            own = [section for section in sections if section.is_up is is_up]
            if not own:
                continue
            others = [(s.start, s.end) for s in sections if s.is_up is not is_up]
            marks = [] if is_up else [(s.start, s.body) for s in own]
            content = blanked(data, sorted([*others, *marks]))
            wraps = () if is_free else tuple(self._wraps(data, own))
            source = replace(whole.source, content=content, wraps=wraps)
            yield Step(source, is_back=not is_up)

    def _split(self, data: bytes) -> Iterator[_Section]:
        found = list(self.mark.finditer(data))
        ends = [mark.start() for mark in found[1:]] + [len(data)]
        for mark, end in zip(found, ends, strict=False):
            is_up = mark["way"].lower() == b"up"
            yield _Section(is_up, mark.start(), mark.end(), end, mark["words"] or b"")

    def _wraps(self, data: bytes, sections: list[_Section]) -> Iterator[Wrap]:
        for section in sections:
            if self.free and not self.for_file and self.free.search(section.words):
                continue
            first, last = line_of(data, section.start), line_of(data, max(0, section.end - 1))
            yield Wrap(self.name, first, last, self.writes_row)


def _by_number(path: Path) -> tuple[int, list[tuple[int, int, str]]]:
    number = re.match(r"\d+", path.name)
    return int(number[0]) if number else -1, natural(path.name)


_LINE = re.I | re.M
GOOSE = _Sections(
    "goose",
    re.compile(rb"^[ \t]*--[ \t]*\+goose[ \t]+(?P<way>up|down)\b(?P<words>[^\r\n]*)", _LINE),
    re.compile(rb"^[ \t]*--[ \t]*\+goose[ \t]+no[ \t]+transaction\b", _LINE),
    for_file=True,
)
DBMATE = _Sections(
    "dbmate",
    re.compile(rb"^[ \t]*--[ \t]*migrate:(?P<way>up|down)\b(?P<words>[^\r\n]*)", _LINE),
    re.compile(rb"\btransaction:false\b", re.I),
)
SQL_MIGRATE = _Sections(
    "sql-migrate",
    re.compile(rb"^[ \t]*--[ \t]*\+migrate[ \t]+(?P<way>up|down)\b(?P<words>[^\r\n]*)", _LINE),
    re.compile(rb"\bnotransaction\b", re.I),
)
NODE_PG_MIGRATE = _Sections(
    "node-pg-migrate",
    re.compile(rb"^[ \t]*--[ \t]*(?P<way>up|down)[ \t]+migration\b(?P<words>[^\r\n]*)", _LINE),
    None,
)
