"""Cuts a plain dump into statements, independently of the analyzer's own reader.

It knows just what psql has to know: quotes, dollar quotes, comments, the data of COPY, and lines
starting with a backslash between statements. Tests hold the analyzer against it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

# The order matters: a quote that opens first hides whatever it contains.
_TOKEN = re.compile(
    r"""
      (?P<comment> --[^\n]* )
    | (?P<block>   /\* )
    | (?P<escape>  \b[eE]'(?:[^'\\]|\\.|'')*' )
    | (?P<string>  '(?:[^']|'')*' )
    | (?P<ident>   "(?:[^"]|"")*" )
    | (?P<dollar>  (?<![\w$]) \$(?P<tag>(?:[^\W\d]\w*)?)\$ .*? \$(?P=tag)\$ )
    | (?P<end>     ; )
    | (?P<open>    \( )
    | (?P<shut>    \) )
    | (?P<begin>   \bBEGIN\s+ATOMIC\b )
    | (?P<case>    \bCASE\b )
    | (?P<close>   \bEND\b )
    | (?P<meta>    ^\\[^\n]*\n? )
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE | re.IGNORECASE,
)
_BLOCK_EDGE = re.compile(r"/\*|\*/")
_COPY = re.compile(r"COPY\s.*\sFROM\s+stdin\b", re.DOTALL | re.IGNORECASE)
_COPY_END = re.compile(r"^\\\.\r?\n", re.MULTILINE)


def split(text: str) -> Iterator[str]:
    """The statements of a script, without psql's commands and without COPY's data."""
    position = 0
    kept: list[str] = []
    # Of parentheses (a rule's actions) and of BEGIN ATOMIC ... END: semicolons there end nothing.
    parentheses = depth = 0
    while match := _TOKEN.search(text, position):
        kept.append(text[position : match.start()])
        position = match.end()
        kind = match.lastgroup if match.lastgroup != "tag" else "dollar"
        if kind == "block":
            position = _after_block(text, position)
        elif kind == "meta" and not _blank(kept):
            kept.append(match.group())
        elif kind == "end" and not depth and not parentheses:
            statement = "".join(kept).strip()
            kept = []
            if statement:
                yield statement
            if _COPY.match(statement):
                position = _after_copy(text, position)
        elif kind not in ("comment", "meta"):
            parentheses += (kind == "open") - (kind == "shut")
            # CASE has an END of its own.
            depth += kind == "begin" or (kind == "case" and depth > 0)
            depth -= kind == "close" and depth > 0
            kept.append(match.group())
    if rest := "".join([*kept, text[position:]]).strip():
        yield rest


def _blank(kept: list[str]) -> bool:
    return not any(part.strip() for part in kept)


def _after_block(text: str, position: int) -> int:
    """The end of a block comment, which may hold others."""
    depth = 1
    while depth and (edge := _BLOCK_EDGE.search(text, position)):
        depth += 1 if edge.group() == "/*" else -1
        position = edge.end()
    return position if not depth else len(text)


def _after_copy(text: str, position: int) -> int:
    end = _COPY_END.search(text, text.index("\n", position))
    return end.end() if end else len(text)
