"""CSV files of the source's rows with values converted, for a loader that converts none."""

from __future__ import annotations

from dsql_compat.guide.check_values import compared, stored
from dsql_compat.guide.sums import SOURCE_SESSION, rows_of
from dsql_compat.guide.view import View
from dsql_compat.rewriting.load_plan import LARGE, TableLoad
from dsql_compat.sql.names import literal, quote, quote_list

_HEAD = """\
-- PostgreSQL: psql --no-psqlrc --quiet --file export.sql
-- Writes a CSV file with a header for each table, as the cluster stores the values. NULL is nothing
-- between two commas, an empty text is "".
"""


def is_large(view: View) -> bool:
    """Whether the rows are too many for psql."""
    return sum(load.bytes for load in view.loads) >= LARGE


def export_file(view: View) -> str:
    """The script; empty where `rewrite --data` does."""
    if not is_large(view):
        return ""
    copies = "".join(f"{_copy(load, view)}\n" for load in view.loads if loaded(load))
    return f"{_HEAD}\n{SOURCE_SESSION}{copies}"


def loaded(load: TableLoad) -> list[str]:
    """The columns that are in the file: those that the cluster does not compute itself."""
    return [column.name for column in compared(load) if column.generated is None]


def _copy(load: TableLoad, view: View) -> str:
    """One line, as psql wants it."""
    columns = [column for column in compared(load) if column.generated is None]
    values = [f"{stored(c, view.rewrite.catalog)} AS {quote(c.name)}" for c in columns]
    rows = " ".join(part.strip() for part in rows_of(load, values).split("\n"))
    file = literal(f"{load.stem}.csv")
    names = quote_list(loaded(load))
    return f"\\copy (SELECT {names} FROM ({rows}) AS r) TO {file} WITH (FORMAT csv, HEADER)"
