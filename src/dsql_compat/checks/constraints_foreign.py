"""Foreign keys."""

from __future__ import annotations

from dsql_compat.catalog.model import Catalog, Constraint, Table
from dsql_compat.checks.actions import AT, Action, on_action
from dsql_compat.checks.constraint_text import constraint_span, plain_text
from dsql_compat.checks.constraints import is_not_enforced
from dsql_compat.checks.context import Found, Here
from dsql_compat.checks.registry import detects
from dsql_compat.findings import Finding
from dsql_compat.sql.names import quote, quote_list


@detects("foreign-key", on=Constraint)
def declared_foreign_key(constraint: Constraint, here: Here) -> Found:
    if constraint.kind == "foreign key":
        yield foreign_key(constraint, here)


@on_action("foreign-key", "foreign-key-added", on=(AT.AT_AddConstraint,))
def added_foreign_key(action: Action) -> Found:
    constraint = action.constraint()
    if constraint.kind != "foreign key" or is_not_enforced(constraint):
        return
    if constraint.node.fk_with_period:
        return
    if not action.is_known or action.here.inside is not None:
        yield foreign_key(constraint, action.here)  # of known tables the replay shows it
    if constraint.not_valid:
        return
    text = plain_text(constraint)
    if not constraint.node.conname:
        text = f"CONSTRAINT {quote(constraint.name)} {text}"
    yield action.found(
        "foreign-key-added",
        about=constraint.ref,
        constraint=quote(constraint.name),
        text=text,
    )


def foreign_key(constraint: Constraint, here: Here) -> Finding | None:
    """Every foreign key, with the statements that stand in for it."""
    if constraint.node.fk_with_period or is_not_enforced(constraint):
        return None
    span = constraint_span(constraint)
    parent_columns = referenced_columns(constraint, here.catalog)
    child = [quote(name) for name in constraint.columns]
    parent = [quote(name) for name in parent_columns]
    pairs = list(zip(child, parent, strict=False))
    numbered = [f"{name} = ${at}" for at, name in enumerate(parent, start=1)]
    return here.found(
        "foreign-key",
        span,
        about=constraint.ref,
        cause=here.missing(constraint.table.ref),
        before=span.text,
        table=constraint.table.name,
        constraint=quote(constraint.name),
        columns=", ".join(child),
        parent=constraint.referenced,
        parent_columns=", ".join(parent),
        parent_match=" AND ".join(numbered),
        child_match=" AND ".join(f"{name} = ${at}" for at, name in enumerate(child, start=1)),
        join=" AND ".join(f"parent.{p} = child.{c}" for c, p in pairs),
        child_present=" AND ".join(f"child.{name} IS NOT NULL" for name in child),
    )


def referenced_columns(constraint: Constraint, catalog: Catalog) -> tuple[str, ...]:
    """The columns a foreign key refers to: as written, or the key of the other table."""
    if constraint.referenced_columns:
        return constraint.referenced_columns
    parent = catalog.table(constraint.referenced) if constraint.referenced else None
    if parent is not None and parent.primary_key is not None:
        return parent.primary_key.columns
    return ("id",) if len(constraint.columns) == 1 else constraint.columns


@detects("foreign-key-unindexed", on=Catalog)
def unindexed(catalog: Catalog, here: Here) -> Found:
    for table in catalog.tables():
        for constraint in table.constraints_of("foreign key"):
            if table.is_partition or is_not_enforced(constraint) or is_led(table, constraint):
                continue
            span = constraint_span(constraint)
            index = "_".join((table.name.name, *constraint.columns, "idx"))
            yield here.found(
                "foreign-key-unindexed",
                span,
                about=constraint.ref,
                before=span.text,
                table=table.name,
                constraint=quote(constraint.name),
                columns=quote_list(constraint.columns),
                parent=constraint.referenced,
                index=quote(index[:63]),
            )


def is_led(table: Table, constraint: Constraint) -> bool:
    """Whether an index or key of the table begins with the referring columns, in any order."""
    wanted = set(constraint.columns)
    keys = [c.columns for c in table.constraints.values() if c.kind in ("primary key", "unique")]
    keys += [
        tuple(key.name or "" for key in index.keys)
        for index in table.indexes.values()
        if index.node.whereClause is None and index.method in ("btree", "hash", "btree_index")
    ]
    return any(set(columns[: len(wanted)]) == wanted for columns in keys)
