"""Accounts for everything: each object and statement of the source has a fate, or an item is it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from dsql_compat.catalog import model as source
from dsql_compat.catalog.build import HANDLERS
from dsql_compat.findings import ObjectRef
from dsql_compat.rewriting.work import Work
from dsql_compat.sql.statements import Statement

FORGOTTEN = "nothing was decided about it"


def close(work: Work) -> None:
    """Leave behind, with its text, whatever no other module has decided."""
    for ref, statement in list(_forgotten(work)):
        work.settle(ref, "left", FORGOTTEN, statement)


def _forgotten(work: Work) -> Iterator[tuple[ObjectRef, Statement]]:
    known = Counter(fate.ref for fate in work.fates)
    whole = {fate.ref for fate in work.fates if fate.outcome in ("left", "absorbed")}
    for thing in _objects(work.catalog):
        if not known[thing.ref]:
            yield thing.ref, thing.statement
    for overloads in work.catalog.functions.values():
        for function in overloads:
            known[function.ref] -= 1
            if known[function.ref] < 0:
                yield function.ref, function.statement
    for table in work.catalog.tables():
        if table.ref not in whole:
            yield from _parts(work, table, known)
        elif table.is_partition:
            yield from (
                (c.ref, c.statement)
                for c in table.constraints.values()
                if c.kind != "not null" and not known[c.ref]
            )
    yield from _statements(work)


def _objects(catalog: source.Catalog) -> Iterator[source.Object]:
    """Everything that stands by itself, with indexes and triggers."""
    yield from catalog.schemas.values()
    yield from catalog.relations.values()
    yield from catalog.types.values()
    yield from catalog.extensions.values()
    for table in catalog.tables():
        yield from table.triggers.values()
    # Statistics are statements to be carried over, and a role is named by its statement, too.
    yield from (o for o in catalog.others.values() if o.kind not in ("statistics", "role"))


def _parts(
    work: Work, table: source.Table, known: Counter[ObjectRef]
) -> Iterator[tuple[ObjectRef, Statement]]:
    """The columns and constraints of a table that is there, if they are not."""
    made = work.tables.get(table.name)
    if made is None:  # made from a query, which has no columns of its own
        return
    columns = {c.source.ref: c for c in made.columns if c.source is not None}
    names = {constraint.name for constraint in made.constraints}
    for column in table.columns.values():
        if column.ref not in columns and not known[column.ref]:
            yield column.ref, column.statement
    for constraint in table.constraints.values():
        if constraint.kind == "not null":
            own = [table.columns[name] for name in constraint.columns if name in table.columns]
            is_there = all(
                known[c.ref] or (c.ref in columns and columns[c.ref].not_null) for c in own
            )
        else:
            is_there = constraint.name in names or bool(known[constraint.ref])
        if not is_there:
            yield constraint.ref, constraint.statement


def _statements(work: Work) -> Iterator[tuple[ObjectRef, Statement]]:
    """Statements that neither made an object nor have become one of the result."""
    told = {id(statement) for fate in work.fates for statement in fate.statements}
    told |= work.carried
    for statement in work.statements:
        if id(statement) in told or type(statement.tree) in HANDLERS:
            continue
        words = " ".join(token.text.upper() for token in statement.tokens[:2])
        yield ObjectRef("statement", words or "statement"), statement
