"""A comparison as JSON; fields are only ever added."""

from __future__ import annotations

import json
from dataclasses import asdict

from dsql_compat.fleet.comparing import Comparison
from dsql_compat.fleet.reading import Entry, ReadReport
from dsql_compat.report.visible import in_json
from dsql_compat.rules import SEVERITIES


def render(comparison: Comparison) -> str:
    """The comparison as one JSON document, with a line end."""
    because = comparison.because
    values = {
        "diff_version": 1,
        "old": _side(comparison.old),
        "new": _side(comparison.new),
        "notes": comparison.notes,
        "fixed": [_entry(entry, because.get(entry.id)) for entry in comparison.fixed],
        "added": [_entry(entry, because.get(entry.id)) for entry in comparison.added],
        "changed": [
            {"old": _entry(one), "new": _entry(new), "because": because.get(new.id)}
            for one, new in comparison.changed
        ],
        "unchanged": [_entry(entry) for entry in comparison.unchanged],
    }
    return in_json(json.dumps(values, indent=2, ensure_ascii=False)) + "\n"


def _entry(entry: Entry, because: str | None = None) -> dict[str, object]:
    values = asdict(entry)
    return {**values, "because": because} if because else values


def _side(report: ReadReport) -> dict[str, object]:
    return {
        "name": report.name,
        "target": report.target,
        "catalogue": report.catalogue,
        "tool": report.tool,
        "verdict": report.verdict,
        "low_hours": report.low_hours,
        "high_hours": report.high_hours,
        "findings": {severity: report.count(severity) for severity in SEVERITIES},
    }
