"""Compares two catalogs object by object; what acts is compared by what it does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from dsql_compat.proof import behaviour, calls, caseless
from dsql_compat.proof.catalogs import Key, Snapshot, Thing
from dsql_compat.proof.probes import Sides, Unequal, Unprovable

MISSING = "there"  # the aspect of an object that only one side has
_OF_METHOD = ("sorting", "operator classes", "collations")  # each access method has its own
NUMBERS = ("increment", "minimum", "maximum", "cycle", "cache")


@dataclass(frozen=True, slots=True)
class Difference:
    """One aspect in which an object of the source and of the rewrite differ."""

    key: Key
    kind: str
    aspect: str
    source: str | None
    rewrite: str | None
    columns: tuple[str, ...] = ()  # that a constraint or index is over


@dataclass(frozen=True, slots=True)
class Open:
    """Something that was not compared, and why."""

    what: str
    reason: str
    key: Key | None = None


@dataclass(slots=True)
class Comparison:
    """Everything found, and how many objects of each kind were held against each other."""

    differences: list[Difference] = field(default_factory=list)
    open: list[Open] = field(default_factory=list)
    compared: Counter[str] = field(default_factory=Counter)


def compare(sides: Sides, on_step: Callable[[], None]) -> Comparison:
    """Hold two databases against each other."""
    result = Comparison()
    renamed = _renamed_functions(sides.before, sides.after)
    for key, thing in sides.before.things.items():
        on_step()
        other = sides.after.things.get(renamed.get(key, key))
        if _lacks_parent(thing, sides.after):
            continue
        if other is None:
            result.differences.append(_presence(thing, is_lost=True))
            if thing.kind == "unique constraint":
                _note(thing, caseless.replaced(sides, thing), result)
            continue
        result.compared[thing.kind] += 1
        _aspects(thing, other, result)
        _behaviour(sides, thing, other, result)
    taken = set(renamed.values())
    for key, thing in sides.after.things.items():
        if key in sides.before.things or key in taken or _lacks_parent(thing, sides.before):
            continue
        result.differences.append(_presence(thing, is_lost=False))
    _column_order(sides, result)
    _counters(sides, result)
    return result


def _lacks_parent(thing: Thing, other: Snapshot) -> bool:
    return thing.parent is not None and thing.parent not in other.things


def _presence(thing: Thing, *, is_lost: bool) -> Difference:
    left, right = ("there", None) if is_lost else (None, "there")
    return Difference(thing.key, thing.kind, MISSING, left, right, _columns(thing))


def _columns(thing: Thing) -> tuple[str, ...]:
    if thing.key.cls == "constraint":
        return tuple(thing.row["columns"])
    if thing.key.cls == "index":
        return tuple(str(key).strip('"') for key in thing.row["keys"])
    return ()


def _renamed_functions(before: Snapshot, after: Snapshot) -> dict[Key, Key]:
    """Functions whose argument types differ, where only one of that name is left on each side."""

    def unmatched(own: Snapshot, other: Snapshot) -> dict[Key, list[Key]]:
        found: dict[Key, list[Key]] = {}
        for key in own.things:
            if key.cls == "function" and key not in other.things:
                found.setdefault(key._replace(kind=""), []).append(key)
        return found

    left, right = unmatched(before, after), unmatched(after, before)
    return {
        keys[0]: right[name][0]
        for name, keys in left.items()
        if len(keys) == 1 and len(right.get(name, ())) == 1
    }


def _aspects(thing: Thing, other: Thing, result: Comparison) -> None:
    for aspect in thing.aspects | other.aspects:
        if aspect in _OF_METHOD and thing.aspects["method"] != other.aspects["method"]:
            continue
        left, right = thing.aspects.get(aspect), other.aspects.get(aspect)
        if left != right:
            result.differences.append(
                Difference(
                    thing.key, thing.kind, aspect, _shown(left), _shown(right), _columns(thing)
                )
            )
    if thing.key.cls == "function" and thing.key.kind != other.key.kind:
        result.differences.append(
            Difference(thing.key, thing.kind, "arguments", thing.key.kind, other.key.kind)
        )


def _shown(value: Any) -> str | None:
    match value:
        case None:
            return None
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(map(str, value))
    return str(value)


def _behaviour(sides: Sides, thing: Thing, other: Thing, result: Comparison) -> None:
    """What an object does, next to what it is."""
    found: Iterator[tuple[str, Unequal | Unprovable]] = iter(())
    match thing.key.cls:
        case "column" if "not null" in thing.aspects:
            found = behaviour.column(sides, thing, other)
        case "constraint" if thing.kind == other.kind and thing.kind.startswith("check"):
            found = behaviour.check(sides, thing, other)
        case "constraint" if not thing.kind.startswith("exclusion"):
            found = caseless.key(sides, thing)
        case "index":
            found = behaviour.index(sides, thing, other)
        case "type":
            found = behaviour.accepted(sides, thing, other)
        case "function":
            found = calls.results(sides, thing, other)
    _note(thing, found, result)


def _note(
    thing: Thing, found: Iterator[tuple[str, Unequal | Unprovable]], result: Comparison
) -> None:
    for aspect, outcome in found:
        if isinstance(outcome, Unprovable):
            what = f"{thing.kind} {thing.key}: {aspect}"
            result.open.append(Open(what, outcome.reason, thing.key))
            continue
        at = f" for {outcome.values}" if outcome.values else ""
        result.differences.append(
            Difference(
                thing.key,
                thing.kind,
                aspect,
                outcome.source + at,
                outcome.rewrite,
                _columns(thing),
            )
        )


def _column_order(sides: Sides, result: Comparison) -> None:
    """SELECT * and INSERT without a column list go by it."""
    for key, thing in sides.before.things.items():
        if key.cls != "relation" or key not in sides.after.things:
            continue
        before, after = (list(s.columns(key.schema, key.name)) for s in (sides.before, sides.after))
        left, right = ([n for n in a if n in b] for a, b in ((before, after), (after, before)))
        if left != right:
            result.differences.append(
                Difference(key, thing.kind, "column order", ", ".join(left), ", ".join(right))
            )


def _counters(sides: Sides, result: Comparison) -> None:
    """What nextval() gives next: last, because asking for it uses it up."""
    for key, thing in sides.before.things.items():
        other = sides.after.things.get(key)
        if other is None or "counter" not in thing.row or "counter" not in other.row:
            continue
        if key.cls == "relation" and thing.kind != "sequence":
            continue
        left = behaviour.next_value(sides.source, thing.row["counter"])
        right = behaviour.next_value(sides.rewrite, other.row["counter"])
        if left != right:
            result.differences.append(Difference(key, thing.kind, "next value", left, right))
