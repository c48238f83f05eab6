"""Every example of every rule is run at every date on which the rule's status changed."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import cache
from itertools import pairwise

import pytest

from dsql_compat.pipeline import analyze_inputs, analyze_text
from dsql_compat.report.model import FindingInfo, Report
from dsql_compat.rules import Example, Rule, load_catalogue
from dsql_compat.sources.files import Input, Wrap
from tests.workloads import report_of_workload

CATALOGUE = load_catalogue()
RULES = CATALOGUE.rules.values()


@cache
def report(sql: str, day: date) -> Report:
    return analyze_text(sql, target=day.isoformat())


@cache
def report_of_migration(sql: str, day: date, wrap: Wrap) -> Report:
    """The script as a migration tool runs it."""
    source = Input("<text>", "migration", "plain", None, None, sql.encode(), wraps=(wrap,))
    return analyze_inputs([source], day.isoformat())


def findings(rule: Rule, example: Example, sql: str, day: date) -> list[FindingInfo]:
    if example.tool is not None and sql == example.script:
        wrap = Wrap(example.tool, writes_row=example.case.endswith("-row"))
        found = report_of_migration(sql, day, wrap)
    elif example.called is None or sql != example.script:
        found = report(sql, day)
    else:
        calls, rows, seconds = (example.called[name] for name in ("calls", "rows", "seconds"))
        found = report_of_workload(sql, day.isoformat(), calls or 0, rows, seconds)
    return [f for f in found.findings if f.rule == rule.id]


def marked(sql: str, finding: FindingInfo) -> str:
    """The text a finding points at, cut out of the script by its line and column numbers."""
    lines = sql.split("\n")
    at = finding.location
    if at.line == at.end_line:
        return lines[at.line - 1][at.column - 1 : at.end_column - 1]
    first, last = lines[at.line - 1][at.column - 1 :], lines[at.end_line - 1][: at.end_column - 1]
    return "\n".join([first, *lines[at.line : at.end_line - 1], last])


EXAMPLES = [
    pytest.param(rule, example, id=f"{rule.id}/{example.name}")
    for rule in RULES
    for example in rule.examples
]


def statuses(rule: Rule, example: Example):  # type: ignore[no-untyped-def]
    return [status for status in rule.support if status.case == example.case]


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_a_bad_example_is_found_at_every_date_that_says_so(rule: Rule, example: Example) -> None:
    for status in statuses(rule, example):
        found = findings(rule, example, example.script, status.since)
        if status.severity is None:
            assert not found, f"{status.since}: DSQL accepts it, so nothing is to be said"
            continue
        assert sorted(marked(example.script, f) for f in found) == sorted(example.marks), (
            status.since
        )
        assert {f.severity for f in found} == {status.severity}, status.since
        assert {f.disposition for f in found} == {status.disposition}, status.since


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_a_day_before_a_status_the_one_before_it_holds(rule: Rule, example: Example) -> None:
    history = statuses(rule, example)
    for before, after in pairwise(history):
        found = findings(rule, example, example.script, after.since - timedelta(days=1))
        assert {f.severity for f in found} == ({before.severity} if before.severity else set())


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_texts_and_rewrites_have_all_their_facts(rule: Rule, example: Example) -> None:
    for status in statuses(rule, example):
        for finding in findings(rule, example, example.script, status.since):
            texts = [finding.message, finding.why, finding.advice]
            if finding.rewrite:
                texts += finding.rewrite.after
            assert all(texts)
            assert not [text for text in texts if re.search(r"\{[a-z_]+\}", text)]


@pytest.mark.parametrize(
    ("rule", "example"), [p for p in EXAMPLES if p.values[1].after is not None]
)
def test_the_rewrite_of_an_example_is_the_one_it_states(rule: Rule, example: Example) -> None:
    with_rewrite = [s for s in statuses(rule, example) if s.severity and s.rewrite]
    assert with_rewrite, "an example states a rewrite, but no status has one"
    found = findings(rule, example, example.script, with_rewrite[-1].since)
    written = [line for f in found if f.rewrite for line in f.rewrite.after]
    assert tuple(written) == example.after


@pytest.mark.parametrize(("rule", "example"), [p for p in EXAMPLES if p.values[1].good])
def test_a_good_example_is_silent(rule: Rule, example: Example) -> None:
    assert example.good is not None
    for status in statuses(rule, example):
        if status.severity in ("error", "warning"):
            found = findings(rule, example, example.good, status.since)
            assert not [f for f in found if f.severity != "info"], status.since
    refused = [
        f for f in report(example.good, CATALOGUE.verified).findings if f.severity == "error"
    ]
    assert not refused, "what a rule advises is refused under another rule"
