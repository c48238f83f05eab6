"""Which statements of a source run on the scratch server, and in which words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from pglast import ast, enums

from dsql_compat.sql.masking import mask_dsql_words
from dsql_compat.sql.statements import Statement
from dsql_compat.sql.walk import walk

Skip = Literal["transaction", "role", "owner", "grant", "data", "session", "unreadable", "server"]

_TRANSACTION = (ast.TransactionStmt, ast.ConstraintsSetStmt)
_ROLES = (
    *(ast.CreateRoleStmt, ast.AlterRoleStmt, ast.AlterRoleSetStmt, ast.DropRoleStmt),
    ast.GrantRoleStmt,
)
_OWNERS = (ast.AlterOwnerStmt, ast.ReassignOwnedStmt, ast.DropOwnedStmt)
_GRANTS = (ast.GrantStmt, ast.AlterDefaultPrivilegesStmt)
_DATA = (
    *(ast.InsertStmt, ast.UpdateStmt, ast.DeleteStmt, ast.MergeStmt),
    *(ast.CopyStmt, ast.TruncateStmt),
)
# What reaches beyond the database: other databases, files, other servers, the server itself.
_SERVER = (
    *(ast.CreatedbStmt, ast.DropdbStmt, ast.AlterDatabaseStmt, ast.AlterDatabaseSetStmt),
    *(ast.AlterSystemStmt, ast.CreateTableSpaceStmt, ast.DropTableSpaceStmt, ast.LoadStmt),
    *(ast.CreateSubscriptionStmt, ast.AlterSubscriptionStmt, ast.VacuumStmt, ast.CheckPointStmt),
    *(ast.ListenStmt, ast.NotifyStmt, ast.UnlistenStmt, ast.DiscardStmt, ast.ReindexStmt),
    *(ast.LockStmt, ast.PrepareStmt, ast.ExecuteStmt, ast.DeallocateStmt, ast.ExplainStmt),
    *(ast.DeclareCursorStmt, ast.FetchStmt, ast.ClosePortalStmt, ast.ClusterStmt),
    ast.SecLabelStmt,
)
# Settings of the proof's own session: who it is, how long a statement may take, its encoding.
_OWN_SETTINGS = frozenset(
    (
        *("role", "session_authorization", "client_encoding", "statement_timeout"),
        *("lock_timeout", "transaction_timeout", "idle_in_transaction_session_timeout"),
        *("default_transaction_read_only", "transaction_read_only", "client_min_messages"),
    )
)
_LOCAL = re.compile(r"(SET\s+)LOCAL\b", re.I)


class Runnable(NamedTuple):
    """A statement in PostgreSQL's words, or why it is not to be run."""

    sql: str
    skip: Skip | None = None


def runnable(statement: Statement, *, shared: bool, data: bool) -> Runnable:
    """What to send for a statement.  `data`: rows are wanted too."""
    tree, text = statement.tree, statement.excerpt
    if statement.extension == "iam":
        return Runnable(text, "role")
    if tree is None:
        return Runnable(text, "unreadable")
    skip = _reason(tree, shared=shared, data=data)
    if skip is None and isinstance(tree, ast.VariableSetStmt) and tree.is_local:
        text = _LOCAL.sub(r"\1", text, count=1)  # every statement is a transaction of its own
    return Runnable(mask_dsql_words(text)[0], skip)


def _reason(tree: ast.Node, *, shared: bool, data: bool) -> Skip | None:
    if isinstance(tree, _TRANSACTION):
        return "transaction"
    if isinstance(tree, _ROLES):
        return "role"
    if isinstance(tree, _OWNERS) or _only_owners(tree):
        return "owner"
    if shared and isinstance(tree, _GRANTS):
        return "grant"
    if isinstance(tree, ast.CopyStmt) or (isinstance(tree, _DATA) and not data):
        return "data"
    if isinstance(tree, _SERVER):
        return "server"
    if isinstance(tree, ast.VariableSetStmt) and (tree.name or "").lower() in _OWN_SETTINGS:
        return "session"
    if isinstance(tree, ast.VariableSetStmt) and tree.name is None:  # RESET ALL
        return "session"
    return None


def _only_owners(tree: ast.Node) -> bool:
    commands = (tree.cmds or ()) if isinstance(tree, ast.AlterTableStmt) else ()
    change = enums.AlterTableType.AT_ChangeOwner
    return bool(commands) and all(command.subtype == change for command in commands)


def role_names(statements: list[Statement]) -> Iterator[str]:
    """The roles that statements make or name."""
    for statement in statements:
        tree = statement.tree
        if isinstance(tree, ast.CreateRoleStmt):
            yield tree.role
        if tree is None or isinstance(tree, ast.InsertStmt):
            continue
        for node in walk(tree):
            if isinstance(node, ast.RoleSpec) and node.rolename:
                yield node.rolename


def made_roles(statements: list[Statement]) -> set[str]:
    """The roles that are there after these statements, by name, and `member of` pairs."""
    made: set[str] = set()
    for statement in statements:
        match statement.tree:
            case ast.CreateRoleStmt() as tree:
                made.add(tree.role)
            case ast.DropRoleStmt() as tree:
                made -= {role.rolename for role in tree.roles or ()}
    return made
