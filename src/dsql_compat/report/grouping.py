"""Findings in the order a reader needs them: the worst rules first, and what hangs on each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from dsql_compat.report.model import FindingInfo, Report
from dsql_compat.rules import DISPOSITIONS, SEVERITIES, Disposition, Severity


@dataclass(frozen=True, slots=True)
class Group:
    """The findings of one rule: those of the workload by calls, then the others as the source has
    them.

    `consequences` counts findings of other rules that follow from these.
    """

    rule: str
    severity: Severity
    disposition: Disposition
    findings: tuple[FindingInfo, ...]
    consequences: int


def group_findings(report: Report) -> list[Group]:
    """All findings by rule: errors before warnings, more work before less."""
    by_rule: dict[str, list[FindingInfo]] = {}
    for finding in report.findings:
        by_rule.setdefault(finding.rule, []).append(finding)
    following = Counter(finding.cause for finding in report.findings if finding.cause)
    groups = [_group(rule, findings, following) for rule, findings in by_rule.items()]
    return sorted(groups, key=_rank)


def _group(rule: str, findings: list[FindingInfo], following: Counter[str]) -> Group:
    findings = sorted(findings, key=_calls, reverse=True)
    own = {finding.id for finding in findings}
    inside = sum(1 for finding in findings if finding.cause in own)
    return Group(
        rule,
        min((finding.severity for finding in findings), key=SEVERITIES.index),
        _worst(finding.disposition for finding in findings),
        tuple(findings),
        sum(following[finding.id] for finding in findings) - inside,
    )


def _worst(dispositions: Iterable[Disposition]) -> Disposition:
    return max(dispositions, key=DISPOSITIONS.index)


def _calls(finding: FindingInfo) -> int:
    return finding.workload.calls if finding.workload else 0


def _rank(group: Group) -> tuple[int, int, int, int, str]:
    weight = len(group.findings) + group.consequences
    # What follows from elsewhere is decided there, and lifts no group above its own work.
    own = [finding.disposition for finding in group.findings if not finding.cause]
    return (
        SEVERITIES.index(group.severity),
        -DISPOSITIONS.index(_worst(own) if own else group.disposition),
        -sum(map(_calls, group.findings)),
        -weight,
        group.rule,
    )
