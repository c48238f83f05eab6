"""Comments that speak to this program, and the lines of the source that they speak of."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from pglast.parser import ParseError, scan

from dsql_compat.sql.asides import OUR_NAME, Aside
from dsql_compat.sql.lexer import Piece
from dsql_compat.sql.masking import mask_dsql_words
from dsql_compat.sql.statements import Statement

Place = Literal["above", "behind", "inside", "apart"]

# Only a comment that begins so is meant for us; others may name the program in passing.
_OURS = re.compile(r"(?:--+|/\*+)\s*dsql-compat(?:\s*:|\s+ignore)")
_BLANK_LINE = re.compile(rb"\n[ \t\r]*\n")


@dataclass(frozen=True, slots=True)
class Directive:
    """One such comment: `above` a statement, `behind` one in its last line, `inside` one, or apart.

    `subject` is the line it speaks of: the statement's first, its last, or one inside of it.
    """

    source: str
    line: int
    column: int
    text: str
    place: Place
    subject: int


def between(
    aside: Aside, piece: Piece | None, source: str, decode: Callable[[bytes], str]
) -> Iterator[tuple[int, Directive]]:
    """The directives among comments that stand in front of a piece (None: the source ends), each
    with its place in the lead."""
    at = 0
    for number, comment in enumerate(_comments(aside.text)):
        text, line = decode(comment).rstrip(), aside.line + aside.text.count(b"\n", 0, at)
        start = aside.at + at
        at += len(comment) + 1
        if not _OURS.match(text):
            continue
        column = len(decode(aside.prefix)) + 1 if number == 0 else 1
        if number == 0 and aside.prefix.strip():
            yield start, Directive(source, line, column, text, "behind", line)
            continue
        subject = _line_below(line, comment, start + len(comment), piece)
        place: Place = "above" if subject else "apart"
        yield start, Directive(source, line, column, text, place, subject)


def _comments(text: bytes) -> list[bytes]:
    """Comments that end with their lines come as a run; the others come alone."""
    return text.split(b"\n") if text.startswith(b"--") else [text]


def _line_below(line: int, comment: bytes, end: int, piece: Piece | None) -> int:
    """The first line of the statement below a comment; 0 where a blank line is between."""
    if piece is None or piece.kind == "command":
        return 0
    rest = piece.lead[end:].rstrip()
    last = line + comment.count(b"\n") + rest.count(b"\n")
    return 0 if _BLANK_LINE.search(rest) or piece.line - last > 1 else piece.line


def inside(statement: Statement) -> Iterator[Directive]:
    """The directives in the comments of a statement; none where its words cannot be told."""
    text = statement.text
    if OUR_NAME.decode() not in text:
        return
    try:
        tokens = list(scan(mask_dsql_words(text)[0]))
    except (ParseError, UnicodeEncodeError):
        return
    for number, token in enumerate(tokens):
        comment = text[token.start : token.end + 1]
        if token.name not in ("SQL_COMMENT", "C_COMMENT") or not _OURS.match(comment):
            continue
        line, column = statement.position(token.start)
        begins = text.rfind("\n", 0, token.start) + 1
        subject = line
        if begins and not text[begins : token.start].strip():
            words = (t for t in tokens[number + 1 :] if not t.name.endswith("_COMMENT"))
            below = next(words, None)
            subject = statement.position(below.start).line if below else line
        yield Directive(statement.source, line, column, comment.rstrip(), "inside", subject)
