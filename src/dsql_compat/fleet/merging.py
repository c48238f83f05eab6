"""Many reports as one: which can move, what stands in the way most, and how much work it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from dsql_compat.fleet.planning import Step, plan
from dsql_compat.fleet.reading import STATUSES, VERDICTS, Entry, ReadReport
from dsql_compat.report.model import ObjectCounts
from dsql_compat.rules import DISPOSITIONS, SEVERITIES

FLEET_VERSION = 1


@dataclass(frozen=True, slots=True)
class Cell:
    """A rule in one report: its findings, those that are errors, and the worst they need."""

    rule: str
    findings: int
    errors: int
    disposition: str


@dataclass(frozen=True, slots=True)
class Member:
    """One report of the fleet.  `blockers` are rules with errors that follow from nothing else,
    `decisions` those with something that a person decides, `page` the address of its own page.
    """

    name: str
    verdict: str
    target: str
    catalogue: str
    tool: str
    errors: int
    warnings: int
    infos: int
    low_hours: float
    high_hours: float
    formula: str
    objects: int
    tables: int
    counts: ObjectCounts
    statements: int
    not_analysed: int
    sources: tuple[str, ...]
    blockers: tuple[str, ...]
    decisions: tuple[str, ...]
    cells: tuple[Cell, ...]
    page: str


@dataclass(slots=True)
class RuleRow:
    """A rule over all reports: in how many it is an error (`blocks`), in how many somebody has to
    decide something about it (`decided`), and in how many there is nothing else (`frees`).
    """

    rule: str
    severity: str = "info"
    disposition: str = "as-is"
    reports: int = 0
    blocks: int = 0
    findings: int = 0
    errors: int = 0
    decided: int = 0
    frees: int = 0

    def add(self, severity: str, disposition: str) -> None:
        """Count a finding; the worst of severity and disposition stays."""
        self.findings += 1
        self.errors += severity == "error"
        self.severity = min(self.severity, severity, key=_severity)
        self.disposition = max(self.disposition, disposition, key=_disposition)


def _severity(name: str) -> int:
    order: tuple[str, ...] = SEVERITIES
    return order.index(name)


def _disposition(name: str) -> int:
    order: tuple[str, ...] = DISPOSITIONS
    return order.index(name)


@dataclass(frozen=True, slots=True)
class GapTotal:
    """A row of the gap list over all reports; `status` is the worst where targets differ."""

    key: str
    feature: str
    status: str
    reports: int
    found: int
    statuses: tuple[str, ...]


@dataclass(slots=True)
class ChangeTotal:
    """A change of Aurora DSQL over all reports, and in how many of them its feature occurs."""

    date: str
    rule: str
    title: str
    status: str
    reports: int = 0
    found: int = 0


@dataclass(slots=True)
class Day:
    """A day on which Aurora DSQL changed: for how many reports that means anything, for how many
    of those their target lies before it, and what changed.
    """

    date: str
    reports: int = 0
    later: int = 0
    changes: dict[tuple[str, str], ChangeTotal] = field(default_factory=dict)


@dataclass(slots=True)
class Fleet:
    """All reports together; the worst members first, the rules that block most first."""

    members: list[Member] = field(default_factory=list)
    rules: list[RuleRow] = field(default_factory=list)
    gaps: list[GapTotal] = field(default_factory=list)
    days: list[Day] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    verdicts: dict[str, int] = field(default_factory=dict)
    targets: dict[str, int] = field(default_factory=dict)
    catalogues: dict[str, int] = field(default_factory=dict)
    tools: dict[str, int] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)

    @property
    def low_hours(self) -> float:
        """The lower estimate of the effort in total."""
        return round(sum(member.low_hours for member in self.members), 1)

    @property
    def high_hours(self) -> float:
        """The upper estimate of the effort in total."""
        return round(sum(member.high_hours for member in self.members), 1)

    @property
    def counts(self) -> ObjectCounts:
        """The objects of all reports by what they need."""
        rows = [member.counts for member in self.members]
        return ObjectCounts(
            sum(row.total for row in rows),
            sum(row.as_is for row in rows),
            sum(row.automatic for row in rows),
            sum(row.review for row in rows),
            sum(row.manual for row in rows),
        )

    @property
    def movable(self) -> int:
        """How many can move without anybody's decision."""
        return len(self.members) - self.verdicts.get("manual", 0)

    @property
    def sentence(self) -> str:
        """The fleet in one sentence."""
        total, count = len(self.members), self.verdicts
        ways = [
            f"{count[verdict]:,} {how}"
            for verdict, how in (
                ("ready", "as they are"),
                ("automatic", "after automatic rewriting"),
                ("review", "after review of what was rewritten"),
            )
            if count.get(verdict)
        ]
        waiting = count.get("manual", 0)
        text = f"{self.movable:,} of {total:,} schema{'s' * (total != 1)} can move"
        text += f": {', '.join(ways)}" if ways else ""
        if waiting:
            text += f"; {waiting:,} need{'s' * (waiting == 1)} a person's decision first"
        return text

    @property
    def notes(self) -> list[str]:
        """What has to be known before numbers are compared."""
        rows = []
        for counted, one, what in (
            (self.targets, "target date", "Counts over all of them add up what is not alike"),
            (self.catalogues, "catalogue", "The newer one knows of more"),
            (self.tools, "version of dsql-compat", "A newer one may find more"),
        ):
            if len(counted) > 1:
                each = ", ".join(f"{name or 'not said'} ({n:,})" for name, n in counted.items())
                rows.append(f"The reports differ in their {one}: {each}. {what}.")
        return rows


def merge(reports: Iterable[tuple[ReadReport, str]]) -> Fleet:
    """The fleet of some reports, each with the address of its own page or nothing; each may be
    forgotten once it was counted.
    """
    counting = _Counting()
    for report, page in reports:
        counting.add(report, page)
    return counting.fleet()


class _Counting:
    """What is added up, report by report."""

    def __init__(self) -> None:
        self.members: list[Member] = []
        self.rules: dict[str, RuleRow] = {}
        self.gaps: dict[str, str] = {}
        self.gap_statuses: dict[str, dict[str, None]] = {}
        self.gap_reports: Counter[str] = Counter()
        self.gap_found: Counter[str] = Counter()
        self.days: dict[str, Day] = {}

    def add(self, report: ReadReport, page: str) -> None:
        cells = _cells(report.entries)
        decisions = _decisions(report)
        for entry in report.entries:
            row = self.rules.setdefault(entry.rule, RuleRow(entry.rule))
            row.add(entry.severity, entry.disposition)
        for cell in cells:
            self.rules[cell.rule].reports += 1
            self.rules[cell.rule].blocks += cell.errors > 0
        for rule in decisions:
            self.rules[rule].decided += 1
            self.rules[rule].frees += len(decisions) == 1
        for gap in report.gaps:
            self.gaps[gap.key] = gap.feature
            self.gap_statuses.setdefault(gap.key, {})[gap.status] = None
            self.gap_found[gap.key] += gap.found
            self.gap_reports[gap.key] += gap.found > 0
        self._change(report)
        self.members.append(_member(report, cells, decisions, page))

    def _change(self, report: ReadReport) -> None:
        for date in {change.date for change in report.changes}:
            day = self.days.setdefault(date, Day(date))
            day.reports += 1
            day.later += date > report.target
        found: Counter[tuple[str, str, str, str]] = Counter()
        for change in report.changes:
            found[change.date, change.rule, change.title, change.status] += change.found
        for (date, rule, title, status), number in found.items():
            row = self.days[date].changes.setdefault(
                (rule, status), ChangeTotal(date, rule, title, status)
            )
            row.reports += 1
            row.found += number

    def fleet(self) -> Fleet:
        members = sorted(
            self.members,
            key=lambda m: (-VERDICTS.index(m.verdict), -m.high_hours, -m.errors, m.name),
        )
        verdicts = Counter(member.verdict for member in members)
        return Fleet(
            members,
            sorted(
                self.rules.values(),
                key=lambda row: (-row.blocks, -row.errors, -row.reports, row.rule),
            ),
            [
                GapTotal(
                    key,
                    feature,
                    max(self.gap_statuses[key], key=STATUSES.index),
                    self.gap_reports[key],
                    self.gap_found[key],
                    tuple(self.gap_statuses[key]),
                )
                for key, feature in self.gaps.items()
            ],
            sorted(self.days.values(), key=lambda day: day.date),
            plan(member.decisions for member in members if member.verdict == "manual"),
            {verdict: verdicts[verdict] for verdict in VERDICTS},
            _tally(member.target for member in members),
            _tally(member.catalogue for member in members),
            _tally(member.tool for member in members),
        )


def _tally(values: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(values).items()))


def _cells(entries: Iterable[Entry]) -> tuple[Cell, ...]:
    """The rules of a report, what needs most first.  Where a rule has findings that follow from
    nothing else, they alone say what it needs: the others are settled with their cause.
    """
    rows: dict[str, RuleRow] = {}
    own: dict[str, str] = {}
    for entry in entries:
        row = rows.setdefault(entry.rule, RuleRow(entry.rule))
        row.add(entry.severity, entry.disposition)
        if entry.is_cause:
            so_far = own.get(entry.rule, entry.disposition)
            own[entry.rule] = max(so_far, entry.disposition, key=_disposition)
    cells = [
        Cell(rule, row.findings, row.errors, own.get(rule, row.disposition))
        for rule, row in rows.items()
    ]
    return tuple(
        sorted(cells, key=lambda c: (-_disposition(c.disposition), -c.errors, -c.findings, c.rule))
    )


def _decisions(report: ReadReport) -> tuple[str, ...]:
    """The rules about which a person decides; what follows from a cause is decided there."""
    manual = [entry for entry in report.entries if entry.disposition == "manual"]
    causes = Counter(entry.rule for entry in manual if entry.is_cause)
    return tuple(rule for rule, _ in (causes or Counter(e.rule for e in manual)).most_common())


def _member(
    report: ReadReport, cells: tuple[Cell, ...], decisions: tuple[str, ...], page: str
) -> Member:
    blocking = Counter(e.rule for e in report.entries if e.severity == "error" and e.is_cause)
    return Member(
        report.name,
        report.verdict,
        report.target,
        report.catalogue,
        report.tool,
        report.count("error"),
        report.count("warning"),
        report.count("info"),
        report.low_hours,
        report.high_hours,
        report.formula,
        report.objects,
        report.tables,
        report.counts,
        report.statements,
        report.not_analysed,
        report.sources,
        tuple(rule for rule, _ in blocking.most_common()),
        decisions,
        cells,
        page,
    )
