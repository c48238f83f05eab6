"""citext on the scratch server, which is made there: the same rows are equal before and after."""

from __future__ import annotations

import pytest

from dsql_compat.proof.server import Scratch
from dsql_compat.proof.verify import prove
from tests.proof.mutants import broken, rewritten

pytestmark = pytest.mark.postgres

SCHEMA = """
CREATE EXTENSION citext;
CREATE TABLE users (
    id integer PRIMARY KEY, email citext UNIQUE, nick citext,
    is_root boolean GENERATED ALWAYS AS (nick = 'Root') STORED,
    CHECK (email <> 'Nobody'), CHECK (nick ~ '^[a-z]'), CHECK (email <> nick), CHECK (nick <> email)
);
CREATE INDEX users_nick ON users (nick) WHERE email = 'X';
CREATE FUNCTION is_there(wanted text) RETURNS boolean LANGUAGE sql AS
    $$SELECT EXISTS (SELECT FROM users WHERE nick = 'a' OR email = wanted)$$;
"""


@pytest.mark.parametrize("target", ["latest", "2026-03"])
def test_it_is_proved(scratch: Scratch, target: str) -> None:
    proof = prove(scratch, rewritten(SCHEMA, target))
    assert proof.undeclared == []
    assert [o for o in proof.open if "citext" in o.reason] == []
    assert proof.compared["check constraint"] == 4


MUTANTS = {
    "lower(email) <> 'nobody'": "email <> 'Nobody'",
    "nick ~* ": "nick ~ ",
    "lower(nick) = 'root'": "nick = 'Root'",
    "users_email_key ON public.users (lower(email))": "users_email_key ON public.users (email)",
    "UNIQUE INDEX ASYNC users_email_key": "INDEX ASYNC users_email_key",
    "users_nick ON public.users (lower(nick))": "users_nick ON public.users (nick)",
    "WHERE lower(email) = 'x'": "WHERE email = 'X'",
}


@pytest.mark.parametrize(("old", "new"), MUTANTS.items(), ids=MUTANTS)
def test_a_rewrite_that_tells_case_apart_is_found_out(scratch: Scratch, old: str, new: str) -> None:
    assert prove(scratch, broken(rewritten(SCHEMA), old, new)).undeclared
