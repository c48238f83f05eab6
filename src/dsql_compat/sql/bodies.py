"""Looks into the bodies of routines: SQL functions in both forms, PL/pgSQL, DO blocks.

PL/pgSQL comes from libpg_query's own parser, as statements with the SQL text of each; that text
is found again in the body, so that positions point at the word itself.  What a body holds that
cannot be read (a query made at run time, a language unknown here) comes out as not analysed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pglast import ast
from pglast.parser import ParseError, parse_plpgsql_json, parse_sql

from dsql_compat.findings import Unanalysed
from dsql_compat.sql.names import name_of
from dsql_compat.sql.statements import Statement, parse_nested

Part = Statement | Unanalysed

_STATEMENT, _EXPRESSION = 0, 2
_ASSIGNMENT = re.compile(r"[^:=]*?(?::=|=)(?!=)", re.S)
_DOLLAR = re.compile(r"\$[^$]*\$")


@dataclass(frozen=True, slots=True)
class Body:
    """A routine's source text and where it begins in the statement; exact unless quotes doubled."""

    text: str
    offset: int


def read_body(statement: Statement) -> Iterator[Part]:
    """The statements inside a CREATE FUNCTION, CREATE PROCEDURE or DO statement."""
    tree = statement.tree
    options = tree.args if isinstance(tree, ast.DoStmt) else getattr(tree, "options", None)
    by_name = {option.defname: option for option in options or ()}
    language = by_name["language"].arg.sval.lower() if "language" in by_name else None
    if isinstance(tree, ast.DoStmt):
        language = language or "plpgsql"
    source = by_name.get("as")
    if source is None:  # BEGIN ATOMIC or RETURN: part of the tree, already walked
        return
    texts = source.arg if isinstance(source.arg, tuple) else (source.arg,)
    body = find_body(statement, texts[0].sval)
    if language == "sql":
        yield from _read_sql(statement, body)
    elif language == "plpgsql":
        yield from _read_plpgsql(statement, body)
    elif language not in ("c", "internal", None):
        yield _unread(statement, 0, "function body", f"{language} is not looked into")


def find_body(statement: Statement, text: str) -> Body:
    """Where a body's text stands in the statement: behind its dollar quote or apostrophe."""
    for token in statement.tokens:
        if token.name != "SCONST":
            continue
        quote = _DOLLAR.match(token.text)
        skip = len(quote[0]) if quote else token.text.find("'") + 1
        inner = token.text[skip : len(token.text) - (len(quote[0]) if quote else 1)]
        if inner == text or (not quote and inner.replace("''", "'") == text):
            return Body(text, token.start + skip)
    return Body(text, statement.start)


def _read_sql(statement: Statement, body: Body) -> Iterator[Part]:
    try:
        yield from parse_nested(body.text, statement, body.offset)
    except ParseError as error:
        yield _unread(statement, body.offset, "SQL function body", f"it does not parse: {error.args[0]}")


# -- PL/pgSQL -----------------------------------------------------------------------------------


def _read_plpgsql(statement: Statement, body: Body) -> Iterator[Part]:
    try:
        parsed = json.loads(parse_plpgsql_json(statement.text))
    except (ParseError, ValueError, RecursionError) as error:
        reason = str(error.args[0]) if error.args else str(error)
        yield _unread(statement, body.offset, "PL/pgSQL body", f"it does not parse: {reason}")
        return
    reader = _PlpgsqlReader(statement, body)
    for function in parsed:
        yield from reader.read(function)


class _PlpgsqlReader:
    """Collects the SQL of a parsed PL/pgSQL function, in the order of its text."""

    def __init__(self, statement: Statement, body: Body) -> None:
        self._statement = statement
        self._body = body
        self._line_starts = [0, *(m.end() for m in re.finditer("\n", body.text))]
        self._at = 0

    def read(self, node: Any, line: int = 0) -> Iterator[Part]:
        if isinstance(node, list):
            for item in node:
                yield from self.read(item, line)
            return
        if not isinstance(node, dict):
            return
        for kind, value in node.items():
            if kind == "PLpgSQL_expr":
                yield from self._expression(value, line)
            elif kind == "PLpgSQL_stmt_dynexecute":
                yield from self._dynamic(value, value.get("lineno", line))
            elif isinstance(value, dict):
                yield from self.read(value, value.get("lineno", line))
            elif isinstance(value, list):
                yield from self.read(value, line)

    def _expression(self, expression: dict[str, Any], line: int) -> Iterator[Part]:
        query, mode = expression.get("query", ""), expression.get("parseMode", _STATEMENT)
        if not query:
            return
        offset = self._locate(query, line)
        if mode == _STATEMENT:
            yield from self._parse(query, offset, "")
        elif mode == _EXPRESSION:
            yield from self._parse(query, offset, "SELECT ")
        else:
            target = _ASSIGNMENT.match(query)
            skip = target.end() if target else 0
            yield from self._parse(query[skip:], offset + skip, "SELECT ")

    def _dynamic(self, node: dict[str, Any], line: int) -> Iterator[Part]:
        """EXECUTE: a literal is read, anything else can be known only when it runs."""
        for key, value in node.items():
            if key != "query":
                if isinstance(value, dict | list):
                    yield from self.read(value, line)
                continue
            query = value["PLpgSQL_expr"]["query"]
            offset = self._locate(query, line)
            constant = _constant_text(query)
            if constant is None:
                yield from self._parse(query, offset, "SELECT ")
                yield self._unread(offset, "EXECUTE", "its statement is put together at run time")
            else:
                text, skip, is_whole = constant
                yield from self._parse(text, offset + skip, "", dynamic=True)
                if not is_whole:
                    yield self._unread(offset, "EXECUTE", "names are filled in at run time")

    def _parse(
        self, text: str, offset: int, prefix: str, *, dynamic: bool = False
    ) -> Iterator[Part]:
        try:
            yield from parse_nested(
                prefix + text,
                self._statement,
                self._body.offset + offset - len(prefix),
                skip=len(prefix),
            )
        except ParseError as error:
            what = "EXECUTE" if dynamic else "PL/pgSQL expression"
            yield self._unread(offset, what, f"it does not parse: {error.args[0]}")

    def _locate(self, query: str, line: int) -> int:
        """Where a query stands in the body: from its statement's line on, and not before."""
        start = self._line_starts[min(max(line, 1), len(self._line_starts)) - 1]
        found = self._body.text.find(query, start)
        if found < 0 and query.startswith("SELECT "):  # the parser writes so what was PERFORM
            found = self._body.text.find(query[7:], start) - 7
        return found if found >= 0 else start

    def _unread(self, offset: int, what: str, reason: str) -> Unanalysed:
        return _unread(self._statement, self._body.offset + offset, what, reason)


def _constant_text(expression: str) -> tuple[str, int, bool] | None:
    """The SQL in a literal, or in format('…')'s: text, where it begins, whether nothing is open."""
    try:
        tree = parse_sql("SELECT " + expression)
    except ParseError:
        return None
    value = tree[0].stmt.targetList[0].val
    if isinstance(value, ast.FuncCall) and name_of(value.funcname).name == "format" and value.args:
        constant = _string(value.args[0])
        if constant is None:
            return None
        # A placeholder becomes a word of the same length, so positions hold.
        text = re.sub(r"%(?:\d+\$)?[IsL]", lambda m: "x" * len(m[0]), constant)
        return text, expression.find("'") + 1, "%" not in constant
    constant = _string(value)
    if constant is None:
        return None
    return constant, max(0, expression.find("'")) + 1, True


def _string(node: object) -> str | None:
    if isinstance(node, ast.A_Const) and isinstance(node.val, ast.String):
        return str(node.val.sval)
    return None


def _unread(statement: Statement, at: int, what: str, reason: str) -> Unanalysed:
    return Unanalysed(statement.source, statement.position(at).line, what, reason)
