"""`--as state`: what a later migration takes back is no blocker of the schema that results."""

from __future__ import annotations

import pytest

from tests.gate.repo import Repo

OLD = ("--target", "2026-03")  # jsonb columns were refused then
JSONB = "CREATE TABLE a (id uuid PRIMARY KEY, data jsonb);\n"

TAKEN_BACK = {
    "dropped column": "ALTER TABLE a DROP COLUMN data;",
    "other type": "ALTER TABLE a ALTER COLUMN data TYPE text;",
    "other type, then another name": "ALTER TABLE a ALTER COLUMN data TYPE text;"
    "ALTER TABLE a RENAME COLUMN data TO body;",
    "other name, then another type": "ALTER TABLE a RENAME COLUMN data TO body;"
    "ALTER TABLE a ALTER COLUMN body TYPE text;",
    "dropped table": "DROP TABLE a;",
    "renamed and dropped": "ALTER TABLE a RENAME TO b; DROP TABLE b;",
    "moved and dropped": "CREATE SCHEMA s; ALTER TABLE a SET SCHEMA s; DROP TABLE s.a;",
    "dropped schema": "DROP SCHEMA public CASCADE;",
    "made anew": "DROP TABLE a; CREATE TABLE a (id uuid PRIMARY KEY, data text);",
}
STILL_THERE = {
    "nothing": "SELECT 1;",
    "renamed table": "ALTER TABLE a RENAME TO b;",
    "renamed column": "ALTER TABLE a RENAME COLUMN data TO body;",
    "another column dropped": "ALTER TABLE a ADD COLUMN x text; ALTER TABLE a DROP COLUMN x;",
    "another table of that column": "CREATE TABLE b (id uuid PRIMARY KEY, data text);"
    "ALTER TABLE b DROP COLUMN data;",
    "made anew": "DROP TABLE a; CREATE TABLE a (id uuid PRIMARY KEY, data jsonb);",
    "dropped and added again": "ALTER TABLE a DROP COLUMN data; ALTER TABLE a ADD COLUMN data jsonb;",
}


@pytest.mark.parametrize("later", TAKEN_BACK.values(), ids=TAKEN_BACK)
def test_what_is_gone_is_no_blocker(repo: Repo, later: str) -> None:
    repo.write("1.sql", JSONB)
    repo.write("2.sql", later)
    assert "jsonb-column" in repo.rules(*OLD)
    assert "jsonb-column" not in repo.rules(*OLD, "--as", "state")


@pytest.mark.parametrize("later", STILL_THERE.values(), ids=STILL_THERE)
def test_what_is_there_still_is_one(repo: Repo, later: str) -> None:
    repo.write("1.sql", JSONB)
    repo.write("2.sql", later)
    assert repo.rules(*OLD, "--as", "state").count("jsonb-column") == 1


def test_a_column_of_a_table_from_elsewhere_is_kept(repo: Repo) -> None:
    repo.write("1.sql", "ALTER TABLE elsewhere ADD COLUMN data jsonb;")
    assert "jsonb-column" in repo.rules(*OLD, "--as", "state")


@pytest.mark.parametrize(
    ("sql", "rule"),
    [
        ("TRUNCATE a;", "truncate"),
        ("ALTER TABLE a ALTER COLUMN id TYPE text;", "alter-column-type"),
        (
            "BEGIN; CREATE TABLE c (id uuid PRIMARY KEY); CREATE TABLE d (id uuid PRIMARY KEY);"
            " COMMIT;",
            "multiple-ddl-per-transaction",
        ),
        (
            "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END $$;"
            "DROP FUNCTION f();",
            "plpgsql-function",
        ),
        ("CREATE TYPE mood AS ENUM ('a'); DROP TYPE mood;", "enum-type"),
        ("CREATE EXTENSION citext; DROP EXTENSION citext;", "extension"),
        ("CREATE TEMP TABLE x (id int PRIMARY KEY);", "temporary-table"),
        (
            "ALTER TABLE a ENABLE ROW LEVEL SECURITY; ALTER TABLE a DISABLE ROW LEVEL SECURITY;",
            "row-level-security",
        ),
    ],
)
def test_a_step_is_judged_in_the_history_only(repo: Repo, sql: str, rule: str) -> None:
    repo.write("1.sql", "CREATE TABLE a (id uuid PRIMARY KEY);")
    repo.write("2.sql", sql)
    assert rule in repo.rules()
    assert rule not in repo.rules("--as", "state")


@pytest.mark.parametrize(
    ("sql", "rule"),
    [
        (
            "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END $$;",
            "plpgsql-function",
        ),
        ("CREATE TYPE mood AS ENUM ('a');", "enum-type"),
        ("CREATE EXTENSION citext;", "extension"),
        ("DO $$ BEGIN CREATE TABLE b (id serial PRIMARY KEY); END $$;", "serial-column"),
        ("CREATE TABEL x ();", "syntax-error"),
        ("CREATE MATERIALIZED VIEW v AS SELECT 1 AS x;", "materialized-view"),
    ],
)
def test_what_is_part_of_the_schema_is_judged_in_both(repo: Repo, sql: str, rule: str) -> None:
    repo.write("1.sql", sql)
    assert rule in repo.rules()
    assert rule in repo.rules("--as", "state")
