"""What was read of a workload, how much of it could be judged, and its statements that matter."""

from __future__ import annotations

from collections.abc import Iterable

from dsql_compat.checks.context import Run
from dsql_compat.findings import Finding, Usage
from dsql_compat.report import model
from dsql_compat.report.excerpt import excerpt
from dsql_compat.sources.workload.model import Query, Workload

TOP = 20  # statements that are listed


def usage_info(usage: Usage | None) -> model.UsageInfo | None:
    """The figures of a finding's statement, where it is one of a workload."""
    if usage is None:
        return None
    total = None if usage.total_ms is None else round(usage.total_ms, 3)
    longest = None if usage.longest_ms is None else round(usage.longest_ms, 3)
    return model.UsageInfo(usage.calls, usage.rows, total, longest, usage.most_rows)


def workload_info(run: Run, findings: Iterable[Finding]) -> model.WorkloadInfo | None:
    """The section of the report; None where no workload was read."""
    if not run.workloads:
        return None
    sources = [_source(workload) for workload in run.workloads]
    sessions = [w.sessions for w in run.workloads if w.sessions is not None]
    return model.WorkloadInfo(
        sources=sources,
        statements=sum(source.statements for source in sources),
        calls=sum(source.calls for source in sources),
        parsed_calls=sum(source.parsed_calls for source in sources),
        sessions=[
            model.SessionsInfo(
                seen.source,
                seen.connections,
                seen.longest_transaction,
                seen.longest_connection,
                [model.SeenInfo(s.kind, s.count, s.detail) for s in seen.seen],
            )
            for seen in sessions
        ],
        top=_top(findings),
    )


def _source(workload: Workload) -> model.WorkloadSource:
    parsed = [query for query in workload.queries if query.statement.tree is not None]
    return model.WorkloadSource(
        name=workload.name,
        format=workload.format,
        bytes=workload.bytes,
        since=workload.since,
        statements=len(workload.queries),
        parsed_statements=len(parsed),
        calls=sum(query.calls for query in workload.queries) + workload.hidden_calls,
        parsed_calls=sum(query.calls for query in parsed),
        total_ms=_time(workload.queries),
        parsed_ms=_time(parsed),
    )


def _time(queries: list[Query]) -> float | None:
    times = [query.total_ms for query in queries if query.total_ms is not None]
    return round(sum(times), 3) if times else None


def _top(findings: Iterable[Finding]) -> list[model.TopStatement]:
    by_statement: dict[int, list[Finding]] = {}
    for finding in findings:
        if finding.span.statement.outermost.usage is not None:
            by_statement.setdefault(id(finding.span.statement.outermost), []).append(finding)
    rows = []
    for found in by_statement.values():
        statement = found[0].span.statement.outermost
        usage = usage_info(statement.usage)
        assert usage is not None
        rows.append(
            model.TopStatement(
                found[0].object.name,
                excerpt(statement),
                statement.source,
                statement.line,
                usage,
                sorted({finding.rule for finding in found}),
                [finding.id for finding in found],
            )
        )
    rows.sort(key=lambda row: (-row.usage.calls, -(row.usage.total_ms or 0.0), row.name))
    return rows[:TOP]
