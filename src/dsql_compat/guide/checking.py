"""SQL that counts and sums up each table, alike on both sides, so that two answers can be compared.

Values are compared as text after conversion.  A sum of hashes needs no order and no memory.  The
hash is made a number by way of its text: DSQL has no column of type bit, and nothing says that it
has get_byte; md5, substr, translate and replace are plain functions of PostgreSQL 16.
"""

from __future__ import annotations

from dsql_compat.guide.check_values import compared, passed_over, source_text, target_text
from dsql_compat.guide.counting import counters_file
from dsql_compat.guide.exporting import export_file
from dsql_compat.guide.slicing import is_big, sliced, slices_file
from dsql_compat.guide.sums import SESSION, SOURCE_SESSION, checksum, hashed, rows_of
from dsql_compat.guide.view import View
from dsql_compat.rewriting.load_plan import TableLoad
from dsql_compat.sql.names import literal

_HEAD = """\
-- {side}: psql --no-psqlrc --quiet --csv --file {name}.sql > {name}.csv
-- A row for each table: how many rows, and the sum of a hash of each, made of the first 15 digits
-- of its md5. Both files answer alike if the rows are the same; diff shows the tables that differ.
"""


def check_files(view: View) -> dict[str, str]:
    """The queries for both sides, those for big tables, the counters, the export of many rows."""
    if not view.loads:
        return {}
    files = {}
    cut = {load.number for load in sliced(view) if is_big(load)}
    whole = [load for load in view.loads if load.number not in cut]
    notes = "".join(f"-- {line}\n" for line in [*_elsewhere(view), *not_compared(view)])
    for name, side, session in (
        ("source", "PostgreSQL", SOURCE_SESSION),
        ("target", "Aurora DSQL", SESSION),
    ):
        make = source_query if name == "source" else target_query
        queries = "".join(f"\n{make(load, view)}\n" for load in whole)
        files[f"checks/{name}.sql"] = (
            _HEAD.format(side=side, name=name) + notes + "\n" + session + queries
        )
    others = {
        "slices": slices_file(view),
        "counters": counters_file(view),
        "export": export_file(view),
    }
    return files | {f"checks/{name}.sql": text for name, text in others.items() if text}


def _elsewhere(view: View) -> list[str]:
    """Where the big tables are."""
    cut = sliced(view)
    how = {
        True: "in slices.sql",
        False: "has no key to cut it by, so it may end too late",
    }
    return [
        " ".join(f"{load.table.name}: {how[load in cut]}".split())
        for load in view.loads
        if is_big(load)
    ]


def not_compared(view: View) -> list[str]:
    """What no query compares, a line for each table."""
    lines = []
    for load in view.loads:
        notes = passed_over(load)
        if notes:
            lines.append(f"{load.table.name}: not compared: {', '.join(notes)}")
    taken = {id(source) for table in view.rewrite.tables for source in table.sources}
    lines += [
        f"{table.name}: not compared: it is not in the result"
        for table in view.rewrite.catalog.tables()
        if id(table) not in taken
    ]
    return [" ".join(line.split()) for line in lines]


def source_query(load: TableLoad, view: View) -> str:
    """What the source answers with for a table, partitions included."""
    texts = [source_text(column, view.rewrite.catalog) for column in compared(load)]
    return _query(load, rows_of(load, texts), len(texts), is_source=True)


def target_query(load: TableLoad, view: View) -> str:
    """What the cluster answers with for it."""
    texts = [target_text(column, view.rewrite.catalog) for column in compared(load)]
    listed = ",\n    ".join(texts)
    return _query(load, f"SELECT {listed}\n    FROM {load.table.name}", len(texts))


def _query(load: TableLoad, rows: str, width: int, *, is_source: bool = False) -> str:
    name = literal(str(load.table.name))
    if not width:
        return f"SELECT {name} AS table_name, count(*) AS rows, 0 AS checksum\nFROM ({rows}) AS r;"
    names = [f"c{number}" for number in range(1, width + 1)]
    return (
        f"SELECT {name} AS table_name, count(*) AS rows,\n"
        f"  {checksum('h')} AS checksum\n"
        f"FROM (SELECT {hashed(names, is_source=is_source)} AS h\n"
        f"  FROM ({rows}) AS r ({', '.join(names)})) AS hashes;"
    )
