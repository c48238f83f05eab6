"""What the gate lets pass, what it stops, and what it says."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.gate.repo import BAD, GOOD, Repo


def test_no_findings_are_one_line(repo: Repo) -> None:
    repo.write("migrations/1.sql", GOOD)
    done = repo.check()
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("no findings in 1 statement of 1 file, Aurora DSQL as of ")
    assert done.stdout.count("\n") == 1


def test_a_finding_is_said_where_it_stands(repo: Repo) -> None:
    repo.write("migrations/1.sql", GOOD + "\n  " + BAD)
    done = repo.check()
    assert done.returncode == 1
    first, advice, *_, last = done.stdout.splitlines()
    assert first == "migrations/1.sql:3:12: error truncate: TRUNCATE of public.accounts is refused."
    assert advice.startswith("    → ")
    assert last.startswith("1 error in 2 statements of 1 file")


def test_paths_are_shown_from_the_working_directory_and_named_from_the_root(repo: Repo) -> None:
    repo.write("db/migrations/1.sql", GOOD + BAD)
    done = repo.check("migrations", cwd="db")
    assert done.stdout.startswith("migrations/1.sql:2:10: error truncate")
    done = repo.check("--format", "gitlab", "migrations", cwd="db")
    assert [issue["location"]["path"] for issue in json.loads(done.stdout)] == [
        "db/migrations/1.sql"
    ]


def test_without_a_repository_paths_are_named_from_here(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "plain", git=False)
    repo.write("1.sql", GOOD + BAD)
    assert repo.check("1.sql").stdout.startswith("1.sql:2:10: error truncate")


def test_standard_input_is_judged(repo: Repo) -> None:
    done = repo.check("-", stdin=BAD)
    assert done.returncode == 1
    assert done.stdout.startswith("<stdin>:1:10: error truncate")


NUMERIC = "CREATE TABLE a (id uuid PRIMARY KEY, n numeric);\n"


@pytest.mark.parametrize(
    ("sql", "fail_on", "code"),
    [
        (BAD, "error", 1),
        (BAD, "never", 0),
        (NUMERIC, "error", 0),
        (NUMERIC, "warning", 1),
        (GOOD, "info", 0),
        (GOOD + "CREATE TABLE b (id uuid PRIMARY KEY REFERENCES accounts);", "warning", 0),
        (GOOD + "CREATE TABLE b (id uuid PRIMARY KEY REFERENCES accounts);", "info", 1),
    ],
)
def test_fail_on(repo: Repo, sql: str, fail_on: str, code: int) -> None:
    repo.write("1.sql", sql)
    assert repo.check("--fail-on", fail_on).returncode == code


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nowhere.sql",), "nowhere.sql"),
        (("--format", "sarfi"), "did you mean sarif?"),
        (("--format", "json", "--format", "github"), "give one a file"),
        (("--fail-on", "errors"), "did you mean error?"),
        (("--as", "final"), "choose history, state"),
        (("--select", "trunkate"), "did you mean truncate?"),
        (("--target", "soon"), "is no target"),
        (("--baseline", "none.jsonl"), "there is no such baseline"),
        (("--layout", "plane"), "did you mean plain?"),
    ],
)
def test_what_cannot_be_done_is_one_line(repo: Repo, arguments: tuple[str, ...], said: str) -> None:
    repo.write("1.sql", GOOD)
    done = repo.check(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_target_before_a_feature_judges_by_that_day(repo: Repo) -> None:
    repo.write("1.sql", "CREATE TABLE a (id uuid PRIMARY KEY, data jsonb);\n")
    assert repo.check().returncode == 0
    assert repo.rules("--target", "2026-03") == ["jsonb-column"]


def test_select_and_ignore_take_rules_and_families(repo: Repo) -> None:
    repo.write("1.sql", NUMERIC + BAD)
    assert repo.rules() == ["numeric-without-precision", "truncate"]
    assert repo.rules("--select", "columns") == ["numeric-without-precision"]
    assert repo.rules("--ignore", "columns,truncate") == []


def test_a_rule_is_explained(repo: Repo) -> None:
    done = repo.check("--explain", "truncate")
    assert done.returncode == 0
    assert done.stdout.startswith("truncate: ")
    assert repo.check("--explain", "trunkate").returncode == 2


def test_a_link_out_of_the_repository_is_not_followed(repo: Repo, tmp_path: Path) -> None:
    outside = tmp_path / "secret.sql"
    outside.write_text(BAD)
    repo.write("migrations/1.sql", GOOD)
    (repo.folder / "migrations/2.sql").symlink_to(outside)
    (repo.folder / "migrations/loop").symlink_to(repo.folder)
    done = repo.check("migrations")
    assert done.returncode == 0
    assert "migrations/2.sql: a link out of the repository; not read" in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="names are bytes on POSIX only")
def test_a_name_that_is_no_text_is_judged_all_the_same(repo: Repo) -> None:
    path = os.fsencode(repo.folder) + b"/caf\xe9.sql"
    with open(path, "w") as stream:  # noqa: PTH123
        stream.write(BAD)
    for name in ("text", "json", "github", "sarif", "junit", "gitlab", "rdjson"):
        done = repo.check("--format", name)
        assert done.returncode == 1, (name, done.stderr)
        assert "truncate" in done.stdout


def test_a_start_loads_none_of_the_slow_libraries(repo: Repo) -> None:
    import subprocess
    import sys

    repo.write("1.sql", GOOD)
    code = (
        "import sys\nsys.argv = ['dsql-compat', 'check']\n"
        "import dsql_compat.cli as cli\n"
        "def leave(code):\n"
        "    slow = ('pydantic', 'jinja2', 'psycopg', 'yaml', 'rich', 'tomllib')\n"
        "    print(','.join(m for m in slow if m in sys.modules), code)\n"
        "    raise SystemExit(code)\n"
        "cli._leave = leave\ncli.main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=repo.folder, capture_output=True, text=True
    )
    assert done.stdout.splitlines()[-1] == " 0", done.stdout + done.stderr
