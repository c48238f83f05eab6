"""What follows from what, and what must not alarm, in functions, DO blocks and queries."""

from __future__ import annotations

import pytest

from dsql_compat.pipeline import analyze_text
from dsql_compat.report.model import FindingInfo


def found(sql: str, rule: str | None = None) -> list[FindingInfo]:
    return [f for f in analyze_text(sql).findings if rule in (None, f.rule)]


def test_what_a_refused_body_holds_follows_from_the_refusal_of_just_that_function() -> None:
    body = "$$ DECLARE a int; BEGIN PERFORM pg_advisory_lock(1); END $$"
    one, other = (
        f"CREATE FUNCTION f(x {type_}) RETURNS void LANGUAGE plpgsql AS {body};"
        for type_ in ("int", "text")
    )
    refusals = found(f"{one}\n{other}", "plpgsql-function")
    locks = found(f"{one}\n{other}", "advisory-lock")
    assert [lock.cause for lock in locks] == [refusal.id for refusal in refusals]


def test_an_overload_in_sql_is_not_drawn_in() -> None:
    sql = """
    CREATE FUNCTION f(x int) RETURNS int LANGUAGE plpgsql AS $$ DECLARE a int; BEGIN RETURN a; END $$;
    CREATE FUNCTION f(x text) RETURNS text LANGUAGE sql AS $$ SELECT pg_advisory_lock(1)::text $$;
    SELECT f('a');
    """
    assert not found(sql, "missing-function-call")
    assert [f.cause for f in found(sql, "advisory-lock")] == [None]


def test_a_function_that_becomes_sql_can_be_called() -> None:
    sql = """
    CREATE FUNCTION f(x int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN x + 1; END $$;
    CREATE VIEW v AS SELECT f(1);
    """
    assert [f.rule for f in found(sql) if f.severity == "error"] == ["plpgsql-function"]


def test_ddl_of_a_do_block_counts_for_what_comes_later() -> None:
    sql = """
    DO $$ BEGIN CREATE TYPE mood AS ENUM ('sad'); EXCEPTION WHEN duplicate_object THEN null; END $$;
    CREATE TABLE people (id uuid PRIMARY KEY, m mood);
    """
    (enum,) = found(sql, "enum-type")
    assert enum.cause is None
    assert [f.cause for f in found(sql, "enum-column")] == [enum.id]


def test_a_call_of_a_procedure_is_one_finding() -> None:
    sql = "CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN COMMIT; END $$;\nCALL p();"
    assert [f.rule for f in found(sql)] == ["procedure", "call"]


def test_positions_inside_bodies() -> None:
    sql = (
        "CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$\nBEGIN\n"
        "  EXECUTE format('SELECT pg_advisory_lock(1), %L', 'x');\nEND $$;"
    )
    (lock,) = found(sql, "advisory-lock")
    assert (lock.location.line, lock.location.column) == (3, 26)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT gen_random_uuid(), normalize('a'), any_value(1), random(), sha256('a'), md5('a')",
        "SELECT xpath_of(1), point_of(1), delete(1), sort(1), slice(1)",
        "SELECT id % 2, 7 % 4, x % '3' FROM t",
        "SELECT 'x'::text, '{}'::int[], '127.0.0.1'::inet, '[1,2)'::int4range, 't'::regclass, '{}'::jsonb",
        "SELECT b.xmin FROM (SELECT 1 AS xmin) b",
        "SELECT a.id FROM a LEFT JOIN LATERAL (SELECT b.x FROM b WHERE b.id = a.id) s ON true",
        "SELECT a.id FROM a CROSS JOIN LATERAL (SELECT a.x) s",
        "SELECT set_config('search_path', '', false), current_setting('server_version_num')",
        "CREATE FUNCTION digest(a text, b text) RETURNS text LANGUAGE sql RETURN a; SELECT digest('a', 'sha256')",
        "CREATE SCHEMA app; SELECT app.similarity('a', 'b')",
        "DROP TRIGGER IF EXISTS t ON orders",
        "CALL sys.wait_for_job('x')",
        "SELECT JSON_OBJECT('a': 1), JSON_ARRAY(1), '{}' IS JSON",
        "UPDATE t AS old SET a = 1 WHERE b = 2 RETURNING old.a",
    ],
)  # fmt: skip
def test_no_false_alarm(sql: str) -> None:
    assert not found(sql)
