"""One connection to a database that is only read: a snapshot, time limits, and plain errors."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import errors
from psycopg.adapt import Buffer, Loader
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import dict_row

from dsql_compat.sources.database.measuring import Measuring
from dsql_compat.sources.database.names import masked, without_secrets
from dsql_compat.sources.database.queries import query as query_text
from dsql_compat.sources.database.session import (
    DatabaseError,
    Row,
    Server,
    UnseenError,
    grant_for,
)

APPLICATION = "dsql-compat"
MARK = "/* dsql-compat */"  # by which pg_stat_statements shows what is no application's
SAVEPOINT = "dsql_compat"
LOCK_TIMEOUT = "5s"
STATEMENT_TIMEOUT = "120s"
CONNECT_TIMEOUT = 15  # seconds, where the connection string says nothing
OLDEST = 130000  # what the queries were tried with, 15 and newer by the tests

_OTHERS = {
    "CockroachDB": "CockroachDB",
    "Redshift": "Amazon Redshift",
    "-YB-": "YugabyteDB",
    "Greenplum": "Greenplum",
    "Materialize": "Materialize",
    "RisingWave": "RisingWave",
    "QuestDB": "QuestDB",
}
# What pg_dump sets, so that the server prints values and names alike.
_SETTINGS = {
    "lock_timeout": LOCK_TIMEOUT,
    "statement_timeout": STATEMENT_TIMEOUT,
    "idle_in_transaction_session_timeout": "0",
    "search_path": "",
    "datestyle": "ISO",
    "intervalstyle": "postgres",
    "extra_float_digits": "3",
    "quote_all_identifiers": "off",
    "row_security": "off",
}
_TIMED_OUT = (errors.QueryCanceled, errors.LockNotAvailable)


@dataclass(slots=True)
class Connection:
    """A database within one read-only snapshot.  `name` shows the source, without passwords."""

    raw: psycopg.Connection[Row] = field(repr=False)
    server: Server
    name: str
    conninfo: str = field(repr=False)

    def answer(self, name: str) -> list[Row]:
        """The rows of one of the queries that are kept as files; raises as `rows` does."""
        return self.rows(query_text(name, self.server.major))

    def rows(
        self, query: str, params: Mapping[str, Any] | None = None, timeout: str | None = None
    ) -> list[Row]:
        """The rows of a query.  Raises UnseenError when only this one failed, else DatabaseError.

        `timeout` (as statement_timeout has it) holds for this query alone.
        """
        try:
            # Aurora DSQL has no savepoints: there a refused query costs the snapshot.
            guard = (
                contextlib.nullcontext()
                if self.server.is_dsql
                else self.raw.transaction(savepoint_name=SAVEPOINT)
            )
            with guard:
                if timeout is not None and not self.server.is_dsql:
                    self.raw.execute(_set_local("statement_timeout"), [timeout])
                rows = self.raw.execute(f"{query}\n{MARK}", params).fetchall()
                if timeout is not None and not self.server.is_dsql:
                    self.raw.execute(_set_local("statement_timeout"), [STATEMENT_TIMEOUT])
                return rows
        except psycopg.Error as error:
            raise self._failure(error) from None

    def plan(self, measuring: Measuring) -> list[Row]:
        """The tables, and how each is to be measured; raises as `rows` does."""
        text = query_text("measure", self.server.major)
        values = {":sample": str(measuring.sample), ":exact": str(measuring.exact).lower()}
        for name, value in values.items():
            text = text.replace(name, value)
        return self.rows(text)

    def measured(self, table: Row, seconds: float) -> Row | None:
        """What the measuring query of a table counts; raises as `rows` does.

        In a transaction of its own: many tables are measured, and none may hold back the
        cleaning up of others for longer than it takes.
        """
        try:
            self.raw.rollback()
            self._settle(_SETTINGS | {"statement_timeout": f"{max(1, round(seconds * 1000))}ms"})
            text = f"{table['sql']}\n{MARK}".encode()  # whose names need not be ASCII
            return self.raw.execute(text).fetchone()
        except psycopg.Error as error:
            with contextlib.suppress(psycopg.Error):
                self.raw.rollback()
            raise self._failure(error) from None

    def _settle(self, settings: Mapping[str, str]) -> None:
        """Set parameters for this transaction."""
        calls = ", ".join(f"pg_catalog.set_config('{name}', %s, true)" for name in settings)
        self.raw.execute(f"SELECT {calls} {MARK}", list(settings.values()))

    def _failure(self, error: psycopg.Error) -> Exception:
        text = one_line(error, self.conninfo)
        if self.raw.closed or isinstance(error, errors.AdminShutdown | errors.CrashShutdown):
            return DatabaseError(f"{self.name}: the server went away: {text}")
        if self.server.is_dsql:
            with contextlib.suppress(psycopg.Error):
                self.raw.rollback()
        if isinstance(error, errors.InsufficientPrivilege):
            return UnseenError(text, grant_for(text, self.server.user))
        if isinstance(error, _TIMED_OUT):
            limits = f"limits: {LOCK_TIMEOUT} for a lock, {STATEMENT_TIMEOUT} for a query"
            return UnseenError(f"{text} ({limits})")
        return UnseenError(text)


@contextlib.contextmanager
def connect(conninfo: str) -> Iterator[Connection]:
    """Open a snapshot of a database, and close it at the end.  Raises DatabaseError.

    REPEATABLE READ and READ ONLY, with time limits; libpq's own environment, service file and TLS
    options hold.
    """
    name = masked(conninfo)
    raw = _open(conninfo, name)
    try:
        yield Connection(raw, _begin(raw, name, conninfo), name, conninfo)
    finally:
        with contextlib.suppress(psycopg.Error):
            raw.close()


def one_line(error: BaseException, conninfo: str) -> str:
    """An error's own words in one line, without the passwords of the connection."""
    diagnosis = error.diag if isinstance(error, psycopg.Error) else None
    text = (diagnosis.message_primary if diagnosis else None) or str(error) or type(error).__name__
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    # Several addresses of a host are tried in turn, and each failure is a line.
    tried = [line.removeprefix("- ") for line in lines if line.startswith("- ")]
    first = tried[-1].partition("': ")[2] or tried[-1] if tried else lines[0]
    for prefix in ("connection failed: ", "connection is bad: "):
        first = first.removeprefix(prefix)
    return without_secrets(first, conninfo)


def _open(conninfo: str, name: str) -> psycopg.Connection[Row]:
    try:
        given = conninfo_to_dict(conninfo)
        seconds = given.get("connect_timeout") or CONNECT_TIMEOUT
        return psycopg.connect(
            make_conninfo(conninfo, connect_timeout=seconds),
            autocommit=True,
            row_factory=dict_row,
            prepare_threshold=None,  # a pooler may give every transaction another server
            application_name=APPLICATION,
            client_encoding="UTF8",
        )
    except (psycopg.Error, ValueError, UnicodeError) as error:
        raise DatabaseError(f"{name}: cannot connect: {one_line(error, conninfo)}") from None


def _begin(raw: psycopg.Connection[Row], name: str, conninfo: str) -> Server:
    if "bouncer" in (raw.info.parameter_status("server_version") or ""):
        raise DatabaseError(
            f"{name}: this is PgBouncer's admin console, no database: name one that it serves"
        )
    try:
        server = _recognise(raw, name)
        if server.encoding == "SQL_ASCII":
            raw.execute(f"SET client_encoding = 'SQL_ASCII' {MARK}")  # else some bytes are refused
            raw.adapters.register_loader("text", _AnyText)
            raw.adapters.register_loader("name", _AnyText)
        raw.autocommit = False
        raw.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        raw.read_only = True
        for setting, value in {} if server.is_dsql else _SETTINGS.items():
            raw.execute(_set_local(setting), [value])
    except psycopg.Error as error:
        raise DatabaseError(f"{name}: {one_line(error, conninfo)}") from None
    return server


def _recognise(raw: psycopg.Connection[Row], name: str) -> Server:
    found = raw.execute(f"SELECT version() AS version {MARK}").fetchone()
    text = str(found["version"]) if found else ""
    other = next((product for sign, product in _OTHERS.items() if sign in text), None)
    if other or not ("PostgreSQL" in text or "EnterpriseDB" in text):
        raise DatabaseError(f"{name}: this is {other or text[:60]}, not PostgreSQL")
    row = raw.execute(
        "SELECT current_database()::text AS database, current_user::text AS user,"
        " current_setting('server_encoding') AS encoding,"
        " pg_catalog.pg_is_in_recovery() AS is_standby,"
        " EXISTS (SELECT FROM pg_catalog.pg_class c"
        " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = 'sys' AND c.relname = 'jobs') AS is_dsql /* dsql-compat */"
    ).fetchone()
    assert row is not None
    release = (raw.info.parameter_status("server_version") or text.split()[1]).split()[0]
    return Server(raw.info.server_version, release, **row)


def _set_local(setting: str) -> str:
    return f"SELECT pg_catalog.set_config('{setting}', %s, true) {MARK}"


class _AnyText(Loader):
    """Text of a database that declares no encoding."""

    def load(self, data: Buffer) -> str:
        return bytes(data).decode("utf-8", "replace")
