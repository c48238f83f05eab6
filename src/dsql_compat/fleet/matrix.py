"""Rules against schemas as a drawing: a mark where a rule has findings, as tall as what they need.

The height says what the colour says, so that it is read in black and white too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dsql_compat.fleet.merging import Member, RuleRow
from dsql_compat.rules import DISPOSITIONS

ROW = 24  # pixels
SHOWN = 24  # rules in one drawing; the first is in sight, the others are folded away
_TALL = {"as-is": 4, "automatic": 9, "review": 14, "manual": 20}
_ROOM = 880  # pixels that all schemas share, if there are not too many


@dataclass(frozen=True, slots=True)
class Line:
    """A rule in the drawing: an SVG path for each disposition."""

    rule: str
    y: int
    paths: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """The drawing of some rules over all schemas."""

    lines: tuple[Line, ...]
    pitch: int
    width: int
    height: int


def draw(members: Sequence[Member], rules: Sequence[RuleRow]) -> Matrix:
    """Place a mark for each rule of each schema; schemas from the left, as they are listed."""
    pitch = max(5, min(28, _ROOM // max(1, len(members))))
    marks: dict[str, dict[str, list[int]]] = {}
    for column, member in enumerate(members):
        for cell in member.cells:
            marks.setdefault(cell.rule, {}).setdefault(cell.disposition, []).append(column)
    lines = tuple(
        Line(row.rule, number * ROW, _paths(marks.get(row.rule, {}), number * ROW, pitch))
        for number, row in enumerate(rules)
    )
    return Matrix(lines, pitch, pitch * len(members), ROW * len(rules))


def _paths(columns: dict[str, list[int]], top: int, pitch: int) -> tuple[tuple[str, str], ...]:
    wide = pitch - (1 if pitch < 10 else 3)
    return tuple(
        (
            name,
            "".join(
                f"M{column * pitch} {top + ROW - 2}v-{_TALL[name]}h{wide}v{_TALL[name]}z"
                for column in columns[name]
            ),
        )
        for name in DISPOSITIONS
        if name in columns
    )
