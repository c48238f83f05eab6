"""What goes wrong with a database: one clear line and exit 2, or a report that says what is missing."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from dsql_compat.pipeline import analyze_sources
from dsql_compat.sources.database import connect as connecting
from dsql_compat.sources.database.connect import DatabaseError, connect
from dsql_compat.sources.database.names import is_database, masked, without_secrets
from dsql_compat.sources.files import InputError, find_inputs
from tests.live.servers import control, programs, running
from tests.real.server import Server

pytestmark = pytest.mark.postgres
NEWEST = max(programs(), default="")
SCHEMA = """
CREATE SCHEMA app; CREATE SCHEMA audit;
CREATE TYPE app.state AS ENUM ('on', 'off');
CREATE TABLE app.orders (id bigserial PRIMARY KEY, state app.state, note text);
CREATE TABLE app.items (id int PRIMARY KEY, order_id bigint REFERENCES app.orders);
CREATE TABLE audit.log (id int, what jsonb);
CREATE INDEX ON audit.log (id);
INSERT INTO app.orders (note) SELECT 'geheimnis' FROM generate_series(1, 10);
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running(programs()[NEWEST]) as server:
        server.create("shop")
        server.execute("shop", SCHEMA)
        server.execute("postgres", "CREATE ROLE reader LOGIN")
        yield server


def run(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
    return subprocess.run(
        [sys.executable, "-m", "dsql_compat", "analyze", *arguments],
        capture_output=True, text=True, env=inherited | env,
    )  # fmt: skip


def report(*arguments: str, **env: str) -> dict[str, object]:
    done = run(*arguments, "--format", "json", **env)
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found


def names(found: dict[str, object], kind: str) -> set[str]:
    return {
        f"{f['object']['schema']}.{f['object']['table'] or f['object']['name']}"
        for f in found["findings"]
        if f["object"]["kind"] == kind
    }


@pytest.mark.parametrize(
    ("shown", "given"),
    [
        ("postgresql://u:***@h/db", "postgresql://u:pa/ss@w:rd@h/db"),
        ("postgres://h/db?user=u&password=***&x=1", "postgres://h/db?user=u&password=pw&x=1"),
        ("host=h password=*** dbname=d", "host=h password='a b\\'c' dbname=d"),
        ("host=h sslpassword=***", "host=h sslpassword=xyz"),
        ("service=shop", "service=shop"),
        ("postgresql://", "postgresql://"),
    ],
)
def test_passwords_are_masked(shown: str, given: str) -> None:
    assert is_database(given)
    assert masked(given) == shown


def test_a_message_does_not_repeat_a_password() -> None:
    assert without_secrets("no s3cret here", "postgresql://u:s3cret@h/d") == "no *** here"


def test_a_file_is_no_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert not is_database("schema.sql")
    assert is_database("service=x")
    Path("service=x").write_text("SELECT 1;")
    assert not is_database("service=x")


def test_reading_a_file_does_not_load_the_driver(tmp_path: Path) -> None:
    (tmp_path / "a.sql").write_text("CREATE TABLE t (id int PRIMARY KEY);")
    code = (
        "import sys\nfrom dsql_compat import analyze\n"
        f"analyze({str(tmp_path / 'a.sql')!r})\nprint('psycopg' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_ways_to_name_a_database(server: Server, tmp_path: Path) -> None:
    home = str(server.socket_dir)
    (tmp_path / "services").write_text(f"[here]\nhost={home}\nuser=postgres\ndbname=shop\n")
    env = {"PGHOST": home, "PGUSER": "postgres", "PGDATABASE": "shop"}
    of_uri = report(server.url("shop"))
    for argument, more in (
        ("postgresql://", env),
        (f"host={home} user=postgres dbname=shop", {}),
        ("service=here", {"PGSERVICEFILE": str(tmp_path / "services")}),
    ):
        found = report(argument, **more)
        assert [f["id"] for f in found["findings"]] == [f["id"] for f in of_uri["findings"]]
        assert found["sources"][0]["name"] == argument
        assert found["sources"][0]["kind"] == "database"
    assert of_uri["sources"][0]["postgres_version"].split(".")[0] == NEWEST


@pytest.mark.parametrize(
    ("database", "host", "words"),
    [
        ("nothing", None, 'database "nothing" does not exist'),
        ("shop", "/nowhere", "cannot connect"),
    ],
)
def test_what_cannot_be_reached(
    server: Server, database: str, host: str | None, words: str
) -> None:
    done = run(f"postgresql://postgres:geheim@/{database}?host={host or server.socket_dir}")
    assert done.returncode == 2
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert "geheim" not in done.stderr + done.stdout
    assert ":***@" in done.stderr


def test_a_broken_connection_string() -> None:
    done = run("postgresql://u:geheim@[::1/db")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "geheim" not in done.stderr


def test_a_wrong_password(server: Server) -> None:
    hba = Path(server.socket_dir) / "data" / "pg_hba.conf"
    before = hba.read_text()
    server.execute("postgres", "CREATE ROLE locked LOGIN PASSWORD 'right'")
    try:
        hba.write_text("local all locked scram-sha-256\n" + before)
        server.execute("postgres", "SELECT pg_reload_conf()")
        done = run(f"postgresql://locked:geheim@/shop?host={server.socket_dir}")
        report(f"postgresql://locked:right@/shop?host={server.socket_dir}")
    finally:
        hba.write_text(before)
        server.execute("postgres", "SELECT pg_reload_conf()")
    assert done.returncode == 2
    assert 'password authentication failed for user "locked"' in done.stderr
    assert "geheim" not in done.stderr


def test_a_role_with_connect_only_sees_the_schema(server: Server) -> None:
    url = f"postgresql://reader@/shop?host={server.socket_dir}"
    mine, all_of_it = report(url), report(server.url("shop"))
    assert [f["id"] for f in mine["findings"]] == [f["id"] for f in all_of_it["findings"]]
    notes = " ".join(mine["sources"][0]["notes"])
    assert (
        "position of app.orders_id_seq is not" in notes and "GRANT SELECT ON ALL SEQUENCES" in notes
    )
    assert "position" not in " ".join(all_of_it["sources"][0]["notes"])


def test_a_catalog_that_may_not_be_read(server: Server) -> None:
    server.execute("shop", "REVOKE SELECT ON pg_catalog.pg_policy FROM PUBLIC")
    try:
        found = report(f"postgresql://reader@/shop?host={server.socket_dir}")
    finally:
        server.execute("shop", "GRANT SELECT ON pg_catalog.pg_policy TO PUBLIC")
    (missing,) = [m for m in found["not_analysed"] if m["what"] == "rules, triggers and policies"]
    assert "permission denied" in missing["reason"]
    assert 'GRANT SELECT ON pg_catalog.pg_policy TO "reader"' in missing["reason"]
    assert "app.orders" in names(found, "table") | names(found, "column")


def test_a_lock_that_is_not_given_up(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connecting, "LOCK_TIMEOUT", "200ms")
    monkeypatch.setitem(connecting._SETTINGS, "lock_timeout", "200ms")
    with psycopg.connect(server.url("shop")) as other:
        other.execute("LOCK TABLE app.orders IN ACCESS EXCLUSIVE MODE")
        found = analyze_sources([server.url("shop")])
    reasons = {m.reason for m in found.not_analysed}
    assert any("lock timeout" in reason and "200ms" in reason for reason in reasons)
    assert found.findings


def test_nothing_is_written_and_nothing_else_is_read(server: Server) -> None:
    with connect(server.url("shop")) as connection:
        (row,) = connection.rows(
            "SELECT current_setting('transaction_read_only') AS read_only,"
            " current_setting('transaction_isolation') AS isolation,"
            " current_setting('lock_timeout') AS lock, current_setting('search_path') AS path,"
            " current_setting('statement_timeout') AS statement,"
            " current_setting('application_name') AS application"
        )
        with pytest.raises(connecting.UnseenError, match="read-only"):
            connection.rows("CREATE TABLE app.mine (id int)")
        assert connection.rows("SELECT 1 AS one") == [{"one": 1}]
    assert row["read_only"] == "on" and row["isolation"] == "repeatable read"
    assert row["lock"] == "5s" and row["statement"] == "2min" and row["path"] in ("", '""')
    assert row["application"] == "dsql-compat"
    assert "geheimnis" not in json.dumps(report(server.url("shop")))


def test_a_server_that_stops_in_the_middle() -> None:
    with running(programs()[NEWEST]) as server:
        data = Path(server.socket_dir) / "data"
        with (
            pytest.raises(DatabaseError, match="the server went away") as caught,
            connect(server.url("postgres")) as connection,
        ):
            threading.Timer(0.5, control, (server.bin_path, data, "stop")).start()
            for _ in range(100):
                connection.rows("SELECT pg_sleep(0.2)::text AS pause")
        assert "\n" not in str(caught.value)


def test_only_some_schemas_and_tables(server: Server) -> None:
    url = server.url("shop")
    app = report(url, "--schema", "app")
    assert {f["object"]["schema"] for f in app["findings"]} <= {"app", None}
    assert any("left out by" in note for note in app["sources"][0]["notes"])
    rest = report(url, "--exclude-schema", "a*p")
    assert "app" not in {f["object"]["schema"] for f in rest["findings"]}
    orders = report(url, "--tables", "app.order?")
    assert "enum-type" in {f["rule"] for f in orders["findings"]}  # what the table needs
    assert not any("items" in (f["object"]["table"] or "") for f in orders["findings"])
    whole = {f["id"] for f in report(url)["findings"]}
    assert {f["id"] for f in app["findings"]} < whole


def test_patterns_that_mean_nothing(server: Server, tmp_path: Path) -> None:
    done = run(server.url("shop"), "--tables", "no_such_*")
    assert done.returncode == 2 and "no schema or table is selected" in done.stderr
    done = run(server.url("shop"), "--schema", "a.b")
    assert done.returncode == 2 and "has no dot" in done.stderr
    (tmp_path / "a.sql").write_text("SELECT 1;")
    done = run(str(tmp_path / "a.sql"), "--schema", "app")
    assert done.returncode == 2 and "choose from a running database" in done.stderr


def test_several_databases_of_a_server(server: Server) -> None:
    server.create("second")
    server.execute("second", "CREATE TABLE t (id int PRIMARY KEY);")
    found = report(server.url("shop"), server.url("second"))
    several = [f for f in found["findings"] if f["rule"] == "multiple-databases"]
    assert [f["object"]["name"] for f in several] == ["second"]
    gap = next(g for g in found["gap_list"] if g["key"] == "multiple-databases")
    assert gap["found"] == 1


def test_what_extensions_own_is_named(server: Server) -> None:
    server.create("extended")
    server.execute("extended", "CREATE EXTENSION vector; SELECT lo_create(0);")
    found = report(server.url("extended"))
    (owned,) = [note for note in found["sources"][0]["notes"] if "extensions own" in note]
    assert re.search(r"vector \(\d{2,}\)", owned)
    assert "1 large object" in found["sources"][0]["notes"]
    assert names(found, "extension") == {"None.vector"}
    assert names(found, "function") == names(found, "type") == set()


def test_an_empty_database_has_only_its_header(server: Server) -> None:
    server.create("empty")
    found = report(server.url("empty"))
    assert {f["object"]["kind"] for f in found["findings"]} <= {"statement"}


def test_a_bad_uri_says_so() -> None:
    (source,) = find_inputs(["postgresql://u:geheim@h:port/db"])
    with pytest.raises(InputError) as caught:
        analyze_sources(["postgresql://u:geheim@h:port/db"])
    assert "geheim" not in str(caught.value) + repr(source)
