"""PL/pgSQL functions that become SQL ones answer as before, on generated arguments."""

from __future__ import annotations

import itertools

import pytest

from dsql_compat.sql.names import quote
from tests.real.server import Server

from .database import answers, database, fate, rewritten, run, statements

TABLES = """
CREATE TABLE customers (id integer PRIMARY KEY, name text, credit numeric(38,10), level text);
CREATE TABLE orders (id integer PRIMARY KEY, customer_id integer, total numeric(38,10), state text);
"""
ROWS = """
INSERT INTO customers VALUES (1, 'Ann', 100, 'gold'), (2, 'Bob', NULL, NULL), (3, NULL, -5, 'x');
INSERT INTO orders SELECT n, n % 4, n * 1.5, (ARRAY['open', 'paid', NULL])[n % 3 + 1]
FROM generate_series(1, 20) AS n;
"""
NUMBERS = ["NULL", "0", "1", "2", "3", "-1", "10", "101", "2147483647"]
TEXTS = ["NULL", "''", "'a'", "'Open'", "' b '", "'it''s'", "'12'", "'gold'", "'x@y.z'"]
NUMERICS = ["NULL", "0", "0.5", "99.995", "-3", "1000"]
DATES = ["NULL", "'2026-02-28'", "'2024-02-29'", "'infinity'"]
FLAGS = ["NULL", "true", "false"]
ARGUMENTS = {"i": NUMBERS, "t": TEXTS, "n": NUMERICS, "d": DATES, "b": FLAGS}
TYPES = {"i": "integer", "t": "text", "n": "numeric", "d": "date", "b": "boolean"}

# Name, arguments by letter (named a, b, c), what is returned and how, the body.
FUNCTIONS = [
    ("net", "n", "numeric IMMUTABLE", "BEGIN RETURN round(a / 1.2, 2); END"),
    (
        "sign_of",
        "i",
        "text",
        "BEGIN IF a > 0 THEN RETURN 'plus'; ELSIF a < 0 THEN RETURN 'minus'; "
        "ELSE RETURN 'none'; END IF; END",
    ),
    ("early", "i", "text STRICT", "BEGIN IF a = 0 THEN RETURN NULL; END IF; RETURN a; END"),
    ("inverse", "i", "numeric", "BEGIN IF a = 0 THEN RETURN 0; END IF; RETURN 1.0 / a; END"),
    ("truncated", "n", "integer", "BEGIN RETURN a; END"),
    (
        "mixed",
        "i",
        "numeric",
        "BEGIN CASE WHEN a > 5 THEN RETURN a; ELSE RETURN 0.25; END CASE; END",
    ),
    (
        "simple_case",
        "i",
        "text",
        "BEGIN CASE a WHEN 1, 2 THEN RETURN 'low'; WHEN 3 THEN RETURN 'mid'; "
        "ELSE RETURN 'other'; END CASE; END",
    ),
    (
        "constants",
        "n",
        "numeric",
        "DECLARE rate CONSTANT numeric := 0.19; base numeric DEFAULT 100; BEGIN "
        "RETURN a * rate + base; END",
    ),
    (
        "steps",
        "n",
        "numeric",
        "DECLARE x numeric; y integer; BEGIN x := a * 1.5; y := x; x := x + y; RETURN x; END",
    ),
    (
        "given",
        "it",
        "text",
        "DECLARE v text := b; BEGIN IF a > 1 THEN v := upper(v); END IF; "
        "IF a > 5 THEN v := v || '!'; END IF; RETURN v; END",
    ),
    ("argument", "i", "integer", "BEGIN a := coalesce(a, 0); RETURN a % 7; END"),
    (
        "nested",
        "ii",
        "text",
        "BEGIN IF a > 1 THEN IF b > 1 THEN RETURN 'both'; ELSE RETURN 'first'; END IF; END IF; "
        "RETURN 'none'; END",
    ),
    ("logic", "bb", "boolean", "BEGIN IF a AND NOT b THEN RETURN true; END IF; RETURN a OR b; END"),
    ("unknown_flag", "b", "text", "BEGIN IF NOT a THEN RETURN 'no'; END IF; RETURN 'yes'; END"),
    (
        "initials",
        "t",
        "text",
        "DECLARE c text; BEGIN c := left(trim(a), 1); IF c = '' THEN RETURN NULL; END IF; "
        "RETURN upper(c) || '.'; END",
    ),
    ("is_mail", "t", "boolean", "BEGIN RETURN a ~ '^[^@]+@[^@]+$'; END"),
    (
        "slug",
        "t",
        "text",
        "BEGIN -- words with hyphens\n  RETURN lower(regexp_replace(trim(a), '\\s+', '-', 'g'));\nEND",
    ),
    (
        "quarter",
        "d",
        "text",
        "BEGIN RETURN to_char(a, 'YYYY') || 'Q' || extract(quarter FROM a); END",
    ),
    (
        "last_day",
        "d",
        "date",
        "BEGIN RETURN (date_trunc('month', a) + interval '1 month - 1 day')::date; END",
    ),
    (
        "customer",
        "i",
        "text STABLE",
        "DECLARE found_name text; BEGIN SELECT name INTO found_name FROM customers WHERE id = a; "
        "RETURN found_name; END",
    ),
    (
        "known",
        "i",
        "text STABLE",
        "DECLARE n text; BEGIN SELECT name INTO n FROM customers WHERE id = a; "
        "IF NOT FOUND THEN RETURN 'nobody'; END IF; RETURN coalesce(n, 'unnamed'); END",
    ),
    (
        "how_many",
        "i",
        "bigint STABLE",
        "DECLARE n integer; BEGIN SELECT count(*) INTO n FROM orders WHERE customer_id = a; "
        "RETURN n; END",
    ),
    (
        "best",
        "i",
        "numeric STABLE",
        "DECLARE most numeric; BEGIN SELECT total INTO most FROM orders WHERE customer_id = a "
        "ORDER BY total DESC LIMIT 1; RETURN coalesce(most, 0); END",
    ),
    (
        "latest",
        "i",
        "integer STABLE",
        "DECLARE o orders.id%TYPE; BEGIN SELECT id INTO o FROM orders WHERE customer_id = a "
        "ORDER BY id DESC; RETURN o; END",
    ),
    (
        "total",
        "i",
        "numeric STABLE",
        "BEGIN RETURN sum(total) FROM orders WHERE customer_id = a; END",
    ),
    (
        "scalar",
        "i",
        "boolean STABLE",
        "BEGIN RETURN EXISTS (SELECT 1 FROM orders WHERE customer_id = a AND state = 'open'); END",
    ),
    (
        "many",
        "i",
        "integer STABLE",
        "BEGIN RETURN (SELECT id FROM orders WHERE customer_id = a); END",
    ),
    (
        "discount",
        "it",
        "numeric STABLE",
        "DECLARE spent numeric; level text; BEGIN SELECT sum(total) INTO spent FROM orders "
        "WHERE customer_id = a; level := b; IF spent IS NULL THEN RETURN 0; END IF; "
        "CASE level WHEN 'gold' THEN RETURN spent * 0.1; ELSE RETURN 0; END CASE; END",
    ),
    (
        "listed",
        "i",
        "SETOF integer STABLE",
        "BEGIN RETURN QUERY SELECT id FROM orders WHERE customer_id = a ORDER BY id; END",
    ),
    (
        "rows",
        "n",
        "TABLE(nr integer, sum numeric) STABLE",
        "BEGIN RETURN QUERY SELECT o.id, o.total FROM orders o WHERE o.total > a ORDER BY 1; RETURN; END",
    ),
    ("aliased", "ii", "integer", "DECLARE x ALIAS FOR $1; BEGIN RETURN x * 2 + $2; END"),
    (
        "digits",
        "t",
        "integer",
        "BEGIN IF a ~ '^\\d+$' THEN RETURN a::integer; END IF; RETURN -1; END",
    ),
    ("block", "i", "integer", "BEGIN BEGIN a := a + 1; END; RETURN a; END"),
]
WRITING = [
    ("add_order", "in", "integer",
     "DECLARE made integer; BEGIN INSERT INTO orders (id, customer_id, total) VALUES (a, a % 4, b) "
     "RETURNING id INTO made; RETURN made; END", "add_order(500, 2.5), add_order(501, NULL)"),
    ("pay", "i", "void",
     "BEGIN UPDATE orders SET state = 'paid' WHERE id = a; "
     "DELETE FROM orders WHERE id = a + 1; END", "pay(3)"),
    ("pay_and_tell", "i", "integer",
     "BEGIN UPDATE orders SET state = 'paid' WHERE customer_id = a; RETURN 1; END",
     "pay_and_tell(2)"),
]  # fmt: skip


def created(name: str, letters: str, returns: str, body: str) -> str:
    arguments = ", ".join(
        f"{name} {TYPES[letter]}" for name, letter in zip("abc", letters, strict=False)
    )
    kind, _, attributes = (
        returns.rpartition(" ") if returns.rsplit(maxsplit=1)[-1].isupper() else (returns, "", "")
    )
    return (
        f"CREATE FUNCTION {quote(name)}({arguments}) RETURNS {kind} LANGUAGE plpgsql"
        f" {attributes} AS $f${body}$f$;\n"
    )


def calls() -> list[str]:
    return [
        f"SELECT * FROM {quote(name)}({', '.join(values)})"
        for name, letters, *_ in FUNCTIONS
        for values in itertools.product(*(ARGUMENTS[letter] for letter in letters))
    ]


def test_converted_functions_answer_as_before(server: Server) -> None:
    source = TABLES + "".join(created(*function) for function in FUNCTIONS)
    rewrite = rewritten(source)
    for name, *_ in FUNCTIONS:
        outcome, what = fate(rewrite, f"public.{name}")
        assert (outcome, "a SQL function now" in what) == ("changed", True), (name, what)
    with database(server, source + ROWS) as old, database(server, statements(rewrite)) as new:
        run(server, new, ROWS)
        queries = calls()
        before, after = answers(server, old, queries), answers(server, new, queries)
        assert before.count("ERROR") > 10  # errors are answers, too
        for query, one, other in zip(queries, before, after, strict=True):
            assert one == other, query


def test_functions_that_write_do_the_same(server: Server) -> None:
    source = TABLES + "".join(created(*function[:4]) for function in WRITING)
    rewrite = rewritten(source)
    look = "SELECT * FROM orders ORDER BY id"
    with database(server, source + ROWS) as old, database(server, statements(rewrite)) as new:
        run(server, new, ROWS)
        for name, *_, call in WRITING:
            assert fate(rewrite, f"public.{name}")[0] == "changed"
            ask = f"SELECT {call};\n{look}"
            assert run(server, old, ask) == run(server, new, ask)


REFUSED = [
    ("exception", "BEGIN RETURN 1 / a; EXCEPTION WHEN others THEN RETURN 0; END", "EXCEPTION"),
    ("random_twice", "DECLARE r float := random(); BEGIN IF r > 0.5 THEN RETURN 1; END IF; "
     "RETURN r; END", "another each time"),
    ("lost_error", "DECLARE x integer := 1 / a; BEGIN RETURN 1; END", "error of a value"),
    ("no_return", "BEGIN IF a > 1 THEN RETURN 1; END IF; END", "without RETURN"),
    ("no_else", "BEGIN CASE a WHEN 1 THEN RETURN 1; END CASE; RETURN 2; END", "without ELSE"),
    ("raises", "BEGIN IF a > 1 THEN RAISE EXCEPTION 'no'; END IF; RETURN 1; END", "RAISE"),
    ("loops", "BEGIN FOR i IN 1..a LOOP a := a + 1; END LOOP; RETURN a; END", "FOR"),
    ("dynamic", "DECLARE r integer; BEGIN EXECUTE 'SELECT 1' INTO r; RETURN r; END", "EXECUTE"),
    ("strict", "DECLARE r integer; BEGIN SELECT id INTO STRICT r FROM orders WHERE id = a; "
     "RETURN r; END", "STRICT"),
    ("record", "DECLARE r record; BEGIN SELECT * INTO r FROM orders; RETURN r.id; END", "records"),
    ("limited", "DECLARE v varchar(2); BEGIN v := a; RETURN v; END", "limited length"),
    ("shadowed", "DECLARE n integer := 1; BEGIN RETURN (SELECT max(n.id) FROM orders n); END",
     "variable's name"),
    ("locks", "DECLARE v integer; BEGIN SELECT id INTO v FROM orders WHERE id = a FOR UPDATE; "
     "RETURN v; END", "another each time"),
    ("updates", "DECLARE v integer; BEGIN UPDATE orders SET total = 1 RETURNING id INTO v; "
     "RETURN v; END", "more rows"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "body", "reason"), REFUSED, ids=[name for name, *_ in REFUSED])
def test_what_might_differ_is_left(name: str, body: str, reason: str) -> None:
    rewrite = rewritten(TABLES + created(name, "i", "integer", body))
    outcome, what = fate(rewrite, f"public.{name}")
    assert outcome == "left"
    assert reason in what


def test_a_left_overload_does_not_take_its_namesakes_along() -> None:
    sql = TABLES + (
        created("f", "i", "integer", "BEGIN RAISE EXCEPTION 'no'; RETURN 1; END")
        + created("f", "t", "text", "BEGIN RETURN upper(a); END")
        + created("f", "nn", "numeric", "BEGIN RETURN a + b; END")
        + "CREATE VIEW texts AS SELECT f(name::text) FROM customers;"
        "CREATE VIEW sums AS SELECT f(credit, 1) AS s FROM customers;"
        "CREATE VIEW numbers AS SELECT f(1) AS n FROM customers;"
    )
    rewrite = rewritten(sql)
    assert fate(rewrite, "public.texts") == ("kept", "")
    assert fate(rewrite, "public.sums") == ("kept", "")
    assert fate(rewrite, "public.numbers")[0] == "left"


def test_the_converted_text_is_readable() -> None:
    body = (
        "\nDECLARE v integer := 2;\nBEGIN\n  IF a > v THEN RETURN 'more'; ELSIF a = v THEN\n"
        "    RETURN 'same';\n  END IF;\n  RETURN 'less';\nEND"
    )
    made = rewritten(created("compared", "i", "text IMMUTABLE", body)).items[-1].sql
    assert made == (
        "CREATE FUNCTION compared(a integer) RETURNS text LANGUAGE sql IMMUTABLE AS $$\n"
        "SELECT CASE\n"
        "    WHEN a > 2::integer THEN 'more'::text\n"
        "    WHEN a = 2::integer THEN 'same'::text\n"
        "    ELSE 'less'::text\n"
        "END\n$$"
    )
