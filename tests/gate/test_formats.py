"""Every format says the same, in the form that its reader takes."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from dsql_compat.pipeline import analyze_text
from dsql_compat.report.model import FindingInfo
from dsql_compat.rules import load_catalogue
from tests.gate.repo import BAD, GOOD, Repo

SCHEMA = json.loads((Path(__file__).parent / "schemas/sarif-2.1.0.json").read_text("utf-8"))
SQL = (
    "CREATE TABLE kaffee (\n"
    "  id serial PRIMARY KEY,\n"
    "  größe text, preis numeric, sorte text -- 100 %, „süß“: [a](b) <x>\n"
    ");\n"
    'TRUNCATE "a,b:c%";\n'
    "TRUNCATE kaffee; -- dsql-compat: ignore[truncate] only on the old cluster\n"
)


@pytest.fixture
def mixed(repo: Repo) -> Repo:
    repo.write("migrations/1.sql", SQL)
    repo.write("migrations/2 größer.sql", GOOD)
    return repo


def findings(repo: Repo) -> list[dict[str, Any]]:
    report = repo.json()
    return [f for f in report["findings"] if f["id"] in report["gate"]["new"]]


def test_the_json_report_says_what_the_gate_made_of_it(mixed: Repo) -> None:
    report = mixed.json()
    gate = report["gate"]
    assert (gate["judged_as"], gate["fail_on"], gate["failed"]) == ("history", "error", True)
    ids = {f["id"] for f in report["findings"]}
    assert set(gate["new"]) < ids
    suppressed = [f["suppressed"]["reason"] for f in report["findings"] if "suppressed" in f]
    assert suppressed == ["only on the old cluster"]


def unescape(text: str) -> str:
    for code, sign in (("%0A", "\n"), ("%0D", "\r"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, sign)
    return text


def test_annotations_of_github(mixed: Repo) -> None:
    done = mixed.check("--format", "github")
    assert done.returncode == 1
    *commands, last = done.stdout.splitlines()
    assert not last.startswith("::")
    read = [re.fullmatch(r"::(error|warning|notice) ([^:]*)::(.*)", c) for c in commands]
    assert all(read), commands
    shown = []
    for found in read:
        assert found is not None
        values = dict(pair.split("=", 1) for pair in found[2].split(","))
        shown.append((found[1], {k: unescape(v) for k, v in values.items()}, unescape(found[3])))
    expected = findings(mixed)
    assert len(shown) == len(expected)
    levels = [level for level, _, _ in shown]
    assert levels == sorted(levels), "blockers come first"
    by_place = {
        (f["location"]["source"], str(f["location"]["line"]), str(f["location"]["column"])): f
        for f in expected
    }
    for _, values, message in shown:
        finding = by_place[values["file"], values["line"], values["col"]]
        assert values["title"] == f"dsql-compat {finding['rule']}"
        assert message == f"{finding['message']}\n{finding['advice']}"


def test_a_job_summary_is_appended(mixed: Repo, tmp_path: Path) -> None:
    path = tmp_path / "summary.md"
    path.write_text("before\n")
    mixed.check("--format", "github", env={"GITHUB_STEP_SUMMARY": str(path)})
    text = path.read_text("utf-8")
    assert text.startswith("before\n### ❌ dsql-compat")
    assert text.count("| migrations/1.sql:") == len(findings(mixed))
    mixed.check("--format", "text", env={"GITHUB_STEP_SUMMARY": str(path)})
    assert path.read_text("utf-8") == text


def sarif(repo: Repo, *arguments: str) -> dict[str, Any]:
    repo.check("--format", "sarif=out.sarif", *arguments)
    log: dict[str, Any] = json.loads((repo.folder / "out.sarif").read_text("utf-8"))
    validator = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker())
    assert [error.message for error in validator.iter_errors(log)] == []
    (run,) = log["runs"]
    assert isinstance(run, dict)
    return run


def test_sarif_is_valid_and_complete(mixed: Repo) -> None:
    run = sarif(mixed)
    rules = run["tool"]["driver"]["rules"]
    expected = {f["id"]: f for f in mixed.json()["findings"] if f["severity"] != "info"}
    results = {r["partialFingerprints"]["dsqlCompatFinding/v1"]: r for r in run["results"]}
    assert results.keys() == expected.keys()
    for finding_id, result in results.items():
        finding = expected[finding_id]
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == finding["rule"]
        region = result["locations"][0]["physicalLocation"]["region"]
        at = finding["location"]
        assert (region["startLine"], region["startColumn"]) == (at["line"], at["column"])
        assert ("suppressions" in result) == ("suppressed" in finding)
    assert all(rule["help"]["text"] and rule["help"]["markdown"] for rule in rules)


def test_sarif_of_nothing_and_of_a_file_with_blanks_in_its_name_is_valid(repo: Repo) -> None:
    repo.write("1.sql", GOOD)
    assert sarif(repo)["results"] == []
    repo.write("2 größer.sql", BAD)
    artifact = sarif(repo)["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert artifact == {"uri": "2%20gr%C3%B6%C3%9Fer.sql", "uriBaseId": "SRCROOT"}


def test_sarif_of_every_rule_is_valid(repo: Repo) -> None:
    for rule in load_catalogue().rules.values():
        for number, example in enumerate(rule.examples):
            if example.repeat is None:
                repo.write(f"{rule.id}-{number}.sql", example.bad)
    run = sarif(repo, "--fail-on", "info")
    assert len(run["tool"]["driver"]["rules"]) > 200


def test_sarif_fixes_hold_when_they_are_applied(mixed: Repo) -> None:
    text = SQL
    fixes = [result["fixes"] for result in sarif(mixed)["results"] if "fixes" in result]
    assert len(fixes) >= 2
    lines = text.split("\n")
    for (fix,) in fixes:
        (replacement,) = fix["artifactChanges"][0]["replacements"]
        region = replacement["deletedRegion"]
        before = lines[region["startLine"] - 1][: region["startColumn"] - 1]
        after = lines[region["endLine"] - 1][region["endColumn"] - 1 :]
        put = before + replacement["insertedContent"]["text"] + after
        edited = [*lines[: region["startLine"] - 1], put, *lines[region["endLine"] :]]
        report = analyze_text("\n".join(edited))
        assert "syntax-error" not in {finding.rule for finding in report.findings}


def applied(sql: str, finding: FindingInfo) -> str:
    """The script with a finding's rewrite put where it says."""
    assert finding.rewrite is not None
    region = finding.rewrite.region
    assert region is not None
    lines = sql.split("\n")
    before = lines[region.line - 1][: region.column - 1]
    after = lines[region.end_line - 1][region.end_column - 1 :]
    put = before + "\n".join(finding.rewrite.after) + after
    return "\n".join([*lines[: region.line - 1], put, *lines[region.end_line :]])


EXAMPLES = [
    pytest.param(example.script, id=f"{rule.id}/{example.name}")
    for rule in load_catalogue().rules.values()
    for example in rule.examples
    if example.repeat is None
]


@pytest.mark.parametrize("sql", EXAMPLES)
def test_a_rewrite_that_has_a_region_fits_there(sql: str) -> None:
    report = analyze_text(sql)
    broken = sum(finding.rule == "syntax-error" for finding in report.findings)
    for finding in report.findings:
        if finding.rewrite and finding.rewrite.region:
            edited = applied(sql, finding)
            after = analyze_text(edited) if edited.strip() else report
            errors = [f for f in after.findings if f.rule == "syntax-error"]
            assert len(errors) <= broken, edited


def test_junit_has_a_case_a_file(mixed: Repo) -> None:
    done = mixed.check("--format", "junit")
    root = ET.fromstring(done.stdout)
    assert root.tag == "testsuites"
    cases = {case.get("name"): case for case in root.iter("testcase")}
    assert set(cases) == {"migrations/1.sql", "migrations/2 größer.sql"}
    assert (root.get("tests"), root.get("failures")) == ("2", "1")
    failure = cases["migrations/1.sql"].find("failure")
    assert failure is not None
    assert "truncate" in (failure.text or "")
    assert len(cases["migrations/2 größer.sql"]) == 0


def test_junit_is_xml_whatever_stands_in_a_name(repo: Repo) -> None:
    repo.write("1.sql", 'TRUNCATE "]]>&<a \x07 \U0001f600";\n')
    root = ET.fromstring(repo.check("--format", "junit").stdout)
    assert root.find(".//failure") is not None


def test_gitlab_code_quality(mixed: Repo) -> None:
    issues = json.loads(mixed.check("--format", "gitlab").stdout)
    expected = findings(mixed)
    assert {issue["fingerprint"] for issue in issues} == {f["id"] for f in expected}
    for issue in issues:
        assert issue["severity"] in {"info", "minor", "major", "critical", "blocker"}
        assert issue["description"]
        assert issue["check_name"]
        assert not issue["location"]["path"].startswith(("./", "/"))
        assert issue["location"]["lines"]["begin"] >= 1


def test_rdjson_counts_columns_in_bytes(mixed: Repo) -> None:
    document = json.loads(mixed.check("--format", "rdjson").stdout)
    diagnostics = {d["code"]["value"]: d for d in document["diagnostics"]}
    lines = (mixed.folder / "migrations/1.sql").read_bytes().split(b"\n")

    def cut(span: dict[str, Any]) -> str:
        start, end = span["start"], span["end"]
        assert start["line"] == end["line"]
        return lines[start["line"] - 1][start["column"] - 1 : end["column"] - 1].decode()

    numeric = diagnostics["numeric-without-precision"]
    assert cut(numeric["location"]["range"]) in ("preis", "numeric", "preis numeric")
    assert cut(numeric["suggestions"][0]["range"]) == "preis numeric"
    assert {d["severity"] for d in document["diagnostics"]} <= {"ERROR", "WARNING", "INFO"}


def test_several_formats_at_once(mixed: Repo) -> None:
    done = mixed.check(
        *("--format", "github", "--format", "sarif=out.sarif", "--format", "junit=out.xml")
    )
    assert done.returncode == 1
    assert done.stdout.startswith("::error ")
    assert json.loads((mixed.folder / "out.sarif").read_text("utf-8"))["version"] == "2.1.0"
    ET.parse(mixed.folder / "out.xml")
    done = mixed.check("--format", "gitlab=out.json")
    assert done.stdout.startswith("migrations/1.sql:"), "text goes to standard output"


def test_an_output_that_cannot_be_written_is_said_so(mixed: Repo) -> None:
    done = mixed.check("--format", "sarif=nowhere/out.sarif")
    assert done.returncode == 2
    assert "nowhere/out.sarif" in done.stderr
