"""The values that flow from the checks to the report: what was found, and what was not read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from dsql_compat.rules import Status
    from dsql_compat.sql.statements import Statement


class ObjectRef(NamedTuple):
    """The database object a finding is about.  `table` is set for what lives inside a table."""

    kind: str
    name: str
    schema: str | None = None
    table: str | None = None

    def __str__(self) -> str:
        return ".".join(part for part in (self.schema, self.table, self.name) if part)


class Usage(NamedTuple):
    """How much a statement of the workload was used, in all calls together; the longest of them,
    and the one with most rows.  None where the source does not tell.
    """

    calls: int
    rows: int | None = None
    total_ms: float | None = None
    longest_ms: float | None = None
    most_rows: int | None = None

    @property
    def rows_per_call(self) -> float | None:
        """The mean, where rows are known."""
        return None if self.rows is None or not self.calls else self.rows / self.calls

    @property
    def mean_ms(self) -> float | None:
        """The mean duration of a call."""
        return None if self.total_ms is None or not self.calls else self.total_ms / self.calls


class Span(NamedTuple):
    """A stretch of one statement's text, in characters from its start."""

    statement: Statement
    start: int
    end: int

    @property
    def text(self) -> str:
        """The text itself."""
        return self.statement.text[self.start : self.end]


class Suppressed(NamedTuple):
    """Why somebody does not want to hear of a finding, and where that is written."""

    reason: str
    where: str


@dataclass(slots=True, eq=False)
class Finding:
    """One place where the source and Aurora DSQL differ, under one rule.

    `facts` fill the rule's texts.  `cause` is the finding this one follows from; `also` names
    further objects that change with it.  `before` is the text that the rewrite replaces.
    `database` is named where the source names one.  `suppressed` is set once all was judged.
    """

    rule: str
    status: Status
    span: Span
    object: ObjectRef
    facts: dict[str, str]
    cause: Finding | None = None
    before: str | None = None
    also: tuple[ObjectRef, ...] = ()
    key: str = ""
    database: str | None = None
    id: str = field(default="", init=False)
    suppressed: Suppressed | None = field(default=None, init=False)

    @property
    def is_made_anew(self) -> bool:
        """Whether something of the same name takes the object's place, so that others may use it.

        A domain whose checks have to be said anew is one, though no text is offered for it.
        """
        is_offered = self.status.disposition in ("automatic", "review")
        return is_offered and (bool(self.status.rewrite) or self.rule == "domain-base-type")


@dataclass(frozen=True, slots=True)
class Unanalysed:
    """Something that could not be looked into, with the reason; it spoils a clean verdict."""

    source: str
    line: int
    what: str
    reason: str
