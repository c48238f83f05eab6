"""Chapter 1: one page for whoever decides whether and when."""

from __future__ import annotations

from collections.abc import Iterator

from dsql_compat.guide.application.routines import left_routines
from dsql_compat.guide.decisions import decisions
from dsql_compat.guide.model import Chapter
from dsql_compat.guide.view import View, name_of
from dsql_compat.guide.words import heading, joined, listed, minutes, plural
from dsql_compat.report.markdown import code, prose, table
from dsql_compat.report.model import Effort, ObjectCounts
from dsql_compat.report.views import all_objects, amount, rule_title

STEM, TITLE = "01-summary", "Summary"
_SHOWN = 5
_SOURCES = 2  # named in a command; more are for the reader to fill in
_DAY = 6  # hours of a working day that go into work


def chapter(view: View) -> Chapter:
    """The chapter."""
    parts = [heading(1, TITLE), *_verdict(view), *_blockers(view), *_gain(view), *_next(view)]
    return Chapter(STEM, TITLE, "\n\n".join(part for part in parts if part))


def _verdict(view: View) -> Iterator[str]:
    readiness = view.report.readiness
    effort = readiness.effort
    yield f"**{prose(readiness.sentence)}**"
    total = all_objects(view.report)
    rows = sum(load.rows for load in view.loads)
    size = sum(load.bytes for load in view.loads)
    lines = [
        ["Effort", _effort(effort)],
        [
            "Objects",
            _objects(total),
        ],
        [
            "Tables",
            _tables(len(view.rewrite.tables), len(view.graph.references)),
        ],
        ["Rows", _rows(rows, size) if rows else "not in the source"],
        ["Decisions", f"[{len(decisions(view))} to take first](02-decisions.md)"],
    ]
    if view.report.not_analysed:
        lines.append(
            [
                "Not looked into",
                f"[{plural(len(view.report.not_analysed), 'place')}](10-left-behind.md)",
            ]
        )
    yield table(["At a glance", ""], lines)
    if effort.high_hours:
        yield (
            "The effort is the [sum over all findings](09-checklist.md), each with its usual time. "
            "It covers changing and testing the schema and the code named here, not a release's "
            "usual overhead."
        )


def _rows(number: int, size: int) -> str:
    return f"{number:,} ({amount(size, 'bytes')})" if size else f"{number:,}"


def _tables(number: int, keys: int) -> str:
    if not number:
        return "none"
    return (
        f"{number:,}, with {plural(keys, 'foreign key')}" if keys else f"{number:,}, no foreign key"
    )


def _effort(effort: Effort) -> str:
    if not effort.high_hours:
        return "**none** for the schema"
    hours = f"**{effort.low_hours:g}–{effort.high_hours:g} hours**"
    if effort.high_hours >= 2 * _DAY:
        low, high = max(1, round(effort.low_hours / _DAY)), round(effort.high_hours / _DAY)
        hours += f", {low:,}–{high:,} days of one person"
    return hours


def _objects(total: ObjectCounts) -> str:
    """How many objects there are, by what becomes of them; what there is none of is not said."""
    parts = [
        f"{number:,} {text}"
        for number, text in (
            (total.as_is, "as they are"),
            (total.automatic, "rewritten with the same meaning"),
            (total.review, "to be read"),
            (total.manual, "for a person"),
        )
        if number
    ]
    if len(parts) == 1:
        return f"{total.total:,}, all {parts[0].split(' ', 1)[1]}"
    return f"{total.total:,}: {', '.join(parts)}"


def _blockers(view: View) -> Iterator[str]:
    yield heading(2, "What stands in the way")
    blocking = [b for b in view.blockers if b.rank[0] == -3]
    rest = len(view.blockers) - len(blocking)
    if not view.blockers:
        yield "Nothing: Aurora DSQL takes the schema as it is."
        return
    if not blocking:
        yield (
            "Nothing that needs a design: every refusal has a rewrite, and "
            "`dsql-compat rewrite` makes it."
        )
        return
    rows = []
    for blocker in blocking[:_SHOWN]:
        findings = [cause.finding for cause in blocker.causes]
        low, high = view.minutes(findings)
        names = [name_of(f.object) for f in findings]
        rows.append(
            [
                prose(rule_title(blocker.rule)),
                f"{len(findings):,}",
                listed(names, 3),
                minutes(low, high),
            ]
        )
    yield table(["For a person", " Found", "Where", "Effort"], rows)
    more = len(blocking) - _SHOWN
    said = [
        text
        for number, text in (
            (more, f"{plural(more, 'further kind')} of refusal for a person"),
            (rest, f"{plural(rest, 'kind')} that the rewrite settles"),
        )
        if number > 0
    ]
    if said:
        yield f"Besides: {joined(said)} ([gap list](03-gaps.md))."


def _gain(view: View) -> Iterator[str]:
    yield heading(2, "What it buys, what it costs")
    yield (
        "**Buys:** no server to size, patch or fail over; compute that follows the "
        "load down to zero; "
        "strong consistency over several Availability Zones, and over Regions if two clusters are "
        "linked; logins by IAM, without passwords."
    )
    costs = [
        "transactions of at most 3,000 rows, 10 MiB and five minutes",
        "conflicts at COMMIT, which the application answers by trying again",
    ]
    lost = {
        "trigger": ("trigger", "triggers", "to the application"),
        "policy": ("row policy", "row policies", "to the application"),
    }
    for rule, (one, many, where) in lost.items():
        count = len(view.names(rule))
        if count:
            costs.append(f"{plural(count, one, many)} {where}")
    routines = left_routines(view.rewrite)
    if routines:
        costs.append(f"{plural(len(routines), 'routine')} to be rewritten outside of the database")
    yield f"**Costs:** {'; '.join(costs)}."


def _next(view: View) -> Iterator[str]:
    yield heading(2, "Next three steps")
    found = decisions(view)
    steps = []
    if found:
        first = "; ".join(decision.title.split(":")[0] for decision in found[:3])
        steps.append(f"Take the [decisions](02-decisions.md), beginning with: {first}.")
    names = " ".join(view.sources) if len(view.sources) <= _SOURCES else "SOURCE…"
    steps.append(
        "Prove the rewrite on a scratch PostgreSQL, then run it on a test cluster: "
        f"{code(f'dsql-compat verify {names}')}, "
        f"{code(f'dsql-compat rewrite {names} --output dsql/')}."
    )
    if view.report.readiness.verdict == "manual":
        steps.append(
            "Give the items of the [checklist](09-checklist.md) to people; begin "
            "with those that need code."
        )
    else:
        steps.append(
            "Add [retries and their tests](08-tests.md) to the application, then "
            "rehearse the [data move](06-data.md)."
        )
    if len(steps) < 3:
        steps.append("Give the items of the [checklist](09-checklist.md) to people.")
    yield "\n".join(f"{n}. {step}" for n, step in enumerate(steps, 1))
