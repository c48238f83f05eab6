"""What a reader of a database asks, be it answered by a server or by a file that psql wrote."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from dsql_compat.sources.database.measuring import Measuring
from dsql_compat.sources.files import InputError

Row = dict[str, Any]


class DatabaseError(InputError):
    """The database cannot be read; the message says why in one line, without passwords."""


class UnseenError(Exception):
    """One query was refused or took too long; the connection goes on.

    `reason` is for the report; `remedy` is the GRANT that would help, if one would.
    """

    def __init__(self, reason: str, remedy: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Server:
    """What answered: `version` as a number (180004), `release` as text (18.4)."""

    version: int
    release: str
    database: str
    user: str
    encoding: str
    is_standby: bool
    is_dsql: bool

    @property
    def major(self) -> int:
        """13, 18 …"""
        return self.version // 10000


class Session(Protocol):
    """One database at one moment.  `name` shows the source, without passwords."""

    @property
    def server(self) -> Server:
        """What answers."""

    @property
    def name(self) -> str:
        """How reports name it."""

    def answer(self, name: str) -> list[Row]:
        """The rows of one of the queries that are kept as files.

        Raises UnseenError when only this one failed, else DatabaseError.
        """

    def rows(
        self, query: str, params: Mapping[str, Any] | None = None, timeout: str | None = None
    ) -> list[Row]:
        """The rows of any query; raises as `answer` does."""

    def plan(self, measuring: Measuring) -> list[Row]:
        """The rows of the query `measure`: tables, and how each is to be measured."""

    def measured(self, table: Row, seconds: float) -> Row | None:
        """What the measuring query of a table counted, None where no time was left for it.

        `table` is a row of the query `measure`; the transaction of the catalog ends with the
        first one.  Raises as `answer` does.
        """


def grant_for(text: str, user: str) -> str | None:
    """The GRANT that a refusal asks for."""
    words = text.removeprefix("permission denied for ").split()
    if len(words) < 2 or not text.startswith("permission denied for "):
        return None
    kind, name = " ".join(words[:-1]), words[-1]
    if kind in ("table", "view", "materialized view", "relation", "sequence"):
        schema = "pg_catalog." if name.startswith("pg_") else ""
        sequence = "SEQUENCE " if kind == "sequence" else ""
        return f'GRANT SELECT ON {sequence}{schema}{name} TO "{user}"'
    if kind == "function":
        return f'GRANT EXECUTE ON FUNCTION {name} TO "{user}"'
    if kind == "schema":
        return f'GRANT USAGE ON SCHEMA {name} TO "{user}"'
    return None
