"""Rewrites src/dsql_compat/catalog/postgres.json: what PostgreSQL 16 has, and what came later.

    python tests/catalog/make_postgres.py "host=/tmp/pg16 …" "host=/tmp/pg17 …" "host=/tmp/pg18 …"

DSQL answers as PostgreSQL 16, so the first server is a 16 and the others are newer, in order; what
a server has and none before it had came with that version.  Left out are functions that only the
server itself can call, and columns that tell no more than their relation does.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg

TARGET = Path(__file__).parents[2] / "src" / "dsql_compat" / "catalog" / "postgres.json"
SUPPORTED = 16

# Functions with an argument or result that only C code can have.
INTERNAL = """p.prorettype || coalesce(p.proallargtypes, p.proargtypes::oid[]) && ARRAY[
    'internal', 'cstring', 'cstring[]', 'language_handler', 'fdw_handler',
    'index_am_handler', 'table_am_handler', 'tsm_handler']::regtype[]::oid[]"""
BUILT_IN = f"p.pronamespace = 'pg_catalog'::regnamespace AND NOT {INTERNAL}"
SYSTEM_RELATION = """relkind IN ('r', 'v')
    AND relnamespace IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)"""

# Each gives rows of text; the values of all columns together are what is looked up.
ALL = {
    "functions": f"SELECT DISTINCT proname FROM pg_proc p WHERE {BUILT_IN}",
    # A function can be called with any number of arguments from those without a default on.
    "arities": f"""SELECT DISTINCT proname, n::text FROM pg_proc p,
        generate_series(pronargs::int - pronargdefaults::int, pronargs::int) n
        WHERE {BUILT_IN} AND provariadic = 0""",
    # Aggregates take no named arguments, whatever pg_proc says.
    "argument_names": f"""SELECT DISTINCT proname, name FROM pg_proc p, unnest(proargnames) name
        WHERE {BUILT_IN} AND prokind <> 'a' AND name <> '' AND proargmodes IS NULL""",
    "casts": "SELECT castsource::regtype::text, casttarget::regtype::text FROM pg_cast",
    "operators": "SELECT DISTINCT oprname FROM pg_operator",
    "relations": f"SELECT relname FROM pg_class WHERE {SYSTEM_RELATION}",
    "columns": f"""SELECT relname, attname FROM pg_class c JOIN pg_attribute ON attrelid = c.oid
        WHERE {SYSTEM_RELATION} AND attnum > 0 AND NOT attisdropped""",
    "settings": "SELECT lower(name) FROM pg_settings WHERE name !~ '[.]'",
    "roles": "SELECT rolname FROM pg_roles WHERE rolname ~ '^pg_'",
}
# Settings that pg_settings does not show, of every version.
HIDDEN_SETTINGS = frozenset({"is_superuser", "role", "seed", "session_authorization"})
# Settings that older dumps set and PostgreSQL 16 no longer has.
REMOVED_SETTINGS = """
    add_missing_from australian_timezones autocommit checkpoint_segments custom_variable_classes
    default_with_oids explain_pretty_print force_parallel_mode lc_collate lc_ctype
    max_fsm_pages max_fsm_relations operator_precedence_warning promote_trigger_file
    regex_flavor replacement_sort_tuples silent_mode sql_inheritance ssl_renegotiation_limit
    standby_mode stats_temp_directory vacuum_cleanup_index_scale_factor
    vacuum_defer_cleanup_age wal_keep_segments
"""
ONLY_FOR_SUPERUSERS = """SELECT DISTINCT proname FROM pg_proc p
    WHERE pronamespace = 'pg_catalog'::regnamespace AND proacl IS NOT NULL
    AND NOT EXISTS (SELECT FROM aclexplode(proacl) a WHERE a.grantee = 0)"""

Row = tuple[str, ...]
Facts = dict[str, Any]


def rows(connection: psycopg.Connection[Row], query: str) -> set[Row]:
    """The rows of a query over the system catalogs."""
    return set(connection.execute(query).fetchall())


def version_of(connection: psycopg.Connection[Row]) -> int:
    """The major version."""
    return connection.info.server_version // 10000


def read(dsn: str) -> tuple[int, dict[str, set[Row]]]:
    """The version of a server, and everything it has."""
    with psycopg.connect(dsn) as connection:
        found = {kind: rows(connection, query) for kind, query in ALL.items()}
        found["settings"] |= {(name,) for name in HIDDEN_SETTINGS}
        return version_of(connection), found


def came_later(servers: Mapping[int, dict[str, set[Row]]]) -> dict[str, dict[Row, int]]:
    """Of each kind, what came after PostgreSQL 16, and with which version."""
    known = {kind: set(found) for kind, found in servers[SUPPORTED].items()}
    later: dict[str, dict[Row, int]] = {kind: {} for kind in ALL}
    for version in sorted(set(servers) - {SUPPORTED}):
        for kind, found in servers[version].items():
            for row in sorted(found - known[kind]):
                later[kind][row] = version
            known[kind] |= found
    return later


def nested(found: Mapping[Row, int], left_out: Mapping[Row, int]) -> dict[str, dict[str, int]]:
    """Pairs as a mapping of the first to the second; not those whose first is all new."""
    result: dict[str, dict[str, int]] = {}
    for (first, second), version in found.items():
        if (first,) not in left_out:
            result.setdefault(first, {})[second] = version
    return result


def facts(servers: Mapping[int, dict[str, set[Row]]], superuser: set[Row]) -> Facts:
    """What the file holds."""
    later = came_later(servers)
    flat = {
        kind: {row[0]: version for row, version in later[kind].items()}
        for kind in ("functions", "relations", "settings", "roles")
    }
    # A function or relation that is new is said to be, so its arguments or columns need not be.
    pairs = {
        "arities": nested(later["arities"], later["functions"]),
        "argument_names": nested(later["argument_names"], later["functions"]),
        "columns": nested(later["columns"], later["relations"]),
        "casts": nested(later["casts"], {}),
    }
    old = {
        "functions": sorted(row[0] for row in servers[SUPPORTED]["functions"]),
        "operators": sorted(row[0] for row in servers[SUPPORTED]["operators"]),
        "relations": sorted(row[0] for row in servers[SUPPORTED]["relations"]),
        "settings": sorted(row[0] for row in servers[SUPPORTED]["settings"]),
        "superuser_functions": sorted(row[0] for row in superuser),
    }
    gone = {"settings": sorted(set(REMOVED_SETTINGS.split()))}
    return {"newer": flat | pairs, "supported": old, "removed": gone}


def collect(servers: list[str]) -> Facts:
    """Everything, from servers of which one is a PostgreSQL 16."""
    read_all = dict(read(dsn) for dsn in servers)
    sixteen = next(dsn for dsn in servers if read(dsn)[0] == SUPPORTED)
    with psycopg.connect(sixteen) as connection:
        superuser = rows(connection, ONLY_FOR_SUPERUSERS)
    return facts(read_all, superuser)


def main() -> None:
    """Write the file."""
    parser = argparse.ArgumentParser(description="Rewrite what PostgreSQL 16 has.")
    parser.add_argument("dsn", nargs="+", help="servers of different versions, one of them 16")
    parser.add_argument("--output", type=Path, default=TARGET, help=f"default: {TARGET}")
    options = parser.parse_args()
    found = collect(options.dsn)
    options.output.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    print(
        f"{options.output}: " + ", ".join(f"{len(v)} newer {k}" for k, v in found["newer"].items())
    )


if __name__ == "__main__":
    main()
