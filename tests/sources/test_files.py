"""Whatever people really have is read, or refused in one line."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from dsql_compat.pipeline import analyze_sources, analyze_text
from dsql_compat.report.model import Report
from dsql_compat.sources.files import InputError

SQL = "-- café\nCREATE TABLE public.café (id serial PRIMARY KEY);\nTRUNCATE public.café;\n"


def write(path: Path, data: bytes | str) -> str:
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return str(path)


def names(report: Report) -> set[str | None]:
    return {finding.object.table for finding in report.findings if finding.object.table}


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("plain.sql", SQL.encode()),
        ("bom.sql", b"\xef\xbb\xbf" + SQL.encode()),
        ("crlf.sql", SQL.replace("\n", "\r\n").encode()),
        ("utf16.sql", SQL.encode("utf-16")),
        ("latin1.sql", f"SET client_encoding = 'LATIN1';\n{SQL}".encode("latin-1")),
        ("win1252.sql", f"SET client_encoding TO 'WIN1252';\n{SQL}".encode("cp1252")),
        ("command.sql", f"\\encoding LATIN1\n{SQL}".encode("latin-1")),
        ("packed.sql.gz", gzip.compress(SQL.encode(), mtime=0)),
    ],
)
def test_every_encoding_gives_the_same_names(tmp_path: Path, name: str, data: bytes) -> None:
    report = analyze_sources([write(tmp_path / name, data)])
    assert names(report) == {"café"}
    assert report.sources[0].syntax_errors == 0
    assert not report.not_analysed
    serial = next(f for f in report.findings if f.rule == "serial-column")
    extra = 1 if data.startswith((b"SET", b"\\")) else 0
    assert (serial.location.line, serial.location.column) == (2 + extra, 30)


def test_an_encoding_whose_second_bytes_look_like_quotes(tmp_path: Path) -> None:
    text = 'SET client_encoding = \'SJIS\';\nCREATE TABLE "表能" (id serial, "ソ" text);\n'
    report = analyze_sources([write(tmp_path / "sjis.sql", text.encode("cp932"))])
    assert names(report) == {"表能"}
    assert report.sources[0].syntax_errors == 0


def test_bytes_in_no_declared_encoding_are_read_and_reported(tmp_path: Path) -> None:
    report = analyze_sources([write(tmp_path / "a.sql", SQL.encode("latin-1"))])
    assert names(report) == {"café"}
    assert [item.what for item in report.not_analysed] == ["bytes that are no UTF-8"]


def test_a_folder_is_one_history_in_the_order_of_its_numbers(tmp_path: Path) -> None:
    write(tmp_path / "10_drop.sql", "ALTER TABLE orders DROP COLUMN note;")
    write(tmp_path / "2_create.sql", "CREATE TABLE orders (id uuid PRIMARY KEY, note text);")
    write(tmp_path / "README.md", "no SQL")
    (tmp_path / ".hidden").mkdir()
    write(tmp_path / ".hidden" / "3.sql", "TRUNCATE orders;")
    report = analyze_sources([str(tmp_path)])
    assert [Path(s.name).name for s in report.sources] == ["2_create.sql", "10_drop.sql"]
    assert report.readiness.objects["table"].total == 1


def test_includes_are_followed_inside_the_folder_only(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    write(tmp_path / "outside.sql", "TRUNCATE secrets;")
    write(home / "part.sql", "TRUNCATE orders;\n\\ir part.sql\n")
    main = write(
        home / "main.sql", "\\ir part.sql\n\\i ../outside.sql\n\\i missing.sql\nSELECT 1;\n"
    )
    report = analyze_sources([main])
    assert {f.location.source for f in report.findings if f.rule == "truncate"} == {
        (home / "part.sql").as_posix()
    }
    assert {item.reason for item in report.not_analysed} == {
        "included before: a circle",
        "outside the source's folder: not opened",
        "the file does not exist",
    }


def test_data_rows_are_counted_and_never_shown(tmp_path: Path) -> None:
    sql = (
        "CREATE TABLE public.t (a text PRIMARY KEY);\n"
        "COPY public.t (a) FROM stdin;\nsecret's; TRUNCATE x;\n\\.\n"
        "INSERT INTO public.t (a) VALUES ('hush');\nINSERT INTO public.t (a) VALUES ('hush2');\n"
    )
    report = analyze_sources([write(tmp_path / "a.sql", sql)])
    assert report.sources[0].data_rows == 3
    assert report.sources[0].statements == 4
    assert not [f for f in report.findings if f.rule == "truncate"]
    everything = repr([(f.statement, f.message, f.rewrite) for f in report.findings])
    assert "hush" not in everything
    assert "secret" not in everything


def test_only_the_first_insert_of_a_table_is_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    from dsql_compat.sources import reader

    parsed: list[str] = []
    original = reader.parse_statement
    monkeypatch.setattr(
        reader, "parse_statement", lambda s: (parsed.append(s.text), original(s))[1]
    )
    rows = "".join(f"INSERT INTO t (a) VALUES ({n});\n" for n in range(50))
    report = analyze_text("CREATE TABLE t (a int PRIMARY KEY);\n" + rows)
    assert report.sources[0].data_rows == 50
    assert len(parsed) == 2


PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452")


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("image.sql", PNG, "not SQL"),
        ("empty.sql", b"", "empty"),
        ("comment.sql", b"-- nothing\n", "no SQL statement"),
        ("prose.sql", b"Dear reader, this is a letter; it holds no SQL.\n", "not SQL"),
        ("noise.sql", bytes(range(128, 256)), "not SQL"),
        ("short.sql.gz", gzip.compress(SQL.encode() * 99, mtime=0)[:60], "broken gzip"),
        ("broken.gz", b"\x1f\x8bnonsense", "broken gzip"),
        ("packed.sql.zst", b"\x28\xb5\x2f\xfd1234", "zstd -d"),
        ("image.sql.gz", gzip.compress(PNG, mtime=0), "not SQL"),
    ],
)
def test_what_is_no_sql_gets_one_line(tmp_path: Path, name: str, data: bytes, reason: str) -> None:
    path = write(tmp_path / name, data)
    with pytest.raises(InputError) as error:
        analyze_sources([path])
    assert reason in str(error.value)
    assert path in str(error.value)
    assert "\n" not in str(error.value)


def test_paths_that_cannot_be_read(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.sql"):
        with pytest.raises(InputError, match=r"holds no \.sql|No such file"):
            analyze_sources([str(path)])
    locked = tmp_path / "locked.sql"
    write(locked, SQL)
    locked.chmod(0)
    if os.access(locked, os.R_OK):
        pytest.skip("root reads everything")
    with pytest.raises(InputError, match="Permission denied"):
        analyze_sources([str(locked)])


def test_an_archive_without_pg_restore_names_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match="postgresql-client"):
        analyze_sources([write(tmp_path / "a.dump", b"PGDMP\x01\x10")])


def test_a_second_database_is_a_catalog_of_its_own() -> None:
    sql = "\\connect one\nCREATE TABLE t (a int);\n\\connect two\nCREATE TABLE t (b int);\n"
    report = analyze_text(sql)
    assert report.readiness.objects["table"].total == 2
    assert [f.rule for f in report.findings].count("multiple-databases") == 1
