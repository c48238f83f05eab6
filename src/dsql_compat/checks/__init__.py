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
    "statements",
    "statements_merge",
    "statements_objects",
    "statements_collation",
    "session",
    "session_show",
    "transactions",
    "roles",
    "roles_grants",
    "queries",
    "queries_functions",
    "script",
    "script_changes",
    "script_missing",
)


def load_all() -> None:
    """Import every family, which registers its detectors."""
    for family in FAMILIES:
        import_module(f"dsql_compat.checks.{family}")
