"""The fleet as GitHub-flavoured markdown that fits into one comment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dsql_compat import __version__
from dsql_compat.fleet import views
from dsql_compat.fleet.merging import Fleet, Member, RuleRow
from dsql_compat.report.markdown import LIMIT, NAME, code, prose, size, table
from dsql_compat.report.views import STATUSES, rule_title

OPEN = 10  # rules that are not folded away
SECTION = 12_000  # of GitHub's units, for each folded list before the schemas


def render(fleet: Fleet) -> str:
    """The whole fleet, or as much of it as a comment holds."""
    head = "\n\n".join(_before_schemas(fleet))
    foot = f"\n\n---\ndsql-compat {__version__}\n"
    room = LIMIT - size(head) - size(foot) - 4
    return f"{head}\n\n{_schemas(fleet, room)}{foot}"


def _before_schemas(fleet: Fleet) -> Iterator[str]:
    total = len(fleet.members)
    yield f"# {fleet.movable:,} of {total:,} schemas can move to Aurora DSQL"
    yield f"**{prose(fleet.sentence)}.**"
    yield f"Target: Aurora DSQL as of {' and '.join(f'**{day}**' for day in fleet.targets)}"
    for note in fleet.notes:
        yield f"> **Not alike:** {prose(note)}"
    yield table(
        ["Status", " Schemas", "Means"],
        (
            (views.STATUS[verdict], f"{count:,}", views.MEANINGS[verdict])
            for verdict, count in fleet.verdicts.items()
        ),
    )
    yield f"Effort: **{fleet.low_hours:,g}–{fleet.high_hours:,g} hours** in total"
    yield from _unread(fleet)
    yield from _plan(fleet)
    yield from _blockers(views.in_the_way(fleet))
    yield from _gaps(fleet)
    yield from _timeline(fleet)


def _unread(fleet: Fleet) -> Iterator[str]:
    if fleet.unread:
        yield f"> **Not read:** {views.many(len(fleet.unread), 'file')}, in no number here"
        yield _fitting((f"- {code(message, 300)}" for message in fleet.unread), "file", 4_000)


def _plan(fleet: Fleet) -> Iterator[str]:
    if not fleet.steps:
        return
    yield "## Where to start"
    lines = []
    for number, step in enumerate(fleet.steps, 1):
        names = [f"**{prose(rule_title(rule), NAME)}**" for rule in step.rules[:6]]
        if len(step.rules) > 6:
            names.append(f"{len(step.rules) - 6} more")
        lines.append(
            f"{number}. Settle {views.listed(names)}: {views.brings(step.frees, step.free)}"
        )
    yield "\n".join(lines)
    yield "A schema is free when nothing else in it needs a person's decision."


def _blockers(rows: list[RuleRow]) -> Iterator[str]:
    yield "## Blockers"
    if not rows:
        yield "Aurora DSQL refuses nothing that was found."
        return
    heads = ["Rule", "Worst needs", " Decide in", " Refused in", " Findings", " Alone frees"]
    yield table(heads, map(_rule, rows[:OPEN]))
    if len(rows) > OPEN:
        yield f"<details><summary>{views.many(len(rows) - OPEN, 'more rule')}</summary>"
        yield _fitting_table(heads, map(_rule, rows[OPEN:]), "rule", SECTION)
        yield "</details>"


def _rule(row: RuleRow) -> tuple[str, ...]:
    numbers = (row.decided, row.blocks, row.findings, row.frees)
    name = f"{prose(rule_title(row.rule), NAME)} {code(row.rule)}"
    return name, row.disposition, *(f"{number:,}" for number in numbers)


def _gaps(fleet: Fleet) -> Iterator[str]:
    found = [gap for gap in fleet.gaps if gap.found]
    yield f"<details><summary>Gap list: {len(found)} of {len(fleet.gaps)} rows found</summary>"
    rows = (
        (
            prose(gap.feature, NAME),
            f"{gap.reports:,}",
            f"{gap.found:,}",
            ", ".join(STATUSES[status] for status in gap.statuses),
        )
        for gap in fleet.gaps
    )
    yield _fitting_table(["Feature", " Schemas", " Found", "Status"], rows, "row", SECTION)
    yield "</details>"


def _timeline(fleet: Fleet) -> Iterator[str]:
    if not fleet.days:
        return
    yield f"<details><summary>Timeline: {views.many(len(fleet.days), 'date')}</summary>"
    lines = []
    for day in fleet.days:
        later = f", for {day.later:,} after their target" if day.later else ""
        what = "; ".join(
            f"{prose(change.title, NAME)} {STATUSES[change.status]} ({change.reports:,})"
            for change in day.changes.values()
        )
        lines.append(f"- **{day.date}** {views.many(day.reports, 'schema')}{later}: {what}")
    yield _fitting(lines, "date", SECTION)
    yield "</details>"


def _schemas(fleet: Fleet, room: int) -> str:
    count = views.many(len(fleet.members), "schema")
    start = f"## Schemas\n\n<details open><summary>{count}, most work first</summary>\n\n"
    end = "\n\n</details>"
    heads = ["Schema", "Status", " Errors", " Warnings", " Objects", " Hours", "To decide"]
    left = room - size(start) - size(end)
    return start + _fitting_table(heads, map(_member, fleet.members), "schema", left) + end


def _member(member: Member) -> tuple[str, ...]:
    names = [rule_title(rule) for rule, _ in views.causes(member, 3)] * bool(member.decisions)
    more = len(member.decisions) - len(names)
    what = ", ".join(prose(name, 60) for name in names) + (f", {more} more" if more else "")
    status = views.STATUS[member.verdict]
    hours = f"{member.low_hours:,g}–{member.high_hours:,g}"
    numbers = (member.errors, member.warnings, member.objects)
    return code(member.name, 80), status, *(f"{n:,}" for n in numbers), hours, what


def _fitting_table(heads: list[str], rows: Iterable[Iterable[str]], what: str, room: int) -> str:
    head = table(heads, [])
    lines = ("| " + " | ".join(row) + " |" for row in rows)
    return head + "\n" + _fitting(lines, what, room - size(head) - 1)


def _fitting(lines: Iterable[str], what: str, room: int) -> str:
    """Lines as long as there is room for them, and how many there was none for."""
    kept: list[str] = []
    room, left = room - 80, 0  # for the line that counts the others
    for line in lines:
        room -= size(line) + 1
        if room < 0:
            left += 1
        else:
            kept.append(line)
    if left:
        verb = "is" if left == 1 else "are"
        kept.append(
            f"\n{left:,} further {what if left == 1 else what + 's'} {verb} in the HTML form"
        )
    return "\n".join(kept)
