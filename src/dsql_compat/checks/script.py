"""What concerns the script as a whole: statements that do not parse, other databases."""

from __future__ import annotations

from collections.abc import Iterator

from dsql_compat.checks.context import Here
from dsql_compat.checks.registry import detects
from dsql_compat.findings import Finding
from dsql_compat.sql import spans
from dsql_compat.sql.statements import Statement

Found = Iterator[Finding | None]


@detects("syntax-error", on=Statement)
def syntax_error(statement: Statement, here: Here) -> Found:
    problem = statement.problem
    if problem is not None:
        yield here.found(
            "syntax-error", spans.word_at(statement, problem.at), problem=problem.message
        )
