"""What the rewrite of INHERITS writes out: the columns as PostgreSQL hands them down."""

from __future__ import annotations

import pytest

from dsql_compat.pipeline import analyze_text

CASES = {
    "not null as PostgreSQL 18 writes it": (
        "CREATE TABLE p (a integer NOT NULL, b text);\n"
        "CREATE TABLE c (NOT NULL a, d text, CONSTRAINT c_d NOT NULL d) INHERITS (p);",
        "CREATE TABLE c (a integer NOT NULL, b text, d text NOT NULL);",
    ),
    "nothing but not null": (
        "CREATE TABLE p (a integer, b text);\nCREATE TABLE c (NOT NULL a) INHERITS (p);",
        "CREATE TABLE c (a integer NOT NULL, b text);",
    ),
    "serial": (
        "CREATE TABLE p (id serial NOT NULL);\nCREATE TABLE c (d text) INHERITS (p);",
        "CREATE TABLE c (id bigint DEFAULT nextval('public.p_id_seq') NOT NULL, d text);",
    ),
    "identity": (
        "CREATE TABLE p (id int GENERATED ALWAYS AS IDENTITY (CACHE 1));\n"
        "CREATE TABLE c (d text) INHERITS (p);",
        "CREATE TABLE c (id bigint NOT NULL, d text);",
    ),
    "keys and references stay with the parent": (
        "CREATE TABLE k (id bigint PRIMARY KEY);\n"
        "CREATE TABLE p (k bigint DEFAULT 1 UNIQUE CHECK (k > 0) REFERENCES k);\n"
        "CREATE TABLE c (d text) INHERITS (p);",
        "CREATE TABLE c (k bigint DEFAULT 1 CHECK (k > 0), d text);",
    ),
    "as pg_dump writes serial": (
        "CREATE TABLE p (id integer NOT NULL);\n"
        "CREATE SEQUENCE p_id_seq AS integer CACHE 1;\n"
        "ALTER SEQUENCE p_id_seq OWNED BY p.id;\n"
        "CREATE TABLE c (d text) INHERITS (p);\n"
        "ALTER TABLE ONLY p ALTER COLUMN id SET DEFAULT nextval('p_id_seq'::regclass);\n"
        "ALTER TABLE ONLY c ALTER COLUMN id SET DEFAULT nextval('p_id_seq'::regclass);",
        "CREATE TABLE c (id bigint NOT NULL, d text);",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_child_is_written_out_with_what_it_inherits(case: str) -> None:
    sql, wanted = CASES[case]
    (found,) = [f for f in analyze_text(sql).findings if f.rule == "table-inheritance"]
    assert found.rewrite is not None
    assert found.rewrite.after == [wanted]
    again = [f.rule for f in analyze_text(wanted).findings if f.severity == "error"]
    assert again == []


def test_columns_with_the_numbers_of_another_are_told() -> None:
    sql = (
        "CREATE TABLE p (id serial PRIMARY KEY);\n"
        "CREATE TABLE c (id integer NOT NULL, d text) INHERITS (p);\n"
        "CREATE TABLE far () INHERITS (c);\n"
    )
    report = analyze_text(sql)
    (serial,) = [f for f in report.findings if f.rule == "serial-column"]
    (shared,) = [f for f in report.findings if f.rule == "key-reference-type"]
    assert any("id of public.c, id of public.far" in n for n in serial.rewrite.notes), serial
    assert "holds the same numbers as public.p.id" in shared.message
    assert (shared.cause, shared.rewrite.after) == (serial.id, ["id bigint NOT NULL"])
