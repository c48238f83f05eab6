"""`rewrite` and `verify` take a running database and what psql collected of it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dsql_compat import verify
from tests.live.servers import programs, running
from tests.real.server import Server

pytestmark = pytest.mark.postgres
SHOP = Path(__file__).parents[2] / "sample_schemas" / "shop" / "source.sql"
RUN = [sys.executable, "-m", "dsql_compat"]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running(programs()[max(programs())]) as server:
        server.create("shop")
        server.load("shop", SHOP, [])
        server.execute("shop", "SELECT setval('promotions_id_seq', 4711)")
        yield server


@pytest.fixture(scope="module")
def sources(server: Server, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The database, what psql collects of it, and its dump with data."""
    folder = tmp_path_factory.mktemp("sources")
    script = subprocess.run([*RUN, "collect"], capture_output=True, check=True).stdout
    (folder / "collect.sql").write_bytes(script)
    arguments = ["-X", "-f", str(folder / "collect.sql"), "-o", str(folder / "collected.txt")]
    server.tool("psql", *arguments, database="shop")
    (folder / "dump.sql").write_text(server.tool("pg_dump", database="shop").stdout)
    collected, dump = folder / "collected.txt", folder / "dump.sql"
    return {"live": server.url("shop"), "collected": str(collected), "dump": str(dump)}


def schema_of(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in (folder / "schema").iterdir()}


def test_a_rewrite_of_the_database_is_that_of_its_dump(
    sources: dict[str, str], tmp_path: Path
) -> None:
    for name, source in sources.items():
        done = subprocess.run(
            [*RUN, "rewrite", source, "--output", str(tmp_path / name)],
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
    files = schema_of(tmp_path / "live")
    assert files == schema_of(tmp_path / "collected") == schema_of(tmp_path / "dump")
    assert len(files) > 20
    assert any("START WITH 4712" in text for text in files.values())


def test_a_rewrite_of_the_database_is_proved(sources: dict[str, str]) -> None:
    for name in ("live", "collected"):
        (proof,) = verify(sources[name])
        assert proof.holds, [str(difference) for difference in proof.undeclared]
        assert proof.compared["tables"] == 11 or proof.compared["table"] == 11
        assert proof.statements[0] > 100


@pytest.mark.parametrize("command", ["rewrite", "verify"])
def test_rows_are_not_taken_from_a_database(
    sources: dict[str, str], tmp_path: Path, command: str
) -> None:
    output = ["--output", str(tmp_path / "out")] if command == "rewrite" else []
    for name in ("live", "collected"):
        done = subprocess.run(
            [*RUN, command, sources[name], "--data", *output], capture_output=True, text=True
        )
        assert done.returncode == 2
        assert "--data takes rows from a dump" in done.stderr
        assert not (tmp_path / "out").exists()
