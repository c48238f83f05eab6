"""What tables carry: indexes, constraints, rules, triggers, policies, statistics."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from dsql_compat.sources.database import items as at
from dsql_compat.sources.database.items import Item
from dsql_compat.sources.database.session import Row
from dsql_compat.sources.database.tables import Table, replace_view
from dsql_compat.sources.database.words import ident, qualified, storage_options

if TYPE_CHECKING:
    from dsql_compat.sources.database.collect import Collector

_OF_INDEXES = ("p", "u", "x")


def add_indexes(into: Collector, rows: list[Row]) -> None:
    """Indexes, those of constraints without a text of their own; those of partitions attached."""
    for row in rows:
        table = into.found.tables.get(row["relation"])
        is_usable = row["is_ready"] and (row["is_valid"] or row["kind"] == "I")
        if table is None or not is_usable:
            continue
        place = (at.CLASS, row["oid"])
        item = into.items.add("index", row["schema"], row["name"], place)
        item.part_of = table.item
        item.relation_kind = row["kind"]
        item.tablespace = row["tablespace"] or "" if row["constraint_oid"] is None else None
        into.indexes[row["oid"]] = row
        if not into.is_member(at.CLASS, row["relation"]) and not into.is_member(*place):
            item.text = partial(_index, into, table, row)
    for row in into.indexes.values():
        for parent in into.parents.get(row["oid"], ()):
            _attach(into, row, parent)


def _attach(into: Collector, row: Row, parent: int) -> None:
    above = into.indexes.get(parent)
    index, other = into.items.get(at.CLASS, row["oid"]), into.items.get(at.CLASS, parent)
    if above is None or index is None or other is None or index.part_of is None:
        return
    item = into.items.add("index attach", index.part_of.schema, row["name"])
    item.part_of = index.part_of
    for needed in (index, other, index.part_of, other.part_of):
        item.needs_also(needed)
    for constraint in (row["constraint_oid"], above["constraint_oid"]):
        if constraint is not None:
            item.needs_also(into.items.get(at.CONSTRAINT, constraint))
    name, whole = qualified(row["schema"], row["name"]), qualified(above["schema"], above["name"])
    for of in (row["oid"], parent):
        into.attached[of].append(item)
    item.text = partial(list, [f"ALTER INDEX {whole} ATTACH PARTITION {name}"])


def _index(into: Collector, table: Table, row: Row) -> Iterator[str]:
    if row["constraint_oid"] is None:
        yield row["definition"]
        yield from _of_index(table, row)
    address = f"INDEX {qualified(row['schema'], row['name'])}"
    yield from into.dresser.remarks(at.CLASS, row["oid"], address)


def _of_index(table: Table, row: Row) -> Iterator[str]:
    name = qualified(row["schema"], row["name"])
    for number, target in row["statistics"] or ():
        yield f"ALTER INDEX {name} ALTER COLUMN {number} SET STATISTICS {target}"
    if row["is_clustered"]:
        yield f"ALTER TABLE {table.name} CLUSTER ON {ident(row['name'])}"
    if row["is_replica_identity"]:
        yield f"ALTER TABLE ONLY {table.name} REPLICA IDENTITY USING INDEX {ident(row['name'])}"


def add_constraints(into: Collector, rows: list[Row]) -> None:
    """Constraints of tables and domains."""
    by_index = {row["oid"]: row for row in into.indexes.values()}
    for row in rows:
        if row["relation"]:
            table = into.found.tables.get(row["relation"])
            if table is not None:
                _of_table(into, table, row, by_index)
        else:
            _of_domain(into, row)


def _of_table(into: Collector, table: Table, row: Row, indexes: dict[int, Row]) -> None:
    if row["kind"] == "f" and row["parent"]:
        return  # comes with the partitioned table's
    if row["kind"] in _OF_INDEXES and row["index"] not in indexes:
        return
    kind = "foreign key" if row["kind"] == "f" else "constraint"
    place = (at.CONSTRAINT, row["oid"])
    item = into.items.add(kind, table.row["schema"], row["name"], place, (table.item.name,))
    item.part_of = table.item
    index = indexes.get(row["index"]) if row["kind"] in _OF_INDEXES else None
    if index is not None:
        item.tablespace = index["tablespace"] or ""
    is_member = into.is_member(at.CLASS, table.row["oid"])
    if row["kind"] == "c":
        table.checks.append((row, item))
        item.is_merged = row["is_valid"]
        item.owner = table.item
        if row["is_valid"]:
            table.item.needs_also(item)
        if not (row["is_local"] or table.row["is_partition"]):
            return
    if not is_member:
        item.text = partial(_constraint, into, table, row, index)
    if row["kind"] == "f":
        _wait_for_parts(into, item, row["index"])


def _wait_for_parts(into: Collector, item: Item, index: int) -> None:
    """A key of a partitioned table exists once those of its partitions are attached."""
    for attach in into.attached.get(index, ()):
        item.needs_also(attach)


def _constraint(into: Collector, table: Table, row: Row, index: Row | None) -> Iterator[str]:
    is_for_all = row["kind"] == "c" or (row["kind"] == "f" and table.row["kind"] == "p")
    only = "" if is_for_all else "ONLY "
    definition = row["definition"]
    if index is not None:
        options = storage_options(index["options"])
        head, deferrable, tail = definition.partition(" DEFERRABLE")
        with_options = f" WITH ({', '.join(options)})" if options else ""
        definition = f"{head}{with_options}{deferrable}{tail}"
    name = ident(row["name"])
    yield f"{table.alter} {only}{table.name}\n    ADD CONSTRAINT {name} {definition}"
    if index is not None:
        yield from _of_index(table, index)
    yield from into.dresser.remarks(at.CONSTRAINT, row["oid"], f"CONSTRAINT {name} ON {table.name}")


def _of_domain(into: Collector, row: Row) -> None:
    domain = into.items.get(at.TYPE, row["domain"])
    if domain is None:
        return
    place = (at.CONSTRAINT, row["oid"])
    item = into.items.add("constraint", domain.schema, row["name"], place, (domain.name,))
    item.owner = domain
    item.is_merged = row["is_valid"]
    into.dresser.domain_checks.setdefault(domain, []).append((row, item))
    if row["is_valid"]:
        domain.needs_also(item)
    if not into.is_member(at.TYPE, row["domain"]):
        item.text = partial(_domain_constraint, into, domain, row)


def _domain_constraint(into: Collector, domain: Item, row: Row) -> Iterator[str]:
    name, of = ident(row["name"]), qualified(domain.schema, domain.name)
    yield f"ALTER DOMAIN {of}\n    ADD CONSTRAINT {name} {row['definition']}"
    yield from into.dresser.remarks(at.CONSTRAINT, row["oid"], f"CONSTRAINT {name} ON DOMAIN {of}")


def add_table_objects(into: Collector, rows: list[Row]) -> None:
    """Rules, triggers, policies and statistics; the query of a view goes with the view."""
    for row in rows:
        table = into.found.tables.get(row["relation"])
        if table is None:
            continue
        place = (row["class"], row["oid"])
        item = into.items.add(row["kind"], row["schema"], row["name"], place, (row["tie"],))
        item.part_of = table.item
        if row["is_select"] and table.row["kind"] in "vm":
            item.is_merged, item.owner = True, table.item
            table.item.needs_also(item)
            item.text = partial(replace_view, table)
        elif not into.is_member(*place) and not into.is_member(at.CLASS, row["relation"]):
            item.text = partial(into.dresser.object, row)
            item.needs_also(table.item)
    for table in into.found.tables.values():
        if table.row["row_security"]:
            security = into.items.add("policy", table.row["schema"], table.row["name"], None,
                                      (table.item.name,))  # fmt: skip
            security.part_of = table.item
            security.needs_also(table.item)
            text = f"ALTER TABLE {table.name} ENABLE ROW LEVEL SECURITY"
            security.text = partial(list, [text])
