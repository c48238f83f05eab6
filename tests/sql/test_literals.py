"""Constants leave a statement before anything is said of it, and nothing else does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsql_compat.sql.literals import mask, shape, split

MASKED = [
    ("SELECT a, 'x' FROM t WHERE b = 4 LIMIT 10", "SELECT a, $1 FROM t WHERE b = $2 LIMIT $3"),
    ("SELECT * FROM t WHERE a = $1 AND b = 'x'", "SELECT * FROM t WHERE a = $1 AND b = $2"),
    ("SELECT -4711, e'\\'x', $q$x$q$, x'ff'", "SELECT -$1, $2, $3, $4"),
    ("SELECT now() - interval '1 day'", "SELECT now() - interval $1"),
    ("SELECT a FROM t GROUP BY 1 ORDER BY 1", "SELECT a FROM t GROUP BY 1 ORDER BY 1"),
    ("SELECT a::numeric(10,2)", "SELECT a::numeric(10,2)"),
    ("SELECT 'ä', 'x' FROM \"ö\" WHERE ü = 12", 'SELECT $1, $2 FROM "ö" WHERE ü = $3'),
    ("/* user 12 */ SELECT 1 -- 'x'", "SELECT $1"),
    ("NOTIFY jobs, 'x'", "NOTIFY jobs, '…'"),
    ("COPY t FROM '/srv/x'", "COPY t FROM '…'"),
    ("PREPARE TRANSACTION 'x'", "PREPARE TRANSACTION '…'"),
    ("CREATE ROLE r PASSWORD 'x'", "CREATE ROLE r PASSWORD '…'"),
    ("COMMENT ON TABLE t IS 'x'", "COMMENT ON TABLE t IS '…'"),
    ("CREATE TEMP TABLE t (a varchar(9) DEFAULT 'x')", "CREATE TEMP TABLE t (a varchar(9) DEFAULT $1)"),
    ("SET app.tenant = 'x'", "SET app.tenant = $1"),
    ("SET app.tenant TO x12", "SET app.tenant TO $1"),
    ("ALTER ROLE r SET app.tenant TO x12", "ALTER ROLE r SET app.tenant TO $1"),
    ("SET lock_timeout = 500", "SET lock_timeout = 500"),
    ("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE", "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE"),
    ("DO $$ BEGIN RAISE NOTICE 'x % %', 12, 'y'; END $$", "DO $$ BEGIN RAISE NOTICE '…%%', 0, '…'; END $$"),
    ("CREATE TYPE e AS ENUM ('x')", "CREATE TYPE e AS ENUM ('…')"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), MASKED)
def test_constants_are_masked(text: str, expected: str) -> None:
    masked = mask(text)
    assert masked.text == expected
    assert masked.tree is not None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SAVEPOINT $1", "SAVEPOINT p1"),
        ("DEALLOCATE $1", "DEALLOCATE p1"),
        ("PREPARE TRANSACTION $1", "PREPARE TRANSACTION '…'"),
        ("FETCH $1 IN c", "FETCH 1 IN c"),
        ("DECLARE $1 CURSOR FOR SELECT $2", "DECLARE p1 CURSOR FOR SELECT $2"),
        ("SELECT a FROM t WHERE b IN ($1 /*, ... */)", "SELECT a FROM t WHERE b IN ($1  )"),
    ],
)
def test_parameters_where_the_grammar_has_none(text: str, expected: str) -> None:
    """What pg_stat_statements of PostgreSQL 17 and 18 writes."""
    masked = mask(text)
    assert masked.text == expected
    assert masked.tree is not None


@pytest.mark.parametrize(
    "text", ["SELECT * FROM t WHERE a = 'secret", "select 'secret' from where 'secret'", "$$secret"]
)
def test_what_does_not_parse_shows_no_constant(text: str) -> None:
    masked = mask(text)
    assert masked.tree is None
    assert "secret" not in masked.text


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("SELECT a FROM t WHERE b = 1", "select a  from t\nwhere b = 'x'", True),
        ("SELECT a FROM t WHERE b IN (1, 2)", "SELECT a FROM t WHERE b IN (3, 4, 5)", True),
        ("INSERT INTO t VALUES (1, 2)", "INSERT INTO t VALUES (1, 2), (3, 4)", True),
        ("SELECT 1", "SELECT interval '1 day'", False),
        ("SELECT '1'::int", "SELECT '1'::money", False),
        ("SET lock_timeout = 0", "SET lock_timeout = 5", False),
    ],
)
def test_the_fingerprint(one: str, other: str, is_same: bool) -> None:
    assert (mask(one).fingerprint == mask(other).fingerprint) == is_same


def test_several_statements_of_one_message() -> None:
    assert [part.strip() for part in split("SELECT 1; NOTIFY a, 'b;c'; ")] == [
        "SELECT 1",
        "NOTIFY a, 'b;c'",
    ]
    assert split("SELECT 'a;b") == ["SELECT 'a;b"]


CONSTANTS = st.one_of(
    st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=12).map(
        lambda value: "'" + value.replace("'", "''") + "'"
    ),
    st.integers(0, 10**9).map(str),
    st.decimals(0, 999, places=2, allow_nan=False).map(str),
)


@given(CONSTANTS, CONSTANTS)
def test_texts_of_one_shape_have_one_masked_form(one: str, other: str) -> None:
    texts = [f"SELECT a, {value} FROM t1 WHERE b = {value}" for value in (one, other)]
    if shape(texts[0]) == shape(texts[1]):
        assert mask(texts[0]).text == mask(texts[1]).text


@given(CONSTANTS.filter(lambda value: len(value) > 6))
def test_no_constant_survives(value: str) -> None:
    for text in (
        f"SELECT * FROM t WHERE a = {value}",
        f"INSERT INTO t VALUES ({value}, {value})",
        f"UPDATE t SET a = coalesce({value}, b) WHERE c > {value}",
        f"CREATE TABLE t AS SELECT {value} AS a",
        f"SET app.tenant = {value}",
        f"SELECT {value} FROM",
    ):
        assert value.strip("'") not in mask(text).text
