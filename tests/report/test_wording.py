"""The counts and sentences of a report, where findings of several kinds meet."""

from __future__ import annotations

from dsql_compat.pipeline import analyze_text
from dsql_compat.report.text import render

SHARED = """CREATE TABLE docs (id uuid PRIMARY KEY, body text, words tsvector);
CREATE INDEX docs_body ON docs (body);
CREATE INDEX docs_words ON docs USING gin (words);"""


def test_a_group_of_several_dispositions_counts_each() -> None:
    assert "sync-index  2 found, 1 automatic, 1 manual" in render(analyze_text(SHARED))


def test_what_follows_from_a_finding_is_no_decision_of_its_own() -> None:
    report = analyze_text(SHARED)
    manual = [f for f in report.findings if f.disposition == "manual"]
    decided = [f for f in manual if not f.cause]
    assert len(decided) < len(manual)
    assert f"{len(decided)} findings need a person's decision" in report.readiness.sentence


def test_advice_that_differs_from_the_first_is_shown_once() -> None:
    text = render(
        analyze_text(
            "CREATE EXTENSION citext;\nCREATE EXTENSION pgcrypto;\n"
            "CREATE EXTENSION IF NOT EXISTS pgcrypto;"
        )
    )
    assert text.count("passwords and encryption") == 1


def test_the_timeline_is_silent_where_another_rule_spoke_before() -> None:
    sql = """CREATE TABLE a (id uuid PRIMARY KEY);
CREATE TABLE b (id uuid PRIMARY KEY, a_id uuid);
ALTER TABLE b ADD CONSTRAINT b_a FOREIGN KEY (a_id) REFERENCES a;"""
    rows = [row.rule for row in analyze_text(sql).timeline]
    assert rows == ["foreign-key"]


def test_a_statement_of_one_word_is_named_without_its_semicolon() -> None:
    (finding,) = analyze_text("ANALYZE;").findings
    assert finding.object.name == "ANALYZE"
