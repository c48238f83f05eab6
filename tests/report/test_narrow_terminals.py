"""Fleets, comparisons and the gate on narrow terminals: prose goes on below, names stay whole."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dsql_compat.fleet import diff_text
from dsql_compat.fleet import text as fleet_text
from dsql_compat.fleet.comparing import compare
from dsql_compat.fleet.reading import read_report
from dsql_compat.pipeline import analyze_sources
from dsql_compat.report import check_text
from dsql_compat.report.outcome import Outcome
from dsql_compat.rules import load_catalogue
from tests.fleet.reports import fleet_of, of_sample, write

SHOP = Path(__file__).parents[2] / "sample_schemas" / "shop" / "schema.sql"


def plain(shown: str) -> str:
    return re.sub(r"\x1b\[[\d;]*m", "", shown)


def wide(shown: str, width: int) -> list[str]:
    return [line for line in plain(shown).splitlines() if len(line) > width]


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    reports = {"march": of_sample("shop", "2026-03"), "now": of_sample("shop")}
    return write(tmp_path_factory.mktemp("narrow"), {**reports, "saas": of_sample("saas")})


@pytest.mark.parametrize("width", [80, 100])
@pytest.mark.parametrize("colour", [False, True])
def test_a_fleet_fits(paths: list[Path], width: int, colour: bool) -> None:
    fleet = fleet_of(paths)
    assert wide(fleet_text.render(fleet), width) != []
    assert wide(fleet_text.render(fleet, width=width, colour=colour), width) == []


@pytest.mark.parametrize("colour", [False, True])
def test_a_comparison_fits_and_loses_no_word(paths: list[Path], colour: bool) -> None:
    comparison = compare(read_report(paths[0], "march"), read_report(paths[1], "now"))
    whole = diff_text.render(comparison)
    shown = diff_text.render(comparison, width=80, colour=colour)
    assert plain(shown).split() == whole.split()
    assert len(wide(whole, 80)) > 20
    assert wide(shown, 80) == []


def test_the_gate_wraps_on_a_terminal_and_has_a_line_a_finding_elsewhere() -> None:
    report = analyze_sources([str(SHOP)])
    new = tuple(report.findings)
    outcome = Outcome(report, load_catalogue().rules, "error", new, 0, (), (), 0)
    one_each = check_text.render(outcome)
    assert sum(line.startswith(str(SHOP)) for line in one_each.splitlines()) == len(new)
    assert all(f": {f.message}" in one_each for f in new)
    places = re.compile(rf"{re.escape(str(SHOP))}:\d+:\d+: \w+ [\w-]+:")
    long = wide(check_text.render(outcome, width=80), 80)
    assert all(places.fullmatch(line) for line in long)
    assert len(wide(one_each, 80)) > len(long)
