"""Roles: their passwords, attributes and settings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pglast import ast, enums

from dsql_compat.checks.context import Found, Here
from dsql_compat.checks.registry import detects
from dsql_compat.findings import ObjectRef, Span
from dsql_compat.sql import spans
from dsql_compat.sql.names import quote, quote_list

_POWERS = {
    "superuser": "SUPERUSER",
    "createdb": "CREATEDB",
    "createrole": "CREATEROLE",
    "isreplication": "REPLICATION",
    "bypassrls": "BYPASSRLS",
}
_LIMITS = {"connectionlimit": "CONNECTION LIMIT", "validUntil": "VALID UNTIL"}
_WORDS = {**_POWERS, **_LIMITS, "canlogin": "LOGIN", "inherit": "INHERIT"}
_MEMBERS = {"addroleto": "IN ROLE", "rolemembers": "ROLE", "adminmembers": "ADMIN"}
_GROUP = enums.RoleStmtType.ROLESTMT_GROUP
_USER = enums.RoleStmtType.ROLESTMT_USER


def role_ref(name: str) -> ObjectRef:
    """How findings name a role."""
    return ObjectRef("role", name)


def _members(option: ast.DefElem) -> str:
    """The roles that an option names; CURRENT_USER and its like are left out."""
    roles: Any = option.arg or ()
    return quote_list(role.rolename for role in roles if role.rolename)


def _shown(option: ast.DefElem) -> str:
    """An option as it is written, without its value."""
    word: str = _WORDS.get(option.defname, option.defname.upper())
    if isinstance(option.arg, ast.Boolean) and not option.arg.boolval:
        return f"NO{word}"
    return word


def _is_on(option: ast.DefElem) -> bool:
    return isinstance(option.arg, ast.Boolean) and bool(option.arg.boolval)


@detects("role-password", "role-attribute", "create-user", on=ast.CreateRoleStmt)
def create_role(node: ast.CreateRoleStmt, here: Here) -> Found:
    options = {option.defname: option for option in node.options or ()}
    facts: dict[str, Any] = {
        "role": quote(node.role),
        "edited": _created(node, options),
        "grant": mapping(node.role) if _can_log_in(node, options) else "",
    }
    about = role_ref(node.role)
    refused = False
    if "password" in options:
        refused = True
        span = spans.word_at(here.statement, options["password"].location)
        yield here.found("role-password", _password_word(span, here), about=about, **facts)
    for case, chosen in _attributes(options):
        refused = True
        yield here.found(
            "role-attribute",
            _options_span(chosen, here),
            about=about,
            case=case,
            attributes=", ".join(map(_shown, chosen)),
            **facts,
        )
    if not refused and node.stmt_type in (_USER, _GROUP):
        case = "group" if node.stmt_type == _GROUP else ""
        yield here.found("create-user", spans.head(here.statement), about=about, case=case, **facts)


def _attributes(
    options: dict[str, ast.DefElem],
) -> Iterator[tuple[str, list[ast.DefElem]]]:
    """The refused attributes by what leaving them out means."""
    powers = [o for name, o in options.items() if name in _POWERS and _is_on(o)]
    denied = [o for name, o in options.items() if name in _POWERS and not _is_on(o)]
    limits = [o for name, o in options.items() if name in _LIMITS and _restricts(o)]
    denied += [o for name, o in options.items() if name in _LIMITS and not _restricts(o)]
    for case, chosen in (("", powers), ("denied", denied), ("limit", limits)):
        if chosen:
            yield case, chosen


def _restricts(option: ast.DefElem) -> bool:
    """Whether a limit limits: CONNECTION LIMIT -1 and VALID UNTIL 'infinity' do not."""
    if option.defname == "connectionlimit":
        return bool(getattr(option.arg, "ival", 0) >= 0)
    if option.defname == "validUntil":
        return bool(getattr(option.arg, "sval", "") != "infinity")
    return option.defname in ("canlogin", "inherit") and not _is_on(option)


def _can_log_in(node: ast.CreateRoleStmt, options: dict[str, ast.DefElem]) -> bool:
    login = options.get("canlogin")
    return _is_on(login) if login is not None else node.stmt_type == _USER


def _created(node: ast.CreateRoleStmt, options: dict[str, ast.DefElem]) -> str:
    """The role as DSQL makes it: LOGIN, INHERIT and memberships are what stays."""
    words = []
    if _can_log_in(node, options):
        words.append("LOGIN")
    inherit = options.get("inherit")
    if inherit is not None and not _is_on(inherit):
        words.append("NOINHERIT")
    for name, clause in _MEMBERS.items():
        if name in options and _members(options[name]):
            words.append(f"{clause} {_members(options[name])}")
    return f"CREATE ROLE {quote(node.role)}{' WITH ' + ' '.join(words) if words else ''};"


def mapping(role: str) -> str:
    """The statement that lets an IAM role connect as this role."""
    return f"AWS IAM GRANT {quote(role)} TO 'arn:aws:iam::<account>:role/<role>';"


def _password_word(span: Span, here: Here) -> Span:
    """The word PASSWORD only; the secret behind it is never pointed at."""
    if span.text.upper() == "PASSWORD":
        return span
    return spans.words(here.statement, "PASSWORD")


def _options_span(options: list[ast.DefElem], here: Here) -> Span:
    """From the first option to the last; just the first where others stand between."""
    first = spans.word_at(here.statement, min(option.location for option in options))
    if len(options) > 1:
        return first
    word = " ".join(_shown(options[0]).split())
    return spans.find_words(here.statement, word, after=first.start) or first


@detects("role-password", "role-attribute", "alter-role", on=ast.AlterRoleStmt)
def alter_role(node: ast.AlterRoleStmt, here: Here) -> Found:
    name = node.role.rolename or _special(node.role)
    about = role_ref(name)
    options = {option.defname: option for option in node.options or ()}
    facts: dict[str, Any] = {
        "role": quote(name) if node.role.rolename else name,
        "grant": mapping(name),
    }
    if "rolemembers" in options:
        members = _members(options["rolemembers"])
        group = facts["role"]
        words = "GRANT {} TO {};" if node.action > 0 else "REVOKE {} FROM {};"
        yield here.found(
            "alter-role",
            spans.head(here.statement),
            about=about,
            case="group",
            edited=words.format(group, members),
            **facts,
        )
        return
    if "password" in options:
        span = spans.word_at(here.statement, options["password"].location)
        yield here.found(
            "role-password", _password_word(span, here), about=about, case="alter", **facts
        )
    powers = [o for key, o in options.items() if key in _POWERS and _is_on(o)]
    if powers:
        yield here.found(
            "role-attribute",
            _options_span(powers, here),
            about=about,
            case="alter",
            attributes=", ".join(map(_shown, powers)),
            **facts,
        )
    rest = [o for o in options.values() if o not in powers and o.defname != "password"]
    if rest:
        yield here.found(
            "alter-role",
            spans.head(here.statement),
            about=about,
            case=_rest_case(rest),
            options=", ".join(map(_shown, rest)),
            **facts,
        )


def _rest_case(options: list[ast.DefElem]) -> str:
    """What is lost with the options of an ALTER ROLE that give no special power."""
    if any(option.defname == "canlogin" and _is_on(option) for option in options):
        return "login"
    return "restriction" if any(map(_restricts, options)) else ""


def _special(role: ast.RoleSpec | None) -> str:
    """CURRENT_USER and its like; ALL where no role is named."""
    if role is None:
        return "ALL"
    return str(role.roletype.name).removeprefix("ROLESPEC_")


@detects("role-setting", on=ast.AlterRoleSetStmt)
def role_setting(node: ast.AlterRoleSetStmt, here: Here) -> Found:
    named = node.role is not None and bool(node.role.rolename)
    name = node.role.rolename if named else _special(node.role)
    resets = node.setstmt.kind in (
        enums.VariableSetKind.VAR_RESET,
        enums.VariableSetKind.VAR_RESET_ALL,
        enums.VariableSetKind.VAR_SET_DEFAULT,
    )
    word = "RESET" if spans.find_words(here.statement, "RESET") else "SET"
    clause = spans.words(here.statement, word)
    parameter = node.setstmt.name or "ALL"
    yield here.found(
        "role-setting",
        clause,
        about=role_ref(name),
        case="reset" if resets else "",
        key=f"{parameter} {node.database or ''}",
        role=quote(name) if named else name,
        parameter=parameter,
        setting=here.statement.text[clause.start : spans.whole(here.statement).end],
    )


@detects("alter-role", on=ast.RenameStmt)
def rename_role(node: ast.RenameStmt, here: Here) -> Found:
    if node.renameType == enums.ObjectType.OBJECT_ROLE:
        yield here.found(
            "alter-role",
            spans.words(here.statement, "RENAME"),
            about=role_ref(node.subname),
            case="rename",
            role=quote(node.subname),
            new=quote(node.newname),
        )
