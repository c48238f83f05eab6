"""Leases instead of advisory locks: a row says who may work, and until when.

The table is in leases.sql.  An advisory lock ends with its session; a lease ends by itself, so
choose `seconds` longer than the work takes, or call `take` again while it lasts.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from . import retry
from .retry import Connection


def take(connection: Connection, name: str, holder: str, seconds: float) -> bool:
    """Take a lease, or hold it longer; False while somebody else holds it."""
    query = """
        INSERT INTO application_leases AS lease (name, holder, held_until)
        VALUES (%(name)s, %(holder)s, clock_timestamp() + %(seconds)s * interval '1 second')
        ON CONFLICT (name) DO UPDATE
        SET holder = EXCLUDED.holder, held_until = EXCLUDED.held_until
        WHERE lease.held_until < clock_timestamp() OR lease.holder = EXCLUDED.holder
        RETURNING 1"""
    given = {"name": name, "holder": holder, "seconds": seconds}
    return retry.run(connection, lambda c: c.execute(query, given).fetchone()) is not None


def give_back(connection: Connection, name: str, holder: str) -> None:
    """End a lease that this holder has."""
    query = "DELETE FROM application_leases WHERE name = %s AND holder = %s"
    retry.run(connection, lambda c: c.execute(query, (name, holder)))


@contextmanager
def held(connection: Connection, name: str, holder: str, seconds: float) -> Iterator[bool]:
    """`with held(…) as is_mine:` — the lease for a block of work, if it was free."""
    is_mine = take(connection, name, holder, seconds)
    try:
        yield is_mine
    finally:
        if is_mine:
            give_back(connection, name, holder)
