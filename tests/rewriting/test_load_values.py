"""Values become what PostgreSQL itself would have made of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dsql_compat.catalog.model import Catalog
from dsql_compat.rewriting.build import rewrite_inputs
from dsql_compat.rewriting.conversions import to_json
from dsql_compat.rewriting.row_texts import (
    escape,
    inserted,
    read_literal,
    split_fields,
    unescape,
)
from dsql_compat.rewriting.values import (
    ValueFormError,
    array_to_json,
    hstore_to_json,
    json_text,
    money_to_numeric,
    range_bounds,
    row_fields,
)
from dsql_compat.sources.files import Input

from ..real.server import Server
from .loads import load_server

__all__ = ["load_server"]

SCHEMA = """
CREATE TYPE mood AS ENUM ('sad', 'it''s "ok"', '{}');
CREATE DOMAIN positive AS integer CHECK (VALUE > 0);
CREATE TYPE inner_row AS (x text, y numeric);
CREATE TYPE outer_row AS (a text, b integer, c text[], d timestamptz, e inner_row, f boolean,
  g inner_row[], h date, i jsonb);
CREATE TYPE textrange AS RANGE (subtype = text);
CREATE DOMAIN grid AS integer[];
CREATE TABLE every (
  texts text[], numbers numeric[], floats float8[], integers _int8, flags boolean[],
  stamps timestamp[], zoned timestamptz[], days date[], moods mood[], positives positive[],
  docs jsonb[], rows_ inner_row[], row_ outer_row, grids grid[], uuids uuid[], spans tstzrange[],
  bytes_ bytea[], boxes box[], nets inet[], times interval[]
);
"""

# No NUL, which PostgreSQL has not, and no surrogates, which are no characters.
TEXT = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"), max_size=8)
NASTY = st.one_of(
    TEXT, st.sampled_from(["", "NULL", "null", "{}", '"', "\\", ",", "(", " a ", "\n"])
)
STAMP = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30))
OPTIONAL = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    content = SCHEMA.encode()
    source = Input("<text>", "dump", "plain", None, len(content), content)
    return rewrite_inputs([source])[0].catalog


@pytest.fixture(scope="module")
def postgres(load_server: Server) -> Iterator[psycopg.Connection[Any]]:
    load_server.create("load_values")
    with psycopg.connect(load_server.url("load_values"), autocommit=True) as connection:
        connection.execute(SCHEMA.encode())
        connection.execute("SET timezone = 'Asia/Kolkata'")
        yield connection
    load_server.drop("load_values")


def both(
    postgres: psycopg.Connection[Any], catalog: Catalog, column: str, value: object
) -> tuple[Any, Any]:
    """What we make of PostgreSQL's text for a value, and what to_jsonb makes of the value."""
    table = next(t for t in catalog.tables() if t.name.name == "every")
    node = table.columns[column].type
    assert node is not None
    found = postgres.execute(
        f"INSERT INTO every ({column}) VALUES (%s)"
        f" RETURNING format('%%s', {column}), to_jsonb({column})::text",
        (value,),
    ).fetchone()
    assert found is not None
    text, wanted = found
    ours = to_json(catalog, node)(text)
    return _exact(ours), _exact(wanted)


def _exact(text: str) -> Any:
    return json.loads(text, parse_float=Decimal, parse_int=Decimal)


@OPTIONAL
@given(value=st.lists(st.one_of(NASTY, st.none()), max_size=5))
def test_arrays_of_text(
    postgres: psycopg.Connection[Any], catalog: Catalog, value: list[str | None]
) -> None:
    ours, wanted = both(postgres, catalog, "texts", value)
    assert ours == wanted


@OPTIONAL
@given(
    value=st.integers(1, 3).flatmap(
        lambda n: st.lists(st.lists(NASTY, min_size=n, max_size=n), min_size=1, max_size=3)
    )
)
def test_arrays_of_two_dimensions(
    postgres: psycopg.Connection[Any], catalog: Catalog, value: list[list[str]]
) -> None:
    ours, wanted = both(postgres, catalog, "texts", value)
    assert ours == wanted


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("texts", "[0:1]={a,b}"),
        ("texts", "[-1:0][5:5]={{a},{b}}"),
        ("texts", "{}"),
        ("texts", '{" a ",NULL,"NULL",""}'),
        ("numbers", "{1.50,-0.000001,123456789012345678901234567890.5,NaN,Infinity}"),
        ("floats", "{1e300,-1e-300,0.1,NaN,-Infinity,1e20}"),
        ("integers", "{9223372036854775807,-1,0}"),
        ("flags", "{t,f,NULL}"),
        (
            "stamps",
            '{"2020-01-01 00:00:00","2020-02-03 04:05:06.789",infinity,"0044-03-15 12:00:00 BC"}',
        ),
        ("zoned", '{"2020-01-01 00:00:00+00","1850-01-01 00:00:00+00",-infinity}'),
        ("days", '{2020-01-01,infinity,"0044-03-15 BC"}'),
        ("moods", """{sad,"it's \\"ok\\"","{}"}"""),
        ("positives", "{1,2}"),
        ("docs", '{"{\\"a\\": [1, null, \\"x\\"]}","1","\\"s\\"",NULL}'),
        ("rows_", '{"(a,1.5)","(,)","(\\"a, \\"\\"b\\"\\"\\",)",NULL}'),
        ("grids", '{"{1,2}","{}"}'),
        ("uuids", "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}"),
        ("spans", '{"[2020-01-01,2020-02-01)",empty}'),
        ("bytes_", '{"\\\\x00ff","\\\\x"}'),
        ("boxes", "{(1,1),(0,0);(3,3),(2,2)}"),
        ("nets", "{10.0.0.1,::1/64}"),
        ("times", '{"1 day 02:00:00"}'),
        (
            "row_",
            '("a ""q"" \\\\ ,()",1,"{x,NULL,""y z""}","2020-01-01 00:00:00+00","(i,1.0)",t,'
            '"{""(p,1)"",""(,)""}",2020-01-01,"{""k"": 1}")',
        ),
        ("row_", "(,,,,,,,,)"),
    ],
)
def test_values_of_every_type(
    postgres: psycopg.Connection[Any], catalog: Catalog, column: str, value: str
) -> None:
    ours, wanted = both(postgres, catalog, column, value)
    assert ours == wanted


@OPTIONAL
@given(
    a=st.none() | NASTY,
    b=st.none() | st.integers(-(2**31), 2**31 - 1),
    c=st.none() | st.lists(NASTY | st.none(), max_size=3),
    d=st.none() | STAMP,
    x=st.none() | NASTY,
    y=st.none()
    | st.decimals(
        allow_nan=False, allow_infinity=False, places=3, min_value=-(10**9), max_value=10**9
    ),
    f=st.none() | st.booleans(),
    h=st.none() | st.dates(date(1, 1, 1)),
)
def test_composite_values(
    postgres: psycopg.Connection[Any],
    catalog: Catalog,
    a: object,
    b: object,
    c: object,
    d: datetime | None,
    x: object,
    y: object,
    f: object,
    h: object,
) -> None:
    found = postgres.execute(
        "SELECT format('%%s', v), to_jsonb(v)::text FROM (SELECT ROW(%s::text, %s::integer,"
        " %s::text[], %s::timestamptz, ROW(%s::text, %s::numeric)::inner_row, %s::boolean,"
        " ARRAY[ROW(%s::text, %s::numeric)::inner_row], %s::date, NULL::jsonb)::outer_row AS v) AS t",
        (a, b, c, d.replace(tzinfo=UTC) if d else None, x, y, f, x, y, h),
    ).fetchone()
    assert found is not None
    table = next(t for t in catalog.tables() if t.name.name == "every")
    node = table.columns["row_"].type
    assert node is not None
    assert _exact(to_json(catalog, node)(found[0])) == _exact(found[1])


@OPTIONAL
@given(
    bounds=st.tuples(st.none() | NASTY, st.none() | NASTY),
    form=st.sampled_from(["[]", "[)", "(]", "()"]),
)
def test_ranges(
    postgres: psycopg.Connection[Any], bounds: tuple[str | None, str | None], form: str
) -> None:
    low, high = bounds
    if low is not None and high is not None:
        found = postgres.execute("SELECT %s::text <= %s::text", bounds).fetchone()
        assert found is not None
        low, high = (low, high) if found[0] else (high, low)
    row = postgres.execute(
        "SELECT r::text, lower(r), upper(r), lower_inc(r), upper_inc(r), isempty(r)"
        " FROM (SELECT textrange(%s, %s, %s) AS r) AS t",
        (low, high, form),
    ).fetchone()
    assert row is not None
    assert tuple(range_bounds(row[0])) == row[1:]


@OPTIONAL
@given(value=TEXT)
def test_copy_fields_come_back(value: str) -> None:
    assert unescape(escape(value)) == value
    assert b"\n" not in escape(value) and b"\t" not in escape(value)


@OPTIONAL
@given(values=st.lists(st.one_of(NASTY, st.none()), min_size=1, max_size=4))
def test_rows_of_copy_are_read_as_postgres_writes_them(
    postgres: psycopg.Connection[Any], values: list[str | None]
) -> None:
    places = ", ".join(f"%s::text AS c{n}" for n in range(len(values)))
    with (
        postgres.cursor() as cursor,
        cursor.copy(f"COPY (SELECT {places}) TO STDOUT", values) as copy,
    ):
        line = b"".join(bytes(part) for part in copy)
    fields = split_fields(line.removesuffix(b"\n"))
    assert [None if field == b"\\N" else unescape(field) for field in fields] == values


@OPTIONAL
@given(values=st.lists(TEXT, min_size=1, max_size=4))
def test_rows_of_insert_are_read_as_they_are_written(values: list[str]) -> None:
    quoted = ", ".join("'" + value.replace("'", "''") + "'" for value in values)
    found = inserted(f"INSERT INTO t VALUES ({quoted}), (1, NULL, true);\n".encode())
    assert [value.text for value in found.rows[0]] == values
    assert [value.word for value in found.rows[1]] == ["1", "NULL", "true"]


@pytest.mark.parametrize(
    ("field", "text"),
    [
        (rb"\b\f\n\r\t\v", "\b\f\n\r\t\v"),
        (rb"a\\b", "a\\b"),
        (rb"\q\.", "q."),
        (rb"\303\251", "é"),
        (rb"\xc3\xa9\x41", "éA"),
        (rb"\\303", "\\303"),
        (rb"\\N", "\\N"),
    ],
)
def test_escapes_of_copy(field: bytes, text: str) -> None:
    assert unescape(field) == text


def test_a_backslash_may_stand_before_the_tab_itself() -> None:
    assert [unescape(f) for f in split_fields(b"a\\\tb\tc\\\\\td")] == ["a\tb", "c\\", "d"]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("$1,234.50", "1234.50"),
        ("-$1,234.50", "-1234.50"),
        ("($1,234.50)", "-1234.50"),
        ("1.234,50 €", "1234.50"),
        ("-92.233.720.368.547.758,08 €", "-92233720368547758.08"),
        ("￥1,234", "1234"),
        ("kr 1 234,50", "1234.50"),
        ("CHF 1'234.50", "1234.50"),
        ("$.50", "0.50"),
        ("$0.00", "0.00"),
        ("Rs.1,234.50", "1234.50"),
    ],
)
def test_money(text: str, number: str) -> None:
    assert money_to_numeric(text) == number


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("", {}),
        ('"a"=>"1"', {"a": "1"}),
        ('"a"=>"1", "b"=>NULL, "c"=>"NULL"', {"a": "1", "b": None, "c": "NULL"}),
        (r'"q\"\\ =>, "=>"x, y=>z"', {'q"\\ =>, ': "x, y=>z"}),
        ('"a=>b"=>"", ""=>"é\n"', {"a=>b": "", "": "é\n"}),
        ("a=>1,b => 2", {"a": "1", "b": "2"}),
    ],
)
def test_hstore(text: str, pairs: dict[str, str | None]) -> None:
    assert json.loads(hstore_to_json(text)) == pairs


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("'a''b'", "a'b"),
        ("B'0101'", "0101"),
        ("x'1F'", "00011111"),
        ("'a'::mood", "a"),
        (r"'a\b'", r"a\b"),
    ],
)
def test_literals(text: str, value: str) -> None:
    assert read_literal(text).text == value


@pytest.mark.parametrize(
    "text", ["", "{", "a", "{a", "{a}}", "{a,}", "{,a}", '{"a}', "{a}b", "{{a}"]
)
def test_what_is_no_array_is_told_without_showing_it(text: str) -> None:
    with pytest.raises(ValueFormError) as told:
        array_to_json(text, json_text)
    assert str(told.value) == "array"


@pytest.mark.parametrize("text", ["", "a", "(", '("a)'])
def test_what_is_no_row_is_told(text: str) -> None:
    with pytest.raises(ValueFormError):
        row_fields(text)


@pytest.mark.parametrize("text", ["", "[1,2", "1,2)", "[1)", "[1,2,3)"])
def test_what_is_no_range_is_told(text: str) -> None:
    with pytest.raises(ValueFormError):
        range_bounds(text)
