"""A comparison for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dsql_compat.fleet.comparing import (
    BECAUSE,
    Comparison,
    counted,
    headline,
    place,
    turned,
    worst_first,
)
from dsql_compat.fleet.reading import Entry
from dsql_compat.report.style import Style, one_line, path

SHOWN = 50  # findings of a kind, unless all are asked for


def render(
    comparison: Comparison,
    *,
    colour: bool = False,
    everything: bool = False,
    width: int | None = None,
) -> str:
    """The whole comparison as text that ends in a line end; with `width` it fits a terminal."""
    style = Style(colour, width)
    most = None if everything else SHOWN
    parts = [
        _listed(comparison, "fixed", "-", comparison.fixed, style, most),
        _listed(comparison, "new", "+", comparison.added, style, most),
        _changed(comparison, style, most),
    ]
    kept = f"{style('bold', 'unchanged')}: {counted(comparison.unchanged)}"
    if everything:
        rows = [_line(entry, " ", style) for entry in worst_first(comparison.unchanged)]
        kept = "\n".join([kept, *rows])
    notes = [style("warning", style.wrap(f"note: {note}", "")) for note in comparison.notes]
    head = "\n".join([style("bold", style.fitted(headline(comparison))), *notes])
    return "\n\n".join([head, *(part for part in parts if part), kept]) + "\n"


def _listed(
    comparison: Comparison,
    title: str,
    sign: str,
    entries: Sequence[Entry],
    style: Style,
    most: int | None,
) -> str:
    lines = [f"{style('bold', title)}: {counted(entries)}"]
    for entry in worst_first(entries)[:most]:
        lines.append(_line(entry, sign, style))
        if sign == "+":
            lines.append(style.wrap(entry.message, "      "))
        lines += _why(comparison, entry, style)
    return "\n".join([*lines, *_rest(len(entries), most, style)])


def _line(entry: Entry, sign: str, style: Style) -> str:
    weight = style(entry.severity, f"{entry.severity:<7}")
    head, about = f"  {sign} {weight} {one_line(entry.rule)}", one_line(entry.object)
    where = path(place(entry))
    at = style("path", where)
    if style.fits(f"  {sign} {entry.severity:<7} {one_line(entry.rule)}  {about}  {where}"):
        return f"{head}  {about}  {at}"
    between = "  " if style.fits(f"      {about}  {where}") else "\n      "
    return f"{head}\n      {about}{between}{at}"


def _why(comparison: Comparison, entry: Entry, style: Style) -> Iterator[str]:
    reason = comparison.because.get(entry.id)
    if reason and reason != "schema":
        yield style("dim", f"      {BECAUSE[reason]}")


def _changed(comparison: Comparison, style: Style, most: int | None) -> str:
    if not comparison.changed:
        return ""
    lines = [f"{style('bold', 'changed')}: {len(comparison.changed):,}"]
    for one, other in comparison.changed[:most]:
        head, about = f"  ~ {turned(one, other)}  {one_line(other.rule)}", one_line(other.object)
        between = "  " if style.fits(f"{head}  {about}") else "\n      "
        lines.append(f"{head}{between}{about}")
        lines += _why(comparison, other, style)
    return "\n".join([*lines, *_rest(len(comparison.changed), most, style)])


def _rest(number: int, most: int | None, style: Style) -> Iterator[str]:
    if most is not None and number > most:
        yield style("dim", f"  … {number - most:,} more (--all lists them)")
