"""Which schemas and tables of a database are meant, in psql's patterns."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dsql_compat.sources.database.items import Item

_NEEDED = frozenset(
    {
        *("schema", "type", "shell type", "dummy type", "function", "aggregate", "extension"),
        *("collation", "operator", "opclass", "opfamily", "language", "access method", "cast"),
        *("ts configuration", "ts dictionary", "ts template", "ts parser", "server", "fdw"),
    }
)


_BOUNDARIES = frozenset({"before data", "after data"})


class PatternError(ValueError):
    """A pattern matches nothing or cannot be read."""


@dataclass(frozen=True)
class Selection:
    """What --schema, --exclude-schema and --tables say; nothing means all."""

    schemas: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.schemas or self.excluded or self.tables)

    @cached_property
    def _compiled(self) -> tuple[list[re.Pattern[str]], ...]:
        return tuple([_schema_pattern(p) for p in part] for part in (self.schemas, self.excluded))

    @cached_property
    def _tables(self) -> list[tuple[re.Pattern[str] | None, re.Pattern[str]]]:
        return [_table_pattern(pattern) for pattern in self.tables]

    def has_schema(self, name: str) -> bool:
        """Whether a schema is meant."""
        wanted, unwanted = self._compiled
        is_in = not wanted or any(pattern.fullmatch(name) for pattern in wanted)
        return is_in and not any(pattern.fullmatch(name) for pattern in unwanted)

    def has_table(self, schema: str, name: str) -> bool:
        """Whether a table, view or sequence is meant."""
        return self.has_schema(schema) and (
            not self._tables
            or any(
                (of is None or of.fullmatch(schema)) and pattern.fullmatch(name)
                for of, pattern in self._tables
            )
        )


def select(items: Iterable[Item], selection: Selection) -> tuple[set[Item], Counter[str]]:
    """The items that are meant with what they need, and how many others there are of each kind.

    Raises PatternError when nothing is meant.
    """
    items = list(items)
    chosen = {item for item in items if _is_meant(item, selection)}
    if not any(item.kind in ("table", "schema", "function", "type") for item in chosen):
        raise PatternError("no schema or table is selected by --schema, --exclude-schema, --tables")
    queue = list(chosen)
    while queue:
        item = queue.pop()
        for needed in () if item.kind in _BOUNDARIES else item.needs:
            if needed not in chosen and (needed.kind in _NEEDED or needed.is_merged):
                chosen.add(needed)
                queue.append(needed)
    left = Counter(item.kind for item in items if item not in chosen and item.part_of is None)
    return chosen, left


def _is_meant(item: Item, selection: Selection) -> bool:
    whole = item
    while whole.part_of is not None and (whole.kind != "table" or not selection.tables):
        whole = whole.part_of
    if whole.kind == "table" and whole.schema is not None:
        if selection.has_table(whole.schema, whole.name):
            return True
        above = whole.part_of  # the sequence of a column goes with its table
        return above is not None and selection.has_table(above.schema or "", above.name)
    if whole.kind == "schema":
        return not selection.tables and selection.has_schema(whole.name)
    if whole.schema is not None:
        return not selection.tables and selection.has_schema(whole.schema)
    return not selection.tables and not selection.schemas


def _schema_pattern(pattern: str) -> re.Pattern[str]:
    parts = _parts(pattern)
    if len(parts) != 1:
        raise PatternError(f"{pattern}: a schema's name has no dot outside quotes")
    return _compiled(parts[0], pattern)


def _table_pattern(pattern: str) -> tuple[re.Pattern[str] | None, re.Pattern[str]]:
    parts = _parts(pattern)
    if len(parts) > 2:
        raise PatternError(f"{pattern}: more than schema.table")
    last = _compiled(parts[-1], pattern)
    return (_compiled(parts[0], pattern) if len(parts) == 2 else None), last


def _compiled(expression: str, pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(expression, re.S)
    except re.error as error:
        raise PatternError(f"{pattern}: not a pattern: {error}") from None


def _parts(pattern: str) -> list[str]:
    """A pattern as regular expressions, one for each part of the name."""
    parts, is_quoted, number = [""], False, 0
    while number < len(pattern):
        char = pattern[number]
        if char == '"':
            if is_quoted and pattern[number + 1 : number + 2] == '"':
                parts[-1] += '"'
                number += 1
            else:
                is_quoted = not is_quoted
        elif is_quoted:
            parts[-1] += re.escape(char)
        elif char == ".":
            parts.append("")
        else:
            parts[-1] += {"*": ".*", "?": ".", "$": r"\$"}.get(char, char.lower())
        number += 1
    if is_quoted or "" in parts:
        raise PatternError(f"{pattern}: not a pattern: a quote or a part of the name is missing")
    return parts
