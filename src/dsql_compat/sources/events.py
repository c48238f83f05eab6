"""The events that reading a source gives, and what reading showed of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from dsql_compat.findings import Unanalysed
from dsql_compat.sources.directives import Directive
from dsql_compat.sources.workload.model import Workload
from dsql_compat.sql.lexer import RowCount
from dsql_compat.sql.statements import Statement


@dataclass(frozen=True, slots=True)
class DataRows:
    """Rows that one COPY or INSERT (`kind`) brings, counted and not looked at.

    Of a running database, what the server takes a table to hold (`estimate`), `inserted` since its
    statistics began, and how wide rows and values are (`widths`).

    `is_shown`: the INSERT that brings them was given out as a statement, too.  `columns` are
    those it lists, read where widths of values were seen.
    """

    table: str
    count: RowCount
    kind: str
    is_shown: bool = False
    columns: tuple[str, ...] = ()
    inserted: int = 0


@dataclass(frozen=True, slots=True)
class RowBlock:
    """Rows as they stand in the source, for a reader that keeps them: some whole lines of a COPY
    or one INSERT.  DataRows follow when all were given.

    `line` is that of the statement, `codec` the encoding that was declared.
    """

    kind: str
    table: str
    columns: tuple[str, ...]
    data: bytes
    codec: str
    source: str
    line: int
    is_shown: bool = False


@dataclass(frozen=True, slots=True)
class Database:
    """From here on statements go to another database of the server."""

    name: str
    source: str
    line: int


@dataclass(frozen=True, slots=True)
class Position:
    """Where a sequence of a running database stands: its setval is replayed, and not judged, as
    it belongs to the rows, which are not there."""

    statement: Statement


@dataclass(frozen=True, slots=True)
class TextOrder:
    """The collation that a running database has by default."""

    collation: str


Event = (
    Statement
    | DataRows
    | RowBlock
    | Database
    | Directive
    | Workload
    | Unanalysed
    | Position
    | TextOrder
)


@dataclass(slots=True)
class SourceStats:
    """What reading a source showed, for the report.

    `is_sql` holds once a statement parsed, or at least began as SQL does; `notes` say what has
    to be known of a database and is no finding.
    """

    is_sql: bool = False
    statements: int = 0
    syntax_errors: int = 0
    data_rows: int = 0
    bytes: int = 0
    postgres_version: str | None = None
    notes: list[str] = field(default_factory=list)
