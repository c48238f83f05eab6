"""Writing rows, with what triggers used to add to it.

`Rows` stands for one transaction: make one inside `retry.run` and write through it, and every
trigger of `triggers.py` runs at the moment PostgreSQL ran it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from .retry import Connection

MOST_ROWS = 3000  # that a transaction of DSQL may change
Values = Mapping[str, object]
Name = tuple[str, str]  # schema and table


class TooManyRowsError(Exception):
    """One transaction would change more rows than DSQL allows."""


class TriggerError(Exception):
    """What a trigger function raised, with its SQLSTATE or the name of its condition."""

    def __init__(self, message: str, state: str = "P0001") -> None:
        super().__init__(message)
        self.state = state


@dataclass(frozen=True)
class Row:
    """A row as the database writes it in JSON, so that no value loses anything on the way."""

    text: str

    def __getitem__(self, column: str) -> Any:
        return self.values[column]

    @property
    def values(self) -> dict[str, Any]:
        """Columns and their values."""
        found: dict[str, Any] = json.loads(self.text, parse_float=Decimal)
        return found


class Fired:
    """One firing of a trigger: `old` and `new` as PL/pgSQL knew them.

    `variables` are what a trigger function declared.  Expressions and statements are SQL in which
    the tables `old` and `new` hold one row each, or none.
    """

    def __init__(
        self, rows: Rows, trigger: Trigger, event: str, old: Row | None, new: Row | None
    ) -> None:
        self.rows = rows
        self.trigger = trigger
        self.event = event
        self.old = old
        self.new = new
        self.variables: dict[str, Any] = {}

    def value(self, query: LiteralString) -> Any:
        """The one value that a SELECT gives, None where it gives no row."""
        row = self._execute(query).fetchone()
        return None if row is None else row[0]

    def test(self, condition: LiteralString) -> bool:
        """Whether a condition is true (NULL is not)."""
        return bool(self.value("SELECT (" + condition + ")"))

    def set(self, column: str, expression: LiteralString) -> None:
        """NEW.column := expression."""
        assert self.new is not None
        build = "SELECT jsonb_build_object('value', (" + expression + "))::text"
        value = json.loads(self.value(build), parse_float=Decimal)["value"]
        self.new = Row(_json(self.new.values | {column: value}))

    def run(self, statement: LiteralString) -> None:
        """Run a statement that gives nothing back."""
        self.rows.count(self._execute(statement).rowcount)

    def _execute(self, statement: LiteralString) -> psycopg.Cursor[Any]:
        schema, table = self.trigger.table
        given = {
            "old": self.old.text if self.old else None,
            "new": self.new.text if self.new else None,
            "tg_op": self.event,
            "tg_name": self.trigger.name,
            "tg_table_schema": schema,
            "tg_table_name": table,
            "tg_argv": list(self.trigger.arguments),
        }
        prefix = sql.SQL(
            "WITH old AS (SELECT * FROM jsonb_populate_record(NULL::{0}, %(old)s::jsonb)"
            " WHERE %(old)s::text IS NOT NULL),"
            " new AS (SELECT * FROM jsonb_populate_record(NULL::{0}, %(new)s::jsonb)"
            " WHERE %(new)s::text IS NOT NULL) "
        ).format(sql.Identifier(schema, table))
        # A statement's own WITH goes on where this one ends.
        head, rest = statement[:5], statement[5:]
        body = sql.SQL(", " + rest if head.upper() == "WITH " else statement)
        return self.rows.connection.execute(prefix + body, given | self.variables)


@dataclass(frozen=True)
class Trigger:
    """A trigger of the former database; `run` is its function, False to leave the row alone."""

    name: str
    table: Name
    timing: str
    events: frozenset[str]
    run: Callable[[Fired], bool]
    columns: frozenset[str] = frozenset()
    condition: Callable[[Fired], bool] | None = None
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """What has to be known of a table: its primary key, defaults, and columns of JSON."""

    name: Name
    key: tuple[str, ...]
    defaults: Mapping[str, LiteralString] = field(default_factory=dict)
    json: frozenset[str] = frozenset()


class Rows:
    """Writes of one transaction."""

    def __init__(
        self,
        connection: Connection,
        tables: Mapping[Name, Table],
        triggers: Sequence[Trigger] = (),
    ) -> None:
        self.connection = connection
        self.tables = tables
        self.triggers = sorted(triggers, key=lambda trigger: trigger.name)
        self.changed = 0

    def insert(self, table: Name, values: Values) -> Row | None:
        """Insert a row; gives it as stored, None if a trigger left it out."""
        new = self._draft(table, values)
        if self._has(table, "BEFORE", "INSERT"):
            new = self._with_defaults(table, new)
        going = self._fire(table, "BEFORE", "INSERT", None, new)
        if going is None:
            return None
        columns = list(going.values)
        query = sql.SQL(
            "INSERT INTO {0} AS t ({1}) SELECT {1} FROM"
            " jsonb_populate_record(NULL::{0}, %s::jsonb) RETURNING to_jsonb(t)::text"
        ).format(sql.Identifier(*table), _columns(columns))
        [stored] = self._write(query, [going.text])
        self._fire(table, "AFTER", "INSERT", None, stored)
        return stored

    def update(self, table: Name, key: Values, changes: Values) -> Row | None:
        """Change columns of the row with a key; None if there is none, or a trigger kept it."""
        old = self.row(table, key)
        if old is None:
            return None
        draft = self._draft(table, changes).values
        new = Row(_json(old.values | draft))
        going = self._fire(table, "BEFORE", "UPDATE", old, new, frozenset(changes))
        if going is None:
            return None
        before = old.values
        changed = [c for c, v in going.values.items() if c in changes or v != before[c]]
        query = sql.SQL(
            "UPDATE {0} AS t SET {1} FROM jsonb_populate_record(NULL::{0}, %s::jsonb) AS n"
            " WHERE {2} RETURNING to_jsonb(t)::text"
        ).format(
            sql.Identifier(*table),
            sql.SQL(", ").join(
                sql.SQL("{0} = n.{0}").format(sql.Identifier(column)) for column in changed
            ),
            matches(list(key), "t"),
        )
        [stored] = self._write(query, [going.text, *key.values()])
        self._fire(table, "AFTER", "UPDATE", old, stored, frozenset(changes))
        return stored

    def delete(self, table: Name, key: Values) -> Row | None:
        """Delete the row with a key; gives what it was, None if there was none."""
        old = self.row(table, key)
        if old is None or self._fire(table, "BEFORE", "DELETE", old, None) is None:
            return None
        query = sql.SQL("DELETE FROM {0} AS t WHERE {1} RETURNING to_jsonb(t)::text").format(
            sql.Identifier(*table), matches(list(key), "t")
        )
        self._write(query, list(key.values()))
        self._fire(table, "AFTER", "DELETE", old, None)
        return old

    def row(self, table: Name, key: Values) -> Row | None:
        """The row with a key."""
        return next(iter(self.rows(table, list(key), [tuple(key.values())], 1)), None)

    def rows(
        self,
        table: Name,
        columns: Sequence[str],
        keys: Sequence[tuple[object, ...]],
        most: int | None = None,
    ) -> list[Row]:
        """The rows whose columns hold one of these values, at most so many."""
        if not keys:
            return []
        query = sql.SQL("SELECT to_jsonb(t)::text FROM {} AS t WHERE {} LIMIT {}").format(
            sql.Identifier(*table), among(columns, keys), sql.Literal(most)
        )
        values = [value for key in keys for value in key]
        return [Row(text) for (text,) in self.connection.execute(query, values)]

    def key_of(self, table: Name, row: Row) -> dict[str, object]:
        """The primary key of a row."""
        values = row.values
        return {column: values[column] for column in self.tables[table].key}

    def _write(self, query: sql.Composed, values: list[object]) -> list[Row]:
        cursor = self.connection.execute(query, values)
        self.count(cursor.rowcount)
        return [Row(text) for (text,) in cursor]

    def count(self, rows: int) -> None:
        """Note changed rows.  Raises TooManyRowsError, before DSQL refuses the transaction."""
        self.changed += max(rows, 0)
        if self.changed > MOST_ROWS:
            raise TooManyRowsError(f"more than {MOST_ROWS} rows in one transaction")

    def _draft(self, table: Name, values: Values) -> Row:
        """Values of Python as the database writes them."""
        json_columns = self.tables[table].json
        pairs = sql.SQL(", ").join(
            sql.SQL("%s::jsonb AS {}" if column in json_columns else "%s AS {}").format(
                sql.Identifier(column)
            )
            for column in values
        )
        query = sql.SQL("SELECT to_jsonb(d)::text FROM (SELECT {}) AS d").format(pairs)
        found = self.connection.execute(query, list(values.values())).fetchone()
        assert found is not None
        return Row(found[0])

    def _with_defaults(self, table: Name, row: Row) -> Row:
        values = row.values
        missing = {c: e for c, e in self.tables[table].defaults.items() if c not in values}
        if not missing:
            return row
        pairs = sql.SQL(", ").join(
            sql.SQL(expression) + sql.SQL(" AS {}").format(sql.Identifier(column))
            for column, expression in missing.items()
        )
        query = sql.SQL("SELECT to_jsonb(d)::text FROM (SELECT {}) AS d").format(pairs)
        found = self.connection.execute(query).fetchone()
        assert found is not None
        return Row(_json(Row(found[0]).values | values))

    def _has(self, table: Name, timing: str, event: str) -> bool:
        return any(
            t.table == table and t.timing == timing and event in t.events for t in self.triggers
        )

    def _fire(
        self,
        table: Name,
        timing: str,
        event: str,
        before: Row | None,
        after: Row | None,
        changed: frozenset[str] = frozenset(),
    ) -> Row | None:
        """Run the triggers of a moment: the row that goes on, None where one stopped it."""
        for trigger in self.triggers:
            if trigger.table != table or trigger.timing != timing or event not in trigger.events:
                continue
            if event == "UPDATE" and trigger.columns and not trigger.columns & changed:
                continue
            fired = Fired(self, trigger, event, before, after)
            if trigger.condition is not None and not trigger.condition(fired):
                continue
            if not trigger.run(fired) and timing == "BEFORE":
                return None
            if timing == "BEFORE":
                after = fired.new
        return before if event == "DELETE" else after


def _columns(names: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, names))


def matches(columns: Sequence[str], alias: str) -> sql.Composed:
    """`t.a = %s AND t.b = %s`."""
    return sql.SQL(" AND ").join(
        sql.SQL("{} = %s").format(sql.Identifier(alias, column)) for column in columns
    )


def among(columns: Sequence[str], keys: Sequence[tuple[object, ...]]) -> sql.Composed:
    """`(t.a, t.b) IN ((%s, %s), …)`, a pair of placeholders for each key."""
    if len(keys) == 1:
        return matches(columns, "t")
    names = sql.SQL(", ").join(sql.Identifier("t", column) for column in columns)
    one = sql.SQL("({})").format(sql.SQL(", ").join([sql.Placeholder()] * len(columns)))
    return sql.SQL("({}) IN ({})").format(names, sql.SQL(", ").join([one] * len(keys)))


def _json(values: Any) -> str:
    """JSON with the digits of every number as they were."""
    if isinstance(values, Mapping):
        pairs = (f"{json.dumps(name)}: {_json(value)}" for name, value in values.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(values, list):
        return "[" + ", ".join(map(_json, values)) + "]"
    return str(values) if isinstance(values, Decimal) else json.dumps(values)
