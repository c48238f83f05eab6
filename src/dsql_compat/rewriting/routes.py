"""From the rows of one COPY or INSERT to those of a table of the result: which value goes where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from dsql_compat.rewriting.batches import MOST_ROWS, ROWS_OF_INSERT, Shape, overhead
from dsql_compat.rewriting.conversions import Converter, converter
from dsql_compat.rewriting.model import Column, Table
from dsql_compat.rewriting.row_log import Destination
from dsql_compat.rewriting.row_texts import (
    NULL,
    Literal,
    escape,
    split_fields,
    unescape,
    written,
)
from dsql_compat.rewriting.values import ValueFormError, range_bounds
from dsql_compat.sql.names import quote_list

KEY_KINDS = ("primary key", "unique")


class RowError(ValueError):
    """A row that cannot be taken; the message says which and why, never what it holds."""


@dataclass(frozen=True, slots=True)
class Step:
    """A value of the result: the place it comes from, and how it is converted."""

    place: int
    column: Column
    convert: Converter | None


@dataclass(slots=True)
class Losses:
    """What two columns for a range cannot say, counted."""

    empty: int = 0
    unbounded: int = 0
    bounds: int = 0  # other than [lower, upper)


@dataclass(slots=True)
class Route:
    """How rows with these columns go into a table.  `dropped` are source columns left behind."""

    table: Table
    steps: tuple[Step, ...]
    width: int
    dropped: tuple[str, ...]
    numbered: tuple[str, ...]  # identity columns that DSQL gives new numbers to
    losses: dict[str, Losses] = field(default_factory=dict)

    @property
    def is_same(self) -> bool:
        """Whether rows go on byte by byte."""
        return len(self.steps) == self.width and all(
            step.place == place and step.convert is None for place, step in enumerate(self.steps)
        )

    # -- COPY -----------------------------------------------------------------------------------

    def copied(self, rows: list[bytes], first: int) -> list[bytes]:
        """Rows of COPY, UTF-8; `first` is the number of the first one.  Raises RowError."""
        if self.is_same:
            tabs = self.width - 1
            for number, row in enumerate(rows, first):
                if row.count(b"\t") != tabs and len(split_fields(row)) != self.width:
                    raise RowError(self._misfit(number))
            return rows
        return [self._copied(row, number) for number, row in enumerate(rows, first)]

    def _misfit(self, number: int) -> str:
        return f"row {number} has not {self.width} values, as many as there are columns"

    def _copied(self, row: bytes, number: int) -> bytes:
        fields = split_fields(row)
        if len(fields) != self.width:
            raise RowError(self._misfit(number))
        values: list[bytes] = []
        for step in self.steps:
            value = fields[step.place]
            if step.convert is not None and value != NULL:
                new = self._converted(step, unescape(value), number)
                value = NULL if new is None else escape(new)
            values.append(value)
        return b"\t".join(values)

    def _converted(self, step: Step, text: str, number: int) -> str | None:
        assert step.convert is not None
        try:
            if step.column.conversion == "range-lower":
                self._note(step.column, text)
            return step.convert(text)
        except ValueFormError as error:
            name = step.column.source.name if step.column.source is not None else step.column.name
            raise RowError(
                f"row {number}, column {name}: no {error} in PostgreSQL's form"
            ) from None

    def _note(self, column: Column, text: str) -> None:
        found = range_bounds(text)
        assert column.source is not None
        losses = self.losses.setdefault(column.source.name, Losses())
        losses.empty += found.is_empty
        losses.unbounded += not found.is_empty and found.lower is None and found.upper is None
        odd_lower = found.lower is not None and not found.lower_included
        odd_upper = found.upper is not None and found.upper_included
        losses.bounds += odd_lower or odd_upper

    # -- INSERT ---------------------------------------------------------------------------------

    def inserted(self, rows: Sequence[Sequence[Literal]], first: int) -> list[bytes]:
        """Rows of INSERT as SQL.  Raises RowError."""
        return [self._inserted(row, number) for number, row in enumerate(rows, first)]

    def _inserted(self, row: Sequence[Literal], number: int) -> bytes:
        if len(row) > self.width:
            raise RowError(self._misfit(number))
        values: list[str] = []
        for step in self.steps:
            value = row[step.place] if step.place < len(row) else Literal(None, "DEFAULT")
            if step.convert is None or (value.text is None and _is_word(value.word)):
                values.append(value.word if value.text is None else written(value.text))
            else:
                text = value.word if value.text is None else value.text
                values.append(written(self._converted(step, text, number)))
        return f"({', '.join(values)})".encode()

    # -- batches --------------------------------------------------------------------------------

    def shape(self, kind: str, tail: str = "") -> Shape:
        """The words around a batch of these rows."""
        names = quote_list(step.column.name for step in self.steps)
        keys = sum(1 for c in self.table.constraints if c.kind == "unique")
        besides = overhead(len(self.steps), keys)
        if kind == "copy":
            head = f"COPY {self.table.name} ({names}) FROM stdin;\n"
            return Shape(head.encode(), b"\n", b"\n\\.\n", MOST_ROWS, besides, keys)
        always = any(s.column.identity is not None and s.column.identity.always for s in self.steps)
        override = " OVERRIDING SYSTEM VALUE" if always else ""
        head = f"INSERT INTO {self.table.name} ({names}){override} VALUES\n"
        end = f"\n{tail};\n" if tail else ";\n"
        return Shape(head.encode(), b",\n", end.encode(), ROWS_OF_INSERT, besides, keys)


def _is_word(word: str) -> bool:
    return word.upper() in ("NULL", "DEFAULT")


def route(destination: Destination, table: Table, listed: tuple[str, ...]) -> Route:
    """The way of rows that list these columns (none: all the table had).  Raises RowError."""
    names = listed or tuple(destination.columns)
    steps: list[Step] = []
    dropped: list[str] = []
    used: set[str] = set()
    for place, name in enumerate(names):
        given = destination.columns.get(name)
        if given is None:
            raise RowError(f"column {name} is not there when the rows come")
        made = [c for c in table.columns if c.source is not None and c.source.name == given.name]
        takes = [c for c in made if c.generated is None]
        if not made and given.generated == "":
            dropped.append(given.name)
        steps += [Step(place, column, converter(destination.catalog, column)) for column in takes]
        used.update(column.name for column in takes)
    numbered = [c.name for c in table.columns if c.identity is not None and c.name not in used]
    return Route(table, tuple(steps), len(names), tuple(dropped), tuple(numbered))
