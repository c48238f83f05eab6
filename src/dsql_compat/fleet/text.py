"""The fleet for a terminal: what can move, what stands in the way, then every schema."""

from __future__ import annotations

from collections.abc import Iterator

from dsql_compat.fleet import views
from dsql_compat.fleet.merging import Fleet
from dsql_compat.fleet.reading import VERDICTS
from dsql_compat.report.style import WIDTH, Style, one_line, table
from dsql_compat.report.views import STATUSES, clip_middle, rule_title

SHOWN = 15  # rows of a list, unless all are asked for
_NAME = 48
_TONES = {"ready": "good", "automatic": "info", "review": "warning", "manual": "error"}


def render(
    fleet: Fleet, *, colour: bool = False, everything: bool = False, width: int | None = None
) -> str:
    """The whole fleet as text that ends in a line end; with `width` it fits such a terminal."""
    style = Style(colour, width)
    parts = [
        _rules(fleet, style, everything),
        _gaps(fleet, style),
        _timeline(fleet, style),
        _members(fleet, style, everything),
        _unread(fleet, style),
        _summary(fleet, style),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _rules(fleet: Fleet, style: Style, everything: bool) -> str:
    blocking = views.in_the_way(fleet)
    if not blocking:
        return ""
    shown = blocking if everything else blocking[:SHOWN]
    heads: tuple[str, ...] = (
        "rule",
        "",
        "needs",
        "decide in",
        "refused in",
        "findings",
        "alone frees",
    )
    rows = [
        (
            one_line(rule_title(row.rule)),
            one_line(clip_middle(row.rule, _NAME)),
            row.disposition,
            *(f"{number:,}" for number in (row.decided, row.blocks, row.findings, row.frees)),
        )
        for row in shown
    ]
    drawn = table([heads, *rows], right=frozenset({3, 4, 5, 6}))
    if not all(map(style.fits, drawn.splitlines())):
        # The title says what the rule's id does.
        narrow = [(name, *rest) for name, _, *rest in rows]
        heads = ("rule", "needs", "decide", "refused", "found", "frees")
        drawn = table([heads, *narrow], right=frozenset({2, 3, 4, 5}))
    lines = [style("bold", "what stands in the way, and in how many schemas"), drawn]
    return "\n".join([*lines, *_rest(len(blocking) - len(shown), "rule", style)])


def _rest(number: int, what: str, style: Style) -> Iterator[str]:
    if number:
        yield style("dim", f"  … {views.many(number, f'more {what}')} (--all lists them)")


def _gaps(fleet: Fleet, style: Style) -> str:
    rows = [
        (
            one_line(gap.feature),
            f"{gap.reports:,}",
            f"{gap.found:,}",
            ", ".join(STATUSES[status] for status in gap.statuses),
        )
        for gap in fleet.gaps
    ]
    heads = ("", "schemas", "found", "")
    title = style("bold", "the gap list of March 2026")
    return title + "\n" + table([heads, *rows], right=frozenset({1, 2}), width=style.width)


def _timeline(fleet: Fleet, style: Style) -> str:
    if not fleet.days:
        return ""
    title = style("bold", "what a date changes")
    rows = []
    for day in fleet.days:
        later = f", for {day.later:,} after their target" if day.later else ""
        changes = sorted(day.changes.values(), key=lambda change: -change.reports)
        what = "; ".join(
            f"{change.title} {STATUSES[change.status]} ({change.reports:,})" for change in changes
        )
        rows.append((f"{day.date}", f"{views.many(day.reports, 'schema')}{later}: {what}"))
    return title + "\n" + table(rows, width=min(WIDTH, style.width or WIDTH))


def _members(fleet: Fleet, style: Style, everything: bool) -> str:
    shown = fleet.members if everything else fleet.members[:SHOWN]
    heads = ("schema", "", "errors", "objects", "tables", "hours", "to decide")
    rows = []
    for member in shown:
        names = [rule_title(rule) for rule, _ in views.causes(member, 3)] * bool(member.decisions)
        more = len(member.decisions) - len(names)
        rows.append(
            (
                one_line(clip_middle(member.name, _NAME)),
                views.STATUS[member.verdict],
                f"{member.errors:,}",
                f"{member.objects:,}",
                f"{member.tables:,}",
                f"{member.low_hours:,g}–{member.high_hours:,g}",
                one_line(", ".join(names)) + (f", {more} more" if more else ""),
            )
        )
    lines = [
        style("bold", "schemas, most work first"),
        table([heads, *rows], right=frozenset({2, 3, 4, 5}), width=style.width),
    ]
    return "\n".join([*lines, *_rest(len(fleet.members) - len(shown), "schema", style)])


def _unread(fleet: Fleet, style: Style) -> str:
    if not fleet.unread:
        return ""
    rows = [f"  {one_line(message)}" for message in fleet.unread]
    return "\n".join([style("error", f"not read  {len(fleet.unread):,}"), *rows])


def _summary(fleet: Fleet, style: Style) -> str:
    counts = [
        style(_TONES[verdict], f"{fleet.verdicts[verdict]:,} {views.STATUS[verdict]}")
        for verdict in VERDICTS
    ]
    lines = [f"judged against Aurora DSQL as of {' and '.join(fleet.targets)}"]
    lines += [style("warning", style.wrap(f"warning: {note}", "")) for note in fleet.notes]
    lines.append(f"schemas: {', '.join(counts)}")
    lines.append(f"effort: {fleet.low_hours:,g} to {fleet.high_hours:,g} hours in total")
    for step in fleet.steps[:3]:
        what = views.listed([rule_title(rule) for rule in step.rules])
        lines.append(style.wrap(f"→ settle {what}: {views.brings(step.frees, step.free)}", ""))
    lines.append(style("bold", style.fitted(f"{fleet.sentence}.")))
    return "\n".join(lines)
