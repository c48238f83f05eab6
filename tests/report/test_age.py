"""Reports say of which day the catalogue is, and warn when that is long ago."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from dsql_compat.api import analyze
from dsql_compat.pipeline import analyze_inputs
from dsql_compat.report.html import render as html
from dsql_compat.report.json import render as as_json
from dsql_compat.report.markdown import render as markdown
from dsql_compat.report.model import Report
from dsql_compat.report.text import render as text
from dsql_compat.rules import load_catalogue
from dsql_compat.sources.files import Input

VERIFIED = load_catalogue().verified
WARNING = f"The catalogue was verified on {VERIFIED}, 61 days ago"
FORMATS = [text, markdown, html, as_json]


def report(today: date | None) -> Report:
    sql = b"CREATE TABLE orders (id uuid PRIMARY KEY);"
    return analyze_inputs([Input("a.sql", "dump", "plain", None, len(sql), sql)], today=today)


@pytest.mark.parametrize("render", FORMATS)
def test_the_day_of_the_catalogue_is_in_every_report(render: object) -> None:
    assert callable(render)
    assert str(VERIFIED) in render(report(None)).split("Target", 1)[-1]


@pytest.mark.parametrize("render", FORMATS)
def test_a_report_warns_after_sixty_days(render: object) -> None:
    assert callable(render)
    fresh, old = (render(report(VERIFIED + timedelta(days))) for days in (60, 61))
    assert WARNING not in " ".join(fresh.split())
    assert WARNING in " ".join(old.split())


def test_json_says_how_old_the_catalogue_is() -> None:
    found = json.loads(as_json(report(VERIFIED + timedelta(61))))["catalogue"]
    assert found["verified"] == str(VERIFIED)
    assert found["days_old"] == 61
    assert found["warning"].startswith(WARNING)
    assert json.loads(as_json(report(None)))["catalogue"]["days_old"] is None


def test_the_library_counts_from_the_day_of_the_call(tmp_path: object) -> None:
    source = f"{tmp_path}/a.sql"
    Path(source).write_text("CREATE TABLE orders (id uuid PRIMARY KEY);")
    by_default = analyze(source).catalogue
    assert by_default and by_default.days_old == (date.today() - VERIFIED).days
    given = analyze(source, today=VERIFIED).catalogue
    assert given and given.days_old == 0
