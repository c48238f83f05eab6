"""The objects of a report as places on a page: each with its anchor, its parts and its DDL."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import quote

from dsql_compat.report.html_marks import Mark, marks_in
from dsql_compat.report.model import FindingInfo, Report, SchemaObject
from dsql_compat.report.views import owner_of
from dsql_compat.rules import DISPOSITIONS, Disposition

Key = tuple[str | None, ...]  # kind, schema, name, table
_TABLES_FIRST = ("table", "view", "materialized view", "function", "procedure")


@dataclass(slots=True)
class Part:
    """One object on the page, with the places in its DDL that findings point at."""

    anchor: str
    object: SchemaObject
    findings: list[FindingInfo]
    marks: list[Mark] = field(default_factory=list)


@dataclass(slots=True)
class Entry(Part):
    """An object with a place of its own: a table has its indexes, constraints, triggers in it."""

    parts: list[Part] = field(default_factory=list)

    @property
    def all(self) -> Iterator[Part]:
        """The object and its parts."""
        yield self
        yield from self.parts

    def unmarked(self, part: Part) -> list[FindingInfo]:
        """The findings of a part that no mark in the DDL of any part leads to."""
        marked = {f.id for one in self.all for mark in one.marks for f in mark.findings}
        return [finding for finding in part.findings if finding.id not in marked]

    @property
    def told(self) -> list[Part]:
        """The parts of which there is something to show."""
        return [part for part in self.parts if part.findings or part.object.ddl]

    @property
    def plain(self) -> list[Part]:
        """The parts that are no more than a name."""
        return [part for part in self.parts if not (part.findings or part.object.ddl)]

    @property
    def worst(self) -> Disposition:
        """The worst disposition of the object and of its parts."""
        found = (part.object.disposition for part in self.all)
        return max(found, key=DISPOSITIONS.index)

    @property
    def count(self) -> int:
        """The findings of the object and its parts."""
        return len({finding.id for part in self.all for finding in part.findings})


@dataclass(frozen=True, slots=True)
class Places:
    """All entries; where each object is found; and the part whose DDL holds a finding."""

    entries: list[Entry]
    owners: dict[Key, Entry]
    homes: dict[str, Part]

    def entry_of(self, finding: FindingInfo) -> Entry | None:
        """The entry of the object that a finding is about."""
        return self.owners.get(owner_of(finding.object))

    def link_of(self, finding: FindingInfo) -> str | None:
        """The anchor of a finding's object: where it is marked, if that is in there."""
        entry, home = self.entry_of(finding), self.homes.get(finding.id)
        if entry is None:
            return None
        inside = home is not None and any(part is home for part in entry.all)
        return home.anchor if home is not None and inside else entry.anchor


def places(report: Report) -> Places:
    """The objects of a report in the order of a page: tables first, then kind by kind."""
    by_id = {finding.id: finding for finding in report.findings}
    taken: Counter[str] = Counter()
    tables = {
        (o.database, o.schema, o.name): o
        for o in report.objects
        if o.table is None and o.kind not in _TABLELESS
    }
    entries: dict[int, Entry] = {}
    owners: dict[Key, Entry] = {}
    inside: list[tuple[SchemaObject, SchemaObject]] = []
    for item in report.objects:
        table = tables.get((item.database, item.schema, item.table)) if item.table else None
        if table is not None:
            inside.append((item, table))
            continue
        found = [by_id[name] for name in item.findings if name in by_id]
        entry = Entry(_anchor(item, taken), item, found)
        entries[id(item)] = entry
        owners.setdefault((item.kind, item.schema, item.name, item.table), entry)
        if item.table is None and item.kind not in _TABLELESS:
            owners.setdefault(("table", item.schema, item.name, None), entry)
    for item, table in inside:
        found = [by_id[name] for name in item.findings if name in by_id]
        entry = entries[id(table)]
        entry.parts.append(Part(_anchor(item, taken), item, found))
        owners.setdefault((item.kind, item.schema, item.name, item.table), entry)
    ordered = sorted(entries.values(), key=_order)
    return Places(ordered, owners, _mark(ordered, report.findings))


_TABLELESS = frozenset(
    {
        "aggregate",
        "domain",
        "extension",
        "function",
        "index",
        "procedure",
        "schema",
        "sequence",
        "type",
    }
)


def _order(entry: Entry) -> tuple[int, str, str, str]:
    item = entry.object
    known = item.kind in _TABLES_FIRST
    rank = _TABLES_FIRST.index(item.kind) if known else len(_TABLES_FIRST)
    return rank, "" if known else item.kind, item.schema or "", item.name


def _anchor(item: SchemaObject, taken: Counter[str]) -> str:
    name = ".".join(part for part in (item.schema, item.table, item.name) if part)
    kind = quote(item.kind.replace(" ", "-"), safe="")
    text = f"{kind}-{quote(name, safe='', errors='replace')}"
    taken[text] += 1
    return text if taken[text] == 1 else f"{text}~{taken[text]}"


def _mark(entries: Iterable[Entry], findings: Iterable[FindingInfo]) -> dict[str, Part]:
    """Tell every part which findings stand in its DDL, and every finding in whose it stands."""
    spread: dict[str, list[tuple[tuple[int, int], tuple[int, int], Part]]] = {}
    for entry in entries:
        for part in entry.all:
            at = part.object.location
            if at is not None:
                area = (at.line, at.column), (at.end_line, at.end_column), part
                spread.setdefault(at.source, []).append(area)
    for areas in spread.values():
        areas.sort(key=lambda area: area[:2])
    inside: dict[int, list[FindingInfo]] = {}
    homes: dict[str, Part] = {}
    for finding in findings:
        where = finding.location
        areas = spread.get(where.source, [])
        last = bisect_right(areas, (where.line, where.column), key=lambda area: area[0]) - 1
        if last >= 0 and (where.line, where.column) < areas[last][1]:
            part = areas[last][2]
            homes[finding.id] = part
            inside.setdefault(id(part), []).append(finding)
    for entry in entries:
        for part in entry.all:
            at_ddl, ddl = part.object.location, part.object.ddl
            if at_ddl is not None and ddl is not None and id(part) in inside:
                part.marks = marks_in(ddl, at_ddl, inside[id(part)])
    return homes
