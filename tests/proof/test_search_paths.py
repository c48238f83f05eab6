"""Where the source has set a search path, or default privileges, the result needs neither."""

from __future__ import annotations

from pathlib import Path

import pytest

from dsql_compat.proof.server import Scratch
from dsql_compat.proof.verify import prove
from tests.proof.mutants import broken, proved, rewritten, undeclared

pytestmark = pytest.mark.postgres

PATHS = (Path(__file__).parent / "sources" / "search_paths.sql").read_text()
PRIVILEGES = (Path(__file__).parent / "sources" / "default_privileges.sql").read_text()


def written(sql: str) -> str:
    """The statements of a rewrite."""
    result = rewritten(sql)
    assert result.left == []
    return "\n".join(item.sql for item in result.items)


@pytest.mark.parametrize("end", ["", "SET search_path = app;", "RESET ALL;", "DISCARD ALL;"])
def test_names_lead_where_the_source_led_them(scratch: Scratch, end: str) -> None:
    proof = proved(scratch, PATHS + end)
    assert undeclared(proof) == []
    assert [entry.what for entry in proof.open] == []
    assert {"view": 10, "function": 12}.items() <= proof.compared.items()


@pytest.mark.parametrize(
    ("source", "result"),
    [
        ("CREATE VIEW v AS SELECT id FROM t", "CREATE VIEW app.v AS SELECT id FROM app.t"),
        (
            "CREATE VIEW v AS WITH t AS (SELECT 1 AS id) SELECT t.id FROM t",
            "CREATE VIEW app.v AS WITH t AS (SELECT 1 AS id) SELECT t.id FROM t",
        ),
        ("CREATE TABLE d (n int DEFAULT nextval('s'))", "DEFAULT nextval('app.s')"),
        ("COMMENT ON TABLE t IS 'it''s t'", "COMMENT ON TABLE app.t IS 'it''s t'"),
        ("COMMENT ON COLUMN t.id IS 't'", "COMMENT ON COLUMN app.t.id IS 't'"),
        ("COMMENT ON CONSTRAINT t_pkey ON t IS 't'", "COMMENT ON CONSTRAINT t_pkey ON app.t IS"),
        ("COMMENT ON FUNCTION f(int) IS 'f'", "COMMENT ON FUNCTION app.f(int) IS 'f'"),
        ("GRANT SELECT ON t TO r", "GRANT SELECT ON app.t TO r"),
        ("GRANT EXECUTE ON FUNCTION f(int) TO r", "GRANT EXECUTE ON FUNCTION app.f(int) TO r"),
        (
            "CREATE FUNCTION g() RETURNS SETOF t LANGUAGE sql AS 'SELECT * FROM t WHERE f(id)'",
            "CREATE FUNCTION app.g() RETURNS SETOF app.t LANGUAGE sql AS "
            "'SELECT * FROM app.t WHERE app.f(id)'",
        ),
        (
            "CREATE FUNCTION g() RETURNS int LANGUAGE sql SET search_path = app "
            "AS 'SELECT id FROM t'",
            "SET search_path = app AS 'SELECT id FROM t'",
        ),
    ],
)
def test_what_is_written_under_a_path(source: str, result: str) -> None:
    made = (
        "CREATE ROLE r; CREATE SCHEMA app; SET search_path = app, public;"
        "CREATE TABLE t (id int PRIMARY KEY); CREATE SEQUENCE s;"
        "CREATE FUNCTION f(i int) RETURNS boolean LANGUAGE sql AS 'SELECT i > 0';"
    )
    assert result in written(f"{made}{source};")


def test_nothing_changes_where_the_path_is_that_of_a_dump() -> None:
    sql = (
        "CREATE TABLE public.t (id int PRIMARY KEY);"
        "CREATE FUNCTION public.f() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM t';"
        "CREATE VIEW public.v AS SELECT id FROM public.t;"
    )
    for path in ("SELECT pg_catalog.set_config('search_path', '', false);", "SET SCHEMA 'public';"):
        assert written(path + sql) == written(sql)


def test_default_privileges_hold_for_what_was_made_behind_them(scratch: Scratch) -> None:
    proof = proved(scratch, PRIVILEGES)
    assert undeclared(proof) == []
    assert proof.compared["table"] == 4


def test_default_privileges_are_proved(scratch: Scratch) -> None:
    start = "CREATE ROLE app; CREATE TABLE a (id int PRIMARY KEY);"
    grant = "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO app;"
    table = "CREATE TABLE b (id int PRIMARY KEY);"
    assert undeclared(proved(scratch, start + grant + table)) == []
    assert "GRANT SELECT ON TABLE public.b TO app" in written(start + grant + table)
    assert "GRANT SELECT ON TABLE " not in written(start + table + grant)
    grants = "GRANT SELECT ON TABLE public.b"
    proof = prove(scratch, broken(rewritten(start + grant + table), grants, None))
    assert undeclared(proof) == [("public.b", "grants")]
