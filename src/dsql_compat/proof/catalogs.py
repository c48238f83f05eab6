"""A database's catalog as plain values: objects by key, each with aspects to compare."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any, Literal, NamedTuple

from dsql_compat.proof.load import Connection
from dsql_compat.sql.names import quote

Class = Literal["schema", "relation", "column", "constraint", "index", "type", "function", "other"]
Row = dict[str, Any]

_RELATIONS = {
    **{"r": "table", "p": "partitioned table", "v": "view", "m": "materialized view"},
    **{"S": "sequence", "f": "foreign table"},
}
_CONSTRAINTS = {
    **{"p": "primary key", "u": "unique", "c": "check", "f": "foreign key"},
    "x": "exclusion",
}
_TYPES = {"e": "enum", "d": "domain", "c": "composite", "r": "range", "b": "base"}
_ROUTINES = {"f": "function", "p": "procedure", "a": "aggregate", "w": "function"}
_PERSISTENCE = {"p": "permanent", "u": "unlogged", "t": "temporary"}
_ACTIONS = {
    **{"a": "no action", "r": "restrict", "c": "cascade", "n": "set null", "d": "set default"},
    " ": "",
}
_MATCH = {"s": "simple", "f": "full", "p": "partial", " ": ""}


class Key(NamedTuple):
    """An object's place.  `kind` is told apart for `other` objects only."""

    cls: Class
    schema: str | None
    table: str | None
    name: str
    kind: str = ""

    def __str__(self) -> str:
        return ".".join(quote(p) for p in (self.schema, self.table, self.name) if p)


@dataclass(slots=True)
class Thing:
    """An object: aspects that two databases must agree on, and the row they were read from."""

    key: Key
    kind: str
    aspects: dict[str, Any]
    row: Row

    @property
    def parent(self) -> Key | None:
        """What it lives in and dies with."""
        if self.key.table is not None:
            return Key("relation", self.key.schema, None, self.key.table)
        return None


@dataclass(slots=True)
class Snapshot:
    """All objects of one database, and what hangs on what."""

    things: dict[Key, Thing] = field(default_factory=dict)
    needs: dict[Key, set[Key]] = field(default_factory=lambda: defaultdict(set))

    def columns(self, schema: str | None, table: str | None) -> dict[str, Thing]:
        """The columns of one relation by name, in order."""
        return self._columns.get((schema, table), {})

    _columns: dict[tuple[str | None, str | None], dict[str, Thing]] = field(default_factory=dict)

    def add(self, thing: Thing) -> None:
        """Take an object in."""
        self.things[thing.key] = thing
        if thing.key.cls == "column":
            place = (thing.key.schema, thing.key.table)
            self._columns.setdefault(place, {})[thing.key.name] = thing


def read_catalog(connection: Connection) -> Snapshot:
    """Everything that the proof compares."""
    connection.execute("SET search_path TO ''")
    snapshot = Snapshot()
    readers = (*(_schema, _relation, _column, _constraint, _index, _type, _function, _other),)
    names = (
        *("schemas", "relations", "columns", "constraints", "indexes", "types", "functions"),
        "others",
    )
    for name, reader in zip(names, readers, strict=True):
        for row in rows(connection, name):
            snapshot.add(reader(row))
    counted = {
        thing.row["sequence_name"]: thing
        for thing in snapshot.things.values()
        if thing.key.cls == "column" and thing.aspects.get("numbering")
    }
    for row in rows(connection, "sequences"):
        own = snapshot.things.get(Key("relation", row["schema"], None, row["name"]))
        for thing in (counted.get(row["qualified"]), own):
            if thing is not None:
                _count(thing, row)
    for row in rows(connection, "dependencies"):
        _depend(snapshot, row)
    connection.execute("RESET search_path")  # functions run under the one that users have
    return snapshot


def rows(connection: Connection, query: str) -> list[Row]:
    """The rows of one of the queries in queries/."""
    text = files("dsql_compat.proof").joinpath("queries", f"{query}.sql").read_text("utf-8")
    return connection.execute(text.encode()).fetchall()


def _schema(row: Row) -> Thing:
    aspects = {"comment": row["comment"], "grants": row["grants"] or []}
    return Thing(Key("schema", None, None, row["name"]), "schema", aspects, row)


def _relation(row: Row) -> Thing:
    kind = _RELATIONS[row["kind"]]
    aspects: dict[str, Any] = {
        "kind": kind,
        "comment": row["comment"],
        "grants": row["grants"] or [],
    }
    if kind in ("table", "partitioned table"):
        aspects["persistence"] = _PERSISTENCE[row["persistence"]]
        aspects["row security"] = row["row_security"]
        aspects["parents"] = row["parents"]
    return Thing(Key("relation", row["schema"], None, row["name"]), kind, aspects, row)


def _column(row: Row) -> Thing:
    aspects: dict[str, Any] = {"type": row["type"], "collation": row["collation"]}
    if row["relation_kind"] in ("r", "p", "f"):
        aspects["not null"] = row["not_null"]
        aspects["numbering"] = _numbering(row)
        aspects["generated"] = {"s": "stored", "v": "virtual"}.get(row["generated"], "")
    aspects["comment"] = row["comment"]
    aspects["grants"] = row["grants"] or []
    return Thing(Key("column", row["schema"], row["table"], row["name"]), "column", aspects, row)


def _numbering(row: Row) -> str:
    if row["identity"]:
        return "identity always" if row["identity"] == "a" else "identity by default"
    if row["sequence"] is not None and (row["expression"] or "").startswith("nextval("):
        return "sequence"
    return ""


def _constraint(row: Row) -> Thing:
    kind = _CONSTRAINTS[row["kind"]]
    aspects: dict[str, Any] = {"kind": kind}
    if kind != "check":
        aspects["columns"] = row["columns"]
        aspects["deferrable"] = _deferrability(row)
    if kind in ("primary key", "unique"):
        aspects["nulls not distinct"] = row["nulls_not_distinct"]
        aspects["included"] = row["included"]
    if kind == "foreign key":
        aspects |= {
            "referenced": row["referenced"],
            "referenced columns": row["referenced_columns"],
            "on update": _ACTIONS[row["on_update"]],
            "on delete": _ACTIONS[row["on_delete"]] + "".join(f" {c}" for c in row["set_columns"]),
            "match": _MATCH[row["match"]],
        }
    aspects["validated"] = row["validated"]
    aspects["comment"] = row["comment"]
    key = Key("constraint", row["schema"], row["table"], row["name"])
    return Thing(key, f"{kind} constraint", aspects, row)


def _deferrability(row: Row) -> str:
    if not row["deferrable"]:
        return "not deferrable"
    return "initially deferred" if row["deferred"] else "deferrable"


def _index(row: Row) -> Thing:
    aspects = {
        "unique": row["is_unique"],
        "valid": row["is_valid"],
        "method": row["method"],
        "nulls not distinct": row["nulls_not_distinct"],
        "included": row["included"],
        "sorting": row["sorting"],
        "operator classes": row["classes"],
        "collations": row["collations"],
        "comment": row["comment"],
    }
    # An index has a name in the schema's own right; its table is an aspect like others.
    aspects["table"] = row["table"]
    return Thing(Key("index", row["schema"], None, row["name"]), "index", aspects, row)


def _type(row: Row) -> Thing:
    kind = _TYPES.get(row["kind"], "type")
    aspects = {"kind": kind, "not null": row["not_null"], "comment": row["comment"]}
    aspects["base type"] = row["base_type"]
    return Thing(Key("type", row["schema"], None, row["name"]), kind, aspects, row)


def _function(row: Row) -> Thing:
    kind = _ROUTINES[row["kind"]]
    aspects = {
        "kind": kind,
        "result": row["result"],
        "volatility": {"i": "immutable", "s": "stable", "v": "volatile"}[row["volatility"]],
        "strict": row["is_strict"],
        "security definer": row["is_definer"],
        "language": row["language"],
        "settings": sorted(row["settings"]),
        "default arguments": row["defaults"],
        "comment": row["comment"],
        "grants": row["grants"],  # None: those that every function has
    }
    key = Key("function", row["schema"], None, row["name"], ", ".join(row["types"]))
    return Thing(key, kind, aspects, row)


def _other(row: Row) -> Thing:
    key = Key("other", row["schema"], row["table"], row["name"], row["kind"])
    return Thing(key, row["kind"], {}, row)


def _count(thing: Thing, row: Row) -> None:
    """A sequence's numbers, at itself and at the column that it counts for."""
    names = ("increment", "minimum", "maximum", "cycle", "cache")
    thing.aspects |= {name: row[name] for name in names}
    thing.row["counter"] = row["qualified"]


def _depend(snapshot: Snapshot, row: Row) -> None:
    own = Key(row["cls"], row["schema"], row["table"], row["name"])
    needed = Key(row["on_cls"], row["on_schema"], row["on_table"], row["on_name"])
    if own != needed:
        snapshot.needs[own].add(needed)
