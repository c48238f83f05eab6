"""Where a clause starts and ends in a statement's text; characters are counted here only.

The parser gives most nodes a start and none an end, so ends are read off the scanner's tokens.
"""

from __future__ import annotations

import re

from pglast import ast

from dsql_compat.findings import Span
from dsql_compat.sql.names import Name
from dsql_compat.sql.statements import Statement, Token

_TYPE_TAILS = {"varying", "precision", "with", "without", "time", "zone", "array"}
_FIELDS = {"year", "month", "day", "hour", "minute", "second", "to"}
# Most of what is asked for can be read off the text at once; scanning a whole CREATE TABLE for one
# column is what most of the time would go to.  Whatever these do not match goes by the tokens.
_ATOMS = r"""'[^'\\]*+'|"[^"]*+"|-(?!-)|/(?!\*)"""
_FLAT = r"""(?:[^][()'"$/\\-]++|""" + _ATOMS + ")"
_NESTED = rf"[(\[](?:{_FLAT}|[(\[](?:{_FLAT}|[(\[]{_FLAT}*[)\]])*[)\]])*[)\]]"
_ELEMENT = re.compile(r"""(?:[^][(),;'"$/\\-]++|""" + _ATOMS + "|" + _NESTED + r")+(?=[],;)]|\Z)")
_PLAIN_TYPE = re.compile(
    r"(?!SETOF\b)(?:[^\W\d]\w*\.)?[^\W\d]\w*(?:\[\d*\])*"
    r"(?=\s*[,;)]|\s*\Z|\s+(?:NOT|NULL|DEFAULT|PRIMARY|UNIQUE|REFERENCES|CHECK|CONSTRAINT)\b)",
    re.I,
)
_TWO_WORDS = re.compile(r"[A-Za-z_]\w*[ \t\n]+[A-Za-z_]\w*\b")
_OPEN = {"(", "["}
_CLOSE = {")", "]"}


def whole(statement: Statement) -> Span:
    """The statement without the semicolon."""
    end = len(statement.text.rstrip().removesuffix(";").rstrip())
    return Span(statement, statement.start, max(statement.start, end))


def behind(statement: Statement, pattern: re.Pattern[str]) -> Span | None:
    """What follows a pattern up to the statement's end; None if it has comments in it."""
    text = statement.text
    found = pattern.match(text, statement.start)
    if found is None or "--" in text or "/*" in text:
        return None
    return Span(statement, found.end(), len(text.rstrip().removesuffix(";").rstrip()))


def head(statement: Statement, words: int = 2) -> Span:
    """The first words of a statement, such as CREATE TRIGGER."""
    plain = _TWO_WORDS.match(statement.text, statement.start) if words == 2 else None
    if plain:
        return Span(statement, statement.start, plain.end())
    tokens = statement.tokens[:words]
    if not tokens:
        return Span(statement, statement.start, min(len(statement.text), statement.start + 1))
    return Span(statement, tokens[0].start, tokens[-1].end)


def word_at(statement: Statement, location: int | None) -> Span:
    """The one token that begins at a node's location; the head of the statement without one."""
    if location is None or location < 0:
        return head(statement)
    for token in statement.tokens:
        if token.start == location:
            return Span(statement, token.start, token.end)
    return Span(statement, location, min(len(statement.text), location + 1))


def words(statement: Statement, text: str, *, after: int = 0, before: int | None = None) -> Span:
    """The first run of tokens that reads as `text`, case aside; the head if there is none."""
    found = find_words(statement, text, after=after, before=before)
    return found or head(statement)


def find_words(
    statement: Statement, text: str, *, after: int = 0, before: int | None = None
) -> Span | None:
    """Like `words`, but None where the run does not occur."""
    wanted = text.upper().split()
    tokens = statement.tokens
    for at, token in enumerate(tokens):
        if token.start < after or (before is not None and token.start >= before):
            continue
        run = tokens[at : at + len(wanted)]
        if [t.text.upper() for t in run] == wanted:
            return Span(statement, token.start, run[-1].end)
    return None


def type_name(statement: Statement, node: ast.TypeName | None) -> Span:
    """A type as written: with its schema, its modifiers and its array brackets."""
    if node is None or node.location is None or node.location < 0:
        return head(statement)
    plain = _PLAIN_TYPE.match(statement.text, node.location)
    if plain:
        return Span(statement, plain.start(), plain.end())
    tokens = statement.tokens
    at = _index_at(tokens, node.location)
    if at is None:
        return word_at(statement, node.location)
    start = tokens[at].start
    if tokens[at].text.upper() == "SETOF":
        at += 1
    names = 1
    at += 1
    while at < len(tokens):
        text = tokens[at].text
        if text == ".":
            at += 2
        elif text in _OPEN:
            at = _closing(tokens, at) + 1
        elif text.lower() in _TYPE_TAILS or (
            text.lower() in _FIELDS and tokens[at - 1].text.lower() in _FIELDS | {"interval"}
        ):
            if text.lower() == "with" and (
                at + 1 >= len(tokens) or tokens[at + 1].text.lower() != "time"
            ):
                break
            at += 1
        else:
            break
        names += 1
    return Span(statement, start, tokens[min(at, len(tokens)) - 1].end)


def element(statement: Statement, location: int | None) -> Span:
    """From a location to the end of the list element it stands in (a comma or bracket ends it)."""
    if location is None or location < 0:
        return head(statement)
    plain = _ELEMENT.match(statement.text, location)
    if plain:
        return Span(statement, location, location + len(plain[0].rstrip()))
    tokens = statement.tokens
    at = _index_at(tokens, location)
    if at is None:
        return word_at(statement, location)
    start = at
    while at < len(tokens):
        text = tokens[at].text
        if text in _OPEN:
            at = _closing(tokens, at)
        elif text in _CLOSE or text in (",", ";"):
            break
        at += 1
    return Span(statement, tokens[start].start, tokens[max(start, at - 1)].end)


def column_definition(statement: Statement, node: ast.ColumnDef | None) -> Span:
    """A column as declared, from its name to the comma."""
    return element(statement, node.location if node is not None else None)


def call(statement: Statement, node: ast.FuncCall) -> Span:
    """The name of a called function, with its schema, without the arguments."""
    return name_at(statement, node.location)


def operator(statement: Statement, location: int | None) -> Span:
    """An operator by itself, in OPERATOR(schema.%) too."""
    span = word_at(statement, location)
    if span.text.upper() != "OPERATOR":
        return span
    inner = [token for token in outer_tokens(statement, span.end + 1) if token.start > span.end]
    return Span(statement, inner[-1].start, inner[-1].end) if inner else span


def name_at(statement: Statement, location: int | None) -> Span:
    """The name that begins at a location, with the schema in front of it."""
    tokens = statement.tokens
    at = _index_at(tokens, location) if location is not None else None
    if at is None:
        return word_at(statement, location)
    end = at
    while end + 2 < len(tokens) and tokens[end + 1].text == ".":
        end += 2
    return Span(statement, tokens[at].start, tokens[end].end)


def parenthesised(statement: Statement, after: int) -> Span | None:
    """The first pair of parentheses behind a position, with what it holds."""
    tokens = statement.tokens
    for at, token in enumerate(tokens):
        if token.start >= after and token.text == "(":
            return Span(statement, token.start, tokens[_closing(tokens, at)].end)
    return None


def edited(statement: Statement, edits: list[tuple[int, int, str]]) -> str:
    """The statement's own text with stretches replaced; blanks left double are closed."""
    text, at = "", statement.start
    for start, end, new in sorted(edits):
        if start < at:
            continue
        if not new:
            while end < len(statement.text) and statement.text[end] in " \t":
                end += 1
        text += statement.text[at:start] + new
        at = end
    # A comment behind the last word stays behind the semicolon, which it would swallow.
    tokens = statement.tokens[-2:]
    ends = [token.end for token in tokens if token.text != ";"] or [len(statement.text)]
    end = max(at, *ends)
    comment = statement.text[end:].strip().removeprefix(";").strip()
    text = (text + statement.text[at:end]).strip() + ";"
    return f"{text} {comment}" if comment else text


def _index_at(tokens: tuple[Token, ...], location: int) -> int | None:
    low, high = 0, len(tokens)
    while low < high:
        middle = (low + high) // 2
        if tokens[middle].start < location:
            low = middle + 1
        else:
            high = middle
    return low if low < len(tokens) and tokens[low].start == location else None


def _closing(tokens: tuple[Token, ...], at: int) -> int:
    depth = 0
    while at < len(tokens):
        if tokens[at].text in _OPEN:
            depth += 1
        elif tokens[at].text in _CLOSE:
            depth -= 1
            if not depth:
                return at
        at += 1
    return len(tokens) - 1


def name(statement: Statement, wanted: Name) -> Span:
    """The first place where a name stands, with its schema if it is written; else the head."""
    tokens = statement.tokens
    for at, token in enumerate(tokens):
        if _identifier(token.text) != wanted.name or at == 0:
            continue
        if tokens[at - 1].text == "." and at > 1:
            return Span(statement, tokens[at - 2].start, token.end)
        return Span(statement, token.start, token.end)
    return head(statement)


def _identifier(text: str) -> str:
    if text.startswith('"'):
        return text[1:-1].replace('""', '"')
    return text.lower()


def outer_tokens(statement: Statement, start: int, end: int | None = None) -> list[Token]:
    """The words from a position on that stand in no brackets, up to a semicolon."""
    found: list[Token] = []
    depth = 0
    for token in statement.tokens:
        if token.start < start or (end is not None and token.start >= end):
            continue
        if token.text in _CLOSE:
            depth -= 1
            if depth < 0:
                break
        elif token.text in _OPEN:
            depth += 1
        elif not depth:
            if token.text == ";":
                break
            found.append(token)
    return found


def listed(statement: Statement, start: int) -> list[Span]:
    """What stands between the commas from a position to the end of the statement."""
    found: list[Span] = []
    at: int | None = None
    end = start
    depth = 0
    for token in statement.tokens:
        if token.start < start:
            continue
        depth += (token.text in _OPEN) - (token.text in _CLOSE)
        if token.text == ";" or depth < 0:
            break
        if token.text == "," and not depth:
            if at is not None:
                found.append(Span(statement, at, end))
            at = None
            continue
        at, end = (token.start if at is None else at), token.end
    if at is not None:
        found.append(Span(statement, at, end))
    return found


def cut(span: Span, edits: list[tuple[int, int, str]]) -> str:
    """A span's text with stretches replaced or taken out, positions as in its statement."""
    text, at = "", span.start
    source = span.statement.text
    for start, end, new in sorted(edits):
        if start < at or end > span.end:
            continue
        text = text + source[at:start] + new if new else (text + source[at:start]).rstrip()
        at = end
    return (text + source[at : span.end]).strip()
