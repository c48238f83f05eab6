"""The report as one HTML file that needs no network and no second file.

Here the report is brought into the order a page shows; `templates/` lays it out.  Everything that
comes from a source is escaped by Jinja2, after `visible` has made its control characters readable.
Findings and objects are laid out once, in a `noscript` block: without scripts a browser shows it
all, with scripts it stays plain text, of which `report.js` puts the part on the page that is
looked at.  So 10,000 findings cost the browser no more than their bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from dsql_compat.report.grouping import Group, group_findings
from dsql_compat.report.html_dates import stands
from dsql_compat.report.html_graph import HEIGHT, WIDTH, draw
from dsql_compat.report.html_index import index, number_variants
from dsql_compat.report.html_marks import highlighted, marked, merged_diff, word_diff
from dsql_compat.report.html_objects import places
from dsql_compat.report.html_pictures import filled, segments, share
from dsql_compat.report.model import FindingInfo, Report
from dsql_compat.report.page import asset, environment, policy
from dsql_compat.report.phrases import calls, clip, covered, sessions
from dsql_compat.report.views import (
    MEANINGS,
    STATES,
    STATUSES,
    VERDICTS,
    all_objects,
    amount,
    blockers,
    counted,
    effort_terms,
    object_name,
    place,
    ranked_limits,
    rule_title,
    steps,
)
from dsql_compat.rules import DISPOSITIONS, SEVERITIES

if TYPE_CHECKING:
    from jinja2 import Environment

FIRST = 20  # entries of a long list that are shown before the rest is folded away
SCRIPTS = ("report.js", "drawing.js", "dates.js")
_BLANK = re.compile(r"(<pre.*?</pre>)|\n\s*\n", re.DOTALL)
LARGE = 3_000  # findings from which on what can be found elsewhere is not said again
LONG = 1_000  # characters from which a statement that was shown is linked, not repeated


def render(report: Report, others: Sequence[Report] = ()) -> str:
    """The report as one HTML document; `others` are the same sources judged for other dates."""
    from markupsafe import Markup

    style, script = asset("report.css"), "".join(map(asset, SCRIPTS))
    groups = group_findings(report)
    known = places(report)
    ways = number_variants(groups)
    blocking = blockers(report, groups)
    page = (
        _environment()
        .get_template("report.html.j2")
        .render(
            report=report,
            stands=stands(report, others),
            style=Markup(style),  # noqa: S704  our own file
            script=Markup(script),  # noqa: S704  our own file
            index=Markup(index(report, groups, known, ways)),  # noqa: S704  has no < in it
            policy=policy(style, script),
            groups=groups,
            ways=ways,
            places=known,
            graph=draw(known, report.relations),
            blockers=blocking,
            steps=steps(report, blocking),
            everything=all_objects(report),
            by_id={finding.id: finding for finding in report.findings},
            followers=_followers(report.findings),
            repeated=_statements(groups),
            suppressed=[f for f in report.findings if f.suppressed],
            measured=_measured(report),
            is_large=len(report.findings) > LARGE,
        )
    )
    return _squeezed(page)


def _squeezed(page: str) -> str:
    """The page without the empty lines that templates leave; those of SQL stay."""
    before, start, rest = page.partition("<noscript>")
    inside, end, after = rest.rpartition("</noscript>")
    inside = _BLANK.sub(lambda match: match[1] or "\n", inside)
    return "".join((before, start, inside, end, after))


def _measured(report: Report) -> list[tuple[str, int, int]]:
    """Tables with their rows and bytes, as far as the source shows them, the largest first."""
    rows = [
        (".".join(filter(None, (item.schema, item.name))), item.rows, item.bytes or 0)
        for item in report.objects
        if item.rows is not None
    ]
    return sorted(rows, key=lambda row: (-row[2], -row[1], row[0]))


def _statements(groups: Iterable[Group]) -> dict[str, str]:
    """For findings whose long statement an earlier one shows: the id of that one."""
    shown: dict[tuple[str, str], str] = {}
    repeated = {}
    for group in groups:
        for finding in group.findings:
            if len(finding.statement) < LONG:
                continue
            first = shown.setdefault((finding.location.source, finding.statement), finding.id)
            if first != finding.id:
                repeated[finding.id] = first
    return repeated


def _followers(findings: Iterable[FindingInfo]) -> dict[str, list[FindingInfo]]:
    """The findings that follow directly from each, by id."""
    following: dict[str, list[FindingInfo]] = {}
    for finding in findings:
        if finding.cause is not None:
            following.setdefault(finding.cause, []).append(finding)
    return following


def _environment() -> Environment:
    from markupsafe import Markup

    made = environment("dsql_compat.report")
    made.filters.update(title_of=rule_title, name=object_name, place=place)
    made.globals.update(
        VERDICTS=VERDICTS,
        MEANINGS=MEANINGS,
        STATUSES=STATUSES,
        STATES=STATES,
        FIRST=FIRST,
        SEVERITIES=SEVERITIES,
        DISPOSITIONS=DISPOSITIONS,
        BOX=(WIDTH, HEIGHT),
        amount=amount,
        counted=counted,
        ranked_limits=ranked_limits,
        segments=segments,
        filled=filled,
        share=share,
        all_objects=all_objects,
        effort_terms=effort_terms,
        calls=calls,
        clip=clip,
        covered=covered,
        sessions=sessions,
        # These escape what they are given, and add tags of their own.
        marked=lambda text, marks: Markup(marked(text, marks)),  # noqa: S704
        highlighted=lambda text, stretch: Markup(highlighted(text, stretch)),  # noqa: S704
        word_diff=lambda old, new: tuple(map(Markup, word_diff(old, new))),
        merged_diff=lambda old, new: Markup(merged_diff(old, new) or ""),  # noqa: S704
    )
    return made
