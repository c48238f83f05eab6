"""Real schemas, rewritten: they load, are clean, lose nothing, and a second time changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real import manifest
from tests.real.conftest import RealSchema, real_cache, real_cluster, real_schema
from tests.real.server import Server, embedded

from . import complaints as page
from .test_samples import RUNS, WISHES
from .whole import again, complaints, dsql_lint, forgotten, loading_errors, refusals

from .whole import rewritten, text_of  # isort: skip

__all__ = ["real_cache", "real_cluster", "real_schema"]  # fixtures

# Among them partitions, enums, arrays, ranges, jsonb, inheritance, functions, other schemas.
OF_ALL_CHOICES = {
    *("bacula", "icingadb", "kea", "logto", "mediawiki", "partman", "pg-boss", "powa", "synapse"),
    "wagtail",
}

# What no statement of the source tells.
BROKEN = {"pgtap": "its functions for old servers read catalog columns that PostgreSQL dropped"}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with embedded(manifest.load().stub_extensions) as running:
        yield running


def check(server: Server, path: Path, target: str, wish: str) -> None:
    [rewrite] = rewritten(path, target, WISHES[wish])
    text = text_of(rewrite)
    assert refusals(text, target) == []
    assert forgotten(rewrite) == []
    assert loading_errors(server, rewrite) == []
    second = again(text, target, WISHES[wish])
    assert [item.sql for item in second.items] == [item.sql for item in rewrite.items]
    assert second.left == []


@pytest.mark.real
def test_a_schema_is_rewritten_whole(
    real_schema: RealSchema, server: Server, request: pytest.FixtureRequest
) -> None:
    if reason := BROKEN.get(real_schema.schema.name):
        request.applymarker(pytest.mark.xfail(reason=reason, strict=True))
    check(server, real_schema.dump("schema"), "latest", "defaults")


@pytest.mark.real
@pytest.mark.parametrize(("target", "wish"), RUNS[1:], ids=map("-".join, RUNS[1:]))
def test_it_is_with_every_choice(
    real_schema: RealSchema, server: Server, target: str, wish: str
) -> None:
    if real_schema.schema.name not in OF_ALL_CHOICES:
        pytest.skip("ten schemas stand for all")
    check(server, real_schema.dump("schema"), target, wish)


@pytest.mark.real
def test_dsql_lint_complains_only_as_listed(real_schema: RealSchema) -> None:
    program = dsql_lint()
    if program is None:
        pytest.skip("dsql-lint is not installed in the version that the page is about")
    [rewrite] = rewritten(real_schema.dump("schema"))
    found = page.by_group(complaints(program, text_of(rewrite)))
    assert set(found) == page.listed().get(real_schema.schema.name, set())


@pytest.mark.real
def test_a_cluster_becomes_a_folder_for_each_database(real_cluster: Path, server: Server) -> None:
    rewrites = rewritten(real_cluster)
    assert len({rewrite.database for rewrite in rewrites}) == len(rewrites) > 1
    for rewrite in rewrites:
        assert forgotten(rewrite) == []
        assert refusals(text_of(rewrite) or "SELECT 1;", "latest") == []
        assert loading_errors(server, rewrite) == []
