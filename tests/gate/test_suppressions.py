"""Suppressions in the source: where they hold, what they need, and what is said of idle ones."""

from __future__ import annotations

import pytest

from tests.gate.repo import BAD, GOOD, Repo

IGNORE = "-- dsql-compat: ignore[truncate] only on the old cluster"
NUMERIC = "numeric-without-precision"


def test_a_suppressed_finding_passes_and_is_listed_with_its_reason(repo: Repo) -> None:
    repo.write("1.sql", GOOD + IGNORE + "\n" + BAD)
    done = repo.check()
    assert done.returncode == 0
    assert done.stdout.startswith("no findings (1 suppressed) in 2 statements")
    report = repo.json()
    (finding,) = report["findings"]
    assert finding["rule"] == "truncate"
    assert finding["suppressed"] == {"reason": "only on the old cluster", "where": "1.sql:2"}
    assert report["gate"]["new"] == []


HOLDS = {
    "line above": f"{IGNORE}\nTRUNCATE a;",
    "same line": f"TRUNCATE a; {IGNORE}",
    "last line": f"TRUNCATE\n  a; {IGNORE}",
    "at the end of the file": f"TRUNCATE a; {IGNORE}\n",
    "several comments above": f"-- why\n{IGNORE}\n-- more\nTRUNCATE a;",
    "block comment": "/* dsql-compat: ignore[truncate] only on the old cluster */\nTRUNCATE a;",
    "block comment in front": "/* dsql-compat: ignore[truncate] old cluster */ TRUNCATE a;",
    "inside, on the line": "TRUNCATE\n  b -- dsql-compat: ignore[truncate] old\n;",
    "several rules": "-- dsql-compat: ignore[vacuum, truncate] x\nTRUNCATE a;",
    "no blank and dashes": "--dsql-compat:ignore[truncate] - old\nTRUNCATE a;",
    "windows": f"{IGNORE}\r\nTRUNCATE a;\r\n",
    "file": "-- dsql-compat: ignore-file[truncate] all of it is old\n\nSELECT 1;\nTRUNCATE a;",
    "file, at the end": "TRUNCATE a;\n\n-- dsql-compat: ignore-file[truncate] all of it is old",
}


@pytest.mark.parametrize("sql", HOLDS.values(), ids=HOLDS)
def test_where_a_suppression_holds(repo: Repo, sql: str) -> None:
    (repo.folder / "1.sql").write_bytes(sql.encode())
    assert "truncate" not in repo.rules("--fail-on", "info")
    assert repo.rules("--ignore", "unused-suppression") == []


HOLDS_NOT = {
    "blank line": f"{IGNORE}\n\nTRUNCATE a;",
    "another statement": f"{IGNORE}\nSELECT 1;\nTRUNCATE a;",
    "below": f"TRUNCATE a;\n{IGNORE}\n",
    "in a string": f"SELECT '{IGNORE}';TRUNCATE a;",
    "in a dollar quote": f"SELECT $x$\n{IGNORE}\n$x$; TRUNCATE a;",
    "in an identifier": f'SELECT 1 AS "{IGNORE}"; TRUNCATE a;',
    "in passing": "-- see the docs of dsql-compat: ignore[truncate] is for later\nTRUNCATE a;",
}


@pytest.mark.parametrize("sql", HOLDS_NOT.values(), ids=HOLDS_NOT)
def test_where_a_suppression_does_not_hold(repo: Repo, sql: str) -> None:
    repo.write("1.sql", sql)
    assert "truncate" in repo.rules()


@pytest.mark.parametrize("name", ["in a string", "in a dollar quote", "in passing"])
def test_text_that_only_looks_like_a_suppression_is_no_complaint(repo: Repo, name: str) -> None:
    repo.write("1.sql", HOLDS_NOT[name])
    assert repo.rules() == ["truncate"]


def test_inside_a_statement_a_suppression_holds_for_its_line_alone(repo: Repo) -> None:
    repo.write(
        "1.sql",
        "CREATE TABLE a (\n"
        "  id uuid PRIMARY KEY,\n"
        f"  b numeric, -- dsql-compat: ignore[{NUMERIC}] six digits do\n"
        "  c numeric,\n"
        f"  -- dsql-compat: ignore[{NUMERIC}] six digits do\n"
        "  d numeric\n"
        ");\n",
    )
    report = repo.json()
    open_ = [f for f in report["findings"] if "suppressed" not in f]
    assert [f["location"]["line"] for f in open_] == [4]


def test_what_follows_in_the_same_file_goes_with_its_cause(repo: Repo) -> None:
    repo.write(
        "1.sql",
        "-- dsql-compat: ignore[enum-type] a script makes domains of them\n"
        "CREATE TYPE mood AS ENUM ('a');\n"
        "CREATE TABLE a (id uuid PRIMARY KEY, m mood);\n",
    )
    repo.write("2.sql", "CREATE TABLE b (id uuid PRIMARY KEY, m mood);\n")
    report = repo.json()
    suppressed = [f for f in report["findings"] if "suppressed" in f]
    assert [f["rule"] for f in suppressed] == ["enum-type", "enum-column"]
    assert {f["suppressed"]["where"] for f in suppressed} == {"1.sql:1"}
    new = [f for f in report["findings"] if f["id"] in report["gate"]["new"]]
    assert [(f["rule"], f["location"]["source"]) for f in new] == [("enum-column", "2.sql")]


COMPLAINTS = {
    "no reason": ("TRUNCATE a; -- dsql-compat: ignore[truncate]", "gives no reason"),
    "no rule": ("TRUNCATE a; -- dsql-compat: ignore[] because", "no suppression that"),
    "no brackets": ("TRUNCATE a; -- dsql-compat: ignore truncate because", "no suppression that"),
    "no colon": ("TRUNCATE a; -- dsql-compat ignore[truncate] because", "no suppression that"),
    "another word": ("TRUNCATE a; -- dsql-compat: allow[truncate] because", "no suppression that"),
    "unknown": ("TRUNCATE a; -- dsql-compat: ignore[trunkate] because", "did you mean truncate?"),
}


@pytest.mark.parametrize(("sql", "said"), COMPLAINTS.values(), ids=COMPLAINTS)
def test_a_careless_suppression_is_reported_and_suppresses_nothing(
    repo: Repo, sql: str, said: str
) -> None:
    repo.write("1.sql", sql)
    done = repo.check()
    assert done.returncode == 1
    assert "error truncate" in done.stdout
    (line,) = [x for x in done.stdout.splitlines() if "malformed-suppression" in x]
    assert line.startswith("1.sql:1:")
    assert said in line


def test_the_known_rules_beside_an_unknown_one_hold(repo: Repo) -> None:
    repo.write("1.sql", "TRUNCATE a; -- dsql-compat: ignore[trunkate, truncate] because\n")
    assert repo.rules() == ["malformed-suppression"]


def test_an_idle_suppression_is_reported_with_the_rules_that_are_idle(repo: Repo) -> None:
    repo.write("1.sql", "TRUNCATE a; -- dsql-compat: ignore[truncate, vacuum] because\n")
    done = repo.check("--fail-on", "warning")
    assert done.returncode == 1
    assert "Nothing is found of vacuum where" in done.stdout


def test_a_suppression_is_idle_from_the_day_the_feature_is_there(repo: Repo) -> None:
    repo.write(
        "1.sql",
        "CREATE TABLE a (id uuid PRIMARY KEY, d jsonb); -- dsql-compat: ignore[jsonb-column] soon\n",
    )
    assert repo.rules("--target", "2026-03") == []
    assert repo.rules() in (["unused-suppression"], [])
    found = [f["rule"] for f in repo.json()["findings"] if "suppressed" in f]
    assert bool(found) != bool(repo.rules())


def test_suppressions_of_a_way_back_are_not_asked_for(repo: Repo) -> None:
    repo.write(
        "1.sql",
        f"-- migrate:up transaction:false\n{GOOD}-- migrate:down\n{IGNORE}\nTRUNCATE accounts;\n",
    )
    assert repo.rules() == []


def test_other_files_are_not_concerned(repo: Repo) -> None:
    repo.write("1.sql", "-- dsql-compat: ignore-file[truncate] old\nTRUNCATE a;")
    repo.write("2.sql", BAD)
    report = repo.json()
    assert [f["location"]["source"] for f in report["findings"] if "suppressed" not in f] == [
        "2.sql"
    ]


def test_the_readiness_report_shows_the_reason_and_keeps_its_verdict(repo: Repo) -> None:
    from dsql_compat import analyze

    plain = repo.write("plain/1.sql", BAD)
    marked = repo.write("marked/1.sql", f"{IGNORE}\n{BAD}")
    one, other = analyze(plain), analyze(marked)
    assert one.readiness == other.readiness
    assert other.findings[0].suppressed is not None
    assert other.findings[0].id == one.findings[0].id
