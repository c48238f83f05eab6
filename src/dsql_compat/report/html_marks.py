"""SQL as HTML: the words that findings point at, and what a rewrite changes, word by word."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from html import escape
from itertools import groupby, pairwise, takewhile

from dsql_compat.report.model import FindingInfo, Location
from dsql_compat.report.visible import visible
from dsql_compat.rules import SEVERITIES

Words = list[tuple[str, bool]]  # each with whether the other text has it, too
_WORDS = re.compile(r"\w+|\s+|[^\w\s]")
_MOST_WORDS = 1_200  # beyond that only what is alike at both ends is told from what is not
_ALIKE = 0.25  # with less in common, marks on nearly all words would tell nothing


@dataclass(frozen=True, slots=True)
class Mark:
    """Characters of a text that findings point at."""

    start: int
    end: int
    findings: tuple[FindingInfo, ...]


def marks_in(text: str, at: Location, findings: Iterable[FindingInfo]) -> list[Mark]:
    """The places of findings in a text that stands at `at`, those on the same words together."""
    starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def offset(line: int, column: int) -> int:
        number = line - at.line
        if number >= len(starts):
            return len(text)
        return starts[number] + column - (at.column if number == 0 else 1)

    places: dict[tuple[int, int], list[FindingInfo]] = {}
    for finding in findings:
        where = finding.location
        start = offset(where.line, where.column)
        end = min(offset(where.end_line, where.end_column), len(text))
        if start < end:
            places.setdefault((start, end), []).append(finding)
    return [Mark(start, end, tuple(found)) for (start, end), found in sorted(places.items())]


def marked(text: str, marks: Sequence[Mark]) -> str:
    """The text as HTML with a link to the worst of the findings on each marked stretch."""
    if not marks:
        return escape(visible(text))
    bounds = sorted({0, len(text), *(m.start for m in marks), *(m.end for m in marks)})
    parts: list[str] = []
    for start, end in pairwise(bounds):
        piece = escape(visible(text[start:end]))
        inside = [f for m in marks if m.start <= start and end <= m.end for f in m.findings]
        parts.append(_link(inside, piece) if inside and not text[start:end].isspace() else piece)
    return "".join(parts)


def _link(findings: list[FindingInfo], words: str) -> str:
    worst = min(findings, key=lambda f: SEVERITIES.index(f.severity))
    others = " ".join(f.id for f in findings if f is not worst)
    rules = ", ".join(dict.fromkeys(f"{f.severity}: {f.rule}" for f in findings))
    more = f' data-also="{escape(others)}" title="{escape(rules)}"' if others else ""
    href = f"#finding-{escape(worst.id)}"
    return f'<a class="hit {worst.severity}" href="{href}"{more}>{words}</a>'


def highlighted(text: str, stretch: Sequence[int] | None) -> str:
    """The text as HTML with one stretch of it marked."""
    if not stretch:
        return escape(visible(text))
    first, last = stretch
    before, words, after = (
        escape(visible(part)) for part in (text[:first], text[first:last], text[last:])
    )
    return f"{before}<mark>{words}</mark>{after}"


@lru_cache(maxsize=4096)
def word_diff(before: str, after: str) -> tuple[str, str]:
    """Both texts as HTML, with the words that differ in `del` and `ins`."""
    sides = _sides(before, after)
    if sides is None:
        return escape(visible(before)), escape(visible(after))
    return _tagged(sides[0], "del"), _tagged(sides[1], "ins")


def merged_diff(before: str, after: str) -> str | None:
    """Both texts in one, as HTML; None where too little is alike to be read that way."""
    sides = _sides(before, after)
    if sides is None:
        return None
    merged: list[tuple[str, str]] = []
    new = iter(sides[1])
    for word, same in sides[0]:
        if not same:
            merged.append(("del", word))
            continue
        merged += [("ins", come) for come, _ in takewhile(lambda item: not item[1], new)]
        merged.append(("", word))
    merged += [("ins", come) for come, _ in new]
    parts = [
        (tag, escape("".join(word for _, word in run)))
        for tag, run in groupby(merged, key=lambda item: item[0])
    ]
    return "".join(f"<{tag}>{text}</{tag}>" if tag else text for tag, text in parts)


def _sides(before: str, after: str) -> tuple[Words, Words] | None:
    """The words of both texts, or None where marks on nearly all would tell nothing."""
    old, new = _WORDS.findall(visible(before)), _WORDS.findall(visible(after))
    first = 0
    while first < min(len(old), len(new)) and old[first] == new[first]:
        first += 1
    last = 0
    while last < min(len(old), len(new)) - first and old[-1 - last] == new[-1 - last]:
        last += 1
    middle = old[first : len(old) - last], new[first : len(new) - last]
    left, right = _compare(*middle)
    alike = first + last + sum(1 for word, same in left if same and not word.isspace())
    if alike < _ALIKE * min(len(old), len(new)):
        return None
    ends = [(word, True) for word in old[:first]], [(w, True) for w in old[len(old) - last :]]
    return [*ends[0], *left, *ends[1]], [*ends[0], *right, *ends[1]]


def _compare(old: list[str], new: list[str]) -> tuple[Words, Words]:
    if max(len(old), len(new)) > _MOST_WORDS:
        return [(word, False) for word in old], [(word, False) for word in new]
    left: Words = []
    right: Words = []
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for kind, i, j, k, m in matcher.get_opcodes():
        # Blanks alone between two changes are part of them.
        same = kind == "equal" and not all(word.isspace() for word in old[i:j])
        left += [(word, same) for word in old[i:j]]
        right += [(word, same) for word in new[k:m]]
    return left, right


def _tagged(words: Words, tag: str) -> str:
    parts: list[str] = []
    is_open = False
    for word, same in words:
        if same == is_open:
            parts.append(f"</{tag}>" if is_open else f"<{tag}>")
            is_open = not is_open
        parts.append(escape(word))
    return "".join([*parts, f"</{tag}>"] if is_open else parts)
