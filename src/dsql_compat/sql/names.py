"""Names as PostgreSQL writes them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from pglast import ast
from pglast.keywords import COL_NAME_KEYWORDS, RESERVED_KEYWORDS, TYPE_FUNC_NAME_KEYWORDS

_PLAIN = re.compile(r"[a-z_][a-z0-9_$]*\Z")
_QUOTED_WORDS = RESERVED_KEYWORDS | COL_NAME_KEYWORDS | TYPE_FUNC_NAME_KEYWORDS


class Name(NamedTuple):
    """A name with its schema, if it has been given or found one."""

    schema: str | None
    name: str

    def __str__(self) -> str:
        if self.schema is None:
            return quote(self.name)
        return f"{quote(self.schema)}.{quote(self.name)}"


@lru_cache(maxsize=16_384)  # findings, references and reports write the same names again and again
def quote(identifier: str) -> str:
    """An identifier as it must be written: quoted only when PostgreSQL needs it."""
    if _PLAIN.match(identifier) and identifier not in _QUOTED_WORDS:
        return identifier
    return '"' + identifier.replace('"', '""') + '"'


def quote_list(identifiers: Iterable[str]) -> str:
    """Identifiers with commas between them."""
    return ", ".join(map(quote, identifiers))


def literal(text: str) -> str:
    """A string as a literal that means the same under standard_conforming_strings."""
    return "'" + text.replace("'", "''") + "'"


def name_of(parts: Iterable[object]) -> Name:
    """The name that a list of String nodes spells; a leading database name is dropped."""
    words = [part.sval for part in parts if isinstance(part, ast.String)]
    if not words:
        return Name(None, "")
    return Name(words[-2] if len(words) > 1 else None, words[-1])


def relation_name(relation: ast.RangeVar) -> Name:
    """The name of a RangeVar."""
    return Name(relation.schemaname, relation.relname)


def name_from_text(text: str) -> Name:
    """A name as regclass reads it: `public."Order"` and the like."""
    parts: list[str] = []
    rest = text.strip()
    while rest:
        if rest.startswith('"'):
            end = 1
            while True:
                end = rest.find('"', end)
                if end < 0:
                    return Name(None, text)
                if rest[end : end + 2] != '""':
                    break
                end += 2
            parts.append(rest[1:end].replace('""', '"'))
            rest = rest[end + 1 :].removeprefix(".")
        else:
            part, _, rest = rest.partition(".")
            parts.append(part.lower())
    if not parts:
        return Name(None, text)
    return Name(parts[-2] if len(parts) > 1 else None, parts[-1])
