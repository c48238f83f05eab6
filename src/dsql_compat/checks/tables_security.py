"""Row level security: the switch on the table, and the policies."""

from __future__ import annotations

import re

from pglast import ast, enums

from dsql_compat.checks.actions import AT, Action, on_action
from dsql_compat.checks.context import Found, Here
from dsql_compat.checks.registry import detects
from dsql_compat.findings import Finding, ObjectRef, Span
from dsql_compat.sql import spans
from dsql_compat.sql.names import Name, name_of, quote, relation_name


@on_action(
    "row-level-security",
    on=(
        AT.AT_EnableRowSecurity,
        AT.AT_DisableRowSecurity,
        AT.AT_ForceRowSecurity,
        AT.AT_NoForceRowSecurity,
    ),
)
def row_level_security(action: Action) -> Found:
    here, table = action.here, action.table
    enables = action.command.subtype == AT.AT_EnableRowSecurity
    if not enables:
        case = "force" if action.command.subtype == AT.AT_ForceRowSecurity else "off"
        yield action.found(
            "row-level-security",
            case=case,
            key=case,
            cause=here.earlier("row-level-security", table.ref),
        )
        return
    found = action.found(
        "row-level-security",
        view=Name(table.name.schema, f"{table.name.name}_visible"),
        private=Name(table.name.schema, f"{table.name.name}_all_rows"),
        plain_name=quote(table.name.name),
    )
    yield found
    if found is not None:
        _own_policies(here, table.name, found)


def _own_policies(here: Here, table: Name, found: Finding) -> None:
    """Policies that a dump lists before the table's switch follow from it all the same."""
    for kind, name, owner in here.catalog.others:
        if kind == "policy" and owner == table.name and name.schema == table.schema:
            policy = here.earlier("policy", ObjectRef("policy", name.name, name.schema, owner))
            if policy is not None and policy.cause is None:
                policy.cause = found


@detects("policy", on=ast.CreatePolicyStmt)
def create_policy(node: ast.CreatePolicyStmt, here: Here) -> Found:
    wanted = relation_name(node.table)
    known = here.catalog.relation(wanted)
    table = known.name if known is not None else here.catalog.qualified(wanted)
    statement = here.statement
    using = spans.find_words(statement, "USING") if node.qual is not None else None
    qualifier = spans.parenthesised(statement, using.end) if using else None
    slug = re.sub(r"\W+", "_", node.policy_name.lower()).strip("_")
    name = spans.outer_tokens(statement, spans.words(statement, "POLICY").end)
    roles = ", ".join(
        quote(role.rolename)
        for role in node.roles or ()
        if role.roletype == enums.RoleSpecType.ROLESPEC_CSTRING
    )
    found = here.found(
        "policy",
        spans.word_at(statement, name[0].start if name else None),
        about=ObjectRef("policy", node.policy_name, table.schema, table.name),
        case=_policy_case(node, qualifier),
        cause=here.earlier("row-level-security", ObjectRef("table", table.name, table.schema)),
        breaks=True,
        table=table,
        policy=quote(node.policy_name),
        view=Name(table.schema, f"{table.name}_{slug}"[:63]),
        using=" ".join(qualifier.text[1:-1].split()) if qualifier else "",
        restrictive="" if node.permissive else "yes",
        roles=roles or "PUBLIC",
        command=(node.cmd_name or "all").upper(),
    )
    yield found
    if found is not None and qualifier is not None:
        _narrow(found, table, not node.permissive, here)


def _policy_case(node: ast.CreatePolicyStmt, qualifier: Span | None) -> str:
    if qualifier is None:
        return "check-only"
    return "" if node.permissive else "restrictive"


def _narrow(found: Finding, table: Name, is_restrictive: bool, here: Here) -> None:
    """A restrictive policy's condition holds in every view that stands for a permissive one."""
    for kind, name, owner in here.catalog.others:
        if kind != "policy" or owner != table.name or name.schema != table.schema:
            continue
        other = here.earlier("policy", ObjectRef("policy", name.name, name.schema, owner))
        if other is None or other is found or not other.facts.get("using"):
            continue
        wide, narrow = (other, found) if is_restrictive else (found, other)
        if wide.facts["restrictive"] or not narrow.facts["restrictive"]:
            continue
        condition = f"({narrow.facts['using']})"
        is_open = wide.facts["using"] == "true"
        wide.facts["using"] = condition if is_open else f"({wide.facts['using']}) AND {condition}"


@detects("policy", on=(ast.AlterPolicyStmt, ast.DropStmt, ast.RenameStmt))
def change_policy(node: ast.Node, here: Here) -> Found:
    match node:
        case ast.AlterPolicyStmt():
            table, policy = relation_name(node.table), node.policy_name
        case ast.DropStmt() if node.removeType == enums.ObjectType.OBJECT_POLICY:
            *path, last = node.objects[0]
            table, policy = name_of(path), last.sval
        case ast.RenameStmt() if node.renameType == enums.ObjectType.OBJECT_POLICY:
            table, policy = relation_name(node.relation), node.subname
        case _:
            return
    full = here.catalog.qualified(table)
    ref = ObjectRef("policy", policy, full.schema, full.name)
    yield here.found(
        "policy",
        spans.head(here.statement),
        about=ref,
        case="changed",
        cause=here.missing(ref),
        key="changed",
        table=full,
        policy=quote(policy),
    )
