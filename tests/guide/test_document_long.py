"""Guides of schemas with much code: what is too long for its place stands elsewhere, once."""

from __future__ import annotations

import re

import pytest

from dsql_compat.guide.build import guide_files
from dsql_compat.guide.frameworks import traces
from dsql_compat.guide.left_source import FILE
from dsql_compat.guide.words import common, first_sentence
from tests.guide.test_document import guide_to, rewritten

ROUTINES = 60
STEP = "INSERT INTO t (n) SELECT n + 1 FROM t WHERE n < 100 ORDER BY n; -- " + "x" * 30


def routine(name: str, steps: int) -> str:
    body = "\n".join(f"  FOR r IN SELECT n FROM t LOOP {STEP}\n  END LOOP;" for _ in range(steps))
    return (
        f"CREATE FUNCTION {name}() RETURNS void LANGUAGE plpgsql AS $$\n"
        f"DECLARE r record;\nBEGIN\n{body}\nEND $$;\n"
    )


def schema(steps: int) -> str:
    return "CREATE TABLE t (n bigint PRIMARY KEY);\n" + "".join(
        routine(f"f{n:02}", steps) for n in range(ROUTINES)
    )


@pytest.fixture(scope="module")
def long() -> dict[str, str]:
    return guide_files(rewritten(schema(40)), ["app.sql"])


def test_much_source_has_a_file_with_all_of_it(long: dict[str, str]) -> None:
    chapter, lines = long["10-left-behind.md"], long[FILE].split("\n")
    assert f"]({FILE})" in chapter
    assert "```sql" not in chapter
    assert len(chapter) < 20_000 < 200_000 < len(long[FILE])
    rows = re.findall(
        rf"\[`public\.(f\d\d)`\]\([^)]*\).*\[{FILE}:(\d+)–(\d+)\]\({FILE}#L(\d+)\)", chapter
    )
    assert len(rows) == ROUTINES
    for name, first, last, mark in rows:
        assert first == mark
        assert lines[int(first) - 1].startswith(f"CREATE FUNCTION {name}()")
        assert lines[int(last) - 1] == "END $$;"


def test_what_code_does_line_by_line_has_a_chapter_when_it_is_much(long: dict[str, str]) -> None:
    application, details = long["05-application.md"], long["12-line-by-line.md"]
    assert "<details><summary>function" not in application
    assert len(application) < 20_000
    links = re.findall(r"\[by hand\]\(12-line-by-line.md#([a-z0-9-]+)\)", application)
    assert len(links) == ROUTINES
    assert all(f'<a id="{link}"></a>' in details for link in links)
    assert details.count("<details>") == ROUTINES
    assert "12-line-by-line.md" in long["README.md"]
    assert "<summary>`" not in details
    assert "<code>public.f00</code>" in details.replace("&#46;", ".")


def test_a_little_code_stays_where_it_is() -> None:
    files = guide_to("CREATE TABLE t (n bigint PRIMARY KEY);" + routine("f", 1))
    assert FILE not in files
    assert "12-line-by-line.md" not in files
    [link] = re.findall(r"\[by hand\]\(#([a-z0-9-]+)\)", files["05-application.md"])
    assert f'<a id="{link}"></a>' in files["05-application.md"]
    assert "CREATE FUNCTION f()" in files["10-left-behind.md"]


def test_an_overload_that_becomes_sql_is_not_counted_as_left() -> None:
    files = guide_to(
        "CREATE TABLE t (n bigint PRIMARY KEY);"
        + routine("f", 1)
        + "CREATE FUNCTION f(a bigint) RETURNS bigint LANGUAGE sql AS 'SELECT a + 1';"
    )
    assert "1 routine to be rewritten" in files["01-summary.md"]
    assert "One of the source is left to the application" in files["05-application.md"]
    assert files["05-application.md"].count("| function `public.f` |") == 1


def test_triggers_with_the_same_work_are_told_once() -> None:
    touch = (
        "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS "
        "$$BEGIN NEW.at = now(); RETURN NEW; END$$;"
    )
    text = guide_to(
        touch
        + "".join(
            f"CREATE TABLE t{n} (id bigint PRIMARY KEY, at timestamptz);"
            f"CREATE TRIGGER touch{n} {when} UPDATE ON t{n} FOR EACH ROW EXECUTE FUNCTION touch();"
            for n, when in enumerate(["BEFORE"] * 6 + ["AFTER"] * 6)
        )
    )["05-application.md"]
    told = [line for line in text.splitlines() if "in less:" in line]
    assert len(told) == 1
    assert "`touch0`" in told[0]
    assert "`touch6`" not in told[0]
    [ignored] = [line for line in text.splitlines() if "PostgreSQL ignores" in line]
    assert "`touch6`" in ignored
    assert "`touch0`" not in ignored


def test_many_writers_are_a_table() -> None:
    cascade = "".join(
        f"CREATE TABLE c{n} (id bigint PRIMARY KEY, p bigint REFERENCES p ON DELETE CASCADE);"
        f"CREATE TRIGGER g{n} BEFORE DELETE ON c{n} FOR EACH ROW EXECUTE FUNCTION g();"
        for n in range(5)
    )
    text = guide_to(
        "CREATE TABLE p (id bigint PRIMARY KEY);"
        "CREATE FUNCTION g() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN OLD; END$$;"
        + cascade
    )["05-application.md"]
    assert text.count("which no longer fire anything") == 1
    assert all(f"| `public.c{n}` | foreign key" in text for n in range(5))


def test_one_counter_and_one_job() -> None:
    text = guide_to(
        "CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n int);"
        "CREATE INDEX i ON t (n);"
    )["06-data.md"]
    assert "where the one counter has to go on" in text
    assert "1 of which starts a job" in text


def test_a_schema_without_tables_has_no_load() -> None:
    files = guide_to("CREATE FUNCTION f(a bigint) RETURNS bigint LANGUAGE sql AS 'SELECT a';")
    assert "Order and batches" not in files["06-data.md"]
    assert "| Tables | none |" in files["01-summary.md"]


def test_what_is_said_of_all_holds_for_each() -> None:
    assert common(["It is so. It has FOR.", "It is so. It has LOOP."]) == "It is so."
    assert common(["One.", "Two."]) == ""
    assert first_sentence("Leave it out, e.g. now. Then go.") == "Leave it out, e.g. now."
    text = guide_to(schema(1) + routine("odd", 1).replace("LOOP INSERT", "LOOP RAISE 'x'; INSERT"))
    assert "Steps in this body" not in text["02-decisions.md"]


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('"SequelizeMeta" (name text PRIMARY KEY)', "clientMinMessages"),
        ('migrations (id int PRIMARY KEY, "timestamp" bigint, name text)', "uuidExtension"),
        ("typeorm_metadata (type text, name text)", "uuidExtension"),
        ("knex_migrations (id int PRIMARY KEY, name text, batch int)", "disableTransactions"),
        ("schema_migrations (version text PRIMARY KEY)", "Rails, Ecto"),
        ("ar_internal_metadata (key text PRIMARY KEY, value text)", "advisory_locks: false"),
        ("databasechangelog (id text, author text)", "runInTransaction:false"),
    ],
)
def test_frameworks_are_known_by_their_tables(table: str, said: str) -> None:
    text = guide_to(f"CREATE TABLE {table};")["05-application.md"]
    assert text.count("## Frameworks and migration tools") == 1
    assert said in text


def test_hibernate_is_known_by_its_sequence() -> None:
    text = guide_to("CREATE SEQUENCE hibernate_sequence;")["05-application.md"]
    assert "AuroraDSQLDialect" in text


def test_a_tool_is_named_once() -> None:
    names = ["schema_migrations", "ar_internal_metadata"]
    assert list(traces(names, ["ar_internal_metadata"])) == []
    assert len(list(traces(names, []))) == 1
