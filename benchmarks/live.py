"""How long a live database takes: 5,000 tables with 100,000 columns on the embedded server.

python benchmarks/live.py [--tables N] [--columns N] [--dsn URI]

Prints the seconds of each stage.  With --dsn, an existing database is measured as it is.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg

from dsql_compat.pipeline import analyze_inputs
from dsql_compat.sources.database.collect import Collector
from dsql_compat.sources.database.connect import connect
from dsql_compat.sources.database.dump import DatabaseReader
from dsql_compat.sources.database.order import in_order
from dsql_compat.sources.files import find_inputs
from dsql_compat.sql.statements import Statement, unchecked_nodes

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.real.server import embedded

TYPES = ("text", "integer", "bigint", "timestamp with time zone", "numeric(12,2)", "uuid", "jsonb")
BATCH = 250  # tables of a transaction, each with locks of its own


def table(number: int, columns: int) -> Iterator[str]:
    """A table with a serial key, an index, a check, a foreign key and a comment."""
    name = f"bench.t{number:05d}"
    listed = ", ".join(
        f"c{n:02d} {TYPES[n % len(TYPES)]}{' NOT NULL DEFAULT 0' if n % 7 == 1 else ''}"
        for n in range(columns - 2)
    )
    refers = f"bench.t{number - 1:05d}" if number % 10 else name
    yield (
        f"CREATE TABLE {name} (id bigserial PRIMARY KEY, parent bigint REFERENCES {refers},"
        f" {listed}, CHECK (c01 >= 0))"
    )
    yield f"CREATE INDEX ON {name} (c00, c03)"
    yield f"COMMENT ON TABLE {name} IS 'number {number}'"
    if number % 10 == 0:
        yield f"CREATE VIEW bench.v{number:05d} AS SELECT id, c00 FROM {name} WHERE c01 > 0"


def fill(dsn: str, tables: int, columns: int) -> None:
    """Make the tables."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA bench")
        for start in range(0, tables, BATCH):
            numbers = range(start, min(start + BATCH, tables))
            connection.execute(";\n".join(s for n in numbers for s in table(n, columns)))


def measure(dsn: str) -> None:
    """Print what each stage takes."""
    gc.disable()  # as the command does
    begin = time.perf_counter()
    with connect(dsn) as connection:
        found = Collector(connection).read()
    read = time.perf_counter()
    in_order(found.items)
    ordered = time.perf_counter()
    columns = sum(len(t.columns) for t in found.tables.values() if t.row["kind"] in "rp")
    tables = sum(t.row["kind"] in "rp" for t in found.tables.values())
    print(f"{tables:,} tables, {columns:,} columns")
    print(f"read the catalog            {read - begin:6.2f} s")
    print(f"bring it into order         {ordered - read:6.2f} s")
    (source,) = find_inputs([dsn])
    begin = time.perf_counter()
    with unchecked_nodes():
        statements = sum(isinstance(event, Statement) for event in DatabaseReader(source))
    print(f"all events, parsed          {time.perf_counter() - begin:6.2f} s ({statements:,})")
    begin = time.perf_counter()
    report = analyze_inputs([source])
    print(f"analyze, the whole          {time.perf_counter() - begin:6.2f} s")
    print(f"{len(report.findings):,} findings")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=int, default=5000)
    parser.add_argument("--columns", type=int, default=20, help="of each table")
    parser.add_argument("--dsn", help="measure this database, make nothing")
    options = parser.parse_args()
    if options.dsn:
        measure(options.dsn)
        return
    with embedded({}) as server:
        server.create("bench")
        fill(server.url("bench"), options.tables, options.columns)
        measure(server.url("bench"))


if __name__ == "__main__":
    main()
