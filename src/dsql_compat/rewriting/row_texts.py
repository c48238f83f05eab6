"""Rows as COPY and INSERT write them: fields and literals taken apart and put together again."""

from __future__ import annotations

import re
from typing import NamedTuple

from dsql_compat.sql.lexer import DATA_INSERT, ONE_LITERAL, ONE_ROW
from dsql_compat.sql.names import literal

NULL = b"\\N"
_ESCAPE = re.compile(r"\\(?:([0-7]{1,3})|x([0-9A-Fa-f]{1,2})|(.))", re.S)
_LETTERS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_UNSAFE = str.maketrans(
    {"\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v"}
)
_OCTET = re.compile(rb"\\(?:[0-7]|x[0-9A-Fa-f])")
_QUOTED = re.compile(r"([bBxX]?)('(?:[^']|'')*')(::[\w. ]+)?", re.S)


class Literal(NamedTuple):
    """A value of an INSERT: `text` of a quoted one, else `word`, which is SQL."""

    text: str | None
    word: str = ""


def split_fields(line: bytes) -> list[bytes]:
    """The fields of a row of COPY, still escaped."""
    fields = line.split(b"\t")
    if b"\\\t" not in line:
        return fields
    joined: list[bytes] = []
    for field in fields:  # a backslash may stand in front of the tab itself
        if joined and _is_open(joined[-1]):
            joined[-1] = joined[-1] + b"\t" + field
        else:
            joined.append(field)
    return joined


def _is_open(field: bytes) -> bool:
    return (len(field) - len(field.rstrip(b"\\"))) % 2 == 1


def unescape(field: bytes) -> str:
    """The text of a field of COPY that is not NULL."""
    if b"\\" not in field:
        return field.decode()
    if _OCTET.search(field):  # bytes, of which several may make one character
        return _unescape_bytes(field).decode()
    return _ESCAPE.sub(lambda m: _LETTERS.get(m[3], m[3]), field.decode())


def _unescape_bytes(field: bytes) -> bytes:
    def octet(found: re.Match[str]) -> str:
        octal, hexadecimal, other = found.groups()
        if octal:
            return chr(int(octal, 8) & 0xFF)
        return chr(int(hexadecimal, 16)) if hexadecimal else _LETTERS.get(other, other)

    return _ESCAPE.sub(octet, field.decode("latin-1")).encode("latin-1")


def escape(text: str) -> bytes:
    """A text as a field of COPY."""
    return text.translate(_UNSAFE).encode()


# -- INSERT ---------------------------------------------------------------------------------------


class Inserted(NamedTuple):
    """An INSERT of literals: its rows, and what stands behind them."""

    rows: list[list[Literal]]
    tail: str


def inserted(data: bytes) -> Inserted:
    """The rows of an INSERT that the lexer took for one of literals."""
    found = DATA_INSERT.match(data)
    assert found is not None
    rows = [
        [read_literal(value.decode()) for value in ONE_LITERAL.findall(row[0])]
        for row in ONE_ROW.finditer(found["rows"])
    ]
    tail = data[found.end("rows") :].strip(b"; \t\r\n").decode()
    return Inserted(rows, " ".join(tail.upper().split()))


def read_literal(text: str) -> Literal:
    """A literal as the lexer cuts it; a cast to the column's own type says nothing."""
    if text[:1] not in "'bBxX" or "'" not in text[:2]:
        return Literal(None, text.partition("::")[0])
    found = _QUOTED.fullmatch(text)
    if found is None:
        return Literal(None, text)
    body = found[2][1:-1].replace("''", "'")
    if found[1] in ("x", "X") and found[1]:
        body = "".join(f"{int(digit, 16):04b}" for digit in body)
    return Literal(body)


def written(value: str | None) -> str:
    """A value as SQL."""
    return "NULL" if value is None else literal(value)
