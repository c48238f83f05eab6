"""The objects of the schema: counted by what has to be done to them, and each with its findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from dsql_compat.catalog.model import Catalog, Table
from dsql_compat.checks.context import Run
from dsql_compat.findings import Finding, ObjectRef
from dsql_compat.report import model
from dsql_compat.report.excerpt import excerpt
from dsql_compat.rules import DISPOSITIONS
from dsql_compat.sql.statements import Statement

_RANK = {name: rank for rank, name in enumerate(DISPOSITIONS)}

Key = tuple[str | None, ObjectRef, int]  # database, name and, of overloaded routines, number


@dataclass(frozen=True, slots=True)
class Inventory:
    """What the schema holds: counts by kind, the objects themselves, and foreign keys."""

    counts: dict[str, model.ObjectCounts]
    objects: list[model.SchemaObject]
    relations: list[model.RelationInfo]


def take_inventory(run: Run, findings: list[Finding]) -> Inventory:
    """Every object once, under the worst disposition of its findings, which have their ids."""
    tally = _Tally(run.catalogs)
    tally.objects.update({(database, ref, 0): 0 for database, ref in run.workload_objects})
    for finding in findings:
        tally.add(finding)
    tally.ranks["statement"] = [
        *tally.statements.values(),
        *[0] * (run.plain_statements - len(tally.statements)),
    ]
    for (_, ref, _), rank in tally.objects.items():
        tally.ranks.setdefault(ref.kind, []).append(rank)
    counts = {kind: _counts(ranks) for kind, ranks in sorted(tally.ranks.items()) if ranks}
    return Inventory(
        counts,
        [_object(key, tally) for key in tally.objects if key[1].kind not in _NOT_LISTED],
        [relation for catalog in run.catalogs for relation in _relations(catalog)],
    )


_NOT_LISTED = frozenset({"workload", "session"})  # the workload has a section of its own


def _counts(ranks: list[int]) -> model.ObjectCounts:
    by_rank = Counter(ranks)
    return model.ObjectCounts(
        len(ranks), *(by_rank[_RANK[name]] for name in ("as-is", "automatic", "review", "manual"))
    )


def _object(key: Key, tally: _Tally) -> model.SchemaObject:
    database, ref, _ = key
    statement, table = tally.made.get(key), tally.tables.get(key)
    ddl = None if statement is None else excerpt(statement)
    known = table is not None and bool(table.data.rows or table.touched_by_data)
    return model.SchemaObject(
        ref.kind,
        ref.schema,
        ref.name,
        ref.table,
        database,
        DISPOSITIONS[tally.objects[key]],
        [finding.id for finding in tally.found.get(key, ())],
        ddl,
        _location(statement, ddl) if statement is not None and ddl is not None else None,
        rows=table.data.rows if table is not None and known else None,
        bytes=(table.data.bytes or None) if table is not None and known else None,
    )


def _location(statement: Statement, ddl: str) -> model.Location | None:
    """Where the text stands, if it stands there word for word; a long one may have been cut."""
    text = statement.excerpt
    if ddl != text and not (ddl.endswith(" …") and text.startswith(ddl[:-2])):
        return None
    start, end = statement.position(statement.start), statement.position(len(statement.text))
    return model.Location(
        statement.outermost.source, start.line, start.column, end.line, end.column
    )


def _relations(catalog: Catalog) -> Iterator[model.RelationInfo]:
    for table in catalog.tables():
        for constraint in table.constraints_of("foreign key"):
            if constraint.referenced is not None:
                to = catalog.relation(constraint.referenced)
                name = to.name if to is not None else constraint.referenced
                yield model.RelationInfo(
                    constraint.name,
                    catalog.database,
                    table.name.schema,
                    table.name.name,
                    [*constraint.columns],
                    name.schema,
                    name.name,
                    [*constraint.referenced_columns],
                )


class _Tally:
    """The worst rank of every object, what made it, and what was found of it."""

    def __init__(self, catalogs: list[Catalog]) -> None:
        self.objects: dict[Key, int] = {}
        self.made: dict[Key, Statement] = {}
        self.tables: dict[Key, Table] = {}
        self.found: dict[Key, list[Finding]] = {}
        self.statements: dict[tuple[str, int], int] = {}
        self.ranks: dict[str, list[int]] = {}
        self._kinds: dict[tuple[str | None, str | None, str], str] = {}
        self._overloads: dict[tuple[str | None, ObjectRef], list[Statement]] = {}
        for catalog in catalogs:
            self._take(catalog)

    def _take(self, catalog: Catalog) -> None:
        database = catalog.database
        for ref, statement in _objects(catalog):
            key = database, ref, 0
            self.objects[key] = 0
            if statement is not None:
                self.made[key] = statement
            if ref.table is None:
                self._kinds[database, ref.schema, ref.name] = ref.kind
        for table in catalog.tables():
            self.tables[database, table.ref, 0] = table
        for functions in catalog.functions.values():
            for function in functions:
                made = self._overloads.setdefault((database, function.ref), [])
                key = database, function.ref, len(made)
                self.objects[key] = 0
                self.made[key] = function.statement
                made.append(function.statement)

    def add(self, finding: Finding) -> None:
        """Rank the objects of one finding; a comment is none."""
        if finding.object.kind == "comment":
            return
        rank = _RANK[finding.status.disposition]
        statement = finding.span.statement.outermost
        for ref in (finding.object, *finding.also):
            if ref.kind == "statement":
                place = (statement.source, statement.ordinal)
                self.statements[place] = max(rank, self.statements.get(place, 0))
            else:
                key = self._key(finding.database, ref, statement)
                self.objects[key] = max(rank, self.objects.get(key, 0))
                listed = self.found.setdefault(key, [])
                if not listed or listed[-1] is not finding:
                    listed.append(finding)

    def _key(self, database: str | None, ref: ObjectRef, statement: Statement) -> Key:
        if ref.kind == "column":  # a column counts for its table
            table = ref.table or ""
            kind = self._kinds.get((database, ref.schema, table), "table")
            return database, ObjectRef(kind, table, ref.schema), 0
        made = self._overloads.get((database, ref), [])
        return database, ref, made.index(statement) if statement in made else 0


def _objects(catalog: Catalog) -> Iterator[tuple[ObjectRef, Statement | None]]:
    """All objects but routines, whose overloads share a name, and what made each.

    What was made with its table has no statement of its own.
    """
    yield from ((schema.ref, schema.statement) for schema in catalog.schemas.values())
    yield from ((extension.ref, extension.statement) for extension in catalog.extensions.values())
    yield from ((kind.ref, kind.statement) for kind in catalog.types.values())
    for relation in catalog.relations.values():
        yield relation.ref, relation.statement
    for table in catalog.tables():
        for constraint in table.constraints.values():
            if constraint.kind != "not null":
                own = constraint.statement is not table.statement
                yield constraint.ref, constraint.statement if own else None
        yield from ((trigger.ref, trigger.statement) for trigger in table.triggers.values())
    yield from ((other.ref, other.statement) for other in catalog.others.values())
