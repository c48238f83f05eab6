"""What the data of a dump shows of sizes: counted right, and compared with the right limit."""

from __future__ import annotations

import pytest

from dsql_compat.pipeline import analyze_text
from dsql_compat.report.model import FindingInfo, LimitRow
from dsql_compat.sql.lexer import Lexer, RowCount, insert_widths

MIB = 1 << 20
PAGES = "CREATE TABLE pages (id bigint PRIMARY KEY, url text, body bytea);\n"


def copied(*rows: str, columns: str = "") -> str:
    return f"{PAGES}COPY pages {columns} FROM stdin;\n" + "\n".join(rows) + "\n\\.\n"


def found(rule: str, sql: str) -> list[FindingInfo]:
    return [f for f in analyze_text(sql).findings if f.rule == rule]


def limit(key: str, sql: str) -> LimitRow:
    return next(row for row in analyze_text(sql).limits if row.key == key)


def counted(rows: bytes) -> RowCount:
    parts = iter([b"COPY t FROM stdin;\n" + rows + b"\\.\n", b""])
    lexer = Lexer(lambda _: next(parts))
    next(iter(lexer))
    return lexer.skip_copy_rows()


def test_widths_are_bytes_of_values_without_escapes() -> None:
    assert counted(b"1\ta\\nb\\\\c\\\\\\t" + b"x" * 2000 + b"\tz\n").values == (1, 2007, 1)
    assert counted(b"1\t2\n").values == ()


def test_every_long_row_of_a_small_block_is_looked_into() -> None:
    rows = [b"%d\t%s\t%s\n" % (n, b"u" * (1100 + n), b"b" * (3000 - 9 * n)) for n in range(8)]
    assert counted(b"".join(rows)).values == (1, 1107, 3000)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (b"(1, '" + b"x" * 2000 + b"', 'it''s')", (0, 2000, 4)),
        (b"(1, 'y', NULL), (22, '" + b"x" * 1030 + b"'::bytea, true)", (0, 1030, 0)),
        (b"(1, '" + b"x" * 500 + b"', '" + b"y" * 600 + b"')", ()),
    ],
)
def test_widths_of_an_insert(rows: bytes, expected: tuple[int, ...]) -> None:
    assert insert_widths(rows) == expected


def test_a_bytea_takes_half_of_what_is_written() -> None:
    fits = copied("1\tu\t\\\\x" + "00" * MIB)
    assert not found("wide-value", fits)
    (finding,) = found("wide-value", copied("1\tu\t\\\\x" + "00" * (MIB + 1)))
    assert "body in public.pages takes 1,048,577 bytes" in finding.message
    assert limit("column-size", fits).observed == MIB


def test_the_columns_that_copy_lists_name_the_value() -> None:
    sql = copied("u" * 1030 + "\t1", columns='("url", id)')
    indexed = sql + "CREATE INDEX ASYNC pages_url ON pages (url);"
    (finding,) = found("wide-key", indexed)
    assert finding.message.startswith("A value of url in public.pages takes 1,030 bytes")
    assert "pages_url" in finding.message
    assert not found("wide-key", sql)
    assert limit("key-size", indexed).state == "exceeded"


@pytest.mark.parametrize(("rows", "width", "expected"), [(2600, 4096, 1), (6000, 3000, 0)])
def test_a_copy_is_too_large_where_3000_of_its_rows_are(
    rows: int, width: int, expected: int
) -> None:
    """Otherwise loading it in parts of 3,000 rows, as copy-rows says, is enough."""
    sql = copied(*(f"{n}\t{'x' * width}\t" for n in range(rows)))
    assert len(found("transaction-size", sql)) == expected
    assert len(found("copy-rows", sql)) == (rows > 3000)
    assert limit("bytes-per-transaction", sql).state == "exceeded"


def test_a_later_insert_that_is_too_long_for_a_message_is_found_once() -> None:
    first, later = (
        f"INSERT INTO pages (id, url) VALUES {', '.join(f'({n}, {text!r})' for n in range(5))};\n"
        for text in ("short", "x" * (2 * MIB + 99999))
    )
    assert len(found("statement-size", PAGES + first + later)) == 1
    assert len(found("statement-size", PAGES + later + later)) == 1
    assert not found("statement-size", PAGES + first + first)


def test_rows_of_an_explicit_transaction_are_held_against_the_limit() -> None:
    insert = f"INSERT INTO pages (id) VALUES {', '.join(f'({n})' for n in range(2000))};\n"
    assert limit("rows-per-transaction", PAGES + insert + insert).observed == 2000
    block = limit("rows-per-transaction", f"{PAGES}BEGIN;\n{insert}{insert}COMMIT;\n")
    assert (block.observed, block.where, block.state) == (4000, "COMMIT", "exceeded")


def test_declared_sizes_are_held_against_the_limits() -> None:
    sql = "CREATE TABLE t (a varchar(1500), b char(4000), c numeric(900, 2), UNIQUE (a, c));"
    sizes = {
        key: limit(key, sql).observed
        for key in ("varchar-length", "char-length", "numeric-precision", "declared-key-size")
    }
    assert sizes == {
        "varchar-length": 1500,
        "char-length": 4000,
        "numeric-precision": 900,
        "declared-key-size": 1500 + 458,
    }


def test_one_database_of_one_is_nothing_to_worry_about() -> None:
    assert limit("databases", PAGES).state == "ok"
    assert limit("databases", f"\\connect a\n{PAGES}\\connect b\n{PAGES}").state == "exceeded"
