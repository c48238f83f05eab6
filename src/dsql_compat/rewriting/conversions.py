"""How a value of a source's column becomes one of the result, decided once for each column."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from decimal import Decimal, InvalidOperation

from pglast import ast

from dsql_compat.catalog.model import Catalog, Table
from dsql_compat.catalog.types import resolve
from dsql_compat.rewriting.model import Column
from dsql_compat.rewriting.values import (
    ToJson,
    ValueFormError,
    array_to_json,
    coordinates,
    hstore_to_json,
    json_text,
    money_to_numeric,
    point_parts,
    range_bounds,
    row_fields,
)
from dsql_compat.sql.names import Name, name_of

# Takes the text of a value that is not NULL; None is NULL.
Converter = Callable[[str], str | None]

_NUMBERS = {"smallint", "integer", "bigint", "real", "double precision", "numeric"}
_JSON_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?")
_STAMP = re.compile(
    r"(\d{4,}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)([-+]\d\d)?(:\d\d(?::\d\d)?)?(.*)"
)
_TRUE = {"t", "tr", "tru", "true", "y", "ye", "yes", "on", "1"}
_FALSE = {"f", "fa", "fal", "fals", "false", "n", "no", "of", "off", "0"}


def converter(catalog: Catalog, column: Column) -> Converter | None:
    """The conversion of a column's values; None where they stay as they are."""
    node = column.source.type if column.source is not None else None
    if node is None:
        return None
    match column.conversion:
        case "same" | "text":
            return None
        case "array" | "composite":
            return to_json(catalog, node)
        case "hstore":
            return hstore_to_json
        case "money":
            return money_to_numeric
        case "range-lower":
            return lambda text: range_bounds(text).lower
        case "range-upper":
            return lambda text: range_bounds(text).upper
        case "point-x":
            return lambda text: point_parts(text)[0]
        case "point-y":
            return lambda text: point_parts(text)[1]
        case "point-x":
            return lambda text: coordinates(text)[0]
        case "point-y":
            return lambda text: coordinates(text)[1]
        case "unpadded":
            return lambda text: text.rstrip(" ")
    raise AssertionError(column.conversion)


# -- JSON, as PostgreSQL's to_jsonb() writes it ---------------------------------------------------


def to_json(catalog: Catalog, node: ast.TypeName) -> ToJson:
    """From the text of a value of a type to JSON."""
    found = resolve(catalog, node)
    if found.through:
        base = found.through[-1].base
        return json_text if base is None else to_json(catalog, base)
    match found.family:
        case "array":
            return _array(catalog, node)
        case "composite":
            return _row(catalog, node)
        case "storable" | "serial":
            return _SCALARS.get(found.base, json_text)
        case "money":
            return money_to_numeric
        case "extension" if name_of(node.names).name == "hstore":
            return hstore_to_json
    return json_text


def _array(catalog: Catalog, node: ast.TypeName) -> ToJson:
    names = list(node.names)
    if not node.arrayBounds:  # `_int4` is the array's own name
        names[-1] = ast.String(sval=names[-1].sval[1:])
    element = ast.TypeName(names=tuple(names), typmods=node.typmods, typemod=node.typemod)
    item = to_json(catalog, element)
    delimiter = ";" if name_of(names).name == "box" else ","
    return lambda text: array_to_json(text, item, delimiter)


def _row(catalog: Catalog, node: ast.TypeName) -> ToJson:
    fields = [
        (json_text(name), to_json(catalog, kind)) for name, kind in _attributes(catalog, node)
    ]

    def convert(text: str) -> str:
        values = row_fields(text)
        if not fields:
            return "{}"
        if len(values) != len(fields):
            raise ValueFormError("composite value")
        pairs = zip(fields, values, strict=True)
        return (
            "{"
            + ", ".join(
                f"{name}: {'null' if value is None else item(value)}"
                for (name, item), value in pairs
            )
            + "}"
        )

    return convert


def _attributes(catalog: Catalog, node: ast.TypeName) -> Iterable[tuple[str, ast.TypeName]]:
    """The attributes of a composite type, or of a table's rows."""
    name: Name = name_of(node.names)
    own = catalog.type(name)
    if own is not None:
        return [(part.colname, part.typeName) for part in own.attributes]
    table = catalog.relation(name)
    if isinstance(table, Table):
        columns = table.columns.values()
        return [(column.name, column.type) for column in columns if column.type is not None]
    return []


def _number(text: str) -> str:
    text = text.strip()
    if _JSON_NUMBER.fullmatch(text):
        return text
    try:
        number = Decimal(text)
    except InvalidOperation:
        return json_text(text)
    return str(number) if number.is_finite() else json_text(text)


def _boolean(text: str) -> str:
    word = text.strip().lower()
    if word in _TRUE:
        return "true"
    if word in _FALSE:
        return "false"
    raise ValueFormError("boolean")


def _stamp(text: str) -> str:
    """Date and time as ISO 8601: a T between them, and minutes in the zone."""
    found = _STAMP.fullmatch(text)
    if found is None:  # infinity, or written by hand
        return json_text(text)
    day, time, hours, minutes, era = found.groups()
    zone = "" if hours is None else hours + (minutes or ":00")
    return json_text(f"{day}T{time}{zone}{era}")


def _raw(text: str) -> str:
    return text


_SCALARS: dict[str, ToJson] = {
    **dict.fromkeys(_NUMBERS, _number),
    "boolean": _boolean,
    "timestamp without time zone": _stamp,
    "timestamp with time zone": _stamp,
    "json": _raw,
    "jsonb": _raw,
}
