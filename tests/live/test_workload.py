"""A real workload on a real server: its statistics, its sessions and its logs, judged."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from dsql_compat.pipeline import analyze_sources
from dsql_compat.report import html, markdown, text
from dsql_compat.report import json as json_report
from dsql_compat.report.model import FindingInfo, Report
from dsql_compat.sources.database.connect import connect
from dsql_compat.sources.workload import database
from dsql_compat.sources.workload.database import read_workload
from dsql_compat.sources.workload.files import read_queries
from dsql_compat.sources.workload.model import Workload
from tests.live import application
from tests.live.debian import PROGRAMS, Debian, debian

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(PROGRAMS is None, reason="needs the distribution's PostgreSQL"),
    pytest.mark.xdist_group("debian"),
]

LOGS = {"csvlog": "postgres.csv", "jsonlog": "postgres.json", "stderr": "postgres.log"}
EXPECTED = {
    *("advisory-lock", "cursor", "custom-setting", "do-block", "hot-row", "isolation-level"),
    *("listen-notify", "merge", "row-locking", "rows-per-statement", "savepoint", "set-config"),
    *("skip-locked", "statistics-view", "temporary-table", "text-search-function", "truncate"),
    *("two-phase-commit", "unsupported-setting"),
}


@pytest.fixture(scope="module")
def server() -> Iterator[Debian]:
    with debian() as server:
        with psycopg.connect(server.url("postgres"), autocommit=True) as db:
            db.execute("CREATE DATABASE shop")
        with psycopg.connect(server.url("shop"), autocommit=True) as db:
            db.execute(application.SCHEMA)
            db.execute("CREATE EXTENSION pg_stat_statements")
            db.execute("CREATE ROLE reader LOGIN")
        application.work(server.url("shop"))
        yield server


@pytest.fixture(scope="module")
def report(server: Debian) -> Report:
    return analyze_sources([server.url("shop")])


@pytest.fixture(scope="module")
def files(server: Debian, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The logs, exports of the statistics and a dump, as somebody would have copied them."""
    folder = tmp_path_factory.mktemp("workload")
    time.sleep(0.5)  # the collector writes behind
    for name in LOGS.values():
        shutil.copy(server.logs / name, folder)
    rows = "SELECT s.* FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid"
    rows += " WHERE d.datname = 'shop'"
    for name, query in {
        "statements.csv": f"COPY ({rows}) TO STDOUT CSV HEADER",
        "statements.json": f"SELECT json_agg(s) FROM ({rows}) s",
        "statements.jsonl": f"SELECT row_to_json(s) FROM ({rows}) s",
    }.items():
        (folder / name).write_text(server.run("psql", "-XAtc", query, "shop").stdout)
    (folder / "shop.sql").write_text(server.run("pg_dump", "--schema-only", "shop").stdout)
    return folder


def of_workload(report: Report) -> list[FindingInfo]:
    return [f for f in report.findings if f.object.kind == "workload"]


def read(server: Debian, role: str = "postgres") -> tuple[Workload, Workload]:
    with connect(server.url("shop", role)) as connection:
        statements, sessions = read_workload(connection)
    return statements, sessions


def shown(report: Report) -> dict[str, str]:
    """The report in every form."""
    return {
        "text": text.render(report, everything=True),
        "markdown": markdown.render(report),
        "html": html.render(report),
        "json": json_report.render(report),
    }


# -- statistics -----------------------------------------------------------------------------------


def test_what_the_application_does_is_found_with_how_often(report: Report) -> None:
    found = of_workload(report)
    assert {finding.rule for finding in found} >= EXPECTED
    assert all(finding.workload for finding in found)
    calls = {f.rule: f.workload.calls for f in found if f.workload}
    assert calls["hot-row"] == application.ORDERS
    assert calls["skip-locked"] == 7
    tail = " visits changed 5,000 rows on average (1 call); DSQL takes 3,000 a transaction."
    assert {f.message for f in found if f.rule == "rows-per-statement"} == {
        f"INSERT INTO{tail}",
        f"DELETE FROM{tail}",
    }


def test_the_workload_changes_nothing_in_the_schema(report: Report) -> None:
    """TRUNCATE, CREATE TEMP TABLE and the like are judged, not replayed."""
    objects = report.readiness.objects
    assert objects["table"].total == 5
    assert not [f for f in report.findings if f.object.kind == "table" and f.workload]


def test_all_of_it_could_be_parsed(report: Report) -> None:
    assert report.workload is not None
    assert report.workload.calls == report.workload.parsed_calls > 100
    statements = report.workload.sources[0]
    assert (statements.format, statements.parsed_ms) == (
        "pg_stat_statements",
        statements.total_ms,
    )
    assert statements.since is not None


def test_the_most_called_statements_come_first(report: Report) -> None:
    assert report.workload is not None
    calls = [row.usage.calls for row in report.workload.top]
    assert calls == sorted(calls, reverse=True)
    assert report.workload.top[0].rules == ["hot-row"]
    assert f"{application.ORDERS} calls" in shown(report)["text"]
    ids = {finding.id for finding in report.findings}
    assert all(ids >= set(row.findings) for row in report.workload.top)


def test_the_rows_of_a_statement_are_held_against_the_limit(report: Report) -> None:
    row = next(row for row in report.limits if row.key == "rows-per-transaction")
    assert (row.observed, row.state) == (5000, "exceeded")


@pytest.mark.parametrize("form", ["text", "markdown", "html", "json"])
def test_no_constant_of_the_application_is_in_a_report(report: Report, form: str) -> None:
    written = shown(report)[form]
    assert "workload" in written.lower()
    assert "4711" not in written  # of SECRET and of NUMBER


def test_our_own_questions_are_no_workload(server: Debian) -> None:
    read(server)
    statements, _ = read(server)
    ours = [q for q in statements.queries if "pg_stat_statements s" in q.statement.text]
    assert not [q for q in ours if "dealloc" in q.statement.text]
    assert not [q for q in statements.queries if "dsql_compat" in q.statement.text]
    assert not [q for q in statements.queries if "version()" in q.statement.text]


@pytest.mark.parametrize("version", ["1.4", "1.7", "1.8", "1.9", "1.10"])
def test_every_version_of_the_extension_is_read_in_any_schema(server: Debian, version: str) -> None:
    with psycopg.connect(server.url("shop"), autocommit=True) as db:
        db.execute("DROP EXTENSION pg_stat_statements")
        db.execute('CREATE SCHEMA "Odd one"')
        db.execute(f"CREATE EXTENSION pg_stat_statements SCHEMA \"Odd one\" VERSION '{version}'")
    try:
        statements, _ = read(server)
    finally:
        with psycopg.connect(server.url("shop"), autocommit=True) as db:
            db.execute('DROP SCHEMA "Odd one" CASCADE')
            db.execute("CREATE EXTENSION pg_stat_statements")
    assert statements.unanalysed == []
    stock = next(q for q in statements.queries if q.statement.text.startswith("UPDATE stock"))
    assert (stock.calls, stock.rows) == (application.ORDERS, application.ORDERS)
    assert stock.total_ms is not None and stock.longest_ms is not None


# -- what a role may not see ----------------------------------------------------------------------


def test_a_role_without_rights_is_told_the_grant(server: Debian) -> None:
    statements, sessions = read(server, "reader")
    assert statements.hidden_calls > 100
    assert not [q for q in statements.queries if "stock" in q.statement.text]
    (note,) = statements.unanalysed
    assert "GRANT pg_read_all_stats TO reader" in note.reason
    with psycopg.connect(server.url("shop"), autocommit=True):
        _, sessions = read(server, "reader")
    assert ["GRANT pg_read_all_stats TO reader" in n.reason for n in sessions.unanalysed] == [True]


def test_the_grant_helps(server: Debian) -> None:
    with psycopg.connect(server.url("shop"), autocommit=True) as db:
        db.execute("GRANT pg_read_all_stats TO reader")
        try:
            statements, sessions = read(server, "reader")
        finally:
            db.execute("REVOKE pg_read_all_stats FROM reader")
    assert (statements.unanalysed, statements.hidden_calls) == ([], 0)
    assert sessions.unanalysed == []


def test_statistics_that_may_not_be_read(server: Debian) -> None:
    with psycopg.connect(server.url("shop"), autocommit=True) as db:
        db.execute("REVOKE SELECT ON pg_stat_statements FROM PUBLIC")
        try:
            statements, _ = read(server, "reader")
        finally:
            db.execute("GRANT SELECT ON pg_stat_statements TO PUBLIC")
    assert statements.queries == []
    assert any(
        "GRANT SELECT ON" in n.reason and "reader" in n.reason for n in statements.unanalysed
    )


def test_a_database_without_the_extension_says_how_to_get_it(server: Debian) -> None:
    with connect(server.url("postgres")) as connection:
        statements, _ = read_workload(connection)
    (note,) = statements.notes
    assert "CREATE EXTENSION pg_stat_statements" in note
    report = analyze_sources([server.url("postgres")])
    assert note in report.sources[0].notes
    assert report.not_analysed == []


def test_an_extension_that_was_not_preloaded() -> None:
    with debian({"shared_preload_libraries": "", "log_destination": "stderr"}) as server:
        with psycopg.connect(server.url("postgres"), autocommit=True) as db:
            db.execute("CREATE EXTENSION pg_stat_statements")
        with connect(server.url("postgres")) as connection:
            statements, sessions = read_workload(connection)
    assert ["restart the server" in n.reason for n in statements.unanalysed] == [True]
    assert sessions.sessions is not None and sessions.sessions.connections == 1


# -- sessions -------------------------------------------------------------------------------------


def test_what_sessions_hold_is_found(server: Debian, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_LONG", 0)
    url = server.url("shop")
    with (
        psycopg.connect(url, autocommit=True) as holder,
        psycopg.connect(url, autocommit=True) as listener,
        psycopg.connect(url) as open_one,
        psycopg.connect(url) as prepared,
    ):
        holder.execute(f"SELECT pg_advisory_lock({application.NUMBER})")
        holder.execute("CREATE TEMP TABLE scratch (id bigint)")
        holder.execute("ALTER DATABASE shop SET default_transaction_isolation TO serializable")
        listener.execute("LISTEN only_now")
        prepared.execute("PREPARE TRANSACTION 'secret-4711'")
        open_one.execute(f"SELECT '{application.SECRET}'")
        time.sleep(1.1)
        try:
            report = analyze_sources([url])
        finally:
            prepared.rollback()
            prepared.autocommit = True
            prepared.execute("ROLLBACK PREPARED 'secret-4711'")
            holder.execute("ALTER DATABASE shop RESET ALL")
    found = {f.rule: f for f in report.findings if f.object.kind == "session"}
    assert set(found) == {
        *("advisory-lock", "temporary-table", "two-phase-commit", "long-transaction"),
        "isolation-level",
    }
    assert "idle in transaction" in found["long-transaction"].message
    assert found["temporary-table"].message.startswith("Table scratch")
    listening = [f for f in of_workload(report) if "only_now" in f.message]
    assert [f.rule for f in listening] == ["listen-notify"]
    limits = {row.key: row.observed for row in report.limits}
    assert limits["connections"] == 5
    assert (limits["transaction-time"] or 0) >= 1
    assert report.workload is not None
    assert report.workload.sessions[0].connections == 5
    assert "4711" not in "".join(shown(report).values())


def test_a_text_that_was_cut_off_is_counted_and_not_shown(server: Debian) -> None:
    names = ", ".join(f"'{application.SECRET}' AS c{n}" for n in range(100))
    for database_name, is_left in (("postgres", True), ("shop", False)):
        url = server.url(database_name)
        with psycopg.connect(url, autocommit=True) as db, connect(url) as connection:
            db.execute(f"SELECT {names}")
            _, sessions = read_workload(connection)
        cut = [q for q in sessions.queries if q.is_cut]
        assert [q.statement.tree for q in cut] == [None] * is_left
        notes = [note.reason for note in sessions.unread()]
        assert [note for note in notes if "only its beginning" in note] == notes[:is_left]
        assert len(notes) == is_left
        assert "4711" not in "".join(q.statement.text for q in cut)


# -- logs and exports -----------------------------------------------------------------------------


@pytest.mark.parametrize("form", LOGS)
def test_a_log_tells_what_the_statistics_tell(files: Path, report: Report, form: str) -> None:
    judged = analyze_sources([str(files / "shop.sql")], queries=[str(files / LOGS[form])])
    assert judged.workload is not None
    assert judged.workload.sources[0].format == form
    assert {f.rule for f in of_workload(judged)} >= EXPECTED
    calls = {f.rule: f.workload.calls for f in of_workload(judged) if f.workload}
    assert calls["hot-row"] == application.ORDERS  # auto_explain told of each a second time
    assert calls["skip-locked"] == 7
    assert judged.workload.calls == judged.workload.parsed_calls
    assert "4711" not in "".join(shown(judged).values())


def test_all_forms_of_the_log_agree(files: Path) -> None:
    read = [read_queries(str(files / name)) for name in LOGS.values()]
    told = [{(q.statement.text, q.calls, q.most_rows) for q in w.queries} for w in read]
    assert told[0] == told[1] == told[2]
    stock = next(q for q in read[0].queries if q.statement.text.startswith("UPDATE stock"))
    assert stock.most_rows == 1


def test_a_finding_from_a_log_points_at_its_line(files: Path) -> None:
    log = files / LOGS["stderr"]
    judged = analyze_sources([str(files / "shop.sql")], queries=[str(log)])
    (finding,) = [f for f in of_workload(judged) if f.rule == "merge"]
    assert "MERGE INTO customers" in log.read_text().splitlines()[finding.location.line - 1]


@pytest.mark.parametrize("name", ["statements.csv", "statements.json", "statements.jsonl"])
def test_an_export_tells_what_the_view_tells(files: Path, server: Debian, name: str) -> None:
    exported = read_queries(str(files / name))
    stock = next(q for q in exported.queries if q.statement.text.startswith("UPDATE stock"))
    assert (stock.calls, stock.rows) == (application.ORDERS, application.ORDERS)
    judged = analyze_sources([str(files / "shop.sql")], queries=[str(files / name)])
    assert {f.rule for f in of_workload(judged)} >= EXPECTED
    assert "4711" not in "".join(shown(judged).values())


def test_a_packed_log_on_the_command_line(files: Path, tmp_path: Path) -> None:
    packed = tmp_path / "postgres.log.gz"
    packed.write_bytes(gzip.compress((files / LOGS["stderr"]).read_bytes()))
    command = [sys.executable, "-m", "dsql_compat", "analyze", str(files / "shop.sql")]
    command += ["--queries", str(packed), "--queries", str(files / "statements.csv")]
    done = subprocess.run([*command, "-f", "json"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert [s["format"] for s in report["workload"]["sources"]] == ["stderr", "csv"]
    assert "4711" not in done.stdout + done.stderr


# -- pgbench --------------------------------------------------------------------------------------


def test_pgbench(server: Debian) -> None:
    server.run("createdb", "bench")
    with psycopg.connect(server.url("bench"), autocommit=True) as db:
        db.execute("CREATE EXTENSION pg_stat_statements")
    server.run("pgbench", "--quiet", "--initialize", "bench")
    server.run("pgbench", "--client=2", "--transactions=50", "--protocol=prepared", "bench")
    report = analyze_sources([server.url("bench")])
    found = of_workload(report)
    hot = {f.message.split(" in place")[0]: f.workload for f in found if f.rule == "hot-row"}
    assert [usage and usage.calls for usage in hot.values()] == [100, 100, 100]
    rows = [f.message for f in found if f.rule == "rows-per-statement"]
    assert any("100,000 rows" in message for message in rows), rows
    assert {"truncate", "vacuum"} <= {f.rule for f in found}
