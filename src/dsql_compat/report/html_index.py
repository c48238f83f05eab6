"""What the page's script searches, filters and lists: a line for each finding and object."""

from __future__ import annotations

from collections.abc import Iterable

from dsql_compat.report.grouping import Group
from dsql_compat.report.html_objects import Entry, Part, Places
from dsql_compat.report.model import FindingInfo, Report
from dsql_compat.report.page import script_data
from dsql_compat.report.views import Variant, object_name, reasons, rule_title
from dsql_compat.report.visible import one_line
from dsql_compat.rules import DISPOSITIONS, SEVERITIES

Ways = dict[str, list[tuple[int, Variant]]]  # by rule, numbered over all rules


def number_variants(groups: Iterable[Group]) -> Ways:
    """The explanations of each rule, each with a number of its own on the page."""
    ways: Ways = {}
    number = 0
    for group in groups:
        for variant in reasons(group):
            ways.setdefault(group.rule, []).append((number, variant))
            number += 1
    return ways


def index(report: Report, groups: Iterable[Group], places: Places, ways: Ways) -> str:
    """JSON that can stand in a script element: no `<` is in it, nor anything unseen."""
    rules = [group.rule for group in groups]
    schemas: dict[str, int] = {}
    kinds: dict[str, int] = {}
    entries = {entry.anchor: n for n, entry in enumerate(places.entries)}
    found = []
    for number, rule in enumerate(rules):
        for way, variant in ways[rule]:
            for finding in variant.findings:
                entry = places.entry_of(finding)
                home = places.homes.get(finding.id)
                owner = entries[entry.anchor] if entry else -1
                where = (number, way, owner, _number(schemas, _schema(finding)))
                found.append([*_line(finding, kinds), *where, _home(home, entry)])
    objects = [
        [
            entry.anchor,
            _number(kinds, entry.object.kind),
            one_line(".".join(filter(None, (entry.object.schema, entry.object.name)))),
            DISPOSITIONS.index(entry.worst),
            entry.count,
            _number(schemas, entry.object.schema or ""),
            [part.anchor for part in entry.parts],
        ]
        for entry in places.entries
    ]
    content = {
        "severities": SEVERITIES,
        "dispositions": DISPOSITIONS,
        "rules": [[rule, rule_title(rule)] for rule in rules],
        "schemas": [one_line(name) for name in schemas],
        "kinds": [one_line(name) for name in kinds],
        "findings": found,
        "objects": objects,
    }
    return script_data(content)


def _home(home: Part | None, owner: Entry | None) -> str | int:
    """The anchor of the object whose DDL holds a finding; 1 for its own, 0 for none."""
    if home is None:
        return 0
    return 1 if home is owner else home.anchor


def _line(finding: FindingInfo, kinds: dict[str, int]) -> list[str | int]:
    return [
        finding.id,
        SEVERITIES.index(finding.severity),
        DISPOSITIONS.index(finding.disposition),
        one_line(object_name(finding)),
        _number(kinds, finding.object.kind),
        int(finding.suppressed is not None),
    ]


def _schema(finding: FindingInfo) -> str:
    about = finding.object
    return about.schema or (about.name if about.kind == "schema" else "")


def _number(known: dict[str, int], name: str) -> int:
    return known.setdefault(name, len(known))
