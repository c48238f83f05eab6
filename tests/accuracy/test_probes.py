"""What Aurora DSQL refuses is an error here, and what it accepts is none, at every date known."""

from __future__ import annotations

import pytest

from tests.accuracy.model import Probe, errors, probes

ALL = [
    pytest.param(probe, target, verdict, id=f"{area}/{probe.name}@{target}")
    for area, listed in probes().items()
    for probe in listed
    for target, verdict in probe.dated()
]


def test_names_are_given_once_in_an_area() -> None:
    for listed in probes().values():
        names = [probe.name for probe in listed]
        assert len(names) == len(set(names))


@pytest.mark.parametrize(("probe", "target", "verdict"), ALL)
def test_the_verdict_is_that_of_the_service(probe: Probe, target: str, verdict: str) -> None:
    found = errors(probe, target)
    if probe.unseen:
        assert not found, "it is found by now: take `unseen` away"
    elif verdict == "refused":
        assert found, "DSQL refuses it, and nothing says so"
    else:
        assert not found, "DSQL accepts it"
