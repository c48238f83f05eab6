"""What only use shows: rows and time of statements as they ran, and sessions at one moment."""

from __future__ import annotations

from pglast import ast

from dsql_compat.checks.context import Found, Here
from dsql_compat.checks.registry import detects
from dsql_compat.checks.script import limit_value
from dsql_compat.findings import Usage
from dsql_compat.sources.workload.model import Seen
from dsql_compat.sql import spans
from dsql_compat.sql.names import quote, relation_name

NEAR = 0.8
_VERBS = {
    ast.InsertStmt: "INSERT INTO",
    ast.UpdateStmt: "UPDATE of",
    ast.DeleteStmt: "DELETE FROM",
    ast.MergeStmt: "MERGE INTO",
    ast.CopyStmt: "COPY to",
}


@detects("rows-per-statement", on=Usage)
def rows_per_statement(usage: Usage, here: Here) -> Found:
    """By the mean of all calls or, where it is known, the largest of them."""
    tree, most = here.statement.tree, limit_value("rows-per-transaction", here)
    if tree is None or type(tree) not in _VERBS:
        return
    if isinstance(tree, ast.CopyStmt) and not tree.is_from:
        return
    mean, largest = usage.rows_per_call or 0.0, usage.most_rows or 0
    rows = max(mean, largest)
    if rows > here.run.observed.get("rows-per-transaction", (0, None))[0]:
        here.run.observed["rows-per-transaction"] = round(rows), _where(here)
    if rows < NEAR * most:
        return
    span = spans.head(here.statement)
    yield here.found(
        "rows-per-statement",
        span,
        case="" if rows > most else "near",
        words=_VERBS[type(tree)],
        table=relation_name(tree.relation),
        rows=f"{round(rows):,}",
        measure="on average" if mean >= largest else "in its largest call",
        calls=_times(usage.calls),
        batches=f"{-(-round(rows) // most):,}",
    )


@detects("long-transaction", on=Usage)
def long_statement(usage: Usage, here: Here) -> Found:
    """A statement that runs longer than a transaction may last."""
    most = limit_value("transaction-time", here)
    mean, longest = (usage.mean_ms or 0.0) / 1000, (usage.longest_ms or 0.0) / 1000
    seconds = max(mean, longest)
    if seconds > here.run.observed.get("transaction-seconds", (0, None))[0]:
        here.run.observed["transaction-seconds"] = round(seconds), _where(here)
    if seconds < NEAR * most:
        return
    span = spans.head(here.statement)
    yield here.found(
        "long-transaction",
        span,
        case="" if seconds > most else "near",
        words=span.text,
        seconds=f"{round(seconds):,}",
        measure="on average" if mean >= NEAR * most else "in its longest call",
        calls=_times(usage.calls),
    )


@detects("advisory-lock", "two-phase-commit", "temporary-table", on=Seen)
def seen_in_sessions(seen: Seen, here: Here) -> Found:
    """Features that are in use at this moment, whatever the statements say that were recorded."""
    span = spans.whole(here.statement)
    match seen.kind:
        case "advisory lock":
            suffix = "_shared" if seen.detail == "ShareLock" else ""
            function = f"pg_advisory_lock{suffix}"
            yield here.found(
                "advisory-lock", span, key=seen.detail, function=function, lock="$1", condition=""
            )
        case "prepared transaction":
            count = f"{seen.count:,} prepared now"
            yield here.found("two-phase-commit", span, statement="PREPARE TRANSACTION", name=count)
        case "temporary table":
            table = quote(seen.detail)
            edited = f"CREATE TABLE {table} (run_id uuid NOT NULL, …);"
            yield here.found(
                *("temporary-table", span),
                key=seen.detail,
                table=table,
                edited=edited,
                on_commit="",
            )


@detects("long-transaction", "isolation-level", on=Seen)
def kinds_of_transactions(seen: Seen, here: Here) -> Found:
    span = spans.whole(here.statement)
    if seen.kind == "long transaction":
        yield here.found(
            "long-transaction",
            span,
            words=f"A transaction ({seen.detail})",
            seconds=f"{seen.seconds:,}",
            measure="so far",
            calls=f"{seen.count:,} such session{'s' if seen.count != 1 else ''}",
        )
    elif seen.kind == "isolation level":
        parameter = "default_transaction_isolation"
        yield here.found(
            "isolation-level",
            span,
            case="setting",
            key=seen.detail,
            parameter=parameter,
            level=seen.detail,
        )


def _where(here: Here) -> str:
    at = here.statement.position()
    return f"{here.statement.source}:{at.line}"


def _times(calls: int) -> str:
    return f"{calls:,} call{'s' if calls != 1 else ''}"
