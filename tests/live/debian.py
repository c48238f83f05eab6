"""A PostgreSQL of the distribution, with the modules that the embedded one lacks.

pg_stat_statements and auto_explain have to be loaded when a server starts.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROGRAMS = max(Path("/usr/lib/postgresql").glob("*/bin/postgres"), default=None)

SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "shared_preload_libraries": "pg_stat_statements,auto_explain",
    "max_prepared_transactions": "4",
    "track_activity_query_size": "1024",
    "logging_collector": "on",
    "log_destination": "stderr,csvlog,jsonlog",
    "log_directory": "logs",
    "log_filename": "postgres.log",
    "log_rotation_age": "0",
    "log_min_duration_statement": "0",
    "log_line_prefix": "%m [%p] %q%u@%d/%a ",
    "log_timezone": "UTC",
    "lc_messages": "C",
    "auto_explain.log_min_duration": "0",
    "auto_explain.log_analyze": "on",
}


class Debian:
    """A server of its own, on a socket of its own."""

    def __init__(self, home: Path, account: str | None) -> None:
        assert PROGRAMS is not None
        self.programs = PROGRAMS.parent
        self.home = home
        self.logs = home / "data" / "logs"
        self._account = account

    def url(self, database: str, role: str = "postgres") -> str:
        """A libpq URL of a database."""
        return f"postgresql://{role}@/{database}?host={self.home}"

    def run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one of the server's programs, as the account that owns it."""
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
        done = subprocess.run(
            [str(self.programs / program), *arguments],
            env=inherited | {"PGHOST": str(self.home), "PGUSER": "postgres", "LC_ALL": "C"},
            cwd=self.home,
            user=self._account,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"{program}: {done.stderr[-800:]}"
        return done


@contextmanager
def debian(settings: dict[str, str] | None = None) -> Iterator[Debian]:
    """Start a server and remove it again."""
    home = Path(tempfile.mkdtemp(prefix="dsl-"))
    account = None
    try:
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            account = "postgres" if "postgres" in {p.pw_name for p in pwd.getpwall()} else "nobody"
            shutil.chown(home, account)
        home.chmod(0o755)
        server = Debian(home, account)
        data = str(home / "data")
        server.run("initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "-N")
        with (home / "data" / "postgresql.conf").open("a") as file:
            all_settings = SETTINGS | {"unix_socket_directories": str(home)} | (settings or {})
            file.writelines(f"{name} = '{value}'\n" for name, value in all_settings.items())
        with (home / "start.log").open("w") as log:
            subprocess.run(
                [str(server.programs / "pg_ctl"), "-D", data, "-w", "start"],
                user=account,
                cwd=home,
                stdout=log,
                stderr=log,
                check=True,
            )
        try:
            yield server
        finally:
            server.run("pg_ctl", "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)
