"""Where identity columns and sequences go on after the load.

The source is asked, as it knows both how far its sequences are and which numbers its rows have.
What it answers are the statements for the cluster, one DDL each.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from dsql_compat.catalog.model import Column as SourceColumn
from dsql_compat.catalog.model import Sequence, Table
from dsql_compat.catalog.types import resolve
from dsql_compat.checks.columns import nextval_argument
from dsql_compat.guide.view import View
from dsql_compat.rewriting.model import Rewrite
from dsql_compat.sql.names import literal, name_from_text, quote

_HEAD = """\
-- PostgreSQL 10 or newer, once nobody writes. Prints a statement for each counter of the cluster:
-- psql --no-psqlrc --quiet --tuples-only --no-align --file counters.sql <source> > restart.sql
-- psql --no-psqlrc --set ON_ERROR_STOP=1 --file restart.sql <cluster>
-- Each goes on behind both the source's own counter and the furthest number of its rows, and keeps
-- to its step. A line that begins with -- needs a person.
"""
_BOUND = {word: re.compile(rf"\b{word} (-?\d+)") for word in ("MINVALUE", "MAXVALUE")}
_SESSION = "SET client_encoding = 'UTF8';\nSET row_security = off;\n"
_INTEGERS = ("smallint", "integer", "bigint")
_LAST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Counter:
    """What gives numbers on the cluster, and where the source keeps the same.

    `restart` is the statement up to the number, `sequence` SQL for the name of the source's, and
    `columns` those of the source that are numbered by it, with their tables.
    """

    what: str
    restart: str
    sequence: str
    options: str
    columns: tuple[tuple[Table, str], ...]

    @property
    def start(self) -> int | None:
        """Where the result begins to count, if not at the beginning."""
        found = re.search(r"\bSTART (?:WITH )?(-?\d+)", self.options)
        return int(found[1]) if found else None


def counters(rewrite: Rewrite) -> list[Counter]:
    """Identity columns in the order of their tables, then sequences."""
    return [*_identities(rewrite), *_sequences(rewrite)]


def _identities(rewrite: Rewrite) -> Iterator[Counter]:
    for table in rewrite.tables:
        for column in table.columns:
            if column.identity is None or column.source is None:
                continue
            source, name = column.source, quote(column.name)
            written = nextval_argument(source.default)
            asked = (
                literal(str(name_from_text(written)))
                if written
                else f"pg_get_serial_sequence({literal(str(source.table.name))}, "
                f"{literal(source.name)})"
            )
            yield Counter(
                f"{table.name}.{name}",
                f"ALTER TABLE {table.name} ALTER COLUMN {name} RESTART WITH ",
                asked,
                column.identity.options,
                tuple((t, source.name) for t in _whole(table.sources)),
            )


def _whole(sources: list[Table]) -> list[Table]:
    """The tables to ask for all rows: a partitioned one answers for its partitions."""
    return sources[:1] if sources[0].is_partitioned else sources


def _sequences(rewrite: Rewrite) -> Iterator[Counter]:
    for item in rewrite.items:
        if item.ref.kind != "sequence" or not item.sql.startswith("CREATE SEQUENCE"):
            continue
        sequence = next(s for s in rewrite.catalog.sequences() if s.ref == item.ref)
        yield Counter(
            str(sequence.name),
            f"ALTER SEQUENCE {sequence.name} RESTART WITH ",
            literal(str(sequence.name)),
            item.sql,
            tuple(_numbered_by(rewrite, sequence)),
        )


def _numbered_by(rewrite: Rewrite, sequence: Sequence) -> Iterator[tuple[Table, str]]:
    """The columns of integers that take their default from a sequence."""
    for table in rewrite.catalog.tables():
        for column in table.columns.values():
            name = nextval_argument(column.default)
            used = rewrite.catalog.relation(name_from_text(name)) if name else None
            if used is sequence and _is_number(rewrite, column):
                yield table, column.name


def _is_number(rewrite: Rewrite, column: SourceColumn) -> bool:
    return column.type is not None and resolve(rewrite.catalog, column.type).base in _INTEGERS


def counters_file(view: View) -> str:
    """The script for the source; empty where nothing counts."""
    found = counters(view.rewrite)
    if not found:
        return ""
    rows = ",\n".join(_row(number, counter) for number, counter in enumerate(found, 1))
    return f"{_HEAD}\n{_SESSION}\n{_QUERY.format(rows=rows)}"


# Of a sequence that cycles only its own place counts: its rows may have any number.
_QUERY = """\
WITH counters (place, restart, sequence, start, low, high, most, least) AS (VALUES
{rows}
), seen AS (
  SELECT c.*, coalesce(s.seqincrement, 1) AS step, s.seqcycle, s.seqmin, s.seqmax,
    coalesce(pg_sequence_last_value(c.sequence)::numeric + s.seqincrement, s.seqstart, c.start)
      AS next,
    coalesce(has_sequence_privilege(c.sequence, 'SELECT, USAGE'), true) AS is_seen
  FROM counters AS c LEFT JOIN pg_sequence AS s ON s.seqrelid = c.sequence
), told AS (
  SELECT *, CASE
    WHEN seqcycle AND next > seqmax THEN seqmin
    WHEN seqcycle AND next < seqmin THEN seqmax
    WHEN seqcycle THEN next
    WHEN step > 0 AND most >= next THEN next + step * (div(most - next, step) + 1)
    WHEN step < 0 AND least <= next THEN next + step * (div(least - next, step) + 1)
    ELSE next END AS number
  FROM seen
)
SELECT CASE WHEN is_seen AND number BETWEEN low AND high THEN restart || number || ';'
  ELSE '-- ' || regexp_replace(restart, '[[:space:]]+', ' ', 'g') || '?; -- '
    || CASE WHEN is_seen THEN 'used up' ELSE 'its sequence cannot be read' END END
FROM told ORDER BY place;
"""


def _row(number: int, counter: Counter) -> str:
    low, high = (_bound(counter.options, word) for word in _BOUND)
    return (
        f"  ({number}, {literal(counter.restart)},\n    to_regclass({counter.sequence}), "
        f"{1 if counter.start is None else counter.start}, {low}, {high},{_extremes(counter)})"
    )


def _extremes(counter: Counter) -> str:
    """The furthest numbers in both directions, over all columns."""
    if not counter.columns:
        return " NULL::numeric, NULL::numeric"
    ends = []
    for end, best in (("max", "greatest"), ("min", "least")):
        each = [
            f"(SELECT {end}({quote(column)}) FROM {'' if t.is_partitioned else 'ONLY '}{t.name})"
            for t, column in counter.columns
        ]
        joined = ",\n    ".join(each)
        ends.append(f"{best}({joined})::numeric" if len(each) > 1 else f"{joined}::numeric")
    return "\n    " + ",\n    ".join(ends)


def _bound(options: str, word: str) -> str:
    found = _BOUND[word].search(options)
    if found:
        return found[1]
    is_falling = "INCREMENT BY -" in options or "INCREMENT -" in options
    if word == "MINVALUE":
        return str(-_LAST - 1) if is_falling else "1"
    return "-1" if is_falling else str(_LAST)
