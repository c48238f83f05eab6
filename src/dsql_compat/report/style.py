"""Colour and layout for terminals."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from dsql_compat.report.visible import UNSEEN

_CODES = {
    "bold": "1",
    "dim": "2",
    "error": "1;31",
    "warning": "33",
    "info": "36",
    "good": "32",
    "path": "36",
}


_NARROW = 10  # columns in which no text is wrapped
WIDTH = 100  # of prose, where there is room


class Style:
    """Paints text, or leaves it plain; `width` is that of a terminal, None for a file or a pipe."""

    def __init__(self, colour: bool, width: int | None = None) -> None:
        self._colour = colour
        self.width = width and max(width, 40)

    def wrap(self, text: str, indent: str) -> str:
        """Prose as an indented paragraph, never wider than the terminal."""
        return wrap(text, indent, min(WIDTH, self.width or WIDTH))

    def fitted(self, text: str) -> str:
        """Prose as a paragraph for a terminal, on one line for a file or a pipe."""
        return one_line(text) if self.width is None else self.wrap(text, "")

    def fits(self, line: str) -> bool:
        """Whether a line without colour is no wider than the terminal."""
        return self.width is None or len(line) <= self.width

    def __call__(self, style: str, text: str) -> str:
        """The text in a style, such as `error` or `bold`."""
        if not self._colour or not text:
            return text
        return f"\x1b[{_CODES[style]}m{text}\x1b[0m"


def safe(text: str) -> str:
    r"""The text with control characters and direction marks written out as `\x1b` and the like:
    escape sequences in a schema's names must not reach the terminal."""
    return UNSEEN.sub(lambda m: m[0].encode("unicode_escape").decode(), text)


def path(text: str) -> str:
    r"""The name of a file, safe and on one line, its blanks as they are."""
    return safe(text).replace("\n", "\\n").replace("\t", "\\t")


def one_line(text: str) -> str:
    """The text safe and on one line."""
    return safe(" ".join(text.split()))


def wrap(text: str, indent: str, width: int = WIDTH) -> str:
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
    rows: Sequence[Sequence[str]],
    indent: str = "  ",
    right: frozenset[int] = frozenset(),
    width: int | None = None,
) -> str:
    """Rows in columns, as wide as their widest cell; `right` are the columns of numbers.

    Where that is wider than `width`, the last column goes on below itself.
    """
    if not rows:
        return ""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [
            cell.rjust(width) if i in right else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        line = (indent + "  ".join(cells)).rstrip()
        before = len(indent) + sum(widths[:-1]) + 2 * (len(widths) - 1)
        if width is None or len(line) <= width:
            lines.append(line)
            continue
        is_below = width - before < _NARROW
        edge = len(indent) + 4 if is_below else before
        parts = textwrap.wrap(row[-1], width - edge, break_on_hyphens=False)
        last = [" " * edge + part for part in parts]
        head = (indent + "  ".join(cells[:-1])).rstrip()
        lines += [head, *last] if is_below else [head.ljust(edge) + last[0].lstrip(), *last[1:]]
    return "\n".join(lines)
