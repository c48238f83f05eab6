"""The verdict, its sentence, and the objects counted by what has to be done to them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from dsql_compat.catalog.model import Catalog
from dsql_compat.checks.context import Run
from dsql_compat.findings import DISPOSITIONS, Finding, ObjectRef
from dsql_compat.report import model

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
    worst: dict[ObjectRef, int] = {}
    for catalog in run.catalogs:
        for ref in _objects(catalog):
            worst.setdefault(ref, 0)
    kinds = {(ref.schema, ref.name): ref.kind for ref in worst if ref.table is None}
    statements: dict[tuple[str, int], int] = {}
    for finding in findings:
        rank = _RANK[finding.status.disposition]
        statement = finding.span.statement.outermost
        for ref in (finding.object, *finding.also):
            if ref.kind == "statement":
                key = (statement.source, statement.ordinal)
                statements[key] = max(rank, statements.get(key, 0))
                continue
            if ref.kind == "column":
                owner = (ref.schema, ref.table or "")
                ref = ObjectRef(kinds.get(owner, "table"), owner[1], owner[0])
            worst[ref] = max(rank, worst.get(ref, 0))
    counts: dict[str, Counter[str]] = {}
    for ref, rank in worst.items():
        counts.setdefault(ref.kind, Counter())[DISPOSITIONS[rank]] += 1
    if run.plain_statements or statements:
        plain = counts.setdefault("statement", Counter())
        for rank in statements.values():
            plain[DISPOSITIONS[rank]] += 1
        plain["as-is"] += max(0, run.plain_statements - len(statements))
    return {
        kind: model.ObjectCounts(
            counter.total(),
            counter["as-is"],
            counter["automatic"],
            counter["review"],
            counter["manual"],
        )
        for kind, counter in sorted(counts.items())
    }


def _objects(catalog: Catalog) -> Iterator[ObjectRef]:
    yield from (schema.ref for schema in catalog.schemas.values())
    yield from (extension.ref for extension in catalog.extensions.values())
    yield from (kind.ref for kind in catalog.types.values())
    for relation in catalog.relations.values():
        yield relation.ref
    for table in catalog.tables():
        yield from (c.ref for c in table.constraints.values() if c.kind != "not null")
        yield from (trigger.ref for trigger in table.triggers.values())
    for functions in catalog.functions.values():
        for number, function in enumerate(functions):
            # Overloads share a name; each counts.
            ref = function.ref
            yield ref if number == 0 else ref._replace(name=f"{ref.name}#{number + 1}")
    yield from (other.ref for other in catalog.others.values())
