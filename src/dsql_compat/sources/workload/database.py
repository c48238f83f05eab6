"""What a running server knows of its workload: pg_stat_statements, and the sessions of now."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from dsql_compat.findings import Unanalysed
from dsql_compat.sources.workload.exported import HIDDEN_TEXT, sent_of
from dsql_compat.sources.workload.model import Grouping, Seen, Sent, Sessions, Workload
from dsql_compat.sql.names import quote

if TYPE_CHECKING:
    from dsql_compat.sources.database.session import Row, Session

VIEW = "pg_stat_statements"
_INSTALL = (
    "put pg_stat_statements into shared_preload_libraries, restart the server, then"
    " CREATE EXTENSION pg_stat_statements"
)
_LONG = 300  # seconds: what DSQL gives a transaction


def read_workload(connection: Session) -> list[Workload]:
    """What the server tells of its workload: statistics first, then what runs at the moment.

    What it does not tell, and what would make it tell, is in `unanalysed`.  Raises DatabaseError
    when the connection is lost.
    """
    if connection.server.is_dsql:
        return []
    settings = {row["name"]: row["setting"] for row in _rows(connection, _query("settings"), None)}
    counted = _statements(connection, settings)
    now = _activity(connection, settings, {q.fingerprint for q in counted.queries})
    return [counted, now]


def _statements(connection: Session, settings: dict[str, str]) -> Workload:
    work = Workload(f"{connection.name} {VIEW}", "pg_stat_statements")
    extension = _rows(connection, _query("extension"), work)
    if not extension:
        work.notes.append(f"{VIEW}, the record of what applications send, is not here: {_INSTALL}")
        return work
    schema = extension[0]["schema"]
    columns = {
        (row["relation"], row["name"])
        for row in _rows(connection, _query("columns"), work, {"schema": schema})
    }
    times = [name for name in ("total_exec_time", "total_time") if (VIEW, name) in columns][:1]
    longest = [name for name in ("max_exec_time", "max_time") if (VIEW, name) in columns][:1]
    names = ", ".join(["query", "calls", "rows", *times, *longest])
    rows = _rows(
        connection,
        f"SELECT {names} FROM {quote(schema)}.{VIEW} WHERE dbid = (SELECT oid FROM"  # noqa: S608
        f" pg_catalog.pg_database WHERE datname = current_database()) ORDER BY calls DESC",
        work,
    )
    grouping = Grouping(work.name)
    for number, row in enumerate(rows, 1):
        sent = sent_of(row, number)
        if sent is not None:
            grouping.add(sent)
        elif row["query"] == HIDDEN_TEXT:
            work.hidden_calls += row["calls"]
    work.queries = grouping.ranked()
    for rank, query in enumerate(work.queries, 1):
        query.statement.line = rank
    if work.hidden_calls:
        role = quote(connection.server.user)
        _unseen(
            work,
            "statements of other roles",
            f"their texts are hidden ({work.hidden_calls:,} calls): GRANT pg_read_all_stats"
            f" TO {role}",
        )
    _completeness(work, settings)
    has_info = (f"{VIEW}_info", "dealloc") in columns
    if has_info:
        _info(connection, work, schema)
    return work


def _completeness(work: Workload, settings: dict[str, str]) -> None:
    """What the statistics leave out."""
    if settings.get("pg_stat_statements.track") == "none":
        _unseen(work, VIEW, "nothing is recorded: set pg_stat_statements.track to top")
    if settings.get("pg_stat_statements.track_utility") == "off":
        _unseen(
            work,
            "utility statements",
            "LISTEN, SET, COPY and the like are not recorded:"
            " set pg_stat_statements.track_utility to on",
        )


def _info(connection: Session, work: Workload, schema: str) -> None:
    """Since when statements are counted, and whether some were forgotten."""
    text = f"SELECT dealloc, stats_reset::text AS since FROM {quote(schema)}.{VIEW}_info"  # noqa: S608
    for row in _rows(connection, text, None):
        work.since = row["since"]
        if row["dealloc"]:
            times = f"{row['dealloc']:,} times"
            _unseen(
                work,
                "least used statements",
                f"the server threw some out {times}: raise pg_stat_statements.max",
            )


@cache
def _query(name: str) -> str:
    """A query of ours, without its first line, which says what it is for."""
    text = (files(__package__) / "queries" / f"{name}.sql").read_text("utf-8")
    return text.partition("\n")[2].rstrip()


def section_of(query: str) -> str:
    """The section in which a file that psql collected has the answer to a query of this module."""
    if query.startswith("SELECT query, calls"):
        return "statements"
    if query.startswith("SELECT dealloc"):
        return "statements_info"
    names = ("settings", "extension", "activity", "advisory", "prepared", "temporary", "isolation")
    return next((name for name in names if _query(name) == query), "view_columns")


def _activity(connection: Session, settings: dict[str, str], known: set[str]) -> Workload:
    """Sessions at this moment, and their last statements where the statistics lack them."""
    work = Workload(f"{connection.name} pg_stat_activity", "pg_stat_activity")
    rows = _rows(connection, _query("activity"), work)
    size = int(settings.get("track_activity_query_size", 1024))
    grouping = Grouping(work.name)
    others = [row for row in rows if not row["is_own"]]
    for number, row in enumerate(others, 1):
        text = row["query"] or ""
        if text and text != HIDDEN_TEXT:
            is_cut = len(text.encode("utf-8", "replace")) >= size - 1
            grouping.add(Sent(text, number, is_cut=is_cut))
    if any(row["query"] == HIDDEN_TEXT or row["query"] is None for row in others):
        role = quote(connection.server.user)
        _unseen(
            work,
            "sessions of other roles",
            f"what they do is hidden: GRANT pg_read_all_stats TO {role}",
        )
    work.queries = [  # of texts that were cut off, the statistics have the whole
        query
        for query in grouping.ranked()
        if query.fingerprint not in known and not (known and query.is_cut)
    ]
    transactions = [row["transaction_seconds"] or 0 for row in others]
    connections = [row["connection_seconds"] or 0 for row in others]
    work.sessions = Sessions(
        work.name,
        tuple(_seen(connection, work, settings, others)),
        len(rows) if rows else None,
        max(transactions, default=None),
        max(connections, default=None),
    )
    return work


def _seen(
    connection: Session, work: Workload, settings: dict[str, str], sessions: list[Row]
) -> list[Seen]:
    found: list[Seen] = []
    for row in _rows(connection, _query("advisory"), work):
        found.append(Seen("advisory lock", row["count"], row["mode"]))
    for row in _rows(connection, _query("prepared"), work):
        if row["count"]:
            found.append(Seen("prepared transaction", row["count"], "", row["seconds"]))
    for row in _rows(connection, _query("temporary"), work):
        found.append(Seen("temporary table", row["count"], row["name"]))
    long = [row for row in sessions if (row["transaction_seconds"] or 0) > _LONG]
    if long:
        detail = ", ".join(sorted({row["state"] or "state hidden" for row in long}))
        longest = max(row["transaction_seconds"] for row in long)
        found.append(Seen("long transaction", len(long), detail, longest))
    levels = {row["level"] for row in _rows(connection, _query("isolation"), work)}
    levels.add(settings.get("default_transaction_isolation", "read committed"))
    found += [
        Seen("isolation level", 1, level)
        for level in sorted(levels - {"read committed", "repeatable read"})
    ]
    return found


def _rows(
    connection: Session,
    query: str,
    work: Workload | None,
    params: dict[str, str] | None = None,
) -> list[Row]:
    """The rows; none where the query was refused, which the workload then says."""
    from dsql_compat.sources.database.session import UnseenError

    try:
        return connection.rows(query, params)
    except UnseenError as refusal:
        if work is not None:
            reason = refusal.reason
            if "shared_preload_libraries" in reason:
                reason = f"{reason}: {_INSTALL}"
            elif refusal.remedy:
                reason = f"{reason}: {refusal.remedy}"
            _unseen(work, work.format, reason)
        return []


def _unseen(work: Workload, what: str, reason: str) -> None:
    work.unanalysed.append(Unanalysed(work.name, 1, what, reason))
