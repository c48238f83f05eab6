"""Keys over citext: the values are text now, and unique by lower() where DSQL can index that."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dsql_compat.catalog import model as source
from dsql_compat.findings import ObjectRef
from dsql_compat.rewriting.caseless import is_caseless_column
from dsql_compat.rewriting.free_names import free_name
from dsql_compat.rewriting.model import Item, Key
from dsql_compat.rewriting.numbering import referenced_columns
from dsql_compat.rewriting.work import Work
from dsql_compat.sql.names import Name, quote, quote_list

_APART = "tells upper and lower case apart"


@dataclass(frozen=True, slots=True)
class CaselessKey:
    """A unique index that keeps a key's values apart without regard to case."""

    constraint: source.Constraint
    name: Name
    is_added: bool  # beside the key, which stays


def caseless_columns(work: Work, table: source.Table | None, names: Iterable[str]) -> list[str]:
    """Which of a table's columns paid no regard to case."""
    if not work.has_caseless or table is None:
        return []
    return [n for n in names if is_caseless_column(work.catalog, table.columns.get(n))]


def takes_key(work: Work, constraint: source.Constraint) -> bool:
    """Whether a unique index on lower() takes a key's place; says what else becomes of the key."""
    names = caseless_columns(work, constraint.table, constraint.columns)
    if not names:
        return False
    keys = _keys(work, constraint.table, constraint.columns)
    listed = quote_list(names)
    if not work.run.is_accepted("expression-index"):
        what = f"{_APART} in {listed}: DSQL has no index on lower() at this date"
        work.settle(constraint.ref, "changed", what)
        return False
    is_plain = constraint.kind == "unique" and not _is_referred(work, constraint)
    schema, name = constraint.table.name.schema, constraint.name
    if not is_plain:
        stem = "_".join([constraint.table.name.name, *constraint.columns, "lower"])
        name = free_name(stem, "idx", work.names(schema))
        what = f"{_APART} in {listed}; the unique index {quote(name)} on ({keys}) does not"
        work.settle(constraint.ref, "changed", what)
    else:
        what = (
            f"the unique index {quote(name)} on ({keys}); "
            f"ON CONFLICT ({quote_list(constraint.columns)}) becomes ON CONFLICT ({keys}), and "
            f"comparisons lower() of both sides"
        )
        work.settle(constraint.ref, "absorbed", what, constraint.statement)
    work.made_names.add(Name(schema, name))
    made = CaselessKey(constraint, Name(schema, name), not is_plain)
    work.caseless_keys.setdefault(constraint.table.name, []).append(made)
    return is_plain


def add_caseless_keys(work: Work) -> None:
    """The unique indexes that stand in for keys of tables that are there."""
    for table_name, keys in work.caseless_keys.items():
        for key in keys:
            if table_name in work.tables:
                _add(work, key)


def _add(work: Work, key: CaselessKey) -> None:
    constraint, node = key.constraint, key.constraint.node
    table = constraint.table
    columns = _keys(work, table, constraint.columns)
    sql = f"CREATE UNIQUE INDEX ASYNC {quote(key.name.name)} ON {table.name} ({columns})"
    if node.including and not key.is_added:
        sql += f" INCLUDE ({quote_list(part.sval for part in node.including)})"
    if node.nulls_not_distinct:
        sql += " NULLS NOT DISTINCT"
    ref = ObjectRef("index", key.name.name, key.name.schema, table.name.name)
    made, wanted = Key("relation", key.name), frozenset({Key("relation", table.name)})
    problem = work.add(Item(ref, sql, "after-load", made, wanted, waits=True))
    if problem is None:
        work.settle(ref, "changed", f"keeps {constraint.name} without regard to case")
    else:
        what = f"{_APART}: DSQL refuses the index on lower()"
        work.settle(constraint.ref, "left", what, constraint.statement, cause=problem)


def _keys(work: Work, table: source.Table, names: Iterable[str]) -> str:
    """The keys of an index over columns."""
    return ", ".join(index_key(work, table, name) for name in names)


def index_key(work: Work, table: source.Table | None, name: str) -> str:
    """A column as the key of an index: lower() of one that paid no regard to case."""
    is_lower = caseless_columns(work, table, [name]) and work.run.is_accepted("expression-index")
    return f"lower({quote(name)})" if is_lower else quote(name)


def index_note(work: Work, index: source.Index) -> str:
    """What an index on columns that paid no regard to case means less at a date without lower()."""
    names = [key.name for key in index.keys if key.name]
    found = caseless_columns(work, index.table, names)
    if not found:
        return ""
    is_plain = index.is_unique and refers_to_index(work, index)
    if work.run.is_accepted("expression-index") and not is_plain:
        return f"on lower() of {quote_list(found)}, which queries must say, too"
    return f"{_APART} in {quote_list(found)}"


def reference_note(work: Work, constraint: source.Constraint) -> str:
    """What a foreign key between such columns means less."""
    pairs = referenced_columns(work, constraint)
    found = [own.name for own, _ in pairs if is_caseless_column(work.catalog, own)]
    if not found:
        return ""
    return f"{_APART} in {quote_list(found)}: a reference must be spelled as the key is"


def refers_to_index(work: Work, index: source.Index) -> bool:
    """Whether a foreign key refers to a unique index, which therefore stays on the columns."""
    names = frozenset(key.name for key in index.keys if key.name)
    return index.table is not None and _is_aim(work, index.table.name, names)


def _is_referred(work: Work, constraint: source.Constraint) -> bool:
    return _is_aim(work, constraint.table.name, frozenset(constraint.columns))


def _is_aim(work: Work, table: Name, columns: frozenset[str]) -> bool:
    if work.choices.foreign_keys == "app-checks":
        return False
    return any(
        foreign.referenced is not None
        and (aim := work.catalog.table(foreign.referenced)) is not None
        and aim.name == table
        and frozenset(theirs.name for _, theirs in referenced_columns(work, foreign)) == columns
        for other in work.catalog.tables()
        for foreign in other.constraints_of("foreign key")
    )
