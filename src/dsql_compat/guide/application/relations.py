"""The foreign keys of a source, as the rewritten tables have their columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dsql_compat.catalog import model as source
from dsql_compat.checks.constraints_foreign import is_led
from dsql_compat.findings import ObjectRef
from dsql_compat.rewriting.model import Rewrite, Table
from dsql_compat.sql.names import Name

ACTIONS = {"r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}


@dataclass(frozen=True, slots=True)
class Relation:
    """A foreign key between two tables of the rewrite.  `is_kept` says that DSQL checks it."""

    ref: ObjectRef
    name: str
    table: Table
    columns: tuple[str, ...]
    parent: Table
    parent_columns: tuple[str, ...]
    on_delete: str
    on_update: str
    match_full: bool
    deferred: bool
    set_columns: tuple[str, ...]
    is_kept: bool
    is_indexed: bool

    @property
    def is_to_key(self) -> bool:
        """Whether it refers to the parent's primary key."""
        return set(key_of(self.parent)) == set(self.parent_columns)


def key_of(table: Table) -> tuple[str, ...]:
    """The columns of a table's primary key; none without one."""
    return next((c.columns for c in table.constraints if c.kind == "primary key"), ())


def relations(rewrite: Rewrite) -> list[Relation]:
    """Every relation whose tables and columns are there, in the order of their names."""
    found = [
        relation
        for table in rewrite.catalog.tables()
        for constraint in table.constraints_of("foreign key")
        for relation in _relation(rewrite, constraint)
    ]
    return sorted(found, key=lambda r: (str(r.table.name), r.name))


def _relation(rewrite: Rewrite, constraint: source.Constraint) -> Iterator[Relation]:
    child = made(rewrite, constraint.table)
    aim = rewrite.catalog.table(constraint.referenced) if constraint.referenced else None
    parent = made(rewrite, aim) if aim is not None else None
    if child is None or parent is None or constraint.table.is_partition or aim is None:
        return
    theirs = constraint.referenced_columns
    if not theirs and aim.primary_key is not None:
        theirs = aim.primary_key.columns
    mine = {column.name for column in child.columns}
    there = {column.name for column in parent.columns}
    if not theirs or not set(constraint.columns) <= mine or not set(theirs) <= there:
        return
    node = constraint.node
    yield Relation(
        constraint.ref,
        constraint.name,
        child,
        constraint.columns,
        parent,
        theirs,
        ACTIONS.get(node.fk_del_action, "NO ACTION"),
        ACTIONS.get(node.fk_upd_action, "NO ACTION"),
        node.fk_matchtype == "f",
        constraint.initially_deferred,
        tuple(part.sval for part in node.fk_del_set_cols or ()),
        _is_kept(rewrite, constraint.ref),
        is_led(constraint.table, constraint),
    )


def _is_kept(rewrite: Rewrite, ref: ObjectRef) -> bool:
    if rewrite.choices.foreign_keys == "app-checks":
        return False
    return any(fate.ref == ref and fate.outcome in ("kept", "changed") for fate in rewrite.fates)


def made(rewrite: Rewrite, table: source.Table | None) -> Table | None:
    """The rewritten table that takes a source table's rows."""
    return next((t for t in rewrite.tables if table is not None and table in t.sources), None)


def pair(name: Name) -> tuple[str, str]:
    """Schema and name, as the generated modules have them."""
    return (name.schema or "public", name.name)
