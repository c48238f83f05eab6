"""Bodies of routines: every statement in them is found, at the place where it stands."""

from __future__ import annotations

import pytest

from dsql_compat.findings import Unanalysed
from dsql_compat.sql.bodies import Part, read_body
from dsql_compat.sql.statements import Statement, parse_statement


def parts(sql: str) -> list[Part]:
    statement = parse_statement(Statement(sql, "<test>"))
    assert statement.problem is None
    return list(read_body(statement))


def plpgsql(body: str, returns: str = "void") -> str:
    return f"CREATE FUNCTION f() RETURNS {returns} LANGUAGE plpgsql AS $$\n{body}\n$$;"


def statements(sql: str) -> list[Statement]:
    return [part for part in parts(sql) if isinstance(part, Statement)]


def unread(sql: str) -> list[str]:
    return [part.reason for part in parts(sql) if isinstance(part, Unanalysed)]


def text_at(sql: str, part: Statement, at: int) -> str:
    """The rest of the source's line from where a character of a nested statement stands."""
    place = part.position(at)
    return sql.split("\n")[place.line - 1][place.column - 1 :]


def assert_in_place(sql: str) -> None:
    for part in statements(sql):
        for token in part.tokens:
            if token.text.isidentifier():
                assert text_at(sql, part, token.start).startswith(token.text), token


EVERYTHING = plpgsql(
    """DECLARE
  r record; n int := (SELECT a FROM t0);
  c CURSOR (k int) FOR SELECT a FROM t1 WHERE id = k;
  c2 refcursor;
BEGIN
  PERFORM a FROM t2; PERFORM a
    FROM t3;
  n := n + f4(); n = f5(); r.x := f6();
  IF EXISTS (SELECT 1 FROM t7) THEN DELETE FROM t8;
  ELSIF f9() IS NULL THEN UPDATE t10 SET a = 1; END IF;
  FOR r IN SELECT a FROM t11 LOOP RAISE NOTICE 'x %', f12(); END LOOP;
  FOR i IN 1..f13() LOOP CONTINUE WHEN f14(); END LOOP;
  FOREACH n IN ARRAY ARRAY[f15()] LOOP NULL; END LOOP;
  WHILE f16() LOOP EXIT; END LOOP;
  OPEN c2 FOR SELECT a FROM t17;
  FOR r IN c(f18()) LOOP NULL; END LOOP;
  CASE WHEN f19() THEN NULL; ELSE NULL; END CASE;
  CASE f20() WHEN f21() THEN NULL; END CASE;
  SELECT a INTO STRICT n FROM t22;
  INSERT INTO t23 VALUES (1) RETURNING a INTO n;
  RETURN QUERY SELECT f24();
  RETURN NEXT f25();
  BEGIN
    CALL f26();
  EXCEPTION WHEN others THEN
    RAISE EXCEPTION USING MESSAGE = f27();
  END;
END""",
    "SETOF int",
)


def test_every_construct_of_plpgsql_is_read_and_found_in_place() -> None:
    words = " ".join(part.excerpt for part in statements(EVERYTHING))
    for number in range(28):
        assert f"t{number}" in words or f"f{number}(" in words, number
    assert not unread(EVERYTHING)
    assert_in_place(EVERYTHING)


def test_equal_texts_are_told_apart() -> None:
    sql = plpgsql("BEGIN\n  n := f(x); m := f(x);\n  IF max(x) > x THEN y := x; END IF;\nEND")
    sql = sql.replace("BEGIN", "DECLARE n int; m int; x int; y int;\nBEGIN", 1)
    assert_in_place(sql)
    first, second = (part.position(part.start) for part in statements(sql)[:2])
    assert (first.line, second.line) == (4, 4)
    assert first.column < second.column


@pytest.mark.parametrize(
    ("execute", "text"),
    [
        ("EXECUTE 'TRUNCATE t'", "TRUNCATE t"),
        ("EXECUTE $q$TRUNCATE t$q$", "TRUNCATE t"),
        (r"EXECUTE E'TRUNCATE\n t CASCADE'", "TRUNCATE\n t CASCADE"),
        ("EXECUTE 'DELETE FROM t WHERE a = ''x'' AND b = 1'", "DELETE FROM t WHERE a = 'x' AND b = 1"),
        ("EXECUTE 'TRUNCATE ' || quote_ident(n) || ' CASCADE'", "TRUNCATE n CASCADE"),
        ("EXECUTE format('TRUNCATE %I.%I CASCADE', 'public', n)", "TRUNCATE public.n CASCADE"),
        ("EXECUTE format('TRUNCATE %1$I, %1$I', n)", "TRUNCATE n, n"),
        ("EXECUTE format('DELETE FROM t WHERE a = %L AND b = 1', n)", "DELETE FROM t WHERE a = 'n' AND b = 1"),
        ("EXECUTE format('DELETE FROM t WHERE a LIKE ''%%x'' AND %I', n)",
         "DELETE FROM t WHERE a LIKE '%x' AND n"),
        ("FOR r IN EXECUTE 'SELECT 1 FROM t' LOOP NULL; END LOOP", "SELECT 1 FROM t"),
        ("OPEN c FOR EXECUTE 'SELECT 1 FROM t' USING n", "SELECT 1 FROM t"),
        ("RETURN QUERY EXECUTE 'SELECT 1 FROM t'", "SELECT 1 FROM t"),
        ("EXECUTE 'CREATE INDEX ASYNC i ON t (a)'", "CREATE INDEX ASYNC i ON t (a)"),
    ],
)  # fmt: skip
def test_execute_is_read_as_far_as_it_is_known(execute: str, text: str) -> None:
    sql = plpgsql(f"DECLARE r record; n text; c refcursor;\nBEGIN\n  {execute};\nEND", "SETOF int")
    assert text in [part.excerpt for part in statements(sql)]
    assert not unread(sql)
    part = next(part for part in statements(sql) if part.excerpt == text)
    for token in part.tokens:
        if token.text.isidentifier() and token.text not in ("n", "public"):
            assert text_at(sql, part, token.start).startswith(token.text)


@pytest.mark.parametrize(
    "execute",
    [
        "EXECUTE n",
        "EXECUTE n || ' CASCADE'",
        "EXECUTE 'DELETE FROM t ' || n",
        "EXECUTE format('SELECT %s', n)",
    ],
)
def test_execute_of_what_nobody_knows_is_reported(execute: str) -> None:
    assert unread(plpgsql(f"DECLARE n text;\nBEGIN\n  {execute};\nEND"))


def test_a_body_in_apostrophes_with_doubled_quotes() -> None:
    sql = (
        "CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS '\nBEGIN\n"
        "  PERFORM a FROM t WHERE b = ''x'' AND c;\n  EXECUTE ''DELETE FROM u WHERE d = ''''y'''' AND e'';\n"
        "END';"
    )
    assert_in_place(sql)
    assert [part.excerpt for part in statements(sql)] == [
        "PERFORM a FROM t WHERE b = 'x' AND c",
        "DELETE FROM u WHERE d = 'y' AND e",
    ]


def test_sql_functions() -> None:
    sql = "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$\n-- first\nDELETE FROM t;\nSELECT 1\n$$;"
    assert [part.excerpt.split()[0] for part in statements(sql)][1] == "SELECT"
    assert_in_place(sql)
    assert not parts("CREATE FUNCTION f() RETURNS int LANGUAGE sql RETURN 1")
    assert unread("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELEC 1'")


def test_other_languages() -> None:
    assert unread("CREATE FUNCTION f() RETURNS int LANGUAGE plpython3u AS 'return 1'")
    assert not parts("CREATE FUNCTION f() RETURNS int LANGUAGE c AS 'lib', 'f'")


def test_do_blocks() -> None:
    sql = "DO $$\nBEGIN\n  TRUNCATE t;\nEND $$;"
    assert [part.excerpt for part in statements(sql)] == ["TRUNCATE t"]
    assert_in_place(sql)


def test_a_body_that_does_not_parse_is_reported_with_its_line() -> None:
    (part,) = parts(plpgsql("BEGIN\n  IF THEN\nEND"))
    assert isinstance(part, Unanalysed)
    assert "parse" in part.reason


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE FUNCTION f(a own.thing, b own.thing[]) RETURNS own.thing LANGUAGE plpgsql AS $$\n"
        "DECLARE v own.thing; w own.thing%ROWTYPE;\nBEGIN\n  SELECT * INTO v FROM t;\n  v.x := a.y;\n"
        "  RETURN v;\nEND $$;",
        "CREATE FUNCTION f(OUT a own.thing, OUT b int) RETURNS SETOF record LANGUAGE plpgsql AS $$\n"
        "DECLARE s state; n bool;\nBEGIN\n  SELECT c, d FROM t INTO s, n;\n  RETURN NEXT;\nEND $$;",
        "CREATE FUNCTION f() RETURNS TABLE (a own.thing) LANGUAGE plpgsql AS $$\n"
        "#variable_conflict use_column\nBEGIN\n  RETURN QUERY SELECT x FROM t;\nEND $$;",
        "CREATE PROCEDURE f(INOUT a own.thing) LANGUAGE plpgsql AS $$\nBEGIN\n  a := g(t);\nEND $$;",
        "DO $$\nDECLARE v own.thing;\nBEGIN\n  v := g(t);\nEND $$;",
    ],
)
def test_types_of_the_schema_do_not_hide_a_body(sql: str) -> None:
    assert not unread(sql)
    assert any("t" in [token.text for token in part.tokens] for part in statements(sql))
    assert_in_place(sql)
