"""The chapter of `--since`: what became of the findings of an older report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dsql_compat.fleet.reading import Entry, ReadReport
from dsql_compat.guide.model import Chapter
from dsql_compat.guide.view import View, name_of
from dsql_compat.guide.words import bar, heading, listed, minutes, plural
from dsql_compat.report.markdown import code, prose, table
from dsql_compat.report.model import FindingInfo
from dsql_compat.report.views import VERDICTS, rule_title

STEM, TITLE = "11-progress", "Progress"
_MOST = 60  # findings of a kind that are listed
_DONE = ("error", "warning")


def chapter(view: View, old: ReadReport) -> Chapter:
    """The chapter: errors and warnings fixed, new and left since that report."""
    before = [e for e in old.entries if e.severity in _DONE]
    after = [f for f in view.findings if f.severity in _DONE]
    known, now = {entry.id for entry in before}, {finding.id for finding in after}
    fixed = [e for e in before if e.id not in now]
    new = [f for f in after if f.id not in known]
    left = [f for f in after if f.id in known]
    parts = [
        heading(1, TITLE),
        *_figures(view, old, len(before), (len(fixed), len(new), len(left))),
    ]
    parts += _listed("New", [_of_finding(f) for f in new])
    parts += _listed("Fixed", [_of_entry(e) for e in fixed])
    parts += _by_rule(view, left)
    return Chapter(STEM, TITLE, "\n\n".join(parts))


def _figures(
    view: View, old: ReadReport, before: int, counts: tuple[int, int, int]
) -> Iterator[str]:
    fixed, new, left = counts
    readiness, effort = view.report.readiness, view.report.readiness.effort
    share = fixed / before if before else 1.0
    yield (
        f"Since the report {code(old.name)}, for Aurora DSQL as of "
        f"{prose(old.target)}: {bar(share)} of {plural(before, 'finding')} fixed."
    )
    yield table(
        ["", "Then", "Now"],
        [
            ["Verdict", VERDICTS.get(old.verdict, old.verdict), VERDICTS[readiness.verdict]],
            [
                "Effort, hours",
                f"{old.low_hours:g}–{old.high_hours:g}",
                f"{effort.low_hours:g}–{effort.high_hours:g}",
            ],
            ["Errors and warnings", f"{before:,}", f"{new + left:,}"],
        ],
    )
    yield f"**{fixed:,} fixed, {new:,} new, {left:,} left.**"
    if old.target != view.report.target.date.isoformat():
        yield (
            "The targets differ: some of it is Aurora DSQL's progress, not the schema's, since "
            "what is no longer refused counts as fixed."
        )


def _of_finding(finding: FindingInfo) -> list[str]:
    at = finding.location
    name = f"{finding.object.kind} {name_of(finding.object)}"
    return [
        finding.severity,
        prose(rule_title(finding.rule)),
        code(name),
        code(_place(at.source, at.line)),
    ]


def _of_entry(entry: Entry) -> list[str]:
    place = code(_place(entry.source, entry.line))
    return [entry.severity, prose(rule_title(entry.rule)), code(entry.object), place]


def _place(source: str, line: int) -> str:
    return f"{source.rsplit('/', 1)[-1]}:{line}"


def _listed(title: str, rows: list[list[str]]) -> Iterator[str]:
    if not rows:
        return
    yield heading(2, f"{title} ({len(rows):,})")
    yield table(["", "Difference", "Object", "Where"], rows[:_MOST])
    if len(rows) > _MOST:
        yield f"… and {len(rows) - _MOST:,} more: `dsql-compat diff` has all."


def _by_rule(view: View, findings: Iterable[FindingInfo]) -> Iterator[str]:
    """What is left, the most effort first."""
    by_rule: dict[str, list[FindingInfo]] = {}
    for finding in findings:
        by_rule.setdefault(finding.rule, []).append(finding)
    if not by_rule:
        return
    yield heading(2, f"Left ({sum(map(len, by_rule.values())):,})")
    rows = []
    for rule, found in by_rule.items():
        low, high = view.minutes(found)
        names = listed((name_of(finding.object) for finding in found), 4)
        cells = [prose(rule_title(rule)), f"{len(found):,}", minutes(low, high), names]
        rows.append((-high, -len(found), rule, cells))
    yield table(["Difference", " Findings", "Effort", "Where"], [row[-1] for row in sorted(rows)])
