"""Numbers, lists and anchors as the guide writes them; names are escaped by report.markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from dsql_compat.report.markdown import code, prose
from dsql_compat.report.views import amount

_MOST = 12  # names in a line before the rest is folded away
_SLUG = re.compile(r"[^a-z0-9]+")
_LONGEST_SLUG = 60
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z`])")
_SINGULARS = {"indexes": "index", "entries": "entry"}


def plural(number: int, word: str, words: str | None = None) -> str:
    """`1 table`, `2 tables`."""
    return f"{number:,} {word if number == 1 else words or word + 's'}"


def quantity(number: int, unit: str) -> str:
    """A number with its unit, which is given in the plural: `1 index`, `2 KiB`."""
    if number == 1 and unit.endswith("s") and unit != "bytes":
        unit = _SINGULARS.get(unit, unit.removesuffix("s"))
    return amount(number, unit)


def in_text(title: str) -> str:
    """A title in the middle of a sentence: `Foreign key` loses its capital, `TRUNCATE` does not."""
    return prose(title[:1].lower() + title[1:] if title[1:2].islower() else title)


def listed(names: Iterable[str], most: int = _MOST) -> str:
    """Names as code with commas between them; behind so many, how many more there are."""
    names = list(dict.fromkeys(names))
    shown = ", ".join(code(name) for name in names[:most])
    more = len(names) - most
    return f"{shown} and {more:,} more" if more > 0 else shown


def all_listed(names: Iterable[str], most: int = _MOST) -> str:
    """All names in one cell or line: those behind the first ones are folded away."""
    names = list(dict.fromkeys(names))
    if len(names) <= most + 2:
        return listed(names, most + 2)
    rest = ", ".join(code(name) for name in names[most:])
    head = ", ".join(code(name) for name in names[:most])
    return f"{head} <details><summary>{len(names) - most:,} more</summary>{rest}</details>"


def joined(parts: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def minutes(low: int, high: int) -> str:
    """A stretch of time: minutes up to an hour and a half, hours beyond."""
    if high == 0:
        return "–"
    if high <= 90:
        return f"{low}–{high} min"
    return f"{_hours(low)}–{_hours(high)}\u00a0h"


def _hours(count: int) -> str:
    return f"{count / 60:,.0f}" if count >= 20 * 60 else f"{count / 60:.1f}".removesuffix(".0")


def duration(seconds: float) -> str:
    """About how long something takes."""
    if seconds < 90:
        return "under two minutes" if seconds > 50 else "under a minute"
    if seconds < 90 * 60:
        return f"about {seconds / 60:.0f} minutes"
    if seconds < 48 * 3600:
        return f"about {seconds / 3600:.0f} hours"
    return f"about {seconds / 86400:.0f} days"


def bar(share: float, cells: int = 10) -> str:
    """A bar of text: `███░░░░░░░ 27%`; a share above 1 is full, and says so."""
    full = min(cells, max(1 if share > 0 else 0, round(share * cells)))
    return f"`{'█' * full}{'░' * (cells - full)}` {percent(share)}"


def percent(share: float) -> str:
    """A share in per cent, `<1%` for what is there and tiny."""
    if 0 < share < 0.01:
        return "<1%"
    return f"{share * 100:,.0f}%"


def sentences(*texts: str) -> str:
    """Texts of the catalogue as one paragraph."""
    return prose(" ".join(text for text in texts if text))


def common(texts: Sequence[str]) -> str:
    """The sentences that all texts have, in the order of the first: what holds for every object."""
    shared = [set(_SENTENCE.split(text)) for text in texts]
    return " ".join(s for s in _SENTENCE.split(texts[0]) if all(s in other for other in shared))


def first_sentence(text: str) -> str:
    """`Leave it out.` of `Leave it out. Nothing asks for it.`"""
    return _SENTENCE.split(text)[0]


class Anchors:
    """Addresses within the guide, short and of plain letters; the same name gets the same one."""

    def __init__(self) -> None:
        self._given: dict[tuple[str, str], str] = {}
        self._taken: set[str] = set()

    def of(self, kind: str, name: str) -> str:
        """The address of something."""
        key = kind, name
        if key not in self._given:
            slug = _SLUG.sub("-", name.lower()).strip("-")[:_LONGEST_SLUG].strip("-")
            stem = _SLUG.sub("-", kind.lower())
            base = f"{stem}-{slug}" if slug else stem
            address, number = base, 1
            while address in self._taken:
                number += 1
                address = f"{base}-{number}"
            self._taken.add(address)
            self._given[key] = address
        return self._given[key]


def heading(level: int, text: str, address: str = "") -> str:
    """A heading; the text is Markdown already."""
    mark = f' <a id="{address}"></a>' if address else ""
    return f"{'#' * level} {text}{mark}"
