"""Columns that number themselves the old way: SERIAL and pg_dump's idiom for it, and what refers
to them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from pglast import ast

from dsql_compat.catalog.model import Catalog, Column, Sequence
from dsql_compat.catalog.types import resolve
from dsql_compat.checks.columns_declared import Declared, declared_column, declared_ref
from dsql_compat.checks.context import Found, Here, Run
from dsql_compat.checks.registry import detects
from dsql_compat.findings import Finding, ObjectRef
from dsql_compat.sql.names import Name, name_from_text, name_of, quote

# The bounds a sequence has without being told; with them it needs no option.
_LARGEST = {32767, 2147483647, 9223372036854775807}  # bounds that come with a type
_LEAST = {-32768, -2147483648, -9223372036854775808}
_WIDENED = ("serial-column", "identity-column-type", "identity-column")


def serial_column(column: Column, declared: Declared) -> Finding | None:
    """A column declared with one of the serial pseudo-types."""
    table = column.table.name
    return declared.here.found(
        "serial-column",
        declared.span,
        about=declared.ref,
        case="added" if declared.is_added else "",
        before=declared.before if not declared.is_added else None,
        options="",
        referring="",
        sequence=Name(table.schema, f"{table.name}_{column.name}_seq"),
        **{**declared.facts(), "type": declared.span.text.lower()},
    )


@detects("serial-column", on=Catalog)
def serial_idiom(catalog: Catalog, here: Here) -> Found:
    """CREATE SEQUENCE, OWNED BY and SET DEFAULT nextval: what pg_dump makes of a SERIAL."""
    for column, sequence in absorbed_sequences(catalog, here.run):
        declared = declared_column(column, here)
        if declared is not None:
            yield _idiom(declared, column, sequence)


def _idiom(declared: Declared, column: Column, sequence: Sequence) -> Finding | None:
    definition = declared.definition
    return declared.here.found(
        "serial-column",
        definition,
        about=declared.ref,
        case="bigint-sequence" if sequence.type == "bigint" else "integer-sequence",
        also=(sequence.ref,),
        before=definition.text,
        sequence=sequence.name,
        sequence_type=sequence.type,
        cache=sequence.cache or 1,
        options=sequence_options(sequence),
        referring="",
        **{**declared.facts(), "tail": declared.tail(lambda *_: "")},
    )


def absorbed_sequences(catalog: Catalog, run: Run) -> list[tuple[Column, Sequence]]:
    """The columns that own the sequence of their default, and nothing else uses it.

    An identity column's sequence is named after table and column, so one of that name may be used
    elsewhere and still be absorbed.
    """
    found: list[tuple[Column, Sequence]] = []
    defaults: Counter[ObjectRef] = Counter()
    for table in catalog.tables():
        for column in table.columns.values():
            name = nextval_argument(column.default)
            sequence = catalog.relation(name_from_text(name)) if name else None
            if not isinstance(sequence, Sequence):
                continue
            defaults[sequence.ref] += 1
            if sequence.owned_by == (table.name, column.name):
                found.append((column, sequence))
    return [
        (column, sequence)
        for column, sequence in found
        if sequence.name == implicit_name(column)
        or (defaults[sequence.ref] == 1 and sequence.ref not in run.used_sequences)
    ]


def implicit_name(column: Column) -> Name:
    """The name PostgreSQL gives to the sequence of a serial or identity column."""
    table = column.table.name
    return Name(table.schema, f"{table.name}_{column.name}_seq")


def sequence_options(sequence: Sequence) -> str:
    """What an identity column must be told to go on where a sequence stands; a blank ends it."""
    step = sequence.increment or 1
    start = sequence.start if sequence.last_value is None else sequence.last_value + step
    return identity_options_text(
        start, step, sequence.minvalue, sequence.maxvalue, cycle=sequence.cycle
    )


def identity_options_text(
    start: int | None, step: int, low: int | None, high: int | None, *, cycle: bool
) -> str:
    """Sequence options in words, those left out that say what goes without saying."""
    words: list[str] = []
    low = None if low in (_LEAST if step < 0 else {1}) else low
    high = None if high in ({-1} if step < 0 else _LARGEST) else high
    first, last = (low, high) if step > 0 else (high, low)
    if start is not None and last is not None and (start - last) * step > 0:  # used up
        if cycle:
            start = first
        elif step > 0:
            high = None
        else:
            low = None
    is_bounded = (low if step > 0 else high) is not None
    if start is not None and (is_bounded or start != (1 if step > 0 else -1)):
        words.append(f"START WITH {start}")
    if step != 1:
        words.append(f"INCREMENT BY {step}")
    if low is not None:
        words.append(f"MINVALUE {low}")
    if high is not None:
        words.append(f"MAXVALUE {high}")
    if cycle:
        words.append("CYCLE")
    return "".join(word + " " for word in words)


def owned_sequence(catalog: Catalog, column: Column) -> Sequence | None:
    """The sequence that is both this column's default and owned by it."""
    name = nextval_argument(column.default)
    sequence = catalog.relation(name_from_text(name)) if name else None
    if isinstance(sequence, Sequence) and sequence.owned_by == (column.table.name, column.name):
        return sequence
    return None


def nextval_argument(default: ast.Node | None) -> str | None:
    """The sequence name in `nextval('…'::regclass)`."""
    if not isinstance(default, ast.FuncCall) or name_of(default.funcname).name != "nextval":
        return None
    return sequence_argument(default)


def sequence_argument(call: ast.FuncCall) -> str | None:
    """The literal that names the sequence in a call of nextval, currval or setval."""
    argument = call.args[0] if call.args else None
    while isinstance(argument, ast.TypeCast):
        argument = argument.arg
    if isinstance(argument, ast.A_Const) and isinstance(argument.val, ast.String):
        return str(argument.val.sval)
    return None


# Registered from columns_identity, behind the detectors whose findings it looks up.
def key_reference_type(catalog: Catalog, here: Here) -> Found:
    """Columns that refer to a key which becomes bigint (or uuid) must change with it."""
    keys = [(f.object, f) for f in here.run.findings if f.rule in _WIDENED]
    if not keys:
        return
    referring = _referring(catalog)
    sharers = _sharers(catalog)
    seen = {ref for ref, _ in keys}
    while keys:
        key, cause = keys.pop()
        shared = [c for c in sharers.get(key, ()) if c.ref not in seen]
        referred = [c for c in referring.get(key, ()) if c.ref not in seen and c not in shared]
        columns = [*referred, *shared]
        names = ", ".join(_as_declared(column) for column in columns)
        if names and "referring" in cause.facts:
            joined = cause.facts["referring"]
            cause.facts["referring"] = f"{joined}, {names}" if joined else f": {names}"
        for column in columns:
            seen.add(column.ref)
            cause.also = (*cause.also, column.ref)
            keys.append((column.ref, cause))
            if column.node is None:
                _widen_inherited(column, here)
            declared = declared_column(column, here) if column.node is not None else None
            if declared is None:
                continue
            resolved = resolve(catalog, declared.type)
            yield here.found(
                "key-reference-type",
                declared.span,
                about=declared.ref,
                case="bigint" if resolved.base == "bigint" else "shared" * (column in shared),
                cause=cause,
                before=declared.before,
                key_column=f"{Name(key.schema, key.table or '')}.{quote(key.name)}",
                **declared.facts(),
            )


def _as_declared(column: Column) -> str:
    ref = declared_ref(column)
    return f"{quote(ref.name)} of {Name(ref.schema, ref.table or '')}"


def _widen_inherited(column: Column, here: Here) -> None:
    """A column that only INHERITS names: the rewrite of that writes it out, with a type."""
    found = here.earlier("table-inheritance", column.table.ref)
    if found is not None and "edited" in found.facts and here.run.is_accepted("identity-column"):
        name = quote(column.name)
        words = rf"([(,] ?){re.escape(name)} +(?:smallint|integer|int[24]?)\b"
        new, text = f"{name} bigint", found.facts["edited"]
        found.facts["edited"] = re.sub(words, lambda m: m[1] + new, text, count=1, flags=re.I)


def _sharers(catalog: Catalog) -> dict[ObjectRef, list[Column]]:
    """The short columns that hold another's numbers, by that one."""
    found: dict[ObjectRef, list[Column]] = {}
    for column, other in sharing(catalog):
        base = resolve(catalog, column.type).base if column.type is not None else ""
        if base in ("smallint", "integer"):
            for ref in {other.ref, declared_ref(other)}:
                found.setdefault(ref, []).append(column)
    return found


def _referring(catalog: Catalog) -> dict[ObjectRef, list[Column]]:
    """The columns of foreign keys, by the column that each refers to."""
    found: dict[ObjectRef, list[Column]] = {}
    for table in catalog.tables():
        for constraint in table.constraints_of("foreign key"):
            target = catalog.table(constraint.referenced) if constraint.referenced else None
            if target is None:
                continue
            key = target.primary_key
            names = constraint.referenced_columns or (key.columns if key else ())
            for own, other in zip(constraint.columns, names, strict=False):
                column, aim = table.columns.get(own), target.columns.get(other)
                if column is not None and aim is not None and column.node is not None:
                    for ref in {aim.ref, declared_ref(aim)}:
                        found.setdefault(ref, []).append(column)
    return found


def sharing(catalog: Catalog) -> Iterator[tuple[Column, Column]]:
    """Columns that hold the numbers of another, each with that one: a child's that its parent has,
    and those that draw from another column's counter."""
    for table in catalog.tables():
        parents = [] if table.is_partition else [catalog.table(name) for name in table.parents]
        for column in table.columns.values():
            above = [p.columns[column.name] for p in parents if p and column.name in p.columns]
            drawn = nextval_argument(column.default)
            counter = counted_by(catalog, name_from_text(drawn)) if drawn else None
            if counter is not None and counter[1] not in (column, *above):
                above.append(counter[1])
            yield from ((column, other) for other in above)


def counted_by(catalog: Catalog, name: Name) -> tuple[Name, Column] | None:
    """The sequence that an identity or SERIAL column brought along, in full, and that column."""
    found = catalog.relation(name)
    if isinstance(found, Sequence):
        owner = catalog.table(found.owned_by[0]) if found.owned_by else None
        column = owner.columns.get(found.owned_by[1]) if owner and found.owned_by else None
        is_own = column is not None and owned_sequence(catalog, column) is found
        return (found.name, column) if column and is_own and _is_implicit(found, column) else None
    known = (n for n in catalog.candidates(name) if n in catalog.identities)
    return next(((n, catalog.identities[n]) for n in known), None)


def _is_implicit(sequence: Sequence, column: Column) -> bool:
    return sequence.name == implicit_name(column)
