"""What changes in the schema, object by object, and which changes are of a kind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from dsql_compat.catalog import model as source
from dsql_compat.findings import ObjectRef
from dsql_compat.guide.compare import is_same, is_same_table
from dsql_compat.guide.view import View, name_of
from dsql_compat.report.excerpt import excerpt
from dsql_compat.report.model import FindingInfo
from dsql_compat.rewriting.model import Fate, Table
from dsql_compat.sql.statements import Statement

# Said where they belong: rows and the session in the chapter on data, roles in that on operations.
_ELSEWHERE = {"statement", "column", "owner", "role", "grant", "revoke", "comment", "schema"}
_ALIKE = 4  # changes with the same reason from which on they are told together


@dataclass(frozen=True)
class Change:
    """One object that does not stay as it is, or that has to be read; `differs` in its SQL.

    `count` is how many bear this name: routines with other arguments, or written again.
    """

    ref: ObjectRef
    fate: Fate
    before: list[str]
    after: list[str]
    findings: list[FindingInfo]
    differs: bool = True
    count: int = 1

    @property
    def is_plain(self) -> bool:
        """Whether the rewrite means the same, so that nobody has to read it."""
        rewritten = all(f.disposition in ("as-is", "automatic") for f in self.findings)
        return self.fate.outcome != "left" and rewritten

    @property
    def is_for_a_person(self) -> bool:
        """Whether no program can do it."""
        decided = any(f.disposition == "manual" for f in self.findings)
        return decided or (self.fate.outcome == "left" and not self.findings)

    @property
    def to_read(self) -> list[FindingInfo]:
        """What changes behaviour or asks for a decision."""
        return [
            finding
            for finding in self.findings
            if finding.disposition in ("review", "manual") and finding.severity != "info"
        ]


def effort_of(view: View, changes: Iterable[Change]) -> tuple[int, int]:
    """The minutes of some changes, low and high."""
    return view.minutes([finding for change in changes for finding in change.findings])


def together(changes: list[Change]) -> list[list[Change]]:
    """Those with the same kind, outcome and reasons in one list, if they are many."""
    alike: dict[object, list[Change]] = {}
    for change in changes:
        rules = frozenset(finding.rule for finding in change.to_read)
        key = change.ref.kind, change.fate.outcome, rules, change.differs
        alike.setdefault(key, []).append(change)
    found: list[list[Change]] = []
    for group in alike.values():
        has_columns = any(change.ref.kind == "table" and change.differs for change in group)
        is_told = group[0].to_read or group[0].fate.outcome == "left"
        if len(group) < _ALIKE or has_columns or not is_told:
            found += [[change] for change in group]
        else:
            found.append(group)
    return found


def by_effort(view: View, groups: list[list[Change]]) -> list[list[Change]]:
    """What needs a person first, then the most effort first."""

    def rank(group: list[Change]) -> tuple[bool, int, int, str, str]:
        low, high = effort_of(view, group)
        first = group[0].ref
        return not group[0].is_for_a_person, -high, -low, first.kind, name_of(first)

    return sorted(groups, key=rank)


def all_changes(view: View) -> list[Change]:
    """Every change, tables first."""
    return [*table_changes(view), *other_changes(view)]


def table_changes(view: View) -> list[Change]:
    """Tables of the result that differ, in their columns, keys or anything else said of them."""
    rewrite, found = view.rewrite, []
    fates = {fate.ref: fate for fate in rewrite.fates}
    own = {fate.ref for fate in rewrite.fates if fate.ref.kind == "constraint"}
    told: dict[tuple[str | None, str], list[int]] = defaultdict(list)
    for number, finding in enumerate(view.findings):
        if _is_about_table(finding, own):
            thing = finding.object
            told[thing.schema, thing.table or thing.name].append(number)
    for made in rewrite.tables:
        fate = fates.get(made.ref)
        if fate is None or not made.sources:
            continue
        names = dict.fromkeys((source.name.schema, source.name.name) for source in made.sources)
        about = [view.findings[n] for n in sorted(n for name in names for n in told[name])]
        before = list(_history(made.sources[0]))
        after = [item.sql for item in rewrite.items if item.ref == made.ref and _creates(item.sql)]
        differs = len(made.sources) > 1 or not (after and is_same_table(before, after[0]))
        change = Change(
            made.ref,
            fate,
            [excerpt(statement) for statement in before],
            [f"{sql};" for sql in after],
            about,
            differs,
        )
        if differs or change.to_read:
            found.append(change)
    return found


def _creates(sql: str) -> bool:
    return sql.lstrip().upper().startswith("CREATE TABLE")


def is_column(ref: ObjectRef, made: Table) -> bool:
    """Whether something is a column of that table."""
    return ref.kind == "column" and (ref.schema, ref.table) == tuple(made.name)


def _is_about_table(finding: FindingInfo, own: set[ObjectRef]) -> bool:
    """Whether a finding that names a table is told with it: of itself, its columns, its keys."""
    thing = finding.object
    if thing.kind in ("table", "partition", "column"):
        return (thing.table is None) is not (thing.kind == "column")
    ref = ObjectRef(thing.kind, thing.name, thing.schema, thing.table)
    return thing.kind == "constraint" and thing.table is not None and ref not in own


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
    """Everything else that is changed, left or to be read; columns go with their tables."""
    statements = _statements(view.rewrite.catalog)
    about = _by_object(view)
    items: dict[ObjectRef, list[str]] = {}
    for item in view.rewrite.items:
        items.setdefault(item.ref, []).append(item.sql)
    fates: dict[ObjectRef, list[Fate]] = {}
    for fate in view.rewrite.fates:
        is_kept_table = fate.ref.kind == "table" and fate.outcome != "left"
        if fate.ref.kind not in _ELSEWHERE and fate.outcome != "absorbed" and not is_kept_table:
            fates.setdefault(fate.ref, []).append(fate)
    changes = [
        _change(several, statements.get(ref, []), items.get(ref, []), about.get(ref, []))
        for ref, several in fates.items()
    ]
    return [change for change in changes if change.differs or change.to_read]


def _change(
    fates: list[Fate], known: list[Statement], after: list[str], findings: list[FindingInfo]
) -> Change:
    """One object, or all routines of a name: findings do not tell these apart."""
    shown = [statement for fate in fates for statement in fate.statements] or known
    pairs = list(zip(shown, after, strict=False))
    differs = len(shown) != len(after) or not all(is_same(one, other) for one, other in pairs)
    if all(fate.outcome == "kept" for fate in fates):
        differs = differs and any(f.severity == "error" for f in findings)
    fate = next((fate for fate in fates if fate.outcome == "left"), fates[0])
    before = [excerpt(statement) for statement in shown]
    made = [f"{sql};" for sql in after]
    return Change(fate.ref, fate, before, made, findings, differs, len(fates))


def _by_object(view: View) -> dict[ObjectRef, list[FindingInfo]]:
    found: dict[ObjectRef, list[FindingInfo]] = {}
    for finding in view.findings:
        thing = finding.object
        ref = ObjectRef(thing.kind, thing.name, thing.schema, thing.table)
        found.setdefault(ref, []).append(finding)
    return found


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
