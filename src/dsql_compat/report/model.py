"""The report: the one definition behind the JSON (schema_version 1), the library and every format.

Plain dataclasses, because pydantic takes longer to import than most dumps take to judge, and
without comparison and repr, because making those for each class takes longer than the rest of the
import; `report.schema` derives pydantic models from them, which have both.  Lines and columns
count from 1, columns in characters.  Fields are only ever added.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from dsql_compat.rules import Disposition, Severity

SCHEMA_VERSION = 1
OMITTED = {"omitted": True}  # fields that JSON has only where there is something in them

Verdict = Literal["ready", "automatic", "review", "manual"]
LimitState = Literal["ok", "near", "exceeded", "unknown"]


@dataclass(frozen=True, eq=False, repr=False)
class Tool:
    """What wrote the report."""

    name: str
    version: str


@dataclass(frozen=True, eq=False, repr=False)
class TargetInfo:
    """The day whose Aurora DSQL is meant, and the word it was named with."""

    date: date
    alias: str | None


@dataclass(frozen=True, eq=False, repr=False)
class CatalogueInfo:
    """When the rules were last held against their sources, and how long ago that is.

    `warning` says so when it is long; without a day to compare with, both are None.
    """

    verified: date
    days_old: int | None
    warning: str | None


@dataclass(frozen=True, eq=False, repr=False)
class SourceInfo:
    """One source that was read.

    Of a database, `bytes` and `data_rows` are the server's estimates, and `notes` say what has to
    be known of it and is no finding.
    """

    name: str
    kind: Literal["dump", "migration", "stdin", "database"]
    format: Literal["plain", "gzip", "custom", "tar", "directory", "catalog", "collected"]
    bytes: int
    statements: int
    syntax_errors: int
    data_rows: int
    postgres_version: str | None
    notes: list[str] = field(default_factory=list, kw_only=True, metadata=OMITTED)


@dataclass(frozen=True, eq=False, repr=False)
class ObjectCounts:
    """Objects of one kind by the worst disposition among their findings."""

    total: int = 0
    as_is: int = 0
    automatic: int = 0
    review: int = 0
    manual: int = 0


@dataclass(frozen=True, eq=False, repr=False)
class SeverityCounts:
    """Findings by severity."""

    error: int = 0
    warning: int = 0
    info: int = 0


@dataclass(frozen=True, eq=False, repr=False)
class Effort:
    """An estimate in hours of a person's time, with the arithmetic that gave it."""

    low_hours: float
    high_hours: float
    formula: str


@dataclass(frozen=True, eq=False, repr=False)
class Readiness:
    """Can the schema move, and how much stands in the way."""

    verdict: Verdict
    sentence: str
    objects: dict[str, ObjectCounts]
    findings: SeverityCounts
    effort: Effort


@dataclass(frozen=True, eq=False, repr=False)
class GapRow:
    """A row of the March 2026 gap list: what holds at the target, and what was found."""

    key: str
    feature: str
    status: Literal["supported", "partial", "different", "unsupported"]
    since: date | None
    found: int
    rules: list[str]
    summary: str


@dataclass(frozen=True, eq=False, repr=False)
class LimitRow:
    """A quota of Aurora DSQL beside what the source shows; `observed` None means not known."""

    key: str
    subject: str
    value: int
    unit: str
    observed: int | None
    state: LimitState
    where: str | None


@dataclass(frozen=True, eq=False, repr=False)
class NotAnalysed:
    """Something that could not be looked into, and why."""

    source: str
    line: int
    what: str
    reason: str


@dataclass(frozen=True, eq=False, repr=False)
class ObjectInfo:
    """The object a finding is about."""

    kind: str
    schema: str | None
    name: str
    table: str | None


@dataclass(frozen=True, eq=False, repr=False)
class Location:
    """Where a finding stands."""

    source: str
    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, eq=False, repr=False)
class Rewrite:
    """What to write instead, in this schema's own names.

    `region` is where exactly `after` can be put, if it can be put there as it is.
    """

    before: str
    after: list[str]
    notes: list[str]
    region: Location | None = field(default=None, kw_only=True, metadata=OMITTED)


@dataclass(frozen=True, eq=False, repr=False)
class SuppressedInfo:
    """Why somebody does not want to hear of a finding, and where that is written."""

    reason: str
    where: str


@dataclass(frozen=True, eq=False, repr=False)
class AlternativeInfo:
    """Another way out."""

    title: str
    after: list[str]


@dataclass(frozen=True, eq=False, repr=False)
class UsageInfo:
    """How often a statement of the workload ran: all calls together, the longest, the largest.

    None where the source does not tell.
    """

    calls: int
    rows: int | None
    total_ms: float | None
    longest_ms: float | None
    most_rows: int | None


@dataclass(frozen=True, eq=False, repr=False)
class FindingInfo:
    """One difference between the source and Aurora DSQL at the target.

    `cause` is the id of the finding this one follows from.  `id` stays the same while the finding
    does, whatever moves above it.  `workload` is there for statements that an application sent.
    `marked` says from which to which character of `statement` the words stand that are meant, in
    characters from 0, the end exclusive; None where what is shown is not word for word the source.
    """

    id: str
    rule: str
    severity: Severity
    disposition: Disposition
    cause: str | None
    object: ObjectInfo
    location: Location
    statement: str
    message: str
    why: str
    advice: str
    error: str | None
    rewrite: Rewrite | None
    alternatives: list[AlternativeInfo]
    supported_since: date | None
    reference: str
    marked: list[int] | None = field(default=None, kw_only=True, metadata=OMITTED)
    workload: UsageInfo | None = field(default=None, kw_only=True, metadata=OMITTED)
    suppressed: SuppressedInfo | None = field(default=None, kw_only=True, metadata=OMITTED)


@dataclass(frozen=True, eq=False, repr=False)
class SchemaObject:
    """An object of the schema, with the worst disposition among its findings and their ids.

    `ddl` is the statement that made it and `location` where that stands; None for one that was
    made with its table, and `location` also where `ddl` is not word for word what stands there.
    `rows` and `bytes` are those of a table, where the source shows them.
    """

    kind: str
    schema: str | None
    name: str
    table: str | None
    database: str | None
    disposition: Disposition
    findings: list[str]
    ddl: str | None
    location: Location | None
    rows: int | None = field(default=None, kw_only=True, metadata=OMITTED)
    bytes: int | None = field(default=None, kw_only=True, metadata=OMITTED)


@dataclass(frozen=True, eq=False, repr=False)
class RelationInfo:
    """A foreign key: rows of `table` refer to rows of `to_table`, which may not be known."""

    name: str
    database: str | None
    schema: str | None
    table: str
    columns: list[str]
    to_schema: str | None
    to_table: str
    to_columns: list[str]


@dataclass(frozen=True, eq=False, repr=False)
class WorkloadSource:
    """A source of statements; what is `parsed` was judged.  `since` says from when on it counts."""

    name: str
    format: Literal[
        "pg_stat_statements",
        "pg_stat_activity",
        "csvlog",
        "jsonlog",
        "stderr",
        "csv",
        "json",
        "sql",
    ]
    bytes: int
    since: str | None
    statements: int
    parsed_statements: int
    calls: int
    parsed_calls: int
    total_ms: float | None
    parsed_ms: float | None


@dataclass(frozen=True, eq=False, repr=False)
class SeenInfo:
    """Something sessions did or held at the moment of the report."""

    kind: str
    count: int
    detail: str


@dataclass(frozen=True, eq=False, repr=False)
class SessionsInfo:
    """The sessions of a database at the moment of the report; durations in seconds."""

    source: str
    connections: int | None
    longest_transaction: int | None
    longest_connection: int | None
    seen: list[SeenInfo]


@dataclass(frozen=True, eq=False, repr=False)
class TopStatement:
    """A statement with findings, without its constants; `findings` are their ids."""

    name: str
    statement: str
    source: str
    line: int
    usage: UsageInfo
    rules: list[str]
    findings: list[str]


@dataclass(frozen=True, eq=False, repr=False)
class WorkloadInfo:
    """What an application sends: how much was read and judged, and the statements of `top`, the
    most called of those with findings."""

    sources: list[WorkloadSource]
    statements: int
    calls: int
    parsed_calls: int
    sessions: list[SessionsInfo]
    top: list[TopStatement]


@dataclass(frozen=True, eq=False, repr=False)
class TimelineRow:
    """What a date changes for this source: findings that appear or vanish on a day."""

    date: date
    rule: str
    title: str
    status: Literal["supported", "partial", "different", "unsupported"]
    found: int
    sentence: str


@dataclass(frozen=True, eq=False, repr=False)
class KnownFinding:
    """A finding as a baseline remembers it."""

    id: str
    rule: str
    object: str
    file: str


@dataclass(frozen=True, eq=False, repr=False)
class GateInfo:
    """What `check` made of the findings: ids of those that are new and of those in the baseline.

    `fixed` are entries of the baseline that are found no more.
    """

    judged_as: Literal["history", "state"]
    fail_on: Literal["error", "warning", "info", "never"]
    failed: bool
    new: list[str]
    known: list[str]
    fixed: list[KnownFinding]


@dataclass(frozen=True, eq=False, repr=False)
class Report:
    """The readiness report of one analysis."""

    schema_version: int
    tool: Tool
    target: TargetInfo
    catalogue: CatalogueInfo | None = field(default=None, kw_only=True)
    sources: list[SourceInfo]
    readiness: Readiness
    gap_list: list[GapRow]
    limits: list[LimitRow]
    timeline: list[TimelineRow]
    not_analysed: list[NotAnalysed]
    findings: list[FindingInfo]
    objects: list[SchemaObject] = field(default_factory=list, kw_only=True)
    relations: list[RelationInfo] = field(default_factory=list, kw_only=True)
    workload: WorkloadInfo | None = field(default=None, kw_only=True, metadata=OMITTED)
    gate: GateInfo | None = field(default=None, kw_only=True, metadata=OMITTED)
