"""The lexer splits as psql does, whatever the size of the blocks it is fed."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsql_compat.sql.lexer import Lexer, Piece, RowCount


def split(text: bytes, block: int | None = None) -> list[Piece | RowCount]:
    stream = io.BytesIO(text)
    lexer = Lexer(stream.read if block is None else lambda _: stream.read(block))
    found: list[Piece | RowCount] = []
    for piece in lexer:
        found.append(piece)
        if piece.kind == "sql" and piece.text[:4].upper() == b"COPY":
            found.append(lexer.skip_copy_rows())
    return found


def texts(sql: str) -> list[str]:
    return [p.text.decode() for p in split(sql.encode()) if isinstance(p, Piece)]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT 1; SELECT 2;", ["SELECT 1;", "SELECT 2;"]),
        ("SELECT 'a;b'; SELECT \"c;d\";", ["SELECT 'a;b';", 'SELECT "c;d";']),
        ("SELECT 'it''s; x';", ["SELECT 'it''s; x';"]),
        (r"SELECT E'it\'s; x'; SELECT 2;", [r"SELECT E'it\'s; x';", "SELECT 2;"]),
        (r"SELECT E'\\'; SELECT 2;", [r"SELECT E'\\';", "SELECT 2;"]),
        ("SELECT $$a;b$$; SELECT $x$ $$;$$ $x$;", ["SELECT $$a;b$$;", "SELECT $x$ $$;$$ $x$;"]),
        ("SELECT $1; SELECT a$b$c;", ["SELECT $1;", "SELECT a$b$c;"]),
        ("-- a; b\nSELECT 1 -- c;\n;", ["SELECT 1 -- c;\n;"]),
        ("/* a; /* b; */ c; */ SELECT 1;", ["SELECT 1;"]),
        ("CREATE RULE r AS ON INSERT TO t DO (a; b); x;",
         ["CREATE RULE r AS ON INSERT TO t DO (a; b);", "x;"]),
        ("CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN a THEN 1 END; END; x;",
         ["CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN a THEN 1 END; END;", "x;"]),
        ("SELECT 1 \\gexec\nSELECT 2;", ["SELECT 1", "\\gexec", "SELECT 2;"]),
        ("\\connect shop\nSELECT 1;", ["\\connect shop", "SELECT 1;"]),
        ("SELECT 1", ["SELECT 1"]),
        (";;; ;", []),
        ("", []),
    ],
)  # fmt: skip
def test_statements_end_where_psql_ends_them(sql: str, expected: list[str]) -> None:
    assert texts(sql) == expected


def test_lines_count_from_one_through_comments_and_rows() -> None:
    sql = b"-- one\n\nSELECT\n1;  SELECT 2;\nCOPY t FROM stdin;\na\nb\n\\.\nSELECT 3;\n"
    pieces = [p for p in split(sql) if isinstance(p, Piece)]
    assert [(p.text, p.line, len(p.prefix)) for p in pieces] == [
        (b"SELECT\n1;", 3, 0),
        (b"SELECT 2;", 4, 4),
        (b"COPY t FROM stdin;", 5, 0),
        (b"SELECT 3;", 9, 0),
    ]


def test_copy_rows_are_counted_and_never_split() -> None:
    sql = b"COPY t FROM stdin;\nit's; \"open\n$$ /* --\n\\N\t\\.x\n\\.\nSELECT 1;"
    _, rows, last = split(sql)
    assert rows == RowCount(rows=3, bytes=11 + 8 + 6, widest=11)
    assert isinstance(last, Piece)
    assert last.text == b"SELECT 1;"


def test_copy_rows_without_an_end_say_so() -> None:
    _, rows = split(b"COPY t FROM stdin;\n1\n2")
    assert rows == RowCount(rows=2, bytes=2, widest=1, complete=False)


@pytest.mark.parametrize("end", [b"\\.\n", b"\\.\r\n", b"\\."])
def test_copy_rows_end_at_any_form_of_the_last_line(end: bytes) -> None:
    _, rows = split(b"COPY t FROM stdin;\n1\n" + end)
    assert rows == RowCount(rows=1, bytes=1, widest=1)


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        (b"INSERT INTO t VALUES (1, 'it''s; (', NULL, -1.5e3, true, B'01');", 1),
        (b"INSERT INTO a.\"T x\" (a, \"b\") OVERRIDING SYSTEM VALUE VALUES (1,'x'), (2,'y');", 2),
        (b"insert into t values ('2024-01-01'::date) on conflict do nothing;", 1),
    ],
)
def test_inserts_of_literals_are_data(sql: bytes, rows: int) -> None:
    (piece,) = split(sql)
    assert isinstance(piece, Piece)
    assert (piece.kind, piece.rows) == ("data-insert", rows)


@pytest.mark.parametrize(
    "sql",
    [
        b"INSERT INTO t VALUES (now());",
        b"INSERT INTO t SELECT 1;",
        b"INSERT INTO t VALUES (nextval('s'));",
        b"INSERT INTO t VALUES (1) RETURNING id;",
        b"INSERT INTO t VALUES (E'a\\'b');",
        b"INSERT INTO t VALUES (1) ON CONFLICT (id) DO UPDATE SET n = 1;",
    ],
)
def test_inserts_that_compute_are_statements(sql: bytes) -> None:
    (piece,) = split(sql)
    assert isinstance(piece, Piece)
    assert piece.kind == "sql"


def test_an_open_quote_costs_one_statement_not_the_file() -> None:
    pieces = split(b"SELECT 'open;\nCREATE TABLE t (id int);\nSELECT (2;\nSELECT 3;\n")
    assert [(p.text, p.complete) for p in pieces if isinstance(p, Piece)] == [
        (b"SELECT 'open;", False),
        (b"CREATE TABLE t (id int);", True),
        (b"SELECT (2;", False),
        (b"SELECT 3;", True),
    ]


SNIPPETS = st.lists(
    st.sampled_from(
        [b"SELECT 1;", b"'", b'"', b"$$", b"$a$", b"--", b"\n", b"/*", b"*/", b"(", b")", b";",
         b"\\", b"\\.\n", b"COPY t FROM stdin;\n", b"E'", b"BEGIN ATOMIC ", b"END;", b"\r\n",
         b"CREATE FUNCTION f() RETURNS int ", b"INSERT INTO t VALUES (1, 'x');", b" x ", b"\xc3\xa9"]
    ),
    max_size=30,
)  # fmt: skip


@given(SNIPPETS, st.integers(1, 90))
def test_the_size_of_blocks_changes_nothing(snippets: list[bytes], block: int) -> None:
    sql = b"".join(snippets)
    assert split(sql, block) == split(sql)


@given(st.binary(max_size=400))
def test_any_bytes_are_split_without_an_error(data: bytes) -> None:
    for piece in split(data):
        if isinstance(piece, Piece):
            assert piece.text in data
