"""Functions that change after they were made, and those that DSQL would refuse when it reads them."""

from __future__ import annotations

import pytest

from dsql_compat.pipeline import analyze_text
from dsql_compat.rewriting.files import rewrite_files
from dsql_compat.rewriting.model import Rewrite

from .database import fate, rewritten

_OK = "CREATE FUNCTION ok(a text) RETURNS boolean LANGUAGE sql{} AS $$ SELECT a <> '' $$;\n"
_D = "CREATE TABLE d (t text, id bigint PRIMARY KEY);\n"


def functions(rewrite: Rewrite) -> list[str]:
    return [item.sql.removesuffix(";") for item in rewrite.items if "FUNCTION" in item.sql]


def left(rewrite: Rewrite) -> list[tuple[str, str]]:
    return [(str(fate.ref), fate.what) for fate in rewrite.left]


@pytest.mark.parametrize(
    ("before", "changes", "after"),
    [
        (" IMMUTABLE", "STABLE;", " STABLE"),
        (" IMMUTABLE", "STABLE COST 5 RESTRICT;", " STABLE COST 5"),
        ("", "STRICT; CALLED ON NULL INPUT;", " CALLED ON NULL INPUT"),
        ("", "SET search_path = ''; SET search_path = 'pg_catalog', 'x';",
         " SET search_path = 'pg_catalog', 'x'"),
        (" SET search_path = ''", "RESET search_path;", ""),
        (" SET search_path = '' SET DateStyle TO iso", "RESET ALL; EXTERNAL SECURITY DEFINER;",
         " EXTERNAL SECURITY DEFINER"),
    ],
)  # fmt: skip
def test_the_last_attribute_wins(before: str, changes: str, after: str) -> None:
    altered = "".join(f"ALTER FUNCTION ok {c.strip()};\n" for c in changes.split(";") if c.strip())
    rewrite = rewritten(_OK.format(before) + altered)
    assert functions(rewrite) == functions(rewritten(_OK.format(after)))
    assert left(rewrite) == []
    assert fate(rewrite, "public.ok") == ("changed", "with what ALTER FUNCTION made of it")


def test_of_overloads_the_one_that_is_meant_changes() -> None:
    rewrite = rewritten(
        _OK.format("")
        + "CREATE FUNCTION ok(a int) RETURNS boolean LANGUAGE sql RETURN a > 0;\n"
        + "ALTER FUNCTION ok(int) IMMUTABLE;\n"
    )
    assert functions(rewrite) == [
        _OK.format("").strip().removesuffix(";"),
        "CREATE FUNCTION ok(a int) RETURNS boolean LANGUAGE sql IMMUTABLE RETURN a > 0",
    ]


def test_a_definition_that_replaces_another_comes_once() -> None:
    rewrite = rewritten(
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1';\n"
        "ALTER FUNCTION f() STRICT;\n"
        "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 2';\n"
        "ALTER FUNCTION f() STABLE;\n"
    )
    assert functions(rewrite) == [
        "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql STABLE AS 'SELECT 2'"
    ]
    assert left(rewrite) == []


def test_settings_that_dsql_refuses_do_not_take_the_function_along() -> None:
    rewrite = rewritten(_OK.format("") + "ALTER FUNCTION ok(text) STABLE SET work_mem = '1MB';\n")
    assert functions(rewrite) == functions(rewritten(_OK.format(" STABLE")))
    assert left(rewrite) == [
        ("ALTER FUNCTION", "DSQL refuses SET work_mem = '1MB'; the function is there without it")
    ]


def test_a_function_that_is_not_there_takes_its_changes_along() -> None:
    rewrite = rewritten(
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;\n"
        "ALTER FUNCTION f() SET search_path = '';\nALTER FUNCTION g() STABLE;\n"
    )
    assert functions(rewrite) == []
    assert left(rewrite)[1:] == [
        ("ALTER FUNCTION", "said of public.f, which is not there"),
        ("ALTER FUNCTION", "of no function that the source holds, by its text"),
    ]


def test_plpgsql_takes_its_settings_along() -> None:
    sql = (
        "CREATE FUNCTION ok(a text) RETURNS boolean LANGUAGE plpgsql"
        " AS $$ BEGIN RETURN a <> ''; END $$;\nALTER FUNCTION ok(text) SET search_path = '';\n"
    )
    (made,) = functions(rewritten(sql))
    assert "LANGUAGE sql SET search_path = ''" in made
    (found,) = [f for f in analyze_text(sql).findings if f.rule == "alter-function"]
    assert found.disposition == "automatic"
    assert found.cause is not None


def test_what_dsql_refuses_on_a_table_made_later_is_left() -> None:
    rewrite = rewritten(
        "CREATE FUNCTION s(a text) RETURNS SETOF bigint LANGUAGE sql"
        " AS $$ SELECT id FROM d WHERE t @@ plainto_tsquery('simple', a) $$;\n"
        + _D
        + "CREATE VIEW v AS SELECT s('a');\n"
    )
    assert functions(rewrite) == []
    assert left(rewrite) == [("public.s", "DSQL refuses it"), ("public.v", "needs public.s")]


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (
            "nowhere(a, NULL, a)",
            "it needs nowhere() of 3 arguments, which the source does not hold",
        ),
        ("own(a, 1)", "it needs own() of 2 arguments, which the source does not hold"),
        ("own(a)", ""),
        ("round(a / 2)", ""),
        ("date(now())::text::int", ""),
        ("(SELECT max(id(d)) FROM d)", ""),
        ("(SELECT count(*) FROM generate_series(1, a))", ""),
    ],
)
def test_a_body_that_calls_what_is_not_there(call: str, reason: str) -> None:
    rewrite = rewritten(
        _D + "CREATE FUNCTION own(a int) RETURNS int LANGUAGE sql RETURN a;\n"
        f"CREATE FUNCTION f(a int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN {call}; END $$;"
    )
    assert dict(left(rewrite)).get("public.f", "") == reason


def test_a_call_of_an_extension_that_nobody_knows_is_not_judged() -> None:
    rewrite = rewritten(
        "CREATE EXTENSION of_ours;\nCREATE FUNCTION f(a int) RETURNS int LANGUAGE plpgsql"
        " AS $$ BEGIN RETURN nowhere(a); END $$;"
    )
    assert [name for name, _ in left(rewrite)] == ["of_ours"]


def test_a_second_rewrite_is_the_same_to_the_byte() -> None:
    sql = (
        "CREATE TYPE e AS ENUM ('a', 'b');\nCREATE TABLE t (id int PRIMARY KEY, e e);\n"
        "CREATE MATERIALIZED VIEW m AS SELECT id FROM t;\n"
    )
    first = rewrite_files(rewritten(sql), single_file=True)["schema.sql"]
    assert "-- domain public.e\n" in first
    assert rewrite_files(rewritten(first), single_file=True)["schema.sql"] == first
