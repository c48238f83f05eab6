"""The fleet as JSON, the form that other programs rely on; fields are only ever added."""

from __future__ import annotations

import json
from dataclasses import asdict

from dsql_compat.fleet.merging import FLEET_VERSION, Fleet, Member
from dsql_compat.report.views import rule_title
from dsql_compat.report.visible import in_json


def render(fleet: Fleet) -> str:
    """The fleet as one JSON document, with a line end."""
    values = {
        "fleet_version": FLEET_VERSION,
        "sentence": fleet.sentence,
        "reports": len(fleet.members),
        "targets": fleet.targets,
        "catalogues": fleet.catalogues,
        "tools": fleet.tools,
        "notes": fleet.notes,
        "verdicts": fleet.verdicts,
        "objects": _plain(fleet.counts),
        "effort": {"low_hours": fleet.low_hours, "high_hours": fleet.high_hours},
        "plan": [asdict(step) for step in fleet.steps],
        "rules": [{**asdict(row), "title": rule_title(row.rule)} for row in fleet.rules],
        "gap_list": [asdict(gap) for gap in fleet.gaps],
        "timeline": [
            {
                "date": day.date,
                "reports": day.reports,
                "later": day.later,
                "changes": [asdict(change) for change in day.changes.values()],
            }
            for day in fleet.days
        ],
        "members": [_member(member) for member in fleet.members],
        "unread": fleet.unread,
    }
    return in_json(json.dumps(values, indent=2, ensure_ascii=False)) + "\n"


def _member(member: Member) -> dict[str, object]:
    values = asdict(member)
    values["sources"] = len(member.sources)
    values["counts"] = _plain(member.counts)
    values["rules"] = values.pop("cells")
    return values


def _plain(counts: object) -> dict[str, int]:
    return dict(vars(counts))
