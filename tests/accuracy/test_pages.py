"""The pages that show the probes' results are those of today, and say what they leave open."""

from __future__ import annotations

import pytest

from tests.accuracy import score, synopsis
from tests.accuracy.model import probes


def test_the_tables_of_the_accuracy_page_are_those_of_today() -> None:
    """Ours always; those of dsql-lint where the version that the page names is installed."""
    assert score.is_up_to_date(), "make generate"


def test_a_table_that_is_wrong_is_noticed() -> None:
    text = score.PAGE.read_text("utf-8")
    wrong = text.replace("<!-- scores -->\n", "<!-- scores -->\n| gone |\n")
    assert score.filled(wrong, None) == score.filled(text, None) != wrong


def test_what_is_recorded_is_found_without_false_alarms() -> None:
    recorded = score.score(dict(score.by_knowledge())["recorded"], score.today)
    assert (recorded.missed, recorded.false_alarms) == (0, 0)
    assert recorded.found > 250
    assert recorded.accepted > 250


def test_the_page_of_the_synopses_is_that_of_today() -> None:
    assert synopsis.PAGE.read_text("utf-8") == synopsis.page(), "make generate"


@pytest.mark.parametrize("command", synopsis.synopses())
def test_every_part_of_a_synopsis_has_a_probe_or_a_reason(command: str) -> None:
    listed = synopsis.synopses()[command]
    forms = [production.form for production in listed]
    assert len(forms) == len(set(forms))
    for production in listed:
        for name in production.probes:
            synopsis.probe(name)


def test_every_probe_written_for_a_synopsis_is_named_there() -> None:
    named = {name for listed in synopsis.synopses().values() for p in listed for name in p.probes}
    for area, listed in probes().items():
        if area.startswith("synopsis-"):
            assert {f"{area}/{probe.name}" for probe in listed} <= named
