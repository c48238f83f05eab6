"""Names and values as the server itself would write them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from dsql_compat.sql.names import literal, quote

_SIMPLE_OPTION = re.compile(r"[A-Za-z_][\w]*\Z|-?\d+(?:\.\d+)?\Z")
_TAGS = "_XXXXXXX"


def ident(name: str) -> str:
    """A name, quoted when quote_ident would: for a dollar sign, too."""
    return '"' + name.replace('"', '""') + '"' if "$" in name else quote(name)


def qualified(schema: str | None, name: str) -> str:
    """A name with its schema."""
    return ident(name) if schema is None else f"{ident(schema)}.{ident(name)}"


def dollar_quoted(text: str) -> str:
    """A body between dollar signs, with a tag that the body does not hold."""
    tag, number = "$", 0
    while tag in text:
        tag += _TAGS[number % len(_TAGS)]
        number += 1
    return f"{tag}${text}{tag}$"


def storage_options(options: Iterable[str] | None, prefix: str = "") -> list[str]:
    """Storage parameters (`fillfactor=70`) as WITH takes them."""
    found = []
    for option in options or ():
        name, _, value = option.partition("=")
        value = value if ident(value) == value else literal(value)
        found.append(f"{prefix}{ident(name)}={value}")
    return found


def foreign_options(options: Iterable[str] | None) -> str:
    """Options of foreign objects (`host=x`), a line each."""
    pairs = (option.partition("=") for option in options or ())
    return ",\n    ".join(f"{ident(name)} {literal(value)}" for name, _, value in sorted(pairs))
