"""Compares expressions by what they do: the same values in both databases, the same answers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

import psycopg

from dsql_compat.proof.catalogs import Snapshot, Thing
from dsql_compat.proof.load import Connection
from dsql_compat.proof.samples import candidates, combinations, constants
from dsql_compat.rewriting.conversion_sql import AS_SQL
from dsql_compat.rules import Conversion
from dsql_compat.sql.names import Name, literal, quote

Mode = Literal["check", "predicate", "value"]
Answer = str | None
_FAILED = "\0"  # no text of PostgreSQL's begins so
_LATE = _FAILED + "it takes too long"
_TIMEOUT = "2s"  # of one expression or call, and
_TIMEOUT_OF_ROWS = "10s"  # of one over all rows of values


@dataclass(frozen=True, slots=True)
class Unequal:
    """A row of values for which two expressions give different answers."""

    values: str
    source: str
    rewrite: str


@dataclass(frozen=True, slots=True)
class Unprovable:
    """Why nothing can be said about two expressions."""

    reason: str


Found = Iterator[tuple[str, Unequal | Unprovable]]


@dataclass(slots=True)
class Sides:
    """Source and rewrite, with their connections."""

    source: Connection
    rewrite: Connection
    before: Snapshot
    after: Snapshot
    conversions: dict[tuple[str | None, str | None, str], Conversion]  # by schema, table and column
    paths: dict[Name, tuple[str, ...]] = field(
        default_factory=dict
    )  # that functions were made under

    def conversion(self, column: Thing) -> str:
        """The SQL that turns a column's value into the result's."""
        key = (column.key.schema, column.key.table, column.key.name)
        return AS_SQL[self.conversions.get(key, "same")]


def same_answers(
    sides: Sides, table: tuple[str | None, str], source: str, rewrite: str, mode: Mode
) -> Unequal | Unprovable | None:
    """Try two expressions over columns of one table; None where all answers are the same."""
    before, after = (s.columns(*table) for s in (sides.before, sides.after))
    names = [name for name in before if name in after and _mentions(name, source + " " + rewrite)]
    wanted = [*constants(source), *constants(rewrite)]
    choices: list[list[tuple[str | None, str | None]]] = []
    try:
        for name in names:
            choices.append(_choices(sides, before[name], after[name], wanted))
        picked = combinations([[pair[0] for pair in choice] for choice in choices])
        converted = [dict(choice) for choice in choices]
        there = [tuple(converted[i][v] for i, v in enumerate(row)) for row in picked]
        left = _answers(sides.source, source, table[1], [before[n] for n in names], picked)
        right = _answers(sides.rewrite, rewrite, table[1], [after[n] for n in names], there)
    except psycopg.Error as error:
        return Unprovable(error.diag.message_primary or str(error))
    if picked and all(a is not None and a.startswith(_FAILED) for a in (*left, *right)):
        return Unprovable(f"it cannot be evaluated on values alone: {(left[0] or '')[1:]}")
    for row, one, other in zip(picked, left, right, strict=True):
        if _meaning(one, mode) != _meaning(other, mode):
            shown = ", ".join(
                f"{quote(n)} = {'NULL' if v is None else literal(v)}"
                for n, v in zip(names, row, strict=True)
            )
            return Unequal(shown, _shown(one), _shown(other))
    return None


def _mentions(name: str, text: str) -> bool:
    return name in text


def _meaning(answer: Answer, mode: Mode) -> str | None:
    failed = answer is not None and answer.startswith(_FAILED)
    match mode:
        case "check":  # a row is taken unless the answer is false; it is not if there is none
            return "refused" if failed or answer == "false" else "taken"
        case "predicate":
            return "failed" if failed else "in" if answer == "true" else "out"
    return _FAILED if failed else answer


def _shown(answer: Answer) -> str:
    if answer is None:
        return "NULL"
    return f"error: {answer[1:]}" if answer.startswith(_FAILED) else answer


def _choices(
    sides: Sides, column: Thing, other: Thing, wanted: Sequence[str]
) -> list[tuple[str | None, str | None]]:
    """Valid values of a column, each with what becomes of it in the result."""
    row = column.row
    labels = _labels(sides.before, column)
    tried = candidates("E" if labels else row["category"], wanted, labels)
    base = row["base_type"]
    valid = sides.source.execute(
        "SELECT v FROM unnest(%s::text[]) WITH ORDINALITY AS u (v, n)"
        " WHERE pg_input_is_valid(v, %s) ORDER BY n",
        (tried, base),
    ).fetchall()
    if not valid:
        return [(None, None)]
    convert = sides.conversion(column).format(f"v::{base}")
    found = sides.source.execute(
        f"SELECT v, ({convert})::text AS c FROM unnest(%s::text[]) WITH ORDINALITY AS u (v, n)"
        " ORDER BY n",
        ([r["v"] for r in valid],),
    ).fetchall()
    fits = sides.rewrite.execute(
        "SELECT pg_input_is_valid(c, %s) AS fits"
        " FROM unnest(%s::text[]) WITH ORDINALITY AS u (c, n) ORDER BY n",
        (other.row["base_type"], [r["c"] for r in found]),
    ).fetchall()  # a value that the other type does not take says nothing about the expression
    pairs = [(r["v"], r["c"]) for r, fit in zip(found, fits, strict=True) if fit["fits"]]
    return [*pairs, (None, None)]


def taken(connection: Connection, values: list[str], type_name: str) -> list[bool]:
    """Which of some texts are valid for a type."""
    query = (
        "SELECT pg_input_is_valid(v, %s) AS taken"
        " FROM unnest(%s::text[]) WITH ORDINALITY AS u (v, n) ORDER BY n"
    )
    return [row["taken"] for row in connection.execute(query, (type_name, values)).fetchall()]


def _labels(snapshot: Snapshot, column: Thing) -> list[str]:
    for thing in snapshot.things.values():
        if thing.key.cls == "type" and thing.row["qualified"] == column.row["base_type"]:
            return list(thing.row["labels"])
    return []


def _answers(
    connection: Connection,
    expression: str,
    table: str,
    columns: Sequence[Thing],
    rows: Sequence[tuple[str | None, ...]],
) -> list[Answer]:
    """The expression's value for each row, as text."""
    selected = "".join(
        f", c{i}::{column.row['base_type']} AS {quote(column.key.name)}"
        for i, column in enumerate(columns)
    )
    names = "".join(f", c{i}" for i in range(len(columns)))
    unnested = ", ".join(["%s::int[]", *("%s::text[]" for _ in columns)])
    query = (
        f"SELECT ({expression.replace('%', '%%')})::text AS answer FROM "
        f"(SELECT u_n{selected.replace('%', '%%')} FROM unnest({unnested}) AS u (u_n{names}))"
        f" AS {quote(table).replace('%', '%%')} ORDER BY u_n"
    )

    def ask(some: Sequence[tuple[str | None, ...]]) -> list[Answer]:
        lists = [list(range(len(some))), *([row[i] for row in some] for i in range(len(columns)))]
        found = connection.execute(query, lists).fetchall()
        return [_anywhere(connection, r["answer"]) for r in found]

    connection.execute("BEGIN READ ONLY")
    connection.execute(f"SET LOCAL statement_timeout = '{_TIMEOUT_OF_ROWS}'".encode())
    try:
        return _asked(connection, ask, rows)
    finally:
        connection.execute("ROLLBACK")


def _asked(connection: Connection, ask, rows) -> list[Answer]:  # type: ignore[no-untyped-def]
    connection.execute("SAVEPOINT probe")
    try:
        return list(ask(rows))
    except psycopg.Error as error:
        if isinstance(error, psycopg.errors.QueryCanceled):
            raise  # fewer rows would take as long again
        connection.execute("ROLLBACK TO SAVEPOINT probe")
        if len(rows) == 1:
            return [_FAILED + (error.diag.message_primary or str(error))]
        if error.sqlstate and error.sqlstate.startswith("42"):  # wrong in itself, for every row
            return [_FAILED + (error.diag.message_primary or str(error))] * len(rows)
    half = len(rows) // 2
    return [*_asked(connection, ask, rows[:half]), *_asked(connection, ask, rows[half:])]


def evaluated(connection: Connection, expression: str) -> Answer:
    """The text of an expression without columns; nothing in the database changes."""
    connection.execute("BEGIN READ ONLY")
    try:
        connection.execute(f"SET LOCAL statement_timeout = '{_TIMEOUT}'".encode())
        row = connection.execute(f"SELECT ({expression})::text AS answer".encode()).fetchone()
        return _anywhere(connection, row["answer"]) if row else None
    except psycopg.errors.QueryCanceled:
        return _LATE
    except psycopg.Error as error:
        return _FAILED + (error.diag.message_primary or str(error))
    finally:
        connection.execute("ROLLBACK")


def _anywhere(connection: Connection, answer: Answer) -> Answer:
    """An answer without the name of the scratch database, which only current_database() gives."""
    if answer is None:
        return None
    return re.sub(re.escape(connection.info.dbname), "dsql_compat", answer, flags=re.I)


def is_timeout(answer: Answer) -> bool:
    """Whether there was no answer in time."""
    return answer == _LATE


def is_failure(answer: Answer) -> bool:
    """Whether there was no answer."""
    return answer is not None and answer.startswith(_FAILED)
