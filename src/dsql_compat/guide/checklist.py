"""Chapter 9: everything to be done as a task list, owners left blank."""

from __future__ import annotations

from collections.abc import Iterator

from dsql_compat.guide.decisions import decisions
from dsql_compat.guide.model import Chapter
from dsql_compat.guide.schema import other_changes, table_changes
from dsql_compat.guide.testing import tests
from dsql_compat.guide.view import View, name_of
from dsql_compat.guide.words import heading, listed, minutes, plural
from dsql_compat.report.markdown import code, prose
from dsql_compat.report.views import rule_title

STEM, TITLE = "09-checklist", "Checklist"
_OWNER = " — owner: ______"


def chapter(view: View) -> Chapter:
    """The chapter."""
    parts = [heading(1, TITLE), "Numbers stay the same as long as the schema and the choices do."]
    for title, key, tasks in (
        ("Decide", "D", list(_decisions(view))),
        ("Schema", "S", list(_schema(view))),
        ("Application", "A", list(_application(view))),
        ("Test", "T", [test.title for test in tests(view)]),
        ("Operations", "O", _OPERATIONS),
        ("Data and cut-over", "C", _CUT_OVER),
    ):
        if tasks:
            parts.append(heading(2, title))
            parts.append(
                "\n".join(f"- [ ] **{key}{n}** {task}{_OWNER}" for n, task in enumerate(tasks, 1))
            )
    return Chapter(STEM, TITLE, "\n\n".join(parts))


def _decisions(view: View) -> Iterator[str]:
    for decision in decisions(view):
        address = view.anchors.of("decision", decision.key)
        yield f"[{decision.title}](02-decisions.md#{address})"


def _schema(view: View) -> Iterator[str]:
    changes = [*table_changes(view), *other_changes(view)]
    plain = [change for change in changes if change.is_plain]
    if plain:
        yield f"Run the rewrite and look through {plural(len(plain), 'object')} that mean the same"
    for change in changes:
        if change.is_plain:
            continue
        low, high = view.minutes(change.findings)
        verb = "Replace" if change.fate.outcome == "left" else "Read"
        effort = f", {minutes(low, high)}" if high else ""
        link = view.link(change.ref)
        name = code(name_of(change.ref))
        yield f"{verb} {change.ref.kind} {f'[{name}]({link})' if link else name}{effort}"
    if view.rewrite.tables:
        yield "Prove it: `dsql-compat verify`"


def _application(view: View) -> Iterator[str]:
    for part in view.parts:
        yield f"[{prose(part.title)}](05-application.md)"
    for group in view.groups:
        if any(f.workload for f in group.findings) and group.severity != "info":
            names = listed((name_of(f.object) for f in group.findings), 3)
            yield f"{prose(rule_title(group.rule))}: {names}"
    yield "Wrap every unit of work in a [retry](07-operations.md)"
    for finding in view.of_rule("migration-tool-table"):
        yield f"Adapter and settings for {code(name_of(finding.object))}'s framework"


_OPERATIONS = [
    "Cluster, backup plan and deletion protection",
    "[Roles tied to IAM](07-operations.md), policies attached",
    "Pools: lifetime, tokens, TLS",
    "Alarms on conflicts, timeouts and cost",
]
_CUT_OVER = [
    "Rehearsal with production's rows, times written down",
    "[Checks](06-data.md) alike in the rehearsal",
    "The way back tried once; the day named after which there is none",
    "Cut-over: writes stopped, loaded, checked, counters set",
    "ANALYZE on each table, then the first users",
    "Source kept read-only until the way back is closed",
]
