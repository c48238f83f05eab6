"""Chapter 4: what changes in the schema, object by object; nothing of what stays but its count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from dsql_compat.catalog import model as source
from dsql_compat.findings import ObjectRef
from dsql_compat.guide.model import Chapter
from dsql_compat.guide.view import View, name_of
from dsql_compat.guide.words import heading, joined, minutes, plural, sentences
from dsql_compat.report.excerpt import excerpt
from dsql_compat.report.markdown import code, fence, prose, table
from dsql_compat.report.model import FindingInfo
from dsql_compat.report.views import rule_title
from dsql_compat.rewriting.model import Fate, Table
from dsql_compat.sql.names import quote
from dsql_compat.sql.statements import Statement

STEM, TITLE = "04-schema", "Schema changes"
_MOST_STATEMENTS = 6  # of a table's own history that are shown before the rewrite
_ORDER = (
    "type", "domain", "sequence", "index", "constraint", "view", "materialized view",
    "function", "procedure", "aggregate", "trigger", "policy", "extension",
)  # fmt: skip
# Said where they belong: rows and the session in the chapter on data, roles in that on operations.
_ELSEWHERE = {"statement", "column", "owner", "role", "grant", "revoke", "comment", "schema"}
_PLURALS = {"index": "Indexes", "policy": "Policies"}


@dataclass(frozen=True)
class Change:
    """One object that does not stay as it is."""

    ref: ObjectRef
    fate: Fate
    before: list[str]
    after: list[str]
    findings: list[FindingInfo]

    @property
    def is_plain(self) -> bool:
        """Whether the rewrite means the same, so that nobody has to read it."""
        rewritten = all(f.disposition in ("as-is", "automatic") for f in self.findings)
        return self.fate.outcome != "left" and rewritten


def chapter(view: View) -> Chapter:
    """The chapter."""
    tables, others = table_changes(view), other_changes(view)
    for change in (*tables, *others):
        if change.ref.kind == "table" or not change.is_plain:
            view.sections[change.ref] = view.anchors.of(change.ref.kind, name_of(change.ref))
    parts = [heading(1, TITLE), _intro(view, tables, others)]
    parts += _reasons(view, [*tables, *others])
    if tables:
        parts.append(heading(2, f"Tables ({len(tables)})"))
        for change in tables:
            parts += _table_section(view, change)
    kinds = sorted({c.ref.kind for c in others}, key=lambda k: (_rank(k), k))
    for kind in kinds:
        listed = [change for change in others if change.ref.kind == kind]
        parts += _kind_section(view, kind, listed)
    return Chapter(STEM, TITLE, "\n\n".join(part for part in parts if part))


def _rank(kind: str) -> int:
    return _ORDER.index(kind) if kind in _ORDER else len(_ORDER)


# -- what changes -------------------------------------------------------------------------------


def table_changes(view: View) -> list[Change]:
    """Tables of the result that differ, in their columns, keys or anything else said of them."""
    rewrite, found = view.rewrite, []
    fates = {fate.ref: fate for fate in rewrite.fates}
    own = {fate.ref for fate in rewrite.fates if fate.ref.kind == "constraint"}
    for made in rewrite.tables:
        fate = fates.get(made.ref)
        if fate is None or not made.sources:
            continue
        about = [f for f in view.findings if _is_about(f, made, own)]
        changed = any(
            fate.outcome != "kept" for fate in rewrite.fates if _is_column(fate.ref, made)
        )
        if not (changed or fate.outcome != "kept" or any(f.severity == "error" for f in about)):
            continue
        before = [excerpt(s) for s in _history(made.sources[0])]
        after = [
            item.sql + ";" for item in rewrite.items if item.ref == made.ref and _creates(item.sql)
        ]
        found.append(Change(made.ref, fate, before, after, about))
    return found


def _creates(sql: str) -> bool:
    return sql.lstrip().upper().startswith("CREATE TABLE")


def _is_column(ref: ObjectRef, made: Table) -> bool:
    return ref.kind == "column" and (ref.schema, ref.table) == tuple(made.name)


def _is_about(finding: FindingInfo, made: Table, own: set[ObjectRef]) -> bool:
    """Whether a finding belongs to a table's section: itself, its columns, the keys inside it."""
    thing = finding.object
    names = [(source.name.schema, source.name.name) for source in made.sources]
    if thing.kind in ("table", "partition"):
        return (thing.schema, thing.name) in names
    if thing.kind == "column":
        return (thing.schema, thing.table) in names
    ref = ObjectRef(thing.kind, thing.name, thing.schema, thing.table)
    return thing.kind == "constraint" and (thing.schema, thing.table) in names and ref not in own


def _history(table: source.Table) -> Iterator[Statement]:
    """The statements that made a table what it is, as far as CREATE TABLE has them now."""
    wanted: list[Statement] = [table.statement]
    wanted += [column.statement for column in table.columns.values()]
    wanted += [c.statement for c in table.constraints.values() if c.kind != "foreign key"]
    seen: set[int] = set()
    for statement in wanted:
        if id(statement) not in seen and statement.outer is None:
            seen.add(id(statement))
            yield statement


def other_changes(view: View) -> list[Change]:
    """Everything else that is changed or left; columns go with their tables."""
    rewrite, found = view.rewrite, []
    statements = _statements(rewrite.catalog)
    taken: Counter[ObjectRef] = Counter()
    for fate in rewrite.fates:
        ref = fate.ref
        about = [f for f in view.findings if _same(f, ref)]
        if (
            ref.kind in _ELSEWHERE
            or fate.outcome == "absorbed"
            or (ref.kind == "table" and fate.outcome != "left")
        ):
            continue
        if fate.outcome == "kept" and not any(f.severity == "error" for f in about):
            continue
        known = statements.get(ref, [])
        shown = list(fate.statements) or known[taken[ref] : taken[ref] + 1]
        taken[ref] += 1
        after = [item.sql + ";" for item in rewrite.items if item.ref == ref]
        found.append(Change(ref, fate, [excerpt(s) for s in shown], after, about))
    return found


def _same(finding: FindingInfo, ref: ObjectRef) -> bool:
    thing = finding.object
    return (thing.kind, thing.name, thing.schema, thing.table) == tuple(ref)


def _statements(catalog: source.Catalog) -> dict[ObjectRef, list[Statement]]:
    """The statement behind every object that has one."""
    found: dict[ObjectRef, list[Statement]] = {}
    things: list[source.Object] = [*catalog.relations.values(), *catalog.types.values()]
    things += [*catalog.extensions.values(), *catalog.others.values()]
    for overloads in catalog.functions.values():
        things += overloads
    for made in catalog.tables():
        things += [*made.constraints.values(), *made.triggers.values()]
    for thing in things:
        found.setdefault(thing.ref, []).append(thing.statement)
    return found


# -- the chapter's text -------------------------------------------------------------------------


def _intro(view: View, tables: list[Change], others: list[Change]) -> str:
    changed = {change.ref for change in (*tables, *others)}
    kept = sum(1 for f in view.rewrite.fates if f.outcome == "kept" and f.ref not in changed)
    same = len(view.rewrite.tables) - len(tables)
    plain = sum(1 for change in others if change.is_plain)
    left = sum(1 for change in others if change.fate.outcome == "left")
    text = (
        f"{plural(len(tables), 'table')} and {plural(len(others), 'other object')} change. "
        f"{plural(kept, 'object')} {'stay as they are' if kept != 1 else 'stays as it is'}, "
        f"{same} of them tables."
    )
    if plain:
        text += f" {plain} of the others {'mean' if plain != 1 else 'means'} the same afterwards."
    if left:
        text += f" {plural(left, 'object')} {'have' if left != 1 else 'has'} no counterpart."
    return (
        f"{text} `dsql-compat rewrite` writes all of it as files that run; this chapter is for "
        "reading them. Effort is a person's time, from reading to tested."
    )


def _reasons(view: View, changes: Iterable[Change]) -> Iterator[str]:
    """Every reason once; the sections refer to it."""
    count: Counter[str] = Counter()
    first: dict[str, FindingInfo] = {}
    for change in changes:
        for finding in change.findings:
            if finding.severity != "info":
                count[finding.rule] += 1
                first.setdefault(finding.rule, finding)
    if not count:
        return
    yield heading(2, "Why things change")
    lines = []
    for rule, number in count.most_common():
        mark = f'<a id="{view.anchors.of("why", rule)}"></a>'
        why = sentences(first[rule].why)
        lines.append(f"- {mark}**{prose(rule_title(rule))}** {code(rule)} ({number:,}): {why}")
    yield "\n".join(lines)


def _because(view: View, findings: list[FindingInfo]) -> str:
    """The reasons of one object, as links; then what a person has to read."""
    count = Counter(f.rule for f in findings if f.severity != "info")
    links = [
        f"[{prose(rule_title(rule)).lower()}](#{view.anchors.of('why', rule)})"
        + (f" × {number}" if number > 1 else "")
        for rule, number in count.items()
    ]
    return joined(links)


def _facts(view: View, change: Change) -> str:
    low, high = view.minutes(change.findings)
    effort = f"**Effort:** {minutes(low, high)}" if high else "**Effort:** none"
    because = _because(view, change.findings)
    return f"{effort} · **Why:** {because}" if because else effort


def _to_read(findings: list[FindingInfo]) -> str:
    """What changes behaviour or asks for a decision, one line each."""
    lines: dict[str, None] = {}
    for finding in findings:
        if finding.disposition in ("review", "manual") and finding.severity != "info":
            lines[f"- {sentences(finding.message, finding.advice)}"] = None
    return "\n".join(lines)


def _table_section(view: View, change: Change) -> Iterator[str]:
    yield heading(3, code(name_of(change.ref)), view.sections[change.ref])
    yield _facts(view, change)
    made = next(t for t in view.rewrite.tables if t.ref == change.ref)
    yield _columns(view, made)
    yield _to_read(change.findings)
    yield from _sides(change.before, change.after)


def _columns(view: View, made: Table) -> str:
    """The columns whose declaration changes."""
    fates = {fate.ref: fate for fate in view.rewrite.fates if _is_column(fate.ref, made)}
    rows = []
    for ref, fate in fates.items():
        if fate.outcome == "kept":
            continue
        before = _declared(made, ref.name)
        rules = dict.fromkeys(f.rule for f in fate.findings if f.status.severity != "info")
        why = ", ".join(prose(rule_title(rule)).lower() for rule in rules)
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


def _sides(before: list[str], after: list[str]) -> Iterator[str]:
    if before:
        shown = before[:_MOST_STATEMENTS]
        more = len(before) - len(shown)
        text = "\n\n".join(_ended(part) for part in shown)
        if more:
            text += f"\n\n-- and {plural(more, 'statement')} more"
        yield "Before:"
        yield fence(text)
    if after:
        yield "After:"
        yield fence("\n\n".join(after))


def _ended(sql: str) -> str:
    sql = sql.rstrip()
    return sql if sql.endswith((";", "…")) else sql + ";"


def _kind_section(view: View, kind: str, changes: list[Change]) -> Iterator[str]:
    title = _PLURALS.get(kind, f"{kind.capitalize()}s")
    yield heading(2, f"{prose(title)} ({len(changes)})")
    plain = [change for change in changes if change.is_plain]
    if plain:
        findings = [finding for change in plain for finding in change.findings]
        because = _because(view, findings)
        yield (
            f"{plural(len(plain), 'object')} that {'mean' if len(plain) != 1 else 'means'} "
            "the same "
            f"afterwards{': ' + because if because else ''}."
        )
        before = [text for change in plain for text in change.before]
        yield "<details><summary>Before and after</summary>"
        yield "Before:"
        yield fence("\n".join(map(_ended, before)))
        yield "After:"
        yield fence("\n".join(text for change in plain for text in change.after))
        yield "</details>"
    for change in changes:
        if change not in plain:
            yield from _object_section(view, change)


def _object_section(view: View, change: Change) -> Iterator[str]:
    yield heading(3, code(name_of(change.ref)), view.sections[change.ref])
    yield _facts(view, change)
    if change.fate.what:
        state = "Left behind" if change.fate.outcome == "left" else "Changed"
        yield f"**{state}**: {prose(change.fate.what)}."
    yield _to_read(change.findings)
    if change.fate.outcome == "left":
        address = view.anchors.of("left", f"{change.ref.kind} {name_of(change.ref)}")
        yield f"[Its SQL](10-left-behind.md#{address}) is in the appendix."
        yield from _ways_out(change.findings)
    else:
        yield from _sides(change.before, change.after)


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
