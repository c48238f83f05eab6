"""Where a constraint stands in its statement, and how it reads once DSQL may see it."""

from __future__ import annotations

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
