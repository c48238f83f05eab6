"""Types of the schema's own: enums, composites, ranges, domains and what changes them."""

from __future__ import annotations

from collections.abc import Iterator

from dsql_compat.catalog.model import Type
from dsql_compat.checks.context import Here
from dsql_compat.checks.registry import detects
from dsql_compat.findings import Finding
from dsql_compat.sql import spans
from dsql_compat.sql.names import literal

Found = Iterator[Finding | None]


@detects("enum-type", on=Type)
def enum_type(made: Type, here: Here) -> Found:
    if made.kind == "enum":
        yield here.found(
            "enum-type",
            spans.name(here.statement, made.name),
            about=made.ref,
            breaks=True,
            type=made.name,
            labels=", ".join(map(literal, made.labels)),
        )
