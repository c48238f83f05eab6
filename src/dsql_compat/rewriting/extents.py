"""Where an expression begins and ends: the parser says the former only, and not always."""

from __future__ import annotations

from pglast import ast
from pglast.parser import ParseError

from dsql_compat.rewriting.printing import expression, parsed
from dsql_compat.sql.statements import Statement
from dsql_compat.sql.walk import walk

_MOST_WORDS = 80
_MOST_BEFORE = 40
_OPEN, _CLOSE = ("(", "["), (")", "]")


def extent(statement: Statement, node: ast.Node) -> tuple[int, int] | None:
    """The shortest stretch of a statement that reads as an expression; None if none is found.

    It is proved by reading it: what comes out must be the same tree.
    """
    places = [at for part in walk(node) if (at := getattr(part, "location", None)) is not None]
    places = [at for at in places if at >= 0]
    if not places:
        return None
    tokens = statement.tokens
    wanted = expression(node)
    middle = next((n for n, token in enumerate(tokens) if token.start >= min(places)), None)
    if middle is None:
        return None
    last = max(n for n, token in enumerate(tokens) if token.start <= max(places))
    for first in range(middle, max(middle - _MOST_BEFORE, 0) - 1, -1):  # constants have no place
        for end in range(last, min(last + _MOST_WORDS, len(tokens))):
            depth, lowest = _depths([token.text for token in tokens[first : end + 1]])
            if lowest < 0:
                break  # a bracket that was opened before
            if depth == 0 and _reads(statement.text[tokens[first].start : tokens[end].end], wanted):
                return tokens[first].start, tokens[end].end
    return None


def _depths(words: list[str]) -> tuple[int, int]:
    depth = lowest = 0
    for word in words:
        depth += (word in _OPEN) - (word in _CLOSE)
        lowest = min(lowest, depth)
    return depth, lowest


def _reads(text: str, wanted: str) -> bool:
    try:
        return expression(parsed(text)) == wanted
    except (ParseError, AttributeError, IndexError, TypeError):
        return False
