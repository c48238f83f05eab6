"""The report's numbers add up, and its parts hold what the contract promises."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsql_compat import analyze
from dsql_compat.pipeline import analyze_sources, analyze_text
from dsql_compat.report.model import Report
from dsql_compat.rules import load_catalogue
from dsql_compat.sources.files import InputError

SAMPLES = Path(__file__).parents[1] / "sample_schemas"
NAMES = ("shop", "saas", "analytics", "bookings", "migrations")
GAP_KEYS = [
    "foreign-keys",
    "stored-procedures",
    "triggers",
    "truncate",
    "temporary-tables",
    "vacuum-analyze",
    "vector",
    "jsonb-columns",
    "full-text-search",
    "multiple-databases",
    "tablespaces",
    "advisory-locks",
    "listen-notify",
    "extensions",
    "collations",
    "isolation-levels",
    "password-authentication",
    "synchronous-index",
    "multiple-ddl-per-transaction",
]


def sample(name: str) -> str:
    path = SAMPLES / name / "schema.sql"
    return str(path if path.exists() else path.parent)


@pytest.fixture(scope="module", params=NAMES)
def report(request: pytest.FixtureRequest) -> Report:
    return analyze_sources([sample(request.param)])


def test_all_rows_of_the_gap_list_are_there(report: Report) -> None:
    assert [row.key for row in report.gap_list] == GAP_KEYS
    rules = load_catalogue().rules
    for row in report.gap_list:
        found = [f for f in report.findings if rules[f.rule].gap == row.key]
        assert row.found == len(found)
        assert {f.rule for f in found} <= set(row.rules)


def test_in_march_2026_every_gap_held() -> None:
    report = analyze_sources([sample("bookings")], target="2026-03")
    states = {row.key: row.status for row in report.gap_list}
    assert set(states.values()) <= {"unsupported", "partial"}
    assert states["foreign-keys"] == states["jsonb-columns"] == "unsupported"


def test_counts_add_up(report: Report) -> None:
    findings, readiness = report.findings, report.readiness
    for severity in ("error", "warning", "info"):
        assert getattr(readiness.findings, severity) == sum(
            f.severity == severity for f in findings
        )
    for kind, counts in readiness.objects.items():
        parts = counts.as_is + counts.automatic + counts.review + counts.manual
        assert counts.total == parts, kind
    order = ("as-is", "automatic", "review", "manual")
    worst = max((f.disposition for f in findings), key=order.index, default="as-is")
    assert readiness.verdict == ("ready" if worst == "as-is" else worst)
    for disposition in order[1:]:
        has_object = any(getattr(counts, disposition) for counts in readiness.objects.values())
        assert not has_object or any(f.disposition == disposition for f in findings)


def test_findings_stand_in_the_order_of_the_source(report: Report) -> None:
    names = [source.name for source in report.sources]
    places = [
        (names.index(f.location.source), f.location.line, f.location.column)
        for f in report.findings
    ]
    assert places == sorted(places)


def test_ids_are_unique_and_causes_exist(report: Report) -> None:
    ids = [finding.id for finding in report.findings]
    assert len(ids) == len(set(ids))
    assert {f.cause for f in report.findings if f.cause} <= set(ids)


def test_locations_lie_inside_the_source(report: Report) -> None:
    lines = {s.name: Path(s.name).read_text("utf-8").split("\n") for s in report.sources}
    for finding in report.findings:
        at = finding.location
        text = lines[at.source][at.line - 1]
        assert 1 <= at.column <= len(text) + 1
        assert (at.line, at.column) <= (at.end_line, at.end_column)


def test_every_text_is_filled_in(report: Report) -> None:
    for finding in report.findings:
        assert finding.message and finding.why and finding.advice and finding.reference


def test_ids_survive_what_is_written_above(tmp_path: Path) -> None:
    text = Path(sample("shop")).read_text("utf-8")
    before, after = tmp_path / "a.sql", tmp_path / "b.sql"
    before.write_text(text, "utf-8")
    after.write_text("-- new\n\nSET timezone = 'UTC';\n" + text, "utf-8")
    first, second = analyze_sources([str(before)]), analyze_sources([str(after)])
    assert [f.id for f in first.findings] == [f.id for f in second.findings]


def test_the_same_source_gives_the_same_report() -> None:
    assert analyze(sample("shop")) == analyze(sample("shop"))


def test_the_library_takes_paths_and_lists_of_paths() -> None:
    one = analyze(Path(sample("bookings")))
    assert one == analyze([sample("bookings")])
    assert one.readiness.verdict == "ready"
    assert one.model_dump(mode="json")["schema_version"] == 1


def test_a_ready_schema_has_nothing_to_do() -> None:
    report = analyze_sources([sample("bookings")])
    assert report.readiness.verdict == "ready"
    assert not [f for f in report.findings if f.severity != "info"]
    assert report.readiness.effort.high_hours == 0


FRAGMENTS = st.lists(
    st.sampled_from(
        ["CREATE TABLE t (id serial, x jsonb);", "CREATE TABLE", "ALTER TABLE t ADD COLUMN y int[];",
         "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'x'; END $$;",
         "CREATE INDEX i ON t USING gin (x);", "DROP TABLE t;", "$$", "'", '"', "(", ");", "\\connect x\n",
         "COPY t FROM stdin;\n", "1\t2\n", "\\.\n", "\0", "é😀", "BEGIN;", "COMMIT;", "DO $$ BEGIN TRUNCATE",
         "t; END $$;", "SELECT 1;", "CREATE TYPE m AS ENUM ('a');", "ALTER TABLE x RENAME TO t;", "\n", " "]
    ),
    min_size=1,
    max_size=25,
)  # fmt: skip


@settings(deadline=None, max_examples=150)
@given(FRAGMENTS)
def test_malformed_input_never_breaks_the_analysis(fragments: list[str]) -> None:
    try:
        report = analyze_text("".join(fragments))
    except InputError:
        return
    assert len(report.gap_list) == 19


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=300))
def test_any_text_is_analysed_or_refused(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    try:
        analyze_text(text)
    except InputError:
        return
