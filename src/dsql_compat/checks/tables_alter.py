"""ALTER TABLE: what is done to a table as a whole."""

from __future__ import annotations

from pglast import ast

from dsql_compat.checks.actions import AT, Action, on_action
from dsql_compat.checks.context import Found, Here
from dsql_compat.checks.registry import detects
from dsql_compat.findings import ObjectRef, Span
from dsql_compat.sql import spans
from dsql_compat.sql.names import quote, relation_name


@on_action("table-option", on=(AT.AT_SetRelOptions, AT.AT_ResetRelOptions, AT.AT_ReplaceRelOptions))
def table_option(action: Action) -> Found:
    yield action.found("table-option", key=" ".join(action.span.text.split()))


@on_action("set-logged", on=(AT.AT_SetLogged, AT.AT_SetUnLogged))
def set_logged(action: Action) -> Found:
    case = "unlogged" if action.command.subtype == AT.AT_SetUnLogged else ""
    yield action.found("set-logged", case=case)


@on_action("table-oids", on=(AT.AT_DropOids,))
def drop_oids(action: Action) -> Found:
    yield action.found("table-oids")


@on_action("table-access-method", on=(AT.AT_SetAccessMethod,))
def set_access_method(action: Action) -> Found:
    yield action.found(
        "table-access-method", edited=action.without, clause=" ".join(action.span.text.split())
    )


@on_action("tablespace", on=(AT.AT_SetTableSpace,))
def set_tablespace(action: Action) -> Found:
    yield action.found("tablespace", edited=action.without, what=f"table {action.table.name}")


@on_action("replica-identity", on=(AT.AT_ReplicaIdentity,))
def replica_identity(action: Action) -> Found:
    yield action.found("replica-identity")


@on_action("cluster", on=(AT.AT_ClusterOn, AT.AT_DropCluster))
def cluster_on(action: Action) -> Found:
    yield action.found("cluster")


_TRIGGERS = (
    *(AT.AT_EnableTrig, AT.AT_EnableAlwaysTrig, AT.AT_EnableReplicaTrig, AT.AT_DisableTrig),
    *(AT.AT_EnableTrigAll, AT.AT_DisableTrigAll, AT.AT_EnableTrigUser, AT.AT_DisableTrigUser),
)


@on_action("trigger-toggle", on=_TRIGGERS)
def trigger_toggle(action: Action) -> Found:
    name = action.command.name
    if not name:
        yield action.found("trigger-toggle")
        return
    trigger = action.table.triggers.get(name)
    yield action.found(
        "trigger-toggle",
        case="named",
        key=name,
        cause=action.here.missing(trigger.ref) if trigger else None,
        trigger=quote(name),
    )


_RULES = (AT.AT_EnableRule, AT.AT_EnableAlwaysRule, AT.AT_EnableReplicaRule, AT.AT_DisableRule)


@on_action("rule-toggle", on=_RULES)
def rule_toggle(action: Action) -> Found:
    name = action.command.name
    table = action.table.name
    yield action.found(
        "rule-toggle",
        key=name,
        cause=action.here.missing(ObjectRef("rule", name, table.schema, table.name)),
        rule_name=quote(name),
    )


@on_action("typed-table", on=(AT.AT_AddOf, AT.AT_DropOf))
def of_type(action: Action) -> Found:
    yield action.found("typed-table", case="altered")


@detects("alter-table-async", on=ast.AlterTableStmt)
def alter_async(node: ast.AlterTableStmt, here: Here) -> Found:
    """ASYNC is a word for VALIDATE CONSTRAINT alone."""
    if here.statement.extension != "alter-async":
        return
    if all(c.subtype == AT.AT_ValidateConstraint for c in node.cmds or ()):
        return
    at = here.statement.text.upper().index("ASYNC")  # blanked for the scanner, so no word
    span = Span(here.statement, at, at + len("ASYNC"))
    name = here.catalog.qualified(relation_name(node.relation))
    yield here.found(
        "alter-table-async",
        span,
        about=ObjectRef("table", name.name, name.schema),
        table=name,
        edited=spans.edited(here.statement, [(span.start, span.end, "")]),
    )
