"""What becomes of views and SQL functions, and that a second rewrite changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from dsql_compat.rewriting.build import rewrite_inputs
from dsql_compat.rewriting.model import Rewrite
from dsql_compat.sources.files import find_inputs
from tests.real.server import Server

from .database import database, fate, rewritten, run, statements

SAMPLES = sorted((Path(__file__).parents[2] / "sample_schemas").glob("*/schema.sql"))
TABLE = "CREATE TABLE t (id integer PRIMARY KEY, a text);\n"


def made(rewrite: Rewrite, name: str) -> str:
    return next(item.sql for item in rewrite.items if item.ref.name == name)


def queries(rewrite: Rewrite) -> dict[str, str]:
    """The views and functions of a result."""
    return {
        str(item.makes): " ".join(item.sql.split())
        for item in rewrite.items
        if item.sql.startswith(("CREATE VIEW", "CREATE OR REPLACE", "CREATE FUNCTION"))
    }


@pytest.mark.parametrize("target", ["latest", "2026-03"])
@pytest.mark.parametrize("sample", SAMPLES, ids=[path.parent.name for path in SAMPLES])
def test_a_second_rewrite_changes_no_query(sample: Path, target: str) -> None:
    first = rewrite_inputs(find_inputs([str(sample)]), target)[0]
    again = rewritten("".join(f"{item.sql};\n" for item in first.items), target)
    assert first.items
    assert queries(again) == queries(first)


def test_a_materialized_view_becomes_a_plain_one_with_its_own_text() -> None:
    sql = TABLE + (
        "CREATE MATERIALIZED VIEW m (one, two) TABLESPACE fast AS\n"
        "  SELECT id, -- the key\n         a FROM t\n  WITH NO DATA;\n"
        "CREATE INDEX m_one ON m (one);\n"
    )
    rewrite = rewritten(sql)
    assert made(rewrite, "m") == (
        "CREATE VIEW public.m (one, two) AS\nSELECT id, -- the key\n         a FROM t"
    )
    assert "a table filled by the same query" in fate(rewrite, "public.m")[1]
    assert fate(rewrite, "m_one")[0] == "left"


def test_a_view_that_pg_dump_makes_twice_comes_once() -> None:
    sql = TABLE + (
        "CREATE VIEW v AS SELECT NULL::integer AS id, NULL::text AS a;\n"
        "CREATE FUNCTION f() RETURNS SETOF v LANGUAGE sql AS $$ SELECT id, a FROM t $$;\n"
        "CREATE OR REPLACE VIEW v AS SELECT id, a FROM t WHERE a <> '';\n"
    )
    found = queries(rewritten(sql))
    views = [text for text in found.values() if "VIEW" in text]
    assert views == ["CREATE OR REPLACE VIEW v AS SELECT id, a FROM t WHERE a <> ''"]


def test_options_of_views_stay() -> None:
    sql = TABLE + (
        "CREATE VIEW v WITH (security_barrier='true') AS SELECT id FROM t WHERE id > 0"
        " WITH LOCAL CHECK OPTION;\n"
        "CREATE RECURSIVE VIEW r (n) AS SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 3;\n"
    )
    rewrite = rewritten(sql)
    assert fate(rewrite, "public.v") == ("kept", "")
    assert "WITH LOCAL CHECK OPTION" in made(rewrite, "v")
    assert fate(rewrite, "public.r") == ("kept", "")


PARTS = """
CREATE TABLE log (at date NOT NULL, kind text, n integer) PARTITION BY RANGE (at);
CREATE TABLE log_2025 PARTITION OF log FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE log_2026 (at date NOT NULL, kind text, n integer) PARTITION BY LIST (kind);
ALTER TABLE ONLY log ATTACH PARTITION log_2026 FOR VALUES FROM ('2026-01-01') TO (MAXVALUE);
CREATE TABLE log_2026_a PARTITION OF log_2026 FOR VALUES IN ('a', NULL);
CREATE TABLE log_rest PARTITION OF log DEFAULT;
CREATE VIEW old AS SELECT sum(n) AS s FROM log_2025;
CREATE VIEW both_kinds AS SELECT p.kind, log_2025.n FROM log_2026_a p JOIN log_2025 USING (n);
CREATE VIEW rest AS SELECT * FROM log_rest;
"""
ROWS = (
    "INSERT INTO log VALUES ('2025-03-01', 'a', 1), ('2025-04-01', NULL, 2),"
    " ('2026-03-01', 'a', 2), ('2026-03-02', NULL, 1);\n"
)


def test_views_on_partitions_read_the_root(server: Server) -> None:
    rewrite = rewritten(PARTS)
    assert fate(rewrite, "public.rest")[0] == "left"
    ask = "SELECT * FROM old; SELECT * FROM both_kinds ORDER BY 2, 1;"
    with database(server, PARTS + ROWS) as old, database(server, statements(rewrite)) as new:
        run(server, new, ROWS)
        assert run(server, new, ask) == run(server, old, ask)


def test_functions_are_edited_where_a_part_is_refused() -> None:
    sql = TABLE + (
        'CREATE EXTENSION "uuid-ossp";\n'
        "CREATE FUNCTION clear() RETURNS void LANGUAGE sql AS $$ TRUNCATE t; $$;\n"
        "CREATE FUNCTION fresh() RETURNS uuid LANGUAGE sql AS $$ SELECT uuid_generate_v4() $$;\n"
        "CREATE FUNCTION one() RETURNS bigint LANGUAGE sql STABLE"
        " BEGIN ATOMIC SELECT count(*) FROM t; END;\n"
    )
    rewrite = rewritten(sql)
    assert "DELETE FROM t" in made(rewrite, "clear")
    assert "gen_random_uuid()" in made(rewrite, "fresh")
    assert fate(rewrite, "public.one") == ("kept", "")


def test_bodies_that_a_search_path_made_work_are_left() -> None:
    sql = (
        "CREATE SCHEMA s;\nCREATE TABLE s.t (id integer PRIMARY KEY);\n"
        "CREATE FUNCTION s.f() RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM t $$;\n"
        "CREATE FUNCTION s.g() RETURNS bigint LANGUAGE sql SET search_path = s"
        " AS $$ SELECT count(*) FROM t $$;\n"
    )
    rewrite = rewritten(sql)
    assert fate(rewrite, "s.f")[0] == "left"
    assert "names t without the schema" in fate(rewrite, "s.f")[1]
    assert fate(rewrite, "s.g") == ("kept", "")


def test_functions_that_need_each_other_are_left() -> None:
    sql = (
        "CREATE FUNCTION a(n integer) RETURNS integer LANGUAGE sql AS $$ SELECT b(n) $$;\n"
        "CREATE FUNCTION b(n integer) RETURNS integer LANGUAGE sql AS $$ SELECT a(n) $$;\n"
        "CREATE FUNCTION c() RETURNS integer LANGUAGE sql AS $$ SELECT 1 $$;\n"
    )
    rewrite = rewritten(sql)
    assert "need each other" in fate(rewrite, "public.a")[1]
    assert fate(rewrite, "public.c") == ("kept", "")


def test_a_function_on_the_table_that_needs_it_is_left() -> None:
    sql = TABLE + (
        "CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$ SELECT max(a) FROM t $$;\n"
        "CREATE FUNCTION other() RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM t $$;\n"
        "ALTER TABLE t ALTER a SET DEFAULT f();\n"
    )
    rewrite = rewritten(sql)
    assert "need each other" in fate(rewrite, "public.f")[1]
    assert fate(rewrite, "public.other") == ("kept", "")
    assert "DEFAULT" not in made(rewrite, "t")


def test_procedures_are_left_with_what_to_do() -> None:
    sql = TABLE + "CREATE PROCEDURE p() LANGUAGE sql AS $$ DELETE FROM t $$;\n"
    outcome, what = fate(rewritten(sql), "public.p")
    assert outcome == "left"
    assert "RETURNS void" in what


def test_an_extension_that_nothing_needs_any_more_is_absorbed() -> None:
    sql = (
        'CREATE EXTENSION "uuid-ossp";\nCREATE EXTENSION pgcrypto;\n'
        "CREATE TABLE u (id uuid PRIMARY KEY DEFAULT uuid_generate_v4(), a text);\n"
        "CREATE VIEW hashed AS SELECT digest(a, 'sha256') AS h FROM u;\n"
        "CREATE VIEW secret AS SELECT crypt(a, 'x') AS c FROM u;\n"
    )
    rewrite = rewritten(sql)
    assert fate(rewrite, "uuid-ossp") == (
        "absorbed",
        "what used it is said without it: uuid_generate_v4() is gen_random_uuid()",
    )
    assert fate(rewrite, "pgcrypto")[0] == "left"
    assert "digest(a, 'sha256') is sha256(convert_to(a, 'UTF8'))" in fate(rewrite, "hashed")[1]
    assert fate(rewrite, "public.secret")[0] == "left"
