"""Columns as they are declared, for tables that are made anew."""

from __future__ import annotations

from dsql_compat.catalog.model import Catalog, Column
from dsql_compat.catalog.types import display
from dsql_compat.sql import spans
from dsql_compat.sql.names import quote


def definition(catalog: Catalog, column: Column) -> str:
    """A column as declared, where it was inherited or copied from if need be."""
    if column.node is not None and column.node.location is not None:
        text = spans.column_definition(column.statement, column.node).text
        constraints = column.node.constraints or ()
        keys = [c for c in constraints if c.contype.name in ("CONSTR_PRIMARY", "CONSTR_UNIQUE")]
        if not keys:
            return " ".join(text.split())
    kind = display(column.type) if column.type is not None else "text"
    return f"{quote(column.name)} {kind}{' NOT NULL' if column.not_null else ''}"
