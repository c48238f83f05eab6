"""What columns, checks, indexes and types do, asked of both databases."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

import psycopg
from pglast.parser import ParseError

from dsql_compat.proof import caseless
from dsql_compat.proof.catalogs import Thing
from dsql_compat.proof.load import Connection
from dsql_compat.proof.probes import (
    Found,
    Sides,
    Unequal,
    Unprovable,
    evaluated,
    is_failure,
    same_answers,
    taken,
)
from dsql_compat.proof.samples import candidates, constants
from dsql_compat.rewriting.printing import parsed
from dsql_compat.sql.names import literal, name_from_text


def column(sides: Sides, thing: Thing, other: Thing) -> Found:
    """A column's default, or the expression that it is generated from."""
    left, right = thing.row["expression"], other.row["expression"]
    if thing.aspects["numbering"] or other.aspects["numbering"]:
        return
    if thing.aspects["generated"] and other.aspects["generated"]:
        if left != right or thing.aspects["type"] != other.aspects["type"]:
            table = (thing.key.schema, thing.key.table or "")
            found = same_answers(sides, table, left, right, "value")
            if found is not None:
                yield "generated values", found
        return
    if left is None or right is None:
        if left != right:
            yield "default", Unequal("", str(left), str(right))
        return
    one, another = _default(sides, thing, left), _plain(sides.rewrite, other, right)
    if _same_value(thing, one, another) and not is_failure(one):
        return
    is_number = left.startswith("nextval(")  # what a sequence gives is compared as its own
    if left == right and (is_number or thing.aspects["type"] == other.aspects["type"]):
        return  # the clock, a random number: the same expression over the same type
    if one != _default(sides, thing, left) and _normal(left) == _normal(right):
        return
    yield "default", Unequal("", left, right)


def _same_value(thing: Thing, one: str | None, another: str | None) -> bool:
    """0.00 is 0: how many places a number shows is its type's affair."""
    if thing.row["category"] != "N" or one is None or another is None:
        return one == another
    try:
        return Decimal(one) == Decimal(another)
    except InvalidOperation:
        return one == another


def _default(sides: Sides, thing: Thing, expression: str) -> str | None:
    typed = f"({expression})::{thing.row['base_type']}"
    return evaluated(sides.source, sides.conversion(thing).format(f"({typed})"))


def _plain(connection: Connection, thing: Thing, expression: str) -> str | None:
    return evaluated(connection, f"({expression})::{thing.row['base_type']}")


def _normal(expression: str) -> object:
    """An expression's tree without places, casts to text and ways of writing the same call."""
    try:
        return _bare(parsed(expression)(skip_none=True))
    except ParseError:
        return expression


def _bare(node: object) -> object:
    if isinstance(node, tuple | list):
        return [_bare(part) for part in node]
    if not isinstance(node, dict):
        return node
    if node.get("@") == "TypeCast" and "'text'" in str(node["typeName"]):
        return _bare(node["arg"])
    return {
        name: _bare(
            [p for p in value if p.get("sval") != "pg_catalog"] if name == "funcname" else value
        )
        for name, value in node.items()
        if name not in ("location", "funcformat", "stmt_location", "list_start", "list_end")
    }


def check(sides: Sides, thing: Thing, other: Thing) -> Found:
    """Which rows a check takes."""
    table = (thing.key.schema, thing.key.table or "")
    found = same_answers(sides, table, thing.row["expression"], other.row["expression"], "check")
    if isinstance(found, Unprovable) and _same_text(sides, thing, other):
        return
    if found is not None:
        yield "rows it takes", found


def _same_text(sides: Sides, thing: Thing, other: Thing) -> bool:
    """The same expression over columns of the same types needs no probe."""
    before, after = (
        side.columns(thing.key.schema, thing.key.table) for side in (sides.before, sides.after)
    )
    types = all(
        name in before and name in after and before[name].row["type"] == after[name].row["type"]
        for name in thing.row["columns"]
    )
    return types and thing.row["expression"] == other.row["expression"]


def index(sides: Sides, thing: Thing, other: Thing) -> Found:
    """Which rows an index holds, and under which keys."""
    table = (thing.row["schema"], thing.row["table"])
    if thing.row["table"] != other.row["table"]:
        return
    left, right = thing.row["predicate"], other.row["predicate"]
    if left is None or right is None:
        if left != right:
            yield "predicate", Unequal("", str(left), str(right))
    elif left != right or not _is_plain(sides, thing):
        found = same_answers(sides, table, left, right, "predicate")
        if isinstance(found, Unequal) or (found is not None and left != right):
            yield "predicate", found
    keys = (thing.row["keys"], other.row["keys"])
    if len(keys[0]) != len(keys[1]):
        yield "keys", Unequal("", ", ".join(keys[0]), ", ".join(keys[1]))
        return
    kinds = (thing.row["is_column"], other.row["is_column"])
    for one, another, *is_column in zip(*keys, *kinds, strict=True):
        if is_column[0] and caseless.is_caseless(sides, *table, name_from_text(one).name):
            if another == one:
                yield caseless.REGARD, Unequal("", f"{one} without", f"{one} with")
                return
            if another == f"lower({one})":
                continue
        elif one == another:
            continue
        if any(is_column):
            yield "keys", Unequal("", ", ".join(keys[0]), ", ".join(keys[1]))
            return
        found = same_answers(sides, table, one, another, "value")
        if found is not None:
            yield "keys", Unequal("", one, another) if isinstance(found, Unprovable) else found


def _is_plain(sides: Sides, thing: Thing) -> bool:
    before, after = (
        side.columns(thing.row["schema"], thing.row["table"])
        for side in (sides.before, sides.after)
    )
    return all(
        name in after and before[name].row["type"] == after[name].row["type"] for name in before
    )


def accepted(sides: Sides, thing: Thing, other: Thing) -> Found:
    """Which values an enum or domain takes."""
    if thing.kind not in ("enum", "domain") or other.kind not in ("enum", "domain"):
        return
    labels = [*thing.row["labels"], *other.row["labels"]]
    wanted = [text for t in (thing, other) for part in t.row["checks"] for text in constants(part)]
    category = "E" if thing.kind == "enum" else thing.row["category"]
    tried = candidates(category, [*labels, *wanted], labels)
    accepts = [
        taken(connection, tried, own.row["qualified"])
        for connection, own in ((sides.source, thing), (sides.rewrite, other))
    ]
    for value, left, right in zip(tried, *accepts, strict=True):
        if left != right:
            words = ("taken" if left else "refused", "taken" if right else "refused")
            yield "values it takes", Unequal(literal(value), *words)
            return
    if thing.kind == "enum" == other.kind and thing.row["labels"] != other.row["labels"]:
        order = (", ".join(thing.row["labels"]), ", ".join(other.row["labels"]))
        yield "order of labels", Unequal("", *order)
    left, right = thing.row["expression"], other.row["expression"]
    if thing.kind == "domain" and left != right:
        yield "default", Unequal("", str(left), str(right))


def next_value(connection: Connection, sequence: str) -> str:
    """What the next nextval() gives; it is used up by this."""
    try:
        row = connection.execute("SELECT nextval(%s::regclass) AS n", (sequence,)).fetchone()
    except psycopg.Error as error:
        return error.diag.message_primary or str(error)
    return str(row["n"]) if row else ""
