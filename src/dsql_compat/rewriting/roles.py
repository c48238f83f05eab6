"""Roles: those that objects are granted to or owned by, without passwords and attributes.

An object belongs to whoever makes it, so a former owner is granted everything instead: ALTER …
OWNER TO needs membership, which the role that runs a migration need not have.
"""

from __future__ import annotations

from collections.abc import Iterator

from pglast import ast, enums

from dsql_compat.findings import ObjectRef
from dsql_compat.rewriting.model import Item, Key
from dsql_compat.rewriting.work import Work
from dsql_compat.sql.names import Name, name_of, quote, relation_name
from dsql_compat.sql.statements import Statement

_OBJECT = enums.ObjectType
_NAMED = enums.RoleSpecType.ROLESPEC_CSTRING
_CHANGE_OWNER = enums.AlterTableType.AT_ChangeOwner
# Roles of a server's operator, which stand for nobody on DSQL but its own role admin.
_OPERATORS = ("postgres", "admin", "rdsadmin", "rds_superuser", "cloudsqlsuperuser")
_OPERATORS_OF = ("pg_", "rds_", "cloudsql", "azure_")
_GRANTABLE = {
    _OBJECT.OBJECT_TABLE: "TABLE",
    _OBJECT.OBJECT_VIEW: "TABLE",
    _OBJECT.OBJECT_MATVIEW: "TABLE",
    _OBJECT.OBJECT_SEQUENCE: "SEQUENCE",
    _OBJECT.OBJECT_SCHEMA: "SCHEMA",
}


def is_operator(role: str) -> bool:
    """Whether a role belongs to who runs the server rather than to the application."""
    return role in _OPERATORS or role.startswith(_OPERATORS_OF)


def rewrite_roles(work: Work) -> None:
    """CREATE ROLE for every role that the schema speaks of."""
    made = {
        statement.tree.role: statement
        for statement in work.statements
        if isinstance(statement.tree, ast.CreateRoleStmt)
    }
    altered: dict[str, list[Statement]] = {}
    for statement in work.statements:
        if isinstance(statement.tree, ast.AlterRoleStmt):
            altered.setdefault(statement.tree.role.rolename or "", []).append(statement)
    named = {role for statement in work.statements for role in named_roles(statement.tree)}
    for role in sorted(named | set(made)):
        ref, key = ObjectRef("role", role), Key("role", Name(None, role))
        given = made.get(role)
        if is_operator(role):
            what = "a role of the server's operator; on DSQL that is admin"
            told = [*([given] if given else []), *altered.get(role, [])]
            work.settle(ref, "absorbed", what, *told, key=key)
            continue
        changes = altered.get(role, [])
        logs_in = given is None or _logs_in(given.tree, [s.tree for s in changes])
        login = " WITH LOGIN" if logs_in else ""
        work.items.append(Item(ref, f"CREATE ROLE {quote(role)}{login}", makes=key))
        if given is not None:
            is_changed = changes or work.findings.get(ref)
            what = "with no attribute but LOGIN, if it has that" if changes else ""
            work.settle(ref, "changed" if is_changed else "kept", what, given, *changes)
        else:
            work.settle(ref, "changed", "made here: the source does not hold it", *changes)


def _logs_in(node: ast.CreateRoleStmt, changes: list[ast.AlterRoleStmt]) -> bool:
    """Whether a role may log in: CREATE USER does unless told otherwise; the last word counts."""
    can = bool(node.stmt_type == enums.RoleStmtType.ROLESTMT_USER)
    for stated in (node, *changes):
        for option in stated.options or ():
            if option.defname == "canlogin":
                can = bool(option.arg.boolval) if isinstance(option.arg, ast.Boolean) else True
    return can


def named_roles(tree: ast.Node | None) -> Iterator[str]:
    """The roles that a statement grants to, takes from or makes owners."""
    match tree:
        case ast.GrantStmt():
            yield from _names(tree.grantees)
        case ast.GrantRoleStmt():
            yield from _names(tree.grantee_roles)
            yield from (granted.priv_name for granted in tree.granted_roles or ())
        case ast.AlterDefaultPrivilegesStmt():
            yield from _names(tree.action.grantees)
            for option in tree.options or ():
                if option.defname == "roles":
                    yield from _names(option.arg)
        case ast.AlterOwnerStmt():
            yield from _names([tree.newowner])
        case ast.AlterTableStmt():
            yield from _names(c.newowner for c in tree.cmds or () if c.subtype == _CHANGE_OWNER)
        case ast.CreateSchemaStmt() if tree.authrole is not None:
            yield from _names([tree.authrole])


def _names(specs: object) -> Iterator[str]:
    for spec in specs or ():  # type: ignore[attr-defined]
        if isinstance(spec, ast.RoleSpec) and spec.roletype == _NAMED:
            yield spec.rolename


def rewrite_owners(work: Work) -> None:
    """Everything on an object for the role that owned it."""
    owners: dict[tuple[str, Name], str] = {}
    told: dict[str, list[Statement]] = {}
    for statement in work.statements:
        for kind, name, role in _ownership(work, statement):
            owners[kind, name] = role
        if isinstance(statement.tree, ast.AlterOwnerStmt):
            for role in named_roles(statement.tree):
                told.setdefault(role, []).append(statement)
    for role, statements in sorted(told.items()):
        what = "an object belongs to whoever makes it; its former owner is granted everything on it"
        work.settle(ObjectRef("owner", role), "absorbed", what, *statements)
    for (kind, name), role in owners.items():
        if is_operator(role):
            continue
        owned = Key("schema", name) if kind == "SCHEMA" else Key("relation", name)
        wanted = frozenset({owned, Key("role", Name(None, role))})
        if work.lacks(wanted) is not None or name == Name(None, "public"):
            continue
        sql = f"GRANT ALL ON {kind} {name} TO {quote(role)}"
        if work.refusal(sql) is None:
            ref = ObjectRef(kind.lower(), name.name, name.schema)
            work.items.append(Item(ref, sql, needs=wanted))


def _ownership(work: Work, statement: Statement) -> Iterator[tuple[str, Name, str]]:
    """What kind of object, which one, and whose it becomes."""
    tree = statement.tree
    match tree:
        case ast.AlterTableStmt():
            kind = _GRANTABLE.get(tree.objtype)
            relation = work.catalog.relation(relation_name(tree.relation))
            for role in named_roles(tree):
                if kind is not None and relation is not None:
                    yield kind, relation.name, role
        case ast.AlterOwnerStmt():
            kind = _GRANTABLE.get(tree.objectType)
            for role in named_roles(tree):
                if kind == "SCHEMA":
                    yield kind, Name(None, _schema(tree.object)), role


def _schema(node: object) -> str:
    return node.sval if isinstance(node, ast.String) else name_of(node).name  # type: ignore[arg-type]
