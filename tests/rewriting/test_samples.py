"""The samples, rewritten for every target and choice: they load, are clean, and are all there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dsql_compat.rewriting import build
from dsql_compat.rewriting.choices import Wishes
from dsql_compat.rewriting.others import rewrite_others
from tests.real import manifest
from tests.real.server import Server, embedded

from . import complaints as page
from .whole import again, complaints, dsql_lint, forgotten, loading_errors, refusals

from .whole import rewritten, text_of  # isort: skip

SAMPLES = Path(__file__).parents[2] / "sample_schemas"
SOURCES = [*sorted(SAMPLES.glob("*/schema.sql")), SAMPLES / "migrations"]
WISHES = {
    "defaults": Wishes(),
    "app-checks": Wishes(foreign_keys="app-checks"),
    "json-text": Wishes(json="text"),
    "enum-checks": Wishes(enums="check"),
    "arrays-text": Wishes(arrays="text"),
    "arrays-manual": Wishes(arrays="manual"),
    "cache-1": Wishes(identity_cache=1),
}
RUNS = [
    *((target, "defaults") for target in ("latest", "2026-06-30", "2026-03", "2026-01")),
    *(("latest", name) for name in WISHES if name != "defaults"),
]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with embedded(manifest.load().stub_extensions) as running:
        yield running


@pytest.mark.postgres
@pytest.mark.parametrize(("target", "wish"), RUNS, ids=map("-".join, RUNS))
@pytest.mark.parametrize("source", SOURCES, ids=lambda source: str(source.relative_to(SAMPLES)))
def test_a_sample_is_rewritten_whole(source: Path, target: str, wish: str, server: Server) -> None:
    [rewrite] = rewritten(source, target, WISHES[wish])
    text = text_of(rewrite)
    assert rewrite.tables
    assert refusals(text, target) == []
    assert forgotten(rewrite) == []
    assert loading_errors(server, rewrite) == []
    second = again(text, target, WISHES[wish])
    assert [item.sql for item in second.items] == [item.sql for item in rewrite.items]
    assert second.left == []


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: str(source.relative_to(SAMPLES)))
def test_dsql_lint_complains_only_as_listed(source: Path) -> None:
    program = dsql_lint()
    if program is None:
        pytest.skip("dsql-lint is not installed in the version that the page is about")
    name = source.name if source.is_dir() else source.parent.name
    [rewrite] = rewritten(source)
    found = page.by_group(complaints(program, text_of(rewrite)))
    assert set(found) == page.listed().get(name, set())


def test_what_is_forgotten_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The ledger is no formality: a module that does nothing leaves something to tell of."""
    others = tuple(step for step in build.STEPS if step is not rewrite_others)
    assert len(others) == len(build.STEPS) - 1
    monkeypatch.setattr(build, "STEPS", others)
    [rewrite] = rewritten(SAMPLES / "shop" / "schema.sql")
    assert any(name.startswith("trigger ") for name in forgotten(rewrite))
    assert all(fate.statements for fate in rewrite.left)
