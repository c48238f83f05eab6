"""CREATE TABLE AS and SELECT INTO: a table and its rows where the columns are certain."""

from __future__ import annotations

import pytest

from tests.real.server import Server

from .database import database, fate, rewritten, run, statements

BASE = "CREATE TABLE t (id bigint PRIMARY KEY, name varchar(20), at timestamptz, tags text[]);\n"
PLAIN = BASE.replace(", tags text[]", "")
MADE = "CREATE TABLE c AS SELECT id, name AS n, id + 1 AS x, 'k' AS k, at::date AS d FROM t;"


def test_the_table_is_made_and_filled_after_the_load() -> None:
    found = rewritten(f"{PLAIN} {MADE}")
    made = [(item.phase, item.sql) for item in found.items[1:]]
    columns = "id bigint, n character varying(20), x bigint, k text, d date"
    query = MADE.removeprefix("CREATE TABLE c AS ").removesuffix(";")
    assert made == [
        ("schema", f"CREATE TABLE public.c ({columns})"),
        ("after-load", f"INSERT INTO public.c (id, n, x, k, d) {query}"),
    ]
    outcome, what = fate(found, "public.c")
    assert outcome == "changed"
    assert "3,000 rows" in what


def test_without_data_nothing_is_inserted() -> None:
    found = rewritten(f"{PLAIN} CREATE TABLE c AS SELECT id, at FROM t WITH NO DATA;")
    assert [item.phase for item in found.items] == ["schema", "schema"]
    assert "without rows" in fate(found, "public.c")[1]


@pytest.mark.postgres
@pytest.mark.parametrize("made", [MADE, "SELECT id, name INTO c FROM t WHERE id > 1;"])
def test_it_holds_what_the_query_gave(server: Server, made: str) -> None:
    rows = "INSERT INTO t VALUES (1, 'a', '2026-01-01'), (2, NULL, NULL);"
    types = (
        "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute "
        "WHERE attrelid = 'c'::regclass AND attnum > 0 ORDER BY attnum; SELECT * FROM c ORDER BY 1;"
    )
    with database(server, f"{PLAIN} {rows} {made}") as before:
        wanted = run(server, before, types)
    first, *rest = statements(rewritten(f"{PLAIN} {made}"))
    with database(server, [first, rows.removesuffix(";"), *rest]) as after:
        assert run(server, after, types) == wanted
    assert "\n2|" in wanted


@pytest.mark.parametrize(
    "sql",
    [
        f"{PLAIN} CREATE TABLE c AS SELECT count(*) AS n FROM t;",
        f"{BASE} CREATE TABLE c AS SELECT tags FROM t;",
        f"{PLAIN} {MADE} CREATE INDEX ON c (id);",
        f"{PLAIN} {MADE} UPDATE t SET name = 'x';",
        f"{PLAIN} {MADE} ALTER TABLE t DROP COLUMN name;",
        f"{PLAIN} {MADE} INSERT INTO c VALUES (1);",
        f"{PLAIN} CREATE VIEW v AS SELECT id FROM t; CREATE TABLE c AS SELECT id FROM v;",
    ],
    ids=["guess", "stored otherwise", "index", "rows", "column", "more rows", "view"],
)
def test_what_is_not_certain_is_left(sql: str) -> None:
    found = rewritten(sql)
    assert fate(found, "public.c")[0] == "left"
    assert not [item for item in found.items if "public.c " in item.sql]
