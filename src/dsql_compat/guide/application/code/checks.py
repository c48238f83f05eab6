"""What foreign keys used to do, done by the application.

`CheckedRows` is `Rows` with the checks of `FOREIGN_KEYS`: an insert or update looks for the row
that it refers to and holds on to it, a delete asks for the rows that refer to it.  Use it inside
`in_transaction`, and delete rows with many children through `delete`.

Holding on is SELECT … FOR KEY SHARE (or FOR UPDATE): it waits for nobody, but if somebody else
deletes that row meanwhile, one of the two transactions fails with 40001 and runs again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import LiteralString, TypeVar

from psycopg import sql

from . import retry
from .rows import (
    MOST_ROWS,
    Name,
    Row,
    Rows,
    Table,
    TooManyRowsError,
    Trigger,
    Values,
    among,
    matches,
)

Result = TypeVar("Result")
Item = TypeVar("Item")
BATCH = 500  # rows to begin a batch with: what hangs on them comes to that
_AT_ONCE = 500  # keys in one query


class ForeignKeyError(Exception):
    """A write that a foreign key forbids."""


@dataclass(frozen=True)
class ForeignKey:
    """A relation of two tables, as its foreign key declared it."""

    name: str
    table: Name
    columns: tuple[str, ...]
    parent: Name
    parent_columns: tuple[str, ...]
    on_delete: str = "NO ACTION"
    on_update: str = "NO ACTION"
    match_full: bool = False
    deferred: bool = False
    set_columns: tuple[str, ...] = ()  # of ON DELETE SET NULL (…), by default all
    lock_by_key: bool = False  # FOR UPDATE that asks for the parent's primary key
    unlocked: bool = False  # where there is none to ask for: the nightly query has to find it

    def values(self, row: Row) -> tuple[object, ...] | None:
        """What a row refers to; None if to nothing."""
        found = row.values
        given = tuple(found[column] for column in self.columns)
        if None not in given:
            return given
        if self.match_full and any(value is not None for value in given):
            raise ForeignKeyError(f"{self.name}: MATCH FULL takes no mixture of NULL and values")
        return None


@dataclass(frozen=True)
class Schema:
    """Everything that is known of the database: the generated modules hold one."""

    tables: Mapping[Name, Table]
    foreign_keys: Sequence[ForeignKey] = ()
    triggers: Sequence[Trigger] = ()
    lock: LiteralString = "FOR KEY SHARE"


Step = tuple[Name, Row, ForeignKey | None]  # a row to delete, or to free from a key


class CheckedRows(Rows):
    """Writes of one transaction that keep every relation whole; `finish` comes before COMMIT."""

    def __init__(self, connection: retry.Connection, schema: Schema) -> None:
        super().__init__(connection, schema.tables, schema.triggers)
        self.schema = schema
        self._unchecked: list[tuple[ForeignKey, Row]] = []
        self._abandoned: list[tuple[ForeignKey, tuple[object, ...]]] = []

    def insert(self, table: Name, values: Values) -> Row | None:
        """Insert a row whose parents are there."""
        stored = super().insert(table, values)
        if stored is not None:
            for key in self._keys_of(table):
                self._check(key, stored)
        return stored

    def update(self, table: Name, key: Values, changes: Values) -> Row | None:
        """Change a row: its new parents are there, and its children follow or forbid it."""
        old = self.row(table, key)
        stored = super().update(table, key, changes)
        if old is None or stored is None:
            return stored
        before, after = old.values, stored.values
        for own in self._keys_of(table):
            if any(before[column] != after[column] for column in own.columns):
                self._check(own, stored)
        for child in self._keys_to(table):
            was = tuple(before[column] for column in child.parent_columns)
            now = tuple(after[column] for column in child.parent_columns)
            if was != now and None not in was:
                self._follow(child, was, now)
        return stored

    def delete(self, table: Name, key: Values) -> Row | None:
        """Delete a row and do what its children's rules say, all in this transaction."""
        row = self.row(table, key)
        if row is not None:
            self.delete_steps(self.plan([(table, row, None)]))
        return row

    def finish(self) -> None:
        """Check what INITIALLY DEFERRED left to the end of the transaction."""
        for key, row in self._unchecked:
            now = self.now(key.table, row)
            if now is not None:
                self._demand_parent(key, now)
        for key, values in self._abandoned:
            if not self.rows(key.parent, key.parent_columns, [values], 1):
                self._demand_no_child(key, [values], set())
        self._unchecked, self._abandoned = [], []

    # -- deleting ---------------------------------------------------------------------------

    def plan(self, start: Sequence[Step]) -> list[Step]:
        """What deleting these rows takes along, parents before children; changes nothing."""
        steps: list[Step] = []
        seen: set[tuple[Name, str, ForeignKey | None]] = set()
        level: Sequence[Step] = start
        while level:
            fresh: dict[Name, list[Row]] = {}
            for table, row, undo in level:
                mark = (table, self._identity(table, row), undo)
                if mark not in seen:
                    seen.add(mark)
                    steps.append((table, row, undo))
                    if undo is None:
                        fresh.setdefault(table, []).append(row)
            level = [step for table, rows in fresh.items() for step in self._next(table, rows)]
        return [
            (table, row, undo)
            for table, row, undo in steps
            if undo is None or (table, self._identity(table, row), None) not in seen
        ]

    def delete_steps(self, steps: Sequence[Step]) -> None:
        """Carry out a plan.  Raises ForeignKeyError, or TooManyRowsError, before any write."""
        self.demand_unhindered(steps)
        if self.changed + len(steps) > MOST_ROWS:
            raise TooManyRowsError(f"{len(steps)} rows for one transaction")
        for table, undo, rows in _together(steps):
            if undo is None:
                self._delete_many(table, rows)
            else:
                self._free(undo, rows)

    def demand_unhindered(self, steps: Sequence[Step]) -> None:
        """Raise ForeignKeyError where RESTRICT or NO ACTION keeps a row of a plan."""
        going = {(t, self._identity(t, row)) for t, row, undo in steps if undo is None}
        for table in {table for table, _, undo in steps if undo is None}:
            rows = [row for t, row, undo in steps if t == table and undo is None]
            for key in self._keys_to(table):
                if key.on_delete not in ("RESTRICT", "NO ACTION"):
                    continue
                values = _values(rows, key.parent_columns)
                if key.deferred and key.on_delete == "NO ACTION":
                    self._abandoned += [(key, value) for value in values]
                else:
                    self._demand_no_child(key, values, going)

    def _next(self, table: Name, rows: Sequence[Row]) -> Iterator[Step]:
        """The children that these rows take along when they are deleted."""
        for key in self._keys_to(table):
            if key.on_delete in ("RESTRICT", "NO ACTION"):
                continue
            undo = None if key.on_delete == "CASCADE" else key
            for some in _chunks(_values(rows, key.parent_columns), _AT_ONCE):
                for child in self.rows(key.table, key.columns, some):
                    yield key.table, child, undo

    def _delete_many(self, table: Name, rows: Sequence[Row]) -> None:
        if any(t.table == table and "DELETE" in t.events for t in self.triggers):
            for row in rows:
                super().delete(table, self.key_of(table, row))
            return
        for some in _chunks(rows, _AT_ONCE):
            condition, values = self._any_of(table, some)
            query = sql.SQL("DELETE FROM {} AS t WHERE {} RETURNING to_jsonb(t)::text")
            self._write(query.format(sql.Identifier(*table), condition), values)

    def _free(self, key: ForeignKey, rows: Sequence[Row]) -> None:
        """SET NULL or SET DEFAULT in children."""
        columns = key.set_columns or key.columns
        changes = self._defaults(key.table, columns, key.on_delete == "SET DEFAULT")
        if self._concerns_more(key, columns):
            for row in rows:
                self.update(key.table, self.key_of(key.table, row), changes)
            return
        for some in _chunks(rows, _AT_ONCE):
            condition, values = self._any_of(key.table, some)
            pairs = [sql.SQL("{} = %s").format(sql.Identifier(column)) for column in columns]
            query = sql.SQL("UPDATE {} AS t SET {} WHERE {} RETURNING to_jsonb(t)::text").format(
                sql.Identifier(*key.table), sql.SQL(", ").join(pairs), condition
            )
            for stored in self._write(query, [*changes.values(), *values])[:1]:
                self._check(key, stored)  # they all refer to the same row now

    def _concerns_more(self, key: ForeignKey, columns: Sequence[str]) -> bool:
        """Whether a trigger or another relation looks at these columns."""
        others = [own.columns for own in self._keys_of(key.table) if own is not key]
        others += [child.parent_columns for child in self._keys_to(key.table)]
        has_trigger = any(t.table == key.table and "UPDATE" in t.events for t in self.triggers)
        is_part = set(columns) != set(key.columns)
        return has_trigger or is_part or any(set(columns) & set(names) for names in others)

    def _defaults(self, table: Name, columns: Sequence[str], is_default: bool) -> dict[str, object]:
        expressions = self.tables[table].defaults if is_default else {}
        values: dict[str, object] = dict.fromkeys(columns)
        for column in columns:
            if column in expressions:
                found = self.connection.execute(sql.SQL("SELECT " + expressions[column])).fetchone()
                values[column] = found[0] if found else None
        return values

    # -- checking ---------------------------------------------------------------------------

    def _keys_of(self, table: Name) -> Iterator[ForeignKey]:
        return (key for key in self.schema.foreign_keys if key.table == table)

    def _keys_to(self, table: Name) -> Iterator[ForeignKey]:
        return (key for key in self.schema.foreign_keys if key.parent == table)

    def _check(self, key: ForeignKey, row: Row) -> None:
        if key.deferred:
            self._unchecked.append((key, row))
        else:
            self._demand_parent(key, row)

    def _demand_parent(self, key: ForeignKey, row: Row) -> None:
        """Hold on to the row that this one refers to."""
        values = key.values(row)
        if values is None:
            return
        columns: Sequence[str] = key.parent_columns
        if key.lock_by_key:
            found = self.rows(key.parent, columns, [values], 1)
            columns = self.tables[key.parent].key
            values = tuple(found[0].values[c] for c in columns) if found else None
        query = sql.SQL("SELECT 1 FROM {} AS t WHERE {} ").format(
            sql.Identifier(*key.parent), matches(columns, "t")
        ) + sql.SQL("" if key.unlocked else self.schema.lock)
        if values is None or self.connection.execute(query, values).fetchone() is None:
            raise ForeignKeyError(f"{key.name}: no row of {'.'.join(key.parent)} to refer to")

    def _demand_no_child(
        self, key: ForeignKey, values: Sequence[tuple[object, ...]], going: set[tuple[Name, str]]
    ) -> None:
        for some in _chunks(values, _AT_ONCE):
            for child in self.rows(key.table, key.columns, some):
                if (key.table, self._identity(key.table, child)) not in going:
                    raise ForeignKeyError(f"{key.name}: {'.'.join(key.table)} still refers to it")

    def _follow(
        self, key: ForeignKey, before: tuple[object, ...], after: tuple[object, ...]
    ) -> None:
        """What ON UPDATE says, once a row has another key."""
        if key.on_update in ("RESTRICT", "NO ACTION"):
            if key.deferred and key.on_update == "NO ACTION":
                self._abandoned.append((key, before))
            else:
                self._demand_no_child(key, [before], set())
            return
        changes = dict(zip(key.columns, after, strict=True))
        if key.on_update != "CASCADE":
            changes = self._defaults(key.table, key.columns, key.on_update == "SET DEFAULT")
        for child in self.rows(key.table, key.columns, [before]):
            self.update(key.table, self.key_of(key.table, child), changes)

    def _identity(self, table: Name, row: Row) -> str:
        """What tells a row from others of its table."""
        key = self.tables[table].key
        return str([row.values[column] for column in key]) if key else row.text

    def now(self, table: Name, row: Row) -> Row | None:
        """A row as it is by now."""
        if not self.tables[table].key:
            return row
        return self.row(table, self.key_of(table, row))

    def _any_of(self, table: Name, rows: Sequence[Row]) -> tuple[sql.Composed, list[object]]:
        """A condition for these rows, with its values."""
        if not self.tables[table].key:
            marks = sql.SQL(", ").join([sql.SQL("%s::jsonb")] * len(rows))
            return sql.SQL("to_jsonb(t) IN ({})").format(marks), [row.text for row in rows]
        keys = [tuple(self.key_of(table, row).values()) for row in rows]
        return among(self.tables[table].key, keys), [value for key in keys for value in key]


def in_transaction(
    connection: retry.Connection, schema: Schema, work: Callable[[CheckedRows], Result]
) -> Result:
    """Run `work` in one transaction, again after a conflict, deferred checks at its end."""

    def once(connection: retry.Connection) -> Result:
        rows = CheckedRows(connection, schema)
        result = work(rows)
        rows.finish()
        return result

    return retry.run(connection, once)


def delete(connection: retry.Connection, schema: Schema, table: Name, key: Values) -> None:
    """Delete a row and what hangs on it: in one transaction, or in many where it is too much.

    Many transactions begin with the rows farthest away, and each leaves every relation whole; an
    interrupted delete goes on when it is called again.  Whether RESTRICT or NO ACTION forbids it
    is known before the first of them.
    """
    try:
        in_transaction(connection, schema, lambda rows: rows.delete(table, key))
        return
    except TooManyRowsError:
        pass

    def look(rows: CheckedRows) -> list[Step]:
        row = rows.row(table, key)
        steps = rows.plan([(table, row, None)]) if row is not None else []
        rows.demand_unhindered(steps)
        return steps

    steps = retry.run(connection, lambda c: look(CheckedRows(c, schema)))
    for some in _chunks(steps[::-1], BATCH):
        _delete_batch(connection, schema, some)


def _delete_batch(connection: retry.Connection, schema: Schema, steps: Sequence[Step]) -> None:
    """Delete these rows, and what came to hang on them since; in halves where it is too much."""

    def work(rows: CheckedRows) -> None:
        pairs = [(rows.now(table, row), row, table, undo) for table, row, undo in steps]
        rows.delete_steps(
            rows.plan(
                [
                    (table, now, undo)
                    for now, was, table, undo in pairs
                    if now is not None and (undo is None or undo.values(now) == undo.values(was))
                ]
            )
        )

    try:
        in_transaction(connection, schema, work)
    except TooManyRowsError:
        if len(steps) == 1:
            raise
        half = len(steps) // 2
        _delete_batch(connection, schema, steps[:half])
        _delete_batch(connection, schema, steps[half:])


def _values(rows: Sequence[Row], columns: Sequence[str]) -> list[tuple[object, ...]]:
    found = [tuple(row.values[column] for column in columns) for row in rows]
    return [values for values in found if None not in values]


def _together(steps: Sequence[Step]) -> Iterator[tuple[Name, ForeignKey | None, list[Row]]]:
    """Steps in the order to take them, children first, those of one kind at once."""
    for (table, undo), group in groupby(reversed(steps), key=lambda step: (step[0], step[2])):
        yield table, undo, [row for _, row, _ in group]


def _chunks(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    return (items[at : at + size] for at in range(0, len(items), size))
