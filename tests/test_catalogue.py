"""Rules and checks belong together, and the catalogue keeps its own promises."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from dsql_compat import rule_files
from dsql_compat.checks import FAMILIES, load_all
from dsql_compat.checks.registry import BY_RULE
from dsql_compat.report.catalogue import explain
from dsql_compat.report.limits import MEASURES
from dsql_compat.rules import Rule, load_catalogue
from dsql_compat.targets import parse_target

CATALOGUE = load_catalogue()
load_all()


def test_the_compiled_catalogue_is_up_to_date(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["rule_files", "--check"])
    assert rule_files.main() == 0, "run `make generate`"


def test_every_rule_has_a_check_and_every_check_a_rule() -> None:
    assert set(CATALOGUE.rules) == set(BY_RULE)


def test_a_rule_lies_with_its_check() -> None:
    for rule in CATALOGUE.rules.values():
        homes = {detector.__module__.rsplit(".", 1)[1] for detector in BY_RULE[rule.id]}
        assert any(home == rule.family or home.startswith(f"{rule.family}_") for home in homes), (
            rule.id,
            homes,
        )


def test_every_family_is_loaded() -> None:
    folder = Path(rule_files.__file__).parent / "checks"
    with_detectors = {
        path.stem
        for path in folder.glob("*.py")
        if re.search(r"^@(detects|on_action)\(", path.read_text("utf-8"), re.M)
    }
    assert with_detectors - {"actions"} <= set(FAMILIES)  # the families import the dispatcher


def test_limits_are_measured() -> None:
    assert {limit.counts for limit in CATALOGUE.limits} <= set(MEASURES)


@pytest.mark.parametrize("rule", CATALOGUE.rules.values(), ids=lambda rule: rule.id)
def test_a_rule_is_dated_within_what_was_verified(rule: Rule) -> None:
    for status in rule.support:
        assert status.since <= rule.verified


REFUSED = [
    pytest.param(entry, status, id=f"{entry.id}/{status.case}@{status.since}")
    for entry in (rule_files.RuleEntry(**rule_files.read_yaml(p)) for p in rule_files.rule_paths())
    for status in entry.support
    if status.status in ("unsupported", "partial")
]


@pytest.mark.parametrize(("entry", "status"), REFUSED)
def test_what_is_refused_says_how_that_is_known(
    entry: rule_files.RuleEntry, status: rule_files.StatusEntry
) -> None:
    """SQLSTATE and message, or in so many words that nobody published them or there are none."""
    answer = status.error or entry.error or "left out"
    assert re.match(r"[0-9A-Z]{5} \S|\{answer\}$|unknown$|none$", answer), answer
    if status.severity == "error":
        assert answer != "none", "what is refused is answered with something"
    verified = status.verified or entry.verified
    assert status.since <= verified
    assert re.match(r"https://\S+$|[\w.-]+/[\w.-]+: ?\S|public note ", status.source), status.source


def test_an_answer_of_refusal_is_not_told_of_what_is_accepted() -> None:
    for rule in CATALOGUE.rules.values():
        for status in rule.support:
            assert status.status != "supported" or status.error is None, rule.id


def test_a_status_has_the_evidence_of_its_rule_or_its_own() -> None:
    partition = CATALOGUE.rules["partition"]
    assert (partition.confidence, partition.support[0].confidence) == ("recorded", "recorded")
    assert {s.confidence for s in partition.support if s.case == "detach"} == {"inferred"}
    assert {s.verified for s in partition.support} == {partition.verified}


def test_a_rule_is_explained_with_its_evidence() -> None:
    target = parse_target("latest", CATALOGUE.verified)
    for rule in CATALOGUE.rules.values():
        lines = explain(rule, target)
        words = " ".join(lines.split())
        assert lines.count(f"verified {rule.verified}") >= len(rule.support)
        for status in rule.support:
            assert " ".join((status.error or "").split()) in words
    assert "DSQL says: 0A000 unsupported statement: Truncate" in explain(
        CATALOGUE.rules["truncate"], target
    )
    assert "nobody has published its words" in explain(CATALOGUE.rules["reindex"], target)


@pytest.mark.parametrize(
    "text",
    [
        "id: a\nid: b\n",
        "id: [a\n",
        "id: a-rule\nunknown: 1\n",
    ],
)
def test_a_careless_rule_file_is_refused(tmp_path: Path, text: str) -> None:
    family = tmp_path / "columns"
    family.mkdir()
    (family / "a-rule.yaml").write_text(text)
    (tmp_path / "gap-list.yaml").write_text("[]")
    (tmp_path / "limits.yaml").write_text("[]")
    (tmp_path / "types.yaml").write_text("[]")
    with pytest.raises(rule_files.RuleFileError):
        rule_files.compile_catalogue(tmp_path)


def test_yaml_words_stay_words() -> None:
    path = Path(rule_files.RULES) / "gap-list.yaml"
    assert isinstance(rule_files.read_yaml(path), list)
    loaded = yaml.load("on: no\nyes: off\n", Loader=rule_files._StrictLoader)
    assert loaded == {"on": "no", "yes": "off"}
