"""Materialized views as rows: a job stores what a view shows, and readers see the last whole run.

The tables are in refresh.sql, with a query for each view that reads the stored rows.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from psycopg import sql

from . import retry
from .retry import Connection

BATCH = 500


def refresh(connection: Connection, view: tuple[str, str]) -> int:
    """Store what a view shows now; how many rows that is.  Readers change over at the end."""
    name, run = ".".join(view), str(uuid.uuid4())
    query = sql.SQL("SELECT to_jsonb(v)::text FROM {} AS v").format(sql.Identifier(*view))
    rows = retry.run(connection, lambda c: [text for (text,) in c.execute(query)])
    for start in range(0, len(rows), BATCH):
        _store(connection, name, run, start, rows[start : start + BATCH])
    switch = """
        INSERT INTO application_summary_runs (name, run) VALUES (%s, %s)
        ON CONFLICT (name) DO UPDATE SET run = EXCLUDED.run, finished_at = now()"""
    retry.run(connection, lambda c: c.execute(switch, (name, run)))
    _forget(connection, name, run)
    return len(rows)


def _store(connection: Connection, name: str, run: str, start: int, rows: Iterable[str]) -> None:
    query = """
        INSERT INTO application_summaries (name, run, position, content)
        SELECT %s, %s, %s + row.number, row.content
        FROM jsonb_array_elements(%s::jsonb) WITH ORDINALITY AS row (content, number)"""
    array = "[" + ", ".join(rows) + "]"
    retry.run(connection, lambda c: c.execute(query, (name, run, start, array)))


def _forget(connection: Connection, name: str, run: str) -> None:
    """Delete what earlier runs stored, in batches."""
    query = """
        DELETE FROM application_summaries WHERE (name, run, position) IN (
            SELECT name, run, position FROM application_summaries
            WHERE name = %s AND run <> %s LIMIT 1000)"""
    while retry.run(connection, lambda c: c.execute(query, (name, run)).rowcount):
        pass
