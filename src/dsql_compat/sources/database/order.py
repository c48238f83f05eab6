"""The order of a dump: by kind and name, but nothing before what it needs.

Goes the way pg_dump goes, so that what one reads in both is the same: the last item that nothing
waits for is put last, and so on to the front.  Circles are broken where SQL has a way to say a
thing later: a default, a check, a view's query, a type's functions.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable

from dsql_compat.sources.database.items import AFTER_DATA, BEFORE_DATA, PRIORITY, Item, Items


def in_order(items: Items) -> list[Item]:
    """All items in the order of a dump; some are told apart from others on the way."""
    before, after = items.add("before data", None, ""), items.add("after data", None, "")
    after.needs_also(before)
    for item in items:
        priority = PRIORITY[item.kind]
        is_within = item.is_merged and item.kind in ("rule", "constraint")
        if is_within or item in (before, after):
            continue
        if priority < BEFORE_DATA:
            before.needs_also(item)
        elif priority > AFTER_DATA:
            item.needs_also(after)
    _untie(items)
    ranked = sorted(items, key=lambda item: item.key)
    while True:
        ordered, stuck = _sort(ranked)
        if not stuck:
            return ordered
        _break_circles(stuck, after)


def _sort(ranked: list[Item]) -> tuple[list[Item], list[Item]]:
    """The items in order, or those that wait for each other."""
    waiting = Counter(need for item in ranked for need in item.needs)
    place = {item: number for number, item in enumerate(ranked)}
    ready = [-number for number, item in enumerate(ranked) if not waiting[item]]
    heapq.heapify(ready)
    backwards: list[Item] = []
    while ready:
        item = ranked[-heapq.heappop(ready)]
        backwards.append(item)
        for need in item.needs:
            waiting[need] -= 1
            if not waiting[need]:
                heapq.heappush(ready, -place[need])
    if len(backwards) == len(ranked):
        return backwards[::-1], []
    stuck = sorted((item for item in ranked if waiting[item]), key=lambda item: item.number)
    return [], stuck


def _untie(items: Iterable[Item]) -> None:
    """Pairs that wait for each other, where it is plain which comes first."""
    for item in items:
        owner = item.owner
        if item.is_merged and owner is not None and owner in item.needs and item in owner.needs:
            del item.needs[owner]
        item.needs.pop(item, None)


def _break_circles(stuck: list[Item], after: Item) -> None:
    done: set[Item] = set()
    for item in stuck:
        if item not in done:
            circle = _circle(item, done)
            if circle:
                _break(circle, after)
            done.update(circle or [item])


def _circle(start: Item, done: set[Item]) -> list[Item]:
    """A way from an item back to it, depth first."""
    path, seen = [start], {start}
    ways = [iter(start.needs)]
    while path:
        if start in path[-1].needs:
            return path
        for item in ways[-1]:
            if item not in done and item not in seen:
                seen.add(item)
                path.append(item)
                ways.append(iter(item.needs))
                break
        else:
            path.pop()
            ways.pop()
    return []


def _break(circle: list[Item], after: Item) -> None:
    if _is_type_with_function(circle):
        return
    for item in circle:
        owner = item.owner
        is_kept = item.kind == "rule" and owner is not None and owner.relation_kind == "m"
        if item.is_merged and owner is not None and owner in circle and not is_kept:
            _tell_apart(item, owner, after)
            return
    boundary = next((item for item in circle if item.kind == "before data"), None)
    if boundary is not None:
        # A materialized view or an SQL function that needs a primary key waits for it.
        later = circle[(circle.index(boundary) + 1) % len(circle)]
        del boundary.needs[later]
        return
    del circle[0].needs[circle[1 % len(circle)]]


def _is_type_with_function(circle: list[Item]) -> bool:
    kinds = {item.kind for item in circle}
    if len(circle) != 2 or kinds != {"type", "function"}:
        return False
    type_, function = sorted(circle, key=lambda item: item.kind != "type")
    del function.needs[type_]
    function.needs_also(type_.shell)
    if type_.shell is not None:
        type_.shell.is_merged = False
    return True


def _tell_apart(part: Item, owner: Item, after: Item) -> None:
    part.is_merged = False
    del owner.needs[part]
    part.needs_also(owner)
    if part.kind == "rule":
        owner.is_dummy = True
    if PRIORITY[part.kind] > AFTER_DATA:
        part.needs_also(after)
