"""`rewrite --data` on the data dumps of real schemas."""

from __future__ import annotations

from pathlib import Path

import pytest

from ..real.conftest import RealSchema, real_cache, real_schema
from ..real.server import Server
from .loads import (
    assert_same_rows,
    assert_transactions_fit,
    load_result,
    load_server,
    load_source,
    rewritten,
)

# The made-up rows of three break the foreign keys of their own source, and functions of pgtap read
# columns that PostgreSQL dropped: there only the rows have to arrive, elsewhere every statement.
ROWS_ONLY = {"openqa", "pg-boss", "pgmq", "pgtap"}

__all__ = ["load_server", "real_cache", "real_schema"]


@pytest.mark.real
@pytest.mark.parametrize("format_", ["data", "inserts", "column-inserts"])
def test_every_row_of_a_real_dump_is_loaded(
    load_server: Server, real_schema: RealSchema, tmp_path: Path, format_: str
) -> None:
    folder = tmp_path / "dsql"
    plan = rewritten(real_schema.dump(format_), folder)
    assert_transactions_fit(folder)
    try:
        load_source(load_server, "real_source", real_schema.dump("data"))
        rows_only = real_schema.schema.name in ROWS_ONLY
        load_result(load_server, "real_result", folder, plan, rows_only=rows_only)
        rows = assert_same_rows(load_server, "real_source", "real_result", plan)
        assert rows == sum(t["written"]["rows"] for t in plan["load"]["tables"])
    finally:
        for database in ("real_source", "real_result"):
            load_server.drop(database)
