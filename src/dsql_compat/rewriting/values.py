"""PostgreSQL's texts for composed values, taken apart: arrays, rows, ranges, hstore, money.

Pure: a text in, its parts out.  ValueFormError never holds the text, which is somebody's data.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from json.encoder import encode_basestring
from typing import NamedTuple

ToJson = Callable[[str], str]

_SPACE = " \t\n\r\v\f"  # what PostgreSQL calls space; Python knows more

_QUOTED = r'"(?P<quoted>[^"\\]*(?:\\.[^"\\]*)*)"'
_ELEMENT = r"\s*(?:(?P<mark>[{}DELIM])|QUOTED|(?P<bare>(?:[^{}\"\\DELIM]|\\.)+))\s*"
_ESCAPED = re.compile(r"\\(.)", re.S | re.A)
_FIELD_PART = re.compile(r'"((?:[^"\\]|\\.|"")*)"|((?:[^",\\]|\\.)+)|(,)', re.S | re.A)
_IN_QUOTES = re.compile(r'\\(.)|"(")', re.S | re.A)
_PAIR_TEXT = r'(?:"[^"\\]*(?:\\.[^"\\]*)*"|(?:[^\s,="\\]|\\.|=(?!>))+)'
_PAIR = re.compile(rf"\s*({_PAIR_TEXT})\s*=>\s*({_PAIR_TEXT})\s*(?:,|$)", re.S | re.A)
_PLAIN_ARRAY = re.compile(r"\{[^{}\"\\\s;]+\}", re.A)
_NO_AMOUNT = re.compile(r"[^\d.,\u066b]", re.A)
_NO_DIGIT = re.compile(r"\D", re.A)
_MONEY_CENTS = re.compile(r"(?P<whole>.*?)[.,\u066b](?P<cents>\d{2})", re.S | re.A)
_POINT = re.compile(r"\(([^,()]+),([^,()]+)\)")
_DIMENSIONS = re.compile(r"\s*(?:\[[^\]]*\]\s*)+=\s*(?=\{)", re.A)


class ValueFormError(ValueError):
    """A text that PostgreSQL would not have written for the type; the message says which."""


class Range(NamedTuple):
    """The bounds of a range; None is an infinite one."""

    lower: str | None
    upper: str | None
    lower_included: bool
    upper_included: bool
    is_empty: bool = False


def _array_tokens(delimiter: str) -> re.Pattern[str]:
    pattern = _ELEMENT.replace("QUOTED", _QUOTED).replace("DELIM", re.escape(delimiter))
    return re.compile(pattern, re.S | re.A)


_TOKENS = {delimiter: _array_tokens(delimiter) for delimiter in ",;"}


def json_text(value: str) -> str:
    """A string as JSON has it."""
    return encode_basestring(value)


def point_parts(text: str) -> tuple[str, str]:
    """The coordinates of a point, `(1,2)`."""
    found = _POINT.fullmatch(text)
    if found is None:
        raise ValueFormError("point")
    return found[1], found[2]


def array_to_json(text: str, element: ToJson, delimiter: str = ",") -> str:
    """An array of any number of dimensions as JSON; its lower bounds are lost, as in to_jsonb."""
    if delimiter == "," and _PLAIN_ARRAY.fullmatch(text):
        return "[" + ", ".join([_plain(part, element) for part in text[1:-1].split(",")]) + "]"
    bounds = _DIMENSIONS.match(text)
    at = bounds.end() if bounds else 0
    tokens, pieces = _TOKENS[delimiter], list[str]()
    depth, wants_value = 0, True
    while at < len(text):
        token = tokens.match(text, at)
        if token is None or (at and depth == 0 and pieces):
            raise ValueFormError("array")
        at = token.end()
        match token["mark"]:
            case "{" if wants_value:
                depth += 1
                pieces.append("[")
            case "}" if depth and (not wants_value or pieces[-1] == "["):
                depth -= 1
                pieces.append("]")
                wants_value = False
            case None if depth and wants_value:
                pieces.append(_element(token, element))
                wants_value = False
            case mark if mark == delimiter and depth and not wants_value:
                pieces.append(", ")
                wants_value = True
            case _:
                raise ValueFormError("array")
    if depth or not pieces:
        raise ValueFormError("array")
    return "".join(pieces)


def _plain(text: str, element: ToJson) -> str:
    if not text:
        raise ValueFormError("array")
    return "null" if text.upper() == "NULL" else element(text)


def _element(token: re.Match[str], element: ToJson) -> str:
    quoted = token["quoted"]
    if quoted is not None:
        return element(_ESCAPED.sub(r"\1", quoted) if "\\" in quoted else quoted)
    bare = token["bare"]
    if "\\" in bare:
        return element(_ESCAPED.sub(r"\1", bare))
    bare = bare.rstrip(_SPACE)
    return _plain(bare, element)


def row_fields(text: str) -> list[str | None]:
    """The fields of a composite value; None is NULL."""
    inner = text.strip(_SPACE)
    if not (inner.startswith("(") and inner.endswith(")")):
        raise ValueFormError("composite value")
    return list(_fields(inner[1:-1]))


def _fields(text: str) -> Iterator[str | None]:
    """What stands between commas; nothing at all is None, quotes may begin anywhere."""
    field: str | None = None
    at = 0
    while at < len(text):
        part = _FIELD_PART.match(text, at)
        if part is None:
            raise ValueFormError("composite value")
        at = part.end()
        quoted, bare, comma = part.groups()
        if comma:
            yield field
            field = None
        elif quoted is not None:
            field = (field or "") + _IN_QUOTES.sub(lambda m: m[1] or m[2], quoted)
        else:
            field = (field or "") + _ESCAPED.sub(r"\1", bare)
    yield field


def range_bounds(text: str) -> Range:
    """The two bounds of a range."""
    inner = text.strip(_SPACE)
    if inner.lower() == "empty":
        return Range(None, None, lower_included=False, upper_included=False, is_empty=True)
    if inner[:1] not in ("[", "(") or inner[-1:] not in ("]", ")"):
        raise ValueFormError("range")
    bounds = list(_fields(inner[1:-1]))
    if len(bounds) != 2:
        raise ValueFormError("range")
    lower, upper = bounds
    return Range(lower, upper, inner[0] == "[", inner[-1] == "]")


def coordinates(text: str) -> tuple[str, str]:
    """The two numbers of a point."""
    parts = [part.strip(_SPACE) for part in text.strip(_SPACE + "()").split(",")]
    if len(parts) != 2 or not all(parts):
        raise ValueFormError("point")
    return parts[0], parts[1]


def hstore_to_json(text: str) -> str:
    """Pairs as a JSON object; every value is a string, as in hstore_to_jsonb."""
    pairs: list[str] = []
    at, end = 0, len(text.rstrip(_SPACE))
    while at < end:
        pair = _PAIR.match(text, at)
        if pair is None:
            raise ValueFormError("hstore")
        at = pair.end()
        key, value = pair[1], pair[2]
        new = "null" if value.upper() == "NULL" else json_text(_unquoted(value))
        pairs.append(f"{json_text(_unquoted(key))}: {new}")
    return "{" + ", ".join(pairs) + "}"


def _unquoted(text: str) -> str:
    inner = text[1:-1] if text.startswith('"') else text
    return _ESCAPED.sub(r"\1", inner) if "\\" in inner else inner


def money_to_numeric(text: str) -> str:
    """An amount without its currency: `($1,234.50)` is -1234.50.

    What stands in front of the last two digits is the decimal sign, whatever the locale; an
    amount without cents has none.
    """
    number = _NO_AMOUNT.sub("", text).rstrip(".,")
    cents = _MONEY_CENTS.fullmatch(number)
    whole = _NO_DIGIT.sub("", cents["whole"] if cents else number)
    if not whole and not cents:
        raise ValueFormError("money")
    negative = "-" in text or "\u2212" in text or "(" in text
    amount = (whole or "0") + (f".{cents['cents']}" if cents else "")
    return f"-{amount}" if negative else amount
