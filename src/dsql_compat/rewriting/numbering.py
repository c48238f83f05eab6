"""Columns that number rows, as identity columns; all that refer to them become bigint, too."""

from __future__ import annotations

from collections.abc import Mapping

from dsql_compat.catalog import model as source
from dsql_compat.catalog.model import Sequence
from dsql_compat.catalog.types import resolve
from dsql_compat.checks.columns import identity_options_text, sharing
from dsql_compat.checks.columns_identity import SMALLEST_BLOCK
from dsql_compat.findings import ObjectRef
from dsql_compat.rewriting.model import Column, Identity
from dsql_compat.rewriting.work import Work

_SHORT_INTEGERS = ("smallint", "integer")


def is_numbered(work: Work, column: source.Column, sequences: Mapping[ObjectRef, Sequence]) -> bool:
    """Whether PostgreSQL numbers the rows by this column, with a counter of its own."""
    family = resolve(work.catalog, column.type).family if column.type else ""
    return bool(column.identity) or column.ref in sequences or family == "serial"


def numbered(work: Work, column: source.Column, sequence: Sequence | None) -> Column:
    """The bigint column, an identity where the target has those: `sequence` is its own."""
    plain = Column(column.name, "bigint", not_null=True, source=column)
    if not work.run.is_accepted("identity-column"):
        return plain
    given = column.identity_options or {}
    numbers = {name: value for name, value in given.items() if isinstance(value, int)}
    if sequence is not None:
        start, low, high = sequence.start, sequence.minvalue, sequence.maxvalue
        step, last, cycles = sequence.increment or 1, sequence.last_value, sequence.cycle
    else:
        start, low, high = (numbers.get(name) for name in ("start", "minvalue", "maxvalue"))
        step, last = numbers.get("increment", 1), numbers.get("last_value")
        cycles = given.get("cycle") is True
    following = None if last is None else last + step
    if following is not None:
        start = following
    options = identity_options_text(start, step, low, high, cycle=cycles)
    block = sequence.cache if sequence is not None else numbers.get("cache")
    cache = block if block is not None and block >= SMALLEST_BLOCK else work.choices.identity_cache
    identity = Identity(column.identity == "a", f"{options}CACHE {cache}", following)
    return Column(column.name, "bigint", not_null=True, identity=identity, source=column)


def widened(work: Work, sequences: Mapping[ObjectRef, Sequence]) -> set[ObjectRef]:
    """The columns that refer to a key which becomes bigint, or share its numbers, at any remove."""
    catalog = work.catalog
    seen: set[ObjectRef] = set()
    referring: dict[ObjectRef, list[source.Column]] = {}
    pending: list[ObjectRef] = []
    for table in catalog.tables():
        for column in table.columns.values():
            if is_numbered(work, column, sequences):
                pending.append(column.ref)
        for constraint in table.constraints_of("foreign key"):
            for own, other in referenced_columns(work, constraint):
                referring.setdefault(other.ref, []).append(own)
    for own, other in sharing(catalog):
        referring.setdefault(other.ref, []).append(own)
    while pending:
        for column in referring.get(pending.pop(), ()):
            base = resolve(catalog, column.type).base if column.type else ""
            if column.ref not in seen and base in _SHORT_INTEGERS:
                seen.add(column.ref)
                pending.append(column.ref)
    return seen


def referenced_columns(
    work: Work, constraint: source.Constraint
) -> list[tuple[source.Column, source.Column]]:
    """The columns of a foreign key, each with the one that it refers to."""
    target = work.catalog.table(constraint.referenced) if constraint.referenced else None
    if target is None:
        return []
    key = target.primary_key
    names = constraint.referenced_columns or (key.columns if key else ())
    pairs = zip(constraint.columns, names, strict=False)
    own = constraint.table.columns
    return [
        (own[mine], target.columns[theirs])
        for mine, theirs in pairs
        if mine in own and theirs in target.columns
    ]
