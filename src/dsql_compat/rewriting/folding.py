"""Partitions become part of their root: what all of them have is the root's, the rest is left."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import replace

from pglast import ast

from dsql_compat.catalog import model as source
from dsql_compat.rewriting.free_names import free_name
from dsql_compat.rewriting.model import Key
from dsql_compat.rewriting.printing import expression
from dsql_compat.rewriting.work import Work
from dsql_compat.sql.names import Name

_KEYS = ("primary key", "unique")


def root_of(work: Work, table: source.Table) -> Name:
    """The partitioned table that a partition belongs to in the end."""
    seen = {table.name}
    while table.is_partition and table.parents and table.parents[0] not in seen:
        seen.add(table.parents[0])
        parent = work.catalog.table(table.parents[0])
        if parent is None:
            return table.parents[0]
        table = parent
    return table.name


def partitions_of(work: Work, root: Name) -> list[source.Table]:
    """All tables whose rows go to a root, those in between too."""
    return [t for t in work.catalog.tables() if t.is_partition and root_of(work, t) == root]


def fold_constraints(work: Work, root: source.Table) -> list[source.Constraint]:
    """The constraints that a root takes over because every partition has them.

    Every constraint of a partition is settled: one of the root, too, or of rows of that one only.
    """
    own = {_constraint(work, c) for c in root.constraints.values()}
    parts = partitions_of(work, root.name)
    leaves = [t for t in parts if not t.is_partitioned]
    of_all = _shared([{_constraint(work, c) for c in leaf.constraints.values()} for leaf in leaves])
    taken: dict[Hashable, source.Constraint] = {}
    for part in parts:
        for constraint in part.constraints.values():
            if constraint.kind == "not null":
                continue  # a column's
            shape = _constraint(work, constraint)
            is_new = shape in of_all - own - taken.keys()
            if is_new and _holds_for_all(root, constraint):
                taken[shape] = _taken_over(work, root, constraint, taken)
            if shape in own or shape in taken:
                what = f"{root.name} has the same for all rows"
                work.settle(constraint.ref, "absorbed", what, constraint.statement)
            else:
                what = f"holds for the rows of {part.name} only, which are among others now"
                work.settle(constraint.ref, "left", what, constraint.statement)
    return list(taken.values())


def fold_indexes(work: Work, root: source.Table) -> list[source.Index]:
    """The indexes that a root takes over because every partition has them; all are settled."""
    own = {_index(i): i.name.name for i in root.indexes.values()}
    parts = partitions_of(work, root.name)
    leaves = [t for t in parts if not t.is_partitioned]
    of_all = _shared([{_index(i) for i in leaf.indexes.values()} for leaf in leaves])
    taken: dict[Hashable, source.Index] = {}
    names = work.names(root.name.schema)
    for part in parts:
        for index in part.indexes.values():
            shape, key = _index(index), Key("relation", index.name)
            is_fit = not index.is_unique or _covers(root, _plain_columns(index))
            if is_fit and shape in of_all - own.keys() - taken.keys():
                stem = "_".join([root.name.name, *(k.name or "expr" for k in index.keys)])
                name = free_name(stem, "idx", names)
                names.add(name)
                made = Name(root.name.schema, name)
                work.made_names.add(made)
                taken[shape] = replace(index, name=made, table=root, table_name=root.name)
            if shape in own or shape in taken:
                name = own[shape] if shape in own else taken[shape].name.name
                what = f"{name} of {root.name} serves all rows"
                work.settle(index.ref, "absorbed", what, index.statement, key=key)
            else:
                what = f"serves the rows of {part.name} only, which are among others now"
                work.settle(index.ref, "left", what, index.statement, key=key)
    return list(taken.values())


def _shared(each: list[set[Hashable]]) -> set[Hashable]:
    return set.intersection(*each) if each else set()


def _taken_over(
    work: Work,
    root: source.Table,
    constraint: source.Constraint,
    taken: dict[Hashable, source.Constraint],
) -> source.Constraint:
    stem = root.name.name
    if constraint.kind == "primary key":
        ending = "pkey"
    else:
        stem = "_".join([stem, *constraint.columns])
        ending = {"unique": "key", "foreign key": "fkey"}.get(constraint.kind, "check")
    names = work.names(root.name.schema) | {c.name for c in taken.values()}
    name = free_name(stem, ending, names)
    if constraint.kind in _KEYS:
        work.made_names.add(Name(root.name.schema, name))
    return replace(constraint, name=name, table=root)


def _holds_for_all(root: source.Table, constraint: source.Constraint) -> bool:
    """Whether a constraint that each partition has by itself holds over all of them together."""
    match constraint.kind:
        case "check" | "foreign key":
            return True
        case "primary key":
            return root.primary_key is None and _covers(root, constraint.columns)
        case "unique":
            return _covers(root, constraint.columns)
    return False


def _covers(root: source.Table, columns: tuple[str, ...]) -> bool:
    """Whether rows with equal values in these columns are in the same partition."""
    spec = root.node.partspec if isinstance(root.node, ast.CreateStmt) else None
    parts = spec.partParams if spec is not None else ()
    names = {part.name for part in parts or ()}
    return bool(names) and None not in names and names <= set(columns)


def _plain_columns(index: source.Index) -> tuple[str, ...]:
    if index.node.whereClause is not None or any(k.expr is not None for k in index.keys):
        return ()
    return tuple(key.name for key in index.keys)


def _constraint(work: Work, constraint: source.Constraint) -> Hashable:
    """What a constraint says, without its name and table."""
    node = constraint.node
    target = work.catalog.table(constraint.referenced) if constraint.referenced else None
    return (
        constraint.kind,
        constraint.columns if constraint.kind != "check" else (),
        expression(node.raw_expr) if node.raw_expr is not None else "",
        root_of(work, target) if target is not None else constraint.referenced,
        constraint.referenced_columns,
        (node.fk_upd_action, node.fk_del_action) if constraint.kind == "foreign key" else (),
        bool(node.nulls_not_distinct),
        tuple(_words(node.including)),
    )


def _words(nodes: object) -> Iterator[str]:
    for node in nodes or ():  # type: ignore[attr-defined]
        yield node.sval


def _index(index: source.Index) -> Hashable:
    """What an index holds, without its name and table."""
    node = index.node
    keys = tuple(
        (key.name, expression(key.expr) if key.expr is not None else "", key.ordering)
        for key in index.keys
    )
    where = expression(node.whereClause) if node.whereClause is not None else ""
    included = tuple(part.name for part in node.indexIncludingParams or ())
    return index.method, index.is_unique, bool(node.nulls_not_distinct), keys, where, included
