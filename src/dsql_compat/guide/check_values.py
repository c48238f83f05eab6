"""The values of a row as text, said for the source after conversion and for the cluster alike.

A cast to text is not always what COPY writes and a load brings: `inet` gets a mask, `xml` keeps its
declaration.  Where a text takes the place of such a type, the source is asked for its output.
"""

from __future__ import annotations

from pglast import ast

from dsql_compat.catalog.model import Catalog
from dsql_compat.catalog.types import ResolvedType, resolve
from dsql_compat.rewriting.conversion_sql import AS_SQL
from dsql_compat.rewriting.load_plan import TableLoad
from dsql_compat.rewriting.model import Column
from dsql_compat.sql.names import quote

_JSON = ("array", "composite", "hstore")
_TEXTS = ("text", "varchar", "char", "bpchar", "character", "character varying")
_WITHOUT_CAST = ("xid", "cid")  # to a number, but by way of text
_DIGITS = 10  # behind the point of a numeric that had no limit
_INSTANTS = ("with time zone", "timestamptz", "timetz", "tstzrange", "tstzmultirange")
# Domains over these keep their type; a cast to text is then the same on both sides.
_KEPT = (
    "boolean", "smallint", "integer", "bigint", "real", "double precision", "numeric", "bytea",
    "date", "time without time zone", "time with time zone", "timestamp without time zone",
    "timestamp with time zone", "interval", "uuid", "json", "jsonb",
)  # fmt: skip


def compared(load: TableLoad) -> list[Column]:
    """The columns whose values both sides have."""
    unfilled = {column.name for column in load.plain_now}
    return [c for c in load.table.columns if c.source is not None and c.name not in unfilled]


def passed_over(load: TableLoad) -> list[str]:
    """What of a table's values no query compares, and why."""
    taken = {c.source.name for c in load.table.columns if c.source is not None}
    gone = [name for name in load.table.sources[0].columns if name not in taken]
    notes = [f"{quote(name)} (the cluster has no such column)" for name in gone]
    notes += [f"{quote(c.name)} (was computed, and has to be filled)" for c in load.plain_now]
    return notes + [
        f"empty and bounds of {quote(column.source.name)} (two columns do not say)"
        for column in load.table.columns
        if column.source is not None and column.conversion == "range-lower"
    ]


def zoned_texts(load: TableLoad, catalog: Catalog) -> list[Column]:
    """Columns of text or JSON that spell instants, in the time zone in which they were dumped."""
    return [
        column
        for column in compared(load)
        if (column.conversion in _JSON or ends_as_text(column, catalog))
        and not column.conversion.startswith("range-")  # their bounds are columns of their own
        and column.source is not None
        and column.source.type is not None
        and _has_instants(column.source.type, catalog)
    ]


def _has_instants(node: ast.TypeName, catalog: Catalog) -> bool:
    """Whether values of a type hold an instant: an array's, a domain's, an attribute's."""
    if node.arrayBounds is not None:
        node = ast.TypeName(names=node.names, typmods=node.typmods)
    resolved = resolve(catalog, node)
    inner = [domain.base for domain in resolved.through if domain.base is not None]
    if resolved.type is not None:
        inner += [part.typeName for part in resolved.type.attributes]
    return any(word in resolved.display for word in _INSTANTS) or any(
        _has_instants(other, catalog) for other in inner
    )


def source_text(column: Column, catalog: Catalog) -> str:
    """A value of the source's column as text, in the form that the load gives it."""
    return _text(stored(column, catalog), column, catalog)


def target_text(column: Column, catalog: Catalog) -> str:
    """The same of the cluster's own column."""
    return _text(quote(column.name), column, catalog)


def stored(column: Column, catalog: Catalog) -> str:
    """A value of the source's column as the cluster stores it, of a type that the source knows."""
    assert column.source is not None
    name = quote(column.source.name)
    base = _base(column, catalog)
    if column.conversion == "hstore":
        return f"{name}::jsonb"  # a cast needs no search_path, as the extension's function does
    value = AS_SQL["same" if column.conversion == "text" else column.conversion].format(name)
    if column.conversion in _JSON:
        return value
    if base in _WITHOUT_CAST:
        value = f"{value}::text"
    if ends_as_text(column, catalog):
        if base in _TEXTS and column.conversion in ("same", "unpadded"):
            value = name if _is_builtin(column) else f"{name}::text"
        else:
            value = f"CASE WHEN {value} IS NOT NULL THEN format('%s', {value}) END"
    return f"({value})::{column.type}" if _is_builtin(column) else value


def _text(value: str, column: Column, catalog: Catalog) -> str:
    base = _base(column, catalog)
    if column.conversion in _JSON:
        return f"{value}::jsonb::text"
    if column.type == "bytea" or (base == "bytea" and column.conversion == "same"):
        return f"encode({value}, 'hex')"
    resolved = _resolved(column, catalog)
    is_unlimited = base == "numeric" and resolved is not None and not resolved.modifiers
    if is_unlimited and not _is_builtin(column):  # a domain, which the rewrite has given a limit
        return f"round({value}, {_DIGITS})::text"
    return value if value.endswith("::text") else f"({value})::text"


def ends_as_text(column: Column, catalog: Catalog) -> bool:
    """Whether the cluster keeps the values as text, be it by way of a domain."""
    if _is_builtin(column):
        return column.type.partition("(")[0].strip() in _TEXTS
    return _base(column, catalog) not in _KEPT


def plain_type(column: Column, catalog: Catalog) -> str:
    """The type that both sides know a value by: of a domain, what it is made of."""
    if _is_builtin(column):
        return column.type
    return "text" if ends_as_text(column, catalog) else _base(column, catalog)


def _is_builtin(column: Column) -> bool:
    """Whether the source knows the type; a domain that the rewrite has made, it does not."""
    return "." not in column.type and '"' not in column.type


def _base(column: Column, catalog: Catalog) -> str:
    resolved = _resolved(column, catalog)
    return resolved.base if resolved else ""


def _resolved(column: Column, catalog: Catalog) -> ResolvedType | None:
    if column.source is None or column.source.type is None:
        return None
    return resolve(catalog, column.source.type)
