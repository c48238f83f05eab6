"""The attributes of a routine as a statement writes them: CREATE FUNCTION or ALTER FUNCTION."""

from __future__ import annotations

from typing import Literal, NamedTuple

from pglast import ast, enums

from dsql_compat.sql.statements import Statement

_SET = enums.VariableSetKind
_PARTS = frozenset({"as", "language", "transform", "window"})  # of a definition, and of it only


class Attribute(NamedTuple):
    """One attribute, with its words and where they stand; `set x` is the setting of x.

    `does` tells setting a value from taking it back, and from taking the session's at that time.
    """

    name: str
    does: Literal["value", "reset", "reset all", "current"]
    text: str
    start: int
    end: int


def attributes(statement: Statement) -> list[Attribute]:
    """What a statement says of volatility, strictness, cost, settings and the like, in order."""
    tree = statement.tree
    match tree:
        case ast.CreateFunctionStmt():
            options = tree.options or ()
        case ast.AlterFunctionStmt():
            options = tree.actions or ()
        case _:
            return []
    placed = sorted((o for o in options if o.location >= 0), key=lambda option: option.location)
    ends = [*(option.location for option in placed[1:]), _end(statement)]
    found: list[Attribute] = []
    for option, before in zip(placed, ends, strict=True):
        if option.defname in _PARTS:
            continue
        words = [t for t in statement.tokens if option.location <= t.start < before]
        end = words[-1].end if words else before
        name, does = _meaning(option)
        text = statement.text[option.location : end]
        found.append(Attribute(name, does, text, option.location, end))
    return found


def _meaning(option: ast.DefElem) -> tuple[str, Literal["value", "reset", "reset all", "current"]]:
    setting = option.arg
    if option.defname != "set" or not isinstance(setting, ast.VariableSetStmt):
        return option.defname, "value"
    name = f"set {(setting.name or '').lower()}"
    match setting.kind:
        case _SET.VAR_RESET_ALL:
            return name, "reset all"
        case _SET.VAR_RESET | _SET.VAR_SET_DEFAULT:
            return name, "reset"
        case _SET.VAR_SET_CURRENT:
            return name, "current"
    return name, "value"


def end_of_attributes(statement: Statement) -> int:
    """Where another attribute goes: before the body."""
    options = getattr(statement.tree, "options", None) or ()
    body = [option.location for option in options if option.defname == "as"]
    return body[0] if body else _end(statement)


def _end(statement: Statement) -> int:
    """Where the attributes end: before a body that is no string, RESTRICT or the semicolon."""
    tree = statement.tree
    tokens = [token for token in statement.tokens if token.text != ";"]
    has_body = getattr(tree, "sql_body", None) is not None
    depth = 0
    options = getattr(tree, "options", None) or getattr(tree, "actions", None) or ()
    first = min((o.location for o in options), default=0)
    for token in tokens:
        if token.start < first:
            continue
        depth += (token.text == "(") - (token.text == ")")
        word = token.text.upper()
        if has_body and not depth and word in ("RETURN", "BEGIN"):
            return token.start
        if isinstance(tree, ast.AlterFunctionStmt) and token is tokens[-1] and word == "RESTRICT":
            return token.start
    return tokens[-1].end
