"""Two reports: what was fixed, what is new, what stayed; by the ids of findings alone."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass

from dsql_compat.fleet.reading import Entry, ReadReport
from dsql_compat.rules import SEVERITIES

_SHOWN = 50  # findings of a kind that text and Markdown list


@dataclass(frozen=True, slots=True)
class Comparison:
    """The findings of two reports, in the order of the report each is taken from.  Those that are
    `changed` weigh another severity or disposition than they did.
    """

    old: ReadReport
    new: ReadReport
    fixed: tuple[Entry, ...]
    added: tuple[Entry, ...]
    changed: tuple[tuple[Entry, Entry], ...]
    unchanged: tuple[Entry, ...]

    @property
    def notes(self) -> list[str]:
        """What has to be known of the comparison itself."""
        if self.old.target == self.new.target:
            return []
        return [
            f"the targets differ, {self.old.target} and {self.new.target}: "
            "what changed may be Aurora DSQL, not the schema"
        ]


def compare(old: ReadReport, new: ReadReport) -> Comparison:
    """What became of the findings of one report in another."""
    before = {entry.id: entry for entry in old.entries}
    after = {entry.id for entry in new.entries}
    both = [(before[entry.id], entry) for entry in new.entries if entry.id in before]
    return Comparison(
        old,
        new,
        tuple(entry for entry in old.entries if entry.id not in after),
        tuple(entry for entry in new.entries if entry.id not in before),
        tuple((one, other) for one, other in both if _weight(one) != _weight(other)),
        tuple(other for one, other in both if _weight(one) == _weight(other)),
    )


def _weight(entry: Entry) -> tuple[str, str]:
    return entry.severity, entry.disposition


def render_json(comparison: Comparison) -> str:
    """The comparison as JSON."""
    values = {
        "diff_version": 1,
        "old": _side(comparison.old),
        "new": _side(comparison.new),
        "notes": comparison.notes,
        "fixed": [asdict(entry) for entry in comparison.fixed],
        "added": [asdict(entry) for entry in comparison.added],
        "changed": [{"old": asdict(one), "new": asdict(new)} for one, new in comparison.changed],
        "unchanged": [asdict(entry) for entry in comparison.unchanged],
    }
    return json.dumps(values, indent=2, ensure_ascii=False) + "\n"


def _side(report: ReadReport) -> dict[str, object]:
    return {
        "name": report.name,
        "target": report.target,
        "verdict": report.verdict,
        "low_hours": report.low_hours,
        "high_hours": report.high_hours,
        "findings": {severity: report.count(severity) for severity in SEVERITIES},
    }


def _counts(entries: tuple[Entry, ...]) -> str:
    found = Counter(entry.severity for entry in entries)
    parts = [f"{found[severity]:,} {severity}" for severity in SEVERITIES if found[severity]]
    return f"{len(entries):,} ({', '.join(parts)})" if parts else "0"


def _headline(comparison: Comparison) -> str:
    old, new = comparison.old, comparison.new
    change = old.verdict if old.verdict == new.verdict else f"{old.verdict} → {new.verdict}"
    hours = f"{old.low_hours:g}–{old.high_hours:g} → {new.low_hours:g}–{new.high_hours:g} hours"
    return f"verdict {change}, effort {hours}"


def _worst_first(entries: tuple[Entry, ...]) -> list[Entry]:
    order: tuple[str, ...] = SEVERITIES
    return sorted(entries, key=lambda entry: order.index(entry.severity))


def render_text(comparison: Comparison) -> str:
    """The comparison for a terminal."""
    lines = [_headline(comparison), *comparison.notes]
    for title, sign, entries in (
        ("fixed", "-", comparison.fixed),
        ("new", "+", comparison.added),
    ):
        lines += ["", f"{title}: {_counts(entries)}"]
        for entry in _worst_first(entries)[:_SHOWN]:
            place = f"{entry.source}:{entry.line}"
            lines.append(f"  {sign} {entry.severity:<7} {entry.rule}  {entry.object}  {place}")
            if sign == "+":
                lines.append(f"      {entry.message}")
        if len(entries) > _SHOWN:
            lines.append(f"  … {len(entries) - _SHOWN:,} more; --format json has all")
    if comparison.changed:
        lines += ["", f"changed: {len(comparison.changed):,}"]
    for one, other in comparison.changed[:_SHOWN]:
        lines.append(f"  ~ {_turned(one, other)}  {other.rule}  {other.object}")
    lines += ["", f"unchanged: {_counts(comparison.unchanged)}"]
    return "\n".join(lines) + "\n"


def render_markdown(comparison: Comparison) -> str:
    """The comparison for a pull request."""
    lines = [f"**Aurora DSQL**: {_headline(comparison)}", ""]
    lines += [f"> {note}\n" for note in comparison.notes]
    lines += ["| | findings |", "|---|---|"]
    lines.append(f"| fixed | {_counts(comparison.fixed)} |")
    lines.append(f"| new | {_counts(comparison.added)} |")
    lines.append(f"| changed | {len(comparison.changed):,} |")
    lines.append(f"| unchanged | {_counts(comparison.unchanged)} |")
    for title, entries in (("New", comparison.added), ("Fixed", comparison.fixed)):
        if not entries:
            continue
        lines += [
            "",
            f"### {title}",
            "",
            "| severity | rule | object | place |",
            "|---|---|---|---|",
        ]
        for entry in _worst_first(entries)[:_SHOWN]:
            place = f"{entry.source}:{entry.line}"
            cells = (entry.severity, f"`{entry.rule}`", _cell(entry.object), _cell(place))
            lines.append(f"| {' | '.join(cells)} |")
        if len(entries) > _SHOWN:
            lines.append(f"\n… {len(entries) - _SHOWN:,} more")
    return "\n".join(lines) + "\n"


def _turned(one: Entry, other: Entry) -> str:
    """What became of the weight of a finding."""
    pairs = ((one.severity, other.severity), (one.disposition, other.disposition))
    return ", ".join(f"{old} → {new}" for old, new in pairs if old != new)


def _cell(text: str) -> str:
    """A text that cannot leave its cell, nor become markup."""
    text = " ".join(text.split()).replace("`", "'").replace("|", "¦")
    return f"`{text}`" if text else ""
