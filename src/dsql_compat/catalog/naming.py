"""The names that PostgreSQL gives indexes and constraints without one: free in their schema."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from dsql_compat.catalog.model import Catalog, Table
from dsql_compat.sql.names import Name

_LONGEST = 63  # bytes of a name
_WITH_INDEX = ("primary key", "unique", "exclude")
_SUFFIX = {
    "primary key": "pkey",
    "unique": "key",
    "check": "check",
    "foreign key": "fkey",
    "exclude": "excl",
    "not null": "not_null",
}


def note_constraint(catalog: Catalog, table: Table, name: str) -> None:
    """Remember that a table has, or had, a constraint of a name."""
    catalog.constraint_tables.setdefault(name, []).append(table)


def constraint_name(catalog: Catalog, table: Table, kind: str, columns: Iterable[str]) -> str:
    """The name of a constraint that is given none."""
    middle = "" if kind == "primary key" else _joined(columns)

    def is_taken(name: str) -> bool:
        if name in table.constraints or _constraint_kinds(catalog, table, name):
            return True
        return kind in _WITH_INDEX and Name(table.name.schema, name) in catalog.relations

    return _free(table.name.name, middle, _SUFFIX[kind], is_taken)


def index_name(catalog: Catalog, table: Name, columns: Iterable[str]) -> str:
    """The name of an index that is given none; a key of a table is one, too."""

    def is_taken(name: str) -> bool:
        found = catalog.relation(table)
        own = found if isinstance(found, Table) else None
        kinds = _constraint_kinds(catalog, own, name, table.schema)
        return Name(table.schema, name) in catalog.relations or bool(kinds & set(_WITH_INDEX))

    return _free(table.name, _joined(columns), "idx", is_taken)


def _constraint_kinds(
    catalog: Catalog, own: Table | None, name: str, schema: str | None = None
) -> set[str]:
    """The kinds of constraints that have a name in a schema."""
    schema = own.name.schema if own is not None else schema
    return {
        table.constraints[name].kind
        for table in catalog.constraint_tables.get(name, ())
        if name in table.constraints
        and table.name.schema == schema
        and (table is own or catalog.relations.get(table.name) is table)
    }


def _free(first: str, middle: str, suffix: str, is_taken: Callable[[str], bool]) -> str:
    name, number = _fitted(first, middle, suffix), 0
    while is_taken(name):
        number += 1
        name = _fitted(first, middle, f"{suffix}{number}")
    return name


def _joined(columns: Iterable[str]) -> str:
    """The columns' part of a name; it stops where it is long enough."""
    found = ""
    for column in columns:
        found = f"{found}_{column}" if found else column
        if len(found.encode()) > _LONGEST:
            break
    return found


def _fitted(first: str, middle: str, suffix: str) -> str:
    """`first_middle_suffix` in 63 bytes: the longer of the two names is cut."""
    room = _LONGEST - len(suffix) - 1 - bool(middle)
    one, other = first.encode(), middle.encode()
    sizes = [len(one), len(other)]
    while sum(sizes) > room:
        sizes[0 if sizes[0] > sizes[1] else 1] -= 1
    parts = [_clipped(text, size) for text, size in zip((one, other), sizes, strict=True)]
    return "_".join([parts[0], *([parts[1]] if middle else []), suffix])


def _clipped(text: bytes, size: int) -> str:
    return text[:size].decode(errors="ignore")
