"""Statements about objects that DSQL will not have, and those about namesakes that it will."""

from __future__ import annotations

from dsql_compat.pipeline import analyze_text


def found(sql: str) -> list[tuple[int, str | None]]:
    """The lines of the findings about missing objects, each with the line to write instead."""
    return [
        (f.location.line, f.rewrite.after[0] if f.rewrite else None)
        for f in analyze_text(sql).findings
        if f.rule == "missing-object"
    ]


PLPGSQL = "CREATE FUNCTION f(a integer) RETURNS integer LANGUAGE plpgsql AS 'BEGIN RETURN a; END';"


def test_an_overloaded_function_in_sql_is_there() -> None:
    sql = f"""{PLPGSQL}
CREATE FUNCTION f(a text) RETURNS integer LANGUAGE sql AS 'SELECT 1';
GRANT EXECUTE ON FUNCTION f(text) TO app;
REVOKE ALL ON FUNCTION f(integer), f(text) FROM PUBLIC;"""
    assert found(sql) == [(4, "REVOKE ALL ON FUNCTION f(text) FROM PUBLIC;")]


def test_a_function_replaced_by_one_in_sql_is_there() -> None:
    sql = f"""{PLPGSQL}
CREATE OR REPLACE FUNCTION f(a integer) RETURNS integer LANGUAGE sql AS 'SELECT a';
COMMENT ON FUNCTION f(integer) IS 'the same';"""
    assert found(sql) == []


def test_the_name_of_a_dropped_function_is_free() -> None:
    sql = f"""{PLPGSQL}
DROP FUNCTION f(integer);
CREATE FUNCTION f(a integer) RETURNS integer LANGUAGE sql AS 'SELECT a';
GRANT EXECUTE ON FUNCTION f(integer) TO app;"""
    assert found(sql) == [(2, None)]


def test_a_renamed_function_stays_missing() -> None:
    sql = f"""{PLPGSQL}
ALTER FUNCTION f(integer) RENAME TO g;
COMMENT ON FUNCTION g(integer) IS 'adds nothing';"""
    assert found(sql) == [(2, None), (3, None)]


def test_drop_if_exists_passes_over_what_is_missing() -> None:
    assert found(f"{PLPGSQL}\nDROP FUNCTION IF EXISTS f(integer);") == []


def test_every_finding_on_a_refused_object_names_its_cause() -> None:
    sql = f"{PLPGSQL}\nCOMMENT ON FUNCTION f(integer) IS 'x';"
    report = analyze_text(sql)
    cause = next(f.id for f in report.findings if f.rule == "plpgsql-function")
    assert [f.cause for f in report.findings if f.rule == "missing-object"] == [cause]


def test_a_function_over_a_missing_type_is_named_anew() -> None:
    sql = """CREATE FUNCTION same(a public.citext, b text) RETURNS boolean LANGUAGE sql RETURN a = b;
ALTER FUNCTION same(a public.citext, b text) OWNER TO app;
CREATE FUNCTION clean(a text) RETURNS public.citext LANGUAGE sql RETURN a;
ALTER FUNCTION clean(a text) OWNER TO app;"""
    assert found(sql) == [(2, None)]


def test_an_index_that_goes_on_over_digests_keeps_its_comment() -> None:
    sql = """CREATE TABLE hosts (id uuid PRIMARY KEY, checksum bytea NOT NULL);
CREATE INDEX hosts_checksum ON hosts USING {method} (checksum);
COMMENT ON INDEX hosts_checksum IS 'to find what changed';"""
    assert found(sql.format(method="btree")) == []
    assert found(sql.format(method="gin")) == [(3, None)]
