"""The baseline: what was there before is no news."""

from __future__ import annotations

import json

import pytest

from tests.gate.repo import BAD, GOOD, Repo

NAME = "dsql-compat-baseline.jsonl"
VACUUM = "VACUUM accounts;\n"


def entries(repo: Repo, name: str = NAME) -> list[dict[str, str]]:
    head, *rows = (repo.folder / name).read_text().splitlines()
    assert json.loads(head) == {"dsql-compat-baseline": 1}
    return [json.loads(row) for row in rows]


def test_only_what_is_new_fails(repo: Repo) -> None:
    repo.write("1.sql", GOOD + BAD)
    assert repo.check().returncode == 1
    done = repo.check("--write-baseline")
    assert done.returncode == 0
    assert done.stdout == f"1 finding in {NAME}: 1 new, 0 fixed and taken out\n"
    done = repo.check()
    assert done.returncode == 0
    assert done.stdout.startswith("no findings (1 in the baseline) in 2 statements")
    repo.write("2.sql", VACUUM)
    assert repo.rules() == ["vacuum"]


def test_an_entry_is_a_line_that_a_reviewer_can_read(repo: Repo) -> None:
    repo.write("b.sql", VACUUM)
    repo.write("a.sql", GOOD + BAD)
    repo.check("--write-baseline")
    rows = entries(repo)
    assert [row["file"] for row in rows] == ["a.sql", "b.sql"]
    assert [row["rule"] for row in rows] == ["truncate", "vacuum"]
    assert all(row["object"] and row["id"].startswith(row["rule"]) for row in rows)
    before = (repo.folder / NAME).read_bytes()
    repo.check("--write-baseline")
    assert (repo.folder / NAME).read_bytes() == before


def test_what_moves_in_its_file_or_to_another_is_known_still(repo: Repo) -> None:
    repo.write("1.sql", GOOD + BAD)
    repo.check("--write-baseline")
    repo.write("1.sql", GOOD + "\n\n-- moved\n\n" + BAD)
    assert repo.check().returncode == 0
    (repo.folder / "1.sql").rename(repo.folder / "0001_first.sql")
    done = repo.check()
    assert done.returncode == 0
    assert "fixed" not in done.stdout
    repo.check("--write-baseline")
    assert [row["file"] for row in entries(repo)] == ["0001_first.sql"]


def test_what_is_fixed_is_mentioned_and_pruned_by_the_next_write(repo: Repo) -> None:
    repo.write("1.sql", GOOD + BAD)
    repo.write("2.sql", VACUUM)
    repo.check("--write-baseline")
    repo.write("1.sql", GOOD)
    done = repo.check()
    assert done.returncode == 0
    assert "fixed: 1.sql: truncate: " in done.stdout
    assert "--write-baseline" in done.stdout
    assert [f["rule"] for f in repo.json()["gate"]["fixed"]] == ["truncate"]
    done = repo.check("--write-baseline")
    assert done.stdout == f"1 finding in {NAME}: 0 new, 1 fixed and taken out\n"
    assert [row["rule"] for row in entries(repo)] == ["vacuum"]
    assert "fixed" not in repo.check().stdout


def test_entries_of_files_that_were_not_read_are_kept(repo: Repo) -> None:
    repo.write("1.sql", GOOD + BAD)
    repo.write("2.sql", VACUUM)
    repo.check("--write-baseline")
    done = repo.check("1.sql")
    assert "fixed" not in done.stdout
    repo.check("1.sql", "--write-baseline")
    assert [row["rule"] for row in entries(repo)] == ["truncate", "vacuum"]


def test_a_file_that_is_gone_takes_its_entries_along(repo: Repo) -> None:
    repo.write("1.sql", GOOD + BAD)
    repo.write("2.sql", VACUUM)
    repo.check("--write-baseline")
    (repo.folder / "2.sql").unlink()
    assert "fixed: 2.sql: vacuum" in repo.check().stdout


def test_suppressed_findings_are_no_part_of_it(repo: Repo) -> None:
    repo.write("1.sql", "-- dsql-compat: ignore[truncate] old\nTRUNCATE a;\n")
    repo.check("--write-baseline")
    assert entries(repo) == []


def test_another_name(repo: Repo) -> None:
    repo.write("1.sql", BAD)
    repo.check("--write-baseline", "--baseline", "ci/known.jsonl")  # no such folder yet
    (repo.folder / "ci").mkdir()
    assert repo.check("--write-baseline", "--baseline", "ci/known.jsonl").returncode == 0
    assert len(entries(repo, "ci/known.jsonl")) == 1
    assert repo.check("--baseline", "ci/known.jsonl").returncode == 0
    assert repo.check().returncode == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not a baseline of dsql-compat"),
        ("[]\n", "no finding"),
        ('{"id": "x"}\n', "not a baseline of dsql-compat"),
        ('{"dsql-compat-baseline": 0}\n', "a baseline of version 0"),
        ('{"dsql-compat-baseline": 2}\n', "update dsql-compat"),
        ('{"dsql-compat-baseline": 1}\n{"rule": "truncate"}\n', "a line without an id"),
        ('{"dsql-compat-baseline": 1}\n<<<<<<< HEAD\n', f"{NAME}:2: a merge conflict"),
        ('{"dsql-compat-baseline": 1}\n{"id": \n', f"{NAME}:2: no JSON"),
    ],
)
def test_a_baseline_that_cannot_be_read_is_said_so(repo: Repo, text: str, said: str) -> None:
    repo.write("1.sql", GOOD)
    repo.write(NAME, text)
    done = repo.check()
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_broken_baseline_is_not_overwritten_unasked(repo: Repo) -> None:
    repo.write("1.sql", BAD)
    repo.write(NAME, "<<<<<<< HEAD\n")
    done = repo.check("--write-baseline")
    assert done.returncode == 2
    assert (repo.folder / NAME).read_text() == "<<<<<<< HEAD\n"


def test_a_configured_baseline_that_is_missing_is_an_error(repo: Repo) -> None:
    repo.write("1.sql", GOOD)
    repo.write("dsql-compat.toml", 'baseline = "known.jsonl"\n')
    done = repo.check()
    assert done.returncode == 2
    assert "known.jsonl: there is no such baseline" in done.stderr
    assert repo.check("--write-baseline").returncode == 0
    assert repo.check().returncode == 0
