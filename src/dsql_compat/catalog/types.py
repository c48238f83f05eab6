"""What a type name stands for, followed through domain, array, enum, composite and extension.

The storable types are a list of what Aurora DSQL accepts, so a type nobody thought of cannot slip
through: whatever is on no list is `unknown`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from pglast import ast

from dsql_compat.catalog.extensions import extension_of_type
from dsql_compat.catalog.model import Catalog, Type
from dsql_compat.sql.names import Name, name_of, quote

SERIAL = {
    "serial": "integer",
    "serial4": "integer",
    "bigserial": "bigint",
    "serial8": "bigint",
    "smallserial": "smallint",
    "serial2": "smallint",
}
# The names PostgreSQL displays, by the names its catalog has.
DISPLAY = {
    "int2": "smallint",
    "int4": "integer",
    "int8": "bigint",
    "float4": "real",
    "float8": "double precision",
    "bool": "boolean",
    "bpchar": "character",
    "varchar": "character varying",
    "timestamp": "timestamp without time zone",
    "timestamptz": "timestamp with time zone",
    "time": "time without time zone",
    "timetz": "time with time zone",
    "varbit": "bit varying",
    "decimal": "numeric",
    "char": '"char"',
}
STORABLE = {
    "smallint",
    "integer",
    "bigint",
    "real",
    "double precision",
    "numeric",
    "character",
    "character varying",
    "text",
    "boolean",
    "date",
    "time without time zone",
    "time with time zone",
    "timestamp without time zone",
    "timestamp with time zone",
    "interval",
    "bytea",
    "uuid",
    "json",
    "jsonb",
}
NOT_IN_KEYS = {"bytea", "json", "jsonb", "interval", "time with time zone"}
FAMILIES = {
    "money": "money",
    "xml": "xml",
    **dict.fromkeys(("inet", "cidr", "macaddr", "macaddr8"), "network"),
    **dict.fromkeys(("point", "line", "lseg", "box", "path", "polygon", "circle"), "geometric"),
    **dict.fromkeys(("bit", "bit varying"), "bit"),
    **dict.fromkeys(("tsvector", "tsquery"), "text-search"),
    **dict.fromkeys(
        (
            *("int4range", "int8range", "numrange", "tsrange", "tstzrange", "daterange"),
            *("int4multirange", "int8multirange", "nummultirange"),
            *("tsmultirange", "tstzmultirange", "datemultirange"),
        ),
        "range",
    ),
    **dict.fromkeys(
        (
            *("oid", "regclass", "regproc", "regprocedure", "regoper", "regoperator", "regtype"),
            *("regrole", "regnamespace", "regconfig", "regdictionary", "regcollation"),
            *("xid", "xid8", "cid", "tid", "name", '"char"', "pg_lsn", "pg_snapshot"),
            *("txid_snapshot", "jsonpath", "aclitem", "refcursor", "oidvector", "int2vector"),
        ),
        "system",
    ),
    **dict.fromkeys(
        (
            *("record", "void", "trigger", "event_trigger", "cstring", "any", "anyelement"),
            *("anyarray", "anynonarray", "anyenum", "anyrange", "anycompatible", "internal"),
            *("language_handler", "fdw_handler", "unknown", "anymultirange"),
        ),
        "pseudo",
    ),
}


@dataclass(frozen=True, slots=True)
class ResolvedType:
    """What a type name means.

    `family` is `storable`, a family of types that DSQL stores none of, or `unknown`.  `display`
    is the type as written, `base` what a domain comes down to.  `type` is the schema's own type
    that decides, `extension` the extension it comes from.  `through` are the domains on the way.
    """

    family: str
    display: str
    base: str
    modifiers: tuple[int, ...] = ()
    type: Type | None = None
    extension: str | None = None
    through: tuple[Type, ...] = ()


def resolve(catalog: Catalog, node: ast.TypeName) -> ResolvedType:
    """Follow a type name to what decides how DSQL treats it."""
    return _resolve(catalog, node, ())


def _resolve(catalog: Catalog, node: ast.TypeName, through: tuple[Type, ...]) -> ResolvedType:
    name = name_of(node.names)
    modifiers = _modifiers(node)
    is_array = node.arrayBounds is not None
    if not is_array and not node.pct_type:
        own = catalog.type(name) if name.schema != "pg_catalog" else None
        if own is not None:
            return _resolve_own(catalog, own, _display(name, modifiers, is_array), through)
        if name.schema in (None, "pg_catalog"):
            builtin = _builtin(name, modifiers)
            if builtin is not None:
                return replace(builtin, through=through) if through else builtin
    written = _display(name, modifiers, is_array)
    if is_array:
        return ResolvedType("array", written, written, through=through)
    if node.pct_type:
        return ResolvedType("unknown", written, written, through=through)
    relation = catalog.relation(name)
    if relation is not None:
        return ResolvedType("composite", written, written, through=through)
    extension = extension_of_type(name.name, catalog.extensions)
    if extension is not None:
        return ResolvedType("extension", written, written, extension=extension, through=through)
    return ResolvedType("unknown", written, written, through=through)


def _resolve_own(
    catalog: Catalog, own: Type, written: str, through: tuple[Type, ...]
) -> ResolvedType:
    if own.kind == "domain" and own.base is not None and own not in through:
        found = _resolve(catalog, own.base, (*through, own))
        return ResolvedType(
            found.family,
            written,
            found.base,
            found.modifiers,
            found.type,
            found.extension,
            found.through,
        )
    kind = {"base": "user", "shell": "user", "domain": "unknown"}.get(own.kind, own.kind)
    return ResolvedType(kind, written, written, type=own, through=through)


# A schema names the same few built-in types in thousands of columns, and each is asked for often.
@lru_cache(maxsize=4096)
def _builtin(name: Name, modifiers: tuple[int | str, ...]) -> ResolvedType | None:
    written = _display(name, modifiers, is_array=False)
    word = name.name
    if word in SERIAL:
        return ResolvedType("serial", written, SERIAL[word])
    shown = DISPLAY.get(word, word)
    numbers = tuple(m for m in modifiers if isinstance(m, int))
    if shown in STORABLE:
        return ResolvedType("storable", written, shown, numbers)
    if shown in FAMILIES:
        return ResolvedType(FAMILIES[shown], written, shown, numbers)
    if word.startswith("_"):
        return ResolvedType("array", written, written)
    return None


def display(node: ast.TypeName) -> str:
    """The type as PostgreSQL's format_type would print it."""
    return _display(name_of(node.names), _modifiers(node), node.arrayBounds is not None)


def _modifiers(node: ast.TypeName) -> tuple[int | str, ...]:
    if node.typmods is None:
        return ()
    return tuple(
        m.val.ival if isinstance(m.val, ast.Integer) else m.val.sval
        for m in node.typmods
        if isinstance(m, ast.A_Const) and isinstance(m.val, ast.Integer | ast.String)
    )


@lru_cache(maxsize=4096)
def _display(name: Name, modifiers: tuple[int | str, ...], is_array: bool) -> str:
    shown = _display_name(name)
    if modifiers and name.name == "interval":
        shown += _interval_fields([m for m in modifiers if isinstance(m, int)])
    elif modifiers:
        first, _, rest = shown.partition(" with")
        written = ",".join(map(str, modifiers))
        shown = f"{first}({written}){' with' + rest if rest else ''}"
    return shown + ("[]" if is_array else "")  # of any number of dimensions


def _interval_fields(numbers: list[int]) -> str:
    """What an interval is cut down to: ` day to hour`, and the places of its seconds."""
    fields = [word for word, bit in _INTERVAL_FIELDS if numbers[0] >> bit & 1]
    is_whole = numbers[0] == _WHOLE_INTERVAL
    words = (
        "" if is_whole or not fields else " " + " to ".join(dict.fromkeys((fields[0], fields[-1])))
    )
    return words + (f"({numbers[1]})" if len(numbers) > 1 else "")


# Bits of PostgreSQL's own mask, from the largest field to the smallest.
_INTERVAL_FIELDS = (
    *(("year", 2), ("month", 1), ("day", 3), ("hour", 10), ("minute", 11), ("second", 12)),
)
_WHOLE_INTERVAL = 0x7FFF


def _display_name(name: Name) -> str:
    if name.schema in (None, "pg_catalog"):
        known = DISPLAY.get(name.name)
        if known:
            return known
        if name.name in STORABLE or name.name in FAMILIES or name.name in SERIAL:
            return name.name
        return quote(name.name)
    return str(name)
