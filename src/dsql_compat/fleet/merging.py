"""Many reports as one: which are ready, what stands in the way most, and how much work it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from dsql_compat.fleet.reading import VERDICTS, ReadReport
from dsql_compat.rules import DISPOSITIONS, SEVERITIES

FLEET_VERSION = 1


@dataclass(frozen=True, slots=True)
class Member:
    """One report of the fleet.  `blockers` are rules with errors that follow from nothing else."""

    name: str
    verdict: str
    target: str
    errors: int
    warnings: int
    infos: int
    low_hours: float
    high_hours: float
    objects: int
    statements: int
    not_analysed: int
    sources: int
    blockers: tuple[str, ...]


@dataclass(slots=True)
class RuleRow:
    """A rule over all reports.  `blocks` are the reports in which it is an error."""

    rule: str
    severity: str = "info"
    disposition: str = "as-is"
    reports: int = 0
    blocks: int = 0
    findings: int = 0
    errors: int = 0

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
    """A row of the gap list over all reports."""

    key: str
    feature: str
    status: str
    reports: int
    found: int


@dataclass(slots=True)
class Fleet:
    """All reports together; the worst members first, the rules that block most first."""

    members: list[Member] = field(default_factory=list)
    rules: list[RuleRow] = field(default_factory=list)
    gaps: list[GapTotal] = field(default_factory=list)
    verdicts: dict[str, int] = field(default_factory=dict)
    targets: dict[str, int] = field(default_factory=dict)
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
    def sentence(self) -> str:
        """The fleet in one sentence."""
        total = len(self.members)
        ready = self.verdicts.get("ready", 0) + self.verdicts.get("automatic", 0)
        what = "report" if total == 1 else "reports"
        return (
            f"{ready:,} of {total:,} {what} ready, as they are or after automatic rewriting; "
            f"{self.low_hours:,g}–{self.high_hours:,g} hours in total"
        )


def merge(reports: Iterable[ReadReport], unread: Iterable[str] = ()) -> Fleet:
    """The fleet of some reports, each of which may be forgotten once it was counted."""
    fleet = Fleet(unread=list(unread), verdicts=dict.fromkeys(VERDICTS, 0))
    rules: dict[str, RuleRow] = {}
    gaps: dict[str, tuple[str, str]] = {}
    gap_reports: Counter[str] = Counter()
    gap_found: Counter[str] = Counter()
    targets: Counter[str] = Counter()
    for report in reports:
        fleet.members.append(_member(report))
        fleet.verdicts[report.verdict] += 1
        targets[report.target] += 1
        for entry in report.entries:
            rules.setdefault(entry.rule, RuleRow(entry.rule)).add(entry.severity, entry.disposition)
        for rule in {entry.rule for entry in report.entries}:
            rules[rule].reports += 1
        for rule in {entry.rule for entry in report.entries if entry.severity == "error"}:
            rules[rule].blocks += 1
        for gap in report.gaps:
            gaps[gap.key] = gap.feature, gap.status
            gap_found[gap.key] += gap.found
            gap_reports[gap.key] += gap.found > 0
    fleet.targets = dict(sorted(targets.items()))
    fleet.gaps = [
        GapTotal(key, feature, status, gap_reports[key], gap_found[key])
        for key, (feature, status) in gaps.items()
    ]
    fleet.rules = sorted(
        rules.values(), key=lambda row: (-row.blocks, -row.errors, -row.reports, row.rule)
    )
    fleet.members.sort(key=lambda m: (-VERDICTS.index(m.verdict), -m.high_hours, -m.errors, m.name))
    return fleet


def _member(report: ReadReport) -> Member:
    blocking = Counter(e.rule for e in report.entries if e.severity == "error" and e.is_cause)
    return Member(
        report.name,
        report.verdict,
        report.target,
        report.count("error"),
        report.count("warning"),
        report.count("info"),
        report.low_hours,
        report.high_hours,
        report.objects,
        report.statements,
        report.not_analysed,
        len(report.sources),
        tuple(rule for rule, _ in blocking.most_common()),
    )
