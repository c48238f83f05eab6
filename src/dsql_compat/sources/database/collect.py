"""Reads the catalog in a fixed number of queries and makes the items of a dump from it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial

from dsql_compat.sources.database import items as at
from dsql_compat.sources.database.dress import Dresser
from dsql_compat.sources.database.items import Item, Items
from dsql_compat.sources.database.parts import add_constraints, add_indexes, add_table_objects
from dsql_compat.sources.database.session import Row, Session, UnseenError
from dsql_compat.sources.database.tables import Column, Table, inherit

QUERIES = 23  # that are asked of every database
_BASE_KINDS = ("b", "r")


@dataclass(slots=True)
class Unread:
    """A part of the catalog that could not be read."""

    what: str
    reason: str


@dataclass(slots=True)
class Found:
    """What a database holds, as items, and what to say about what was left out."""

    items: Items = field(default_factory=Items)
    tables: dict[int, Table] = field(default_factory=dict)
    members: Counter[str] = field(default_factory=Counter)
    unread: list[Unread] = field(default_factory=list)
    hidden_sequences: list[str] = field(default_factory=list)
    whole: Row = field(default_factory=dict)


class Collector:
    """One pass over the catalog of one database."""

    def __init__(self, connection: Session, on_query: Callable[[int], None] | None = None) -> None:
        self.connection = connection
        self.major = connection.server.major
        self.found = Found()
        self.items = self.found.items
        self._on_query = on_query
        self._member_of: dict[tuple[int, int], int] = {}
        self.parents: dict[int, list[int]] = defaultdict(list)
        self.indexes: dict[int, Row] = {}
        self.attached: dict[int, list[Item]] = defaultdict(list)
        self.dresser = Dresser([], self.major)

    def read(self) -> Found:
        """Everything.  Raises DatabaseError when the server goes away."""
        depends = self._rows("depends", "dependencies")
        self._member_of = {
            (row["classid"], row["objid"]): row["refobjid"]
            for row in depends
            if row["deptype"] == "e" and row["refclassid"] == at.EXTENSION
        }
        self.dresser = Dresser(self._rows("comments", "comments and labels"), self.major)
        self._schemas()
        self._tables()
        self._routines()
        self._types()
        for name in ("objects", "operators", "text_search"):
            for row in self._rows(name, name.replace("_", " ")):
                self._object(row)
        self._user_mappings()
        self._default_grants()
        add_indexes(self, self._rows("indexes", "indexes"))
        add_constraints(self, self._rows("constraints", "constraints"))
        add_table_objects(self, self._rows("table_objects", "rules, triggers and policies"))
        for name in ("publications", "subscriptions", "event_triggers"):
            for row in self._rows(name, name.replace("_", " ")):
                self._object(row)
        self._system_grants()
        self._link(depends)
        self.found.whole = next(iter(self._rows("whole", "the database itself")), {})
        return self.found

    def is_member(self, class_: int, oid: int) -> bool:
        """Whether an extension brought an object; such are not written down."""
        return (class_, oid) in self._member_of

    def _rows(self, name: str, what: str) -> list[Row]:
        try:
            return self.connection.answer(name)
        except UnseenError as error:
            reason = error.reason
            if error.remedy:
                reason += f"; to see it: {error.remedy}"
            self.found.unread.append(Unread(what, reason))
            return []
        finally:
            if self._on_query is not None:
                self._on_query(1)

    def _schemas(self) -> None:
        for row in self._rows("schemas", "schemas"):
            item = self.items.add("schema", None, row["name"], (at.NAMESPACE, row["oid"]))
            if not self.is_member(at.NAMESPACE, row["oid"]):
                item.text = partial(self.dresser.schema, row)
            item.grants = partial(self.dresser.schema_grants, row)

    # -- relations --------------------------------------------------------------------------

    def _tables(self) -> None:
        tables = self.found.tables
        for row in self._rows("tables", "tables"):
            item = self.items.add("table", row["schema"], row["name"], (at.CLASS, row["oid"]))
            item.relation_kind = row["kind"]
            table = Table(row, item)
            tables[row["oid"]] = table
            if row["kind"] == "c":
                continue
            item.tablespace = row["tablespace"] or "" if row["kind"] in "rmpf" else None
            item.access_method = row["access_method"] if row["kind"] in "rm" else None
            if not self.is_member(at.CLASS, row["oid"]):
                item.text = partial(self.dresser.table, table)
            item.grants = partial(self.dresser.table_grants, table)
        for row in self._rows("columns", "columns"):
            if row["relation"] in tables:
                column = Column(row, default_text=row["default_text"])
                tables[row["relation"]].columns.append(column)
        self._parents()
        for table in tables.values():
            if table.parents:
                inherit(table, self.major)
        for table in tables.values():
            for column in table.columns:
                if column.default_text is not None:
                    self._default(table, column)
        self._sequences()

    def _parents(self) -> None:
        for row in self._rows("inherits", "inheritance"):
            self.parents[row["child"]].append(row["parent"])
        for child, parents in self.parents.items():
            table = self.found.tables.get(child)
            if table is None:
                continue
            table.parents = [self.found.tables[p] for p in parents if p in self.found.tables]
            if not table.row["is_partition"]:
                continue
            attach = self.items.add("table attach", table.row["schema"], table.row["name"])
            attach.part_of = table.item
            attach.needs_also(table.item)
            for parent in table.parents:
                attach.needs_also(parent.item)
            if not self.is_member(at.CLASS, child):
                attach.text = partial(self.dresser.attach, table)

    def _default(self, table: Table, column: Column) -> None:
        row = column.row
        place = (at.ATTRDEF, row["default_oid"]) if row["default_oid"] else None
        item = self.items.add(
            "default", table.row["schema"], table.row["name"], place, (row["number"],)
        )
        column.default = item
        item.owner = item.part_of = table.item
        item.is_merged = bool(row["generated"]) or (
            table.row["kind"] != "v" and table.prints(column)
        )
        if item.is_merged and column.is_default_told:
            table.item.needs_also(item)
        if not self.is_member(at.CLASS, table.row["oid"]):
            item.text = partial(self.dresser.default, table, column)

    def _sequences(self) -> None:
        for row in self._rows("sequences", "sequences"):
            table = self.found.tables.get(row["oid"])
            if table is None:
                continue
            table.sequence = row
            if not row["is_visible"]:
                self.found.hidden_sequences.append(table.name)
            owner = self.found.tables.get(row["owner_table"] or 0)
            if owner is None:
                continue
            column = next(
                (c for c in owner.columns if c.row["number"] == row["owner_column"]), None
            )
            if column is not None:
                table.owner_column = owner, column
                table.item.part_of = owner.item
                table.item.needs_also(owner.item)

    # -- the rest ---------------------------------------------------------------------------

    def _routines(self) -> None:
        aggregates = {row["oid"]: row for row in self._rows("aggregates", "aggregates")}
        for row in self._rows("routines", "functions"):
            kind = "aggregate" if row["kind"] == "a" else "function"
            tie = (row["arity"], [name.encode() for name in row["argument_types"]])
            item = self.items.add(kind, row["schema"], row["name"], (at.PROC, row["oid"]), tie)
            if not self.is_member(at.PROC, row["oid"]):
                item.text = partial(self.dresser.routine, row, aggregates.get(row["oid"]))
            item.grants = partial(self.dresser.routine_grants, row, item)

    def _types(self) -> None:
        for row in self._rows("types", "types"):
            is_dummy = row["is_array"] or row["relation_kind"] not in (None, "c")
            is_dummy = is_dummy or row["kind"] == "m"
            kind = "dummy type" if is_dummy else "type"
            place = (at.TYPE, row["oid"])
            item = self.items.add(kind, row["schema"], row["name"], place)
            if is_dummy:
                continue
            if not self.is_member(*place):
                item.text = partial(self.dresser.type, row, item)
                item.grants = partial(self.dresser.type_grants, row)
            if row["kind"] in _BASE_KINDS and row["is_defined"]:
                item.shell = self.items.add("shell type", row["schema"], row["name"])
                item.shell.is_merged = True
                if not self.is_member(*place):
                    item.shell.text = partial(_shell, row["shown"])

    def _object(self, row: Row) -> None:
        place = (row["class"], row["oid"])
        item = self.items.add(row["kind"], row["schema"], row["name"], place, (row["tie"],))
        table = self.found.tables.get(row.get("relation") or 0)
        if table is not None:
            item.part_of = table.item
        is_builtin = row["kind"] in ("extension", "fdw", "server") and row["oid"] < 16384
        if self.is_member(*place) or is_builtin:
            return
        item.text = partial(self.dresser.object, row)
        if row.get("acl") is not None:
            item.grants = partial(self.dresser.object_grants, row)

    def _user_mappings(self) -> None:
        mappings: dict[int, list[str]] = defaultdict(list)
        for row in self._rows("user_mappings", "user mappings"):
            mappings[row["server"]].append(row["sql"])
        for server, statements in mappings.items():
            item = self.items.get(at.SERVER, server)
            if item is not None:
                item.text = partial(_followed, item.text, statements)

    def _default_grants(self) -> None:
        for row in self._rows("default_acls", "default privileges"):
            item = self.items.add("default grants", row["schema"], f"DEFAULT {row['kind']}")
            item.grants = partial(self.dresser.default_grants, row)

    def _system_grants(self) -> None:
        for row in self._rows("system_grants", "privileges of system objects"):
            item = self.items.add("table" if row["kind"] == "TABLE" else "function",
                                  "pg_catalog", row["name"])  # fmt: skip
            item.grants = partial(self.dresser.system_grants, row)

    def _link(self, depends: Iterable[Row]) -> None:
        """What needs what, as the server knows it."""
        extensions: Counter[int] = Counter()
        get = self.items.get
        for row in depends:
            item = get(row["classid"], row["objid"])
            other = get(row["refclassid"], row["refobjid"])
            if row["deptype"] == "e":
                extensions[row["refobjid"]] += 1
            if item is None or other is None or item is other:
                continue
            if row["deptype"] == "i" and item.kind == "table" and other.kind == "type":
                other.needs_also(item)  # a composite type waits for what its columns wait for
            else:
                item.needs_also(other)
        for oid, count in extensions.items():
            extension = get(at.EXTENSION, oid)
            if extension is not None:
                self.found.members[extension.name] = count


def _shell(name: str) -> list[str]:
    return [f"CREATE TYPE {name}"]


def _followed(text: at.Text, more: list[str]) -> list[str]:
    return [*text(), *more]
