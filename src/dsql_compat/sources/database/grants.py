"""GRANT and REVOKE from the access lists that the server keeps, in pg_dump's words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from dsql_compat.sql.names import quote

_ITEM = re.compile(r'(?P<to>(?:"(?:[^"]|"")*"|[^="])*)=(?P<what>[A-Za-z*]*)/(?P<by>.*)', re.S)
_WORDS = {
    "TABLE": "r SELECT,a INSERT,x REFERENCES,d DELETE,t TRIGGER,D TRUNCATE,m MAINTAIN,w UPDATE",
    "COLUMN": "r SELECT,a INSERT,x REFERENCES,w UPDATE",
    "SEQUENCE": "r SELECT,U USAGE,w UPDATE",
    "FUNCTION": "X EXECUTE",
    "SCHEMA": "C CREATE,U USAGE",
    "TYPE": "U USAGE",
}
_WORDS |= {
    **dict.fromkeys(("PROCEDURE", "ROUTINE"), _WORDS["FUNCTION"]),
    **dict.fromkeys(("LANGUAGE", "FOREIGN DATA WRAPPER", "FOREIGN SERVER"), _WORDS["TYPE"]),
    "LARGE OBJECT": "r SELECT,w UPDATE",
    "TABLESPACE": "C CREATE",
}
_MAINTAIN = 17
_TIDY = 16  # before, default privileges had a blank too many


@dataclass(frozen=True, slots=True)
class Place:
    """What privileges are of: `TABLE` and `public.t`.  `columns` is one column, quoted."""

    kind: str
    name: str
    column: str = ""
    prefix: str = ""  # ALTER DEFAULT PRIVILEGES …


def grants(
    place: Place, owner: str | None, acl: list[str] | None, base: list[str], major: int
) -> list[str]:
    """The statements that lead from the privileges an object begins with to those it has."""
    if acl is None:
        return []
    revoked = [text for text in base if text not in acl]
    given = [text for text in acl if text not in base]
    first = [line for text in revoked for line in _revoke(place, text, major)]
    second: list[str] = []
    for text in given:
        to, by = _parts(text)[0], _parts(text)[2]
        own = owner is not None and to == owner and by == owner
        (first if own else second).extend(_grant(place, owner, text, major))
    return first + second


def _revoke(place: Place, text: str, major: int) -> Iterator[str]:
    to, what, _ = _parts(text)
    words = _privileges(place, what.replace("*", ""), major)[0]
    if words:
        whom = quote(to) if to else "PUBLIC"
        yield f"{place.prefix}REVOKE {words} ON {_on(place, major)} FROM {whom}"


def _grant(place: Place, owner: str | None, text: str, major: int) -> Iterator[str]:
    to, what, by = _parts(text)
    plain, passing = _privileges(place, what, major)
    if not plain and not passing:
        return
    is_others = owner is None or owner != by
    if is_others:
        yield f"SET SESSION AUTHORIZATION {quote(by)}"
    whom = quote(to) if to else "PUBLIC"
    if plain:
        yield f"{place.prefix}GRANT {plain} ON {_on(place, major)} TO {whom}"
    if passing:
        yield f"{place.prefix}GRANT {passing} ON {_on(place, major)} TO {whom} WITH GRANT OPTION"
    if is_others:
        yield "RESET SESSION AUTHORIZATION"


def _on(place: Place, major: int) -> str:
    named = f"{place.kind} {place.name}"
    return named.strip() if major >= _TIDY else named


def _privileges(place: Place, what: str, major: int) -> tuple[str, str]:
    """The words for privileges without and with the right to pass them on."""
    kind = place.kind.removesuffix("S") if place.prefix else place.kind
    pairs = [pair.split(" ") for pair in _WORDS["COLUMN" if place.column else kind].split(",")]
    known = {code: word for code, word in pairs if code != "m" or major >= _MAINTAIN}
    passing = [word for code, word in known.items() if f"{code}*" in what]
    plain = [word for code, word in known.items() if code in what and word not in passing]
    return tuple(  # type: ignore[return-value]
        _in_words(words, len(known), place.column) for words in (plain, passing)
    )


def _in_words(words: list[str], all_of_them: int, column: str) -> str:
    if len(words) == all_of_them:
        words = ["ALL"]
    return ",".join(f"{word}({column})" if column else word for word in words)


def _parts(text: str) -> tuple[str, str, str]:
    """To whom, what, and by whom."""
    found = _ITEM.fullmatch(text)
    if found is None:
        return "", "", ""
    return _plain(found["to"]), found["what"], _plain(found["by"])


def _plain(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name
