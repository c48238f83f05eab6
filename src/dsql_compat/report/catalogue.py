"""The catalogue for readers: the list of rules, one rule explained, the timeline."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from dsql_compat.report.style import Style, block, table, wrap
from dsql_compat.rules import Catalogue, Rule, Status
from dsql_compat.targets import ALIASES, PREVIEW, Target


def list_rules(catalogue: Catalogue, target: Target, *, colour: bool = False) -> str:
    """Every rule with its status at the target, by family."""
    style = Style(colour)
    parts = [
        f"{len(catalogue.rules)} rules, as of {target}, verified on {catalogue.verified}; "
        "`dsql-compat rules RULE` explains one"
    ]
    families: dict[str, list[Rule]] = {}
    for rule in catalogue.rules.values():
        families.setdefault(rule.family, []).append(rule)
    for family, rules in families.items():
        rows = [(rule.id, _standing(rule, target.date), rule.title) for rule in rules]
        parts.append(style("bold", family) + "\n" + table(rows))
    return "\n\n".join(parts) + "\n"


def _standing(rule: Rule, day: date) -> str:
    """The worst status of all the rule's forms on a day."""
    order = ("supported", "partial", "different", "unsupported")
    statuses = [status for case in rule.cases if (status := rule.at(day, case))]
    return max((s.status for s in statuses), key=order.index, default="unsupported")


def explain(rule: Rule, target: Target, *, colour: bool = False) -> str:
    """One rule: what it finds, its history, what DSQL answers, examples, sources."""
    style = Style(colour)
    parts = [
        f"{style('bold', rule.id)}: {rule.title}\n{wrap(rule.feature, '')}",
        "\n".join(_history(rule, target, style)),
    ]
    for case in rule.cases:
        status = rule.at(target.date, case) or next(s for s in rule.support if s.case == case)
        parts.append("\n".join(_case(status, style)))
    for example in rule.examples:
        lines = [style("bold", f"example: {example.name}"), block(example.bad.strip(), "  ")]
        if example.good:
            lines += ["  becomes", style("good", block(example.good.strip(), "  "))]
        parts.append("\n".join(lines))
    parts.append(f"{style('bold', 'read on')}\n  {rule.reference}")
    return "\n\n".join(parts) + "\n"


def _history(rule: Rule, target: Target, style: Style) -> Iterator[str]:
    yield style("bold", "history")
    for status in rule.support:
        case = f" [{status.case}]" if status.case else ""
        what: str = status.status
        if status.severity:
            what += f": {status.severity}, {status.disposition}"
        mark = "  ← at the target" if rule.at(target.date, status.case) is status else ""
        yield f"  since {status.since}{case}  {what}{mark}"
        for line in evidence(status):
            yield style("dim", wrap(line, "      "))


def evidence(status: Status) -> Iterator[str]:
    """DSQL's answer with its SQLSTATE, how it is known, and when that was verified."""
    if status.error:
        yield f"DSQL says: {status.error}"
    elif status.refuses:
        yield "DSQL refuses it; nobody has published its words"
    yield f"{status.confidence}, verified {status.verified}: {status.source}"


def _case(status: Status, style: Style) -> Iterator[str]:
    title = f"at the target, {status.case}" if status.case else "at the target"
    yield style("bold", title)
    if status.severity is None:
        yield "  accepted; nothing is reported"
        return
    yield wrap(status.why, "  ")
    yield wrap(f"→ {status.advice}", "  ")
    for line in status.rewrite:
        yield style("good", block(line, "    "))
    for note in status.notes:
        yield wrap(f"note: {note}", "  ")
    for alternative in status.alternatives:
        yield wrap(f"or: {alternative.title}", "  ")
        for line in alternative.after:
            yield block(line, "    ")


def timeline(catalogue: Catalogue, *, colour: bool = False) -> str:
    """The dates at which an answer changes, oldest first, and the targets with a name."""
    style = Style(colour)
    changes: dict[date, list[str]] = {}
    for rule in catalogue.rules.values():
        for before, after in rule.changes():
            form = f", {after.case.replace('-', ' ')}" if after.case else ""
            changes.setdefault(after.since, []).append(
                f"{rule.title}{form}: {before.status} → {after.status} ({rule.id})"
            )
    parts = [f"{PREVIEW}  public preview of Aurora DSQL"]
    for day in sorted(changes):
        lines = sorted(dict.fromkeys(changes[day]))
        parts.append("\n".join([style("bold", str(day)), *(f"  {line}" for line in lines)]))
    names = [f"  {name}  {meaning}" for name, meaning in ALIASES.items()]
    latest = f"  latest  {catalogue.verified}, the newest day the catalogue was verified for"
    parts.append("\n".join([style("bold", "targets with a name"), *names, latest]))
    return "\n\n".join(parts) + "\n"
