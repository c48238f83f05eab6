"""What the page's script filters by and no markup says: a line for each finding and object."""

from __future__ import annotations

from collections.abc import Iterable

from dsql_compat.report.grouping import Group
from dsql_compat.report.html_objects import Places
from dsql_compat.report.model import FindingInfo, Report
from dsql_compat.report.page import script_data
from dsql_compat.report.views import Variant, reasons, rule_title
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
    """JSON that can stand in a script element: no `<` is in it, nor anything unseen.

    What the markup says is read from there: `findings` and `objects` are in the order of the
    page, `ways` tells how many findings each rule's explanation has, and the home of a finding is
    a number in the order of all places that objects and their parts have on the page.
    """
    schemas: dict[str, int] = {}
    entries = {entry.anchor: n for n, entry in enumerate(places.entries)}
    anchors = (p.anchor for e in places.entries for p in (e, *e.told, *e.plain))
    homes = {anchor: n for n, anchor in enumerate(anchors)}
    counts, found = [], []
    for number, group in enumerate(groups):
        for way, variant in ways[group.rule]:
            counts.append([number, way, len(variant.findings)])
            for finding in variant.findings:
                entry, home = places.entry_of(finding), places.homes.get(finding.id)
                found.append(
                    [
                        DISPOSITIONS.index(finding.disposition),
                        int(finding.suppressed is not None),
                        entries[entry.anchor] if entry else -1,
                        _number(schemas, _schema(finding)),
                        homes[home.anchor] if home else -1,
                    ]
                )
    objects = [
        [
            DISPOSITIONS.index(entry.worst),
            entry.count,
            _number(schemas, entry.object.schema or ""),
        ]
        for entry in places.entries
    ]
    content = {
        "severities": SEVERITIES,
        "dispositions": DISPOSITIONS,
        "rules": [[group.rule, rule_title(group.rule)] for group in groups],
        "schemas": [one_line(name) for name in schemas],
        "ways": counts,
        "findings": found,
        "objects": objects,
    }
    return script_data(content)


def _schema(finding: FindingInfo) -> str:
    about = finding.object
    return about.schema or (about.name if about.kind == "schema" else "")


def _number(known: dict[str, int], name: str) -> int:
    return known.setdefault(name, len(known))
