"""Samples and real schemas are proved whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from dsql_compat.proof.server import Scratch
from dsql_compat.proof.verify import prove
from dsql_compat.rewriting.build import rewrite_inputs
from dsql_compat.rewriting.choices import Wishes
from dsql_compat.sources.files import find_inputs
from tests.proof.mutants import undeclared
from tests.real.cache import Cache, default

SAMPLES = Path(__file__).parents[2] / "sample_schemas"
SOURCES = sorted(p for p in SAMPLES.iterdir() if (p / "expected").is_dir())
REAL = (
    *("bacula", "buildbot", "dbos", "django", "djstripe", "ejabberd", "freeradius", "gammu"),
    *("icinga2-ido", "jabberd2", "jupyterhub", "kamailio", "oauth", "openqa", "optuna"),
    *("oscar", "pdns", "roundcube", "tryton", "wagtail", "zabbix", "synapse"),
)


def source(folder: Path) -> str:
    """The dump of a sample, or its folder of migrations."""
    dump = folder / "schema.sql"
    return str(dump if dump.is_file() else folder)


@pytest.mark.postgres
@pytest.mark.parametrize("target", ["latest", "2026-03"])
@pytest.mark.parametrize("folder", SOURCES, ids=lambda p: p.name)
def test_a_sample_is_proved(scratch: Scratch, folder: Path, target: str) -> None:
    for rewrite in rewrite_inputs(find_inputs([source(folder)]), target):
        proof = prove(scratch, rewrite)
        assert undeclared(proof) == []
        assert proof.compared["table"] > 4
        assert proof.compared["column"] > 20


@pytest.mark.postgres
def test_other_choices_are_proved(scratch: Scratch) -> None:
    wishes = Wishes("app-checks", "text", 1, "check", "text")
    (rewrite,) = rewrite_inputs(
        find_inputs([str(SAMPLES / "shop" / "schema.sql")]), "latest", wishes
    )
    proof = prove(scratch, rewrite)
    assert undeclared(proof) == []
    assert proof.compared["foreign key constraint"] == 0


@pytest.mark.real
@pytest.mark.postgres
@pytest.mark.parametrize("name", REAL)
def test_a_real_schema_is_proved(scratch: Scratch, name: str) -> None:
    dump = Cache(default()).dump(name, "schema")
    if not dump.is_file():
        pytest.skip(f"{name} is not in the cache")
    (rewrite,) = rewrite_inputs(find_inputs([str(dump)]))
    proof = prove(scratch, rewrite)
    assert undeclared(proof) == []
    assert proof.compared["table"] > 0
