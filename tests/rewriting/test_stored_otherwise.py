"""Columns that are stored in another type: what used them answers as before, on real rows."""

from __future__ import annotations

import pytest

from dsql_compat.rewriting.choices import Wishes
from tests.real.server import Server

from .database import database, fate, rewritten, run, statements

TABLES = """
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE TYPE place AS (street text, number integer);
CREATE TABLE hits (
    id integer PRIMARY KEY,
    ip inet,
    net cidr NOT NULL,
    mac macaddr,
    tags text[],
    counts integer[] NOT NULL DEFAULT '{}',
    during tstzrange,
    days daterange NOT NULL,
    home place,
    flags bit(4),
    doc jsonb,
    raw json,
    mood mood,
    price money,
    host text GENERATED ALWAYS AS (host(ip)) STORED,
    CONSTRAINT inside CHECK (ip << '10.0.0.0/8'::inet),
    CONSTRAINT few CHECK (cardinality(tags) < 4),
    CONSTRAINT no_drafts CHECK ('draft' <> ALL (tags)),
    CONSTRAINT short CHECK (upper(days) - lower(days) < 400),
    CONSTRAINT after_founding CHECK (days <@ daterange('1990-01-01', NULL)),
    CONSTRAINT named CHECK (doc ->> 'name' <> '')
);
CREATE INDEX hits_name ON hits ((doc ->> 'name'));
CREATE INDEX hits_first ON hits ((tags[1])) WHERE 'hot' = ANY (tags);
CREATE TABLE visits (id integer PRIMARY KEY, ip inet, tags text[]);
"""
ROWS = """
INSERT INTO hits (id, ip, net, mac, tags, counts, during, days, home, flags, doc, raw, mood, price)
VALUES
(1, '10.1.2.3', '10.1.0.0/16', '08:00:2b:01:02:03', '{hot,new}', '{1,2}',
 '[2026-01-01 00:00+00,2026-02-01 00:00+00)', '[2026-01-01,2026-02-01)', ('High St', 7), B'1010',
 '{"name":"a","n":1,"list":[1,2]}', '{"k":"v"}', 'happy', '1.50'),
(2, '10.9.9.9/24', '10.0.0.0/8', NULL, '{}', '{}', NULL, '[2025-05-05,2025-05-06)', NULL, B'0001',
 '{"name":"b"}', NULL, 'sad', NULL),
(3, NULL, '192.168.0.0/24', NULL, NULL, '{5}', '[2026-03-01 00:00+00,)', '[2024-01-01,2024-12-31)',
 ('Low Rd', NULL), NULL, NULL, '{"k":null}', NULL, '-2'),
(4, '10.1.2.30', '10.1.2.0/24', '08:00:2b:01:02:04', '{old,NULL,"two words"}', '{7,1,9}',
 '(,2020-01-01 00:00+00)', '[2000-01-01,2000-06-01)', ('', 0), B'1111', '{"name":"c","n":2}', NULL,
 'ok', '10');
INSERT INTO visits VALUES (1, '10.1.2.3', '{hot}'), (2, '10.1.2.30', '{}'), (3, NULL, NULL);
"""
# How each column of the source is written for the result; the loader does the same.
LATEST = (
    "id, ip, net, mac, to_jsonb(tags), to_jsonb(counts), lower(during), upper(during),"
    " lower(days), upper(days), to_jsonb(home), flags, doc, raw, mood, price::numeric"
)
OLD = (
    "id, ip, net, mac, tags, counts, lower(during), upper(during),"
    " lower(days), upper(days), to_jsonb(home), flags, doc, raw, mood, price::numeric"
)
COLUMNS = (
    "id, ip, net, mac, tags, counts, during_from, during_to, days_from, days_to, home, flags, doc,"
    " raw, mood, price"
)
VIEWS = [
    "SELECT id FROM hits WHERE ip << '10.1.0.0/16'",
    "SELECT h.id, host(h.ip), masklen(net) FROM hits AS h WHERE family(h.ip) = 4",
    "SELECT id, ip IS NULL AS no_ip, mac IS NOT NULL AS has_mac FROM hits",
    "SELECT a.id, b.id AS other FROM hits a JOIN visits b ON a.ip = b.ip",
    "SELECT a.id, b.id AS other FROM hits a JOIN visits b USING (ip)",
    "SELECT id FROM hits ORDER BY ip",
    "SELECT id FROM hits ORDER BY ip DESC NULLS LAST, id",
    "SELECT host(max(ip)) FROM hits",
    "SELECT count(ip), count(DISTINCT net) AS nets FROM hits",
    "SELECT id FROM hits WHERE 'hot' = ANY (tags)",
    "SELECT id FROM hits WHERE NOT 'hot' = ANY (tags)",
    "SELECT id, 'hot' <> ALL (tags) FROM hits",
    "SELECT id FROM hits WHERE tags @> ARRAY['new']",
    "SELECT id FROM hits WHERE tags && ARRAY['new', 'old']",
    "SELECT id FROM hits WHERE tags = '{}'",
    "SELECT id, tags[1], counts[2] + 1 AS following FROM hits",
    "SELECT id, cardinality(tags), array_length(tags, 1), array_length(counts, 1) AS n FROM hits",
    "SELECT id, array_to_string(tags, '-') FROM hits",
    "SELECT h.id, t.tag FROM hits h, unnest(h.tags) AS t(tag)",
    "SELECT h.id, n FROM hits h CROSS JOIN LATERAL unnest(h.counts) AS n WHERE n > 1",
    "SELECT id, (SELECT sum(c) FROM unnest(counts) AS c) FROM hits",
    "SELECT id FROM hits WHERE 1 = ANY (counts) OR counts @> '{5}'",
    "SELECT id FROM hits WHERE 7 = ANY (counts || 7)",
    "SELECT id, array_position(counts, 9) FROM hits",
    "SELECT id FROM hits WHERE days @> date '2026-01-15'",
    "SELECT id FROM hits WHERE during && tstzrange('2026-01-15+00', NULL)",
    "SELECT id, lower(days), upper(days) - 1 AS last FROM hits",
    "SELECT id, isempty(days), upper(during) IS NULL AS is_open FROM hits WHERE during IS NOT NULL",
    "SELECT id, (home).street, (home).number + 1 FROM hits",
    "SELECT id, (flags & B'0011') = B'0010' FROM hits",
    "SELECT id, doc ->> 'name' AS name, (doc -> 'n')::integer, doc ? 'list' AS listed FROM hits",
    "SELECT id FROM hits WHERE doc @> '{\"n\": 2}'",
    "SELECT h.id, e.value FROM hits h, jsonb_array_elements_text(h.doc -> 'list') AS e(value)",
    "SELECT id, raw ->> 'k' FROM hits",
    "SELECT id FROM hits WHERE mood = 'happy' OR mood IN ('sad')",
    "SELECT id, CASE mood WHEN 'ok' THEN 1 ELSE 0 END FROM hits",
    "SELECT mood::text, count(*) FROM hits GROUP BY mood",
    "SELECT id, price * 2 > 0::money AS a, price = '10'::money AS b FROM hits",
    "WITH near AS (SELECT id, ip AS address FROM hits) SELECT id FROM near WHERE host(address) > ''",
    "SELECT x.id FROM (SELECT id, doc AS d, tags FROM hits) AS x WHERE x.d ->> 'name' = 'a'",
    "SELECT s.id, s.tags[1] FROM (SELECT * FROM hits) s",
    "SELECT id FROM hits WHERE ip IN (SELECT ip FROM visits)",
    "SELECT id FROM hits WHERE EXISTS (SELECT 1 FROM visits v WHERE v.ip = hits.ip AND"
    " v.tags && ARRAY['hot'])",
    "SELECT host(u.ip) FROM (SELECT ip FROM hits UNION ALL SELECT inet '1.2.3.4') u",
    "SELECT masklen(u.ip) FROM (SELECT ip FROM hits UNION SELECT ip FROM visits) u",
    "WITH RECURSIVE w AS (SELECT id, ip FROM hits WHERE id = 1 UNION ALL"
    " SELECT h.id, h.ip FROM hits h JOIN w ON h.id = w.id + 1) SELECT id, host(ip) FROM w",
    "SELECT id, row_number() OVER (PARTITION BY family(ip) ORDER BY ip, id) FROM hits",
    "SELECT host(coalesce(ip, '9.9.9.9')) /* never empty */ FROM hits -- all of them",
]
TARGETS = [("latest", LATEST), ("2026-03", OLD)]


@pytest.mark.parametrize(("target", "written"), TARGETS)
def test_views_answer_as_before(server: Server, target: str, written: str) -> None:
    made = "".join(f"CREATE VIEW v{n} AS {query};\n" for n, query in enumerate(VIEWS))
    rewrite = rewritten(TABLES + made, target)
    assert not [(str(f.ref), f.what) for f in rewrite.left if f.ref.kind == "view"]
    with (
        database(server, TABLES + ROWS + made) as old,
        database(server, statements(rewrite)) as new,
    ):
        rows = run(server, old, f"COPY (SELECT {written} FROM hits ORDER BY id) TO STDOUT")
        run(server, new, f"COPY hits ({COLUMNS}) FROM STDIN;\n{rows}\\.\n")
        tags = "to_jsonb(tags)" if target == "latest" else "tags"
        rows = run(server, old, f"COPY (SELECT id, ip, {tags} FROM visits) TO STDOUT")
        run(server, new, f"COPY visits FROM STDIN;\n{rows}\\.\n")
        for number, query in enumerate(VIEWS):
            ask = f"\\pset footer off\n\\t off\nSELECT * FROM v{number}"
            before, after = run(server, old, ask), run(server, new, ask)
            if "ORDER BY ip" not in query:
                before, after = (sorted(text.splitlines()) for text in (before, after))
            assert after == before, query
        assert run(server, new, "SELECT host FROM hits ORDER BY id") == run(
            server, old, "SELECT host FROM hits ORDER BY id"
        )


BROKEN = {
    "inside": "ip = '11.0.0.1'",
    "few": "tags = '{a,b,c,d}'",
    "no_drafts": "tags = '{draft}'",
    "short": "days = '[2024-01-01,2026-01-01)'",
    "after_founding": "days = '[1980-01-01,1980-02-01)'",
    "named": """doc = '{"name": ""}'""",
}
BROKEN_NOW = {
    **BROKEN,
    "few": """tags = '["a","b","c","d"]'""",
    "no_drafts": """tags = '["draft"]'""",
    "short": "days_from = '2024-01-01', days_to = '2026-01-01'",
    "after_founding": "days_from = '1980-01-01', days_to = '1980-02-01'",
}


@pytest.mark.parametrize("target", ["latest", "2026-03"])
def test_checks_refuse_as_before(server: Server, target: str) -> None:
    with database(server, statements(rewritten(TABLES, target))) as new:
        empty = "'[]'" if target == "latest" else "'{}'"
        run(
            server,
            new,
            "INSERT INTO hits (id, net, counts, days_from, days_to) VALUES"
            f" (1, '10.0.0.0/8', {empty}, '2026-01-01', '2026-02-01')",
        )
        for name, change in BROKEN_NOW.items():
            if target != "latest" and name in ("few", "no_drafts"):
                change = BROKEN[name]
            done = server.tool(
                "psql", "-Xq", "-c", f"UPDATE hits SET {change}", database=new, check=False
            )
            assert f'violates check constraint "{name}"' in done.stderr, (name, done.stderr)


def test_the_text_of_a_view_stays_but_for_what_is_edited() -> None:
    sql = """CREATE TABLE t (id integer PRIMARY KEY, ip inet);
CREATE VIEW v AS
SELECT id,   -- the key
       host(ip) AS address /* as text */
  FROM t;
"""
    made = rewritten(sql).items[-1].sql
    assert made == (
        "CREATE VIEW v AS\nSELECT id,   -- the key\n"
        "       host(ip::inet) AS address /* as text */\n  FROM t"
    )


def test_what_cannot_be_said_is_left_with_the_reason() -> None:
    sql = """
CREATE EXTENSION hstore;
CREATE TABLE t (id integer PRIMARY KEY, spots point[], h hstore, words tsvector);
CREATE VIEW pairs AS SELECT id, h - 'a'::text AS rest FROM t;
CREATE VIEW search AS SELECT id FROM t WHERE words @@ to_tsquery('simple', 'a');
CREATE VIEW on_it AS SELECT * FROM search;
"""
    rewrite = rewritten(sql)
    assert fate(rewrite, "pairs") == ("left", "it uses the hstore h as DSQL cannot")
    assert fate(rewrite, "search") == ("left", "the column words is not there")
    assert fate(rewrite, "on_it") == ("left", "needs public.search")


def test_enums_as_checks_compare_as_words() -> None:
    sql = """
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE TABLE t (id integer PRIMARY KEY, m mood);
CREATE VIEW better AS SELECT id FROM t WHERE m > 'sad'::mood;
CREATE FUNCTION at(wanted mood) RETURNS SETOF integer LANGUAGE sql
    AS $$ SELECT id FROM t WHERE m = wanted $$;
"""
    rewrite = rewritten(sql, wishes=Wishes(enums="check"))
    made = {item.ref.name: item.sql for item in rewrite.items}
    assert made["better"] == "CREATE VIEW better AS SELECT id FROM t WHERE m > 'sad'::text"
    assert "at(wanted text)" in made["at"]
    assert "compares by its words" in fate(rewrite, "better")[1]
    assert "compares by its words" in fate(rewritten(sql), "better")[1]
