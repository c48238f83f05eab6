"""What a finding suggests instead is itself SQL that DSQL takes, as far as that finding goes."""

from __future__ import annotations

from pathlib import Path

import pytest

from dsql_compat.pipeline import analyze_text

from ..real.conftest import RealSchema, real_cache, real_schema

__all__ = ["real_cache", "real_schema"]

SAMPLES = Path(__file__).parents[2] / "sample_schemas"
SOURCES = sorted(p for p in SAMPLES.glob("*/*.sql") if "expected" not in p.parts)
_BEGINNINGS = ("CREATE ", "ALTER ", "DROP ", "INSERT ", "UPDATE ", "DELETE ", "GRANT ", "COMMENT ")


def _errors(sql: str, target: str) -> set[str]:
    return {f.rule for f in analyze_text(sql, target).findings if f.severity == "error"}


def introduced(text: str, target: str) -> list[tuple[str, str]]:
    """What DSQL refuses in complete suggestions and not in what they stand for; suggestions that
    still have what they are against."""
    findings = analyze_text(text, target).findings
    before = {f.rule for f in findings if f.severity == "error"}
    wrong, seen = [], set()
    for finding in findings:
        sql = "\n".join(finding.rewrite.after if finding.rewrite else ())
        if sql in seen or not sql.startswith(_BEGINNINGS) or not sql.rstrip().endswith(";"):
            continue
        seen.add(sql)
        found = {
            rule for rule in _errors(sql, target) if not rule.startswith(("missing-", "unknown-"))
        }
        wrong += [(finding.rule, rule) for rule in found if rule not in before]
        if finding.rule in found:
            wrong.append((finding.rule, sql))
    return wrong


@pytest.mark.parametrize("target", ["2026-03", "latest"])
@pytest.mark.parametrize("source", SOURCES, ids=lambda p: f"{p.parent.name}-{p.name}")
def test_no_suggestion_brings_what_was_not_there(source: Path, target: str) -> None:
    assert introduced(source.read_text("utf-8"), target) == []


DOMAINS = [
    "CREATE EXTENSION citext; CREATE DOMAIN mail AS citext CHECK (VALUE ~ '^a'::citext);",
    "CREATE DOMAIN ip AS inet CHECK (VALUE << '10.0.0.0/8');",
    "CREATE DOMAIN few AS text[] CHECK (cardinality(VALUE) < 3);",
]


@pytest.mark.parametrize("sql", DOMAINS)
def test_a_domain_with_checks_in_its_types_words_has_no_finished_suggestion(sql: str) -> None:
    found = [f for f in analyze_text(sql).findings if f.rule == "domain-base-type"]
    assert [f.rewrite for f in found] == [None]
    assert "say its checks" in found[0].advice


REAL = (Path(__file__).parents[2] / ".ci" / "schemas").read_text("utf-8").split()


@pytest.mark.real
@pytest.mark.parametrize("target", ["2026-03", "latest"])
def test_no_suggestion_for_a_real_schema_brings_what_was_not_there(
    real_schema: RealSchema, target: str
) -> None:
    if real_schema.schema.name not in REAL:
        pytest.skip("not among those of .ci/schemas")
    text = real_schema.dump("schema").read_text("utf-8")
    assert introduced(text, target) == []
