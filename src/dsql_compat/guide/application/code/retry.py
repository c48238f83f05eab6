"""Transactions on Aurora DSQL: run again when another one came first.

DSQL locks nothing.  Of two transactions that changed the same row, the later one to commit fails
with SQLSTATE 40001 (OC000), and so does one that began before a change of the schema (OC001).
Nothing of it was stored then, and the right answer is to run it again.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any, TypeVar

import psycopg
from psycopg.pq import TransactionStatus

Result = TypeVar("Result")
Connection = psycopg.Connection[Any]
CONFLICTS = frozenset({"40001", "OC000", "OC001"})


def run(
    connection: Connection,
    work: Callable[[Connection], Result],
    *,
    attempts: int = 8,
    first_pause: float = 0.02,
    longest_pause: float = 2.0,
) -> Result:
    """What `work` returns, done in one transaction, which is repeated after a conflict.

    `work` may run several times: it must do nothing but use the connection.  Pauses double from
    `first_pause` on, each of a random length, so that rivals do not meet again.
    """
    if connection.info.transaction_status != TransactionStatus.IDLE:
        raise psycopg.ProgrammingError("a transaction is open already: DSQL has no savepoints")
    attempt = 1
    while True:
        try:
            with connection.transaction():
                return work(connection)
        except psycopg.Error as error:
            if error.sqlstate not in CONFLICTS or attempt >= attempts:
                raise
        longest = min(longest_pause, first_pause * 2**attempt)
        time.sleep(random.uniform(0, longest))  # noqa: S311 - no secret hangs on it
        attempt += 1
