"""A statement judged as one of a workload, with the use it is said to have had."""

from __future__ import annotations

from dsql_compat.pipeline import analyze_inputs
from dsql_compat.report.model import Report
from dsql_compat.sources.files import Input
from dsql_compat.sources.workload.model import Query, Workload
from dsql_compat.sql.statements import Statement, parse_statement


def report_of_workload(
    sql: str, target: str, calls: int, rows: int | None, seconds: int | None
) -> Report:
    """The report on it alone; its text stays as it is, so that findings point into it."""
    time = None if seconds is None else seconds * 1000
    query = Query(parse_statement(Statement(sql, "<text>")), "f" * 16, calls, rows, time)
    source = Input("schema", "dump", "plain", None, 8, b"SELECT 1")
    return analyze_inputs([source], target, workloads=[Workload("<text>", "sql", [query])])
