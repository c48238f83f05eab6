"""The values of editing: files as units between text that stays, and what came out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from dsql_compat.rules import Disposition
from dsql_compat.sql.statements import Statement

JOINT = "\x1e"  # between statements and comments that are new, before they are laid out
EDITABLE: frozenset[Disposition] = frozenset({"automatic", "review"})


class Remark(NamedTuple):
    """A statement of a file with the rule and the reason why it was edited or left."""

    line: int
    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class FixResult:
    """One file before and after.  `refusal` says why a file was not looked into at all.

    `edited` has an entry for each statement that changed, `left` one for each that DSQL still
    refuses; `notes` are about the file as a whole.
    """

    name: str
    before: str
    after: str
    edited: tuple[Remark, ...] = ()
    left: tuple[Remark, ...] = ()
    notes: tuple[str, ...] = ()
    errors_before: int = 0
    errors_after: int = 0
    refusal: str | None = None
    codec: str = "utf-8"

    @property
    def is_changed(self) -> bool:
        """Whether there is anything to write."""
        return self.after != self.before


@dataclass(frozen=True, slots=True)
class Scope:
    """What may be edited: findings of rules that are `wanted`, but for those `spared`, which are
    by file the rule and a line of the statement; `unwraps` are the files in which the tool's own
    transaction may be switched off.
    """

    wanted: Callable[[str], bool]
    spared: Mapping[str, frozenset[tuple[str, int]]]
    unwraps: frozenset[str]

    def allows(self, file: str, unit: Unit, rule: str) -> bool:
        """Whether a rule's finding in a statement may be settled."""
        if not self.wanted(rule):
            return False
        last = unit.line + unit.original.count("\n")
        return not any(
            rule == spared and unit.line <= line <= last
            for spared, line in self.spared.get(file, ())
        )


@dataclass(slots=True, eq=False)
class Unit:
    """A top-level statement of the file as it was found, and what stands in its place by now.

    `banned` holds findings that must not be tried again, with the reason; `one_by_one` says that
    several edits at once went wrong.
    """

    start: int
    end: int
    original: str
    current: str
    line: int
    rows_follow: bool = False
    one_by_one: bool = False
    banned: dict[tuple[str, ...], str] = field(default_factory=dict)
    applied: list[str] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Document:
    """A file's text with its statements; text between units is written out as it was read.

    `shown` is the text to be analysed: the same, with the way back of a migration blanked.
    """

    name: str
    path: Path | None
    text: str
    codec: str
    bom: bytes
    newline: str
    units: list[Unit] = field(default_factory=list)
    hidden: list[tuple[int, int]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """A statement that was just analysed, the unit it stands in, and where in there."""

    unit: Unit
    statement: Statement
    offset: int
    table: object = None


class Edit(NamedTuple):
    """A stretch of a unit's current text and what to put there."""

    unit: Unit
    start: int
    end: int
    text: str
