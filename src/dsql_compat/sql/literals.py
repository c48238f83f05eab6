"""Statements without their constants: what an application sent, with nothing that it sent of data.

A constant in an expression becomes a parameter (`$3`), one elsewhere `'…'`; comments go, for they
carry tags of requests.  Masking comes before judging, so that nothing later can show a constant.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any, NamedTuple

from pglast import ast
from pglast.parser import ParseError, parse_sql, parse_sql_json, scan

HIDDEN = "'…'"
_STRINGS = frozenset({"SCONST", "USCONST", "XCONST", "BCONST"})
_NUMBERS = frozenset({"ICONST", "FCONST"})
_COMMENTS = frozenset({"SQL_COMMENT", "C_COMMENT"})
_DOLLAR = re.compile(r"(\$\w*\$)(.*)(\$\w*\$)", re.S)
# Values of PostgreSQL's own parameters that say what a rule asks about, and nothing of data.
_PLAIN_VALUE = re.compile(
    r"'(?:on|off|true|false|yes|no|none|default|heap|origin|replica|local|hex|escape|pglz|lz4"
    r"|serializable|repeatable read|read committed|read uncommitted|utf-?8|utc"
    r"|iso(?:, ?[mdy]{3})?)'",
    re.I,
)
_WORD = re.compile(r"'\w+'")
# What pg_stat_statements makes a parameter of, though the grammar has none there.
_STAND_INS = ("p1", HIDDEN, "1")
_MOST_REPAIRS = 20
_LIST = re.compile(r"(?:\$\d+|'…')(?: ?, ?(?:\$\d+|'…'))*")
_ROWS = re.compile(r"\( ?\? ?\)(?: ?, ?\( ?\? ?\))+")
_PLAIN_QUERY = re.compile(r"\s*(?:SELECT|INSERT|UPDATE|DELETE|WITH)\b", re.I)
_ODD_QUOTING = re.compile(r"""\\|\$\D|"[^"]*'[^"]*"|--|/\*""")
_STRING = re.compile(r"'[^']*'")
_NUMBER = re.compile(r"(?<![\w$.])\d+(?:\.\d+)?(?![\w.])")
_KEYWORD = re.compile(r"[A-Za-z]+")


class Masked(NamedTuple):
    """A statement without constants.  `tree` is None where it does not parse.

    `fingerprint` is the same for statements that differ in constants only, in how many of them a
    list holds, in spacing and in the case of words.
    """

    text: str
    tree: ast.Node | None
    fingerprint: str


def mask(text: str) -> Masked:
    """One statement with its constants masked and its comments gone, ready to be judged."""
    tree = _parse(text)
    if tree is None:
        text, tree = _repaired(text)
    masked = _masked(text, tree)
    if masked is None:
        masked = _first_word(text)
    elif tree is not None:
        tree = _parse(masked)
        if tree is None:  # a constant stood where no parameter may
            masked = _masked(text, _parse(text), parameters=False) or masked
            tree = _parse(masked)
    return Masked(masked, tree, _digest(masked))


def shape(text: str) -> str:
    """The text with its constants struck out in one quick pass: texts of one shape have one
    masked form.  The text itself where that is not certain."""
    if not _PLAIN_QUERY.match(text) or _ODD_QUOTING.search(text):
        return text
    return _NUMBER.sub("0", _STRING.sub("''", text))


def split(text: str) -> list[str]:
    """The statements of a text that a client sent at once; itself, where it does not parse."""
    if ";" not in text.rstrip("; \t\r\n"):
        return [text]
    try:
        parsed = parse_sql(text)
    except (ParseError, UnicodeEncodeError):
        return [text]
    ends = [raw.stmt_location + raw.stmt_len if raw.stmt_len else len(text) for raw in parsed]
    return [text[raw.stmt_location : end] for raw, end in zip(parsed, ends, strict=True)]


def _parse(text: str) -> ast.Node | None:
    try:
        parsed = parse_sql(text)
    except (ParseError, UnicodeEncodeError):
        return None
    return parsed[0].stmt if len(parsed) == 1 else None


def _repaired(text: str) -> tuple[str, ast.Node | None]:
    """The statement with something the grammar takes for parameters that it does not."""
    for _ in range(_MOST_REPAIRS):
        at = _failure(text)
        if at is None:
            return text, _parse(text)
        found = re.compile(r"\$\d+").match(text, at)
        if found is None:
            break
        tries = [text[:at] + word + text[found.end() :] for word in _STAND_INS]
        reached = [len(t) + 1 if (place := _failure(t)) is None else place for t in tries]
        if max(reached) <= at:
            break
        text = tries[reached.index(max(reached))]
    return text, None


def _failure(text: str) -> int | None:
    """Where parsing stops; None where it does not."""
    try:
        parse_sql(text)
    except ParseError as error:
        return int(error.args[1] or 0) if len(error.args) > 1 else 0
    except UnicodeEncodeError:
        return 0
    return None


def _masked(text: str, tree: ast.Node | None, *, parameters: bool = True) -> str | None:
    """The text, constants masked; None where it has no words that can be told apart."""
    try:
        tokens = [(t.start, t.end + 1, t.name) for t in scan(text)]
    except (ParseError, UnicodeEncodeError):
        return None
    constants = _constants(text) if tree is not None else set()
    parameter = _parameter(tree)
    plain, custom = "." not in (parameter or "."), "." in (parameter or "")
    body = _has_body(tree)
    number = max((int(text[s + 1 : e]) for s, e, name in tokens if name == "PARAM"), default=0)
    parts, done, before, sign = [], 0, "", -1
    for start, end, name in tokens:
        word = text[start:end]
        is_constant = start in constants or sign in constants  # a number begins with its sign
        sign = start if word == "-" else -1
        if name in _COMMENTS:
            shown = " "
        elif name in _STRINGS and (
            (plain and _PLAIN_VALUE.fullmatch(word))
            or (before == "LANGUAGE" and _WORD.fullmatch(word))
        ):
            shown = word
        elif name in _STRINGS and body and not is_constant:
            shown = _without_constants(word)
        elif is_constant and (
            name in _STRINGS
            or (name in _NUMBERS and not plain)
            or (name == "IDENT" and custom)  # SET app.tenant = acme: a constant without quotes
        ):
            number += 1
            shown = f"${number}" if parameters else "0" if name in _NUMBERS else HIDDEN
        elif name in _STRINGS:
            shown = HIDDEN
        elif name in _NUMBERS and tree is None:
            shown = "0"
        else:
            shown = word
        parts += [text[done:start], shown]
        done, before = end, word.upper() if name not in _COMMENTS else before
    return "".join([*parts, text[done:]]).strip().removesuffix(";").rstrip()


def _constants(text: str) -> set[int]:
    """Where constants of expressions begin, but for numbers that are part of the statement:
    lengths of types and positions in ORDER BY and GROUP BY.

    Read off the parser's own form of the tree, since the other has no places for constants.
    """
    found: set[int] = set()
    kept: set[int] = set()
    stack: list[Any] = [json.loads(parse_sql_json(text))]
    while stack:
        node = stack.pop()
        if isinstance(node, list):
            stack.extend(node)
        elif isinstance(node, dict):
            if "A_Const" in node:
                found.add(node["A_Const"].get("location", 0))
                continue
            parts = [*node.get("typmods", ()), *node.get("groupClause", ())]
            if "SortBy" in node:
                parts.append(node["SortBy"].get("node", {}))
            kept.update(part["A_Const"].get("location", 0) for part in parts if "A_Const" in part)
            stack.extend(node.values())
    places = found - kept
    if not text.isascii():
        data = text.encode()
        places = {len(data[:at].decode("utf-8", "replace")) for at in places}
    return places


def _parameter(tree: ast.Node | None) -> str | None:
    """The parameter that a statement sets; one of an application's own has a dot."""
    node = getattr(tree, "setstmt", tree)
    return str(node.name) if isinstance(node, ast.VariableSetStmt) and node.name else None


def _has_body(tree: ast.Node | None) -> bool:
    return isinstance(tree, ast.DoStmt | ast.CreateFunctionStmt)


def _without_constants(literal: str) -> str:
    """The body of a function or DO block with its own constants masked."""
    found = _DOLLAR.fullmatch(literal)
    if found is None:
        return HIDDEN
    body = found[2]
    try:
        tokens = scan(body)
    except (ParseError, UnicodeEncodeError):
        return HIDDEN
    parts, done = [], 0
    for token in tokens:
        if token.name in _STRINGS:
            # RAISE counts the per cent signs of its text.
            shown = "'…" + "%" * body[token.start : token.end + 1].count("%") + "'"
        elif token.name in _NUMBERS:
            shown = "0"
        elif token.name in _COMMENTS:
            shown = " "
        else:
            continue
        parts += [body[done : token.start], shown]
        done = token.end + 1
    return "".join([found[1], *parts, body[done:], found[3]])


def _first_word(text: str) -> str:
    """All that may be shown of a text that cannot even be split into words."""
    found = _KEYWORD.match(text.lstrip())
    return f"{found[0].upper()} …" if found else "…"


def _digest(text: str) -> str:
    words = _LIST.sub("?", " ".join(text.casefold().split()))
    words = _ROWS.sub("(?)", words)
    return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()[:16]
