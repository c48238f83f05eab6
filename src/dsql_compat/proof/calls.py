"""What functions give for generated arguments, asked of both databases within bounds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from dsql_compat.proof.catalogs import Thing
from dsql_compat.proof.load import Connection
from dsql_compat.proof.probes import (
    Answer,
    Found,
    Sides,
    Unequal,
    Unprovable,
    evaluated,
    is_failure,
    is_timeout,
    taken,
)
from dsql_compat.proof.samples import candidates, combinations
from dsql_compat.sql.names import Name, literal, quote, quote_list

_MOST_CALLS = 60
_MOST_ROWS = 1000  # of what a function returns as a set
_PSEUDO = frozenset({"p", "c"})  # kinds of argument types for which no literal will do

Arguments = tuple[str | None, ...]


def results(sides: Sides, thing: Thing, other: Thing) -> Found:
    """What a function gives for generated arguments; one call that takes too long is the last.

    The source's has the search path that it was made under, the rewrite's must do without.
    """
    with under(sides.source, sides.paths.get(Name(thing.key.schema, thing.row["name"]), ())):
        yield from _results(sides, thing, other)


@contextmanager
def under(connection: Connection, path: tuple[str, ...]) -> Iterator[None]:
    """A session's search path, while this lasts; none: the one that users have."""
    if path:
        connection.execute(f"SET search_path TO {quote_list(path)}".encode())
    try:
        yield
    finally:
        if path:
            connection.execute("RESET search_path")


def _results(sides: Sides, thing: Thing, other: Thing) -> Found:
    row = thing.row
    if thing.kind != "function" or row["result_name"] in ("trigger", "event_trigger"):
        return
    if _PSEUDO & set(row["type_kinds"]) or row["is_variadic"]:
        yield "results", Unprovable("its arguments are of no simple type")
        return
    choices = [
        _arguments(sides.source, category, name)
        for category, name in zip(row["categories"], row["types"], strict=True)
    ]
    calls = combinations(choices)[:: max(1, len(combinations(choices)) // _MOST_CALLS)]
    answers = 0
    for arguments in calls:
        left = _called(sides.source, thing, arguments)
        right = left if is_timeout(left) else _called(sides.rewrite, other, arguments)
        late = "source" if is_timeout(left) else "rewrite" if is_timeout(right) else ""
        if late:
            what = f"in the {late}, the call with {_shown(arguments)} takes too long"
            yield "results", Unprovable(what)
            return
        answers += not is_failure(left)
        if left == right or (is_failure(left) and is_failure(right)):
            continue
        if left != _called(sides.source, thing, arguments):
            yield "results", Unprovable("its results change from call to call")
        elif row["is_set"] and _is_cut(sides.source, thing, arguments):
            what = f"over {_MOST_ROWS} rows for {_shown(arguments)}, and the first ones differ"
            yield "results", Unprovable(what)
        else:
            words = (
                "fails" if is_failure(a) else "NULL" if a is None else a for a in (left, right)
            )
            yield "results", Unequal(_shown(arguments), *words)
        return
    if not answers:
        reason = (
            "every call fails on the scratch server" if calls else "no arguments to call it with"
        )
        yield "results", Unprovable(reason)


def _shown(arguments: Arguments) -> str:
    return f"({', '.join('NULL' if a is None else literal(a) for a in arguments)})"


def _arguments(connection: Connection, category: str, type_name: str) -> list[str | None]:
    labels: list[str] = []
    if category == "E":
        query = "SELECT enumlabel FROM pg_enum WHERE enumtypid = %s::regtype ORDER BY enumsortorder"
        labels = [r["enumlabel"] for r in connection.execute(query, (type_name,)).fetchall()]
    tried = candidates(category, (), labels)
    valid = taken(connection, tried, type_name)
    return [*(value for value, fits in zip(tried, valid, strict=True) if fits), None]


def _called(connection: Connection, thing: Thing, arguments: Arguments) -> Answer:
    rows = _rows(thing, arguments)
    return evaluated(connection, f"SELECT array_agg(r::text ORDER BY r::text) FROM {rows}")


def _is_cut(connection: Connection, thing: Thing, arguments: Arguments) -> bool:
    """Whether there are more rows than are asked for, so that any of them may have come."""
    count = evaluated(connection, f"SELECT count(*) FROM {_rows(thing, arguments)}")
    return count == str(_MOST_ROWS + 1)


def _rows(thing: Thing, arguments: Arguments) -> str:
    """A call as a source of rows `r`."""
    given = ", ".join(
        f"{'NULL' if value is None else literal(value)}::{name}"
        for value, name in zip(arguments, thing.row["types"], strict=True)
    )
    call = f"{quote(thing.row['schema'])}.{quote(thing.row['name'])}({given})"
    if not thing.row["is_set"]:
        return f"{call} AS r"
    # In FROM all rows would be made first; as a value, a query's come one at a time.
    return f"(SELECT {call} AS r LIMIT {_MOST_ROWS + 1}) AS s"
