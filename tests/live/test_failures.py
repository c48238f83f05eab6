"""Servers that stop, stall, refuse or lag half-way: a partial report that says so, or one line."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from dsql_compat.pipeline import analyze_inputs, analyze_sources
from dsql_compat.report.model import Report
from dsql_compat.report.text import render
from dsql_compat.sources.database import connect as connecting
from dsql_compat.sources.database.connect import DatabaseError
from dsql_compat.sources.database.measuring import Measuring
from dsql_compat.sources.files import find_inputs
from tests.live import application
from tests.live.debian import PROGRAMS, debian
from tests.live.servers import control, programs, running
from tests.real.server import Server

pytestmark = pytest.mark.postgres
NEWEST = max(programs(), default="")
SCHEMA = """
CREATE TYPE state AS ENUM ('on', 'off');
CREATE TABLE a (id serial PRIMARY KEY, s state, t text); INSERT INTO a (t) VALUES ('x'), ('yy');
CREATE TABLE b (id int PRIMARY KEY, t text REFERENCES c); CREATE TABLE c (t text PRIMARY KEY);
CREATE POLICY p ON a USING (true);
""".replace("REFERENCES c", "")


@pytest.fixture
def server() -> Iterator[Server]:
    with running(programs()[NEWEST]) as server:
        server.create("shop")
        server.execute("shop", SCHEMA)
        yield server


def stop(server: Server) -> None:
    control(server.bin_path, Path(server.socket_dir) / "data", "stop")


def once(after: int, action: Callable[[], None]) -> Callable[..., None]:
    """A callback that acts the nth time it is called."""
    calls = []

    def call(*_: int) -> None:
        calls.append(1)
        if len(calls) == after:
            action()

    return call


def test_a_server_that_stops_while_the_catalog_is_read(server: Server) -> None:
    with pytest.raises(DatabaseError) as caught:
        analyze_sources([server.url("shop")], on_progress=once(6, lambda: stop(server)))
    message = str(caught.value)
    assert message.startswith(server.url("shop")) and "the server went away" in message
    assert "\n" not in message


def test_a_server_that_stops_while_rows_are_looked_at(server: Server) -> None:
    whole = analyze_sources([server.url("shop")])
    measuring = Measuring(on_table=once(1, lambda: stop(server)))
    found = analyze_inputs(find_inputs([server.url("shop")], measuring=measuring))
    assert [f.id for f in found.findings] == [f.id for f in whole.findings]
    (lost,) = found.not_analysed
    assert lost.what == "sizes of rows and values" and "the server went away" in lost.reason
    assert "could not be looked into" in found.readiness.sentence
    assert "not analysed  1" in render(found)


def test_a_server_that_stops_before_the_workload_is_read(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dsql_compat.sources.database import dump

    read = dump.read_workload

    def stopped(session: connecting.Connection) -> object:
        stop(server)
        return read(session)

    monkeypatch.setattr(dump, "read_workload", stopped)
    found = analyze_sources([server.url("shop")])
    assert {m.what for m in found.not_analysed} == {"workload", "sizes of rows and values"}
    assert {"enum-type", "serial-column"} <= {f.rule for f in found.findings}


def test_a_query_that_takes_too_long(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connecting._SETTINGS, "statement_timeout", "400ms")
    with psycopg.connect(server.url("shop")) as other:
        other.execute("LOCK TABLE pg_catalog.pg_policy IN ACCESS EXCLUSIVE MODE")
        found = analyze_sources([server.url("shop")])
    (missing,) = found.not_analysed
    assert missing.what == "rules, triggers and policies"
    assert "statement timeout" in missing.reason and "limits: 5s for a lock" in missing.reason
    assert {"enum-type", "serial-column"} <= {f.rule for f in found.findings}
    assert not any(f.rule == "row-security" for f in found.findings)


def test_a_standby(server: Server, tmp_path: Path) -> None:
    server.execute("shop", "CREATE UNLOGGED TABLE u (id serial PRIMARY KEY)")
    of_primary = analyze_sources([server.url("shop")])
    home = Path(server.socket_dir) / "standby"
    server.tool("pg_basebackup", "-D", str(home / "data"), "-R", "-X", "stream", "-c", "fast")
    owner = Path(server.socket_dir).owner()
    for path in (home, *home.rglob("*")):
        shutil.chown(path, owner)
    home.chmod(0o755)
    (home / "data").chmod(0o700)
    with (home / "data" / "postgresql.conf").open("a") as settings:
        settings.write(f"\nunix_socket_directories = '{home}'\n")
    control(server.bin_path, home / "data", "start")
    try:
        found = analyze_sources([f"postgresql://postgres@/shop?host={home}"])
    finally:
        control(server.bin_path, home / "data", "stop")
    assert [f.id for f in found.findings] == [f.id for f in of_primary.findings]
    notes = found.sources[0].notes
    assert "read from a standby, which may lag behind its primary" in notes
    assert any("public.u could not be looked at" in note or "widths" in note for note in notes)
    assert found.not_analysed == []


# -- over TCP, and with the statistics of the distribution's server -------------------------------

needs_debian = pytest.mark.skipif(PROGRAMS is None, reason="needs the distribution's PostgreSQL")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
    return subprocess.run(
        [sys.executable, "-m", "dsql_compat", "analyze", *arguments],
        capture_output=True, text=True, env=inherited,
    )  # fmt: skip


@needs_debian
@pytest.mark.xdist_group("debian")
def test_tls_options_are_those_of_libpq() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with debian({"listen_addresses": "127.0.0.1", "port": str(port)}):
        url = f"postgresql://postgres:geheim@127.0.0.1:{port}/postgres"
        plain = run(f"{url}?sslmode=disable")
        needed = run(f"{url}?sslmode=require")
        unknown = run(f"{url}?sslmode=verify-full&sslrootcert=/nowhere/root.crt")
        wrong = run(f"{url}?sslmode=perhaps")
    assert plain.returncode == 0, plain.stderr
    assert "server does not support SSL, but SSL was required" in needed.stderr
    assert "/nowhere/root.crt" in unknown.stderr
    assert 'invalid sslmode value: "perhaps"' in wrong.stderr
    for done in (needed, unknown, wrong):
        assert done.returncode == 2 and len(done.stderr.splitlines()) == 1
        assert "geheim" not in done.stderr


@needs_debian
@pytest.mark.xdist_group("debian")
def test_what_a_role_sees_of_the_workload_grows_with_its_rights() -> None:
    with debian() as server:
        with psycopg.connect(server.url("postgres"), autocommit=True) as db:
            db.execute("CREATE DATABASE shop")
            db.execute("CREATE ROLE plain LOGIN")
            db.execute("CREATE ROLE monitor LOGIN IN ROLE pg_monitor")
        with psycopg.connect(server.url("shop"), autocommit=True) as db:
            db.execute(application.SCHEMA)
            db.execute("CREATE EXTENSION pg_stat_statements")
        application.work(server.url("shop"))
        found = {role: analyze_sources([server.url("shop", role)])
                 for role in ("plain", "monitor", "postgres")}  # fmt: skip
    rules = {role: {f.rule for f in of_workload(report)} for role, report in found.items()}
    assert rules["monitor"] == rules["postgres"] and "skip-locked" in rules["monitor"]
    assert rules["plain"] < rules["monitor"]
    assert found["monitor"].not_analysed == []
    hidden = " ".join(m.reason for m in found["plain"].not_analysed)
    assert "GRANT pg_read_all_stats TO plain" in hidden
    schema = {role: [f.id for f in report.findings if f.object.kind not in ("workload", "session")]
              for role, report in found.items()}  # fmt: skip
    assert schema["plain"] == schema["monitor"] == schema["postgres"]


def of_workload(report: Report) -> list[object]:
    return [f for f in report.findings if f.object.kind == "workload"]


# -- text ----------------------------------------------------------------------------------------


def test_a_database_of_another_encoding(server: Server) -> None:
    for encoding, word in (("LATIN1", "info"), ("SQL_ASCII", "warning")):
        name = encoding.lower()
        server.tool("createdb", "-T", "template0", "-E", encoding, "--locale=C", name)
        server.execute(name, "CREATE TABLE t (id int PRIMARY KEY, v text)")
        if encoding == "SQL_ASCII":
            with psycopg.connect(server.url(name), autocommit=True) as db:
                db.execute("SET client_encoding = 'SQL_ASCII'")
                db.execute(b"COMMENT ON TABLE t IS '\xe4\xff'")
                db.execute('CREATE TABLE "gr\u00f6\u00dfe" (v text)'.encode())
        found = analyze_sources([server.url(name)])
        (one,) = [f for f in found.findings if f.rule == "encoding"]
        assert encoding in one.message and one.severity == word
        assert any(f"the database has encoding {encoding}" in n for n in found.sources[0].notes)
        assert found.not_analysed == []


def test_the_order_of_text_is_known_by_name() -> None:
    with running(programs()[min(programs())]) as server:
        server.execute("postgres", "CREATE DATABASE german TEMPLATE template0 LOCALE_PROVIDER icu"
                                   " ICU_LOCALE 'de-u-co-phonebk'")  # fmt: skip
        for name in ("german", "plain"):
            if name == "plain":
                server.create(name)
            server.execute(
                name, "CREATE TABLE t (id int PRIMARY KEY, v text); CREATE INDEX ON t (v)"
            )
        german = analyze_sources([server.url("german")])
        plain = analyze_sources([server.url("plain")])
    (one,) = [f for f in german.findings if f.rule == "text-order"]
    assert one.severity == "warning" and "sorts text by de-u-co-phonebk" in one.message
    assert not [f for f in plain.findings if f.rule == "text-order"]
