"""Roles, and what the former owners of objects may do: compared by statements, not by catalog.

Roles belong to a whole server, so two databases on one cannot be told apart by them.
"""

from __future__ import annotations

from pglast import ast, enums

from dsql_compat.proof.catalogs import Key, Snapshot
from dsql_compat.proof.compare import MISSING, Comparison, Difference, Open
from dsql_compat.proof.statements import made_roles
from dsql_compat.rewriting.model import Rewrite
from dsql_compat.sql.names import relation_name
from dsql_compat.sql.statements import Statement

_SCHEMA = enums.ObjectType.OBJECT_SCHEMA
_CHANGE_OWNER = enums.AlterTableType.AT_ChangeOwner


def compare_roles(
    rewrite: Rewrite,
    items: list[Statement],
    before: Snapshot,
    after: Snapshot,
    found: Comparison,
    *,
    is_shared: bool,
) -> None:
    """Roles that are made, and rights that ownership gave."""
    left, right = made_roles(rewrite.statements), made_roles(items)
    found.compared["role"] += len(left & right)
    for name in sorted(left ^ right):
        words = ("there", None) if name in left else (None, "there")
        found.differences.append(
            Difference(Key("other", None, None, name, "role"), "role", MISSING, *words)
        )
    if is_shared:
        found.open.append(Open("grants", "a shared server keeps its roles; none were made there"))
        return
    _former_owners(rewrite, before, after, found)


def _former_owners(rewrite: Rewrite, before: Snapshot, after: Snapshot, found: Comparison) -> None:
    """Owners are granted everything instead; other grants must be the same."""
    owners = _owners(rewrite)
    absorbed = {
        fate.ref.name
        for fate in rewrite.fates
        if fate.ref.kind == "role" and fate.outcome == "absorbed"
    }
    kept: list[Difference] = []
    for difference in found.differences:
        owner = owners.get(difference.key)
        if difference.aspect != "grants" or owner is None:
            kept.append(difference)
            continue
        left, right = (
            [g for g in s.things[difference.key].aspects["grants"] if _grantee(g) != owner]
            for s in (before, after)
        )
        if left != right:
            kept.append(difference)
    for key, owner in owners.items():
        if key in before.things and key in after.things and owner not in absorbed:
            holders = {_grantee(grant) for grant in after.things[key].aspects["grants"]}
            if owner not in holders:
                kept.append(Difference(key, after.things[key].kind, "former owner", owner, None))
    found.differences[:] = kept


def _grantee(grant: str) -> str:
    name = grant[: grant.rindex('"') + 1] if grant.startswith('"') else grant.partition(" ")[0]
    return name.strip('"')


def _owners(rewrite: Rewrite) -> dict[Key, str]:
    owners: dict[Key, str] = {}
    for statement in rewrite.statements:
        tree = statement.tree
        if isinstance(tree, ast.AlterOwnerStmt) and tree.objectType == _SCHEMA:
            owners[Key("schema", None, None, tree.object.sval)] = tree.newowner.rolename
        if not isinstance(tree, ast.AlterTableStmt):
            continue
        relation = rewrite.catalog.relation(relation_name(tree.relation))
        if relation is None:
            continue
        key = Key("relation", relation.name.schema or "public", None, relation.name.name)
        for command in tree.cmds or ():
            if command.subtype == _CHANGE_OWNER and command.newowner.rolename:
                owners[key] = command.newowner.rolename
    return owners
