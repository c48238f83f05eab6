"""A difference is found wherever it stands, and at the word itself."""

from __future__ import annotations

import pytest

from tests.accuracy.places import (
    AROUND,
    QUOTINGS,
    Construct,
    Place,
    complaints,
    marked,
    matrix,
    pairs,
    written,
)

PLACES = [pytest.param(place, id=place.name) for place in matrix().places]
IN_ROUTINES = [pytest.param(place, id=place.name) for place in matrix().places if place.routine]
FEW = 5  # constructs tried with every way to quote a body and every file: each place has others


def wrong(place: Place, construct: Construct, quoting: str = "", around: str = "as it is") -> str:
    script = AROUND[around](matrix().setup + written(construct, place, quoting))
    found = list(complaints(construct, place, marked(script)))
    return f"{quoting} {around}: {construct.sql}: {'; '.join(found)}" if found else ""


def some(place: Place) -> list[Construct]:
    """A few of a place's constructs, not the same at the next one."""
    everything = list(pairs(place))
    first = matrix().places.index(place) % len(everything)
    return (everything[first:] + everything[:first])[:FEW]


def test_names_are_given_once() -> None:
    names = [place.name for place in matrix().places]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("place", PLACES)
def test_everything_is_found_there(place: Place) -> None:
    assert list(pairs(place))
    assert not [said for construct in pairs(place) if (said := wrong(place, construct))]


@pytest.mark.parametrize("place", PLACES)
def test_the_file_moves_nothing(place: Place) -> None:
    said = [
        wrong(place, construct, around=around) for construct in some(place) for around in AROUND
    ]
    assert not [text for text in said if text]


@pytest.mark.parametrize("place", IN_ROUTINES)
def test_quoting_moves_nothing(place: Place) -> None:
    said = [wrong(place, construct, quoting) for construct in some(place) for quoting in QUOTINGS]
    assert not [text for text in said if text]
