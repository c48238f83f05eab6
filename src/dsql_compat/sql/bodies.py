"""Looks into the bodies of routines: SQL functions in both forms, PL/pgSQL, DO blocks.

PL/pgSQL comes from libpg_query's own parser, as statements with the SQL text of each; that text
is found again in the body, so that positions point at the word itself.  What a body holds that
cannot be read (a query made at run time, a language unknown here) comes out as not analysed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from pglast import ast
from pglast.parser import ParseError, parse_sql, scan

from dsql_compat.findings import Unanalysed
from dsql_compat.sql.dynamic import Dynamic, dynamic_texts, unquote
from dsql_compat.sql.masking import mask_dsql_words
from dsql_compat.sql.plpgsql import body_text, declared_types, parse_routine
from dsql_compat.sql.statements import Statement, parse_nested

Part = Statement | Unanalysed

_STATEMENT, _EXPRESSION = 0, 2
_ASSIGNMENT = re.compile(r"\s*([^][():=]*?)\s*(?::=|=)(?!=)", re.S)
# Types of variables that every database has, and those that follow a column's.
_PLAIN_TYPE = re.compile(
    r"(?:pg_catalog\.)?(?:int[248]?|integer|bigint|smallint|numeric|decimal|real|double precision"
    r"|float[48]?|text|varchar|char|character|bool|boolean|date|time|timetz|timestamp|timestamptz"
    r"|interval|uuid|jsonb?|bytea|oid|name|record|refcursor|regclass)\b(?!\s*\.)|[^;]*%\s*\w+TYPE\Z"
    r"|[^;]*%\s*TYPE\Z",
    re.I,
)
_BLANK = re.compile("  +")
_EXECUTED = re.compile(r"\bEXECUTE\s+(\w+)\s*(?:;|\b(?:INTO|USING|LOOP)\b)", re.I)
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
    tokens = statement.tokens
    for at, token in enumerate(tokens):
        if token.name in ("SCONST", "USCONST"):
            behind = [word.text for word in tokens[at + 1 : at + 3]]
            is_own = len(behind) == 2 and behind[0].upper() == "UESCAPE"
            quoted = unquote(token.text, behind[1][1:-1] if is_own else "\\")
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
        self._executed = {name.lower() for name in _EXECUTED.findall(body.text)}
        self._open: dict[str, bool] = {}  # what is executed, and whether parts of it are unknown

    def read_function(self, function: dict[str, Any]) -> Iterator[Part]:
        """The declarations first, which the parser lists apart, then the statements."""
        yield from self._types()
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
            if key == "argquery" and "PLpgSQL_expr" in value:
                yield from self._arguments(value["PLpgSQL_expr"]["query"], line)
            elif key == "default_val" and node.get("refname") in self._executed:
                query = value["PLpgSQL_expr"]["query"]
                yield from self._assigned(node["refname"], query, self._locate(query, line))
            elif key == dynamic and "PLpgSQL_expr" in value:
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
            yield from self._assignment(query, line)

    def _assignment(self, query: str, line: int) -> Iterator[Part]:
        offset = self._locate(query, line)
        target = _ASSIGNMENT.match(query)
        if target is None:  # to an element, whose place is an expression, too
            start, skip = _assigned_at(query)
            yield from self._value(query[:start], offset)
            yield from self._value(query[skip:], offset + skip)
            return
        value, name = query[target.end() :], target[1].lower()
        if name in self._executed:
            yield from self._assigned(name, value, offset + target.end())
        else:
            yield from self._value(value, offset + target.end())

    def _assigned(self, name: str, value: str, offset: int) -> Iterator[Part]:
        """A text for a variable that EXECUTE runs later: it is read if it is a statement."""
        yield from self._value(value, offset)
        for made in dynamic_texts(value).texts:
            parts = list(self._parse_dynamic(made, offset)) if made is not None else [None]
            self._open[name] = self._open.get(name, False) or not all(
                isinstance(part, Statement) for part in parts
            )
            yield from (part for part in parts if isinstance(part, Statement))

    def _types(self) -> Iterator[Part]:
        """The types of the variables, each as a cast that begins in front of the statement."""
        prefix = "SELECT NULL::"
        for start, end, _ in declared_types(self._body.text):
            written = self._body.text[start:end]
            if _PLAIN_TYPE.match(written):
                continue
            parts = self._parse(prefix + written, start - len(prefix), skip=len(prefix))
            yield from (part for part in parts if isinstance(part, Statement))

    def _arguments(self, query: str, line: int) -> Iterator[Part]:
        """The arguments of a cursor; named ones come in the order of its parameters."""
        offset = self._find(query, line)
        if offset is not None:
            yield from self._value(query, offset)
            return
        skip = len("SELECT ")
        targets = parse_sql("SELECT " + query)[0].stmt.targetList
        ends = [target.location - len(", ") for target in targets[1:]]
        for target, end in zip(targets, [*ends, skip + len(query)], strict=True):
            value = query[target.location - skip : end - skip].rpartition(" AS ")[0]
            self._at = 0
            yield from self._value(value, self._locate(value, line))

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
            blanked = self._find_blanked(query, line)
            if blanked is None:
                yield from self._parse(query, self._line_start(line))
                return
            blanks = enumerate(_BLANK.finditer(query), 1)
            for group, blank in reversed(list(blanks)):
                start, end = blanked.span(group)
                query = query[: blank.start()] + " " * (end - start) + query[blank.end() :]
            yield from self._parse(query, blanked.start(), shown=blanked[0])

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
        made = dynamic_texts(expression)
        if made.computes:
            yield from self._value(expression, offset)
        for text in made.texts:
            if text is not None:
                yield from self._parse_dynamic(text, offset)
            elif self._open.get(expression.strip().lower(), True):
                reason = "its statement is put together at run time"
                yield _unread(self._body, offset, "EXECUTE", reason)

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
            blanked = self._find_blanked(query, line)
            found = blanked.start() if blanked else None
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
        while found > 0 and (
            (is_word and (text[found - 1].isalnum() or text[found - 1] in "_$"))
            or not self._is_code(start, found)
        ):
            found = text.find(query, found + 1)
        return found if found >= 0 else None

    def _is_code(self, start: int, found: int) -> bool:
        """Whether a word begins there, rather than something in a comment or literal."""
        passed = self._body.text[start:found]
        if "--" in passed or "/*" in passed or "'" in passed or "$" in passed:
            return not self._words or found in self._words
        return True

    @cached_property
    def _words(self) -> set[int]:
        try:
            return {
                token.start
                for token in scan(self._body.text)
                if token.name not in ("SQL_COMMENT", "C_COMMENT")
            }
        except ParseError:
            return set()

    def _find_blanked(self, query: str, line: int) -> re.Match[str] | None:
        """The query where the parser put blanks for INTO: as many as that has bytes."""
        pattern = _BLANK.sub("(.+?)", re.escape(query).replace("\\ ", " "))
        for at in (max(self._line_start(line), self._at), self._line_start(line)):
            found = re.compile(pattern, re.S).search(self._body.text, at)
            while found and not self._is_code(at, found.start()):
                found = found.re.search(self._body.text, found.start() + 1)
            if found:
                self._at = found.end()
                return found
        return None

    def _line_start(self, line: int) -> int:
        return self._line_starts[min(max(line, 1), len(self._line_starts)) - 1]


def _assigned_at(query: str) -> tuple[int, int]:
    """Where the sign of an assignment stands that has brackets in front of it."""
    depth = 0
    for token in scan(query):
        word = query[token.start : token.end + 1]
        depth += (word in ("[", "(")) - (word in ("]", ")"))
        if not depth and word in (":=", "="):
            return token.start, token.end + 1
    return 0, 0


def _unread(body: Statement, at: int, what: str, reason: str) -> Unanalysed:
    return Unanalysed(body.source, body.position(at).line, what, reason)
