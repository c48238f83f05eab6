"""Whatever an extension brings is traced to it: the data against servers, the rules on the data."""

from __future__ import annotations

import json

import pytest

from dsql_compat.catalog.extensions import extension_of_type, extensions_of_operator
from dsql_compat.catalog.postgres import newer, supported
from dsql_compat.pipeline import analyze_text
from dsql_compat.sql.names import quote
from tests.catalog.make_extensions import TARGET, Members, core_members, server_members

FILE: dict[str, Members] = json.loads(TARGET.read_text("utf-8"))
SERVERS = {"sixteen": 1, "eighteen": 1, "system_server": 30}  # and how many extensions to expect
# A call or cast of these, or an operator, is one of PostgreSQL 17 or 18, and said to be.
NEWER = newer("functions")


@pytest.mark.postgres
@pytest.mark.parametrize("name", SERVERS)
def test_every_member_of_every_extension_of_a_server_is_known(
    name: str, request: pytest.FixtureRequest
) -> None:
    dsn = request.getfixturevalue(name)
    members, skipped = server_members(dsn, core_members([dsn]))
    assert len(members) >= SERVERS[name], skipped
    names = {*members, *(line.partition(":")[0] for line in skipped)}
    assert names <= set(FILE), "extensions that the file lacks"
    missing = {
        f"{extension}: {kind} {member}"
        for extension, kinds in members.items()
        for kind, found in kinds.items()
        for member in found
        if member not in FILE[extension][kind] and member not in NEWER
    }
    assert not missing


def test_the_file_holds_enough_to_mean_anything() -> None:
    assert len(FILE) > 140
    for extension in ("citext", "hstore", "ltree", "pg_trgm", "postgis", "vector"):
        assert FILE[extension]["types"] or extension == "pg_trgm"
        assert FILE[extension]["functions"]


@pytest.mark.parametrize("extension", [e for e in FILE if FILE[e]["functions"]])
def test_a_call_is_traced_to_the_extension_that_the_schema_creates(extension: str) -> None:
    functions = FILE[extension]["functions"]
    calls = "".join(f"SELECT {quote(name)}(a, b, c) FROM t;\n" for name in functions)
    report = analyze_text(f"CREATE EXTENSION {quote(extension)};\n{calls}")
    found = {f.location.line: f for f in report.findings if f.severity == "error"}
    assert [name for line, name in enumerate(functions, 2) if line not in found] == []
    traced = {line: f for line, f in found.items() if f.rule == "extension-function"}
    wrong = [f.message for f in traced.values() if f"extension {extension};" not in f.message]
    assert not wrong
    # A few are calls of PostgreSQL 17 or 18, or of a family that DSQL refuses whole.
    assert len(functions) - len(traced) <= 2


@pytest.mark.parametrize("extension", [e for e in FILE if FILE[e]["types"]])
def test_a_column_is_traced_to_the_extension_of_its_type(extension: str) -> None:
    types = FILE[extension]["types"]
    columns = ", ".join(f"c{n} {quote(name)}" for n, name in enumerate(types))
    sql = f"CREATE EXTENSION {quote(extension)};\nCREATE TABLE t (id uuid PRIMARY KEY, {columns});"
    found = [f for f in analyze_text(sql).findings if f.severity == "error"]
    on_columns = [f for f in found if f.location.line == 2]
    assert len(on_columns) == len(types)


OPERATORS = sorted({name for members in FILE.values() for name in members["operators"]})


def test_an_operator_that_postgresql_lacks_is_refused_and_one_it_has_is_not() -> None:
    own = sorted(set(OPERATORS) - supported("operators"))
    assert len(own) > 80
    lines = [f"SELECT a {name} b FROM t" for name in (*own, *sorted(supported("operators")))]
    findings = analyze_text(";\n".join(lines) + ";").findings
    found = {f.location.line for f in findings if f.rule == "extension-operator"}
    assert [lines[n] for n in range(len(own)) if n + 1 not in found] == []
    assert {lines[n - 1] for n in found if n > len(own)} == set()


@pytest.mark.parametrize(
    ("operator", "extension"),
    [
        *(("<=>", "vector"), ("<#>", "vector"), ("<+>", "vector"), ("<%", "pg_trgm")),
        *(("%>>", "pg_trgm"), ("~==", "postgis"), ("<<->>", "postgis"), ("&&&", "postgis")),
    ],
)
def test_a_well_known_operator_is_traced_without_its_extension(
    operator: str, extension: str
) -> None:
    assert extension in extensions_of_operator(operator)
    (finding,) = (
        f
        for f in analyze_text(f"SELECT a {operator} b FROM t;").findings
        if f.rule == "extension-operator"
    )
    assert f"extension {extension};" in finding.message


def test_of_several_extensions_the_one_that_is_created_is_meant() -> None:
    assert extensions_of_operator("<=>")[0] == "cube"
    sql = "CREATE EXTENSION rum;\nSELECT a <=> b FROM t;"
    found = [f for f in analyze_text(sql).findings if f.rule == "extension-operator"]
    assert ["extension rum;" in f.message for f in found] == [True]
    assert extension_of_type("geometry", {"postgis": 1}) == "postgis"


def test_a_function_of_the_schema_s_own_is_not_an_extension_s() -> None:
    sql = (
        "CREATE FUNCTION similarity(a text, b text) RETURNS int LANGUAGE sql RETURN 1;\n"
        "CREATE FUNCTION uuidv7() RETURNS uuid LANGUAGE sql RETURN gen_random_uuid();\n"
        "SELECT similarity('a', 'b'), uuidv7();"
    )
    assert [f.rule for f in analyze_text(sql).findings if f.severity == "error"] == []
