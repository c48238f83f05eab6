"""Scripts that hold one construct at one place, and where in them its word stands."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

import yaml
from pydantic import BaseModel, ConfigDict

from dsql_compat.pipeline import analyze_text

FILE = Path(__file__).parent / "places.yaml"
KINDS = ("value", "query", "preparable", "statement")  # each is one of the next, too
Kind = Literal["value", "query", "preparable", "statement", "type"]
_MARKED = re.compile("«(.+?)»", re.S)
_SLOT = re.compile(r"\{(quoted|escaped|percents|dollar percents|plain|plain quoted|)\}")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Construct(_Strict):
    """Something that DSQL lacks; «…» stands around the word to be pointed at.

    What reports a type depends on the place, which names the rule.
    """

    kind: Kind
    sql: str
    rule: str = ""


class Place(_Strict):
    """Where SQL can stand: {} is replaced, inside one of the routines if it names one.

    `partly`: what runs there is known in part only, which the report must say.  `reports`: rules
    that speak of the place itself.
    """

    name: str
    kind: Kind
    sql: str
    subqueries: bool = True
    routine: str = ""
    rule: str = ""
    partly: bool = False
    reports: tuple[str, ...] = ()

    def takes(self, construct: Construct) -> bool:
        """Whether the construct can stand there."""
        if "type" in (self.kind, construct.kind):
            return self.kind == construct.kind
        if self.kind == "value":
            return construct.kind == "value" or (construct.kind == "query" and self.subqueries)
        return KINDS.index(construct.kind) <= KINDS.index(self.kind)


class Routine(_Strict):
    """What stands around a body."""

    head: str
    body: str
    tail: str


class Matrix(_Strict):
    """places.yaml."""

    setup: str
    constructs: tuple[Construct, ...]
    places: tuple[Place, ...]
    routines: dict[str, Routine]


class Marked(NamedTuple):
    """A script, and the line and column of every word that must be found."""

    script: str
    words: list[tuple[int, int, str]]


@cache
def matrix() -> Matrix:
    """The constructs and places."""
    return Matrix.model_validate(yaml.safe_load(FILE.read_text("utf-8")))


def unmarked(text: str) -> str:
    """SQL without the marks."""
    return text.replace("«", "").replace("»", "")


def _double(text: str) -> str:
    return text.replace("'", "''")


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'").replace("é", "\\u00e9")


_WRITTEN: dict[str, Callable[[str], str]] = {
    "": str,
    "quoted": _double,
    "escaped": _escape,
    "percents": lambda text: _double(text).replace("%", "%%"),
    "plain": unmarked,
    "plain quoted": lambda text: unmarked(_double(text)).replace("%", "%%"),
    "dollar percents": lambda text: text.replace("%", "%%"),
}
# How a body can be quoted.
QUOTINGS: dict[str, Callable[[str], str]] = {
    "dollars": lambda body: f"$${body}$$",
    "a tag": lambda body: f"$ö1${body}$ö1$",
    "apostrophes": lambda body: f"'{_double(body)}'",
    "escapes": lambda body: f"E'{_escape(body)}'",
    "Unicode": lambda body: (
        "U&'" + _double(body).replace("\\", "\\\\").replace("ä", "\\00e4") + "'"
    ),
}


def written(construct: Construct, place: Place, quoting: str = "") -> str:
    """The statement, marks included; without a quoting in the one that nothing in it disturbs."""
    text = construct.sql
    if construct.kind == "value" and place.kind != "value":
        text = f"SELECT {text}"
    elif construct.kind == "query" and place.kind == "value":
        text = f"({text})"
    text = _SLOT.sub(lambda slot: _WRITTEN[slot[1]](text), place.sql)
    if not place.routine:
        return text
    routine = matrix().routines[place.routine]
    body = routine.body.replace("{}", text)
    return routine.head + QUOTINGS[quoting or "a tag"](body) + routine.tail


def marked(text: str) -> Marked:
    """The script without the marks, and the places they marked."""
    words, script, last = [], "", 0
    for mark in _MARKED.finditer(text):
        script += text[last : mark.start()]
        line = script.count("\n") + 1
        column = len(script) - (script.rfind("\n") + 1) + 1
        words.append((line, column, mark[1]))
        script += mark[1]
        last = mark.end()
    return Marked(script + text[last:], words)


def complaints(construct: Construct, place: Place, script: Marked) -> Iterator[str]:
    """What is wrong with the report about a script."""
    report, rule = analyze_text(script.script), construct.rule or place.rule
    if bool(report.not_analysed) != place.partly:
        yield f"not analysed: {[(item.what, item.reason) for item in report.not_analysed]}"
    if any(finding.rule == "syntax-error" for finding in report.findings):
        yield "it does not parse"
    found = [finding.location for finding in report.findings if finding.rule == rule]
    ends = {(at.line, at.column): (at.end_line, at.end_column) for at in found}
    if len(ends) < len(found):
        yield "the same is reported twice"
    for line, column, word in script.words:
        if ends.pop((line, column), None) != (line, column + len(word)):
            yield f"{rule} is not found at {line}:{column}, {word}"
    if rule not in place.reports:
        lines = script.script.split("\n")
        yield from (
            f"{line}:{column} is found: {lines[line - 1][column - 1 :]}" for line, column in ends
        )


# What stands around a script must not move what is found in it.
AROUND: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "CRLF": lambda script: script.replace("\n", "\r\n"),
    "behind wide letters": lambda script: (
        f"SELECT '日本 😀'; {script.replace(' (', ' /* ü😀 */ (')}"
    ),
    "a byte order mark": lambda script: f"\ufeff{script}",
}


def pairs(place: Place) -> Iterator[Construct]:
    """The constructs that can stand at a place."""
    return (construct for construct in matrix().constructs if place.takes(construct))
