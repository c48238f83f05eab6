"""An outbox instead of LISTEN and NOTIFY: messages are rows, and listeners ask for new ones.

The table is in outbox.sql.  As with NOTIFY, a message is out when its transaction commits, and
every listener gets it; unlike with NOTIFY, it waits for listeners that are away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from . import retry
from .retry import Connection

LONGEST_TRANSACTION = timedelta(minutes=5)  # a message may appear so late


class Message(NamedTuple):
    """What was said on a channel."""

    channel: str
    payload: str


def notify(connection: Connection, channel: str, payload: str = "") -> None:
    """Send a message, as part of the transaction that is open."""
    query = "INSERT INTO application_outbox (channel, payload) VALUES (%s, %s)"
    connection.execute(query, (channel, payload))


@dataclass
class Listener:
    """Reads channels from `since` on, each message once."""

    channels: Sequence[str]
    since: datetime
    _seen: dict[UUID, datetime] = field(default_factory=dict)

    def poll(self, connection: Connection) -> list[Message]:
        """What is new; call it every second or so."""
        # Rows that committed late stand before rows that were read: look back far enough.
        start = max([self.since, *(at - LONGEST_TRANSACTION for at in self._newest())])
        query = """
            SELECT id, channel, payload, sent_at FROM application_outbox
            WHERE channel = ANY(%s) AND sent_at >= %s ORDER BY sent_at"""
        rows = retry.run(
            connection, lambda c: c.execute(query, (list(self.channels), start)).fetchall()
        )
        fresh = [row for row in rows if row[0] not in self._seen]
        self._seen = {i: at for i, at in self._seen.items() if at >= start}
        self._seen |= {row[0]: row[3] for row in fresh}
        return [Message(row[1], row[2]) for row in fresh]

    def _newest(self) -> list[datetime]:
        return [max(self._seen.values())] if self._seen else []


def forget(connection: Connection, age: timedelta = timedelta(days=1)) -> int:
    """Delete old messages, in batches; how many they were."""
    query = """
        DELETE FROM application_outbox WHERE id IN (
            SELECT id FROM application_outbox WHERE sent_at < now() - %s LIMIT 1000)"""
    deleted = 0
    while count := retry.run(connection, lambda c: c.execute(query, (age,)).rowcount):
        deleted += count
    return deleted
