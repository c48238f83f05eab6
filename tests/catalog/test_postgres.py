"""What is said of PostgreSQL 16, 17 and 18, against real servers."""

from __future__ import annotations

import json

import psycopg
import pytest

from dsql_compat.catalog.postgres import newer, newer_parts, supported
from dsql_compat.checks.session import _MEANING, _TIMEOUTS, ACCEPTED, is_known_setting
from dsql_compat.checks.system_relations import (
    EXTENDED_STATISTICS,
    LARGE_OBJECTS,
    NOT_LISTED,
    READABLE,
    shows_the_server,
)
from dsql_compat.pipeline import analyze_text
from dsql_compat.sql.names import quote
from tests.catalog.make_postgres import (
    INTERNAL,
    ONLY_FOR_SUPERUSERS,
    TARGET,
    came_later,
    facts,
    read,
    rows,
)

pytestmark = pytest.mark.postgres
# DSQL's own, which no PostgreSQL has.
OF_DSQL = {"dsql.enable_batched_nestloop", "disable_sync_create_index"}
ISOLATION = {"transaction_isolation", "default_transaction_isolation"}


def said(sql: str) -> set[str]:
    """The rules that find anything but a hint."""
    return {f.rule for f in analyze_text(sql).findings if f.severity != "info"}


def names(server: str, query: str) -> list[str]:
    with psycopg.connect(server) as connection:
        return sorted(row[0] for row in connection.execute(query))


# -- the file -------------------------------------------------------------------------------------


def test_the_file_is_what_the_servers_have(sixteen: str, eighteen: str) -> None:
    """But for the versions: what came with 17 was read from one that the tests do not have."""
    with psycopg.connect(sixteen) as connection:
        superuser = rows(connection, ONLY_FOR_SUPERUSERS)
    now = facts({16: read(sixteen)[1], 18: read(eighteen)[1]}, superuser)
    kept = json.loads(TARGET.read_text("utf-8"))
    assert now["supported"] == kept["supported"]
    for kind, found in now["newer"].items():
        assert found.keys() == kept["newer"][kind].keys(), kind
        for name, parts in found.items():
            if isinstance(parts, dict):
                assert parts.keys() == kept["newer"][kind][name].keys(), name


def test_no_operator_came_later(sixteen: str, eighteen: str) -> None:
    """So that the rule on operators can go by the names of PostgreSQL 16."""
    later = came_later({16: read(sixteen)[1], 18: read(eighteen)[1]})
    assert later["operators"] == {}
    assert len(later["functions"]) > 80


# -- newer than PostgreSQL 16 ---------------------------------------------------------------------


def test_every_newer_function_is_found(eighteen: str) -> None:
    functions = sorted(newer("functions"))
    sql = "".join(f"SELECT {quote(name)}(a, b, c) FROM t;\n" for name in functions)
    found = {f.location.line for f in analyze_text(sql).findings if f.rule == "newer-function"}
    assert [name for line, name in enumerate(functions, 1) if line not in found] == []
    has = names(eighteen, f"SELECT DISTINCT proname FROM pg_proc p WHERE NOT {INTERNAL}")
    assert set(functions) <= set(has)


def test_no_function_of_postgresql_16_is_said_to_be_newer(sixteen: str) -> None:
    calls = names(
        sixteen,
        f"""SELECT DISTINCT format('SELECT %I(%s) FROM t;', proname, (
                SELECT string_agg('a', ', ') FROM generate_series(1, pronargs)))
            FROM pg_proc p WHERE pronamespace = 'pg_catalog'::regnamespace AND NOT {INTERNAL}""",
    )
    assert len(calls) > 1500
    found = analyze_text("\n".join(calls)).findings
    assert [calls[f.location.line - 1] for f in found if f.rule.startswith("newer-")] == []


def test_every_newer_relation_and_column_is_found() -> None:
    relations = [f"SELECT 1 FROM {name}" for name in newer("relations")]
    columns = [
        f"SELECT x.{quote(column)} FROM pg_catalog.{relation} x"
        for relation, found in newer_parts("columns").items()
        for column in found
    ]
    assert len(relations) + len(columns) > 40
    for sql in relations + columns:
        assert "newer-syntax" in said(sql + ";"), sql


SCHEMA = """
CREATE TABLE orders (id int PRIMARY KEY, a int, b int, t text, at timestamptz, body jsonb);
CREATE ROLE app;
"""
# Accepted by PostgreSQL 18, refused by 16.
NEWER = """
SELECT at AT LOCAL FROM orders
SELECT timezone(at) FROM orders
SELECT random(1, 6)
SELECT json_strip_nulls('{}'::json, true)
SELECT jsonb_strip_nulls('{}'::jsonb, strip_in_arrays => true)
SELECT regexp_like(string => t, pattern => 'a') FROM orders
SELECT regexp_replace(string => 'a', pattern => 'b', replacement => 'c')
SELECT min(ROW(a, b)), max(ROW(a, b)) FROM orders
SELECT max('\\x01'::bytea)
SELECT reverse('\\x01'::bytea)
SELECT 5::int::bytea
SELECT 5::bytea
SELECT '\\x00000001'::bytea::int
SELECT 'infinity'::interval, '-infinity'::interval
SELECT jsonb_path_query(body, '$.a.bigint()') FROM orders
SELECT jsonb_path_query(body, '$.a.decimal(10, 2)') FROM orders
SELECT jsonb_path_query_tz(body, '$.a.timestamp_tz()') FROM orders
SELECT JSON_EXISTS(body, '$.a') FROM orders
SELECT JSON_QUERY(body, '$.a') FROM orders
SELECT JSON_VALUE(body, '$.a') FROM orders
SELECT JSON('{}' WITH UNIQUE KEYS)
SELECT JSON_SCALAR(1)
SELECT JSON_SERIALIZE('{}')
SELECT j.id FROM orders, JSON_TABLE(body, '$[*]' COLUMNS (id int)) AS j
INSERT INTO orders (id) VALUES (1) RETURNING new.id
UPDATE orders SET a = 2 WHERE id = 1 RETURNING old.a, new.a
DELETE FROM orders WHERE id = 1 RETURNING WITH (OLD AS o) o.a
EXPLAIN (ANALYZE, SERIALIZE) SELECT 1 AS a
EXPLAIN (MEMORY) SELECT 1 AS a
ANALYZE ONLY orders
VACUUM ONLY orders
ALTER DEFAULT PRIVILEGES GRANT SELECT ON LARGE OBJECTS TO app
ALTER DEFAULT PRIVILEGES GRANT MAINTAIN ON TABLES TO app
GRANT MAINTAIN ON orders TO app
GRANT pg_maintain TO app
CREATE ROLE helper IN ROLE pg_signal_autovacuum_worker
SELECT t COLLATE pg_c_utf8 FROM orders
SELECT t COLLATE pg_unicode_fast FROM orders
SELECT conenforced FROM pg_constraint
SELECT name FROM pg_wait_events
SHOW io_method
SELECT current_setting('transaction_timeout')
SET transaction_timeout = 0
ALTER TABLE orders ADD CONSTRAINT c CHECK (a > 0) NOT ENFORCED
ALTER TABLE orders ADD CONSTRAINT n NOT NULL a
ALTER TABLE orders ADD CONSTRAINT n NOT NULL a NOT VALID
ALTER TABLE orders ADD COLUMN v int GENERATED ALWAYS AS (a * 2) VIRTUAL
ALTER TABLE orders ADD COLUMN v int GENERATED ALWAYS AS (a * 2)
CREATE TABLE p (id int, v daterange, UNIQUE (v WITHOUT OVERLAPS))
CREATE TABLE p (id int REFERENCES orders NOT ENFORCED)
CREATE TABLE p (id int PRIMARY KEY, CONSTRAINT n NOT NULL id)
CREATE FOREIGN TABLE p (LIKE orders) SERVER s
MERGE INTO orders o USING orders n ON o.id = n.id WHEN NOT MATCHED BY SOURCE THEN DELETE
CREATE EVENT TRIGGER e ON login EXECUTE FUNCTION pg_sleep()
COPY orders FROM STDIN WITH (ON_ERROR ignore)
COPY orders FROM STDIN WITH (ON_ERROR ignore, LOG_VERBOSITY verbose)
COPY orders FROM STDIN WITH (ON_ERROR ignore, REJECT_LIMIT 5)
COPY orders FROM STDIN WITH (FORMAT csv, FORCE_NULL *)
COPY orders FROM STDIN WITH (FORMAT csv, FORCE_NOT_NULL *)
""".strip().splitlines()
# Statements that need more than this server has, or a client that feeds them.
NOT_RUN = (
    "COPY",
    "CREATE FOREIGN TABLE",
    "CREATE EVENT TRIGGER",
    "VACUUM",
    "CREATE TABLE p (id int, v",
)
# Accepted by both, though they look as new.
OLD = """
SELECT at AT TIME ZONE 'UTC', timezone('UTC', at) FROM orders
SELECT random(), random_normal(), any_value(a) FROM orders
SELECT json_strip_nulls('{}'::json), regexp_like(t, 'a') FROM orders
SELECT min(a), max(t), reverse(t) FROM orders GROUP BY t
SELECT int4send(5), '\\x01'::bytea, '1 day'::interval, 'infinity'::timestamp
SELECT jsonb_path_query(body, '$.a.double()'), jsonb_path_query(body, '$.a.type()') FROM orders
SELECT JSON_OBJECT('a': 1), JSON_ARRAY(1, 2), '{}' IS JSON
SELECT JSON_OBJECTAGG('a': 1), JSON_ARRAYAGG(1)
SELECT JSON('{}'), JSON(t) FROM orders WHERE a > 1
EXPLAIN (ANALYZE, VERBOSE, BUFFERS, SETTINGS, WAL) SELECT 1 AS a
EXPLAIN (GENERIC_PLAN) SELECT 1 AS a
SELECT a FROM (SELECT 1 AS a)
SELECT 0x1F, 0b101, 1_000
SELECT pg_input_is_valid('a', 'int'), date_add(now(), '1 day'), array_shuffle(ARRAY[1])
SHOW work_mem
SELECT conname, convalidated FROM pg_constraint
GRANT pg_read_all_data TO app
ANALYZE orders
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO app
""".strip().splitlines()


def takes(server: str, sql: str) -> bool:
    """Whether a server takes a statement; nothing of it stays."""
    with psycopg.connect(server) as connection:
        try:
            with connection.transaction(force_rollback=True):
                connection.execute(SCHEMA)
                connection.execute(sql)
        except psycopg.Error:
            return False
        return True


@pytest.mark.parametrize("sql", NEWER)
def test_what_came_later_is_refused(sql: str, sixteen: str, eighteen: str) -> None:
    assert [f for f in analyze_text(SCHEMA + sql + ";").findings if f.severity == "error"]
    if not sql.startswith(NOT_RUN):
        assert takes(eighteen, sql)
        assert not takes(sixteen, sql)


@pytest.mark.parametrize("sql", OLD)
def test_what_was_there_before_is_not_said_to_be_newer(
    sql: str, sixteen: str, eighteen: str
) -> None:
    assert takes(sixteen, sql)
    assert takes(eighteen, sql)
    found = analyze_text(SCHEMA + sql + ";").findings
    assert [f.rule for f in found if f.severity == "error"] == []


# -- settings -------------------------------------------------------------------------------------


def test_every_setting_that_is_spoken_of_exists(sixteen: str) -> None:
    assert {name for name in {*ACCEPTED, *_TIMEOUTS, *_MEANING} if not is_known_setting(name)} == (
        set()
    )
    assert supported("settings") >= ACCEPTED - OF_DSQL
    with psycopg.connect(sixteen) as connection:
        for name in sorted(ACCEPTED - OF_DSQL):
            connection.execute(f"SET {name} TO DEFAULT" if name != "role" else "SET ROLE NONE")


def test_every_other_setting_of_a_server_is_refused(sixteen: str, eighteen: str) -> None:
    query = "SELECT lower(name) FROM pg_settings WHERE name !~ '[.]'"
    everything = {*names(sixteen, query), *names(eighteen, query)}
    assert len(everything) > 380
    settings = sorted(everything - ACCEPTED - ISOLATION)
    sql = "".join(f"SET {name} = 1;\n" for name in settings)
    found = {f.location.line: f for f in analyze_text(sql).findings if f.severity == "error"}
    assert [name for line, name in enumerate(settings, 1) if line not in found] == []
    messages = "\n".join(f.message for f in found.values())
    assert "is the name right?" not in messages


def test_a_name_that_no_server_knows_is_told_apart(sixteen: str) -> None:
    for sql in ("SET serach_path = public", "SHOW wrok_mem", "SELECT current_setting('tiemzone')"):
        (finding,) = (f for f in analyze_text(sql + ";").findings if f.severity == "error")
        assert "is the name right?" in finding.message
        assert not takes(sixteen, sql)


def test_what_a_server_shows_is_not_refused(sixteen: str) -> None:
    shown = names(sixteen, "SELECT lower(name) FROM pg_settings WHERE name !~ '[.]'")
    sql = "".join(f"SHOW {name};\nSELECT current_setting('{name}');\n" for name in shown)
    assert [f.message for f in analyze_text(sql).findings if f.rule == "show-setting"] == []


# -- catalogs and built-in functions --------------------------------------------------------------


def test_every_relation_of_the_catalog_is_in_one_list(sixteen: str) -> None:
    relations = names(
        sixteen,
        "SELECT relname FROM pg_class WHERE relkind IN ('r', 'v')"
        " AND relnamespace = 'pg_catalog'::regnamespace",
    )
    lists = [READABLE, NOT_LISTED, EXTENDED_STATISTICS, LARGE_OBJECTS]
    wrong = {
        name: count
        for name in relations
        if (count := sum(name in known for known in lists) + shows_the_server(name)) != 1
    }
    assert wrong == {}
    assert frozenset().union(*lists) <= set(relations), "a slip in a list"


def test_a_relation_is_told_when_dsql_lacks_it(sixteen: str) -> None:
    for name in sorted(NOT_LISTED | LARGE_OBJECTS | {"pg_locks", "pg_stat_user_tables"}):
        assert said(f"SELECT 1 FROM {name};"), name
        assert said(f"SELECT 1 FROM pg_catalog.{name} x;"), name
    for name in sorted(READABLE):
        assert said(f"SELECT 1 FROM {name};") == set(), name
    for name in names(
        sixteen,
        "SELECT table_name FROM information_schema.views WHERE table_schema = 'information_schema'",
    ):
        assert said(f"SELECT 1 FROM information_schema.{name};") == set(), name
    assert said("SELECT * FROM sys.jobs;") == set()
    assert said("SELECT * FROM sys.iam_pg_role_mappings;") == set()


# Families of built-in functions of which DSQL takes none, by what a server knows of them.
FAMILIES = {
    "advisory-lock": "proname LIKE '%advisory%'",
    "large-object": "proname ~ '^lo_|^loread$|^lowrite$'",
    "xml-function": "(prorettype = 'xml'::regtype OR 'xml'::regtype = ANY (proargtypes))"
    " AND proname <> 'text'",
    "geometric-value": "prorettype IN ('point'::regtype, 'line'::regtype, 'lseg'::regtype,"
    " 'box'::regtype, 'path'::regtype, 'polygon'::regtype, 'circle'::regtype)",
    "text-search-function": "'regconfig'::regtype = ANY (proargtypes)",
    "publication": "proname ~ 'replication_slot|^pg_logical_' AND proname !~ '^pg_stat'",
    "size-function": "proname ~ '^pg_.*(relation|table|indexes|database|tablespace)_size$'",
    "statistics-view": "proname ~ '^pg_stat_(get|reset)'",
    "superuser-function": "proacl IS NOT NULL AND proname !~ '^pg_stat_|^lo_'"
    " AND NOT EXISTS (SELECT FROM aclexplode(proacl) a WHERE a.grantee = 0)"
    " AND proname NOT IN ('pg_get_backend_memory_contexts', 'pg_get_shmem_allocations')",
}
# What the parser makes of grammar of its own is said of the grammar, and support functions by none.
GRAMMAR = {"xmlexists", "xmlconcat2"}


@pytest.mark.parametrize("rule", FAMILIES)
def test_every_function_of_a_family_is_told(rule: str, sixteen: str) -> None:
    functions = names(
        sixteen,
        f"""SELECT DISTINCT proname FROM pg_proc p
            WHERE pronamespace = 'pg_catalog'::regnamespace AND prokind IN ('f', 'a')
            AND proname !~ 'send$|^spg_' AND NOT {INTERNAL} AND ({FAMILIES[rule]})""",
    )
    assert functions
    silent = [
        name
        for name in functions
        if name not in GRAMMAR
        and rule not in said(f"SELECT pg_catalog.{quote(name)}('a', b, c) FROM t;")
    ]
    assert silent == []
