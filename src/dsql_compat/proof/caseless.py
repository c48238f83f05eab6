"""Keys over citext: whether the rewrite keeps their values apart as the source does."""

from __future__ import annotations

from collections.abc import Iterator

from dsql_compat.proof.catalogs import Key, Thing
from dsql_compat.proof.probes import Sides, Unequal, Unprovable
from dsql_compat.sql.names import quote

REGARD = "regard to case"  # the aspect of a key that tells upper and lower case apart now
REPLACED = "kept as an index"  # the aspect of a constraint that an index took the place of

Found = Iterator[tuple[str, Unequal | Unprovable]]


def is_caseless(sides: Sides, schema: str | None, table: str | None, column: str) -> bool:
    """Whether a column of the source is of citext, and one of the rewrite's is not."""
    before = sides.before.columns(schema, table).get(column)
    after = sides.after.columns(schema, table).get(column)
    return _of_citext(before) and after is not None and not _of_citext(after)


def _of_citext(column: Thing | None) -> bool:
    return column is not None and column.row["base_type"].rpartition(".")[2] == "citext"


def key(sides: Sides, thing: Thing) -> Found:
    """A constraint that is there on both sides, over columns that are text now."""
    for name in thing.row["columns"]:
        if is_caseless(sides, thing.key.schema, thing.key.table, name):
            yield REGARD, Unequal("", f"{name} without", f"{name} with")
            return


def replaced(sides: Sides, thing: Thing) -> Found:
    """A unique constraint that is gone: the index of its name must keep the same values apart."""
    schema, table = thing.key.schema, thing.key.table
    columns = thing.row["columns"]
    if not any(is_caseless(sides, schema, table, name) for name in columns):
        return
    wanted = [
        f"lower({quote(name)})" if is_caseless(sides, schema, table, name) else quote(name)
        for name in columns
    ]
    index = sides.after.things.get(Key("index", schema, None, thing.key.name))
    row = index.row if index is not None else {}
    same = ("nulls_not_distinct", "included")
    is_whole = row.get("is_unique") and row["predicate"] is None and row["table"] == table
    if not is_whole or row["keys"] != wanted or any(row[n] != thing.row[n] for n in same):
        shown = ", ".join(row["keys"]) if row else "no index"
        yield REPLACED, Unequal("", ", ".join(wanted), shown)
