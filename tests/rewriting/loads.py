"""Loads a source and its rewrite on the embedded server, and compares their rows."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from dsql_compat.cli.app import app
from dsql_compat.sql.masking import mask_dsql_words
from dsql_compat.sql.names import name_from_text, quote

from ..real import manifest
from ..real.server import Server, embedded

# Roles and rights are the cluster's, and no row depends on them.
_KINDS = {
    "schema",
    "table",
    "type",
    "domain",
    "sequence",
    "function",
    "index",
    "constraint",
    "view",
}
_CLOSE = re.compile(r"GRANT|REVOKE|COMMENT|ALTER DEFAULT|.*OWNER TO", re.S)


@pytest.fixture(scope="session")
def load_server() -> Iterator[Server]:
    """The embedded server."""
    with embedded(manifest.load().stub_extensions) as server:
        yield server


def rewritten(source: Path, folder: Path, *options: str) -> dict[str, Any]:
    """Run the command with --data; the plan it wrote."""
    arguments = ["rewrite", str(source), "--data", "--output", str(folder), *options]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    plan: dict[str, Any] = json.loads((folder / "plan.json").read_text())
    return plan


def load_source(server: Server, database: str, path: Path) -> None:
    """The source's own database."""
    server.create(database)
    server.load(database, path, [])


def load_result(
    server: Server, database: str, folder: Path, plan: dict[str, Any], *, rows_only: bool = False
) -> None:
    """Schema, rows and what comes after them, each of which has to succeed.

    `rows_only`: only the rows have to; for rows that break the foreign keys of their own source.
    """
    server.create(database)
    server.execute(database, "ALTER DATABASE " + quote(database) + " SET search_path = public")
    schema = _phase(folder, plan, "schema")
    if rows_only:
        server.load(database, schema, [])
    else:
        run_file(server, database, schema)
    for file in sorted((folder / "load").glob("*.sql")):
        run_file(server, database, file)
    if not rows_only:
        run_file(server, database, _phase(folder, plan, "after-load"))


def run_file(server: Server, database: str, file: Path) -> None:
    """One file, by psql, as apply.sh does."""
    server.tool("psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-f", str(file), database=database)


def _phase(folder: Path, plan: dict[str, Any], phase: str) -> Path:
    """The statements of a phase in PostgreSQL's words, as a file."""
    texts = [
        mask_dsql_words(step["sql"])[0] + ";\n"
        for step in plan["steps"]
        if step["phase"] == phase
        and step["object"]["kind"] in _KINDS
        and not _CLOSE.match(step["sql"])
    ]
    file = folder.parent / f"{folder.name}-{phase}.sql"
    file.write_text("".join(texts))
    return file


# -- the same rows --------------------------------------------------------------------------------


def assert_same_rows(server: Server, before: str, after: str, plan: dict[str, Any]) -> int:
    """Every table of the result holds what the source held, converted; the number of rows."""
    rows = 0
    for table in plan["tables"]:
        if not table["rows"]:  # its table may need what the embedded server has not
            count = content(server, after, f"SELECT count(*) FROM {table['name']}")
            assert count == ["0"], table["name"]
            continue
        made = [c for c in table["columns"] if c["from"] is not None]
        old = _digest(server, before, _from(table), [_converted(c) for c in made])
        new = _digest(server, after, table["name"], [quote(c["name"]) for c in made])
        assert new == old, f"{table['name']}: {new} is not {old}"
        rows += int(new.split("|")[0])
    return rows


def _from(table: dict[str, Any]) -> str:
    only = "" if len(table["rows_from"]) > 1 else "ONLY "
    return only + str(table["name"])


def _converted(column: dict[str, Any]) -> str:
    """What a column of the result must hold, said in PostgreSQL of the source."""
    name = quote(column["from"])
    match column["conversion"]:
        case "array" | "composite":
            return f"to_jsonb({name})"
        case "money":
            return f"{name}::numeric::numeric(19,4)"
        case "range-lower":
            return f"lower({name})::{column['type']}"
        case "range-upper":
            return f"upper({name})::{column['type']}"
        case "point-x" | "point-y":
            return f"({name})[{'xy'.index(column['conversion'][-1])}]"
        case "unpadded":
            return f"rtrim({name}::text, ' ')"
    if column["type"].startswith("numeric"):
        return f"{name}::{column['type']}"
    return name


def _digest(server: Server, database: str, relation: str, columns: list[str]) -> str:
    # format() prints as COPY does, where a cast to text has ideas of its own (inet, boolean).
    texts = [f"CASE WHEN {c} IS NULL THEN 'NULL' ELSE format('=%s', {c}) END" for c in columns]
    row = f"array_to_string(ARRAY[{', '.join(texts)}], chr(1))" if texts else "''"
    query = (
        f"SELECT count(*) || '|' || coalesce(md5(string_agg(r, chr(2) ORDER BY r COLLATE \"C\")), '')"
        f" FROM (SELECT {row} AS r FROM {relation}) AS x"
    )
    return server.tool("psql", "-XqAt", "-c", query, database=database).stdout.strip()


def content(server: Server, database: str, query: str) -> list[str]:
    """The lines that a query answers with."""
    done = server.tool("psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-c", query, database=database)
    return done.stdout.splitlines()


# -- DSQL's limits --------------------------------------------------------------------------------


def assert_transactions_fit(folder: Path) -> int:
    """Each file is one statement of at most 3,000 rows and 10 MiB; how many files there are."""
    files = sorted((folder / "load").glob("*.sql"))
    for file in files:
        data = file.read_bytes()
        head, _, body = data.partition(b"\n")
        if head.startswith(b"COPY "):
            assert body.endswith(b"\n\\.\n") and body.count(b"\n\\.\n") == 1, file.name
            rows = body.count(b"\n") - 1
        else:
            assert head.startswith(b"INSERT INTO "), file.name
            rows = body.count(b"\n")  # at least one line a row
            assert data.rstrip().endswith(b";")
            if b"'" not in body:
                assert rows <= 3000
            rows = min(rows, 3000) if len(data) < 1 << 20 else rows
        assert 0 < rows <= 3000, file.name
        assert len(data) <= 10 << 20, file.name
    return len(files)


def table_of(plan: dict[str, Any], name: str) -> dict[str, Any]:
    """One table's part of the load plan."""
    wanted = str(name_from_text(name))
    found: dict[str, Any] = next(t for t in plan["load"]["tables"] if t["table"] == wanted)
    return found
