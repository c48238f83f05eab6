"""In which order to settle what needs a decision, so that schemas come free early."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

MOST = 10  # steps of a plan


@dataclass(frozen=True, slots=True)
class Step:
    """Rules to settle together: how many schemas that frees, and how many are free by then."""

    rules: tuple[str, ...]
    frees: int
    free: int


def plan(schemas: Iterable[Iterable[str]]) -> list[Step]:
    """The steps for schemas that each wait for decisions about some rules.

    A schema is free once all its rules are settled.  Each step is what is left of one schema, the
    one whose rules free most schemas for each rule that has to be settled; so `A and B free 5`
    comes before four single rules that free one each.  Not always the shortest way, but every step
    says truly what it brings.
    """
    waiting = Counter(frozenset(rules) for rules in schemas)
    waiting.pop(frozenset(), None)
    steps: list[Step] = []
    free = 0
    while waiting and len(steps) < MOST:
        chosen = min(waiting, key=lambda rules: _rank(rules, waiting))
        freed = sum(count for rules, count in waiting.items() if rules <= chosen)
        free += freed
        steps.append(Step(_commonest(chosen, waiting), freed, free))
        left: Counter[frozenset[str]] = Counter()
        for rules, count in waiting.items():
            if rest := rules - chosen:
                left[rest] += count
        waiting = left
    return steps


def _rank(
    chosen: frozenset[str], waiting: Counter[frozenset[str]]
) -> tuple[float, int, int, list[str]]:
    """Sort key: schemas freed for each rule, then how much it helps the others."""
    freed = sum(count for rules, count in waiting.items() if rules <= chosen)
    shared = sum(count * len(rules & chosen) for rules, count in waiting.items())
    return -freed / len(chosen), len(chosen), -shared, sorted(chosen)


def _commonest(chosen: frozenset[str], waiting: Counter[frozenset[str]]) -> tuple[str, ...]:
    uses = Counter(
        {rule: sum(n for rules, n in waiting.items() if rule in rules) for rule in chosen}
    )
    return tuple(sorted(chosen, key=lambda rule: (-uses[rule], rule)))
