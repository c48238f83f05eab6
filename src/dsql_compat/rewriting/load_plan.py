"""The order, size and conversions of a load: what people and machines need to bring the rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dsql_compat.catalog.model import Constraint as SourceConstraint
from dsql_compat.catalog.types import display
from dsql_compat.rewriting.batches import MOST_BYTES, MOST_ROWS, Batches, overhead
from dsql_compat.rewriting.model import Column, Rewrite, Table
from dsql_compat.rewriting.routes import Losses, Route
from dsql_compat.sql.names import Name, quote, quote_list

WIDEST_ROW, WIDEST_VALUE = 2 << 20, 1 << 20
LARGE = 1 << 30  # bytes from which on the official loader is the better choice
_UNSAFE = re.compile(r"[^\w.-]+")
_LONGEST_SLUG = 80

_WORDS = {
    "array": "`{a,b}` → `[a, b]`, `{}` → `[]`",
    "composite": "`(a,b)` → an object with the attributes' names",
    "hstore": '`"a"=>"1"` → `{"a": "1"}`',
    "money": "without currency sign and thousands separators; parentheses are a minus",
    "range-lower": "the lower bound; NULL where there is none",
    "range-upper": "the upper bound; NULL where there is none",
    "point-x": "the first coordinate",
    "point-y": "the second coordinate",
    "unpadded": "without the blanks at the end",
    "text": "the text of the value",
}


@dataclass(frozen=True, slots=True)
class TableLoad:
    """The load of one table.  `late` are foreign keys of a circle, which no order can satisfy."""

    table: Table
    number: int
    stem: str
    late: tuple[SourceConstraint, ...]

    @property
    def rows(self) -> int:
        """Rows in the source."""
        return sum(source.data.rows for source in self.table.sources)

    @property
    def bytes(self) -> int:
        """Their bytes as text."""
        return sum(source.data.bytes for source in self.table.sources)

    @property
    def widest_row(self) -> int:
        """The longest row's bytes."""
        return max((source.data.widest_row for source in self.table.sources), default=0)

    @property
    def batch_rows(self) -> int:
        """Rows of a transaction, by the average row."""
        keys = sum(1 for c in self.table.constraints if c.kind == "unique")
        average = self.bytes / self.rows if self.rows else 0
        cost = average * (1 + keys) + overhead(len(self.table.columns), keys)
        return max(1, min(MOST_ROWS, int(MOST_BYTES / cost)))

    @property
    def transactions(self) -> int:
        """How many such transactions the rows take."""
        return -(-self.rows // self.batch_rows)

    @property
    def wide_values(self) -> dict[str, int]:
        """Columns with values that DSQL does not take, and the widest one's bytes."""
        found: dict[str, int] = {}
        for source in self.table.sources:
            for name, width in source.data.widest_values.items():
                if width > WIDEST_VALUE:
                    found[name] = max(width, found.get(name, 0))
        return found

    @property
    def warnings(self) -> list[str]:
        """What DSQL refuses of these rows, whatever the batch."""
        found = []
        if self.widest_row > WIDEST_ROW:
            found.append(f"a row of {_size(self.widest_row)}, and DSQL takes 2 MiB")
        found += [
            f"a value of {_size(width)} in {quote(name)}, and DSQL takes 1 MiB"
            for name, width in self.wide_values.items()
        ]
        return found

    @property
    def converted(self) -> list[tuple[Column, str]]:
        """The columns whose values change, and how."""
        return [(c, _how(c)) for c in self.table.columns if _how(c)]

    @property
    def plain_now(self) -> list[Column]:
        """Columns that were generated and are not any more: nothing fills them."""
        return [
            column
            for column in self.table.columns
            if column.source is not None and column.source.generated and column.generated is None
        ]


@dataclass(frozen=True, slots=True)
class Skipped:
    """A statement about rows that `--data` does not carry over."""

    what: str
    table: str
    source: str
    line: int


@dataclass(frozen=True, slots=True)
class Written:
    """What `--data` wrote: batches with their files by table, and what it did not carry over."""

    batches: dict[str, tuple[Batches, list[str]]]
    skipped: list[Skipped]
    rows_left: dict[str, int]
    routes: list[Route]

    def of(self, table: Table) -> tuple[Batches, list[str]]:
        """What was written of one table."""
        return self.batches[str(table.name)]

    def notes(self, table: Table) -> list[str]:
        """What rows of a table lost or gained on the way."""
        mine = [route for route in self.routes if route.table is table]
        dropped = sorted({name for route in mine for name in route.dropped})
        numbered = sorted({name for route in mine for name in route.numbered})
        notes = []
        if dropped:
            notes.append(f"values of {quote_list(dropped)} are not carried over")
        if numbered:
            notes.append(f"DSQL numbers {quote_list(numbered)} anew: the source gives no values")
        totals: dict[str, Losses] = {}
        for way in mine:
            for name, part in way.losses.items():
                total = totals.setdefault(name, Losses())
                total.empty += part.empty
                total.unbounded += part.unbounded
                total.bounds += part.bounds
        return notes + [text for name, total in totals.items() for text in _lost(name, total)]


def _lost(name: str, losses: Losses) -> Iterator[str]:
    column = quote(name)
    if losses.empty:
        yield f"{losses.empty} empty ranges in {column} have two NULLs now, as no range has"
    if losses.unbounded:
        yield f"{losses.unbounded} ranges without bounds in {column} have two NULLs now"
    if losses.bounds:
        yield (
            f"{losses.bounds} ranges in {column} include their upper bound or exclude the lower "
            "one, which the columns do not say"
        )


# -- order --------------------------------------------------------------------------------------


def load_order(rewrite: Rewrite) -> list[TableLoad]:
    """The tables, each behind those it refers to as far as there is such an order."""
    tables = {table.name: table for table in rewrite.tables}
    keys = {table.name: _references(table, tables) for table in rewrite.tables}
    ordered: list[Name] = []
    waiting = list(tables)
    while waiting:
        done = set(ordered)
        ready = [n for n in waiting if all(to in done for _, to in keys[n])]
        ordered += ready or [_least_bound(waiting, keys, done)]
        waiting = [name for name in waiting if name not in set(ordered)]
    place = {name: number for number, name in enumerate(ordered)}
    width = max(3, len(str(len(ordered))))
    return [
        TableLoad(
            tables[name],
            number,
            f"{number:0{width}}-{_UNSAFE.sub('_', str(name))[:_LONGEST_SLUG].strip('_')}",
            tuple(key for key, to in keys[name] if place[to] >= number),
        )
        for number, name in enumerate(ordered, 1)
    ]


def _references(table: Table, tables: dict[Name, Table]) -> list[tuple[SourceConstraint, Name]]:
    """The foreign keys of a table with the other tables that they refer to."""
    roots = {source.name: made.name for made in tables.values() for source in made.sources}
    found = []
    for constraint in table.sources[0].constraints_of("foreign key"):
        to = roots.get(constraint.referenced) if constraint.referenced else None
        if to is not None and to != table.name:
            found.append((constraint, to))
    return found


def _least_bound(
    waiting: list[Name], keys: dict[Name, list[tuple[SourceConstraint, Name]]], done: set[Name]
) -> Name:
    """Where a circle is cut: the table that lacks least, and a member of the circle itself."""
    inside = set(waiting)

    def reaches_itself(start: Name) -> bool:
        seen: set[Name] = set()
        pending = [to for _, to in keys[start]]
        while pending:
            name = pending.pop()
            if name == start:
                return True
            if name in inside and name not in seen:
                seen.add(name)
                pending += [to for _, to in keys[name]]
        return False

    members = [name for name in waiting if reaches_itself(name)]
    return min(members, key=lambda name: sum(to not in done for _, to in keys[name]))


# -- words --------------------------------------------------------------------------------------


def _how(column: Column) -> str:
    source = column.source
    if source is None or source.type is None:
        return ""
    if column.conversion != "same":
        return _WORDS[column.conversion]
    if display(source.type) == "numeric" and column.type.startswith("numeric("):
        return "rounded to the digits of the new type"
    return ""


def _size(count: float) -> str:
    for unit in ("bytes", "KiB", "MiB"):
        if count < 1024:
            return f"{count:.0f} {unit}" if unit == "bytes" else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.1f} GiB"


# -- for machines and people --------------------------------------------------------------------


def load_json(rewrite: Rewrite, written: Written | None) -> dict[str, Any]:
    """The load as plan.json has it."""
    return {
        "limits": {"rows": MOST_ROWS, "bytes": MOST_BYTES},
        "tables": [_table_json(load, written) for load in load_order(rewrite)],
        "rows_left_behind": _rows_left(rewrite, written),
        "not_carried_over": [
            {"what": s.what, "table": s.table, "source": s.source, "line": s.line}
            for s in (written.skipped if written else ())
        ],
    }


def _table_json(load: TableLoad, written: Written | None) -> dict[str, Any]:
    found: dict[str, Any] = {
        "table": str(load.table.name),
        "rows_from": [str(source.name) for source in load.table.sources],
        "rows": load.rows,
        "bytes": load.bytes,
        "widest_row": load.widest_row,
        "batch_rows": load.batch_rows,
        "transactions": load.transactions,
        "foreign_keys_after": [key.name for key in load.late],
        "conversions": [
            {
                "from": c.source.name if c.source else None,
                "from_type": display(c.source.type) if c.source and c.source.type else None,
                "to": c.name,
                "to_type": c.type,
                "conversion": c.conversion,
            }
            for c, _ in load.converted
        ],
        "identities": [
            {"column": c.name, "next_value": c.identity.next_value}
            for c in load.table.columns
            if c.identity is not None
        ],
        "warnings": load.warnings,
    }
    if written is not None:
        batches, files = written.of(load.table)
        found["written"] = {
            "rows": batches.rows,
            "bytes": batches.text_size,
            "files": [f"load/{name}" for name in files],
            "notes": written.notes(load.table),
        }
    return found


def _rows_left(rewrite: Rewrite, written: Written | None) -> dict[str, int]:
    """Rows of tables that are not in the result."""
    if written is not None:
        return written.rows_left
    taken = {id(source) for table in rewrite.tables for source in table.sources}
    return {
        str(table.name): table.data.rows
        for table in rewrite.catalog.tables()
        if table.data.rows and id(table) not in taken
    }


def load_values(rewrite: Rewrite, written: Written | None) -> dict[str, Any]:
    """The values of the template load.md."""
    loads = load_order(rewrite)
    done = [written.of(load.table)[0] for load in loads] if written else []
    size = sum(batches.text_size for batches in done) or sum(load.bytes for load in loads)
    return {
        "loads": loads,
        "written": written,
        "rows": sum(batches.rows for batches in done) or sum(load.rows for load in loads),
        "bytes": size,
        "large": size >= LARGE,
        "left": _rows_left(rewrite, written),
        "size": _size,
        "quote": quote,
        "quote_list": quote_list,
        "shown": lambda column: display(column.source.type),
        "limits": (MOST_ROWS, _size(MOST_BYTES)),
    }
