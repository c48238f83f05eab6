"""A live database and its own dump: the same statements, so the same findings under the same ids.

`DIFFERENCES` are the only ones allowed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from dsql_compat.pipeline import analyze_inputs
from dsql_compat.report.model import Report
from dsql_compat.sources.database import dump as dump_module
from dsql_compat.sources.database.dump import DatabaseReader
from dsql_compat.sources.database.names import MASK
from dsql_compat.sources.files import Input, find_inputs
from dsql_compat.sources.reader import Reader
from dsql_compat.sql.statements import Statement
from tests.live.servers import programs, running
from tests.real import cache as caches
from tests.real import manifest
from tests.real.cache import Cache
from tests.real.server import Server, embedded

SAMPLES = Path(__file__).parents[2] / "sample_schemas"
EVERYTHING = Path(__file__).parent / "everything.sql"
VERSIONS = sorted(programs())
# The beginning of statements that are allowed to differ, and why.
DIFFERENCES = {
    "CREATE USER MAPPING": "the values of its options are passwords and stay where they are",
    "CREATE SUBSCRIPTION": "where it connects to holds a password and stays where it is",
}
TOLD_WITH_ROWS = {"monotonic-key"}  # names the busiest tables
_START = re.compile(r"START WITH \d+ ?")  # where the numbers of rows that a dump lacks go on

pytestmark = pytest.mark.postgres


@pytest.fixture(autouse=True)
def _as_little_known_as_to_a_dump(monkeypatch: pytest.MonkeyPatch) -> None:
    """A database knows its collation, which a dump of its schema does not tell."""
    monkeypatch.setattr(dump_module, "collation_of", lambda whole: "")


@pytest.fixture(scope="module", params=VERSIONS)
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    with running(programs()[request.param]) as server:
        yield server


@pytest.fixture(scope="module")
def real_server() -> Iterator[Server]:
    with embedded(manifest.load().stub_extensions) as server:
        for role in ("odd Role", "reporting"):
            server.execute("postgres", f'CREATE ROLE "{role}"')
        yield server


def _statements(events: Reader | DatabaseReader) -> list[str]:
    return [event.text for event in events if isinstance(event, Statement)]


def _dump(server: Server, database: str) -> Input:
    text = server.tool("pg_dump", "--schema-only", database=database).stdout.encode()
    return Input("schema.sql", "dump", "plain", None, len(text), text)


def _live(server: Server, database: str) -> Input:
    (source,) = find_inputs([server.url(database)])
    return source


def _findings(report: Report) -> list[tuple[object, ...]]:
    return [
        (
            *(f.id, f.rule, f.severity, f.disposition, f.cause),
            "" if f.rule in TOLD_WITH_ROWS else f.message,
            (f.object.kind, f.object.schema, f.object.table, f.object.name),
            (f.rewrite.before, _START.sub("", "\n".join(f.rewrite.after)), f.rewrite.notes)
            if f.rewrite
            else None,
        )
        for f in report.findings
    ]


def _told_alike(text: str) -> str:
    start = next((start for start in DIFFERENCES if text.startswith(start)), None)
    return text if start is None else f"{start} {MASK}"


def _assert_same(server: Server, database: str, least: int) -> None:
    dump, live = _dump(server, database), _live(server, database)
    expected = list(map(_told_alike, _statements(Reader(dump))))
    assert list(map(_told_alike, _statements(DatabaseReader(live)))) == expected
    assert len(expected) > least
    of_dump, of_live = analyze_inputs([dump]), analyze_inputs([live])
    assert _findings(of_live) == _findings(of_dump)
    assert of_live.readiness.verdict == of_dump.readiness.verdict
    assert {kind: vars(count) for kind, count in of_live.readiness.objects.items()} == {
        kind: vars(count) for kind, count in of_dump.readiness.objects.items()
    }
    assert [(g.key, g.found) for g in of_live.gap_list] == [
        (g.key, g.found) for g in of_dump.gap_list
    ]
    assert of_live.sources[0].kind == "database"
    assert [(n.what, n.reason) for n in of_live.not_analysed] == [
        (n.what, n.reason) for n in of_dump.not_analysed
    ]


@pytest.mark.parametrize("sample", ["analytics", "saas", "shop"])
def test_samples(server: Server, sample: str) -> None:
    database = f"sample_{sample}"
    server.create(database)
    # What a version does not know is left out of both, errors and all.
    server.load(database, SAMPLES / sample / "source.sql", [])
    _assert_same(server, database, 50)


def test_an_object_of_every_kind(server: Server) -> None:
    server.create("everything")
    errors = server.load("everything", EVERYTHING, [])
    assert errors == []
    _assert_same(server, "everything", 300)


def _names(report: Report) -> list[tuple[str, str]]:
    return [(f.id, f.severity) for f in report.findings]


def test_rows_change_no_finding_but_where_numbers_go_on(server: Server) -> None:
    server.create("filled")
    server.execute(
        "filled",
        "CREATE TABLE t (id serial PRIMARY KEY, v text); INSERT INTO t (v)"
        " SELECT 'x' FROM generate_series(1, 5000); ANALYZE t;"
        "CREATE TABLE i (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, v text);"
        "INSERT INTO i (v) VALUES ('a'), ('b')",
    )
    dump, live = _dump(server, "filled"), _live(server, "filled")
    assert _statements(DatabaseReader(live)) == _statements(Reader(dump))
    report = analyze_inputs([live])
    assert _names(report) == _names(analyze_inputs([dump]))
    assert report.sources[0].data_rows == 5002
    assert report.sources[0].bytes > 100_000
    text = server.tool("pg_dump", database="filled").stdout.encode()
    filled = Input("data.sql", "dump", "plain", None, len(text), text)
    assert _starts(report) == _starts(analyze_inputs([filled]))
    assert {start for starts in _starts(report) for start in starts} == {"5001", "3"}


def _starts(report: Report) -> list[list[str]]:
    rewrites = [f.rewrite.after for f in report.findings if f.rewrite]
    found = [re.findall(r"START WITH (\d+)", "\n".join(lines)) for lines in rewrites]
    return [starts for starts in found if starts]


@pytest.mark.real
@pytest.mark.parametrize("name", [schema.name for schema in manifest.load().schemas])
def test_real_schemas(real_server: Server, name: str) -> None:
    cache = Cache(caches.default())
    (schema,) = manifest.load().named([name])
    if cache.result(schema) is None:
        pytest.skip(cache.missing(schema) or "not collected")
    real_server.create(name)
    try:
        dump = str(cache.dump(name, "custom"))
        real_server.tool("pg_restore", f"--dbname={name}", dump, check=False)
        _assert_same(real_server, name, 50)
    finally:
        real_server.drop(name)
