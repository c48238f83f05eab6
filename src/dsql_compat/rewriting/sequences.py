"""Sequences that are more than the counter of one column."""

from __future__ import annotations

from dsql_compat.catalog.model import Sequence
from dsql_compat.checks.columns import counted_by, identity_options_text, implicit_name
from dsql_compat.checks.sequences import fitting_cache
from dsql_compat.findings import ObjectRef
from dsql_compat.rewriting.columns import Columns
from dsql_compat.rewriting.model import Fate, Item, Key
from dsql_compat.rewriting.work import Work
from dsql_compat.sql.names import quote

_LARGEST = {"smallint": 2**15 - 1, "integer": 2**31 - 1}


def rewrite_sequences(work: Work) -> None:
    """CREATE SEQUENCE with a CACHE that DSQL takes, going on where the old one stands."""
    absorbed = {sequence.ref: ref for ref, sequence in Columns(work).sequences.items()}
    _lose_counters(work)
    for sequence in work.catalog.sequences():
        key = Key("relation", sequence.name)
        if sequence.ref in absorbed:
            column = absorbed[sequence.ref]
            work.settle(
                sequence.ref, "absorbed", f"identity of {column}", sequence.statement, key=key
            )
        elif sequence.persistence == "t":
            work.settle(sequence.ref, "left", "temporary", sequence.statement, key=key)
        else:
            _rewrite(work, sequence, key)


def _lose_counters(work: Work) -> None:
    """Say which sequences of serial and identity columns nobody else can draw from."""
    is_kept = work.run.is_accepted("identity-column")
    counters = dict(work.catalog.identities)
    counters |= {
        sequence.name: column
        for sequence in work.catalog.sequences()
        for found in [counted_by(work.catalog, sequence.name)]
        if found is not None
        for column in [found[1]]
    }
    for name, column in counters.items():
        if not is_kept or name != implicit_name(column):
            ref = ObjectRef("sequence", name.name, name.schema)
            fate = Fate(ref, "absorbed", f"identity of {column.ref}")
            work.gone[Key("counter", name)] = fate


def _rewrite(work: Work, sequence: Sequence, key: Key) -> None:
    if not work.run.is_accepted("sequence"):
        what = "DSQL has no sequences at this date: the numbers come from the application"
        work.settle(sequence.ref, "left", what, sequence.statement, key=key)
        return
    cache = fitting_cache(sequence, work.catalog, work.choices.identity_cache)
    sql = f"CREATE SEQUENCE {sequence.name} {options(sequence, cache)}"
    problem = work.add(Item(sequence.ref, sql, makes=key))
    if problem is not None:
        work.settle(
            sequence.ref, "left", "DSQL refuses it", sequence.statement, key=key, cause=problem
        )
        return
    work.settle(sequence.ref, "changed" if work.findings.get(sequence.ref) else "kept")
    if sequence.owned_by is not None:
        table, column = sequence.owned_by
        owned = f"ALTER SEQUENCE {sequence.name} OWNED BY {table}.{quote(column)}"
        wanted = frozenset({key, Key("relation", table)})
        if work.lacks(wanted) is None:
            work.items.append(Item(sequence.ref, owned, needs=wanted))


def options(sequence: Sequence, cache: int) -> str:
    """The options of a sequence: its bounds kept although it counts in bigint now."""
    step = sequence.increment or 1
    start = sequence.start if sequence.last_value is None else sequence.last_value + step
    low, high = sequence.minvalue, sequence.maxvalue
    largest = _LARGEST.get(sequence.type)
    if largest is not None:
        if step < 0:
            low = -largest - 1 if low is None else low
        else:
            high = largest if high is None else high
    return identity_options_text(start, step, low, high, cycle=sequence.cycle) + f"CACHE {cache}"
