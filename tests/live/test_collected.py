"""What psql collects offline says the same as the database itself, and what is not whole says so."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from dsql_compat.pipeline import analyze_inputs
from dsql_compat.report import json as json_report
from dsql_compat.report.model import Report
from dsql_compat.sources.database import offline
from dsql_compat.sources.database.measuring import Measuring
from dsql_compat.sources.database.names import MASK
from dsql_compat.sources.files import InputError, find_inputs
from tests.live import application
from tests.live.debian import PROGRAMS, debian
from tests.live.servers import programs, running
from tests.real import cache as caches
from tests.real import manifest
from tests.real.cache import Cache
from tests.real.server import Server

pytestmark = pytest.mark.postgres
SAMPLES = Path(__file__).parents[2] / "sample_schemas"
EVERYTHING = Path(__file__).parent / "everything.sql"
SECRET = "geheimnis4711"
ROWS = f"""
CREATE TABLE t (id serial PRIMARY KEY, v text UNIQUE, b bytea, "Odd ""n" text);
COMMENT ON TABLE t IS E'two\\nlines \\\\ and a ''quote''';
INSERT INTO t (v, "Odd ""n") SELECT n || repeat('{SECRET}', 200), 'ä' FROM generate_series(1, 3000) n;
INSERT INTO t (b) VALUES (decode(repeat('ab', 1500000), 'hex'));
CREATE INDEX ON t (v); ANALYZE t;
"""


@pytest.fixture(scope="module")
def collect_sql(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("collect") / "collect.sql"
    done = subprocess.run([sys.executable, "-m", "dsql_compat", "collect"], capture_output=True)
    assert done.returncode == 0 and not done.stderr
    path.write_bytes(done.stdout)
    return path


@pytest.fixture(scope="module", params=sorted(programs()))
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    with running(programs()[request.param]) as server:
        server.create("rows")
        server.execute("rows", ROWS)
        yield server


def collected(
    server: Server, database: str, script: Path, *settings: str, role: str = "postgres"
) -> Path:
    """Run the script as its head says, and nothing but what it writes may be there."""
    output = script.parent / f"{server.bin_path.parent.name}-{database}-{role}.txt"
    options = [option for setting in settings for option in ("-v", setting)]
    url = server.url(database).replace("postgres@", f"{role}@")
    done = subprocess.run(
        [server.bin_path / "psql", "-X", *options, "-f", script, "-o", output, url],
        capture_output=True, text=True,
        env={k: v for k, v in os.environ.items() if not k.startswith("PG")},
    )  # fmt: skip
    assert done.returncode == 0 and done.stdout == ""
    refused = [line for line in done.stderr.splitlines() if "permission denied" not in line]
    assert not refused, done.stderr
    return output


def judged(source: str, measuring: Measuring | None = None) -> Report:
    measuring = measuring or Measuring()
    return analyze_inputs(find_inputs([source], measuring=measuring), workloads=[])


def findings(report: Report) -> list[tuple[object, ...]]:
    return [
        (f.id, f.rule, f.severity, f.cause, f.message, f.rewrite and f.rewrite.after)
        for f in report.findings
    ]


def as_json(report: Report) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json_report.render(report))
    return found


def assert_same(server: Server, database: str, script: Path) -> Report:
    live = judged(server.url(database))
    mine = judged(str(collected(server, database, script)))
    assert findings(mine) == findings(live)
    whole, expected_whole = as_json(mine), as_json(live)
    assert whole["readiness"] == expected_whole["readiness"]
    moving = {"connections", "connection-time", "transaction-time"}  # those of this moment
    assert [limit for limit in whole["limits"] if limit["key"] not in moving] == [
        limit for limit in expected_whole["limits"] if limit["key"] not in moving
    ]
    told, expected = mine.sources[0], live.sources[0]
    assert told.notes == expected.notes and told.statements == expected.statements
    assert told.postgres_version == expected.postgres_version
    assert (told.kind, told.format) == ("database", "collected")
    assert [(n.what, n.reason) for n in mine.not_analysed] == [
        (n.what, n.reason) for n in live.not_analysed
    ]
    return mine


@pytest.mark.parametrize("sample", ["analytics", "saas", "shop"])
def test_samples(server: Server, collect_sql: Path, sample: str) -> None:
    server.create(f"sample_{sample}")
    server.load(f"sample_{sample}", SAMPLES / sample / "source.sql", [])
    server.execute(f"sample_{sample}", "ANALYZE")  # so that both look at the same tables alike
    assert len(assert_same(server, f"sample_{sample}", collect_sql).findings) > 20


def test_an_object_of_every_kind(server: Server, collect_sql: Path) -> None:
    server.create("everything")
    server.load("everything", EVERYTHING, [])
    assert len(assert_same(server, "everything", collect_sql).findings) > 100


@pytest.mark.real
@pytest.mark.parametrize("number", range(5))
def test_real_schemas(server: Server, collect_sql: Path, number: int) -> None:
    cache = Cache(caches.default())
    ready = [s for s in manifest.load().schemas if cache.result(s) is not None]
    if len(ready) <= number:
        pytest.skip("not collected")
    name = ready[number * (len(ready) - 1) // 4].name
    server.create(name)
    try:
        # An archive of the newest pg_dump goes through its own pg_restore, whatever the server.
        newest = programs()[max(programs())] / "pg_restore"
        script = subprocess.run([newest, "-f-", cache.dump(name, "custom")], capture_output=True)
        plain = collect_sql.parent / "real.sql"
        plain.write_bytes(b"\n".join(x for x in script.stdout.split(b"\n")
                                     if not x.startswith((b"\\restrict", b"\\unrestrict"))))  # fmt: skip
        server.load(name, plain, [])
        server.execute(name, "ANALYZE")
        assert_same(server, name, collect_sql)
    finally:
        server.drop(name)


def test_rows_are_measured_and_stay_where_they_are(server: Server, collect_sql: Path) -> None:
    path = collected(server, "rows", collect_sql, "exact=true")
    assert SECRET not in path.read_text()
    report = judged(str(path))
    wide = {f.rule: f.message for f in report.findings if f.rule.startswith("wide-")}
    assert "1,500,000 bytes" in wide["wide-value"]
    assert " bytes in the source and stands in t_v_key" in wide["wide-key"]
    live = judged(server.url("rows"), Measuring(exact=True))
    assert findings(report) == findings(live)
    (start,) = [f for f in report.findings if f.rule == "serial-column"]
    assert start.rewrite is not None and "START WITH 3002" in start.rewrite.after[0]


def test_parts_can_be_left_out(server: Server, collect_sql: Path) -> None:
    path = collected(server, "rows", collect_sql, "sizes=off", "statements=off")
    text = path.read_text()
    assert "-- section measure" not in text and "-- section activity" not in text
    report = judged(str(path))
    assert {limit.key: limit.observed for limit in report.limits}["row-size"] is None
    assert report.not_analysed == [] and report.workload is None


def test_a_sample_of_another_size(server: Server, collect_sql: Path) -> None:
    report = judged(str(collected(server, "rows", collect_sql, "sample=100")))
    (note,) = [note for note in report.sources[0].notes if "are sampled" in note]
    assert 0 < int(note.split(": ")[1].split(" ")[0]) <= 100


def test_what_the_role_may_not_see_is_told_with_its_grant(
    server: Server, collect_sql: Path
) -> None:
    server.execute(
        "rows", "CREATE ROLE blind LOGIN; REVOKE SELECT ON pg_catalog.pg_policy FROM PUBLIC"
    )
    try:
        report = judged(str(collected(server, "rows", collect_sql, role="blind")))
    finally:
        server.execute("rows", "GRANT SELECT ON pg_catalog.pg_policy TO PUBLIC; DROP ROLE blind")
    (missing,) = [m for m in report.not_analysed if m.what == "rules, triggers and policies"]
    assert missing.reason == (
        "permission denied for table pg_policy; to see it: GRANT SELECT ON pg_catalog.pg_policy"
        ' TO "blind"'
    )
    assert any("GRANT SELECT ON public.t TO blind" in note for note in report.sources[0].notes)


def test_the_script_only_reads(server: Server, collect_sql: Path) -> None:
    """Every statement of it, as the server logs them, in transactions that are read-only."""
    log = Path(server.socket_dir) / "log"
    server.execute("postgres", "ALTER SYSTEM SET log_statement = 'mod'")
    server.execute("postgres", "SELECT pg_reload_conf()")
    try:
        server.execute("rows", "CREATE TABLE marker (id int); DROP TABLE marker")
        before = log.read_text(errors="replace")
        collected(server, "rows", collect_sql)
        after = log.read_text(errors="replace")[len(before) :]
    finally:
        server.execute("postgres", "ALTER SYSTEM RESET log_statement")
        server.execute("postgres", "SELECT pg_reload_conf()")
    assert "CREATE TABLE marker" in before  # so that the log shows what changes something
    assert "statement:" not in after


# -- files that are not whole ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def lines(server: Server, collect_sql: Path) -> list[str]:
    return collected(server, "rows", collect_sql).read_text().splitlines()


def refused(tmp_path: Path, lines: list[str]) -> str:
    path = tmp_path / "collected.txt"
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(InputError) as caught:
        judged(str(path))
    message = str(caught.value)
    assert "\n" not in message and "Traceback" not in message
    return message


def test_a_file_that_ends_early(lines: list[str], tmp_path: Path) -> None:
    for count in (1, 2, len(lines) // 2, len(lines) - 1):
        assert "the file ends too early" in refused(tmp_path, lines[:count])


def test_a_file_that_was_edited(lines: list[str], tmp_path: Path) -> None:
    at = next(n for n, line in enumerate(lines) if '"relation"' in line and '"Odd ' in line)
    other = lines[at].replace("Odd", "odd")
    told = refused(tmp_path, [*lines[:at], other, *lines[at + 1 :]])
    assert f":{at + 1}: this line was changed" in told
    assert "rows of" in refused(tmp_path, lines[:at] + lines[at + 1 :])
    first = next(n for n, line in enumerate(lines) if line == "-- section tables")
    last = next(n for n, line in enumerate(lines) if line.startswith("-- end tables"))
    gone = lines[:first] + lines[last + 1 :]
    assert "section tables is missing" in refused(tmp_path, gone)
    assert "not what psql wrote" in refused(tmp_path, [*lines[: last + 1], "x", *lines[last + 1 :]])


def test_a_file_of_another_form(lines: list[str], tmp_path: Path) -> None:
    told = refused(tmp_path, [lines[0].replace("1", "9"), *lines[1:]])
    assert "form 9" in told and "collect it again" in told


def test_gzip_and_standard_input(lines: list[str], tmp_path: Path) -> None:
    data = ("\n".join(lines) + "\n").encode()
    packed = tmp_path / "collected.txt.gz"
    packed.write_bytes(gzip.compress(data))
    of_file = judged(str(packed))
    done = subprocess.run(
        [sys.executable, "-m", "dsql_compat", "analyze", "-", "--format", "json"],
        input=data, capture_output=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    of_stdin = json.loads(done.stdout)
    assert [f["id"] for f in of_stdin["findings"]] == [f.id for f in of_file.findings]
    assert of_stdin["sources"][0]["format"] == "collected"


def test_windows_line_ends_and_a_byte_order_mark(lines: list[str], tmp_path: Path) -> None:
    path = tmp_path / "collected.txt"
    path.write_bytes(b"\xef\xbb\xbf" + "\r\n".join([*lines, ""]).encode())
    assert len(judged(str(path)).findings) > 5


def test_reading_it_needs_no_driver(lines: list[str], tmp_path: Path) -> None:
    path = tmp_path / "collected.txt"
    path.write_text("\n".join(lines) + "\n")
    code = (
        "import sys\nfrom dsql_compat import analyze\n"
        f"analyze({str(path)!r})\nprint('psycopg' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_only_some_tables_of_it(lines: list[str], tmp_path: Path) -> None:
    path = tmp_path / "collected.txt"
    path.write_text("\n".join(lines) + "\n")
    run = [sys.executable, "-m", "dsql_compat", "analyze", str(path), "--tables"]
    done = subprocess.run([*run, "no_such"], capture_output=True, text=True)
    assert done.returncode == 2 and "no schema or table is selected" in done.stderr
    assert subprocess.run([*run, "t"], capture_output=True).returncode == 0


# -- the workload ---------------------------------------------------------------------------------


@pytest.mark.skipif(PROGRAMS is None, reason="needs the distribution's PostgreSQL")
@pytest.mark.xdist_group("debian")
def test_statements_that_applications_sent(collect_sql: Path, tmp_path: Path) -> None:
    with debian() as server:
        with psycopg.connect(server.url("postgres"), autocommit=True) as db:
            db.execute("CREATE DATABASE shop")
        with psycopg.connect(server.url("shop"), autocommit=True) as db:
            db.execute(application.SCHEMA)
            db.execute("CREATE EXTENSION pg_stat_statements")
        application.work(server.url("shop"))
        with psycopg.connect(server.url("shop"), autocommit=True) as db:
            db.execute("CREATE ROLE clerk PASSWORD 'hush1234'")
            db.execute("ALTER ROLE clerk WITH PASSWORD $$hush1234$$")
            live = judged(server.url("shop"))
            path = tmp_path / "collected.txt"
            script = server.home / "collect.sql"
            script.write_text(collect_sql.read_text())
            path.write_text(server.run("psql", "-X", "-f", str(script), "shop").stdout)
    mine = judged(str(path))
    text = path.read_text()
    assert "hush1234" not in text and MASK in text
    of_work = [f.rule for f in mine.findings if f.object.kind == "workload"]
    assert {"advisory-lock", "truncate", "skip-locked", "merge"} <= set(of_work)
    expected = {f.rule for f in live.findings if f.object.kind == "workload"}
    assert set(of_work) == expected
    assert mine.workload is not None and mine.workload.calls > application.ORDERS


def test_the_script_names_all_queries() -> None:
    kept = {path.stem for path in (Path(offline.__file__).parent / "queries").glob("*.sql")}
    assert kept == {*offline.CATALOG, *offline.GLOBALS, "measure"}
