"""Edited files do on PostgreSQL what they did before, where a rival's do something else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dsql_compat.editing.engine import fix_files, fix_text
from dsql_compat.sources.files import find_inputs
from tests.real.server import Server
from tests.rewriting.database import database, run

pytestmark = pytest.mark.postgres
CASES = Path(__file__).parents[1] / "peers" / "cases"
MIGRATIONS = Path(__file__).parents[2] / "sample_schemas" / "migrations"
KEYS = """
    SELECT i.indrelid::regclass, pg_get_indexdef(i.indexrelid) FROM pg_index i
    JOIN pg_class c ON c.oid = i.indrelid WHERE c.relnamespace <> ALL (
        ARRAY['pg_catalog', 'pg_toast']::regnamespace[]) AND i.indisunique ORDER BY 2;
"""


def in_postgresql(sql: str) -> str:
    """A text without the words that only DSQL has."""
    return re.sub(r"(?i)\b((?:UNIQUE )?INDEX|ALTER TABLE) ASYNC\b", r"\1", sql)


@pytest.mark.parametrize(
    "name",
    [
        "36_dump_small",
        "45_dedupe_then_unique",
        "46_two_schemas",
        "46b_search_path",
        "47_drop_and_recreate",
    ],
)
def test_keys_and_rows_are_where_they_were(server: Server, name: str) -> None:
    text = (CASES / f"{name}.sql").read_text("utf-8")
    seen = []
    for sql in (text, in_postgresql(fix_text(text).after)):
        with database(server, sql) as made:
            seen.append(run(server, made, KEYS).replace("_idx ON", " ON"))
    assert seen[0] == seen[1]
    assert seen[0].strip()


def test_the_next_numbers_of_a_sequence_are_the_same(server: Server) -> None:
    text = (CASES / "52_sequence_options.sql").read_text("utf-8").replace("CACHE 20", "CACHE 1")
    ids = "SELECT string_agg(id::text, ',' ORDER BY id) FROM tickets;"
    with database(server, in_postgresql(fix_text(text).after)) as made:
        assert run(server, made, ids).strip() == "8050,8060"


def test_the_sample_migrations_still_run_in_order(server: Server) -> None:
    results = fix_files(find_inputs([str(MIGRATIONS)]))
    with database(server, "SELECT 1;") as made:
        for result in results:
            run(server, made, in_postgresql(result.after))
        columns = "SELECT data_type FROM information_schema.columns WHERE table_name = 'tickets' AND column_name = 'id';"
        assert run(server, made, columns).strip() == "bigint"
