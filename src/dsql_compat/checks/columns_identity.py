"""Identity columns, in CREATE TABLE and added later, as pg_dump writes them."""

from __future__ import annotations

from typing import Any

from pglast import ast, enums

from dsql_compat.catalog.model import Catalog, Column, Table
from dsql_compat.catalog.types import resolve
from dsql_compat.checks.actions import AT, Action, on_action
from dsql_compat.checks.columns import identity_options_text, key_reference_type
from dsql_compat.checks.columns_declared import Declared, declared_column
from dsql_compat.checks.context import Found, Here
from dsql_compat.checks.registry import detects
from dsql_compat.findings import Finding, Span
from dsql_compat.sql import spans
from dsql_compat.sql.names import quote
from dsql_compat.sql.statements import Statement

SMALLEST_BLOCK = 65536


def is_good_cache(size: object) -> bool:
    """Whether DSQL takes a CACHE of this size."""
    return isinstance(size, int) and (size == 1 or size >= SMALLEST_BLOCK)


@detects("identity-column", "identity-without-cache", on=Column)
def identity_column(column: Column, here: Here) -> Found:
    """GENERATED … AS IDENTITY in CREATE TABLE; in ADD COLUMN it is refused as any constraint."""
    if not column.identity:
        return
    declared = declared_column(column, here)
    constraint = _inline(column)
    if declared is None or constraint is None or declared.is_added:
        return
    clause = _clause(declared.statement, constraint.location, declared.definition.end)
    cache = (column.identity_options or {}).get("cache")
    is_bigint = _base(column, here) == "bigint"
    facts = declared.facts()
    yield here.found(
        "identity-column",
        clause,
        about=column.ref,
        case="cache-1" if cache == 1 and is_bigint else "",
        before=declared.before,
        referring="",
        **{
            **facts,
            "tail": _without(declared, clause),
            "edited": _with_cache(declared.definition, declared, clause, widen=True),
        },
    )
    if is_good_cache(cache):
        return
    yield here.found(
        "identity-without-cache",
        _cache_words(declared.statement, clause) or clause,
        about=column.ref,
        case="" if cache is None else "size",
        before=declared.before,
        cache=cache,
        edited=_with_cache(declared.definition, declared, clause, widen=True),
        **facts,
    )


@on_action("identity-column", "identity-without-cache", on=(AT.AT_AddIdentity, AT.AT_SetIdentity))
def add_identity(action: Action) -> Found:
    """ALTER COLUMN … ADD GENERATED, and SET CACHE on one that is there."""
    added = action.command.subtype == AT.AT_AddIdentity
    options = action.command.def_.options if added else action.command.def_
    given = next((o for o in options or () if o.defname == "cache"), None)
    if given is None and not added:
        return
    cache = given.arg.ival if given is not None and isinstance(given.arg, ast.Integer) else None
    column = action.column
    facts: dict[str, Any] = {
        "about": column.ref if column else None,
        "column": quote(action.command.name or ""),
        "cache": cache,
    }
    here, span = action.here, action.span
    clause = _generated(span) if added else span
    edited = _cache_edit(here.statement, clause, parenthesised=added)
    if not is_good_cache(cache):
        yield action.found(
            "identity-without-cache",
            span=_cache_words(here.statement, clause) or clause,
            case="added" if cache is None else "added-size",
            edited=spans.cut(span if action.before else spans.whole(here.statement), [edited])
            + ("" if action.before else ";"),
            **facts,
        )
    elif added and cache == 1 and column is not None and _base(column, here) == "bigint":
        yield action.found(
            "identity-column",
            span=clause,
            case="added-cache-1",
            edited=spans.cut(spans.whole(here.statement), [edited]) + ";",
            **facts,
        )


@detects("identity-column-type", on=Catalog)
def identity_type(catalog: Catalog, here: Here) -> Found:
    """Judged at the end, when it is known where the numbers stand."""
    dropped = [item for item in catalog.dropped if isinstance(item, Table)]
    for table in [*catalog.tables(), *dropped]:
        for column in table.columns.values():
            if not column.identity or column.node is None or column.node.colname is None:
                continue
            if _base(column, here) in ("smallint", "integer"):
                yield _widened(column, here)


def _widened(column: Column, here: Here) -> Finding | None:
    declared = declared_column(column, here)
    constraint = _inline(column)
    if declared is None or (constraint is not None and declared.is_added):
        return None
    statement, end = declared.statement, declared.definition.end
    tail = declared.tail()
    if constraint is not None:
        tail = _without(declared, _clause(statement, constraint.location, end))
    return here.found(
        "identity-column-type",
        declared.span,
        about=declared.ref,
        case="" if constraint is not None else "added",
        before=declared.before,
        when="ALWAYS" if column.identity == "a" else "BY DEFAULT",
        options=_options(column),
        referring="",
        shown=_base(column, here),
        **{**declared.facts(), "tail": tail},
    )


def _options(column: Column) -> str:
    """The options of the identity as they stand at the end, CACHE among them."""
    given = column.identity_options or {}
    step = _number(given.get("increment")) or 1
    last = _number(given.get("last_value"))
    start = _number(given.get("start")) if last is None else last + step
    low, high = _number(given.get("minvalue")), _number(given.get("maxvalue"))
    words = identity_options_text(start, step, low, high, cycle=given.get("cycle") is True)
    cache = _number(given.get("cache")) or 0
    return f"{words}CACHE {max(cache, SMALLEST_BLOCK)}"


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _base(column: Column, here: Here) -> str:
    return resolve(here.catalog, column.type).base if column.type is not None else ""


def _inline(column: Column) -> ast.Constraint | None:
    """The identity clause of the column's own definition."""
    for constraint in (column.node.constraints if column.node else None) or ():
        if constraint.contype == enums.ConstrType.CONSTR_IDENTITY:
            return constraint
    return None


def _clause(statement: Statement, start: int, end: int) -> Span:
    """GENERATED … AS IDENTITY with its options."""
    words = spans.find_words(statement, "IDENTITY", after=start, before=end)
    last = words.end if words else end
    following = next((t for t in statement.tokens if t.start >= last), None)
    if following is not None and following.text == "(" and following.start < end:
        held = spans.parenthesised(statement, last)
        last = held.end if held else last
    return Span(statement, start, last)


def _generated(action: Span) -> Span:
    statement = action.statement
    words = spans.find_words(statement, "GENERATED", after=action.start, before=action.end)
    return _clause(statement, words.start if words else action.start, action.end)


def _without(declared: Declared, clause: Span) -> str:
    """What stands behind the type, the identity clause left out."""
    text = declared.statement.text
    front = text[declared.span.end : clause.start].rstrip()
    return front + text[clause.end : declared.definition.end]


def _cache_words(statement: Statement, clause: Span) -> Span | None:
    tokens = [t for t in statement.tokens if clause.start <= t.start < clause.end]
    for at, token in enumerate(tokens):
        if token.text.upper() == "CACHE" and at + 1 < len(tokens):
            return Span(statement, token.start, tokens[at + 1].end)
    return None


def _cache_edit(
    statement: Statement, clause: Span, *, parenthesised: bool = True
) -> tuple[int, int, str]:
    """The edit that gives a clause a CACHE that DSQL takes."""
    new = f"CACHE {SMALLEST_BLOCK}"
    words = _cache_words(statement, clause)
    if words is not None:
        return words.start, words.end, new
    if parenthesised and clause.text.endswith(")"):
        return clause.end - 1, clause.end - 1, f" {new}"
    return clause.end, clause.end, f" ({new})" if parenthesised else f" {new}"


def _with_cache(whole: Span, declared: Declared, clause: Span, *, widen: bool) -> str:
    edits = [_cache_edit(whole.statement, clause)]
    if widen and _needs_bigint(declared):
        edits.append((declared.span.start, declared.span.end, "bigint"))
    return spans.cut(whole, edits)


def _needs_bigint(declared: Declared) -> bool:
    return resolve(declared.here.catalog, declared.type).base in ("smallint", "integer")


detects("key-reference-type", on=Catalog)(key_reference_type)
