"""Functions called within bounds: sets that never end, calls that never come back, names."""

from __future__ import annotations

import time

import pytest

from dsql_compat.proof.server import Scratch
from dsql_compat.proof.verify import prove
from tests.proof.mutants import broken, proved, rewritten, undeclared

pytestmark = pytest.mark.postgres

_YEARS = (
    "CREATE FUNCTION years(a int, b int) RETURNS SETOF int LANGUAGE sql"
    " AS $$ SELECT generate_series($1, $2) $$;"
)
_SLOW = (
    "CREATE FUNCTION slow(a int) RETURNS bigint LANGUAGE sql"
    " AS $$ SELECT count(*) FROM generate_series(1, 2147483647) WHERE a > 0 $$;"
)
_BASE = "CREATE FUNCTION base() RETURNS text LANGUAGE sql STABLE AS $$ SELECT {} $$;"


def test_a_set_is_asked_for_its_first_rows_only(scratch: Scratch) -> None:
    begun = time.monotonic()
    proof = proved(scratch, _YEARS)
    assert (undeclared(proof), proof.open) == ([], [])
    assert time.monotonic() - begun < 20
    changed = broken(rewritten(_YEARS), "generate_series($1, $2)", "generate_series($1, $2 + 1)")
    assert undeclared(prove(scratch, changed)) == [("public.years", "results")]


def test_sets_that_differ_beyond_the_first_rows_are_not_provable(scratch: Scratch) -> None:
    sql = (
        "CREATE FUNCTION many() RETURNS SETOF int LANGUAGE sql"
        " AS $$ SELECT n FROM generate_series(1, 5000) n $$;"
    )
    proof = prove(scratch, broken(rewritten(sql), "(1, 5000) n", "(1, 5000) n ORDER BY n DESC"))
    assert undeclared(proof) == []
    assert [entry.reason for entry in proof.open] == [
        "over 1000 rows for (), and the first ones differ"
    ]


def test_the_first_call_that_takes_too_long_is_the_last(scratch: Scratch) -> None:
    begun = time.monotonic()
    proof = proved(scratch, _SLOW)
    assert time.monotonic() - begun < 20
    assert undeclared(proof) == []
    (entry,) = proof.open
    assert entry.what == "function public.slow: results"
    assert entry.reason.startswith("in the source, the call with ('")
    assert entry.reason.endswith("') takes too long")


def test_a_check_that_takes_too_long_is_not_tried_row_by_row(
    scratch: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dsql_compat.proof.probes._TIMEOUT_OF_ROWS", "1s")
    begun = time.monotonic()
    proof = proved(scratch, f"{_SLOW} CREATE TABLE t (n int CHECK (slow(n) > n));")
    assert time.monotonic() - begun < 20
    assert undeclared(proof) == []


def test_the_name_of_the_database_is_the_same_on_both_sides(scratch: Scratch) -> None:
    sql = _BASE.format("'x_' || upper(current_database())")
    assert undeclared(proved(scratch, sql)) == []
    other = broken(rewritten(sql), "'x_'", "'y_'")
    assert undeclared(prove(scratch, other)) == [("public.base", "results")]


def test_the_settings_of_a_function_are_compared(scratch: Scratch) -> None:
    sql = _BASE.format("'x'") + "ALTER FUNCTION base() SET search_path = '' SET work_mem = '1MB';"
    proof = proved(scratch, sql)
    assert undeclared(proof) == []
    assert [d.difference.aspect for d in proof.declared] == ["settings"]
    sql = _BASE.format("'x'") + "ALTER FUNCTION base() SET search_path = '';"
    changed = broken(rewritten(sql), " SET search_path = ''", "")
    assert undeclared(prove(scratch, changed)) == [("public.base", "settings")]
