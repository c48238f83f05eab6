"""A source that is broken itself: what hangs on that is not provable, the rest is compared."""

from __future__ import annotations

import pytest

from dsql_compat.proof.server import Scratch
from dsql_compat.proof.verify import prove
from tests.proof.mutants import broken, proved, rewritten, undeclared

pytestmark = pytest.mark.postgres

_NO_SCHEMA = (
    "CREATE TABLE nos.t (id int PRIMARY KEY, n int);\n"
    "CREATE TYPE nos.e AS ENUM ('a');\n"
    "CREATE INDEX t_n ON nos.t (n);\n"
    "CREATE TABLE u (id uuid PRIMARY KEY DEFAULT public.gen_random_uuid());\n"
    "CREATE INDEX u_id ON u (id, id);\n"
    "CREATE TABLE w (id int PRIMARY KEY);\n"
)


def test_what_the_source_lacks_is_not_the_fault_of_the_rewrite(scratch: Scratch) -> None:
    proof = proved(scratch, _NO_SCHEMA)
    assert undeclared(proof) == []
    assert "table nos.t: loads" in {entry.what for entry in proof.open}
    assert proof.compared["table"] == 1


def test_a_function_whose_table_is_broken_hangs_on_it(scratch: Scratch) -> None:
    proof = proved(
        scratch,
        "CREATE TABLE nos.t (id int PRIMARY KEY);\n"
        "CREATE FUNCTION f() RETURNS bigint LANGUAGE plpgsql STABLE"
        " AS $$ BEGIN RETURN (SELECT count(*) FROM nos.t); END $$;\n"
        "COMMENT ON FUNCTION f() IS 'c';",
    )
    assert undeclared(proof) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("CREATE TABLE public.w", "CREATE TABLE nowhere.w"),
        ("CREATE TABLE public.w (", "CREATE TABLE public.w (x,"),
    ],
)
def test_another_fault_is_one_of_the_rewrite(scratch: Scratch, old: str, new: str) -> None:
    proof = prove(scratch, broken(rewritten(_NO_SCHEMA), old, new))
    assert ("public.w", "loads") in undeclared(proof)
