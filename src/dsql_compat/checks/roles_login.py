"""Roles that log in without a mapping from IAM, and the role that the service keeps."""

from __future__ import annotations

import re

from pglast import ast, enums

from dsql_compat.catalog.model import Catalog
from dsql_compat.checks.context import Found, Here
from dsql_compat.checks.registry import detects
from dsql_compat.checks.roles import mapping, role_ref
from dsql_compat.findings import Span
from dsql_compat.sql import spans
from dsql_compat.sql.names import quote
from dsql_compat.sql.statements import Statement

_ADMIN = "admin"
_MAPPING = re.compile(r"""AWS\s+IAM\s+GRANT\s+(?:"((?:[^"]|"")+)"|([\w$]+))\s+TO\b""", re.I)


@detects("login-role", on=ast.CreateRoleStmt)
def login_role(node: ast.CreateRoleStmt, here: Here) -> Found:
    """A role with a password, and a user, are told of the mapping by their own rules."""
    options = {option.defname: option for option in node.options or ()}
    login = options.get("canlogin")
    plain = node.stmt_type == enums.RoleStmtType.ROLESTMT_ROLE and "password" not in options
    if plain and login is not None and isinstance(login.arg, ast.Boolean) and login.arg.boolval:
        here.run.unmapped[node.role] = spans.word_at(here.statement, login.location)
    yield None


@detects("login-role", on=Statement)
def mapped(statement: Statement, here: Here) -> Found:
    found = _MAPPING.match(statement.text) if statement.extension == "iam" else None
    if found is not None:
        quoted, plain = found.groups()
        here.run.unmapped.pop(quoted.replace('""', '"') if quoted else plain.lower(), None)
    yield None


@detects("login-role", on=Catalog)
def never_mapped(catalog: Catalog, here: Here) -> Found:
    if catalog is not here.run.catalogs[-1]:
        return
    for role, span in here.run.unmapped.items():
        yield here.found(
            "login-role", span, about=role_ref(role), role=quote(role), grant=mapping(role)
        )


@detects("reserved-role", on=(ast.CreateRoleStmt, ast.DropRoleStmt, ast.RenameStmt))
def reserved_role(node: ast.Node, here: Here) -> Found:
    about = role_ref(_ADMIN)
    match node:
        case ast.CreateRoleStmt() if node.role == _ADMIN:
            yield here.found("reserved-role", _word(here), about=about)
        case ast.DropRoleStmt() if any(role.rolename == _ADMIN for role in node.roles):
            yield here.found("reserved-role", _word(here), about=about, case="changed", key="drop")
        case ast.RenameStmt() if node.renameType == enums.ObjectType.OBJECT_ROLE:
            if node.subname == _ADMIN:
                span = _word(here)
                yield here.found("reserved-role", span, about=about, case="changed", key="rename")


def _word(here: Here) -> Span:
    return spans.words(here.statement, _ADMIN)
