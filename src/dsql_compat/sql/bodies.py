"""Looks into the bodies of routines: SQL functions in both forms, PL/pgSQL, DO blocks.

PL/pgSQL comes from libpg_query's own parser, as statements with the SQL text of each; that text
is found again in the body, so that positions point at the word itself.  What a body holds that
cannot be read (a query made at run time, a language unknown here) comes out as not analysed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pglast import ast
from pglast.parser import ParseError

from dsql_compat.findings import Unanalysed
from dsql_compat.sql.dynamic import Dynamic, dynamic_text, unquote
from dsql_compat.sql.masking import mask_dsql_words
from dsql_compat.sql.plpgsql import body_text, parse_routine
from dsql_compat.sql.statements import Statement, parse_nested

Part = Statement | Unanalysed

_STATEMENT, _EXPRESSION = 0, 2
_ASSIGNMENT = re.compile(r"[^:=]*?(?::=|=)(?!=)", re.S)
_CASE = re.compile(r'"__Case__Variable_\d+__" IN \(')
# Which expression of a statement holds SQL made at run time.
_DYNAMIC = {
    "PLpgSQL_stmt_dynexecute": "query",
    "PLpgSQL_stmt_dynfors": "query",
    "PLpgSQL_stmt_open": "dynquery",
    "PLpgSQL_stmt_return_query": "dynquery",
}


def read_body(statement: Statement) -> Iterator[Part]:
    """The statements inside a CREATE FUNCTION, CREATE PROCEDURE or DO statement."""
    tree = statement.tree
    options = tree.args if isinstance(tree, ast.DoStmt) else getattr(tree, "options", None)
    by_name = {option.defname: option for option in options or ()}
    language = by_name["language"].arg.sval.lower() if "language" in by_name else None
    if isinstance(tree, ast.DoStmt):
        language = language or "plpgsql"
    text = body_text(tree)
    if text is None:  # BEGIN ATOMIC or RETURN: part of the tree, already walked
        return
    body = find_body(statement, text)
    if language in ("sql", None):
        yield from _read_sql(body)
    elif language == "plpgsql":
        yield from _read_plpgsql(statement, body)
    elif language not in ("c", "internal"):
        yield _unread(body, 0, "function body", f"{language} is not looked into")


def find_body(statement: Statement, text: str) -> Statement:
    """A body as a text inside its statement: behind its dollar quote or apostrophe."""
    for token in statement.tokens:
        if token.name == "SCONST":
            quoted = unquote(token.text)
            if quoted is not None and quoted.text == text:
                offset, shifts = token.start + quoted.at, quoted.shifts
                break
    else:
        offset, shifts = statement.start, ()
    return Statement(
        text,
        statement.source,
        outer=statement,
        offset=offset,
        ordinal=statement.ordinal,
        shifts=shifts,
    )


def _read_sql(body: Statement) -> Iterator[Part]:
    try:
        yield from parse_nested(body.text, body, 0)
    except ParseError as error:
        at = error.args[1] if len(error.args) > 1 and isinstance(error.args[1], int) else 0
        reason = f"it does not parse: {error.args[0]}"
        yield _unread(body, max(0, min(at, len(body.text))), "SQL function body", reason)


# -- PL/pgSQL -----------------------------------------------------------------------------------


def _read_plpgsql(statement: Statement, body: Statement) -> Iterator[Part]:
    try:
        parsed = parse_routine(statement)
    except (ParseError, ValueError, RecursionError) as error:
        reason = str(error.args[0]) if error.args else str(error)
        yield _unread(body, 0, "PL/pgSQL body", f"it does not parse: {reason}")
        return
    reader = _PlpgsqlReader(body)
    for function in parsed:
        yield from reader.read_function(function["PLpgSQL_function"])


class _PlpgsqlReader:
    """Collects the SQL of a parsed PL/pgSQL function, in the order of its text."""

    def __init__(self, body: Statement) -> None:
        self._body = body
        self._line_starts = [0, *(m.end() for m in re.finditer("\n", body.text))]
        self._at = 0

    def read_function(self, function: dict[str, Any]) -> Iterator[Part]:
        """The declarations first, which the parser lists apart, then the statements."""
        yield from self._read(function.get("datums"), 0)
        self._at = 0
        yield from self._read(function.get("action"), 0)

    def _read(self, node: Any, line: int) -> Iterator[Part]:
        if isinstance(node, list):
            for item in node:
                yield from self._read(item, line)
        elif isinstance(node, dict):
            for kind, value in node.items():
                if kind == "PLpgSQL_expr":
                    yield from self._expression(value, line)
                elif isinstance(value, dict):
                    yield from self._statement(kind, value, value.get("lineno", line))
                elif isinstance(value, list):
                    yield from self._read(value, line)

    def _statement(self, kind: str, node: dict[str, Any], line: int) -> Iterator[Part]:
        dynamic = _DYNAMIC.get(kind)
        # A loop's body comes before its query in the parser's output, but not in the text.
        body_last = kind != "PLpgSQL_stmt_block"
        for key in sorted(node, key=lambda key: body_last and key == "body"):
            value = node[key]
            if key == dynamic and "PLpgSQL_expr" in value:
                yield from self._dynamic(value["PLpgSQL_expr"]["query"], line)
            elif key == "expr" and kind == "PLpgSQL_stmt_perform":
                yield from self._perform(value["PLpgSQL_expr"]["query"], line)
            elif isinstance(value, dict | list):
                yield from self._read({key: value}, line)

    def _expression(self, expression: dict[str, Any], line: int) -> Iterator[Part]:
        query, mode = expression.get("query", ""), expression.get("parseMode", _STATEMENT)
        case = _CASE.match(query)
        if case:
            query = query[case.end() : -1]
        if not query:
            return
        if mode == _STATEMENT:
            yield from self._query(query, line)
        elif mode == _EXPRESSION:
            yield from self._value(query, self._locate(query, line))
        else:
            target = _ASSIGNMENT.match(query)
            skip = target.end() if target else 0
            yield from self._value(query[skip:], self._locate(query, line) + skip)

    def _value(self, expression: str, offset: int) -> Iterator[Part]:
        prefix = "SELECT "
        yield from self._parse(prefix + expression, offset - len(prefix), skip=len(prefix))

    def _query(self, query: str, line: int) -> Iterator[Part]:
        offset = self._find(query, line)
        if offset is not None:
            yield from self._parse(query, offset)
        elif query.startswith("SELECT ") and (at := self._find(query[7:], line)) is not None:
            yield from self._parse(query, at - 7, skip=7)  # the arguments of a cursor
        else:  # INTO and its variables are blanked
            offset = self._locate(query, line)
            shown = self._body.text[offset : offset + len(query)]
            yield from self._parse(query, offset, shown=shown if len(shown) == len(query) else None)

    def _perform(self, query: str, line: int) -> Iterator[Part]:
        """PERFORM comes out as SELECT, which is a letter shorter."""
        words = query.removeprefix("SELECT")
        offset = self._find("PERFORM" + words, line)
        if offset is None:
            yield from self._parse(query, self._locate(words, line) - len("SELECT"), skip=7)
        else:
            shown = self._body.text[offset : offset + len(query) + 1]
            for part in self._parse(" " + query, offset, shown=shown):
                if isinstance(part, Statement):
                    part.start = 0
                yield part

    def _dynamic(self, expression: str, line: int) -> Iterator[Part]:
        """EXECUTE: literals are read, the rest can be known only when it runs."""
        offset = self._locate(expression, line)
        made = dynamic_text(expression)
        if made is None:
            yield from self._value(expression, offset)
            reason = "its statement is put together at run time"
            yield _unread(self._body, offset, "EXECUTE", reason)
            return
        yield from self._parse_dynamic(made, offset)

    def _parse_dynamic(self, made: Dynamic, offset: int) -> Iterator[Part]:
        text, extension = mask_dsql_words(made.text)
        try:
            for part in parse_nested(text, self._body, offset, shown=made.text, shifts=made.shifts):
                part.extension = extension
                yield part
        except ParseError as error:
            reason = f"it does not parse: {error.args[0]}"
            if made.shifts[1:] and not made.is_exact:
                reason = "its statement is put together at run time"
            yield _unread(self._body, offset, "EXECUTE", reason)
            return
        if not made.is_exact:
            yield _unread(self._body, offset, "EXECUTE", "parts of it are filled in at run time")

    def _parse(
        self, text: str, offset: int, skip: int = 0, shown: str | None = None
    ) -> Iterator[Part]:
        try:
            yield from parse_nested(text, self._body, offset, skip, shown)
        except ParseError as error:
            reason = f"it does not parse: {error.args[0]}"
            yield _unread(self._body, max(0, offset + skip), "PL/pgSQL expression", reason)

    # -- places ---------------------------------------------------------------------------------

    def _locate(self, query: str, line: int) -> int:
        """Where a query stands in the body; where its statement begins if it is not found."""
        found = self._find(query, line)
        if found is None:
            found = self._find_blanked(query, line)
        return self._line_start(line) if found is None else found

    def _find(self, query: str, line: int) -> int | None:
        """The query's next place: behind what was read, from its statement's line on."""
        start = self._line_start(line)
        for at in (max(start, self._at), start):
            found = self._find_word(query, at)
            if found is not None:
                self._at = found + len(query)
                return found
        return None

    def _find_word(self, query: str, start: int) -> int | None:
        text = self._body.text
        is_word = query[:1].isalnum() or query[:1] == "_"
        found = text.find(query, start)
        while found > 0 and is_word and (text[found - 1].isalnum() or text[found - 1] in "_$"):
            found = text.find(query, found + 1)
        return found if found >= 0 else None

    def _find_blanked(self, query: str, line: int) -> int | None:
        pattern = "".join("." if letter == " " else re.escape(letter) for letter in query)
        for at in (max(self._line_start(line), self._at), self._line_start(line)):
            found = re.compile(pattern, re.S).search(self._body.text, at)
            if found:
                self._at = found.end()
                return found.start()
        return None

    def _line_start(self, line: int) -> int:
        return self._line_starts[min(max(line, 1), len(self._line_starts)) - 1]


def _unread(body: Statement, at: int, what: str, reason: str) -> Unanalysed:
    return Unanalysed(body.source, body.position(at).line, what, reason)
