"""In which order decisions free schemas."""

from __future__ import annotations

from dsql_compat.fleet.planning import MOST, Step, plan


def test_a_rule_that_stands_alone_comes_before_one_that_is_everywhere() -> None:
    steps = plan([["a", "b"], ["a", "c"], ["a", "d"], ["e"], ["e"]])
    assert steps[0] == Step(("e",), 2, 2)


def test_rules_that_free_many_together_are_named_together() -> None:
    steps = plan([["a", "b"]] * 6 + [["c"]] * 2)
    assert steps == [Step(("a", "b"), 6, 6), Step(("c",), 2, 8)]


def test_a_step_counts_what_the_steps_before_left() -> None:
    steps = plan([["a"], ["a"], ["a", "b"], ["b", "c"]])
    assert steps == [Step(("a",), 2, 2), Step(("b",), 1, 3), Step(("c",), 1, 4)]


def test_every_step_is_true() -> None:
    schemas = [frozenset(f"r{n * k % 11}" for k in range(1, 2 + n % 4)) for n in range(60)]
    settled: set[str] = set()
    free = 0
    for step in plan(schemas):
        settled |= set(step.rules)
        now = sum(1 for rules in schemas if rules <= settled)
        assert (step.frees, step.free) == (now - free, now)
        free = now
    assert free > 0


def test_nothing_waits_for_nothing() -> None:
    assert plan([]) == []
    assert plan([[]]) == []
    assert len(plan([[f"r{n}"] for n in range(MOST * 2)])) == MOST
