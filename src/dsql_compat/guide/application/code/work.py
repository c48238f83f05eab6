"""Procedures and functions of the former database, as Python that runs their SQL.

A `Work` holds the variables of one call.  Where a procedure committed, each transaction is a
`unit`, which runs again after a conflict with the variables as they were.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any, LiteralString, TypeVar

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.types.string import TextLoader

from . import leases, retry
from .retry import Connection

Result = TypeVar("Result")
LEASE_SECONDS = 360.0  # longer than any transaction of DSQL


class RoutineError(Exception):
    """What a routine raised, with its SQLSTATE or the name of its condition."""

    def __init__(self, message: str, state: str = "P0001") -> None:
        super().__init__(message)
        self.state = state


class Work:
    """One call of a routine.  Statements are SQL with %(name)s for its variables.

    With `commits`, what stands outside of units is a transaction for each statement.
    """

    def __init__(
        self, connection: Connection, variables: Mapping[str, object], *, commits: bool = False
    ) -> None:
        self.connection = connection
        self._commits = commits
        self.variables: dict[str, Any] = dict(variables) | {"found": False}
        self.changed = 0  # rows of the last statement
        self._holder = str(uuid.uuid4())
        self._held: set[str] = set()

    def rows(self, query: LiteralString) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        return self._execute(query).fetchall()

    def value(self, query: LiteralString) -> Any:
        """The one value that a SELECT gives, None where it gives no row."""
        row = self._execute(query).fetchone()
        return None if row is None else row[0]

    def test(self, condition: LiteralString) -> bool:
        """Whether a condition is true (NULL is not)."""
        return bool(self.value("SELECT (" + condition + ")"))

    def into(self, names: Sequence[str], query: LiteralString) -> None:
        """INTO: variables become the first row, or NULL without one."""
        row = self._execute(query).fetchone()
        self._note(row is not None)
        self.variables |= dict(zip(names, row or [None] * len(names), strict=False))

    def run(self, statement: LiteralString) -> None:
        """Run a statement; what it gives is ignored."""
        self._note(self._execute(statement).rowcount > 0)

    def unit(self, steps: Callable[[Work], Result]) -> Result:
        """Run steps in a transaction of their own, again after a conflict."""
        before = dict(self.variables)

        def once(_: Connection) -> Result:
            self.variables = dict(before)
            return steps(self)

        for name in sorted(self._held):
            if not self.take(name):
                raise RoutineError(f"{name} was taken by another session", "55P03")
        return retry.run(self.connection, once)

    def take(self, name: str) -> bool:
        """What pg_try_advisory_lock did, for so long as no unit takes LEASE_SECONDS."""
        is_mine = leases.take(self.connection, name, self._holder, LEASE_SECONDS)
        if is_mine:
            self._held.add(name)
        return is_mine

    def give_back(self, name: str) -> None:
        """What pg_advisory_unlock did."""
        self._held.discard(name)
        leases.give_back(self.connection, name, self._holder)

    def _note(self, is_found: bool) -> None:
        self.variables["found"] = is_found

    def _execute(self, query: LiteralString) -> psycopg.Cursor[Any]:
        if self._commits and self.connection.info.transaction_status == TransactionStatus.IDLE:
            return retry.run(self.connection, lambda _: self._sent(query))
        return self._sent(query)

    def _sent(self, query: LiteralString) -> psycopg.Cursor[Any]:
        cursor = self.connection.cursor()
        for name in ("json", "jsonb"):  # as text they go back in without loss
            cursor.adapters.register_loader(name, TextLoader)
        cursor.execute(query, self.variables)
        self.changed = max(cursor.rowcount, 0)
        return cursor
