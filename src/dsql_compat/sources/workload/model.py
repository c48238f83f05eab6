"""A workload: distinct statements without constants, how often each ran, and what sessions do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeVar

from dsql_compat.findings import Unanalysed, Usage
from dsql_compat.sql.literals import mask, shape, split
from dsql_compat.sql.statements import Statement

WorkloadFormat = Literal[
    "pg_stat_statements", "pg_stat_activity", "csvlog", "jsonlog", "stderr", "csv", "json", "sql"
]
_Number = TypeVar("_Number", int, float)
_LOGS = ("csvlog", "jsonlog", "stderr", "sql")
_SHAPES = 50_000  # of texts that were masked before, so that repeated ones cost a look-up
_LISTED = 10  # statements of one source that do not parse
_OURS = ("dsql-compat", "dsql_compat")


@dataclass(frozen=True, slots=True)
class Sent:
    """A statement as a log or a view holds it, constants and all, with what is known of its runs.

    `rows` and `total_ms` are of all calls together, `longest_ms` and `most_rows` of one.  `is_cut`:
    only the beginning of the text is there.
    """

    text: str
    line: int
    calls: int = 1
    rows: int | None = None
    total_ms: float | None = None
    longest_ms: float | None = None
    most_rows: int | None = None
    is_cut: bool = False


@dataclass(slots=True)
class Query:
    """One statement of the workload.  `statement` has no constants; its tree is None where it
    could not be parsed.

    `again` is the same statement in further logs; there it `is_told` already.
    """

    statement: Statement
    fingerprint: str
    calls: int = 0
    rows: int | None = None
    total_ms: float | None = None
    longest_ms: float | None = None
    most_rows: int | None = None
    is_cut: bool = False
    is_told: bool = False
    again: list[Query] = field(default_factory=list)

    def count(self, sent: Sent) -> None:
        """Add runs of the same statement."""
        self.calls += sent.calls
        self.rows = _sum(self.rows, sent.rows)
        self.total_ms = _sum(self.total_ms, sent.total_ms)
        self.longest_ms = _larger(self.longest_ms, sent.longest_ms)
        self.most_rows = _larger(self.most_rows, sent.most_rows)

    def lasted(self, ms: float) -> None:
        """A run that was counted already took that long."""
        self.total_ms = (self.total_ms or 0.0) + ms
        self.longest_ms = max(self.longest_ms or 0.0, ms)

    @property
    def usage(self) -> Usage:
        """The figures for the report, of all logs together."""
        own = Usage(self.calls, self.rows, self.total_ms, self.longest_ms, self.most_rows)
        for other in self.again:
            more = other.usage
            own = Usage(
                own.calls + more.calls,
                _sum(own.rows, more.rows),
                _sum(own.total_ms, more.total_ms),
                _larger(own.longest_ms, more.longest_ms),
                _larger(own.most_rows, more.most_rows),
            )
        return own


@dataclass(frozen=True, slots=True)
class Seen:
    """Something that sessions did or held at the moment of looking: an observation for a check.

    `kind` says which one, `count` how many times, `detail` names roles or modes, never data;
    `seconds` is how long the longest of them had lasted.
    """

    kind: Literal[
        "advisory lock",
        "prepared transaction",
        "long transaction",
        "temporary table",
        "isolation level",
    ]
    count: int
    detail: str = ""
    seconds: int = 0


@dataclass(frozen=True, slots=True)
class Sessions:
    """What the sessions of a database showed at one moment."""

    source: str
    seen: tuple[Seen, ...] = ()
    connections: int | None = None
    longest_transaction: int | None = None  # seconds
    longest_connection: int | None = None


@dataclass(slots=True)
class Workload:
    """All statements of one source, most time first, and what could not be read of it.

    `hidden_calls` are those of statements whose text the role may not see; `notes` say what could
    be had besides.
    """

    name: str
    format: WorkloadFormat
    queries: list[Query] = field(default_factory=list)
    unanalysed: list[Unanalysed] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    sessions: Sessions | None = None
    bytes: int = 0
    hidden_calls: int = 0
    since: str | None = None

    def unread(self) -> list[Unanalysed]:
        """What could not be judged: the statements that do not parse, most called first."""
        left = [q for q in self.queries if q.statement.tree is None and not q.is_told]
        left.sort(key=lambda query: -query.calls)
        found = []
        for query in left[:_LISTED]:
            words = " ".join(query.statement.text.split()[:3])
            reason = "the server kept only its beginning" if query.is_cut else "it does not parse"
            reason += f" ({query.calls:,} call{'s' if query.calls != 1 else ''})"
            found.append(Unanalysed(self.name, query.statement.line, words, reason))
        if len(left) > _LISTED:
            calls = sum(query.calls for query in left[_LISTED:])
            what = f"{len(left) - _LISTED:,} further statements"
            found.append(Unanalysed(self.name, 1, what, f"they do not parse ({calls:,} calls)"))
        return self.unanalysed + found


def join(workloads: list[Workload]) -> None:
    """Let each statement be told once: of several logs with all calls together, of statistics and
    logs, which speak of the same calls, with those of the first."""
    first: dict[str, tuple[Query, bool]] = {}
    for workload in workloads:
        is_log = workload.format in _LOGS
        for query in workload.queries:
            known, was_log = first.setdefault(query.fingerprint, (query, is_log))
            if known is not query and not query.is_told:
                query.is_told = True
                if is_log and was_log:
                    known.again.append(query)


class Grouping:
    """Collects statements as they come and keeps each once, without its constants."""

    def __init__(self, source: str) -> None:
        self.source = source
        self._queries: dict[str, Query] = {}
        self._shapes: dict[str, tuple[str, ...]] = {}

    def add(self, sent: Sent) -> tuple[str, ...]:
        """Count one; the fingerprints of the statements it holds."""
        if any(name in sent.text for name in _OURS):  # our own questions to the catalog say so
            return ()
        outline = shape(sent.text)
        known = self._shapes.get(outline)
        if known is not None:
            for number, name in enumerate(known):
                self._queries[name].count(sent if not number else _without_figures(sent))
            return known
        names = []
        for number, text in enumerate(split(sent.text)):
            if text.strip():
                part = sent if not number else _without_figures(sent)
                names.append(self._add_one(text, part))
        if len(self._shapes) < _SHAPES:
            self._shapes[outline] = tuple(names)
        return tuple(names)

    def _add_one(self, text: str, sent: Sent) -> str:
        masked = mask(text)
        query = self._queries.get(masked.fingerprint)
        tree = None if sent.is_cut else masked.tree  # the rest may change all of it
        statement = Statement(masked.text, self.source, sent.line, tree=tree, is_pinned=True)
        if query is None:
            query = Query(statement, masked.fingerprint, is_cut=sent.is_cut)
            self._queries[masked.fingerprint] = query
        elif len(masked.text) > len(query.statement.text):  # the longest list of rows or values
            query.statement = statement
        query.count(sent)
        return masked.fingerprint

    def find(self, fingerprint: str) -> Query:
        """A statement that was added.  KeyError for another."""
        return self._queries[fingerprint]

    def explain(self, query: Query) -> None:
        """Add what auto_explain told; where the log told of the statement, its runs are known."""
        known = self._queries.setdefault(query.fingerprint, query)
        known.most_rows = _larger(known.most_rows, query.most_rows)
        if known.total_ms is None:
            known.total_ms = query.total_ms
        known.longest_ms = _larger(known.longest_ms, query.longest_ms)

    def ranked(self) -> list[Query]:
        """All of them, those first that took most time, or were called most often."""
        return sorted(
            self._queries.values(),
            key=lambda q: (-(q.total_ms or 0.0), -q.calls, q.statement.line, q.fingerprint),
        )


def _without_figures(sent: Sent) -> Sent:
    """The further statements of one message: rows and time are told of all of it only."""
    return Sent(sent.text, sent.line, sent.calls)


def _sum(old: _Number | None, new: _Number | None) -> _Number | None:
    if old is None or new is None:
        return new if old is None else old
    return old + new


def _larger(old: _Number | None, new: _Number | None) -> _Number | None:
    if old is None or new is None:
        return new if old is None else old
    return max(old, new)
