"""The text report on terminals of several widths; files and pipes get the lines as they are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dsql_compat.pipeline import analyze_sources
from dsql_compat.report import model, text
from dsql_compat.report.style import table
from dsql_compat.report.views import counted, ranked_limits

SAAS = Path(__file__).parents[2] / "sample_schemas" / "saas" / "schema.sql"


@pytest.fixture(scope="module")
def report() -> model.Report:
    return analyze_sources([str(SAAS)])


def words(shown: str) -> list[str]:
    return re.sub(r"\x1b\[[\d;]*m", "", shown).split()


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("colour", [False, True])
def test_prose_and_tables_fit_the_terminal(report: model.Report, width: int, colour: bool) -> None:
    shown = text.render(report, width=width, colour=colour)
    plain = re.sub(r"\x1b\[[\d;]*m", "", shown)
    rewrites = {
        "        " + line.rstrip()
        for finding in report.findings
        if finding.rewrite
        for statement in finding.rewrite.after
        for line in statement.splitlines()
    }
    wide = [
        line
        for line in plain.splitlines()
        if len(line) > width and line not in rewrites and " found, " not in line
        and not line.lstrip().startswith(str(SAAS))
    ]  # fmt: skip
    assert wide == []
    assert ("\x1b[" in shown) is colour
    assert shown.count("\x1b[") % 2 == 0


def test_a_narrow_terminal_loses_no_word(report: model.Report) -> None:
    assert sorted(words(text.render(report, width=80))) == sorted(words(text.render(report)))


def test_a_tables_last_column_goes_on_below_itself() -> None:
    rows = [("a", "one two three four five six"), ("long", "x")]
    assert table(rows, width=22) == "  a     one two three\n        four five six\n  long  x"
    assert table(rows) == "  a     one two three four five six\n  long  x"


def test_limits_stand_by_use_and_one_of_one_last() -> None:
    def row(key: str, value: int, observed: int | None, state: model.LimitState) -> model.LimitRow:
        return model.LimitRow(key, key, value, "tables", observed, state, None)

    rows = [
        row("unseen", 10, None, "unknown"),
        row("only", 1, 1, "ok"),
        row("little", 100, 1, "ok"),
        row("half", 100, 50, "ok"),
        row("near", 100, 90, "near"),
        row("over", 100, 101, "exceeded"),
    ]
    known, unknown = ranked_limits(rows)
    assert [r.key for r in known] == ["over", "near", "half", "little", "only"]
    assert [r.key for r in unknown] == ["unseen"]
    assert counted(1, "databases") == "1 database"
    assert counted(2, "databases") == "2 databases"
    assert counted(1, "bytes") == "1 byte"
