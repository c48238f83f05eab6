"""Rewrites on the embedded server: what was said there and here is asked with the same words."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from dsql_compat.rewriting.build import rewrite_inputs
from dsql_compat.rewriting.choices import Wishes
from dsql_compat.rewriting.model import Rewrite
from dsql_compat.sources.files import Input
from dsql_compat.sql.masking import mask_dsql_words
from tests.real.server import Server

_NUMBERS = count(1)


def rewritten(sql: str, target: str = "latest", wishes: Wishes | None = None) -> Rewrite:
    """The rewrite of a schema in memory."""
    source = Input("<text>", "dump", "plain", None, len(sql.encode()), sql.encode())
    return rewrite_inputs([source], target, wishes)[0]


def statements(rewrite: Rewrite) -> list[str]:
    """The statements of a result, in order, as PostgreSQL takes them."""
    return [mask_dsql_words(item.sql)[0] for item in rewrite.items]


def fate(rewrite: Rewrite, name: str) -> tuple[str, str]:
    """What became of the one object of a name."""
    (found,) = [f for f in rewrite.fates if str(f.ref).endswith(name) and f.ref.kind != "column"]
    return found.outcome, found.what


@contextmanager
def database(server: Server, sql: str | list[str]) -> Iterator[str]:
    """A database that holds these statements, each on its own."""
    name = f"made_{next(_NUMBERS)}"
    server.create(name)
    try:
        lines = [sql] if isinstance(sql, str) else [f"{part};" for part in sql]
        run(server, name, "\n".join(lines))
        yield name
    finally:
        server.drop(name)


def run(server: Server, name: str, sql: str) -> str:
    """What a script prints; it has to succeed."""
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(sql)
        file.flush()
        Path(file.name).chmod(0o644)
        done = server.tool(
            "psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-f", file.name, database=name, check=False
        )
    assert not done.returncode, done.stderr
    return done.stdout


def answers(server: Server, name: str, queries: list[str]) -> list[str]:
    """What each query prints; `ERROR` where it fails."""
    script = "\\pset null NULL\n" + "\n".join(
        f"\\echo @@@\n{query};\n\\echo :ERROR" for query in queries
    )
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(script)
        file.flush()
        Path(file.name).chmod(0o644)
        done = server.tool("psql", "-XAtq", "-f", file.name, database=name)
    parts = [part.strip() for part in done.stdout.split("@@@")[1:]]
    assert len(parts) == len(queries), done.stderr
    return [
        "ERROR" if part.endswith("true") else part.removesuffix("false").strip() for part in parts
    ]
