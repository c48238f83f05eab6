"""What pages show of a report, in the order they show it; the same for HTML and markdown."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TypeVar

from dsql_compat.report.grouping import Group
from dsql_compat.report.model import FindingInfo, LimitRow, ObjectCounts, ObjectInfo, Report
from dsql_compat.rules import DISPOSITIONS, Disposition, load_catalogue

VERDICTS = {
    "ready": "Ready",
    "automatic": "Ready after automatic rewriting",
    "review": "Ready after review",
    "manual": "Not ready",
}
MEANINGS = {
    "as-is": "nothing to change",
    "automatic": "the rewrite means the same",
    "review": "rewritten, but behaviour changes: read it",
    "manual": "a person decides",
}
STATUSES = {
    "supported": "supported",
    "partial": "partly",
    "different": "different",
    "unsupported": "unsupported",
}
STATES = {"ok": "within", "near": "near", "exceeded": "exceeded", "unknown": "not known"}

_T = TypeVar("_T")
_SIZES = ((1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"))


def rule_title(rule: str) -> str:
    """The title the catalogue gives a rule; its id in words for a rule it does not know."""
    known = load_catalogue().rules.get(rule)
    return known.title if known else rule.replace("-", " ").capitalize()


def object_name(finding: FindingInfo) -> str:
    """The object of a finding with its schema and table."""
    parts = (finding.object.schema, finding.object.table, finding.object.name)
    return ".".join(part for part in parts if part)


def place(finding: FindingInfo) -> str:
    """Where a finding stands, as `source:line:column`."""
    at = finding.location
    return f"{at.source}:{at.line}:{at.column}"


def amount(value: int, unit: str) -> str:
    """A number with its unit; bytes in the largest unit that keeps the number readable."""
    if unit != "bytes":
        return f"{value:,} {unit}".rstrip()
    for size, name in _SIZES:
        if value >= size:
            return f"{value / size:.1f}".removesuffix(".0") + f" {name}"
    return f"{value:,} byte" + "s" * (value != 1)


def counted(value: int, unit: str) -> str:
    """Like `amount`, with one of something in the singular."""
    return amount(value, unit.removesuffix("s") if value == 1 and unit != "bytes" else unit)


def all_objects(report: Report) -> ObjectCounts:
    """The objects of all kinds together."""
    rows = report.readiness.objects.values()
    return ObjectCounts(
        sum(row.total for row in rows),
        sum(row.as_is for row in rows),
        sum(row.automatic for row in rows),
        sum(row.review for row in rows),
        sum(row.manual for row in rows),
    )


def ranked_limits(rows: Iterable[LimitRow]) -> tuple[list[LimitRow], list[LimitRow]]:
    """The limits of which something was seen, the fullest first, and the others.

    One of one is as it has to be, and comes last of the first.
    """
    known = [row for row in rows if row.observed is not None]
    unknown = [row for row in rows if row.observed is None]

    def rank(row: LimitRow) -> tuple[int, float]:
        used = (row.observed or 0) / row.value if row.value else 0.0
        state = {"exceeded": 0, "near": 1}.get(row.state, 2)
        return state, -used if row.value != 1 or row.state != "ok" else 1

    return sorted(known, key=rank), unknown


@dataclass(frozen=True, slots=True)
class Cause:
    """A finding that follows from no other, and how many do from it, over any number of steps."""

    finding: FindingInfo
    consequences: int


@dataclass(frozen=True, slots=True)
class Blocker:
    """The causes of severity error under one rule."""

    rule: str
    causes: list[Cause]
    objects: int  # that these findings and what follows from them are about

    @property
    def consequences(self) -> int:
        """Findings that follow from any of the causes."""
        return sum(cause.consequences for cause in self.causes)

    @property
    def worst(self) -> Disposition:
        """The most work that any of the causes needs."""
        return max((c.finding.disposition for c in self.causes), key=DISPOSITIONS.index)

    @property
    def rank(self) -> tuple[int, int]:
        """Sort key: more work for a person before less, much before little."""
        return -DISPOSITIONS.index(self.worst), -len(self.causes) - self.consequences


def blockers(report: Report, groups: Iterable[Group]) -> list[Blocker]:
    """What Aurora DSQL refuses and what hangs on it, what needs a person first."""
    above = _leading(report.findings)
    following = Counter(name for names in above.values() for name in names)
    touched = _touched(report.findings, above)
    rows = []
    for group in groups:
        causes = [
            Cause(finding, following[finding.id])
            for finding in group.findings
            if finding.severity == "error" and finding.cause is None
        ]
        if causes:
            objects = set().union(*(touched[cause.finding.id] for cause in causes))
            rows.append(Blocker(group.rule, causes, len(objects)))
    return sorted(rows, key=lambda row: row.rank)


def _leading(findings: Iterable[FindingInfo]) -> dict[str, list[str]]:
    """The findings that each follows from, over any number of steps, by id."""
    causes = {finding.id: finding.cause for finding in findings}
    leading: dict[str, list[str]] = {}
    for name in causes:
        seen, at = {name}, name
        while (above := causes.get(at)) is not None and above not in seen:
            seen.add(above)
            at = above
        leading[name] = [other for other in seen if other != name]
    return leading


def _touched(
    findings: Iterable[FindingInfo], above: dict[str, list[str]]
) -> dict[str, set[tuple[str | None, ...]]]:
    """The objects that a finding and all that follows from it are about, by its id."""
    touched: dict[str, set[tuple[str | None, ...]]] = {}
    for finding in findings:
        owner = owner_of(finding.object)
        for name in (finding.id, *above[finding.id]):
            touched.setdefault(name, set()).add(owner)
    return touched


def owner_of(about: ObjectInfo) -> tuple[str | None, ...]:
    """What tells an object from others; a column is its table."""
    if about.kind == "column":
        return "table", about.schema, about.table or about.name, None
    return about.kind, about.schema, about.name, about.table


@dataclass(frozen=True)
class Variant:
    """Findings of one rule to which the same explanation applies; no advice where it differs."""

    why: str
    advice: str | None
    findings: list[FindingInfo]

    @cached_property
    def error(self) -> str | None:
        """DSQL's answer, where it is the same for all."""
        return _same([finding.error for finding in self.findings])

    @cached_property
    def notes(self) -> list[str]:
        """The notes that all the rewrites share, if there are several."""
        all_notes = [finding.rewrite.notes for finding in self.findings if finding.rewrite]
        if len(all_notes) < 2:
            return []
        shared = set(all_notes[0]).intersection(*all_notes[1:])
        return [note for note in all_notes[0] if note in shared]

    @cached_property
    def supported_since(self) -> date | None:
        """The day from which on all of it is supported, where that is the same for all."""
        return _same([finding.supported_since for finding in self.findings])


def _same(values: Sequence[_T]) -> _T | None:
    return values[0] if len(values) > 1 and len(set(values)) == 1 else None


def variants(group: Group) -> list[Variant]:
    """A group split by explanation and advice, so that each is given once."""
    parts: dict[tuple[str, str], Variant] = {}
    for finding in group.findings:
        key = finding.why, finding.advice
        parts.setdefault(key, Variant(*key, [])).findings.append(finding)
    return list(parts.values())


def reasons(group: Group) -> list[Variant]:
    """A group split by explanation alone: advice that names the object is left to the finding."""
    parts: dict[str, list[FindingInfo]] = {}
    for finding in group.findings:
        parts.setdefault(finding.why, []).append(finding)
    return [
        Variant(why, found[0].advice if len({f.advice for f in found}) == 1 else None, found)
        for why, found in parts.items()
    ]


def clip_middle(text: str, most: int) -> str:
    """The text no longer than that, its end kept: names often differ there only."""
    if len(text) <= most:
        return text
    end = (most - 1) // 2
    return f"{text[: most - 1 - end]}…{text[-end:]}"


@dataclass(frozen=True, slots=True)
class Term:
    """One part of the effort's sum: `count` findings of so many minutes each."""

    count: int
    disposition: str
    low: int
    high: int


def effort_terms(formula: str) -> list[Term]:
    """The parts of an effort's formula; none where it is written otherwise."""
    found = re.findall(r"(\d+) ([a-z-]+) × (\d+)–(\d+) min", formula)
    return [Term(int(count), name, int(low), int(high)) for count, name, low, high in found]


@dataclass(frozen=True, slots=True)
class Step:
    """Where to start: what to do, and what to look at for it (text and anchor)."""

    text: str
    links: list[tuple[str, str]]


def steps(report: Report, blocking: list[Blocker]) -> list[Step]:
    """What to do first, in order: what a program can, what most hangs on, what people decide."""
    causes = [finding for finding in report.findings if finding.cause is None]
    count = Counter(f.disposition for f in causes if f.rewrite or f.disposition == "automatic")
    rows = []
    if count["automatic"] or count["review"]:
        rows.append(
            Step(
                "Let the tool write the new schema with dsql-compat rewrite: "
                f"{_many(count['automatic'], 'finding')} with an exact rewrite, "
                f"{count['review']:,} with one to read.",
                [],
            )
        )
    heavy = sorted(
        (cause for row in blocking for cause in row.causes if cause.consequences),
        key=lambda cause: -cause.consequences,
    )[:3]
    if heavy:
        links = [
            (f"{object_name(c.finding)} ({c.consequences:,})", f"finding-{c.finding.id}")
            for c in heavy
        ]
        rows.append(Step("Mend what most hangs on first; the number says how much:", links))
    manual = Counter(f.rule for f in causes if f.disposition == "manual")
    if manual:
        links = [(f"{rule_title(r)} ({n:,})", f"rule-{r}") for r, n in manual.most_common(5)]
        total = sum(manual.values())
        rows.append(Step(f"Decide {_many(total, 'finding')} that no program can:", links))
    if report.not_analysed:
        unread = _many(len(report.not_analysed), "place")
        rows.append(
            Step(f"Look yourself at {unread} that could not be read:", [("list", "not-analysed")])
        )
    return rows or [Step("Load the schema: nothing has to be changed for it.", [])]


def _many(number: int, one: str) -> str:
    return f"{number:,} {one}{'s' if number != 1 else ''}"
