"""ALTER TABLE: columns added, dropped and changed."""

from __future__ import annotations

from typing import Any

from pglast import enums

from dsql_compat.catalog.model import Column, Constraint
from dsql_compat.checks.actions import AT, Action, can_fold, copy_facts, on_action
from dsql_compat.checks.column_text import definition
from dsql_compat.checks.columns import owned_sequence
from dsql_compat.checks.context import Found
from dsql_compat.checks.tables_added import added_column_facts, is_null_default
from dsql_compat.findings import Finding, ObjectRef, Span
from dsql_compat.sql import spans
from dsql_compat.sql.names import quote, quote_list


@on_action("add-column-constraint", on=(AT.AT_AddColumn,))
def add_column(action: Action) -> Found:
    node = action.command.def_
    kinds = {c.contype for c in node.constraints or () if not is_null_default(c)}
    case = next((case for kind, case in _WORST.items() if kind in kinds), None)
    if case is None:
        if not any(map(is_null_default, node.constraints or ())):
            return
        case = "default-null"
    span = spans.column_definition(action.here.statement, node)
    first = min(c.location for c in node.constraints if c.contype in _WORST)
    yield action.found(
        "add-column-constraint",
        span=Span(action.here.statement, first, span.end),
        about=_about(action, node.colname),
        case=case,
        definition=" ".join(span.text.split()),
        **added_column_facts(action, node),
        **copy_facts(action.table, without=node.colname),
    )


# The constraints of an added column, those that take the most work first.
_WORST = {
    enums.ConstrType.CONSTR_PRIMARY: "primary-key",
    enums.ConstrType.CONSTR_GENERATED: "generated",
    enums.ConstrType.CONSTR_IDENTITY: "identity",
    enums.ConstrType.CONSTR_FOREIGN: "references",
    enums.ConstrType.CONSTR_UNIQUE: "unique",
    enums.ConstrType.CONSTR_CHECK: "check",
    enums.ConstrType.CONSTR_NOTNULL: "not-null",
    enums.ConstrType.CONSTR_DEFAULT: "default",
}


def _about(action: Action, name: str) -> ObjectRef:
    column = action.table.columns.get(name)
    return (
        column.ref
        if column is not None
        else Column(name, action.table, None, action.here.statement).ref
    )


@on_action("drop-column", on=(AT.AT_DropColumn,))
def drop_column(action: Action) -> Found:
    name = action.command.name
    dropped = action.dropped(Column)
    keys = [
        item
        for item in action.here.catalog.dropped
        if isinstance(item, Constraint) and item.table is action.table and name in item.columns
    ]
    key = next((c for c in keys if c.kind == "primary key"), None)
    left = [definition(action.here.catalog, c) for c in action.table.columns.values()]
    rest = quote_list(c.name for c in action.table.columns.values() if not c.generated)
    facts = copy_facts(action.table)
    if action.is_known and action.table.columns_known and left:
        create = f"CREATE TABLE {facts['copy']} ({', '.join(left)});"
    else:
        create = f"-- CREATE TABLE {facts['copy']} with every column but {quote(name)}"
        facts["copy_rows"] = f"-- INSERT INTO {facts['copy']} SELECT those columns"
    yield action.found(
        "drop-column",
        about=dropped.ref if dropped is not None else _about(action, name),
        case="primary-key" if key else "",
        column=quote(name),
        create=create,
        rest=rest,
        **facts,
    )


@on_action("alter-column-type", on=(AT.AT_AlterColumnType,))
def alter_type(action: Action) -> Found:
    here, name, table = action.here, action.command.name, action.table
    kind = spans.type_name(here.statement, action.command.def_.typeName)
    span = action.span
    using = [
        token
        for token in spans.outer_tokens(here.statement, kind.end, span.end)
        if token.text.upper() == "USING"
    ]
    expression = here.statement.text[using[0].end : span.end].strip() if using else quote(name)
    column = action.column
    key = table.primary_key
    in_key = key is not None and name in key.columns
    more: dict[str, Any] = {"not_null": "", "not_null_valid": ""}
    if column is not None and column.not_null and not in_key:
        check = quote(f"{table.name.name}_{name}_not_null"[:63])
        more["not_null"] = (
            f"ALTER TABLE {table.name} ADD CONSTRAINT {check} "
            f"CHECK ({quote(name)} IS NOT NULL) NOT VALID;"
        )
        more["not_null_valid"] = f"ALTER TABLE ASYNC {table.name} VALIDATE CONSTRAINT {check};"
    start = spans.find_words(here.statement, "TYPE", after=span.start, before=kind.start + 1)
    yield action.found(
        "alter-column-type",
        span=Span(here.statement, start.start, kind.end) if start else None,
        about=_about(action, name),
        case="primary-key" if in_key else "",
        column=quote(name),
        spare=quote(f"{name}_new"),
        type=kind.text,
        using=expression,
        **more,
        **copy_facts(table),
    )


@on_action("set-not-null", on=(AT.AT_SetNotNull,))
def set_not_null(action: Action) -> Found:
    name = action.command.name
    table = action.table
    yield action.found(
        "set-not-null",
        about=_about(action, name),
        case="" if can_fold(table, (name,), known=action.is_known) else "existing",
        column=quote(name),
        constraint=quote(f"{table.name.name}_{name}_not_null"[:63]),
        **copy_facts(table),
    )


@on_action("alter-column-default", on=(AT.AT_ColumnDefault,))
def alter_default(action: Action) -> Found:
    name, column = action.command.name, action.column
    if column is not None and owned_sequence(action.here.catalog, column) is not None:
        return  # serial-column says it at the column
    span = action.span
    default = spans.find_words(action.here.statement, "DEFAULT", after=span.start, before=span.end)
    dropped = action.command.def_ is None
    text = action.here.statement.text[default.start : span.end] if default else ""
    foldable = can_fold(action.table, (name,), known=action.is_known)
    yield action.found(
        "alter-column-default",
        about=_about(action, name),
        case="" if foldable else "existing",
        column=quote(name),
        text="without its default" if dropped else f"with {text}",
        line=f"-- in CREATE TABLE {action.table.name}, column {quote(name)}: "
        + ("no DEFAULT" if dropped else text),
        **copy_facts(action.table),
    )


@on_action("drop-not-null", on=(AT.AT_DropNotNull,))
def drop_not_null(action: Action) -> Found:
    yield _changed(action, "drop-not-null")


@on_action("drop-expression", on=(AT.AT_DropExpression,))
def drop_expression(action: Action) -> Found:
    yield _changed(action, "drop-expression")


@on_action("set-expression", on=(AT.AT_SetExpression,))
def set_expression(action: Action) -> Found:
    span = action.span
    start = spans.find_words(action.here.statement, "AS", after=span.start, before=span.end)
    text = action.here.statement.text[start.start : span.end] if start else ""
    yield _changed(action, "set-expression", text=text)


def _changed(action: Action, rule: str, **facts: Any) -> Finding | None:
    name = action.command.name
    foldable = can_fold(action.table, (name,), known=action.is_known)
    return action.found(
        rule,
        about=_about(action, name),
        case="" if foldable else "existing",
        column=quote(name),
        **facts,
        **copy_facts(action.table),
    )


@on_action("add-identity", on=(AT.AT_AddIdentity, AT.AT_SetIdentity, AT.AT_DropIdentity))
def identity(action: Action) -> Found:
    name = action.command.name
    if action.command.subtype != AT.AT_AddIdentity:
        case = "changed"
    else:
        foldable = can_fold(action.table, (name,), known=action.is_known)
        case = "" if foldable else "existing"
    always = (
        action.command.def_ is not None
        and getattr(action.command.def_, "generated_when", "d") == "a"
    )
    yield action.found(
        "add-identity",
        about=_about(action, name),
        case=case,
        key=case,
        column=quote(name),
        kind="ALWAYS" if always else "BY DEFAULT",
        **copy_facts(action.table),
    )


@on_action("column-statistics-target", on=(AT.AT_SetStatistics,))
def set_statistics(action: Action) -> Found:
    name = action.command.name or ""
    yield action.found("column-statistics-target", about=_about(action, name), column=quote(name))


@on_action("column-option", on=(AT.AT_SetOptions, AT.AT_ResetOptions))
def set_options(action: Action) -> Found:
    name = action.command.name or ""
    yield action.found("column-option", about=_about(action, name), column=quote(name))
