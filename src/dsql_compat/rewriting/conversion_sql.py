"""The conversions of values as SQL, to hold what was loaded against the source."""

from __future__ import annotations

from dsql_compat.rewriting.model import Column
from dsql_compat.rules import Conversion
from dsql_compat.sql.names import quote

AS_SQL: dict[Conversion, str] = {  # {} is the value
    "same": "{}",
    "text": "{}::text",
    "array": "to_jsonb({})",
    "hstore": "hstore_to_jsonb({})",
    "money": "{}::numeric",
    "composite": "to_jsonb({})",
    "point-x": "({})[0]",
    "point-y": "({})[1]",
    "range-lower": "lower({})",
    "range-upper": "upper({})",
    "unpadded": "{}::text",
}


def converted(column: Column) -> str:
    """The value of a column's source as the load writes it, of the new type.

    A domain that the rewrite has made is unknown to the source, so there is no cast to one.
    """
    assert column.source is not None
    value = AS_SQL[column.conversion].format(quote(column.source.name))
    is_builtin = "." not in column.type and '"' not in column.type
    return f"({value})::{column.type}" if is_builtin else f"({value})"
