"""Real servers for the data that was taken from servers: two embedded ones, and Debian's."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.real.server import import_get_server

DEBIAN = Path("/usr/lib/postgresql")


@contextmanager
def embedded(version: int) -> Iterator[str]:
    """A server of the package that the tests have; how to connect to it."""
    get_server = import_get_server()
    with ExitStack() as stack:
        home = Path(tempfile.mkdtemp(prefix="dsc-"))
        stack.callback(shutil.rmtree, home, ignore_errors=True)
        home.chmod(0o755)  # for root the server runs as a user of its own, who has to get in
        handle = get_server(home / "pg", cleanup_mode="stop", postgres_version=version)
        stack.callback(handle.cleanup)
        socket_dir = handle.get_postmaster_info().socket_dir
        yield f"host={socket_dir} user=postgres dbname=postgres"


@contextmanager
def debian(binaries: Path) -> Iterator[str]:
    """A server of the system's packages, with whatever extensions these brought."""
    # As root it is run by the user that Debian made for it.
    user: dict[str, Any] = {"user": "postgres"} if os.geteuid() == 0 else {}
    with ExitStack() as stack:
        home = Path(tempfile.mkdtemp(prefix="dsc-"))
        stack.callback(shutil.rmtree, home, ignore_errors=True)
        if user:
            shutil.chown(home, "postgres")

        def run(*command: str) -> None:
            output = subprocess.DEVNULL
            subprocess.run(command, check=True, stdout=output, cwd=home, **user)

        data = str(home / "data")
        run(f"{binaries}/initdb", "-D", data, "-U", "postgres", "--auth=trust", "-E", "UTF8")
        options = f"-c listen_addresses= -c unix_socket_directories={home} -c fsync=off"
        control = (f"{binaries}/pg_ctl", "-D", data, "-l", str(home / "log"), "-w")
        run(*control, "-o", options, "start")
        stack.callback(run, *control, "-m", "immediate", "stop")
        yield f"host={home} user=postgres dbname=postgres"


@pytest.fixture(scope="session")
def sixteen() -> Iterator[str]:
    with embedded(16) as dsn:
        yield dsn


@pytest.fixture(scope="session")
def eighteen() -> Iterator[str]:
    with embedded(18) as dsn:
        yield dsn


@pytest.fixture(scope="session")
def system_server() -> Iterator[str]:
    found = sorted(DEBIAN.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not found:
        pytest.skip("no PostgreSQL of Debian's packages is installed")
    with debian(found[-1].parent) as dsn:
        yield dsn
