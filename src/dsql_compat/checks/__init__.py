"""The rules' code: detectors by family.  What a rule says stands in `rules/`, not here."""

from __future__ import annotations

from importlib import import_module

FAMILIES = (
    "columns",
    "columns_types",
    "columns_sizes",
    "columns_identity",
    "tables",
    "tables_partitions",
    "tables_alter",
    "tables_columns",
    "tables_security",
    "constraints",
    "constraints_foreign",
    "constraints_keys",
    "indexes",
    "sequences",
    "types",
    "views",
    "routines",
    "routines_objects",
    "routines_order",
    "statements",
    "statements_merge",
    "statements_objects",
    "statements_collation",
    "session",
    "session_show",
    "transactions",
    "roles",
    "roles_grants",
    "roles_login",
    "queries",
    "queries_functions",
    "queries_missing",
    "queries_newer",
    "queries_server",
    "queries_catalog",
    "queries_columns",
    "script",
    "script_changes",
    "script_invalid",
    "script_data",
    "script_missing",
    "script_suppressions",
    "traps",
    "traps_keys",
    "traps_queries",
    "traps_routines",
    "script_tools",
    "workload",
)


def load_all() -> None:
    """Import every family, which registers its detectors."""
    for family in FAMILIES:
        import_module(f"dsql_compat.checks.{family}")
