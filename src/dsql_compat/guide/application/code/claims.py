"""A queue without locks: a worker claims a row by an UPDATE, and a claim ends by itself.

DSQL accepts SKIP LOCKED and skips nothing: all workers would get the same row.  Here each of them
takes one of the next rows by chance, so that they seldom meet; who comes second does not match
any more, or gets 40001 and chooses again.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, LiteralString

from psycopg import sql
from psycopg.rows import dict_row

from . import retry
from .retry import Connection

CHOICE = 20  # rows to choose from


@dataclass(frozen=True)
class Queue:
    """A table of work: which rows wait (`t` is the table), and in what order."""

    table: tuple[str, str]
    key: str
    waiting: LiteralString
    order: LiteralString

    def claim(
        self,
        connection: Connection,
        worker: str,
        values: Mapping[str, object],
        seconds: float = 300,
    ) -> dict[str, Any] | None:
        """A row that is this worker's alone for so many seconds; None if nothing waits.

        `values` are those of the condition.  Do the work after this, in transactions of its own.
        """
        given = dict(values) | {"worker": worker, "seconds": seconds, "choice": CHOICE}
        names = {"table": sql.Identifier(*self.table), "key": sql.Identifier(self.key)}
        free = "(t.claimed_until IS NULL OR t.claimed_until < now()) AND "
        look = sql.SQL(
            "SELECT t.{key} FROM {table} AS t WHERE " + free + "(" + self.waiting + ")"
            " ORDER BY " + self.order + " LIMIT %(choice)s"
        ).format(**names)
        take = sql.SQL(
            "UPDATE {table} AS t SET claimed_by = %(worker)s,"
            " claimed_until = now() + %(seconds)s * interval '1 second'"
            " WHERE t.{key} = %(chosen)s AND " + free + "(" + self.waiting + ") RETURNING t.*"
        ).format(**names)

        def work(connection: Connection) -> dict[str, Any] | None:
            found = connection.execute(look, given).fetchall()
            if not found:
                return None
            chosen = random.choice(found)[0]  # noqa: S311 - no secret hangs on it
            cursor = connection.cursor(row_factory=dict_row)
            return cursor.execute(take, given | {"chosen": chosen}).fetchone()

        return retry.run(connection, work)
