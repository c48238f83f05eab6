"""Big tables, compared range by range of their key: a query of DSQL ends after five minutes.

The source cuts: it sums up its own slices in one query, and writes the queries that the cluster
answers, one for each slice and each short.
"""

from __future__ import annotations

from dsql_compat.guide.check_values import (
    compared,
    ends_as_text,
    plain_type,
    source_text,
    stored,
    target_text,
)
from dsql_compat.guide.sums import SESSION, SOURCE_SESSION, checksum, hashed, rows_of
from dsql_compat.guide.view import View
from dsql_compat.rewriting.load_plan import LARGE, TableLoad
from dsql_compat.rewriting.model import Column
from dsql_compat.sql.names import literal, quote_list

SLICE = 100_000  # rows that a query of the cluster looks at
_FEW = 20  # tables that are all cut where no size is known; a script for more is long
BIG = 1_000_000  # rows from which on a table is compared in slices
_HEAD = """\
-- PostgreSQL: psql --no-psqlrc --quiet --file slices.sql
-- Writes slices-source.csv, what the source answers with for every {slice:,} rows of a table in the
-- order of its key, and slices-target.sql, the queries that the cluster answers to:
-- psql --no-psqlrc --quiet --file slices-target.sql <cluster> > slices-target.csv
-- Each row of an answer: table, slice, rows, sum of hashes. To be run while nobody writes.
"""


def is_big(load: TableLoad) -> bool:
    """Whether one query over all of it may not end in time."""
    return load.rows >= BIG or load.bytes >= LARGE


def sliced(view: View) -> list[TableLoad]:
    """The tables that are cut: those known to be big; of a few without any size, all with a key."""
    is_any = not any(load.rows for load in view.loads) and len(view.loads) <= _FEW
    return [load for load in view.loads if (is_any or is_big(load)) and _key(load)]


def slices_file(view: View) -> str:
    """The script for the source; empty where there is nothing to cut."""
    loads = sliced(view)
    if not loads:
        return ""
    ours = "".join(f"\n{_source_query(load, view)}\n" for load in loads)
    theirs = "".join(f"\n{_generator(load, view)}\n" for load in loads)
    settings = "".join(f"\\qecho {_argument(line)}\n" for line in SESSION.splitlines())
    return (
        _HEAD.format(slice=SLICE) + f"\n{SOURCE_SESSION}"
        "\\pset tuples_only on\nBEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;\n"
        f"\\pset format csv\n\\o slices-source.csv\n{ours}\n"
        f"\\pset format unaligned\n\\o slices-target.sql\n{settings}"
        "\\qecho '\\\\pset format csv'\n\\qecho '\\\\pset tuples_only on'\n"
        f"{theirs}\n\\o\nCOMMIT;\n"
    )


def _argument(line: str) -> str:
    return "'" + line.replace("'", "''") + "'"


def _key(load: TableLoad) -> list[Column]:
    """The columns of the key; none where a part of it does not come from the source."""
    found = next((c for c in load.table.constraints if c.kind == "primary key"), None)
    columns = {column.name: column for column in compared(load)}
    if found is None or not found.columns or not set(found.columns) <= set(columns):
        return []
    return [columns[name] for name in found.columns]


def _source_query(load: TableLoad, view: View) -> str:
    """Every slice of the source with its sum."""
    catalog = view.rewrite.catalog
    texts = [source_text(column, catalog) for column in compared(load)]
    names = [f"c{n}" for n in range(1, len(texts) + 1)]
    keys = [f"k{n}" for n in range(1, len(_key(load)) + 1)]
    rows = rows_of(load, [*_ordered(load, view), *texts])
    return (
        f"SELECT {literal(str(load.table.name))}, slice, count(*), {checksum('h')}\n"
        f"FROM (SELECT (row_number() OVER (ORDER BY {', '.join(keys)}) - 1) / {SLICE} AS slice,\n"
        f"  {hashed(names, is_source=True)} AS h\n"
        f"  FROM ({rows}) AS r ({', '.join([*keys, *names])})) AS hashes\n"
        "GROUP BY slice ORDER BY slice;"
    )


def _generator(load: TableLoad, view: View) -> str:
    """A query for the source that writes the cluster's queries, each from a key up to the next."""
    catalog, key = view.rewrite.catalog, _key(load)
    names = [f"k{n}" for n in range(1, len(key) + 1)]
    values = " || ', ' || ".join(
        f"quote_literal({name}::text) || {literal('::' + plain_type(column, catalog))}"
        for name, column in zip(names, key, strict=True)
    )
    rows = rows_of(load, _ordered(load, view))
    return (
        f"WITH keys AS (SELECT *, row_number() OVER (ORDER BY {', '.join(names)}) - 1 AS n\n"
        f"  FROM ({rows}) AS r ({', '.join(names)})),\n"
        f"cuts AS (SELECT n / {SLICE} AS slice, {values} AS first\n"
        f"  FROM keys WHERE n % {SLICE} = 0),\n"
        "slices AS (SELECT slice, CASE WHEN slice > 0 THEN first END AS low,\n"
        "  lead(first) OVER (ORDER BY slice) AS high FROM cuts)\n"
        f"SELECT {literal(f'SELECT {literal(str(load.table.name))}, ')} || slice\n"
        f"  || {literal(_summed(load, view))}\n"
        f"  || coalesce({_condition(key, '>=', 'low')}, 'true') || ' AND '\n"
        f"  || coalesce({_condition(key, '<', 'high')}, 'true') || ') AS r) AS hashes;'\n"
        "FROM slices ORDER BY slice;"
    )


def _summed(load: TableLoad, view: View) -> str:
    """The cluster's query from behind the slice's number up to its condition."""
    texts = [target_text(column, view.rewrite.catalog) for column in compared(load)]
    names = [f"c{n}" for n in range(1, len(texts) + 1)]
    listed = ",\n    ".join(f"{t} AS {n}" for t, n in zip(texts, names, strict=True))
    return (
        f", count(*), {checksum('h')}\nFROM (SELECT {hashed(names, is_source=False)} AS h\n"
        f"  FROM (SELECT {listed}\n    FROM {load.table.name}\n    WHERE "
    )


def _condition(key: list[Column], operator: str, bound: str) -> str:
    """SQL that writes a comparison of the key with a bound; NULL where there is none."""
    own = quote_list(column.name for column in key)
    if len(key) == 1:
        return f"{literal(f'{own} {operator} ')} || {bound}"
    return f"{literal(f'({own}) {operator} (')} || {bound} || ')'"


def _ordered(load: TableLoad, view: View) -> list[str]:
    """The key in the source, in the order that the cluster has: texts by their bytes."""
    catalog = view.rewrite.catalog
    return [
        stored(column, catalog) + (' COLLATE "C"' if ends_as_text(column, catalog) else "")
        for column in _key(load)
    ]
