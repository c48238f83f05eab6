"""Statements in an order that runs: each behind what it needs, otherwise as they came."""

from __future__ import annotations

from dataclasses import replace

from dsql_compat.rewriting.choices import ChoiceError
from dsql_compat.rewriting.model import Item, Key


def ordered(items: list[Item]) -> list[Item]:
    """The items of each phase, those needed first.

    Raises ChoiceError naming a circle of objects that need each other.
    """
    makers: dict[Key, list[int]] = {}
    for number, item in enumerate(items):
        if item.makes is not None:
            makers.setdefault(item.makes, []).append(number)
    done: set[int] = set()
    placed: list[Item] = []
    for number in range(len(items)):
        _place(items, makers, number, done, placed)
    return _in_phases(placed)


def _in_phases(items: list[Item]) -> list[Item]:
    """What needs something that is made after the load comes after the load, too."""
    late: set[Key] = set()
    early: list[Item] = []
    after: list[Item] = []
    for item in items:
        if item.phase == "after-load" or item.needs & late:
            after.append(replace(item, phase="after-load"))
            if item.makes is not None:
                late.add(item.makes)
        else:
            early.append(item)
    return early + after


def _place(
    items: list[Item],
    makers: dict[Key, list[int]],
    start: int,
    done: set[int],
    result: list[Item],
) -> None:
    """Depth first, with a stack of its own: chains of views may be long."""
    path: list[int] = [start]
    while path:
        number = path[-1]
        if number in done:
            path.pop()
            continue
        waiting = [
            other
            for key in sorted(items[number].needs)
            for other in makers.get(key, ())
            if other not in done and other != number
        ]
        circle = [other for other in waiting if other in path]
        if circle:
            names = ", ".join(str(items[other].ref) for other in path)
            raise ChoiceError(
                f"no order of statements will do, because these need each other: {names}; "
                "take one of them out of the source and write it by hand"
            )
        if waiting:
            path.append(waiting[0])
            continue
        done.add(number)
        result.append(items[number])
        path.pop()
