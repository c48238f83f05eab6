"""Large deletes and updates in transactions that DSQL takes: at most 3,000 rows, 5 minutes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import LiteralString

from psycopg import sql

from . import retry
from .retry import Connection

BATCH = 1000
Name = tuple[str, str]  # schema and table


def delete_where(
    connection: Connection,
    table: Name,
    key: Sequence[str],
    condition: LiteralString = "true",
    values: Mapping[str, object] | None = None,
) -> int:
    """Delete all rows of a condition, a batch in each transaction; how many they were.

    Without a condition this is TRUNCATE.  Interrupted, it can be called again.
    """
    query = sql.SQL(
        "DELETE FROM {table} WHERE ({key}) IN (SELECT {key} FROM {table} WHERE ("
        + condition
        + ") LIMIT %(batch)s)"
    ).format(table=sql.Identifier(*table), key=_columns(key))
    given = dict(values or {}) | {"batch": BATCH}
    deleted = 0
    while count := retry.run(connection, lambda c: c.execute(query, given).rowcount):
        deleted += count
    return deleted


def update_where(
    connection: Connection,
    table: Name,
    key: str,
    changes: LiteralString,
    condition: LiteralString = "true",
    values: Mapping[str, object] | None = None,
) -> int:
    """UPDATE … SET `changes` for all rows of a condition, in the order of a one-column key.

    Each row changes once: rows that come in below the place reached are not seen.
    """
    names = {"table": sql.Identifier(*table), "key": sql.Identifier(key)}
    first = sql.SQL(
        "SELECT {key} FROM {table} WHERE (" + condition + ") ORDER BY {key} LIMIT %(batch)s"
    ).format(**names)
    further = sql.SQL(
        "SELECT {key} FROM {table} WHERE (" + condition + ") AND {key} > %(last)s"
        " ORDER BY {key} LIMIT %(batch)s"
    ).format(**names)
    change = sql.SQL(
        "UPDATE {table} SET " + changes + " WHERE {key} = ANY(%(keys)s) AND (" + condition + ")"
    ).format(**names)
    given = dict(values or {}) | {"batch": BATCH}
    changed = 0
    last: object = None

    def work(connection: Connection) -> tuple[int, object]:
        query = first if last is None else further
        keys = [row[0] for row in connection.execute(query, given | {"last": last})]
        if not keys:
            return 0, None
        return connection.execute(change, given | {"keys": keys}).rowcount, keys[-1]

    while True:
        count, last = retry.run(connection, work)
        if last is None:
            return changed
        changed += count


def _columns(names: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, names))
