"""A comparison as one HTML page, in the dress of the report of one schema."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dsql_compat import __version__
from dsql_compat.fleet import comparing, views
from dsql_compat.fleet.comparing import Comparison
from dsql_compat.fleet.html import PACKAGES, styles
from dsql_compat.fleet.reading import Entry
from dsql_compat.report.html_pictures import segments
from dsql_compat.report.page import asset, environment, policy, script_data
from dsql_compat.report.views import VERDICTS, object_name, rule_title
from dsql_compat.rules import DISPOSITIONS, SEVERITIES


@dataclass(frozen=True, slots=True)
class Section:
    """Findings of a kind: each with what became of its weight, if anything did."""

    name: str
    title: str
    intro: str
    entries: Sequence[Entry]
    is_open: bool


def render(comparison: Comparison) -> str:
    """The comparison as one HTML document that needs no network and no second file."""
    from markupsafe import Markup

    style, script = styles(), asset("diff.js", "dsql_compat.fleet")
    made = environment(*PACKAGES)
    made.filters.update(title_of=rule_title, name=object_name)
    made.globals.update(
        views=views,
        segments=segments,
        VERDICTS=VERDICTS,
        SEVERITIES=SEVERITIES,
        DISPOSITIONS=DISPOSITIONS,
        BECAUSE=comparing.BECAUSE,
        by_rule=comparing.by_rule,
        place=comparing.place,
    )
    return made.get_template("diff.html.j2").render(
        comparison=comparison,
        version=__version__,
        style=Markup(style),  # noqa: S704  our own file
        script=Markup(script),  # noqa: S704  our own file
        policy=policy(style, script),
        index=Markup(script_data({"findings": _total(comparison)})),  # noqa: S704  a number
        sections=_sections(comparison),
        turned={new.id: comparing.turned(old, new) for old, new in comparison.changed},
        reasons=_reasons(comparison),
    )


def _total(comparison: Comparison) -> int:
    return sum(len(section.entries) for section in _sections(comparison))


def _sections(comparison: Comparison) -> list[Section]:
    changed = [new for _, new in comparison.changed]
    return [
        Section("new", "New", "In the newer report only.", comparison.added, True),
        Section("fixed", "Fixed", "In the older report only.", comparison.fixed, True),
        Section("changed", "Changed", "In both, but they weigh otherwise.", changed, True),
        Section(
            "unchanged", "Unchanged", "In both, and as they were.", comparison.unchanged, False
        ),
    ]


def _reasons(comparison: Comparison) -> list[tuple[str, str, int]]:
    """Why findings came, went or changed, and how many for each reason."""
    found = list(comparison.because.values())
    return [
        (name, text, found.count(name)) for name, text in comparing.BECAUSE.items() if name in found
    ]
