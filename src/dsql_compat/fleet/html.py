"""The fleet as one HTML page, in the dress of the report of one schema."""

from __future__ import annotations

from collections.abc import Sequence

from dsql_compat import __version__
from dsql_compat.fleet import views
from dsql_compat.fleet.matrix import ROW, SHOWN, Matrix, draw
from dsql_compat.fleet.merging import Fleet, Member, RuleRow
from dsql_compat.report.html_pictures import segments, share
from dsql_compat.report.model import ObjectCounts
from dsql_compat.report.page import asset, environment, policy, script_data
from dsql_compat.report.views import MEANINGS, STATUSES, object_name, rule_title
from dsql_compat.report.visible import one_line
from dsql_compat.rules import DISPOSITIONS, SEVERITIES

PACKAGES = ("dsql_compat.fleet", "dsql_compat.report")
FIRST = 20  # rows of a long table that are shown before the rest is folded away


def styles() -> str:
    """The style sheet of pages about reports: that of one report, and what they add."""
    return asset("report.css") + asset("fleet.css", "dsql_compat.fleet")


def render(fleet: Fleet) -> str:
    """The fleet as one HTML document that needs no network and no second file."""
    from markupsafe import Markup

    style, script = styles(), asset("fleet.js", "dsql_compat.fleet")
    anchors = views.anchors(fleet.members)
    blocking, others = views.in_the_way(fleet), views.others(fleet)
    made = environment(*PACKAGES)
    made.filters.update(title_of=rule_title, name=object_name, rule_anchor=views.rule_anchor)
    made.globals.update(
        views=views, segments=segments, share=share, FIRST=FIRST, ROW=ROW, STATUSES=STATUSES
    )
    made.globals.update(DISPOSITIONS=DISPOSITIONS, MEANINGS=MEANINGS)
    return made.get_template("fleet.html.j2").render(
        fleet=fleet,
        version=__version__,
        style=Markup(style),  # noqa: S704  our own file
        script=Markup(script),  # noqa: S704  our own file
        policy=policy(style, script),
        index=Markup(_index(fleet, anchors)),  # noqa: S704  has no < in it
        anchors=anchors,
        verdicts=_verdicts(fleet),
        blocking=blocking,
        others=others,
        terms=views.terms(fleet),
        matrices=_matrices(fleet.members, blocking),
    )


def _verdicts(fleet: Fleet) -> ObjectCounts:
    """The schemas by verdict, in the form that bars are drawn from."""
    count = fleet.verdicts
    return ObjectCounts(
        len(fleet.members), count["ready"], count["automatic"], count["review"], count["manual"]
    )


def _matrices(members: Sequence[Member], rules: Sequence[RuleRow]) -> list[Matrix]:
    """The rules in drawings that each fit on a page of paper, those that matter most first."""
    parts = [rules[first : first + SHOWN] for first in range(0, len(rules), SHOWN)]
    return [draw(members, part) for part in parts]


def _index(fleet: Fleet, anchors: dict[str, str]) -> str:
    """What the script filters and sorts by: a line for each schema."""
    rules: dict[str, int] = {}
    rows = [
        [
            anchors[member.name],
            one_line(member.name),
            member.verdict,
            member.target,
            member.high_hours,
            member.errors,
            member.objects,
            len(member.decisions),
            [
                [
                    rules.setdefault(cell.rule, len(rules)),
                    cell.findings,
                    cell.errors,
                    DISPOSITIONS.index(cell.disposition),
                ]
                for cell in member.cells
            ],
        ]
        for member in fleet.members
    ]
    return script_data(
        {
            "dispositions": DISPOSITIONS,
            "severities": SEVERITIES,
            "rules": [[one_line(rule), one_line(rule_title(rule))] for rule in rules],
            "schemas": rows,
        }
    )
