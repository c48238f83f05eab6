"""Every rewrite of the samples is SQL that DSQL could take: it parses and settles its finding.

A rewrite settles one fact.  What else is wrong with the statement has findings of its own, so an
error of another rule is no failure here.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from dsql_compat.pipeline import analyze_sources, analyze_text
from dsql_compat.report.model import FindingInfo
from dsql_compat.sources.files import find_inputs
from dsql_compat.sources.reader import Reader
from dsql_compat.sql.statements import Statement

SAMPLES = Path(__file__).parents[1] / "sample_schemas"
SOURCES = sorted(
    [*SAMPLES.glob("*/schema.sql"), *SAMPLES.glob("*/source.sql"), SAMPLES / "migrations"]
)
# How a line that is no statement may be meant: a column or constraint, what stands in a column's
# definition, an expression.
FRAMES = ("CREATE TABLE t ({});", "CREATE TABLE t (c integer {});", "SELECT {};")
# Rules that speak of how a statement stands among others, which one line alone does not show.
OF_CONTEXT = {"ddl-with-dml", "multiple-ddl-per-transaction"}

CASES = [
    pytest.param(source, target, id=f"{source.relative_to(SAMPLES)}-{target}")
    for source in SOURCES
    for target in ("latest", "2026-03")
]


@cache
def errors(sql: str, target: str) -> frozenset[str]:
    """The rules by which DSQL refuses something in a text."""
    return frozenset(f.rule for f in analyze_text(sql, target).findings if f.severity == "error")


@cache
def definitions(source: Path) -> str:
    """The types, tables and views that statements of a source may speak of."""
    texts = [
        event.text[event.start :].strip().rstrip(";") + ";"
        for read in find_inputs([str(source)])
        for event in Reader(read, None)
        if isinstance(event, Statement)
        and event.text[event.start :].upper().startswith(("CREATE TABLE", "CREATE TYPE"))
    ]
    return "\n".join(texts) + "\n"


def written(source: Path, target: str) -> list[tuple[FindingInfo, str]]:
    """Each finding with each line of its rewrite; a WITH goes with the statement behind it."""
    lines = []
    for finding in analyze_sources([str(source)], target).findings:
        start = ""
        for line in finding.rewrite.after if finding.rewrite else ():
            if line.startswith("--"):
                continue
            if line.startswith("WITH ") and not line.endswith(";"):
                start = line + "\n"
                continue
            lines.append((finding, start + line))
            start = ""
    return lines


@pytest.mark.parametrize(("source", "target"), CASES)
def test_a_rewritten_statement_parses_and_settles_its_finding(source: Path, target: str) -> None:
    for finding, line in written(source, target):
        if not line.endswith(";") or line.startswith("AWS IAM "):
            continue
        alone = errors(line, target)
        assert "syntax-error" not in alone, (finding.id, line)
        assert finding.rule not in alone, (finding.id, line)


@pytest.mark.parametrize(("source", "target"), CASES)
def test_it_does_so_beside_the_tables_it_needs(source: Path, target: str) -> None:
    context = definitions(source)
    before = context.count("\n")
    for finding, line in written(source, target):
        if not line.endswith(";") or line.startswith("AWS IAM ") or finding.rule in OF_CONTEXT:
            continue
        report = analyze_text(context + line, target)
        again = [
            f
            for f in report.findings
            if f.rule == finding.rule and f.severity == "error" and f.location.line > before
        ]
        assert not again, (finding.id, line, again[0].message)


@pytest.mark.parametrize(("source", "target"), CASES)
def test_a_part_of_a_statement_fits_into_one(source: Path, target: str) -> None:
    for finding, line in written(source, target):
        if line.endswith(";"):
            continue
        fitting = [frame.format(line) for frame in FRAMES]
        fitting = [sql for sql in fitting if "syntax-error" not in errors(sql, target)]
        assert fitting, (finding.id, line)
        assert finding.rule not in errors(fitting[0], target), (finding.id, line)
