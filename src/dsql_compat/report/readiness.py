"""The verdict, its sentence, and the objects counted by what has to be done to them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from dsql_compat.catalog.model import Catalog
from dsql_compat.checks.context import Run
from dsql_compat.findings import Finding, ObjectRef
from dsql_compat.report import model
from dsql_compat.rules import DISPOSITIONS
from dsql_compat.sql.statements import Statement

_RANK = {name: rank for rank, name in enumerate(DISPOSITIONS)}
_VERDICTS: dict[str, model.Verdict] = {
    "as-is": "ready",
    "automatic": "automatic",
    "review": "review",
    "manual": "manual",
}


def verdict(findings: Iterable[Finding]) -> model.Verdict:
    """The worst disposition found; `ready` for none."""
    worst = max((f.status.disposition for f in findings), key=_RANK.__getitem__, default="as-is")
    return _VERDICTS[worst]


def sentence(worst: model.Verdict, findings: list[Finding], run: Run) -> str:
    """The verdict in one sentence, the unread part included."""
    day = run.target.date
    errors = [finding for finding in findings if finding.status.severity == "error"]
    causes = [finding for finding in errors if finding.cause is None]
    # What follows from another finding is settled with it, unless that one is of a lesser kind.
    count = Counter(finding.status.disposition for finding in findings if finding.cause is None)
    if worst != "ready" and not count[worst]:
        count = Counter(finding.status.disposition for finding in findings)
    refused = f"{len(causes)} thing{'s' if len(causes) != 1 else ''} that Aurora DSQL refuses"
    match worst:
        case "ready":
            text = f"Ready: nothing in the source needs a change for Aurora DSQL as of {day}"
        case "automatic":
            text = (
                f"Ready after automatic rewriting: {refused} as of {day}, all with an exact rewrite"
            )
        case "review":
            text = (
                f"Ready after review: {refused} as of {day}; {count['review']} finding"
                f"{'s change' if count['review'] != 1 else ' changes'} behaviour and must be read"
            )
        case _:
            text = (
                f"Not ready: {refused} as of {day}; {count['manual']} finding"
                f"{'s need' if count['manual'] != 1 else ' needs'} a person's decision"
            )
    unread = len(run.unanalysed)
    if unread:
        text += f"; {unread} place{'s' if unread != 1 else ''} could not be looked into"
    return text + "."


def count_objects(run: Run, findings: list[Finding]) -> dict[str, model.ObjectCounts]:
    """Objects by kind, each counted once under the worst disposition of its findings."""
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
    return {kind: _counts(ranks) for kind, ranks in sorted(tally.ranks.items()) if ranks}


def _counts(ranks: list[int]) -> model.ObjectCounts:
    by_rank = Counter(ranks)
    return model.ObjectCounts(
        len(ranks), *(by_rank[_RANK[name]] for name in ("as-is", "automatic", "review", "manual"))
    )


class _Tally:
    """The worst rank of every object: by database, name and, of overloaded routines, number."""

    def __init__(self, catalogs: list[Catalog]) -> None:
        self.objects: dict[tuple[str | None, ObjectRef, int], int] = {}
        self.statements: dict[tuple[str, int], int] = {}
        self.ranks: dict[str, list[int]] = {}
        self._kinds: dict[tuple[str | None, str | None, str], str] = {}
        self._overloads: dict[tuple[str | None, ObjectRef], list[Statement]] = {}
        for catalog in catalogs:
            database = catalog.database
            for ref in _objects(catalog):
                self.objects[database, ref, 0] = 0
                if ref.table is None:
                    self._kinds[database, ref.schema, ref.name] = ref.kind
            for functions in catalog.functions.values():
                for function in functions:
                    made = self._overloads.setdefault((database, function.ref), [])
                    self.objects[database, function.ref, len(made)] = 0
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

    def _key(
        self, database: str | None, ref: ObjectRef, statement: Statement
    ) -> tuple[str | None, ObjectRef, int]:
        if ref.kind == "column":  # a column counts for its table
            table = ref.table or ""
            kind = self._kinds.get((database, ref.schema, table), "table")
            return database, ObjectRef(kind, table, ref.schema), 0
        made = self._overloads.get((database, ref), [])
        return database, ref, made.index(statement) if statement in made else 0


def _objects(catalog: Catalog) -> Iterator[ObjectRef]:
    """All objects but routines, whose overloads share a name."""
    yield from (schema.ref for schema in catalog.schemas.values())
    yield from (extension.ref for extension in catalog.extensions.values())
    yield from (kind.ref for kind in catalog.types.values())
    for relation in catalog.relations.values():
        yield relation.ref
    for table in catalog.tables():
        yield from (c.ref for c in table.constraints.values() if c.kind != "not null")
        yield from (trigger.ref for trigger in table.triggers.values())
    yield from (other.ref for other in catalog.others.values())
