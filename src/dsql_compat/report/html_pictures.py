"""The arithmetic of the page's bars."""

from __future__ import annotations

from dataclasses import dataclass

from dsql_compat.report.model import LimitRow, ObjectCounts
from dsql_compat.rules import DISPOSITIONS

_THIN = 0.8  # per cent: a part of a bar that is there is seen


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a stacked bar; `start` and `width` in per cent."""

    name: str
    count: int
    start: float
    width: float


def segments(counts: ObjectCounts) -> list[Segment]:
    """The parts of a bar of objects by disposition."""
    numbers = {name: getattr(counts, name.replace("-", "_")) for name in DISPOSITIONS}
    widths = {name: max(n / counts.total * 100, _THIN) for name, n in numbers.items() if n}
    scale = 100 / sum(widths.values()) if widths else 0
    parts, start = [], 0.0
    for name, number in numbers.items():
        width = widths.get(name, 0) * scale
        parts.append(Segment(name, number, round(start, 2), round(width, 2)))
        start += width
    return parts


def filled(row: LimitRow) -> float:
    """How much of a limit is used, in per cent of a bar."""
    return share(row.observed or 0, row.value)


def share(part: float, whole: float) -> float:
    """A bar's length in per cent; nothing only where there is nothing."""
    if not part or not whole:
        return 0
    return round(min(100, max(_THIN, part / whole * 100)), 2)
