"""`--changed-since` in repositories of every shape, with the real git."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.gate.repositories import check, command, commit, found, git, repository, sources, write

OLD = "CREATE TABLE a (id uuid PRIMARY KEY, m money);\n"
NEW = "ALTER TABLE a ADD COLUMN x xml;\n"
MORE = "CREATE TABLE z (id uuid PRIMARY KEY, m money);\n"


@pytest.fixture
def branch(tmp_path: Path) -> Path:
    """On main two migrations; a branch from there."""
    folder = repository(tmp_path / "r", {"db/1.sql": OLD, "db/2.sql": "SELECT 1;\n"})
    git(folder, "switch", "--quiet", "--create", "topic")
    return folder


def test_only_what_the_branch_touches_is_told(branch: Path) -> None:
    write(branch, {"db/3.sql": NEW, "db/4.sql": MORE})
    commit(branch)
    git(branch, "switch", "--quiet", "main")
    write(branch, {"db/9.sql": MORE})
    commit(branch)
    git(branch, "switch", "--quiet", "topic")
    assert [line for _, line, _ in found(check(branch))] == ["db/1.sql", "db/3.sql", "db/4.sql"]
    report = check(branch, "--changed-since", "main")
    assert found(report) == [("xml-column", "db/3.sql", 1), ("money-column", "db/4.sql", 1)]
    assert sources(report) == ["db/1.sql", "db/2.sql", "db/3.sql", "db/4.sql"]


def test_earlier_files_are_context_and_later_ones_are_not_read(branch: Path) -> None:
    write(branch, {"db/2.sql": "ALTER TABLE a ADD COLUMN b bigserial;\n"})
    write(branch, {"db/3.sql": "SELECT 1;\n"})
    commit(branch)
    git(branch, "branch", "base")
    write(branch, {"db/2.sql": "ALTER TABLE a ADD COLUMN y xml;\n"})
    report = check(branch, "--changed-since", "base")
    assert found(report) == [("xml-column", "db/2.sql", 1)]
    assert report["findings"][0]["object"]["table"] == "a"
    assert sources(report) == ["db/1.sql", "db/2.sql"]


def test_what_is_not_committed_counts(branch: Path) -> None:
    write(branch, {"db/3.sql": NEW})
    assert found(check(branch, "--changed-since", "HEAD")) == [("xml-column", "db/3.sql", 1)]
    git(branch, "add", "db/3.sql")
    assert found(check(branch, "--changed-since", "HEAD")) == [("xml-column", "db/3.sql", 1)]
    write(branch, {".gitignore": "db/4.sql\n", "db/4.sql": MORE})
    assert found(check(branch, "--changed-since", "HEAD")) == [("xml-column", "db/3.sql", 1)]


def test_nothing_changed_is_fine(branch: Path) -> None:
    report = check(branch, "--changed-since", "main")
    assert (found(report), report["gate"]["failed"]) == ([], False)
    text = command(branch, "check", "--changed-since", "main", code=0)
    assert "no findings" in text.stdout


def test_a_file_that_only_moved_is_not_touched(branch: Path) -> None:
    git(branch, "mv", "db/1.sql", "db/0.sql")
    commit(branch)
    assert found(check(branch, "--changed-since", "main")) == []
    text = OLD + "-- a comment that makes it no longer the same, but alike\n" * 2
    write(branch, {"db/0.sql": text})
    commit(branch)
    assert found(check(branch, "--changed-since", "main")) == [("money-column", "db/0.sql", 1)]


def test_a_file_that_is_gone_is_no_problem(branch: Path) -> None:
    git(branch, "rm", "--quiet", "db/2.sql")
    commit(branch)
    assert found(check(branch, "--changed-since", "main")) == []


def test_after_a_merge_the_other_side_is_not_touched(branch: Path) -> None:
    write(branch, {"db/3.sql": NEW})
    commit(branch)
    git(branch, "switch", "--quiet", "main")
    write(branch, {"db/2a.sql": MORE})
    commit(branch)
    git(branch, "switch", "--quiet", "topic")
    git(branch, "merge", "--quiet", "--no-edit", "main")
    assert found(check(branch, "--changed-since", "main")) == [("xml-column", "db/3.sql", 1)]


def test_a_shallow_clone_says_what_to_do(branch: Path, tmp_path: Path) -> None:
    write(branch, {"db/3.sql": NEW})
    commit(branch)
    url = branch.as_uri()
    git(tmp_path, "clone", "--quiet", "--depth=1", "--branch=topic", url, "shallow")
    done = command(tmp_path / "shallow", "check", "--changed-since", "origin/main", code=2)
    assert "fetch-depth: 0" in done.stderr
    git(
        tmp_path / "shallow",
        "fetch",
        "--quiet",
        "--depth=1",
        "origin",
        "main:refs/remotes/origin/main",
    )
    done = command(tmp_path / "shallow", "check", "--changed-since", "origin/main", code=2)
    assert "no commit in common" in done.stderr and "fetch-depth: 0" in done.stderr
    git(tmp_path / "shallow", "fetch", "--quiet", "--unshallow")
    report = check(tmp_path / "shallow", "--changed-since", "origin/main")
    assert found(report) == [("xml-column", "db/3.sql", 1)]


WRONG = [
    ("nowhere", "no such commit here; git branch --all"),
    ("origin/nowhere", "run git fetch origin nowhere"),
    ("--output=x", "no name of a commit"),
    ("", "no name of a commit"),
    ("HEAD:db/1.sql", "no such commit"),
]


@pytest.mark.parametrize(("ref", "message"), WRONG)
def test_a_wrong_ref_is_one_line(branch: Path, ref: str, message: str) -> None:
    done = command(branch, "check", f"--changed-since={ref}", code=2)
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (branch / "x").exists()


def test_without_a_repository(tmp_path: Path) -> None:
    write(tmp_path, {"1.sql": NEW})
    assert found(check(tmp_path)) == [("xml-column", "1.sql", 1)]
    done = command(tmp_path, "check", "--changed-since", "main", code=2)
    assert "no git repository" in done.stderr


def test_without_git(branch: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert found(check(branch)) == [("money-column", "db/1.sql", 1)]
    done = command(branch, "check", "--changed-since", "main", code=2)
    assert "needs git" in done.stderr


def test_a_repository_without_a_commit(tmp_path: Path) -> None:
    folder = repository(tmp_path / "r")
    write(folder, {"1.sql": NEW})
    done = command(folder, "check", "--changed-since", "HEAD", code=2)
    assert "no such commit" in done.stderr


def test_from_a_folder_below_and_a_worktree(branch: Path, tmp_path: Path) -> None:
    write(branch, {"db/3.sql": NEW, "other/1.sql": MORE})
    commit(branch)
    report = check(branch / "db", "--changed-since", "main")
    assert found(report) == [("xml-column", "db/3.sql", 1)]
    git(branch, "worktree", "add", "--quiet", str(tmp_path / "w"), "-b", "other")
    write(tmp_path / "w", {"db/5.sql": MORE})
    report = check(tmp_path / "w", "--changed-since", "topic")
    assert found(report) == [("money-column", "db/5.sql", 1)]


def test_a_submodule_is_another_repository(branch: Path, tmp_path: Path) -> None:
    repository(tmp_path / "inner", {"1.sql": MORE})
    git(branch, "submodule", "--quiet", "add", (tmp_path / "inner").as_uri(), "vendor/inner")
    commit(branch)
    report = check(branch)
    assert [source for _, source, _ in found(report)] == ["db/1.sql"]
    assert "vendor/inner: a repository of its own; not looked into" in report["messages"]
    assert found(check(branch, "--changed-since", "main")) == []


def test_links_end_nowhere_and_lead_nowhere(branch: Path, tmp_path: Path) -> None:
    write(tmp_path, {"secret.sql": MORE, "elsewhere/1.sql": MORE})
    (branch / "db" / "loop").symlink_to(branch / "db", target_is_directory=True)
    (branch / "db" / "out").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    (branch / "db" / "6.sql").symlink_to(tmp_path / "secret.sql")
    (branch / "db" / "7.sql").symlink_to("7.sql")
    (branch / "db" / "8.sql").symlink_to("1.sql")
    report = check(branch)
    assert "db/6.sql: a link out of the repository; not read" in report["messages"]
    assert sources(report) == ["db/1.sql", "db/2.sql", "db/8.sql"]
    assert "secret" not in str(report["findings"])


def test_a_plan_cannot_name_a_file_outside(branch: Path, tmp_path: Path) -> None:
    write(tmp_path, {"secret.sql": MORE})
    lines = "%project=x\n\n../../../secret 2024-01-01T00:00:00Z A <a@b.c>\nb 2024-01-01T00:00:00Z A <a@b.c>\n"
    write(branch, {"sq/sqitch.plan": lines, "sq/deploy/b.sql": NEW})
    report = check(branch, "sq")
    assert sources(report) == ["sq/deploy/b.sql"]
    include = '<databaseChangeLog><include file="../../secret.sql"/><include file="in.sql"/></databaseChangeLog>'
    write(branch, {"lq/changelog.xml": include, "lq/in.sql": NEW})
    assert sources(check(branch, "lq")) == ["lq/in.sql"]


def test_names_that_are_no_utf8(branch: Path) -> None:
    (branch / "db" / os.fsdecode(b"5_caf\xe9 \n.sql")).write_text(MORE)
    expected = [("money-column", "db/5_caf\\xe9 \n.sql", 1)]
    assert found(check(branch, "--changed-since", "HEAD")) == expected
    commit(branch)
    assert found(check(branch, "--changed-since", "main")) == expected
    assert command(branch, "check", "--format", "sarif", code=1).stdout


def test_a_large_file_is_read_as_it_streams(branch: Path) -> None:
    row = b"INSERT INTO a (id) VALUES ('00000000-0000-0000-0000-000000000000');\n"
    with (branch / "db" / "3.sql").open("wb") as stream:
        for _ in range(100):
            stream.write(row * 15500)
        stream.write(NEW.encode())
    assert (branch / "db" / "3.sql").stat().st_size > 100_000_000
    report = check(branch, "--changed-since", "main")
    assert ("xml-column", "db/3.sql", 1_550_001) in found(report)


def test_the_baseline_keeps_what_was_not_looked_at(branch: Path) -> None:
    command(branch, "check", "--write-baseline", code=0)
    commit(branch)
    write(branch, {"db/3.sql": NEW})
    report = check(branch, "--changed-since", "HEAD")
    assert (report["gate"]["fixed"], found(report)) == ([], [("xml-column", "db/3.sql", 1)])
