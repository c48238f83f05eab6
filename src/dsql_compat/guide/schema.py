"""Chapter 4: what changes in the schema, object by object; nothing of what stays but its count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from dsql_compat.guide.model import Chapter
from dsql_compat.guide.schema_changes import (
    Change,
    all_changes,
    by_effort,
    effort_of,
    is_column,
    together,
)
from dsql_compat.guide.view import View, name_of
from dsql_compat.guide.words import common, heading, in_text, joined, minutes, plural, sentences
from dsql_compat.report.markdown import code, fence, markup, prose, table
from dsql_compat.report.model import FindingInfo
from dsql_compat.report.views import rule_title
from dsql_compat.rewriting.model import Table
from dsql_compat.sql.names import quote

STEM, TITLE = "04-schema", "Schema changes"
_MOST_STATEMENTS = 6  # of a table's own history that are shown before the rewrite
_MOST_ROWS = 25  # of the overview
_MOST_REASONS = 3  # of one row there
_ORDER = (
    "table", "type", "domain", "sequence", "index", "constraint", "view", "materialized view",
    "function", "procedure", "aggregate", "trigger", "policy", "extension",
)  # fmt: skip
PLURALS = {"index": "indexes", "policy": "policies"}


def chapter(view: View) -> Chapter:
    """The chapter."""
    changes = all_changes(view)
    for change in changes:
        if change.ref.kind == "table" or not change.is_plain:
            view.sections[change.ref] = view.anchors.of(change.ref.kind, name_of(change.ref))
    parts = [heading(1, TITLE), _intro(view, changes), *_overview(view, changes)]
    for kind in sorted({c.ref.kind for c in changes}, key=lambda k: (_rank(k), k)):
        parts += _kind_section(view, kind, [c for c in changes if c.ref.kind == kind])
    parts += _reasons(view, changes)
    return Chapter(STEM, TITLE, "\n\n".join(part for part in parts if part))


def _rank(kind: str) -> int:
    return _ORDER.index(kind) if kind in _ORDER else len(_ORDER)


def kinds(number: int, kind: str) -> str:
    """`1 index`, `2 indexes`."""
    return plural(number, kind, PLURALS.get(kind))


def _is(number: int, one: str, many: str) -> str:
    return one if number == 1 else many


def _intro(view: View, changes: list[Change]) -> str:
    if not changes:
        text = "Nothing changes: Aurora DSQL takes every object as it is."
    else:
        tables = sum(1 for change in changes if change.ref.kind == "table")
        named = [
            part
            for number, part in (
                (tables, plural(tables, "table")),
                (len(changes) - tables, plural(len(changes) - tables, "other object")),
            )
            if number
        ]
        text = f"{joined(named)} {_is(len(changes), 'changes', 'change')} or have to be read; "
        if len(changes) == 1:
            text = f"{joined(named)} changes or has to be read; "
        text += f"the rest stays as it is. {_counts(changes)}"
    keys = sum(1 for item in view.rewrite.items if " FOREIGN KEY " in item.sql)
    if keys:
        text += (
            f" {plural(keys, 'foreign key')} {_is(keys, 'is', 'are')} added by files that run "
            "after the load, wherever the source has them; that is no change of the tables."
        )
    if changes:
        text += (
            " `dsql-compat rewrite` writes all of it as files that run; this chapter is for "
            "reading them. Effort is a person's time, from reading to tested; a dash stands where "
            "it is counted with what causes it."
        )
    return text


def _counts(changes: list[Change]) -> str:
    plain = sum(1 for change in changes if change.is_plain)
    person = sum(1 for change in changes if change.is_for_a_person)
    said = [
        (number, text)
        for number, text in (
            (person, "for a person"),
            (len(changes) - plain - person, "rewritten and to be read"),
            (plain, "rewritten with the same meaning"),
        )
        if number
    ]
    if len(said) == 1:
        return f"{_is(len(changes), 'It is', 'All are')} {said[0][1]}."
    verb = _is(said[0][0], "is", "are")
    listed = [f"{number:,} {text}" for number, text in said]
    return f"Of these, {listed[0].replace(' ', f' {verb} ', 1)}, {joined(listed[1:])}."


def _overview(view: View, changes: list[Change]) -> Iterator[str]:
    """What somebody has to look at, the most effort first."""
    groups = by_effort(view, together([change for change in changes if not change.is_plain]))
    if len(groups) < 2:
        return
    yield heading(2, "What to look at first")
    yield table(
        ["What", "Who", "Effort", "Why"], [_row(view, group) for group in groups[:_MOST_ROWS]]
    )
    if len(groups) > _MOST_ROWS:
        rest = groups[_MOST_ROWS:]
        low, high = effort_of(view, [change for group in rest for change in group])
        more = f", together {minutes(low, high)}" if high else ""
        yield f"And {plural(len(rest), 'smaller item')}{more}, in the sections below."


def _row(view: View, group: list[Change]) -> list[str]:
    first = group[0]
    low, high = effort_of(view, group)
    address = view.sections[first.ref] if len(group) == 1 else _address(view, group)
    name = _named(first) if len(group) == 1 else kinds(len(group), first.ref.kind)
    what = f"[{name}](#{address})"
    if len(group) == 1:
        what = f"{prose(first.ref.kind)} {what}"
    why = _because(view, first.to_read or first.findings, _MOST_REASONS)
    who = "a person" if first.is_for_a_person else "to be read"
    return [what, who, minutes(low, high), why or prose(first.fate.what)]


def _address(view: View, group: list[Change]) -> str:
    return view.anchors.of("several", f"{group[0].ref.kind} {name_of(group[0].ref)}")


def _reasons(view: View, changes: Iterable[Change]) -> Iterator[str]:
    """Every reason once; the sections refer to it."""
    count: Counter[str] = Counter()
    found: dict[str, list[FindingInfo]] = {}
    for change in changes:
        for finding in change.findings:
            if finding.severity != "info":
                count[finding.rule] += 1
                found.setdefault(finding.rule, []).append(finding)
    if not count:
        return
    yield heading(2, "Why things change")
    lines = []
    for rule, number in count.most_common():
        mark = f'<a id="{view.anchors.of("why", rule)}"></a>'
        why = sentences(common([f.why for f in found[rule]]) or found[rule][0].why)
        lines.append(f"- {mark}**{prose(rule_title(rule))}** {code(rule)} ({number:,}): {why}")
    yield "\n".join(lines)


def _because(view: View, findings: list[FindingInfo], most: int = 99) -> str:
    """The reasons of one object, as links."""
    count = Counter(f.rule for f in findings if f.severity != "info")
    links = [
        f"[{in_text(rule_title(rule))}](#{view.anchors.of('why', rule)})"
        + (f"\u00a0×\u00a0{number}" if number > 1 else "")
        for rule, number in count.items()
    ]
    more = len(links) - most
    return joined(links) if more <= 0 else f"{', '.join(links[:most])} and {more} more"


def _facts(view: View, changes: list[Change]) -> str:
    low, high = effort_of(view, changes)
    effort = f"**Effort:** {minutes(low, high)}" if high else ""
    because = _because(view, [finding for change in changes for finding in change.findings])
    return " · ".join(part for part in (effort, f"**Why:** {because}" if because else "") if part)


def _to_read(change: Change) -> list[str]:
    """What changes behaviour or asks for a decision, a sentence or more for each."""
    return list(dict.fromkeys(sentences(f.message, f.advice) for f in change.to_read))


def _bullets(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _columns(view: View, made: Table) -> str:
    """The columns whose declaration changes."""
    fates = {fate.ref: fate for fate in view.rewrite.fates if is_column(fate.ref, made)}
    rows = []
    for ref, fate in fates.items():
        if fate.outcome == "kept":
            continue
        before = _declared(made, ref.name)
        rules = dict.fromkeys(f.rule for f in fate.findings if f.status.severity != "info")
        why = ", ".join(in_text(rule_title(rule)) for rule in rules)
        after = fate.what.removeprefix(f"{quote(ref.name)} ")
        if fate.outcome == "changed" and after == before and not why:
            continue
        shown = code(after) if fate.outcome == "changed" else prose(fate.what or fate.outcome)
        rows.append([code(ref.name), code(before) if before else "", shown, why])
    return table(["Column", "Before", "After", "Why"], rows) if rows else ""


def _declared(made: Table, name: str) -> str:
    from dsql_compat.catalog.types import display

    for origin in made.sources:
        column = origin.columns.get(name)
        if column is not None and column.type is not None:
            return display(column.type)
    return ""


def _sides(change: Change) -> Iterator[str]:
    if not change.differs:
        return
    if change.before:
        shown = change.before[:_MOST_STATEMENTS]
        more = len(change.before) - len(shown)
        text = "\n\n".join(_ended(part) for part in shown)
        if more:
            text += f"\n\n-- and {plural(more, 'statement')} more"
        yield "Before:"
        yield fence(text)
    if change.after:
        yield "After:"
        yield fence("\n\n".join(change.after))


def _ended(sql: str) -> str:
    sql = sql.rstrip()
    return sql if sql.endswith((";", "…")) else sql + ";"


def _kind_section(view: View, kind: str, changes: list[Change]) -> Iterator[str]:
    title = PLURALS.get(kind, f"{kind}s").capitalize()
    yield heading(2, f"{prose(title)} ({len(changes)})")
    plain = [change for change in changes if change.is_plain]
    for group in by_effort(view, together([c for c in changes if not c.is_plain])):
        yield from _group_section(view, group) if len(group) > 1 else _section(view, group[0])
    if plain:
        yield from _plain_section(view, kind, plain, len(plain) == len(changes))


def _plain_section(view: View, kind: str, plain: list[Change], is_all: bool) -> Iterator[str]:
    if not is_all:
        yield heading(3, "The same meaning")
    findings = [finding for change in plain for finding in change.findings]
    because = _because(view, findings)
    yield (
        f"{kinds(len(plain), kind)} that {_is(len(plain), 'means', 'mean')} the same "
        f"afterwards{': ' + because if because else ''}."
    )
    if kind == "table":
        for change in plain:
            mark = f'<a id="{view.sections[change.ref]}"></a>'
            yield f"<details><summary>{mark}{markup(name_of(change.ref))}</summary>"
            yield from _sides(change)
            yield "</details>"
        return
    yield "<details><summary>Before and after</summary>"
    yield fence("\n\n".join(map(_difference, plain)), "diff")
    yield "</details>"


def _difference(change: Change) -> str:
    """Both sides line by line, as a patch has them."""
    before = [line for sql in change.before for line in _ended(sql).splitlines()]
    after = [line for sql in change.after for line in sql.splitlines()]
    return "\n".join([*(f"- {line}" for line in before), *(f"+ {line}" for line in after)])


def _group_section(view: View, group: list[Change]) -> Iterator[str]:
    """Many objects with the same reason: what is to be known of each in a line."""
    first = group[0]
    yield heading(3, group_title(group), _address(view, group))
    yield _facts(view, group)
    yield _bullets(_told(view, group))
    if first.fate.outcome == "left":
        yield from _ways_out([finding for change in group for finding in change.findings])
        return
    shown = [change for change in group if change.differs]
    if shown:
        yield "<details><summary>Before and after</summary>"
        yield fence("\n\n".join(map(_difference, shown)), "diff")
        yield "</details>"


def group_title(group: list[Change]) -> str:
    """`4 functions: PL/pgSQL function`."""
    first = group[0]
    what = kinds(len(group), first.ref.kind)
    rules = dict.fromkeys(finding.rule for finding in first.to_read)
    about = joined([in_text(rule_title(rule)) for rule in rules]) or "what they need is missing"
    return what if about == first.ref.kind else f"{what}: {about}"


def _told(view: View, group: list[Change]) -> Iterator[str]:
    """A line for each object, or for all to which the same advice applies."""
    alike: dict[tuple[str, ...], list[Change]] = {}
    for change in group:
        advice = tuple(dict.fromkeys(finding.advice for finding in change.to_read))
        alike.setdefault(advice or (change.fate.what,), []).append(change)
    for advice, changes in alike.items():
        names = ", ".join(_marked(view, change) for change in changes)
        told = _to_read(changes[0])
        if len(changes) > 1 or not told:
            told = [sentences(f"{text.removesuffix('.')}.") for text in advice if text]
        yield f"{names}: {' '.join(told)}"


def _marked(view: View, change: Change) -> str:
    name = _named(change)
    if change.fate.outcome == "left":
        name = f"[{name}]({_appendix(view, change)})"
    return f'<a id="{view.sections[change.ref]}"></a>**{name}**'


def _named(change: Change) -> str:
    return code(name_of(change.ref)) + (f"\u00a0×\u00a0{change.count}" if change.count > 1 else "")


def _appendix(view: View, change: Change) -> str:
    address = view.anchors.of("left", f"{change.ref.kind} {name_of(change.ref)}")
    return f"10-left-behind.md#{address}"


def _section(view: View, change: Change) -> Iterator[str]:
    yield heading(3, _named(change), view.sections[change.ref])
    yield _facts(view, [change])
    if change.fate.what and change.ref.kind != "table":
        state = "Left behind" if change.fate.outcome == "left" else "Changed"
        yield f"**{state}**: {prose(change.fate.what)}."
    made = next((t for t in view.rewrite.tables if t.ref == change.ref), None)
    if made is not None:
        yield _columns(view, made)
    yield _bullets(_to_read(change))
    if change.fate.outcome == "left":
        yield f"[Its SQL]({_appendix(view, change)}) is in the appendix."
        yield from _ways_out(change.findings)
    else:
        yield from _sides(change)


def _ways_out(findings: list[FindingInfo]) -> Iterator[str]:
    """What to write instead, where the catalogue offers something."""
    shown: set[str] = set()
    for finding in findings:
        offers = [(a.title, a.after) for a in finding.alternatives]
        if finding.rewrite:
            offers.insert(0, ("Instead", finding.rewrite.after))
        for title, after in offers:
            text = "\n\n".join(after)
            if text in shown:
                continue
            shown.add(text)
            yield f"{prose(title)}:" if after else f"{prose(title)}."
            if after:
                yield fence(text)
