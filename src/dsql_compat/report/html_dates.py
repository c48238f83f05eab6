"""The same source at several dates: what Aurora DSQL refuses at each, beside the report's own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from dsql_compat.report.model import Report
from dsql_compat.report.views import rule_title

GAP_LIST = date(2026, 3, 31)  # the day of the gap list, against which people know DSQL
MOST_DAYS = 8
_MOST_CHANGES = 6


@dataclass(frozen=True, slots=True)
class Change:
    """How many more causes of a rule are refused than at the report's date; fewer if negative."""

    title: str
    more: int


@dataclass(frozen=True, slots=True)
class Stand:
    """A report for one date: its causes of severity error, and how they differ."""

    report: Report
    refused: int
    is_own: bool
    changes: list[Change]
    left: int  # changes that are not listed


def other_days(report: Report) -> list[date]:
    """The days worth judging the same source for: that of the gap list, and each change since."""
    own = report.target.date
    days = {GAP_LIST, *(row.date for row in report.timeline)} - {own}
    since = sorted(day for day in days if day >= min(GAP_LIST, own))
    return since if len(since) <= MOST_DAYS else [since[0], *since[1 - MOST_DAYS :]]


def stands(report: Report, others: Sequence[Report]) -> list[Stand]:
    """The report and the same for other dates, the oldest first; none where there are no others."""
    if not others:
        return []
    own = _refused(report)
    known = {other.target.date: other for other in (*others, report)}
    return [_stand(known[day], own, is_own=known[day] is report) for day in sorted(known)]


def _stand(report: Report, own: Counter[str], *, is_own: bool) -> Stand:
    there = _refused(report)
    more = {rule: there[rule] - own[rule] for rule in there.keys() | own.keys()}
    changes = [
        Change(rule_title(rule), number)
        for rule, number in sorted(more.items(), key=lambda pair: (-abs(pair[1]), pair[0]))
        if number
    ]
    left = max(0, len(changes) - _MOST_CHANGES)
    return Stand(report, there.total(), is_own, changes[:_MOST_CHANGES], left)


def _refused(report: Report) -> Counter[str]:
    """The causes of severity error by rule, as the verdict counts them."""
    return Counter(f.rule for f in report.findings if f.severity == "error" and f.cause is None)
