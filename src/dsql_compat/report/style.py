"""Colour and layout for terminals."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence

_CODES = {
    "bold": "1",
    "dim": "2",
    "error": "1;31",
    "warning": "33",
    "info": "36",
    "good": "32",
    "path": "36",
}
# Escape sequences and direction marks in a schema's names must not reach the terminal.
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class Style:
    """Paints text, or leaves it plain."""

    def __init__(self, colour: bool) -> None:
        self._colour = colour

    def __call__(self, style: str, text: str) -> str:
        """The text in a style, such as `error` or `bold`."""
        if not self._colour or not text:
            return text
        return f"\x1b[{_CODES[style]}m{text}\x1b[0m"


def safe(text: str) -> str:
    r"""The text with control characters and direction marks written out as `\x1b` and the like."""
    return _UNSAFE.sub(lambda m: m[0].encode("unicode_escape").decode(), text)


def one_line(text: str) -> str:
    """The text safe and on one line."""
    return safe(" ".join(text.split()))


def wrap(text: str, indent: str, width: int = 100) -> str:
    """Prose as an indented paragraph."""
    return textwrap.fill(
        one_line(text),
        width,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def block(text: str, indent: str) -> str:
    """SQL as an indented block, lines as they are."""
    return "\n".join(indent + safe(line.rstrip()) for line in text.expandtabs(4).splitlines())


def table(
    rows: Sequence[Sequence[str]], indent: str = "  ", right: frozenset[int] = frozenset()
) -> str:
    """Rows in columns, as wide as their widest cell; `right` are the columns of numbers."""
    if not rows:
        return ""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [
            cell.rjust(width) if i in right else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append((indent + "  ".join(cells)).rstrip())
    return "\n".join(lines)
