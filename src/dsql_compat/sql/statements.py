"""A statement: its text, where it stands, and its syntax tree."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from pglast import ast
from pglast.parser import ParseError, parse_sql, scan

from dsql_compat.findings import Usage
from dsql_compat.sql.masking import Extension, mask_dsql_words, mask_variables

_COMMENTS = frozenset({"SQL_COMMENT", "C_COMMENT"})


class Token(NamedTuple):
    """A word of a statement: `end` is exclusive, unlike the parser's."""

    start: int
    end: int
    name: str
    text: str


class Position(NamedTuple):
    """Line and column in the source file, both from 1, columns in characters."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class SyntaxProblem:
    """Why a statement does not parse, and where in its text (from 0)."""

    message: str
    at: int


@dataclass(eq=False)
class Statement:
    """One statement of a source, or one found inside another's text (a function's body).

    `line` and `column` say where `text` begins; a nested statement has `outer` and its `offset`
    in there instead.  `tree` is None when it does not parse (then `problem` says why) and for
    DSQL's own statements that PostgreSQL has no tree for.  A nested statement keeps the text
    before it, because its nodes count from there, and begins at `start`.  Where the outer text
    writes more or less than this one holds (doubled quotes), `shifts` says from which character on
    how many to add.  A statement of a workload has its `usage`; it `is_pinned`, since its text was
    changed: all of it stands where it begins.  `stand_in` is the text that was parsed in place of
    one with variables or placeholders, equally long.
    """

    text: str
    source: str = ""
    line: int = 1
    column: int = 1
    tree: ast.Node | None = None
    problem: SyntaxProblem | None = None
    extension: Extension | None = None
    ordinal: int = 0
    lead: str = ""
    outer: Statement | None = None
    offset: int = 0
    start: int = 0
    shifts: tuple[tuple[int, int], ...] = ()
    usage: Usage | None = None
    is_pinned: bool = False
    stand_in: str | None = None

    def position(self, at: int = 0) -> Position:
        """Where the character `at` of this text stands in the source."""
        if self.is_pinned:
            return Position(self.line, self.column)
        if self.outer is not None:
            return self.outer.position(self.offset + at + self.shift(at))
        newlines = self.text.count("\n", 0, at)
        if not newlines:
            return Position(self.line, self.column + at)
        return Position(self.line + newlines, at - self.text.rfind("\n", 0, at))

    def shift(self, at: int) -> int:
        """How many characters more the outer text has before the character `at` of this one."""
        nearest = bisect_right(self.shifts, at, key=lambda shift: shift[0])
        return self.shifts[nearest - 1][1] if nearest else 0

    @cached_property
    def tokens(self) -> tuple[Token, ...]:
        """The words of the statement without comments; empty when it cannot be scanned."""
        text, start = self.text, self.start
        make = tuple.__new__  # a third of the time of Token(…), and there are many words
        try:
            return tuple(
                [
                    make(Token, (first, last + 1, name, text[first : last + 1]))
                    for first, last, name, _ in scan(mask_dsql_words(self.stand_in or text)[0])
                    if first >= start and name not in _COMMENTS
                ]
            )
        except ParseError:
            return ()

    @property
    def excerpt(self) -> str:
        """The statement itself, without what its text holds before it."""
        return self.text[self.start :].rstrip()

    @property
    def outermost(self) -> Statement:
        """The statement of the source that this one stands in; itself, if in none."""
        return self if self.outer is None else self.outer.outermost


@contextmanager
def unchecked_nodes() -> Iterator[None]:
    """Build trees without pglast's checks while this lasts.

    Its node classes check and coerce every attribute they are given, in Python, which takes most
    of the time of parsing; what pglast's own parser gives them needs neither.  A test holds the
    trees against those built with the checks on.
    """
    checks = ast.Node.__dict__.get("__setattr__")
    if checks is None:  # another run in this process is at it
        yield
        return
    del ast.Node.__setattr__
    try:
        yield
    finally:
        ast.Node.__setattr__ = checks


def parse_statement(statement: Statement) -> Statement:
    """Fill in the tree, or the reason why there is none.

    The grammar is that of PostgreSQL 18; DSQL's own words are blanked first, psql
    variables only when the statement does not parse with them.
    """
    text, statement.extension = mask_dsql_words(statement.text)
    if statement.extension == "iam":
        return statement
    try:
        parsed = parse_sql(text)
    except ParseError as error:
        masked = mask_variables(text)
        parsed = _parsed(masked) if masked != text else ()
        if parsed:
            statement.stand_in = mask_variables(statement.text)
        elif masked != text and not masked.strip(" \t\r\n;"):
            return statement  # code of a template by itself
        else:
            message, at = error.args[0], error.args[1] if len(error.args) > 1 else 0
            statement.problem = SyntaxProblem(str(message), max(0, int(at or 0)))
            return statement
    except UnicodeEncodeError:
        statement.problem = SyntaxProblem("the text holds lone surrogates, no characters", 0)
        return statement
    statement.tree = parsed[0].stmt if parsed else None
    return statement


def _parsed(text: str) -> tuple[ast.RawStmt, ...]:
    try:
        return tuple(parse_sql(text))
    except ParseError:
        return ()


def parse_nested(
    text: str,
    outer: Statement,
    offset: int,
    skip: int = 0,
    shown: str | None = None,
    shifts: tuple[tuple[int, int], ...] = (),
) -> Iterator[Statement]:
    """The statements of a text that stands at `offset` inside another statement's.

    `skip` characters at its start were added to make it parse and are no part of the source;
    `shown` is the text as the source has it, of the same length.  Raises ParseError when the text
    does not parse as a whole.
    """
    shown = text if shown is None else shown
    for raw in parse_sql(text):
        start = raw.stmt_location
        end = start + raw.stmt_len if raw.stmt_len else len(text)
        piece = text[start:end]
        blank = len(piece) - len(piece.lstrip())
        # The nodes count from the start of the text that was parsed, so the statement keeps it.
        yield Statement(
            text=shown[:end],
            source=outer.source,
            tree=raw.stmt,
            outer=outer,
            offset=offset,
            ordinal=outer.ordinal,
            start=max(skip, start + blank),
            shifts=shifts,
        )
