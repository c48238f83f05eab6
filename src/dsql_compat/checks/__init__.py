"""The rules' code: detectors by family.  What a rule says stands in `rules/`, not here."""

from __future__ import annotations

from importlib import import_module

FAMILIES = (
    "columns",
    "tables",
    "constraints",
    "indexes",
    "sequences",
    "types",
    "views",
    "routines",
    "statements",
    "session",
    "transactions",
    "roles",
    "queries",
    "script",
)


def load_all() -> None:
    """Import every family, which registers its detectors."""
    for family in FAMILIES:
        import_module(f"dsql_compat.checks.{family}")
