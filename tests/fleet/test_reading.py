"""What is no report is refused in one line; names and pages are told truly."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dsql_compat.fleet.reading import (
    ReportError,
    names_of,
    page_beside,
    read_report,
    report_files,
)
from dsql_compat.pipeline import analyze_text
from dsql_compat.report import html
from tests.fleet.reports import of_sql
from tests.gate.repositories import command

SQL = "CREATE TABLE a (id serial PRIMARY KEY, m money, body jsonb);"


def broken(change: Callable[[dict[str, Any]], object]) -> str:
    values = of_sql(SQL)
    change(values)
    return json.dumps(values)


BAD = {
    "empty": "",
    "no JSON": "{",
    "a list": "[1]",
    "a number": "3",
    "deep": "[" * 100_000,
    "not a report": '{"a": 1}',
    "a fleet": '{"fleet_version": 1}',
    "a comparison": '{"diff_version": 1}',
    "the next version": '{"schema_version": 2}',
    "a version in words": '{"schema_version": "1"}',
    "true is no version": '{"schema_version": true}',
    "half of one": '{"schema_version": 1, "readiness": {}}',
    "verdict": broken(lambda v: v["readiness"].update(verdict="<b>")),
    "hours in words": broken(lambda v: v["readiness"]["effort"].update(low_hours="many")),
    "endless hours": broken(lambda v: v["readiness"]["effort"].update(high_hours=float("inf"))),
    "no number of hours": broken(
        lambda v: v["readiness"]["effort"].update(high_hours=float("nan"))
    ),
    "less than nothing": broken(lambda v: v["sources"][0].update(statements=-1)),
    "a rule that is a list": broken(lambda v: v["findings"][0].update(rule=["x"])),
    "another severity": broken(lambda v: v["findings"][0].update(severity="fatal")),
    "a list as severity": broken(lambda v: v["findings"][0].update(severity=["error"])),
    "a status of a gap": broken(lambda v: v["gap_list"][0].update(status="\x1b[31m")),
    "a key of a gap": broken(lambda v: v["gap_list"][0].update(key={})),
    "no date": broken(lambda v: v["target"].update(date="soon")),
    "a date of the timeline": broken(lambda v: v["timeline"][0].update(date="<script>")),
    "findings that are none": broken(lambda v: v.update(findings=[1])),
    "no findings": broken(lambda v: v.pop("findings")),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_report_is_refused_in_one_line(tmp_path: Path, name: str) -> None:
    path = tmp_path / "bad.json"
    path.write_text(BAD[name], "utf-8")
    with pytest.raises(ReportError) as caught:
        read_report(path, "bad")
    said = str(caught.value)
    assert said.startswith(f"{path}: ")
    assert "\n" not in said and "\x1b" not in said
    assert len(said) < 300 + len(str(path))


@pytest.mark.parametrize("arguments", [("merge", "x.json"), ("diff", "x.json", "x.json")])
def test_the_commands_say_so_and_end_with_2(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    missing = command(tmp_path, *arguments, code=2)
    assert missing.stderr.startswith("dsql-compat: x.json: ") and missing.stdout == ""
    (tmp_path / "x.json").write_text('{"schema_version": 2}')
    wrong = command(tmp_path, *arguments, code=2)
    assert wrong.stderr == ("dsql-compat: x.json: schema_version 2, and this program reads 1\n")


def test_an_empty_folder_is_said(tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    done = command(tmp_path, "merge", "none", code=2)
    assert done.stderr == "dsql-compat: none: the folder holds no .json file\n"


def test_a_name_cannot_write_to_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "a\x1b[31m\nb.json").write_text("{")
    done = command(tmp_path, "merge", ".", code=2)
    assert done.stderr.count("\n") == 1 and "\x1b" not in done.stderr


def test_the_file_that_is_written_is_not_read(tmp_path: Path) -> None:
    for name in ("fleet.json", "b.json"):
        (tmp_path / name).write_text("{}")
    assert report_files([str(tmp_path)], tmp_path / "fleet.json") == [tmp_path / "b.json"]


def test_names_tell_files_apart() -> None:
    paths = [Path("a/x.json"), Path("b/x.json"), Path("y.json"), Path("c/z.json"), Path("c/z.js")]
    assert list(names_of(paths)) == ["a/x", "b/x", "y", "c/z.json", "c/z.js"]


def test_only_a_page_of_this_report_is_linked(tmp_path: Path) -> None:
    report = analyze_text(SQL)
    day = str(report.target.date)
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    path, output = tmp_path / "in" / "javascript:a%b?.json", tmp_path / "out" / "fleet.html"
    page = path.with_suffix(".html")
    assert page_beside(path, day, output) == ""
    page.write_text(html.render(report), "utf-8")
    assert page_beside(path, day, output) == "./../in/javascript%3Aa%25b%3F.html"
    assert page_beside(path, day, path.with_suffix(".html")) == ""
    assert page_beside(path, "2026-03-31", output) == ""
    page.write_text("<title>Something else</title>")
    assert page_beside(path, day, output) == ""
