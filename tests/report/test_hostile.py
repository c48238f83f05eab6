"""Names that try to break out of a form: every form is read back by what reads it, and holds."""

from __future__ import annotations

import dataclasses
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dsql_compat.pipeline import analyze_sources
from dsql_compat.report import (
    check_text,
    github,
    gitlab,
    html,
    junit,
    markdown,
    model,
    rdjson,
    sarif,
    text,
)
from dsql_compat.report.json import render as as_json
from dsql_compat.report.outcome import Outcome
from dsql_compat.rules import load_catalogue
from tests.report.test_html import HOSTILE, linked_findings, make_report
from tests.report.test_markdown import GENERATED, Rendered

SCHEMA = Path(__file__).parent / "hostile.sql"
# Line ends for workflow commands, escape sequences, ends of CDATA, half a character, what XML has
# no way to write, line separators of Unicode, C1's short way to begin an escape sequence.
NAME = (
    f"{HOSTILE}\n::set-output name=x::y\r\n::error file=a,line=1::%0A%25 ]]> {{{{ 7*7 }}}} &lt;"
    "\x00\x1b[31m\x1b]8;;http://evil.example\x07\x9b31m\x85\u2028\u2029\ufffe\udcff\U000e0041"
)
UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffe\ud800-\udfff\U000e0041]"
)


def outcome_of(report: model.Report) -> Outcome:
    rules, found = load_catalogue().rules, tuple(report.findings)
    return Outcome(report, rules, "error", found, 0, (), (), 0)


@pytest.fixture(scope="module", params=["names", "schema"])
def report(request: pytest.FixtureRequest) -> model.Report:
    if request.param == "schema":
        return analyze_sources([str(SCHEMA)])
    known = {"made-up-rule": "trigger"}
    made = make_report(linked_findings(12, NAME), NAME)
    findings = [
        dataclasses.replace(
            f,
            rule=known.get(f.rule, f.rule),
            suppressed=model.SuppressedInfo(NAME, NAME) if n == 8 else None,
        )
        for n, f in enumerate(made.findings)
    ]
    return dataclasses.replace(made, findings=findings)


FORMS: dict[str, Callable[[model.Report], str]] = {
    "html": html.render,
    "markdown": markdown.render,
    "text": lambda report: text.render(report, everything=True),
    "check": lambda report: check_text.render(outcome_of(report)),
    "json": as_json,
    "sarif": lambda report: sarif.render(outcome_of(report)),
    "gitlab": lambda report: gitlab.render(outcome_of(report)),
    "rdjson": lambda report: rdjson.render(outcome_of(report), lambda *_: ""),
    "junit": lambda report: junit.render(outcome_of(report)),
    "github": lambda report: github.render(outcome_of(report)),
    "summary": lambda report: github.job_summary(outcome_of(report)),
}


@pytest.mark.parametrize("form", FORMS)
def test_nothing_unseen_gets_through(report: model.Report, form: str) -> None:
    shown = FORMS[form](report)
    assert not UNSEEN.findall(shown)
    assert shown.encode("utf-8")
    assert "alert(1)" in shown


def test_json_says_what_the_source_says(report: model.Report) -> None:
    known = json.loads(as_json(report))
    assert [f["message"] for f in known["findings"]] == [f.message for f in report.findings]
    assert [o["name"] for o in known["objects"]] == [o.name for o in report.objects]
    assert [f["statement"] for f in known["findings"]] == [f.statement for f in report.findings]


def test_sarif_says_what_the_source_says(report: model.Report) -> None:
    outcome = outcome_of(report)
    (run,) = json.loads(sarif.render(outcome))["runs"]
    found = [result["message"]["text"] for result in run["results"]]
    assert found == [f"{f.message} {f.advice}" for f in outcome.worst_first]
    places = [r["locations"][0]["physicalLocation"]["artifactLocation"] for r in run["results"]]
    assert all(re.fullmatch(r"(?:file:)?[\w/%.~-]+", place["uri"]) for place in places)


def test_gitlab_and_reviewdog_say_what_the_source_says(report: model.Report) -> None:
    outcome = outcome_of(report)
    issues = json.loads(gitlab.render(outcome))
    assert [i["description"] for i in issues] == [f.message for f in outcome.worst_first]
    assert {i["location"]["path"] for i in issues} == {f.location.source for f in report.findings}
    rows = json.loads(rdjson.render(outcome, lambda *_: ""))["diagnostics"]
    assert [r["message"] for r in rows] == [f"{f.message}\n{f.advice}" for f in outcome.worst_first]


def test_junit_is_xml_with_a_case_a_file(report: model.Report) -> None:
    outcome = outcome_of(report)
    suites = ET.fromstring(junit.render(outcome))
    cases = suites.findall("testsuite/testcase")
    files = {s.name for s in report.sources} | {f.location.source for f in report.findings}
    assert len(cases) == len(files)
    listed = "\n".join(
        part.text or "" for case in cases for part in (*case.findall("failure"), *case.iter())
    )
    assert all(f" {f.severity} {f.rule}: " in listed for f in report.findings)
    assert {tag.tag for tag in suites.iter()} <= {
        "testsuites", "testsuite", "testcase", "failure", "system-out",
    }  # fmt: skip
    assert listed.count("alert(1)") >= len(report.findings) / 4


def test_github_gets_one_command_a_finding(report: model.Report) -> None:
    *lines, last = github.render(outcome_of(report)).split("\n")[:-1]
    assert len(lines) == len(report.findings)
    for line in lines:
        assert re.fullmatch(r"::(?:error|warning|notice) [^:\r]*::[^\r]*", line)
        names = [part.split("=", 1)[0] for part in line.split("::")[1].split(" ", 1)[1].split(",")]
        assert set(names) <= {"file", "line", "endLine", "col", "endColumn", "title"}
        assert len(names) == len(set(names))
    assert not last.startswith("::")


@pytest.mark.parametrize("form", ["check", "text"])
def test_no_line_of_a_log_is_a_workflow_command(report: model.Report, form: str) -> None:
    lines = FORMS[form](report).splitlines()
    assert len(lines) > len(report.findings)
    assert not [line for line in lines if line.startswith("::")]


def test_a_job_summary_shows_names_as_they_are(report: model.Report) -> None:
    tool: Any = pytest.importorskip("markdown_it")
    parser = tool.MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    rows = parser.parse(github.job_summary(outcome_of(report)))
    kinds = {child.type for row in rows for child in row.children or ()}
    assert kinds <= {"text", "text_special", "softbreak"}
    shown = "".join(child.content for row in rows for child in row.children or ())
    assert "<script>alert(1)</script>" in shown
    table = [row for row in rows if row.type == "td_open"]
    assert len(table) == 4 * len(report.findings)


def test_pages_hold_no_tag_of_a_name(report: model.Report) -> None:
    shown = html.render(report)
    assert not re.search(r"<(?:img|b|svg on\w+|body on\w+|iframe)[\s>/]", shown)
    assert len(re.findall(r"<script\b", shown)) == 2
    page = Rendered(markdown.render(report))
    assert set(page.tags) <= GENERATED
    assert "<script>alert(1)</script>" in page.shown
