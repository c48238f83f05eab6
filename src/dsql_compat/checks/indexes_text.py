"""The clauses of a CREATE INDEX by their place in its text; the tree gives them none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pglast import ast, enums

from dsql_compat.findings import Span
from dsql_compat.sql import spans
from dsql_compat.sql.statements import Statement, Token

Edit = tuple[int, int, str]

_NAME = r"""(?:"[^"]+"|[^\W\d][\w$]*)"""
# What most of a dump's indexes are: columns, perhaps with a direction, perhaps a predicate.
_COLUMN = rf"{_NAME}(?:\s+(?:ASC|DESC))?"
_PLAIN = re.compile(
    rf"(?P<head>CREATE\s+(?:UNIQUE\s+)?INDEX)\s+{_NAME}\s+ON\s+{_NAME}(?:\.{_NAME})?\s*"
    rf"(?P<using>USING\s+\w+)?\s*\((?P<keys>\s*{_COLUMN}(?:\s*,\s*{_COLUMN})*\s*)\)"
    r"(?:\s+(?P<where>WHERE\b.*?))?\s*;?\s*\Z",
    re.I | re.S,
)
_KEY = re.compile(rf"(?P<base>{_NAME})(?:\s+(?P<direction>ASC|DESC))?", re.I)


@dataclass(frozen=True, slots=True)
class KeyText:
    """A key as written: `base` is the column or expression without what may follow it."""

    whole: Span
    base: Span
    collation: Span | None
    opclass: Span | None
    direction: Span | None
    nulls: Span | None


@dataclass(frozen=True, slots=True)
class IndexText:
    """A CREATE INDEX, clause by clause; None for what it does not have."""

    head: Span
    concurrently: Span | None
    only: Span | None
    using: Span | None
    keys: tuple[KeyText, ...]
    keys_end: int
    include: Span | None
    storage: Span | None
    tablespace: Span | None
    where: Span | None


def read_index(statement: Statement, node: ast.IndexStmt) -> IndexText | None:
    """Find the clauses; None when the text cannot be followed (a token that does not scan)."""
    plain = _PLAIN.match(statement.text, statement.start)
    if plain and "--" not in statement.text and "/*" not in statement.text:
        return _read_plain(statement, plain)
    tokens = statement.tokens
    at = _token_at(tokens, node.relation.location)
    if at is None:
        return None
    start, index = _head(tokens, at)
    if start is None or index is None:
        return None
    concurrently = only = None
    for token in tokens[index + 1 : at]:
        word = token.text.upper()
        if word == "CONCURRENTLY" and concurrently is None and node.concurrent:
            concurrently = Span(statement, token.start, token.end)
        elif word == "ONLY" and not node.relation.inh:
            only = Span(statement, token.start, token.end)
    clauses = _clauses(statement, tokens, at)
    keys = clauses.get("KEYS")
    if keys is None:
        return None
    elements = list(_elements(tokens, keys))
    return IndexText(
        Span(statement, tokens[start].start, tokens[index].end),
        concurrently,
        only,
        clauses.get("USING"),
        tuple(
            _key(statement, part, param)
            for part, param in zip(elements, node.indexParams or (), strict=False)
        ),
        keys.end,
        clauses.get("INCLUDE"),
        clauses.get("WITH"),
        clauses.get("TABLESPACE"),
        clauses.get("WHERE"),
    )


def _read_plain(statement: Statement, found: re.Match[str]) -> IndexText:
    def span(match: re.Match[str], group: str | int) -> Span | None:
        return Span(statement, *match.span(group)) if match[group] else None

    keys = _KEY.finditer(statement.text, *found.span("keys"))
    return IndexText(
        Span(statement, *found.span("head")),
        None,
        None,
        span(found, "using"),
        tuple(
            KeyText(
                Span(statement, *key.span()),
                Span(statement, *key.span("base")),
                *(None, None, span(key, "direction"), None),
            )
            for key in keys
        ),
        found.end("keys") + 1,
        *(None, None, None, span(found, "where")),
    )


def _token_at(tokens: tuple[Token, ...], location: int) -> int | None:
    return next((at for at, token in enumerate(tokens) if token.start == location), None)


def _head(tokens: tuple[Token, ...], at: int) -> tuple[int | None, int | None]:
    """The last CREATE before the table's name, and its INDEX."""
    index = None
    for back in range(at - 1, -1, -1):
        word = tokens[back].text.upper()
        if word == "INDEX":
            index = back
        elif word == "CREATE":
            return back, index
    return None, None


def _clauses(statement: Statement, tokens: tuple[Token, ...], at: int) -> dict[str, Span]:
    """The clauses behind the table's name: a word outside parentheses begins each."""
    found: dict[str, Span] = {}
    depth, name, start = 0, "", 0
    end = tokens[at].end
    for number in range(at + 1, len(tokens)):
        token = tokens[number]
        text = token.text
        word = text.upper() if not depth else ""
        if word in ("CREATE", "GRANT", ";"):  # the next element of a CREATE SCHEMA
            break
        opens = word in ("USING", "INCLUDE", "NULLS", "WITH", "TABLESPACE", "WHERE")
        if (opens and name != "WHERE") or (text == "(" and not depth and name in ("", "USING")):
            if name:
                found[name] = Span(statement, start, end)
            name, start = ("KEYS" if text == "(" else word), token.start
        depth += (text in ("(", "[")) - (text in (")", "]"))
        end = token.end
    if name:
        found[name] = Span(statement, start, end)
    return found


def _elements(tokens: tuple[Token, ...], keys: Span) -> Iterator[list[Token]]:
    """The tokens of each key: what stands between the commas."""
    depth = 0
    part: list[Token] = []
    for token in tokens:
        if token.start <= keys.start or token.end >= keys.end:
            continue
        if token.text == "," and not depth:
            yield part
            part = []
            continue
        depth += (token.text in ("(", "[")) - (token.text in (")", "]"))
        part.append(token)
    if part:
        yield part


def _key(statement: Statement, part: list[Token], param: ast.IndexElem) -> KeyText:
    """Read a key from its end: NULLS FIRST, direction, operator class, collation."""
    end = len(part)
    nulls = direction = opclass = collation = None
    if param.nulls_ordering != enums.SortByNulls.SORTBY_NULLS_DEFAULT:
        nulls, end = _cut(statement, part, end - 2, end)
    if param.ordering != enums.SortByDir.SORTBY_DEFAULT:
        direction, end = _cut(statement, part, end - 1, end)
    begin = end
    if param.opclass:
        if param.opclassopts:
            begin = _opening(part, begin)
        begin -= 2 * len(param.opclass) - 1
        opclass, end = _cut(statement, part, begin, end)
    if param.collation:
        collation, end = _cut(statement, part, end - 2 * len(param.collation), end)
    whole = Span(statement, part[0].start, part[-1].end)
    base = Span(statement, part[0].start, part[max(end, 1) - 1].end)
    return KeyText(whole, base, collation, opclass, direction, nulls)


def _cut(statement: Statement, part: list[Token], start: int, end: int) -> tuple[Span, int]:
    start = max(start, 1)
    return Span(statement, part[start].start, part[end - 1].end), start


def _opening(part: list[Token], end: int) -> int:
    """Where the parenthesis opens that closes just before `end`."""
    depth = 0
    for at in range(end - 1, -1, -1):
        depth += (part[at].text == ")") - (part[at].text == "(")
        if not depth:
            return at
    return end


def apply(text: IndexText, statement: Statement, edits: list[Edit]) -> str:
    """The statement with these edits; only the CREATE INDEX where a CREATE SCHEMA holds it."""
    if text.head.start == statement.start or not statement.tokens:
        return spans.edited(statement, edits)
    last = text.where or text.tablespace or text.storage or text.include
    end = max(text.keys_end, last.end if last else 0)
    cut = [(statement.start, text.head.start, ""), (end, len(statement.text), "")]
    return spans.edited(statement, [*cut, *edits])
