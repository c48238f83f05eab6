"""Fixtures over the collected schemas.

``real_schema`` runs a test once per schema, ``real_dump`` once per schema and format. What is not
in the cache is skipped, with the reason; nothing is fetched from within a test run.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from . import cache as caches
from . import manifest
from .cache import Cache, Result
from .manifest import Schema
from .server import FORMATS


@dataclass(frozen=True)
class RealSchema:
    """A collected schema."""

    schema: Schema
    result: Result
    cache: Cache

    @property
    def inputs(self) -> list[Path]:
        """The authors' own SQL files, in loading order."""
        return self.cache.inputs(self.schema.name)

    def dump(self, format_: str) -> Path:
        """Its dump in one of server.FORMATS (a directory for "directory")."""
        return self.cache.dump(self.schema.name, format_)


@dataclass(frozen=True)
class RealDump:
    """One dump of a collected schema."""

    name: str
    format: str
    path: Path
    result: Result


@pytest.fixture(scope="session")
def real_cache() -> Cache:
    return Cache(caches.default())


@pytest.fixture(params=[schema.name for schema in manifest.load().schemas])
def real_schema(request: pytest.FixtureRequest, real_cache: Cache) -> RealSchema:
    return _schema_or_skip(request.param, real_cache)


@pytest.fixture(
    params=[(schema.name, format_) for schema in manifest.load().schemas for format_ in FORMATS],
    ids="-".join,
)
def real_dump(request: pytest.FixtureRequest, real_cache: Cache) -> RealDump:
    name, format_ = request.param
    schema = _schema_or_skip(name, real_cache)
    return RealDump(name, format_, schema.dump(format_), schema.result)


@pytest.fixture
def real_cluster(real_cache: Cache) -> Path:
    """A pg_dumpall script of several databases and roles."""
    if not real_cache.cluster.exists():
        pytest.skip("no pg_dumpall is collected: run python -m tests.real.collect")
    return real_cache.cluster


def _schema_or_skip(name: str, cache: Cache) -> RealSchema:
    [schema] = manifest.load().named([name])
    result = cache.result(schema)
    if result is None:
        pytest.skip(cache.missing(schema) or "")
    return RealSchema(schema, result, cache)
