"""`--globals`: what pg_dumpall writes of roles and tablespaces, and no password."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from dsql_compat.pipeline import analyze_inputs
from dsql_compat.sources.database.cluster import read_globals
from dsql_compat.sources.database.connect import connect
from dsql_compat.sources.database.dump import DatabaseReader
from dsql_compat.sources.database.measuring import Measuring
from dsql_compat.sources.files import Input, find_inputs
from dsql_compat.sources.reader import Reader
from dsql_compat.sql.statements import Statement
from tests.live.servers import programs, running
from tests.real.server import Server

pytestmark = pytest.mark.postgres
ROLES = """
CREATE ROLE "We ird" LOGIN PASSWORD 'hush1234' CONNECTION LIMIT 5 VALID UNTIL '2030-01-01 00:00+00';
COMMENT ON ROLE "We ird" IS 'it''s';
CREATE ROLE forever LOGIN VALID UNTIL 'infinity'; CREATE ROLE boss CREATEROLE CREATEDB NOINHERIT;
ALTER ROLE "We ird" SET search_path = app, "Odd One"; ALTER ROLE "We ird" SET work_mem = '64MB';
ALTER ROLE "We ird" SET app.x = 'a b'; ALTER ROLE boss SET search_path = '';
GRANT reporting TO "We ird" WITH ADMIN OPTION; GRANT pg_monitor TO reporting;
"""
# pg_dumpall leaves these to pg_dump --create, or out.
OWN = """
ALTER ROLE ALL SET lock_timeout = '9s'; ALTER DATABASE shop SET timezone = 'Europe/Berlin';
ALTER ROLE reporting IN DATABASE shop SET default_transaction_isolation = 'serializable';
ALTER DATABASE other SET timezone = 'Asia/Tokyo';
"""


@pytest.fixture(scope="module", params=sorted(programs()))
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    place = Path(tempfile.mkdtemp(prefix="dsl-space-"))
    with running(programs()[request.param]) as server:
        shutil.chown(place, Path(server.socket_dir).owner())
        server.create("shop")
        server.create("other")
        server.execute("postgres", ROLES)
        server.execute("postgres", f"CREATE TABLESPACE fast LOCATION '{place}'")
        server.execute("postgres", "ALTER TABLESPACE fast SET (random_page_cost = 1.1);"
                                   "GRANT CREATE ON TABLESPACE fast TO reporting;"
                                   "COMMENT ON TABLESPACE fast IS 'f'")  # fmt: skip
        yield server
    shutil.rmtree(place)


def dumped(server: Server) -> list[str]:
    arguments = ["--globals-only", "--no-role-passwords"]
    text = server.tool("pg_dumpall", *arguments).stdout.encode()
    source = Input("globals.sql", "dump", "plain", None, len(text), text)
    statements = [event.text for event in Reader(source) if isinstance(event, Statement)]
    return [text.rstrip(";") for text in statements if not text.startswith("SET ")]


def test_the_same_as_pg_dumpall(server: Server) -> None:
    with connect(server.url("shop")) as session:
        told, notes = read_globals(session)
    assert told == dumped(server)
    assert len(told) > 15 and notes == []


def test_settings_of_the_database_and_of_all_roles_come_with_it(server: Server) -> None:
    server.execute("postgres", OWN)
    try:
        with connect(server.url("shop")) as session:
            told, _ = read_globals(session)
    finally:
        server.execute("postgres", "ALTER ROLE ALL RESET ALL; ALTER DATABASE shop RESET ALL;"
                       "ALTER ROLE reporting IN DATABASE shop RESET ALL")  # fmt: skip
    assert set(told) - set(dumped(server)) == {
        "ALTER ROLE ALL SET lock_timeout TO '9s'",
        "ALTER DATABASE shop SET \"TimeZone\" TO 'Europe/Berlin'",
        "ALTER ROLE reporting IN DATABASE shop SET default_transaction_isolation TO 'serializable'",
    }


def test_they_are_judged_only_when_wanted(server: Server) -> None:
    url = server.url("shop")
    without = analyze_inputs(find_inputs([url], measuring=Measuring()))
    found = analyze_inputs(find_inputs([url], measuring=Measuring(with_globals=True)))
    more = {f.rule for f in found.findings} - {f.rule for f in without.findings}
    assert {"role-attribute", "role-setting", "tablespace"} <= more
    assert found.not_analysed == []


def test_no_password_is_read(server: Server) -> None:
    """Neither in a statement of ours, nor of what the server is asked."""
    (source,) = find_inputs([server.url("shop")], measuring=Measuring(with_globals=True))
    texts = [event.text for event in DatabaseReader(source) if isinstance(event, Statement)]
    assert any("CREATE ROLE" in text for text in texts)
    assert not any("PASSWORD" in text or "SCRAM" in text for text in texts)


def test_a_plain_role_reads_them_too_and_so_does_psql(server: Server, tmp_path: Path) -> None:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
    url = server.url("shop").replace("postgres@", "forever@")
    run = [sys.executable, "-m", "dsql_compat"]
    script = tmp_path / "collect.sql"
    script.write_bytes(subprocess.run([*run, "collect"], capture_output=True, check=True).stdout)
    psql = [server.bin_path / "psql", "-X", "-v", "globals=on", "-f", script]
    subprocess.run([*psql, "-o", tmp_path / "c.txt", url], check=True, env=inherited)
    texts = []
    for source in (url, str(tmp_path / "c.txt")):
        (one,) = find_inputs([source], measuring=Measuring(with_globals=True))
        texts.append([event.text for event in DatabaseReader(one) if isinstance(event, Statement)])
    assert texts[0] == texts[1]
    assert f"{dumped(server)[0]};" == texts[0][0]
