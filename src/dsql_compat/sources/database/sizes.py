"""What tables hold: the server's estimates, and the widths that a look at rows has shown."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field

from dsql_compat.sources.database.measuring import Measuring
from dsql_compat.sources.database.session import (
    DatabaseError,
    Row,
    Session,
    UnseenError,
    grant_for,
)
from dsql_compat.sources.database.words import ident, qualified
from dsql_compat.sql.lexer import RowCount

_PAGE = 8192  # bytes, where the server was not built otherwise
_SHOWN = 5  # names in a note
_BUSIEST = 3


@dataclass(frozen=True, slots=True)
class Widths:
    """The widest row and values of a table: of some of its rows, or of all."""

    rows: int
    widest: int
    columns: tuple[str, ...]
    values: tuple[int, ...]
    is_all: bool

    @property
    def count(self) -> RowCount:
        """As reading a dump's rows would have it, for what no estimate tells."""
        return RowCount(0, 0, self.widest, values=self.values)


@dataclass(slots=True)
class Sizes:
    """By the numbers of tables.  `notes` say what was looked at; `lost` why it ended early."""

    rows: dict[int, int] = field(default_factory=dict)
    bytes: dict[int, int] = field(default_factory=dict)
    inserted: dict[int, int] = field(default_factory=dict)
    widths: dict[int, Widths] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    lost: str | None = None


def read_sizes(session: Session, measuring: Measuring | None, wanted: set[int]) -> Sizes:
    """The sizes of the wanted tables.  A server that goes away ends it early, and is noted."""
    sizes = Sizes()
    try:
        _estimates(session, sizes, wanted)
        if measuring and not session.server.is_dsql:
            _measure(session, measuring, sizes, wanted)
    except DatabaseError as error:
        sizes.lost = str(error).removeprefix(f"{session.name}: ")
    return sizes


def _estimates(session: Session, sizes: Sizes, wanted: set[int]) -> None:
    try:
        found = session.answer("sizes")
    except UnseenError as error:
        sizes.notes.append(f"sizes of tables are not known: {error.reason}")
        return
    for row in found:
        table = row["relation"]
        if table in wanted:
            is_known = row["rows"] >= 0 and row["pages"] > 0
            sizes.rows[table] = int(row["rows"] if is_known else row["live"])
            sizes.bytes[table] = row["pages"] * _PAGE
            sizes.inserted[table] = row["inserted"]


@dataclass(slots=True)
class _Look:
    """What came of looking at the tables one after the other."""

    sampled: int = 0
    whole: int = 0
    rows: int = 0
    unreadable: list[str] = field(default_factory=list)
    failed: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)
    late: list[str] = field(default_factory=list)


def _measure(session: Session, measuring: Measuring, sizes: Sizes, wanted: set[int]) -> None:
    try:
        plan = [row for row in session.plan(measuring) if row["relation"] in wanted]
    except UnseenError as error:
        sizes.notes.append(f"no rows were looked at: {error.reason}")
        return
    look, end = _Look(), time.monotonic() + measuring.seconds
    try:
        for number, table in enumerate(plan, 1):
            _look_at(
                session, table, measuring.seconds_for_table(end - time.monotonic()), sizes, look
            )
            if measuring.on_table is not None:
                measuring.on_table(number, len(plan))
    finally:
        sizes.notes += _notes(look, session.server.user)


def _look_at(session: Session, table: Row, seconds: float, sizes: Sizes, look: _Look) -> None:
    name = qualified(table["schema"], table["name"])
    if not table["is_readable"]:
        look.unreadable.append(name)
        return
    try:
        found = session.measured(table, seconds) if seconds > 0 else None
    except UnseenError as error:
        look.failed[error.reason] += 1
        look.examples.setdefault(error.reason, name)
        return
    if found is None:
        look.late.append(name)
        return
    # Of a table whose size nobody knows, so many rows were asked for as a sample has.
    is_sampled = table["is_sampled"] or (table["most"] or found["rows"] + 1) <= found["rows"]
    look.sampled += is_sampled
    look.whole += not is_sampled
    look.rows += found["rows"]
    if not is_sampled:
        sizes.rows[table["relation"]] = found["rows"]
    if found["rows"]:
        # A dump writes bytea in two digits a byte behind \x, which is what the checks expect.
        values = tuple(
            2 * width + 2 if is_bytea and width is not None else width or 0
            for width, is_bytea in zip(found["widths"], table["are_bytes"], strict=True)
        )
        sizes.widths[table["relation"]] = Widths(
            found["rows"], found["widest"] or 0, tuple(table["columns"]), values, not is_sampled
        )


def _notes(look: _Look, user: str) -> list[str]:
    notes = []
    if look.sampled:
        notes.append(
            f"widths of rows and values are sampled: {look.rows:,} rows; tables looked at in whole:"
            f" {look.whole:,}, in part: {look.sampled:,}; wider ones may exist, --exact finds them"
        )
    elif look.whole:
        notes.append(f"widths of rows and values are exact: {look.rows:,} rows, all there are")
    if look.unreadable:
        shown = ", ".join(look.unreadable[:_SHOWN])
        more = len(look.unreadable) - _SHOWN
        notes.append(
            f"no row was looked at of {shown}{f' and {more} more' if more > 0 else ''}: the role"
            f" may not read them; to see how wide they are: GRANT SELECT ON {look.unreadable[0]}"
            f" TO {ident(user)}"
        )
    for reason, count in look.failed.items():
        remedy = grant_for(reason, user)
        notes.append(
            f"rows of {look.examples[reason]}{f' and {count - 1} more' if count > 1 else ''}"
            f" could not be looked at: {reason}{f'; to see them: {remedy}' if remedy else ''}"
        )
    if look.late:
        notes.append(
            f"no time was left to look at {look.late[0]}"
            f"{f' and {len(look.late) - 1:,} more' if len(look.late) > 1 else ''}:"
            " raise --time-limit, or choose with --tables"
        )
    return notes


def busiest(sizes: Sizes, names: dict[int, str]) -> str | None:
    """A note of the tables that most rows were added to, where the server counted."""
    ranked = sorted(
        ((count, table) for table, count in sizes.inserted.items() if count and table in names),
        key=lambda pair: (-pair[0], names[pair[1]]),
    )
    if not ranked:
        return None
    shown = ", ".join(f"{names[table]} ({count:,} rows)" for count, table in ranked[:_BUSIEST])
    return f"most rows were added to {shown}; a key that only grows matters most there"
