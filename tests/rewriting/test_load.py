"""`rewrite --data` on dumps: what PostgreSQL has after the load is what the source had."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dsql_compat.cli.app import app

from ..real.server import FORMATS, Server
from .loads import (
    assert_same_rows,
    assert_transactions_fit,
    content,
    load_result,
    load_server,
    load_source,
    rewritten,
    table_of,
)

__all__ = ["load_server"]

SAMPLES = sorted(Path(__file__).parents[2].glob("sample_schemas/*/schema.sql"))

NASTY = r"""
CREATE SCHEMA other;
CREATE TYPE mood AS ENUM ('sad', 'it''s "ok"', '{}');
CREATE TYPE pair AS (a text, b numeric);
CREATE DOMAIN tags AS text[];
CREATE TABLE texts (id integer PRIMARY KEY, body text, "Odd ""Name" text);
INSERT INTO texts SELECT n, repeat(chr(n % 127 + 1), n % 7) || chr(9) || chr(10) || chr(13) || '\N \. \\ ' || n,
  CASE n % 5 WHEN 0 THEN '\.' WHEN 1 THEN NULL WHEN 2 THEN '' WHEN 3 THEN '\N' ELSE '''";--' END
  FROM generate_series(1, 7001) AS n;
CREATE TABLE one (body text);
INSERT INTO one VALUES ('\.'), ('\\.'), (''), (NULL), ('COPY x FROM stdin;'), (E'\n\\.\n'), ('-- c');
CREATE TABLE kinds (
  id serial PRIMARY KEY, words text[], grid integer[], flags boolean[] DEFAULT '{}', price money,
  m mood, p pair, ps pair[], span int4range, period tstzrange, nums numrange, days daterange,
  b bit(4), vb bit varying(8), net inet, mac macaddr, x xml, doc json, docb jsonb, o oid,
  amount numeric, wide character(5000), padded character(8), t tags, at timestamptz[],
  twice integer GENERATED ALWAYS AS (id * 2) STORED, by bytea, iv interval, pt point, u uuid
);
INSERT INTO kinds (words, grid, price, m, p, ps, span, period, nums, days, b, vb, net, mac, doc,
  docb, o, amount, wide, padded, t, at, by, iv, pt, u)
SELECT CASE n % 4 WHEN 0 THEN '{}' WHEN 1 THEN ARRAY['a,b', 'NULL', NULL, '"', '\', E'x\ty\n', '']
    WHEN 2 THEN NULL ELSE ARRAY['é', '日本'] END,
  ARRAY[[n, 2], [3, NULL]], (n - 50) * 12345.67::numeric::money,
  (ENUM_RANGE(NULL::mood))[n % 3 + 1], ROW(E'a "q", \\ (b)\n', n / 3.0)::pair,
  ARRAY[ROW(NULL, 1), ROW('x,y', NULL)]::pair[],
  CASE n % 4 WHEN 0 THEN 'empty' WHEN 1 THEN '[1,5]' WHEN 2 THEN '(,7)' ELSE NULL END::int4range,
  tstzrange('2020-01-01', NULL), numrange(n, n + 0.5, '[]'), daterange('2020-01-01', '2020-02-01'),
  B'0101', B'1', '10.0.0.1', '08:00:2b:01:02:03', '{"a": 1.50,  "b":null}',
  '{"k": ["\\", "\t"]}', 4000000000, n + 0.12345, 'wide' || n, 'p' || n, ARRAY['t' || n],
  ARRAY['2020-01-01 12:00:00+00'::timestamptz], '\x00ff5c6e', '1 mon 2 days', '(1,2)',
  'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'
FROM generate_series(1, 100) AS n;
CREATE TABLE other.texts (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body text);
INSERT INTO other.texts (body) SELECT 'other ' || n FROM generate_series(1, 10) AS n;
CREATE TABLE logs (id integer, day date, body text, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM ('2020-01-01') TO ('2020-02-01');
CREATE TABLE logs_2 (body text, gone integer, day date NOT NULL, id integer NOT NULL);
ALTER TABLE logs_2 DROP COLUMN gone;
ALTER TABLE logs ATTACH PARTITION logs_2 FOR VALUES FROM ('2020-02-01') TO ('2021-01-01');
INSERT INTO logs SELECT n, '2020-01-01'::date + n % 300, 'log ' || n FROM generate_series(1, 4000) n;
CREATE TABLE a (id integer PRIMARY KEY, b_id integer);
CREATE TABLE b (id integer PRIMARY KEY, a_id integer REFERENCES a (id));
ALTER TABLE a ADD CONSTRAINT a_b_fkey FOREIGN KEY (b_id) REFERENCES b (id);
INSERT INTO a VALUES (1, NULL), (2, NULL);
INSERT INTO b VALUES (1, 2), (2, 1);
UPDATE a SET b_id = id;
CREATE TABLE heavy (id integer PRIMARY KEY, body text UNIQUE);
INSERT INTO heavy SELECT n, n || repeat('x', 2000) FROM generate_series(1, 1300) AS n;
CREATE TABLE blobs (id integer PRIMARY KEY, body text);
INSERT INTO blobs SELECT n, n || repeat(md5(n::text), 3000) FROM generate_series(1, 260) AS n;
CREATE TABLE empty_ones (id integer PRIMARY KEY);
"""


@pytest.fixture(scope="module")
def dumps(load_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The nasty schema, dumped in every format."""
    folder = tmp_path_factory.mktemp("nasty")
    file = folder / "authored.sql"
    file.write_text(NASTY)
    load_server.create("nasty")
    load_server.tool("psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-f", str(file), database="nasty")
    load_server.dump("nasty", folder)
    return folder


@pytest.mark.parametrize("format_", ["data", "inserts", "column-inserts"])
def test_nasty_rows_come_through(
    load_server: Server, dumps: Path, tmp_path: Path, format_: str
) -> None:
    folder, database = tmp_path / "dsql", f"nasty_{format_}"
    plan = rewritten(dumps / FORMATS[format_][0], folder)
    assert assert_transactions_fit(folder) > 10
    load_result(load_server, database, folder, plan)
    assert assert_same_rows(load_server, "nasty", database, plan) == 12682
    load_server.drop(database)


def test_a_dump_in_latin1_is_utf8_afterwards(load_server: Server, tmp_path: Path) -> None:
    dump, folder = tmp_path / "latin.sql", tmp_path / "dsql"
    dump.write_bytes(
        "SET client_encoding = 'LATIN1';\nCREATE TABLE t (id int PRIMARY KEY, w text[]);\n"
        'COPY t (id, w) FROM stdin;\n1\t{é,"ü ß"}\n\\.\n'
        "INSERT INTO t VALUES (2, '{ø}');\n".encode("latin-1")
    )
    plan = rewritten(dump, folder)
    load_result(load_server, "latin", folder, plan)
    assert content(load_server, "latin", "SELECT w FROM t ORDER BY id") == ['["é", "ü ß"]', '["ø"]']
    load_server.drop("latin")


def test_rows_go_where_the_search_path_said(load_server: Server, tmp_path: Path) -> None:
    """Two tables of one name, one renamed and one made again after its rows came."""
    dump, folder = tmp_path / "history.sql", tmp_path / "dsql"
    dump.write_text(
        "CREATE SCHEMA a; CREATE SCHEMA b;\nSET search_path = a;\n"
        "CREATE TABLE t (id int PRIMARY KEY, v text);\nINSERT INTO t VALUES (1, 'a');\n"
        "SET search_path = b;\nCREATE TABLE t (v text, id int);\n"
        "INSERT INTO t VALUES ('b', 1);\nALTER TABLE t RENAME TO u;\n"
        "ALTER TABLE u RENAME COLUMN v TO w;\nINSERT INTO u VALUES ('c', 2);\n"
        "CREATE TABLE t (id int PRIMARY KEY);\nINSERT INTO t VALUES (7);\nDROP TABLE t;\n"
        "CREATE TABLE t (id int PRIMARY KEY);\nINSERT INTO t VALUES (8);\n"
    )
    plan = rewritten(dump, folder)
    load_result(load_server, "history", folder, plan)
    assert content(load_server, "history", "SELECT * FROM a.t") == ["1|a"]
    assert content(load_server, "history", "SELECT w, id FROM b.u ORDER BY id") == ["b|1", "c|2"]
    assert content(load_server, "history", "SELECT * FROM b.t") == ["8"]
    load_server.drop("history")


def test_written_by_hand(load_server: Server, tmp_path: Path) -> None:
    dump, folder = tmp_path / "seed.sql", tmp_path / "dsql"
    dump.write_text(
        "CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, w text[], v text, n int,"
        " d timestamptz DEFAULT now());\n"
        "INSERT INTO t (w, v, n) VALUES (ARRAY['a', NULL, 'c\"d'], E'tab\\there', -1),"
        " ('{1}'::text[], 'x'::varchar, DEFAULT);\n"
        "INSERT INTO t (w, v, d) VALUES (ARRAY[]::text[], NULL, now());\n"
        "INSERT INTO t (v) SELECT v FROM t;\nUPDATE t SET n = 5;\n"
    )
    plan = rewritten(dump, folder)
    load_result(load_server, "seed", folder, plan)
    assert content(load_server, "seed", "SELECT w, v, n FROM t ORDER BY w::text") == [
        '["1"]|x|',
        '["a", null, "c\\"d"]|tab\there|-1',
        "[]||",
    ]
    assert [s["what"] for s in plan["load"]["not_carried_over"]] == [
        "INSERT of what is no constant",
        "UPDATE",
    ]
    assert "DSQL numbers id anew" in (folder / "load" / "plan.md").read_text()
    load_server.drop("seed")


# -- the plan -------------------------------------------------------------------------------------


def test_the_plan_names_order_sizes_and_conversions(dumps: Path, tmp_path: Path) -> None:
    folder = tmp_path / "dsql"
    plan = rewritten(dumps / "data.sql", folder)
    order = [t["table"] for t in plan["load"]["tables"]]
    assert sorted(order) == sorted(t["name"] for t in plan["tables"])
    assert order.index("public.a") > order.index("public.b") or order.index(
        "public.b"
    ) > order.index("public.a")
    circle = [k for t in ("public.a", "public.b") for k in table_of(plan, t)["foreign_keys_after"]]
    assert len(circle) == 1
    logs = table_of(plan, "public.logs")
    assert logs["rows"] == 4000
    assert set(logs["rows_from"]) == {"public.logs", "public.logs_1", "public.logs_2"}
    assert table_of(plan, "public.blobs")["batch_rows"] < 100
    kinds = {c["to"]: c["conversion"] for c in table_of(plan, "public.kinds")["conversions"]}
    assert kinds["words"] == "array" and kinds["price"] == "money" and kinds["wide"] == "unpadded"
    assert kinds["span_from"] == "range-lower" and kinds["span_to"] == "range-upper"
    assert "25 empty ranges in span" in (folder / "load" / "plan.md").read_text()


def test_a_plan_without_data_writes_no_rows(dumps: Path, tmp_path: Path) -> None:
    folder = tmp_path / "dsql"
    arguments = ["rewrite", str(dumps / "data.sql"), "--output", str(folder)]
    assert CliRunner().invoke(app, arguments).exit_code == 0
    assert [p.name for p in (folder / "load").iterdir()] == ["plan.md"]
    plan = json.loads((folder / "plan.json").read_text())
    assert table_of(plan, "public.texts")["rows"] == 7001
    assert table_of(plan, "public.texts")["transactions"] == 3


def test_rows_too_wide_are_named_and_not_shown(tmp_path: Path) -> None:
    dump, folder = tmp_path / "wide.sql", tmp_path / "dsql"
    secret = "s3cret" * 400_000
    dump.write_text(
        f"CREATE TABLE t (id int PRIMARY KEY, doc text);\nCOPY t (id, doc) FROM stdin;\n1\t{secret}\n\\.\n"
    )
    plan = rewritten(dump, folder)
    assert len(table_of(plan, "public.t")["warnings"]) == 2
    assert "2 MiB" in (folder / "load" / "plan.md").read_text()
    shown = "".join(p.read_text() for p in folder.rglob("*.md")) + json.dumps(plan)
    assert "s3cret" not in shown


# -- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("COPY t (id, w) FROM stdin WITH (FORMAT csv);\n1,s3cret\n\\.\n", "FORMAT"),
        ("COPY t (id, w) FROM stdin WITH NULL AS '';\n1\ts3cret\n\\.\n", "NULL"),
        ("COPY t (id, w) FROM stdin;\n1\n\\.\n", "row 1 has not 2 values"),
        ("COPY t (id, w) FROM stdin;\n1\t{a}\n2\t{s3cret\n\\.\n", "row 2, column w: no array"),
        ("COPY t (id, w) FROM stdin;\n1\t{a\\\nb}\n\\.\n", "backslash at the end"),
        (
            "SET standard_conforming_strings = off;\nINSERT INTO t VALUES (1, '{\"s3cret\\\\\"}');\n",
            "standard_conforming_strings",
        ),
        ("INSERT INTO t VALUES (1, '{s3cret');\n", "row 1, column w: no array"),
        ("COPY t (id, nope) FROM stdin;\n1\ts3cret\n\\.\n", "column nope"),
    ],
)
def test_what_cannot_be_carried_is_told_and_nothing_is_written(
    tmp_path: Path, rows: str, told: str
) -> None:
    dump, folder = tmp_path / "bad.sql", tmp_path / "dsql"
    dump.write_text("CREATE TABLE t (id int PRIMARY KEY, w text[]);\n" + rows)
    done = CliRunner().invoke(app, ["rewrite", str(dump), "--data", "--output", str(folder)])
    assert done.exit_code == 2
    assert told in done.output and "bad.sql:" in done.output
    assert "s3cret" not in done.output
    assert sorted(p.name for p in tmp_path.iterdir()) == ["bad.sql"]


def test_bytes_of_no_declared_encoding_are_refused(tmp_path: Path) -> None:
    dump, folder = tmp_path / "bad.sql", tmp_path / "dsql"
    dump.write_bytes(b"CREATE TABLE t (v text);\nCOPY t (v) FROM stdin;\ncaf\xe9\n\\.\n")
    done = CliRunner().invoke(app, ["rewrite", str(dump), "--data", "--output", str(folder)])
    assert done.exit_code == 2
    assert "bad.sql:2: rows of t that are no UTF-8" in done.output
    assert not folder.exists()


def test_standard_input_is_read_twice(tmp_path: Path) -> None:
    folder = tmp_path / "dsql"
    sql = "CREATE TABLE t (v text);\nCOPY t (v) FROM stdin;\na\nb\n\\.\n"
    done = CliRunner().invoke(app, ["rewrite", "-", "--data", "--output", str(folder)], input=sql)
    assert done.exit_code == 0, done.output
    assert (folder / "load" / "001-public.t.sql").read_text() == (
        "COPY public.t (v) FROM stdin;\na\nb\n\\.\n"
    )


# -- numbers --------------------------------------------------------------------------------------

SEQUENCES = """
CREATE TABLE never (id serial PRIMARY KEY, v text);
CREATE TABLE called (id serial PRIMARY KEY, v text);
INSERT INTO called (v) VALUES ('a'), ('b');
CREATE TABLE stepped (id integer GENERATED BY DEFAULT AS IDENTITY (INCREMENT BY 5 START WITH 7), v text);
INSERT INTO stepped (v) VALUES ('a'), ('b');
CREATE TABLE stepped_never (id integer GENERATED BY DEFAULT AS IDENTITY (INCREMENT BY 5 START WITH 7), v text);
CREATE TABLE down (id integer GENERATED BY DEFAULT AS IDENTITY (INCREMENT BY -1 START WITH 3 MAXVALUE 3), v text);
INSERT INTO down (v) VALUES ('a'), ('b'), ('c');
CREATE TABLE down_never (id integer GENERATED BY DEFAULT AS IDENTITY (INCREMENT BY -1), v text);
CREATE TABLE down_from_one (id integer GENERATED BY DEFAULT AS IDENTITY (INCREMENT BY -2 START WITH 1 MAXVALUE 9), v text);
CREATE TABLE low (id integer GENERATED BY DEFAULT AS IDENTITY (MINVALUE -10 START WITH 1), v text);
CREATE TABLE up_to_zero (id integer GENERATED BY DEFAULT AS IDENTITY (MINVALUE -10 START WITH -1), v text);
INSERT INTO up_to_zero (v) VALUES ('a');
CREATE TABLE minimum (id integer GENERATED ALWAYS AS IDENTITY (MINVALUE 100), v text);
INSERT INTO minimum (v) VALUES ('a');
CREATE TABLE cycled (id integer GENERATED BY DEFAULT AS IDENTITY (MAXVALUE 3 CYCLE), v text);
INSERT INTO cycled (v) VALUES ('a'), ('b'), ('c');
CREATE TABLE always (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, v text);
INSERT INTO always (v) VALUES ('a'), ('b');
CREATE TABLE ahead (id serial PRIMARY KEY, v text);
INSERT INTO ahead VALUES (50, 'by hand');
SELECT setval('ahead_id_seq', 99);
CREATE TABLE behind (id serial PRIMARY KEY, v text);
SELECT setval('behind_id_seq', 42, false);
"""
NUMBERED = [line.split()[2] for line in SEQUENCES.splitlines() if line.startswith("CREATE TABLE")]


@pytest.mark.parametrize("format_", ["data", "inserts", "column-inserts"])
def test_the_next_number_is_the_one_postgres_would_have_given(
    load_server: Server, tmp_path: Path, format_: str
) -> None:
    source, result = f"numbers_{format_}", f"numbers_{format_}_after"
    authored, folder = tmp_path / "authored.sql", tmp_path / "dsql"
    authored.write_text(SEQUENCES)
    load_source(load_server, source, authored)
    load_server.dump(source, tmp_path)
    plan = rewritten(tmp_path / FORMATS[format_][0], folder, "--identity-cache", "1")
    load_result(load_server, result, folder, plan)
    assert assert_same_rows(load_server, source, result, plan) == 15
    found = {}
    for table in NUMBERED:
        insert = f"INSERT INTO public.{table} (v) VALUES ('next') RETURNING id"
        found[table] = [content(load_server, d, insert) for d in (source, result)]
    assert {t: new for t, (_, new) in found.items()} == {t: old for t, (old, _) in found.items()}
    load_server.drop(source)
    load_server.drop(result)


# -- samples --------------------------------------------------------------------------------------


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.parent.name)
def test_samples_load(load_server: Server, tmp_path: Path, sample: Path) -> None:
    folder, name = tmp_path / "dsql", f"sample_{sample.parent.name}"
    plan = rewritten(sample, folder)
    load_source(load_server, name, sample)
    load_result(load_server, f"{name}_after", folder, plan)
    assert_transactions_fit(folder)
    rows = assert_same_rows(load_server, name, f"{name}_after", plan)
    assert rows == sum(t["rows"] for t in plan["load"]["tables"])
    load_server.drop(name)
    load_server.drop(f"{name}_after")
