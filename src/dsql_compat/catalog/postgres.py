"""What PostgreSQL 16 has, and what 17 and 18 added, by the data file beside this module.

DSQL answers as PostgreSQL 16.  tests/catalog/make_postgres.py makes the file from real servers.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any


@cache
def _facts() -> dict[str, Any]:
    text = Path(__file__).with_name("postgres.json").read_text("utf-8")
    facts: dict[str, Any] = json.loads(text)
    return facts


@cache
def newer(kind: str) -> dict[str, int]:
    """Names of one kind that came after PostgreSQL 16, and with which version."""
    names: dict[str, int] = _facts()["newer"][kind]
    return names


@cache
def newer_parts(kind: str) -> dict[str, dict[str, int]]:
    """What older things got after PostgreSQL 16: the columns of a relation, say."""
    parts: dict[str, dict[str, int]] = _facts()["newer"][kind]
    return parts


@cache
def supported(kind: str) -> frozenset[str]:
    """Names of one kind that PostgreSQL 16 has."""
    return frozenset(_facts()["supported"][kind])


@cache
def removed(kind: str) -> frozenset[str]:
    """Names of one kind that versions before PostgreSQL 16 had."""
    return frozenset(_facts()["removed"][kind])
