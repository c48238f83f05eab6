"""Where a constraint stands in its statement, and how it reads once DSQL may see it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pglast import enums

from dsql_compat.catalog.model import Constraint
from dsql_compat.findings import Span
from dsql_compat.sql import spans

_ATTRIBUTES = {
    enums.ConstrType.CONSTR_ATTR_DEFERRABLE,
    enums.ConstrType.CONSTR_ATTR_NOT_DEFERRABLE,
    enums.ConstrType.CONSTR_ATTR_DEFERRED,
    enums.ConstrType.CONSTR_ATTR_IMMEDIATE,
    enums.ConstrType.CONSTR_ATTR_ENFORCED,
    enums.ConstrType.CONSTR_ATTR_NOT_ENFORCED,
}
# Scanning the words of each constraint only to find none of these would take most of the time.
_SPEAKS_OF_ATTRIBUTES = re.compile(
    r"\b(?:VALID|ENFORCED|DEFERRABLE|INITIALLY|TABLESPACE|WITH)\b", re.I
)


def constraint_span(constraint: Constraint) -> Span:
    """The constraint as written; of a column, without what the column has behind it."""
    statement = constraint.statement
    span = spans.element(statement, constraint.node.location)
    if not constraint.is_inline:
        return span
    column = constraint.table.columns.get(constraint.columns[0])
    for item in column.node.constraints or () if column and column.node else ():
        if item.location > constraint.node.location and item.contype not in _ATTRIBUTES:
            text = statement.text[span.start : item.location].rstrip()
            return Span(statement, span.start, span.start + len(text))
    return span


def plain_text(constraint: Constraint) -> str:
    """The constraint without index options, deferral and validity, which DSQL takes elsewhere."""
    span = constraint_span(constraint)
    return spans.cut(span, attribute_edits(span, keep_deferral=constraint.kind == "foreign key"))


def attribute_edits(span: Span, *, keep_deferral: bool = False) -> list[tuple[int, int, str]]:
    """What to take out of a constraint's text."""
    if not _SPEAKS_OF_ATTRIBUTES.search(span.text):
        return []
    tokens = spans.outer_tokens(span.statement, span.start, span.end)
    words = [token.text.upper() for token in tokens]
    edits: list[tuple[int, int, str]] = []
    at = 0
    while at < len(tokens):
        length = 0
        match words[at : at + 4]:
            case ["NOT", "VALID" | "ENFORCED", *_]:
                length = 2
            case ["NOT", "DEFERRABLE", *_] | ["INITIALLY", _, *_]:
                length = 0 if keep_deferral else 2
            case ["DEFERRABLE", *_]:
                length = 0 if keep_deferral else 1
            case ["ENFORCED", *_]:
                length = 1
            case ["USING", "INDEX", "TABLESPACE", _]:
                length = 4
            case ["WITH", *_]:
                options = spans.parenthesised(span.statement, tokens[at].end)
                if options is not None:
                    edits.append((tokens[at].start, options.end, ""))
        if length:
            edits.append((tokens[at].start, tokens[at + length - 1].end, ""))
        at += length or 1
    return edits


@dataclass(frozen=True, slots=True)
class ExcludedTerms:
    """What an EXCLUDE compares, as written, and its WHERE in parentheses."""

    terms: tuple[str, ...]
    where: str


def excluded_terms(constraint: Constraint) -> ExcludedTerms:
    """The columns and expressions of an EXCLUDE without operator classes and operators."""
    span = constraint_span(constraint)
    statement = span.statement
    opening = where = None
    depth = 0
    for token in statement.tokens:
        if not span.start <= token.start < span.end:
            continue
        if token.text == "(" and not depth and opening is None:
            opening = token
        elif token.text.upper() == "WHERE" and not depth:
            where = spans.parenthesised(statement, token.end)
        depth += (token.text == "(") - (token.text == ")")
    inside = spans.parenthesised(statement, opening.start) if opening else None
    terms = tuple(_terms(inside)) if inside else ()
    return ExcludedTerms(terms, where.text if where else "")


def _terms(inside: Span) -> Iterator[str]:
    """Each element up to where it is complete: a name, or what its parentheses close."""
    start = end = None
    depth = 0
    for token in inside.statement.tokens:
        if token.start <= inside.start or token.end >= inside.end:
            continue
        if token.text == "," and not depth:
            if start is not None and end is not None:
                yield inside.statement.text[start:end].strip()
            start = end = None
            continue
        if start is None:
            start = token.start
        depth += (token.text == "(") - (token.text == ")")
        if end is None and not depth and token.text == ")":
            end = token.end
        elif end is None and token.text.upper() == "WITH" and not depth:
            end = token.start
    if start is not None and end is not None:
        yield inside.statement.text[start:end].strip()
