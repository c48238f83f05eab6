"""Loads statements one by one, each in a transaction of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import dict_row

TIMEOUT = "60s"
Connection = psycopg.Connection[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Refused:
    """PostgreSQL's answer to a statement that it did not take."""

    code: str
    message: str


@contextmanager
def connected(conninfo: str) -> Iterator[Connection]:
    """A connection in autocommit, where no statement takes for ever."""
    with psycopg.connect(
        conninfo,
        autocommit=True,
        row_factory=dict_row,
        connect_timeout=15,
        options="-c client_min_messages=error",
    ) as connection:
        connection.execute("SET client_encoding = 'UTF8'")
        connection.execute(f"SET statement_timeout = '{TIMEOUT}'")
        yield connection


def run(connection: Connection, text: str) -> Refused | None:
    """Run one statement; what the server says against it, if anything."""
    try:
        connection.execute(text.encode("utf-8", "replace"))
    except psycopg.Error as error:
        if connection.closed:
            raise
        message = error.diag.message_primary or str(error)
        return Refused(error.sqlstate or "", " ".join(message.split()))
    return None


def run_all(
    connection: Connection, texts: Iterable[str], on_step: Callable[[], None]
) -> list[tuple[str, Refused]]:
    """Run statements in order and go on where one fails; those that failed."""
    failed: list[tuple[str, Refused]] = []
    for text in texts:
        refused = run(connection, text)
        if refused is not None:
            failed.append((text, refused))
        on_step()
    return failed
