"""SQL that counts and sums up each table, alike on both sides, so that two answers can be compared.

Values are compared as text after conversion.  The sum of hashes needs no order and no memory, and
is made of functions that both servers have.
"""

from __future__ import annotations

from dsql_compat.guide.view import View
from dsql_compat.rewriting.conversion_sql import converted
from dsql_compat.rewriting.load_plan import TableLoad
from dsql_compat.rewriting.model import Column
from dsql_compat.sql.names import literal, quote

_SESSION = (
    "SET timezone = 'UTC';\nSET datestyle = 'ISO, YMD';\n"
    "SET intervalstyle = 'postgres';\nSET extra_float_digits = 1;\n"
)


def check_files(view: View) -> dict[str, str]:
    """The queries for both sides, a row of the answer for each table, in the same order."""
    queries = [(source_query(load), target_query(load)) for load in view.loads if _compared(load)]
    if not queries:
        return {}
    head = (
        "-- {}: psql --no-psqlrc --quiet --csv --file {} > {}.csv, then compare both with diff.\n"
    )
    return {
        "checks/source.sql": head.format("PostgreSQL", "source.sql", "source")
        + _SESSION
        + "".join(f"\n{before}\n" for before, _ in queries),
        "checks/target.sql": head.format("Aurora DSQL", "target.sql", "target")
        + _SESSION
        + "".join(f"\n{after}\n" for _, after in queries),
    }


def source_query(load: TableLoad) -> str:
    """What the source answers with for a table, partitions included."""
    columns = [_of_source(column) for column in _compared(load)]
    root = load.table.sources[0]
    listed = ",\n    ".join(columns)
    rows = f"SELECT {listed}\n    FROM {root.name}"
    if not root.is_partitioned:
        parts = [f"SELECT {listed}\n    FROM ONLY {t.name}" for t in load.table.sources]
        rows = " UNION ALL ".join(parts)
    return _query(load, rows, len(columns))


def target_query(load: TableLoad) -> str:
    """What the cluster answers with for it."""
    columns = [_text(quote(column.name), column) for column in _compared(load)]
    listed = ",\n    ".join(columns)
    return _query(load, f"SELECT {listed}\n    FROM {load.table.name}", len(columns))


def _query(load: TableLoad, rows: str, width: int) -> str:
    names = [f"c{number}" for number in range(1, width + 1)]
    text = " || '|' || ".join(f"coalesce({name}, '~')" for name in names)
    return (
        f"SELECT {literal(str(load.table.name))} AS table_name, count(*) AS rows, coalesce(sum(\n"
        "    get_byte(h, 0)::bigint * 16777216 + get_byte(h, 1) * 65536 + "
        "get_byte(h, 2) * 256 + get_byte(h, 3)\n"
        f"  ), 0) AS checksum\nFROM (SELECT decode(md5({text}), 'hex') AS h\n"
        f"  FROM ({rows}) AS r ({', '.join(names)})) AS hashes;"
    )


def _compared(load: TableLoad) -> list[Column]:
    """The columns that the load brings."""
    return [c for c in load.table.columns if c.source is not None and c.generated is None]


def _of_source(column: Column) -> str:
    return _text(converted(column), column)


def _text(value: str, column: Column) -> str:
    return f"encode({value}, 'hex')" if column.type == "bytea" else f"({value})::text"
