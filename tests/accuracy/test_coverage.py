"""Every known difference is reported by the rules that the docs name, shown on SQL."""

from __future__ import annotations

import pytest

from dsql_compat.rules import load_catalogue
from tests.accuracy.coverage import Difference, differences

REPORTED = [
    pytest.param(d, id=d.id) for listed in differences().values() for d in listed if d.rules
]


def test_ids_are_given_once() -> None:
    ids = [d.id for listed in differences().values() for d in listed]
    assert len(ids) == len(set(ids))


# Rules on comments to this program: no difference between two databases.
OWN_RULES = {"malformed-suppression", "unused-suppression"}


def test_every_rule_belongs_to_a_known_difference() -> None:
    named = {rule for listed in differences().values() for d in listed for rule in d.rules}
    assert set(load_catalogue().rules) - OWN_RULES <= named


@pytest.mark.parametrize("difference", REPORTED)
def test_the_rules_report_it(difference: Difference) -> None:
    assert set(difference.rules) <= difference.reporting()
