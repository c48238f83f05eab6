"""Constraints: those that ALTER TABLE adds, checks, drops; those DSQL cannot express."""

from __future__ import annotations

from typing import Any

from pglast import ast, enums

from dsql_compat.catalog.model import Constraint
from dsql_compat.checks.actions import AT, Action, can_fold, copy_facts, on_action
from dsql_compat.checks.constraint_text import constraint_span, excluded_terms, plain_text
from dsql_compat.checks.context import Found, Here
from dsql_compat.checks.registry import detects
from dsql_compat.findings import Finding, ObjectRef
from dsql_compat.sql import spans
from dsql_compat.sql.names import quote, quote_list
from dsql_compat.sql.walk import walk

ConstrType = enums.ConstrType


@detects(
    "exclusion-constraint",
    "deferrable-constraint",
    "temporal-constraint",
    "not-enforced-constraint",
    "not-null-constraint",
    on=Constraint,
)
def declared(constraint: Constraint, here: Here) -> Found:
    """Constraints of CREATE TABLE; those of ALTER TABLE come by way of their action."""
    if constraint.is_added_later or constraint.table.kind == "foreign table":
        return
    yield from judge_forms(constraint, here)


def judge_forms(constraint: Constraint, here: Here) -> Found:
    """What DSQL has no form of, wherever the constraint is declared."""
    node = constraint.node
    if node.without_overlaps or node.fk_with_period:
        yield _form("temporal-constraint", constraint, here)
        return
    if is_not_enforced(constraint):
        yield _form("not-enforced-constraint", constraint, here)
        return
    if constraint.kind == "exclude":
        yield _exclusion(constraint, here)
    elif constraint.kind in ("primary key", "unique") and constraint.deferrable:
        from_index = constraint.kind == "unique" and constraint.using_index
        case = "using-index" if from_index else ""
        yield _form("deferrable-constraint", constraint, here, case=case)
    elif constraint.kind == "not null" and not constraint.is_added_later:
        yield _form("not-null-constraint", constraint, here, column=quote(constraint.columns[0]))


def is_not_enforced(constraint: Constraint) -> bool:
    """NOT ENFORCED, of PostgreSQL 18: in the constraint, or behind it in a column."""
    if constraint.kind not in ("check", "foreign key"):
        return False
    if not constraint.is_inline:
        return not constraint.node.is_enforced
    column = constraint.table.columns.get(constraint.columns[0])
    attributes = column.node.constraints or () if column and column.node else ()
    following = [c for c in attributes if c.location > constraint.node.location]
    return bool(following) and following[0].contype == ConstrType.CONSTR_ATTR_NOT_ENFORCED


def _form(rule: str, constraint: Constraint, here: Here, **facts: Any) -> Finding | None:
    span = constraint_span(constraint)
    return here.found(
        rule,
        span,
        about=constraint.ref,
        cause=here.missing(constraint.table.ref),
        before=span.text,
        table=constraint.table.name,
        constraint=quote(constraint.name),
        kind=constraint.kind.upper(),
        columns=quote_list(constraint.columns),
        text=plain_text(constraint),
        **facts,
    )


def _exclusion(constraint: Constraint, here: Here) -> Finding | None:
    """EXCLUDE; with equality alone it is a UNIQUE by another name."""
    node = constraint.node
    elements = node.exclusions or ()
    operators = [parts[-1].sval for _, parts in elements]
    text = spans.element(constraint.statement, node.location).text
    equality = (
        all(element.name for element, _ in elements)
        and set(operators) == {"="}
        and node.where_clause is None
    )
    written = excluded_terms(constraint)
    condition = " AND ".join(
        f"{quote(element.name) if element.name else term} {operator} ${number}"
        for number, ((element, _), operator, term) in enumerate(
            zip(elements, operators, written.terms, strict=False), start=1
        )
    )
    condition += f" AND {written.where}" if written.where else ""
    return here.found(
        "exclusion-constraint",
        constraint_span(constraint),
        about=constraint.ref,
        case="equality" if equality else "",
        cause=here.missing(constraint.table.ref),
        breaks=not equality,
        before=text,
        table=constraint.table.name,
        constraint=quote(constraint.name),
        columns=quote_list(constraint.columns),
        condition=condition,
    )


# -- ALTER TABLE ADD CONSTRAINT -------------------------------------------------------------------


@on_action(
    "primary-key-added",
    "unique-added",
    "check-added",
    "not-valid-constraint",
    "unique-using-index",
    "primary-key-using-index",
    "set-not-null",
    on=(AT.AT_AddConstraint,),
)
def add_constraint(action: Action) -> Found:
    constraint = action.constraint()
    yield from judge_forms(constraint, action.here)
    node = constraint.node
    if node.without_overlaps or is_not_enforced(constraint):
        return
    match constraint.kind:
        case "primary key" if constraint.using_index:
            yield _key(action, constraint, "primary-key-using-index")
        case "primary key":
            yield _key(action, constraint, "primary-key-added")
        case "unique" if constraint.using_index:
            yield _using_index(action, constraint)
        case "unique":
            yield _key(action, constraint, "unique-added")
        case "check" if constraint.not_valid:
            yield _check(action, constraint, "not-valid-constraint")
        case "check":
            yield _check(action, constraint, "check-added")
        case "not null":
            yield _not_null(action, constraint)


def _key(action: Action, constraint: Constraint, rule: str) -> Finding | None:
    table, here = action.table, action.here
    dropped = here.earlier("drop-primary-key", table.ref)
    if table.is_partition:
        case = "partition"
    elif constraint.using_index and not constraint.columns:
        case = "unknown-index"
    elif can_fold(table, constraint.columns, known=action.is_known) and not (
        constraint.kind == "primary key" and dropped
    ):
        case = ""
    else:
        case = "existing"
    index = f"{constraint.name}_idx" if not constraint.using_index else constraint.using_index
    text = plain_text(constraint)
    if constraint.using_index:
        text = f"CONSTRAINT {quote(constraint.name)} PRIMARY KEY ({quote_list(constraint.columns)})"
    return action.found(
        rule,
        about=constraint.ref,
        case=case,
        cause=dropped if constraint.kind == "primary key" and case == "existing" else None,
        constraint=quote(constraint.name),
        columns=quote_list(constraint.columns),
        text=text,
        index=quote(index),
        index_tail=_index_tail(constraint),
        **copy_facts(table),
    )


def _index_tail(constraint: Constraint) -> str:
    """What a unique index needs beside the columns to mean what the constraint means."""
    node = constraint.node
    tail = ""
    if node.including:
        tail += f" INCLUDE ({quote_list(part.sval for part in node.including)})"
    if node.nulls_not_distinct:
        tail += " NULLS NOT DISTINCT"
    return tail


def _using_index(action: Action, constraint: Constraint) -> Finding | None:
    table, index = action.table.name, constraint.using_index or ""
    unfinished = ObjectRef("index", index, table.schema, table.name)
    return action.found(
        "unique-using-index",
        about=constraint.ref,
        case="unfinished" if unfinished in action.here.run.unfinished_indexes else "",
        constraint=quote(constraint.name),
        columns=quote_list(constraint.columns),
        index=quote(index),
        statement=f"{spans.whole(action.here.statement).text.rstrip(';')};",
    )


def _check(action: Action, constraint: Constraint, rule: str) -> Finding | None:
    columns = tuple(
        node.fields[-1].sval
        for node in walk(constraint.node.raw_expr)
        if isinstance(node, ast.ColumnRef) and isinstance(node.fields[-1], ast.String)
    )
    text = plain_text(constraint)
    if not constraint.node.conname:
        text = f"CONSTRAINT {quote(constraint.name)} {text}"
    return action.found(
        rule,
        about=constraint.ref,
        case="" if can_fold(action.table, columns, known=action.is_known) else "existing",
        constraint=quote(constraint.name),
        text=text,
        **copy_facts(action.table),
    )


def _not_null(action: Action, constraint: Constraint) -> Finding | None:
    column = constraint.columns[0]
    return action.found(
        "set-not-null",
        about=constraint.ref,
        case="" if can_fold(action.table, (column,), known=action.is_known) else "existing",
        column=quote(column),
        constraint=quote(constraint.name),
        **copy_facts(action.table),
    )


# -- what is done to constraints ------------------------------------------------------------------


@on_action("validate-constraint", on=(AT.AT_ValidateConstraint,))
def validate_constraint(action: Action) -> Found:
    constraint = action.table.constraints.get(action.command.name)
    foreign = constraint is not None and constraint.kind == "foreign key"
    case = "foreign-key" if foreign else ""
    if action.here.statement.extension == "alter-async":
        case = "async-foreign-key" if foreign else "async"
    yield action.found(
        "validate-constraint",
        about=constraint.ref if constraint else None,
        case=case,
        key=action.command.name,
        cause=action.here.earlier("foreign-key", constraint.ref) if constraint else None,
        constraint=quote(action.command.name),
    )


@on_action("drop-constraint", "drop-primary-key", on=(AT.AT_DropConstraint,))
def drop_constraint(action: Action) -> Found:
    dropped = action.dropped(Constraint)
    name = action.command.name
    here = action.here
    if isinstance(dropped, Constraint):
        kind = dropped.kind
        cause = here.missing(dropped.ref) or here.earlier("foreign-key", dropped.ref)
    else:
        kind = "primary key" if name == f"{action.table.name.name}_pkey" else ""
        cause = None
    if kind == "primary key":
        yield action.found(
            "drop-primary-key", constraint=quote(name), key=name, **copy_facts(action.table)
        )
        return
    case = {"foreign key": "foreign-key", "exclude": "exclude"}.get(kind, "")
    yield action.found(
        "drop-constraint",
        case=case,
        cause=cause,
        key=name,
        constraint=quote(name),
        **copy_facts(action.table),
    )


@on_action("alter-constraint", on=(AT.AT_AlterConstraint,))
def alter_constraint(action: Action) -> Found:
    change = action.command.def_
    constraint = action.table.constraints.get(change.conname)
    about = constraint.ref if constraint else None
    case = "" if change.alterDeferrability else "enforceability"
    yield action.found(
        "alter-constraint",
        about=about,
        case=case,
        key=change.conname,
        cause=action.here.earlier("foreign-key", about) if about else None,
        constraint=quote(change.conname),
    )
