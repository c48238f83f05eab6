"""The script of `dsql-compat collect`: the queries of this package, for psql alone.

One script serves all versions: psql leaves lines out by the version of the server.  Every row is a
line of JSON behind the beginning of its SHA-256, so that a file that was edited shows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from dsql_compat.sources.database.measuring import ROWS, SECONDS, TABLE_SECONDS
from dsql_compat.sources.database.queries import MARK, source_of

FORMAT = 1
CATALOG = (
    *("depends", "comments", "schemas", "tables", "columns", "inherits", "sequences", "aggregates"),
    *("routines", "types", "objects", "operators", "text_search", "user_mappings"),
    *("default_acls", "indexes", "constraints", "table_objects", "publications", "subscriptions"),
    *("event_triggers", "system_grants", "whole", "sizes"),
)
GLOBALS = ("roles", "role_settings", "memberships", "tablespaces")
_SESSIONS = ("advisory", "prepared", "temporary", "isolation")
_MASKED = r"(password\s+)(''[^'']*''|\$[^$]*\$[^$]*\$[^$]*\$)"
_HEAD = """\
-- dsql-compat collect: what Aurora DSQL would make of this database, collected with psql alone.
--
--     psql -X -f collect.sql -o collected.txt 'host=… dbname=…'
--     dsql-compat analyze collected.txt
--
-- It only reads: one READ ONLY transaction for the catalog, with limits of time, then at most
-- :sample rows of each table to find how wide rows and values are.  The output holds definitions,
-- comments, counts and widths, and no rows.  pg_stat_statements keeps the constants of some
-- statements (SET, CREATE ROLE, DO …): look at its section before the file leaves the house.
--
-- Settings, by psql -v NAME=VALUE:
--     sizes=off       no row is looked at
--     sample=%(sample)s     rows of each large table
--     exact=true      all rows of all tables
--     seconds=%(seconds)s     for all tables together; with exact=true say more
--     statements=off  nothing of pg_stat_statements and pg_stat_activity
--     globals=on      roles, their settings and memberships, and tablespaces, without passwords
\\set QUIET on
\\set ON_ERROR_STOP off
\\set ON_ERROR_ROLLBACK on
\\set ECHO none
\\pset pager off
\\pset format unaligned
\\pset tuples_only on
\\pset expanded off
\\pset null ''
\\pset recordsep '\\n'
\\timing off
\\if :{?sizes}
\\else
\\set sizes on
\\endif
\\if :{?sample}
\\else
\\set sample %(sample)s
\\endif
\\if :{?exact}
\\else
\\set exact false
\\endif
\\if :{?seconds}
\\else
\\set seconds %(seconds)s
\\endif
\\if :{?statements}
\\else
\\set statements on
\\endif
\\if :{?globals}
\\else
\\set globals off
\\endif
SET client_encoding = 'UTF8';
SELECT /* dsql-compat */
       CASE WHEN pg_catalog.current_setting('server_encoding') = 'SQL_ASCII'
            THEN 'SQL_ASCII' ELSE 'UTF8' END AS dc_encoding \\gset
SET client_encoding = :'dc_encoding';
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '120s';
SET LOCAL search_path = '';
SET LOCAL datestyle = 'ISO';
SET LOCAL intervalstyle = 'postgres';
SET LOCAL extra_float_digits = 3;
SET LOCAL quote_all_identifiers = off;
SET LOCAL row_security = off;
"""
_SERVER = """\
SELECT pg_catalog.current_setting('server_version_num')::int AS version,
       pg_catalog.split_part(pg_catalog.current_setting('server_version'), ' ', 1) AS release,
       current_database()::text AS database, current_user::text AS user,
       pg_catalog.current_setting('server_encoding') AS encoding,
       pg_catalog.pg_is_in_recovery() AS is_standby, false AS is_dsql"""
_PLACE = """\
SELECT /* dsql-compat */ pg_catalog.quote_ident(n.nspname) AS dc_schema,
       pg_catalog.quote_literal(n.nspname) AS dc_name,
       EXISTS (SELECT FROM pg_catalog.pg_attribute a
               JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
               WHERE c.relname = 'pg_stat_statements' AND c.relnamespace = n.oid
                 AND a.attname = 'total_exec_time') AS dc_exec,
       EXISTS (SELECT FROM pg_catalog.pg_class c
               WHERE c.relname = 'pg_stat_statements_info' AND c.relnamespace = n.oid) AS dc_info
FROM (SELECT 'pg_stat_statements' AS name) AS s
LEFT JOIN pg_catalog.pg_extension e ON e.extname = s.name
LEFT JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace \\gset
"""
_TIMES = """\
\\if :dc_exec
       total_exec_time, max_exec_time
\\else
       total_time, max_time
\\endif
"""
_LINE = (
    "pg_catalog.left(pg_catalog.encode(pg_catalog.sha256(pg_catalog.textsend(j)), 'hex'), 8)"
    " || ' ' || j"
)


@cache
def script() -> str:
    """The whole script."""
    return "".join(_parts())


def _parts() -> Iterator[str]:
    yield _HEAD % {"sample": ROWS, "seconds": SECONDS}
    yield f"\\qecho '-- dsql-compat collected {FORMAT}'\n\n"
    yield _versions()
    yield _section("server", _SERVER)
    for name in CATALOG:
        yield _section(name, _gated(source_of(name)))
    yield "\\if :globals\n" + "".join(_section(n, _gated(source_of(n))) for n in GLOBALS)
    yield "\\endif\n\\if :statements\n"
    yield from _workload()
    yield "\\endif\nCOMMIT;\n\n\\if :sizes\n"
    yield _measuring()
    yield "\\endif\n\\qecho '-- complete'\n"


def _section(name: str, query: str) -> str:
    """A query, its rows as lines, and what became of it."""
    return (
        f"\\qecho '-- section {name}'\n"
        f"SELECT /* dsql-compat */ {_LINE}\n"
        "FROM (SELECT pg_catalog.row_to_json(q)::text AS j FROM (\n"
        f"{query.rstrip()}\n) AS q) AS s;\n{_end(name)}\n"
    )


def _end(name: str) -> str:
    return (
        "\\if :ERROR\n"
        f"\\qecho '-- failed {name}' :LAST_ERROR_MESSAGE\n"
        "\\else\n"
        f"\\qecho '-- end {name}' :ROW_COUNT\n"
        "\\endif\n"
    )


def _gated(text: str) -> str:
    """A query whose lines for some versions stand between psql's own conditions."""
    lines: list[str] = []
    gate = ""
    for line in text.splitlines():
        mark = MARK.search(line)
        name = _gate(mark) if mark else ""
        if name != gate:
            lines += ["\\endif"] * bool(gate) + [f"\\if :{name}"] * bool(name)
            gate = name
        lines.append(line[: mark.start()].rstrip() if mark else line)
    return "\n".join([*lines, *["\\endif"] * bool(gate)])


def _gate(mark: re.Match[str]) -> str:
    least, most = mark["least"], mark["most"]
    return "dc" + (f"_from_{least}" if least else "") + (f"_before_{most}" if most else "")


def _versions() -> str:
    """The conditions that lines of queries are marked with, as variables of psql."""
    marks = {}
    for name in (*CATALOG, *GLOBALS):
        for line in source_of(name).splitlines():
            mark = MARK.search(line)
            if mark is not None:
                least, most = int(mark["least"] or 0) * 10000, int(mark["most"] or 99) * 10000
                marks[_gate(mark)] = f"v >= {least} AND v < {most}"
    columns = ",\n       ".join(f"{test} AS {name}" for name, test in sorted(marks.items()))
    number = "pg_catalog.current_setting('server_version_num')::int"
    return f"SELECT /* dsql-compat */ {columns}\nFROM (SELECT {number} AS v) AS s \\gset\n\n"


def _workload() -> Iterator[str]:
    """pg_stat_statements and what sessions do: no text of a running statement."""
    yield _section("settings", _of_workload("settings"))
    yield _section("extension", _of_workload("extension"))
    yield _PLACE
    yield "\\if :{?dc_schema}\n"
    yield _section("view_columns", _of_workload("columns").replace("%(schema)s", ":dc_name"))
    yield _section(
        "statements",
        f"SELECT pg_catalog.regexp_replace(query, '{_MASKED}',"
        " '\\1''***''', 'gi') AS query, calls, rows,\n" + _TIMES + "FROM :dc_schema"
        ".pg_stat_statements\nWHERE dbid = (SELECT oid FROM pg_catalog.pg_database"
        " WHERE datname = current_database())\nORDER BY calls DESC",
    )
    info = "SELECT dealloc, stats_reset::text AS since FROM :dc_schema.pg_stat_statements_info"
    yield "\\if :dc_info\n" + _section("statements_info", info) + "\\endif\n\\endif\n"
    activity = _of_workload("activity").replace("SELECT query,", "SELECT '' AS query,")
    yield _section("activity", activity)
    for name in _SESSIONS:
        yield _section(name, _of_workload(name))


def _of_workload(name: str) -> str:
    folder = files("dsql_compat.sources.workload") / "queries"
    return (folder / f"{name}.sql").read_text("utf-8").partition("\n")[2].rstrip()


def _measuring() -> str:
    """Widths of rows and values: the queries for it are made by a query, and run by psql."""
    query = source_of("measure").rstrip()
    run = (
        "SELECT /* dsql-compat */ 'SELECT /* dsql-compat */ ' || $dc$"
        + _LINE
        + "$dc$ || ' FROM (SELECT pg_catalog.row_to_json(q)::text"
        " AS j FROM (' || m.sql || ') AS q WHERE (SELECT pg_catalog.clock_timestamp()) < '"
        " || pg_catalog.quote_literal(:'dc_end') || '::timestamptz) AS s'\n"
        f"FROM (\n{query}\n) AS m WHERE m.is_readable \\gexec\n"
    )
    return (
        "SET default_transaction_read_only = on;\n"
        "SET lock_timeout = '5s';\n"
        "SELECT /* dsql-compat */ CASE WHEN :exact THEN :seconds ELSE LEAST(:seconds, "
        f"{TABLE_SECONDS}) END::int * 1000 AS dc_limit \\gset\n"
        "SET statement_timeout = :dc_limit;\n"
        "SET search_path = '';\nSET row_security = off;\n"
        + _section("measure", query)
        + "SELECT /* dsql-compat */\n"
        "       pg_catalog.clock_timestamp() + :seconds * interval '1 second' AS dc_end \\gset\n"
        "\\qecho '-- section measured'\n" + run + "\\qecho '-- end measured'\n"
    )
