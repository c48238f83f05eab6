"""Tables of the page: columns as wide as their text needs, and labels for where rows are stacked.

A table of names, numbers and sentences gets poor widths from a browser, which squeezes whatever may
break anywhere; here they follow from the text, so that a page and its print agree.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from typing import Any

_LONGEST_WORD = 20  # characters that a column tries to hold without a break
_LONGEST = 220  # characters of a cell beyond which a column gets no wider
_BEND = 0.75  # how fast the width grows with the text
_LEAST = 6  # per cent of the table
_NARROW = 48  # weight below which a table needs no full line


def lay_out(tokens: Sequence[Any]) -> None:
    """Notes the columns' widths in each table's token, and its heading in each cell's."""
    for start, end in _tables(tokens):
        rows = list(_rows(tokens, start, end))
        if not rows:
            continue
        heads = [_text(inline).strip() for _, inline in rows[0]]
        columns = [[row[n][1] for row in rows if n < len(row)] for n in range(len(heads))]
        weights = [_weight([_text(cell) for cell in column]) for column in columns]
        tokens[start].meta = {"widths": _shares(weights), "narrow": sum(weights) < _NARROW}
        for row in rows[1:]:
            for (cell, _), head in zip(row, heads, strict=False):
                cell.meta = {"label": head}


def open_tag(token: Any) -> str:
    """The table with its columns; roles keep it a table where style sheets make blocks of rows."""
    columns = "".join(f'<col class="w{share}">' for share in token.meta.get("widths", ()))
    narrow = ' class="narrow"' if token.meta.get("narrow") else ""
    return f'<table role="table"{narrow}><colgroup>{columns}</colgroup>\n'


def cell_tag(token: Any) -> str:
    """A cell: numbers to the right, and no style attribute, which the page's policy forbids."""
    aligned = ' class="right"' if "right" in str(token.attrs.get("style", "")) else ""
    if token.tag == "th":
        return f'<th role="columnheader"{aligned}>'
    return f'<td role="cell" data-label="{html.escape(token.meta.get("label", ""))}"{aligned}>'


def width_rules(tables: str) -> str:
    """The style rules of all widths that the page's tables have."""
    used = [share for share in range(1, 101) if f'"w{share}"' in tables]
    return "\n".join(f"col.w{share} {{ width: {share}%; }}" for share in used)


def _tables(tokens: Sequence[Any]) -> Iterator[tuple[int, int]]:
    start = 0
    for at, token in enumerate(tokens):
        if token.type == "table_open":
            start = at
        elif token.type == "table_close":
            yield start, at


def _rows(tokens: Sequence[Any], start: int, end: int) -> Iterator[list[tuple[Any, Any]]]:
    """The cells of each row, each with its content."""
    row: list[tuple[Any, Any]] = []
    for at in range(start, end):
        if tokens[at].type == "tr_open":
            row = []
        elif tokens[at].type in ("th_open", "td_open"):
            row.append((tokens[at], tokens[at + 1]))
        elif tokens[at].type == "tr_close":
            yield row


def _text(inline: Any) -> str:
    """What a cell shows before anything in it is unfolded."""
    shown = ""
    for child in inline.children or ():
        if child.type == "html_inline":
            if child.content == "<details>":
                break
            shown += " "
        else:
            shown += child.content
    return shown


def _weight(cells: list[str]) -> float:
    lengths = sorted(min(len(cell), _LONGEST) for cell in cells)
    usual = (lengths[int(0.9 * (len(lengths) - 1))] + lengths[-1]) / 2
    word = max((len(word) for cell in cells for word in cell.split()), default=0)
    return max(min(word, _LONGEST_WORD) + 2.0, float(usual**_BEND))


def _shares(weights: list[float]) -> list[int]:
    """Whole per cents that add up to 100, none too small to hold a word."""
    total = sum(weights)
    shares = [max(_LEAST, round(100 * weight / total)) for weight in weights]
    shares[shares.index(max(shares))] += 100 - sum(shares)
    return shares
