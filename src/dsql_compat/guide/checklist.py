"""Chapter 9: everything to be done as a task list, owners left blank."""

from __future__ import annotations

from collections.abc import Iterator

from dsql_compat.guide.changes import part_link
from dsql_compat.guide.decisions import decisions
from dsql_compat.guide.model import Chapter
from dsql_compat.guide.schema import group_title
from dsql_compat.guide.schema_changes import Change, all_changes, by_effort, effort_of, together
from dsql_compat.guide.testing import tests
from dsql_compat.guide.view import View, name_of
from dsql_compat.guide.words import heading, listed, minutes, plural
from dsql_compat.report.markdown import code, prose
from dsql_compat.report.views import rule_title

STEM, TITLE = "09-checklist", "Checklist"
_OWNER = " — owner: ______"


def chapter(view: View) -> Chapter:
    """The chapter."""
    changes = all_changes(view)
    parts = [heading(1, TITLE), *_intro(view)]
    for title, key, tasks, effort in (
        ("Decide", "D", list(_decisions(view)), ""),
        ("Schema", "S", list(_schema(view, changes)), _schema_effort(view, changes)),
        ("Application", "A", list(_application(view)), _application_effort(view, changes)),
        ("Test", "T", [test.title for test in tests(view)], ""),
        ("Operations", "O", _operations(view), ""),
        ("Data and cut-over", "C", _CUT_OVER, ""),
    ):
        if tasks:
            parts.append(heading(2, title))
            if effort:
                parts.append(f"**Effort:** {effort}")
            parts.append(
                "\n".join(f"- [ ] **{key}{n}** {task}{_OWNER}" for n, task in enumerate(tasks, 1))
            )
    parts += _sum(view)
    return Chapter(STEM, TITLE, "\n\n".join(parts))


def _intro(view: View) -> Iterator[str]:
    effort = view.report.readiness.effort
    text = (
        "In the order to begin with; within the schema, what needs a person and the most time "
        "comes first. Numbers stay the same as long as the schema and the choices do."
    )
    if effort.high_hours:
        text += (
            f" **Effort in all:** {effort.low_hours:g}–{effort.high_hours:g} hours, estimated for "
            "the schema and the application; operations, tests and the cut-over are a team's own "
            "to plan."
        )
    yield text


def _decisions(view: View) -> Iterator[str]:
    for decision in decisions(view):
        address = view.anchors.of("decision", decision.key)
        yield f"[{decision.title}](02-decisions.md#{address})"


def _schema(view: View, changes: list[Change]) -> Iterator[str]:
    plain = [change for change in changes if change.is_plain]
    if plain:
        mean = "means" if len(plain) == 1 else "mean"
        yield (
            "Run `dsql-compat rewrite` and look through the "
            f"[{plural(len(plain), 'object')} that {mean} the same](04-schema.md)"
        )
    else:
        yield "Run `dsql-compat rewrite`"
    for group in by_effort(view, together([c for c in changes if not c.is_plain])):
        yield _schema_task(view, group)
    if view.rewrite.tables:
        yield "Prove it on a scratch server: `dsql-compat verify`"


def _schema_task(view: View, group: list[Change]) -> str:
    first = group[0]
    verb = "Replace" if first.fate.outcome == "left" else "Read"
    if first.fate.outcome != "left" and first.is_for_a_person:
        verb = "Settle"
    low, high = effort_of(view, group)
    effort = f", {minutes(low, high)}" if high else ""
    if len(group) == 1:
        link, name = view.link(first.ref), code(name_of(first.ref))
        return f"{verb} {first.ref.kind} {f'[{name}]({link})' if link else name}{effort}"
    address = view.anchors.of("several", f"{first.ref.kind} {name_of(first.ref)}")
    many, colon, about = group_title(group).partition(":")
    return f"{verb} [{many}](04-schema.md#{address}){colon}{about}{effort}"


def _schema_effort(view: View, changes: list[Change]) -> str:
    low, high = effort_of(view, changes)
    return minutes(low, high) if high else ""


def _application_effort(view: View, changes: list[Change]) -> str:
    """What is not in the schema's sum: queries, statements outside of objects, the session."""
    own = {finding.id for change in changes for finding in change.findings}
    low, high = view.minutes([f for f in view.findings if f.id not in own])
    if not high:
        return ""
    return f"{minutes(low, high)}; what replaces triggers and routines is counted with the schema"


def _application(view: View) -> Iterator[str]:
    yield "Wrap every unit of work in a [retry](07-operations.md#operations-retries)"
    for part in view.parts:
        yield f"[{prose(part.title)}]({part_link(view, part)})"
    for group in view.groups:
        if any(f.workload for f in group.findings) and group.severity != "info":
            names = listed((name_of(f.object) for f in group.findings), 3)
            yield f"{prose(rule_title(group.rule))}: {names}"
    for finding in view.of_rule("migration-tool-table"):
        yield (
            f"Adapter and settings for {code(name_of(finding.object))}'s "
            "[framework](05-application.md)"
        )


def _operations(view: View) -> list[str]:
    return [
        "Cluster, [backup plan](07-operations.md#operations-routine) and deletion protection",
        "[Roles tied to IAM](07-operations.md#operations-roles), policies attached",
        "[Pools](07-operations.md#operations-connections): lifetime, tokens, TLS",
        "[Alarms](07-operations.md#operations-monitoring) on conflicts, timeouts and cost",
    ]


def _sum(view: View) -> Iterator[str]:
    formula = view.report.readiness.effort.formula
    if view.report.readiness.effort.high_hours and formula:
        yield heading(2, "How the effort adds up")
        yield (
            "Every finding counts with the usual time of its rule; what follows from another "
            f"finding costs nothing of its own. {prose(formula)}."
        )


_CUT_OVER = [
    "Rehearsal with production's rows, times written down",
    "[Checks](06-data.md) alike in the rehearsal",
    "The way back tried once; the day named after which there is none",
    "Cut-over: writes stopped, loaded, checked, counters set",
    "ANALYZE on each table, then the first users",
    "Source kept read-only until the way back is closed",
]
