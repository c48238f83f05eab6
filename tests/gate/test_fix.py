"""`check --fix`: what is new is rewritten in place, everything else stays byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from dsql_compat.gate.fixing import fixed
from dsql_compat.gate.run import judge, plan
from dsql_compat.gate.settings import Settings
from dsql_compat.sources.files import InputError
from tests.gate.repositories import check, command, commit, found, git, repository, write

INDEX = "CREATE INDEX a_m ON a (m);\n"
ASYNC = "CREATE INDEX ASYNC a_m ON a (m);\n"
TEXT = "-- käfer\r\nCREATE TABLE a (id uuid PRIMARY KEY, m int);\r\n\r\n"


def read(folder: Path, name: str) -> str:
    return (folder / name).read_bytes().decode()


def test_automatic_rewrites_go_in_and_the_rest_stays(tmp_path: Path) -> None:
    index = INDEX.replace("\n", "\r\n")
    folder = repository(tmp_path / "r", {"1.sql": TEXT + index + "TRUNCATE a;\r\n"})
    done = command(folder, "check", "--fix", code=1)
    assert read(folder, "1.sql") == TEXT + ASYNC.replace("\n", "\r\n") + "TRUNCATE a;\r\n"
    assert "1 statement edited in 1 of 1 file" in done.stderr
    assert "truncate" in done.stdout and "sync-index" not in done.stdout


def test_those_to_review_only_if_asked_for(tmp_path: Path) -> None:
    folder = repository(
        tmp_path / "r", {"1.sql": "CREATE TABLE a (id uuid PRIMARY KEY);\nTRUNCATE a;\n"}
    )
    command(folder, "check", "--fix", code=1)
    assert "TRUNCATE a" in read(folder, "1.sql")
    command(folder, "check", "--unsafe-fixes", code=2)
    command(folder, "check", "--fix", "--unsafe-fixes", code=0)
    assert "DELETE FROM a" in read(folder, "1.sql")


def test_a_diff_changes_nothing(tmp_path: Path) -> None:
    folder = repository(tmp_path / "r", {"db/1.sql": TEXT.replace("\r", "") + INDEX})
    before = read(folder, "db/1.sql")
    done = command(folder, "check", "--diff", code=1)
    assert read(folder, "db/1.sql") == before
    assert done.stdout.startswith("--- a/db/1.sql\n+++ b/db/1.sql\n")
    assert f"-{INDEX}+{ASYNC}" in done.stdout
    write(folder, {"x.patch": done.stdout})
    git(folder, "apply", "x.patch")
    assert read(folder, "db/1.sql") == before.replace(INDEX, ASYNC)


def test_what_is_suppressed_or_known_stays(tmp_path: Path) -> None:
    table = TEXT.replace("\r", "")
    kept = "-- dsql-compat: ignore[sync-index] built at night\n" + INDEX
    folder = repository(tmp_path / "r", {"1.sql": table + INDEX.replace("a_m ", "old ")})
    command(folder, "check", "--write-baseline", code=0)
    new = table + INDEX.replace("a_m ", "old ") + kept + INDEX.replace("a_m ", "new ")
    write(folder, {"1.sql": new})
    command(folder, "check", "--fix", code=0)
    expected = table + INDEX.replace("a_m ", "old ") + kept + ASYNC.replace("a_m ", "new ")
    assert read(folder, "1.sql") == expected


def test_rules_that_are_not_asked_for_stay(tmp_path: Path) -> None:
    folder = repository(tmp_path / "r", {"1.sql": TEXT + INDEX})
    command(folder, "check", "--fix", "--ignore", "sync-index", code=0)
    assert read(folder, "1.sql") == TEXT + INDEX


def test_only_what_changed_is_edited(tmp_path: Path) -> None:
    table = TEXT.replace("\r", "")
    folder = repository(tmp_path / "r", {"1.sql": table + INDEX})
    write(folder, {"2.sql": INDEX.replace("a_m ", "two ")})
    command(folder, "check", "--fix", "--changed-since", "HEAD", code=0)
    assert read(folder, "1.sql") == table + INDEX
    assert read(folder, "2.sql") == ASYNC.replace("a_m ", "two ")


def test_the_switch_of_the_tool_is_set_with_what_is_to_review(tmp_path: Path) -> None:
    down = "-- +goose Down\nDROP TABLE a;\n"
    text = "-- +goose Up\nCREATE TABLE a (id uuid PRIMARY KEY);\n" + down
    folder = repository(tmp_path / "r", {"1_a.sql": text})
    assert found(check(folder)) == [("ddl-with-dml", "1_a.sql", 2)]
    command(folder, "check", "--fix", code=1)
    assert read(folder, "1_a.sql") == text
    command(folder, "check", "--fix", "--unsafe-fixes", code=0)
    assert read(folder, "1_a.sql") == "-- +goose NO TRANSACTION\n" + text


def test_a_link_out_of_the_repository_is_not_edited(tmp_path: Path) -> None:
    folder = repository(tmp_path / "r", {"1.sql": TEXT})
    write(tmp_path, {"out.sql": INDEX})
    (folder / "2.sql").symlink_to(tmp_path / "out.sql")
    commit(folder)
    command(folder, "check", "--fix")
    assert read(tmp_path, "out.sql") == INDEX


@pytest.mark.parametrize("option", ["--fix", "--diff"])
def test_nothing_to_do_is_fine(tmp_path: Path, option: str) -> None:
    folder = repository(tmp_path / "r", {"1.sql": TEXT})
    done = command(folder, "check", option, code=0)
    assert read(folder, "1.sql") == TEXT
    assert "@@" not in done.stdout


def test_a_file_that_changes_meanwhile_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = repository(tmp_path / "r", {"1.sql": TEXT + INDEX})
    monkeypatch.chdir(folder)
    settings = Settings(folder, folder)
    steps = plan(settings)
    fix = fixed(settings, steps, judge(settings, steps), is_unsafe=False)
    assert len(fix.changed) == 1
    write(folder, {"1.sql": TEXT})
    with pytest.raises(InputError, match="changed while it was read"):
        fix.write()
    assert read(folder, "1.sql") == TEXT


def test_a_file_that_goes_away_meanwhile_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = repository(tmp_path / "r", {"1.sql": TEXT, "2.sql": INDEX})
    monkeypatch.chdir(folder)
    settings = Settings(folder, folder)
    steps = plan(settings)
    (folder / "2.sql").unlink()
    with pytest.raises(InputError, match=r"2\.sql: No such file"):
        judge(settings, steps)
