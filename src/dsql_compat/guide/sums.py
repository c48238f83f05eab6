"""The pieces that queries of both sides are made of: settings, hashes, sums."""

from __future__ import annotations

from collections.abc import Sequence

from dsql_compat.rewriting.load_plan import TableLoad

# What DSQL lets a session set, and values as text depend on.
SESSION = (
    "SET client_encoding = 'UTF8';\nSET timezone = 'UTC';\nSET datestyle = 'ISO, YMD';\n"
    "SET intervalstyle = 'postgres';\nSET extra_float_digits = 1;\n"
)
# The rest is fixed on DSQL. Without the last, row level security would hide rows and say nothing.
SOURCE_SESSION = SESSION + "SET bytea_output = 'hex';\nSET row_security = off;\n"


def checksum(value: str) -> str:
    """The sum of hashes: of each, 15 digits as a number, letters read as digits, too."""
    return f"coalesce(sum(translate(substr({value}, 1, 15), 'abcdef', '012345')::bigint), 0)"


def hashed(names: Sequence[str], *, is_source: bool) -> str:
    """The hash of a row of texts: NULL is no text, and no value can pass for two.

    The source may not keep its texts in UTF-8.
    """
    parts = [f"coalesce('=' || replace({name}, '|', '||'), '-')" for name in names]
    text = " || '|' ||\n    ".join(parts)
    return f"md5(convert_to({text}, 'UTF8'))" if is_source else f"md5({text})"


def rows_of(load: TableLoad, columns: Sequence[str]) -> str:
    """A query for columns of a table in the source, with those of all its partitions."""
    listed = ",\n    ".join(columns)
    root = load.table.sources[0]
    if root.is_partitioned:
        return f"SELECT {listed}\n    FROM {root.name}"
    return "\n  UNION ALL ".join(
        f"SELECT {listed}\n    FROM ONLY {source.name}" for source in load.table.sources
    )
