"""One scratch server for all proofs of a test process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dsql_compat.proof.server import Scratch, scratch_server


@pytest.fixture(scope="session")
def scratch() -> Iterator[Scratch]:
    with scratch_server(None) as server:
        yield server
