"""Two reports: what was fixed, what is new, what stayed; by the ids of findings alone.

Where the reports are for different days, or were written with different catalogues, a finding may
come or go without any change to the schema.  What the reports hold tells which it was: the
statement that made an object stands in both, and so do the days on which Aurora DSQL changed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from dsql_compat.fleet.reading import Entry, ReadReport
from dsql_compat.rules import DISPOSITIONS, SEVERITIES, load_catalogue

Because = Literal["schema", "date", "catalogue", "unknown"]
BECAUSE: dict[Because, str] = {
    "schema": "the schema changed",
    "date": "Aurora DSQL changed between the two dates",
    "catalogue": "the catalogue of rules changed",
    "unknown": "the reports do not tell why",
}


@dataclass(frozen=True, slots=True)
class Comparison:
    """The findings of two reports, in the order of the report each is taken from.  Those that are
    `changed` weigh another severity or disposition than they did.  `because` says of the ids of
    fixed, new and changed findings why, and is empty where only the schema can have changed.
    """

    old: ReadReport
    new: ReadReport
    fixed: tuple[Entry, ...]
    added: tuple[Entry, ...]
    changed: tuple[tuple[Entry, Entry], ...]
    unchanged: tuple[Entry, ...]
    because: dict[str, Because]

    @property
    def notes(self) -> list[str]:
        """What has to be known of the comparison itself."""
        return [*self.differences, *([self._reasons()] if self.because else [])]

    @property
    def differences(self) -> list[str]:
        """In what the reports differ beside their findings."""
        old, new = self.old, self.new
        rows: list[str] = []
        if old.target != new.target:
            rows.append(
                f"the targets differ, {old.target} and {new.target}: "
                "what changed may be Aurora DSQL, not the schema"
            )
        if old.catalogue != new.catalogue or old.tool != new.tool:
            one, other = (
                f"{report.catalogue or 'a day it does not say'} (dsql-compat {report.tool})"
                for report in (old, new)
            )
            rows.append(
                f"the catalogues differ, verified {one} and {other}: "
                "the newer one may know more rules"
            )
        return rows

    def _reasons(self) -> str:
        count = Counter(self.because.values())
        parts = [f"{BECAUSE[name]}: {count[name]:,}" for name in BECAUSE if count[name]]
        return f"why findings came, went or changed, as far as the reports tell: {'; '.join(parts)}"


def compare(old: ReadReport, new: ReadReport) -> Comparison:
    """What became of the findings of one report in another."""
    before = {entry.id: entry for entry in old.entries}
    after = {entry.id for entry in new.entries}
    both = [(before[entry.id], entry) for entry in new.entries if entry.id in before]
    fixed = tuple(entry for entry in old.entries if entry.id not in after)
    added = tuple(entry for entry in new.entries if entry.id not in before)
    changed = tuple((one, other) for one, other in both if _weight(one) != _weight(other))
    return Comparison(
        old,
        new,
        fixed,
        added,
        changed,
        tuple(other for one, other in both if _weight(one) == _weight(other)),
        _because(old, new, fixed, added, [other for _, other in changed]),
    )


def _weight(entry: Entry) -> tuple[str, str]:
    return entry.severity, entry.disposition


def _because(
    old: ReadReport,
    new: ReadReport,
    fixed: Sequence[Entry],
    added: Sequence[Entry],
    changed: Sequence[Entry],
) -> dict[str, Because]:
    """Why each finding came, went or changed; nothing where only the schema can have changed."""
    is_same_day = old.target == new.target
    is_same_catalogue = (old.catalogue, old.tool) == (new.catalogue, new.tool)
    if is_same_day and is_same_catalogue:
        return {}
    moved = _moved(old, new)
    by_date = {
        name for e in (*fixed, *added, *changed) if e.rule in moved for name in (e.object, e.table)
    } - {""}
    is_same_schema = bool(old.definitions) and (
        (old.definitions, old.statements) == (new.definitions, new.statements)
    )
    reasons: dict[str, Because] = {}
    for entry in (*fixed, *added):
        is_kept = is_same_schema or _is_kept(entry, old, new)
        if entry.rule in moved:
            reason: Because = "date" if is_kept else "schema" if is_kept is False else "unknown"
        elif is_kept and entry.object in by_date:
            reason = "date"  # as another finding of that object: one goes, another takes its place
        elif is_same_schema:
            reason = "date" if is_same_catalogue else "catalogue"
        else:
            reason = "schema" if is_same_catalogue or is_kept is False else "unknown"
        reasons[entry.id] = reason
    for entry in changed:  # the same thing in the same object, judged otherwise
        reasons[entry.id] = "date" if entry.rule in moved or is_same_catalogue else "catalogue"
    return reasons


def _moved(old: ReadReport, new: ReadReport) -> set[str]:
    """The rules whose answer changed between the two targets, by both reports and our own rules."""
    first, last = sorted((old.target, new.target))
    moved = {
        change.rule
        for report in (old, new)
        for change in report.changes
        if first < change.date <= last
    }
    since, until = date.fromisoformat(first), date.fromisoformat(last)
    for rule in load_catalogue().rules.values():
        if any(since < after.since <= until for _, after in rule.changes()):
            moved.add(rule.id)
    return moved


def _is_kept(entry: Entry, old: ReadReport, new: ReadReport) -> bool | None:
    """Whether the object of a finding is in both schemas as it was; None where nothing tells."""
    for name in (entry.object, entry.table):
        one, other = old.definitions.get(name), new.definitions.get(name)
        if one is None and other is None:
            continue
        if one is None or other is None:
            return False
        if one or other:
            return True if one == other else None
    return None


def worst_first(entries: Iterable[Entry]) -> list[Entry]:
    """Errors before warnings, much work before little, else in order."""
    severities: tuple[str, ...] = SEVERITIES
    dispositions: tuple[str, ...] = DISPOSITIONS
    return sorted(
        entries,
        key=lambda e: (severities.index(e.severity), -dispositions.index(e.disposition)),
    )


def by_rule(entries: Iterable[Entry]) -> list[tuple[str, list[Entry]]]:
    """Findings by rule, the worst rules first."""
    rows: dict[str, list[Entry]] = {}
    for entry in worst_first(entries):
        rows.setdefault(entry.rule, []).append(entry)
    return list(rows.items())


def counted(entries: Iterable[Entry]) -> str:
    """Findings in words: `3 (2 error, 1 info)`."""
    found = Counter(entry.severity for entry in entries)
    parts = [f"{found[severity]:,} {severity}" for severity in SEVERITIES if found[severity]]
    return f"{sum(found.values()):,} ({', '.join(parts)})" if parts else "0"


def turned(one: Entry, other: Entry) -> str:
    """What became of the weight of a finding."""
    pairs = ((one.severity, other.severity), (one.disposition, other.disposition))
    return ", ".join(f"{old} → {new}" for old, new in pairs if old != new)


def headline(comparison: Comparison) -> str:
    """The verdict and the effort, before and after."""
    old, new = comparison.old, comparison.new
    change = old.verdict if old.verdict == new.verdict else f"{old.verdict} → {new.verdict}"
    hours = f"{old.low_hours:,g}–{old.high_hours:,g} → {new.low_hours:,g}–{new.high_hours:,g} hours"
    return f"verdict {change}, effort {hours}"


def place(entry: Entry) -> str:
    """Where a finding stands."""
    return f"{entry.source}:{entry.line}"
