"""The source of what is left behind: where it stands, and the file for what is too much to read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dsql_compat.findings import Span
from dsql_compat.guide.view import name_of
from dsql_compat.report.excerpt import mask_secrets
from dsql_compat.rewriting.model import Fate, Rewrite
from dsql_compat.sql import spans
from dsql_compat.sql.names import Name
from dsql_compat.sql.statements import Statement

FILE = "left-behind.sql"
_MOST_IN_CHAPTER = 200_000  # characters of SQL


@dataclass(frozen=True, slots=True)
class Place:
    """Lines of the file, both of them within."""

    first: int
    last: int


def source_of(rewrite: Rewrite, fate: Fate) -> str:
    """The SQL of something left behind; of a column its own lines, not those of its table."""
    column = _column(rewrite, fate)
    if column:
        return mask_secrets(column)
    return "\n\n".join(mask_secrets(statement.excerpt.strip()) for statement in fate.statements)


def where(rewrite: Rewrite, fate: Fate) -> tuple[Statement, int] | None:
    """The statement of the source that has it, and the character at which it begins there."""
    if not fate.statements:
        return None
    span = _span(rewrite, fate)
    return (span.statement, span.start) if span else (fate.statements[0], 0)


def _span(rewrite: Rewrite, fate: Fate) -> Span | None:
    if fate.ref.kind != "column" or fate.ref.table is None:
        return None
    table = rewrite.catalog.table(Name(fate.ref.schema, fate.ref.table))
    column = table.columns.get(fate.ref.name) if table else None
    if column is None or column.node is None or column.node.location is None:
        return None
    for statement in fate.statements:
        span = spans.column_definition(statement, column.node)
        if statement.text[span.start : span.end].strip().strip('"').startswith(fate.ref.name):
            return span
    return None


def _column(rewrite: Rewrite, fate: Fate) -> str:
    span = _span(rewrite, fate)
    return span.statement.text[span.start : span.end].strip() if span else ""


def is_large(rewrite: Rewrite, fates: Iterable[Fate]) -> bool:
    """Whether so much is left behind that its source has a file of its own."""
    return sum(len(source_of(rewrite, fate)) for fate in fates) > _MOST_IN_CHAPTER


def left_file(rewrite: Rewrite, fates: Iterable[Fate]) -> tuple[str, dict[int, Place]]:
    """The file, and where each of them stands in it, by the `id` of the fate."""
    lines = [
        "-- What has no counterpart on Aurora DSQL, as the source has it: to read, not to run.",
        "",
    ]
    places: dict[int, Place] = {}
    for fate in fates:
        text = source_of(rewrite, fate)
        if not text:
            continue
        lines.append(f"-- {fate.ref.kind} {' '.join(name_of(fate.ref).split())}")
        first = len(lines) + 1
        lines += text.splitlines()
        places[id(fate)] = Place(first, len(lines))
        lines.append("")
    return "\n".join(lines), places
