"""A comparison for a pull request, as GitHub-flavoured markdown that fits into one comment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dsql_compat import __version__
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
from dsql_compat.report.markdown import LIMIT, NAME, code, prose, size, table

OPEN = 10  # findings of a kind that stand open; more are folded away
_SHARES = {"New": 0.5, "Fixed": 0.6, "Changed": 1.0}  # of the room that is left


def render(comparison: Comparison) -> str:
    """The whole comparison, or as much of it as a comment holds."""
    parts = list(_head(comparison))
    foot = f"---\ndsql-compat {__version__}\n"
    room = LIMIT - size("\n\n".join([*parts, foot])) - 2
    for title, rows in (
        ("New", _rows(comparison, comparison.added)),
        ("Fixed", _rows(comparison, comparison.fixed)),
        ("Changed", _turned(comparison)),
    ):
        if rows:
            written = _section(title, rows, bool(comparison.because), int(room * _SHARES[title]))
            room -= size(written) + 2
            parts.append(written)
    return "\n\n".join([*parts, foot])


def _head(comparison: Comparison) -> Iterator[str]:
    yield f"**Aurora DSQL**: {headline(comparison)}"
    for note in comparison.notes:
        yield f"> {prose(note)}"
    rows = [
        ("fixed", counted(comparison.fixed)),
        ("new", counted(comparison.added)),
        ("changed", f"{len(comparison.changed):,}"),
        ("unchanged", counted(comparison.unchanged)),
    ]
    yield table(["", "findings"], rows)


def _rows(comparison: Comparison, entries: Sequence[Entry]) -> list[str]:
    return [_row(comparison, entry, entry.severity) for entry in worst_first(entries)]


def _turned(comparison: Comparison) -> list[str]:
    return [_row(comparison, other, turned(one, other)) for one, other in comparison.changed]


def _row(comparison: Comparison, entry: Entry, weight: str) -> str:
    cells = [weight, code(entry.rule, 80), code(entry.object, NAME), code(place(entry), NAME)]
    if comparison.because:
        cells.append(BECAUSE[comparison.because[entry.id]])
    return f"| {' | '.join(cells)} |"


def _section(title: str, rows: list[str], with_reason: bool, room: int) -> str:
    heads = ["severity", "rule", "object", "place", *(["why"] * with_reason)]
    start = f"### {title}\n\n"
    if len(rows) > OPEN:
        start += f"<details><summary>{len(rows):,} findings</summary>\n\n"
    start += table(heads, [])
    end = "\n\n</details>" if len(rows) > OPEN else ""
    left = room - size(start) - size(end) - 80  # for the line that counts the others
    kept: list[str] = []
    for row in rows:
        left -= size(row) + 1
        if left < 0:
            break
        kept.append(row)
    rest = len(rows) - len(kept)
    more = f"\n\n… {rest:,} more in the JSON and HTML forms" if rest else ""
    return "\n".join([start, *kept]) + more + end
