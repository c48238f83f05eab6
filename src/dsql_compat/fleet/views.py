"""What the forms of a fleet show, in the order they show it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dsql_compat.fleet.merging import Fleet, Member, RuleRow
from dsql_compat.report.views import Term, effort_terms, rule_title
from dsql_compat.rules import DISPOSITIONS

STATUS = {
    "ready": "ready",
    "automatic": "after rewriting",
    "review": "after review",
    "manual": "not ready",
}
MEANINGS = {
    "ready": "nothing to change",
    "automatic": "the rewrite means the same",
    "review": "rewritten; what behaves otherwise is to be read",
    "manual": "a person decides first",
}
TONES = {"ready": "as-is", "automatic": "automatic", "review": "review", "manual": "manual"}


def many(number: int, one: str, more: str = "") -> str:
    """A number with its noun."""
    return f"{number:,} {one if number == 1 else more or one + 's'}"


def listed(words: Sequence[str]) -> str:
    """Words as a list: `a, b and c`."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def in_the_way(fleet: Fleet) -> list[RuleRow]:
    """The rules that Aurora DSQL refuses or people decide about: those of most decisions first."""
    rows = [row for row in fleet.rules if row.blocks or row.decided]
    return sorted(rows, key=lambda row: (-row.decided, -row.blocks, -row.findings, row.rule))


def others(fleet: Fleet) -> list[RuleRow]:
    """The other rules with findings, the most frequent first."""
    rows = [row for row in fleet.rules if not (row.blocks or row.decided)]
    return sorted(rows, key=lambda row: (-row.reports, -row.findings, row.rule))


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do: a sentence, and the rules and members it is about."""

    text: str
    rules: tuple[str, ...] = ()
    members: tuple[Member, ...] = ()
    then: str = ""


def advice(fleet: Fleet) -> list[Advice]:
    """Where to start: what can move, the decisions that free most, what was not looked at."""
    rows = []
    free = [member for member in reversed(fleet.members) if member.verdict != "manual"]
    if free:
        what = many(len(free), "schema that needs", "schemas that need")
        rows.append(Advice(f"Move {what} no decision:", members=tuple(free)))
    for step in fleet.steps[:3]:
        rows.append(Advice("Settle", step.rules, then=brings(step.frees, step.free)))
    blind = [member for member in fleet.members if member.not_analysed]
    if blind:
        places = many(sum(member.not_analysed for member in blind), "place")
        what = f"Look yourself at {places} that could not be read, in"
        rows.append(Advice(what, members=tuple(blind)))
    if fleet.unread:
        rows.append(Advice(f"Mend {many(len(fleet.unread), 'file')} that could not be read."))
    return rows


def brings(frees: int, free: int) -> str:
    """What a step brings."""
    text = f"frees {many(frees, 'schema')}"
    return text if frees == free else f"{text}, {free:,} by then"


def terms(fleet: Fleet) -> list[Term]:
    """The sum of the efforts, by what findings need and how long that takes."""
    counts: Counter[tuple[str, int, int]] = Counter()
    for member in fleet.members:
        for term in effort_terms(member.formula):
            counts[term.disposition, term.low, term.high] += term.count
    order: tuple[str, ...] = DISPOSITIONS
    known = sorted(
        (key for key in counts if key[0] in order), key=lambda key: (order.index(key[0]), key[1:])
    )
    return [Term(counts[key], *key) for key in known]


def by_need(rows: Iterable[Term]) -> list[tuple[str, int, int, int]]:
    """Of each disposition: how many findings, and the minutes of them all, low and high."""
    sums: dict[str, tuple[int, int, int]] = {}
    for row in rows:
        count, low, high = sums.get(row.disposition, (0, 0, 0))
        sums[row.disposition] = (
            count + row.count,
            low + row.count * row.low,
            high + row.count * row.high,
        )
    return [(name, *numbers) for name, numbers in sums.items()]


def without_arithmetic(fleet: Fleet) -> int:
    """Reports with hours whose sum is not written out as this program does."""
    return sum(1 for m in fleet.members if m.high_hours and not effort_terms(m.formula))


def needs(member: Member) -> list[tuple[str, list[tuple[str, int]]]]:
    """The rules of a report with their findings, by what they need, the most work first."""
    rows: dict[str, list[tuple[str, int]]] = {}
    for cell in member.cells:
        rows.setdefault(cell.disposition, []).append((rule_title(cell.rule), cell.findings))
    return list(rows.items())


def causes(member: Member, most: int) -> list[tuple[str, int]]:
    """The rules that stand in the way of a report, with their findings; decisions come first."""
    found = {cell.rule: cell.findings for cell in member.cells}
    chosen = dict.fromkeys(member.decisions or member.blockers)
    return [(rule, found[rule]) for rule in list(chosen)[:most]]


def anchors(members: Iterable[Member]) -> dict[str, str]:
    """An anchor for each member, made of its name."""
    taken: dict[str, str] = {}
    used: set[str] = set()
    for member in members:
        plain = re.sub(r"[^\w.-]+", "-", member.name, flags=re.A).strip("-.")[:60] or "report"
        anchor, number = f"schema-{plain}", 1
        while anchor.lower() in used:
            number += 1
            anchor = f"schema-{plain}-{number}"
        used.add(anchor.lower())
        taken[member.name] = anchor
    return taken


def rule_anchor(rule: str) -> str:
    """The anchor of a rule."""
    return "rule-" + re.sub(r"[^\w.-]+", "-", rule, flags=re.A)[:80]
