"""Why findings came or went, where two reports are for different days."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dsql_compat.fleet import diff_text
from dsql_compat.fleet.comparing import Comparison, compare
from dsql_compat.fleet.reading import read_report
from tests.fleet.reports import of_sample, of_sql, write

TABLE = "CREATE TABLE a (id uuid PRIMARY KEY, body jsonb);\n"
INDEX = "CREATE INDEX a_body ON a (body) WHERE id IS NOT NULL;\n"
MONEY = "CREATE TABLE b (id uuid PRIMARY KEY, m money);\n"


def compared(folder: Path, old: dict[str, Any], new: dict[str, Any]) -> Comparison:
    one, other = write(folder, {"old": old, "new": new})
    return compare(read_report(one, "old"), read_report(other, "new"))


def reasons(comparison: Comparison) -> set[tuple[str, str]]:
    return {
        (entry.rule, comparison.because[entry.id])
        for entry in (*comparison.fixed, *comparison.added, *(n for _, n in comparison.changed))
    }


def test_of_the_same_day_only_the_schema_changed(tmp_path: Path) -> None:
    comparison = compared(tmp_path, of_sql(TABLE + MONEY), of_sql(TABLE))
    assert comparison.fixed and comparison.because == {} and comparison.notes == []


@pytest.mark.parametrize("sample", ["saas", "shop", "hostile"])
def test_a_schema_that_stayed_is_never_the_reason(tmp_path: Path, sample: str) -> None:
    comparison = compared(tmp_path, of_sample(sample, "2026-03"), of_sample(sample))
    assert comparison.because
    assert set(comparison.because.values()) == {"date"}


def test_what_the_date_brought_and_what_the_schema(tmp_path: Path) -> None:
    comparison = compared(tmp_path, of_sql(TABLE + INDEX + MONEY, "2026-03"), of_sql(TABLE + INDEX))
    found = reasons(comparison)
    assert ("money-column", "schema") in found
    assert ("partial-index", "date") in found
    assert ("jsonb-column", "date") in found
    said = " ".join(diff_text.render(comparison).split())
    assert "Aurora DSQL changed between the two dates" in said
    assert "the schema changed: 1; " in said


def test_an_object_that_is_gone_was_the_schema_even_where_the_rule_moved(tmp_path: Path) -> None:
    comparison = compared(tmp_path, of_sql(TABLE + MONEY, "2026-03"), of_sql(MONEY))
    assert ("jsonb-column", "schema") in reasons(comparison)


def test_an_object_that_changed_with_the_rule_is_left_open(tmp_path: Path) -> None:
    changed = TABLE.replace("jsonb", "text")
    comparison = compared(tmp_path, of_sql(TABLE, "2026-03"), of_sql(changed))
    assert reasons(comparison) == {("jsonb-column", "unknown")}


def test_another_catalogue_is_said_and_named_as_reason(tmp_path: Path) -> None:
    old, new = of_sql(TABLE + MONEY), of_sql(TABLE + MONEY)
    old["catalogue"]["verified"] = "2026-09-01"
    old["findings"] = [f for f in old["findings"] if f["rule"] != "money-column"]
    comparison = compared(tmp_path, old, new)
    assert "the catalogues differ" in comparison.notes[0]
    assert reasons(comparison) == {("money-column", "catalogue")}
