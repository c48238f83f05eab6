"""What the gate makes of a report: the one thing that the formats for CI are made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dsql_compat.report.model import FindingInfo, KnownFinding, Report
from dsql_compat.rules import SEVERITIES, Rule


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """A report, judged.  `new` are the findings to show, in the order of the source: not
    suppressed, not in the baseline, not below what anybody asked for.  `unlisted` counts those
    below."""

    report: Report
    rules: Mapping[str, Rule]
    fail_on: str
    new: tuple[FindingInfo, ...]
    known: int
    suppressed: tuple[FindingInfo, ...]
    fixed: tuple[KnownFinding, ...]
    unlisted: int

    @property
    def failed(self) -> bool:
        """Whether there are findings at or above the severity to fail on."""
        return any(self.is_blocker(finding) for finding in self.new)

    def is_blocker(self, finding: FindingInfo) -> bool:
        """Whether this finding makes the gate fail."""
        return reaches(finding.severity, self.fail_on)

    @property
    def worst_first(self) -> list[FindingInfo]:
        """The new findings, errors before warnings, causes before what follows from them."""
        return sorted(self.new, key=lambda f: (SEVERITIES.index(f.severity), f.cause is not None))


def reaches(severity: str, limit: str) -> bool:
    """Whether a severity is at or above a limit; nothing reaches `never`."""
    order: tuple[str, ...] = SEVERITIES
    return limit in order and order.index(severity) <= order.index(limit)


def count_words(findings: tuple[FindingInfo, ...]) -> str:
    """Findings in words: `3 errors, 1 warning`."""
    parts = []
    for severity in SEVERITIES:
        number = sum(1 for finding in findings if finding.severity == severity)
        if number:
            plural = "s" if number != 1 and severity != "info" else ""
            parts.append(f"{number:,} {severity}{plural}")
    return ", ".join(parts)


def summary(outcome: Outcome) -> str:
    """One line: what is new, what is known, what is suppressed, and what was looked at."""
    report = outcome.report
    files = len(report.sources)
    statements = sum(source.statements for source in report.sources)
    parts = []
    if outcome.known:
        parts.append(f"{outcome.known:,} in the baseline")
    if outcome.suppressed:
        parts.append(f"{len(outcome.suppressed):,} suppressed")
    if outcome.unlisted:
        parts.append(f"{outcome.unlisted:,} info not listed")
    if report.not_analysed:
        number = len(report.not_analysed)
        parts.append(f"{number:,} place{'s' if number != 1 else ''} not looked into")
    found = count_words(outcome.new) or "no findings"
    aside = f" ({', '.join(parts)})" if parts else ""
    return (
        f"{found}{aside} in {counted(statements, 'statement')} of {counted(files, 'file')}, "
        f"Aurora DSQL as of {report.target.date}"
    )


def counted(number: int, word: str) -> str:
    """A number with its noun: `1 file`, `2 files`."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"
