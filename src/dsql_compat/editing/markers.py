"""The marks of migration tools: which part of a file is the way back, and who wraps it.

A tool that runs a migration in a transaction of its own makes DSQL refuse all but the smallest of
them: beside the DDL it writes its history row.  Where the file itself can switch that off, it is
switched off here; where only a setting can, a note says which.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from dsql_compat.editing.model import Document

_M = re.I | re.M
_GOOSE = re.compile(r"^[ \t]*--[ \t]*\+goose[ \t]+([^\r\n]*)", _M)
_DBMATE = re.compile(r"^[ \t]*--[ \t]*migrate:([^\s:]+)([^\r\n]*)", _M)
_SQL_MIGRATE = re.compile(r"^[ \t]*--[ \t]*\+migrate[ \t]+([^\r\n]*)", _M)
_LIQUIBASE = re.compile(r"^--[ \t]*liquibase[ \t]+formatted[ \t]+sql", _M)
_CHANGESET = re.compile(r"^--[ \t]*changeset[ \t]+[^\r\n]*", _M)
_NODE = re.compile(r"^[ \t]*--[ \t]*(up|down)[ \t]+migration[ \t]*\r?$", _M)
_DRIZZLE = re.compile(r"--> statement-breakpoint")
_ATLAS = re.compile(r"^[ \t]*--[ \t]*atlas:(\S+)[ \t]*([^\r\n]*)", _M)
_DIRECTION = re.compile(
    r"^(?:--|#)[^\w\n]*(?:\w+[ \t]+)?[!@]?(?:undo|downs?|revert|rollback)[ \t]*\r?$", _M
)
_DELIMITER = re.compile(r"^(?:--[ \t]*)?delimiter[ \t]+[^\w\s]\S*|^GO[ \t]*\r?$", _M)
_TEMPLATE = re.compile(r"\{%-?[ \t]+\w+|<%[=-]")
_WAY_BACK = re.compile(
    r"(?:^|[._-])down\.sql$|^U\d[\w.]*__.*\.sql$|\.(?:undo|rollback|revert)\.sql$", re.I
)


class UnknownMarksError(ValueError):
    """A file whose marks are not understood; the message says which."""


@dataclass(frozen=True, slots=True)
class Tool:
    """The tool a file was written for.  `joint` stands between two statements made of one."""

    name: str
    joint: Callable[[str, int], str] | None = None
    note: str = ""


PLAIN = Tool("plain")


def is_way_back(path: Path) -> bool:
    """Whether a file by its name undoes another one."""
    return bool(_WAY_BACK.search(path.name)) or path.parent.name in ("revert", "verify")


def tool_of(document: Document) -> Tool:
    """The tool whose marks a file bears.  Raises UnknownMarksError."""
    text = document.text
    if _GOOSE.search(text):
        _check_goose(text)
        return Tool("goose", _goose_joint)
    if _DBMATE.search(text):
        _expect("dbmate", _DBMATE, text, {"up", "down"})
        return Tool("dbmate")
    if _SQL_MIGRATE.search(text):
        _expect("sql-migrate", _SQL_MIGRATE, text, _SQL_MIGRATE_WORDS)
        return Tool("sql-migrate", _sql_migrate_joint)
    if _LIQUIBASE.search(text):
        _check_liquibase(text)
        return Tool("liquibase")
    if _NODE.search(text):
        return Tool(
            "node-pg-migrate", None, "run node-pg-migrate without a transaction around the file"
        )
    _refuse_others(text)
    if _DRIZZLE.search(text):
        return Tool(
            "drizzle",
            lambda _text, _at: "--> statement-breakpoint\n",
            "Drizzle's own migrator runs all pending files in one transaction: apply this one "
            "statement by statement",
        )
    return _by_name(document) or PLAIN


def _by_name(document: Document) -> Tool | None:
    path = document.path
    if path is None:
        return None
    if _ATLAS.search(document.text) or (path.parent / "atlas.sum").is_file():
        return Tool("atlas", None, "run `atlas migrate hash`, for the file changed")
    if path.name.lower().endswith(".up.sql"):
        return Tool(
            "golang-migrate",
            None,
            "golang-migrate sends a file as one batch: add x-multi-statement=true to its URL",
        )
    if re.match(r"[VRB][\d._]*__.*\.sql\Z", path.name):
        return Tool(
            "flyway",
            None,
            f"Flyway wraps a migration in a transaction: write executeInTransaction=false "
            f"to {path.name}.conf",
        )
    if path.name == "migration.sql":
        return Tool(
            "prisma",
            None,
            "Prisma sends a migration as one batch, which is one transaction: a statement a "
            "migration, or apply it with psql",
        )
    return None


_SQL_MIGRATE_WORDS = {"up", "down", "statementbegin", "statementend"}
_GOOSE_WORDS = {
    *("up", "down", "statementbegin", "statementend", "no transaction"),
    *("envsub on", "envsub off"),
}


def _check_goose(text: str) -> None:
    for found in _GOOSE.finditer(text):
        if " ".join(found[1].lower().split()) not in _GOOSE_WORDS:
            raise UnknownMarksError(f"the goose mark `{found[0].strip()}` is not known")


def _expect(tool: str, pattern: re.Pattern[str], text: str, words: set[str]) -> None:
    for found in pattern.finditer(text):
        if (found[1].lower().split() or [""])[0] not in words:
            raise UnknownMarksError(f"the {tool} mark `{found[0].strip()}` is not known")


def _check_liquibase(text: str) -> None:
    found = re.search(r"enddelimiter:(\S*)", text, re.I)
    if found and found[1].strip("\"'") not in (";", ""):
        raise UnknownMarksError("its changesets end statements with other than a semicolon")


def _refuse_others(text: str) -> None:
    for pattern, what in (
        (_DIRECTION, "a mark of a way back that belongs to no tool known here"),
        (_DELIMITER, "another delimiter than the semicolon"),
        (_TEMPLATE, "a template, which is no SQL before it is filled in"),
    ):
        found = pattern.search(text)
        if found:
            raise UnknownMarksError(f"it has {what}: `{found[0].strip()}`")


# -- the way back -------------------------------------------------------------------------------


def ways_back(document: Document, tool: Tool) -> Iterator[tuple[int, int]]:
    """The stretches of a file that undo the rest of it."""
    pattern, down, up = {
        "goose": (_GOOSE, "down", "up"),
        "dbmate": (_DBMATE, "down", "up"),
        "sql-migrate": (_SQL_MIGRATE, "down", "up"),
        "node-pg-migrate": (_NODE, "down", "up"),
    }.get(tool.name, (None, "", ""))
    if pattern is None:
        return
    start: int | None = None
    for found in pattern.finditer(document.text):
        word = (found[1].lower().split() or [""])[0]
        if word == down and start is None:
            start = found.end()
        elif word == up and start is not None:
            yield start, found.start()
            start = None
    if start is not None:
        yield start, len(document.text)


# -- between two statements made of one ---------------------------------------------------------


def _inside(pattern: re.Pattern[str], text: str, at: int) -> bool:
    marks = [found[1].lower().split()[0] for found in pattern.finditer(text, 0, at)]
    wraps = [mark for mark in marks if mark in ("statementbegin", "statementend")]
    return bool(wraps) and wraps[-1] == "statementbegin"


def _goose_joint(text: str, at: int) -> str:
    if not _inside(_GOOSE, text, at):
        return ""
    return "-- +goose StatementEnd\n-- +goose StatementBegin\n"


def _sql_migrate_joint(text: str, at: int) -> str:
    if not _inside(_SQL_MIGRATE, text, at):
        return ""
    return "-- +migrate StatementEnd\n-- +migrate StatementBegin\n"


# -- the tool's own transaction -----------------------------------------------------------------


def unwrap(document: Document, tool: Tool, ddl: list[int]) -> Iterator[tuple[int, int, str]]:
    """What to write between statements so that the tool opens no transaction of its own.

    `ddl` holds where DDL statements of the way forward stand.  Positions are of `document.text`.
    """
    if not ddl:
        return
    match tool.name:
        case "goose":
            marks = {" ".join(m[1].lower().split()): m for m in _GOOSE.finditer(document.text)}
            if "no transaction" not in marks and "up" in marks:
                at = marks["up"].start()
                yield at, at, "-- +goose NO TRANSACTION" + document.newline
        case "dbmate":
            yield from _mark_up(_DBMATE, document, ddl, "transaction:false", "transaction:")
        case "sql-migrate":
            yield from _mark_up(_SQL_MIGRATE, document, ddl, "notransaction", "notransaction")
        case "liquibase":
            yield from _changesets(document, ddl)
        case "atlas":
            if not any(m[1].lower() == "txmode" for m in _ATLAS.finditer(document.text)):
                yield 0, 0, "-- atlas:txmode none" + document.newline * 2


def _mark_up(
    pattern: re.Pattern[str], document: Document, ddl: list[int], word: str, known: str
) -> Iterator[tuple[int, int, str]]:
    marks = list(pattern.finditer(document.text))
    for number, mark in enumerate(marks):
        if not mark[1].lower().startswith("up"):
            continue
        end = marks[number + 1].start() if number + 1 < len(marks) else len(document.text)
        if any(mark.end() <= at < end for at in ddl):
            yield from _option(mark, word, known)


def _changesets(document: Document, ddl: list[int]) -> Iterator[tuple[int, int, str]]:
    marks = list(_CHANGESET.finditer(document.text))
    for number, mark in enumerate(marks):
        end = marks[number + 1].start() if number + 1 < len(marks) else len(document.text)
        if any(mark.end() <= at < end for at in ddl):
            yield from _option(mark, "runInTransaction:false", "runintransaction:")


def _option(mark: re.Match[str], word: str, known: str) -> Iterator[tuple[int, int, str]]:
    """Put an option behind a mark, or set the one that is there."""
    written = re.search(re.escape(known) + r"\S*", mark[0], re.I)
    if written is None:
        end = mark.start() + len(mark[0].rstrip())
        yield end, end, " " + word
    elif written[0].lower() != word.lower():
        yield mark.start() + written.start(), mark.start() + written.end(), word


def sends_changeset_whole(document: Document, at: int) -> bool:
    """Whether Liquibase is told not to split the changeset that a place lies in."""
    marks = list(_CHANGESET.finditer(document.text, 0, at))
    return bool(marks) and "splitstatements:false" in marks[-1][0].lower()
