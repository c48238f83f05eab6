"""What fifty files showed of a rival linter, as tests of ours: one file in `cases/` for each.

In a case, `-- finds: rules` says which rules must find something on its line, and `-- accepted`
that nothing on it may be called refused.  What needs more words is a test below.

Wait for `rewrite`, because they are about what a rewritten file looks like or means: 19 (every
comment is kept), 36 (COPY blocks stay as they are, byte for byte), 40 to 43 (markers of migration
tools are kept or the file refused), 45 (the constraint stays behind the rows), 46, 46b and 47
(constraints are folded into the right table), 51 (rows of partitions arrive in the parent) and 52
(the sequence still gives 8050 and 8060).  Of these, what `analyze` says is tested here.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from dsql_compat.pipeline import analyze_sources, analyze_text
from dsql_compat.report.json import render as render_json
from dsql_compat.report.model import FindingInfo, Report
from dsql_compat.report.text import render as render_text

CASES = Path(__file__).parent / "cases"
FILES = sorted(CASES.glob("*.sql"))
_NOTE = re.compile(r"-- (finds: (?P<rules>.+)|accepted)$")


@cache
def report(*names: str) -> Report:
    """The report of the cases whose names begin so, read as one history."""
    found = [next(path for path in FILES if path.name.startswith(f"{name}_")) for name in names]
    return told(analyze_sources([path.as_posix() for path in found]))


def told(found: Report) -> Report:
    """Without what is said once of a whole database and asks for nothing."""
    kept = [f for f in found.findings if f.severity != "info" or f.object.kind != "database"]
    return replace(found, findings=kept)


def lines(name: str) -> list[str]:
    path = next(path for path in FILES if path.name.startswith(f"{name}_"))
    return path.read_text("utf-8-sig").split("\n")


def at(found: Report, line: int) -> list[FindingInfo]:
    return [f for f in found.findings if f.location.line == line]


def of(found: Report, rule: str) -> list[FindingInfo]:
    return [f for f in found.findings if f.rule == rule]


def refused(found: Report) -> list[str]:
    """The rules under which something is refused, for each thing once."""
    return [f.rule for f in found.findings if f.severity == "error"]


def schema_errors(found: Report) -> list[str]:
    """The same without the settings at the head of a dump."""
    return [rule for rule in refused(found) if rule != "unsupported-setting"]


NOTES = [
    pytest.param(path, number, note["rules"], id=f"{path.stem}:{number}")
    for path in FILES
    if path.name[:2] != "28"  # Latin-1
    for number, line in enumerate(path.read_text("utf-8").split("\n"), 1)
    if (note := _NOTE.search(line))
]


def test_there_is_a_case_for_every_run() -> None:
    assert len([path for path in FILES if path.name[0].isdigit()]) == 50


@pytest.mark.parametrize(("path", "line", "rules"), NOTES)
def test_a_line_is_judged_as_its_note_says(path: Path, line: int, rules: str | None) -> None:
    found = {f.rule for f in at(report(path.name.split("_")[0]), line) if f.severity != "info"}
    if path.stem.startswith("probes"):
        found = {f.rule for f in at(_probes(path), line) if f.severity != "info"}
    if rules is None:
        assert not found
    else:
        assert set(rules.split(", ")) <= found


@cache
def _probes(path: Path) -> Report:
    return told(analyze_sources([path.as_posix()]))


# -- dumps: 01 to 03, 31, 36 to 39, 51 ------------------------------------------------------------

DUMPS = ("01", "02", "03", "31", "36", "37", "38", "39", "51")


@pytest.mark.parametrize("name", DUMPS)
def test_a_dump_is_read_as_it_comes(name: str) -> None:
    found = report(name)
    assert not of(found, "syntax-error")
    assert not found.not_analysed
    assert found.sources[0].postgres_version == "18.4"


@pytest.mark.parametrize("name", DUMPS)
def test_nothing_is_found_in_rows_or_psql_commands(name: str) -> None:
    text = lines(name)
    for finding in report(name).findings:
        line = text[finding.location.line - 1]
        assert "\t" not in line.lstrip("\t")
        assert not line.startswith("\\")
        assert "inside_data" not in line


@pytest.mark.parametrize("name", ["01", "03", "36"])
def test_rows_of_a_dump_are_in_no_report(name: str) -> None:
    found = report(name)
    for text in (render_json(found), render_text(found, everything=True)):
        for word in ("a@x.org", "Ann", "it's -- fine", "Ursula", "Solaris", "inside_data"):
            assert word not in text


@pytest.mark.parametrize(("data", "schema"), [("01", "02"), ("36", "37")])
def test_rows_change_nothing_about_the_schema(data: str, schema: str) -> None:
    of_rows = {"refresh-materialized-view"}  # which stands among them
    found = [rule for rule in schema_errors(report(data)) if rule not in of_rows]
    assert found == schema_errors(report(schema))


def test_a_dump_with_inserts_says_the_same_and_that_it_makes_a_database() -> None:
    plain, created = report("01"), report("03")
    only = set(schema_errors(created)) - set(schema_errors(plain))
    assert only == {"multiple-databases"}


def test_ordinary_dump_output_is_named_by_rules() -> None:
    named = {
        *("serial-column", "enum-type", "composite-type", "array-column", "range-column"),
        *("procedure", "plpgsql-function", "trigger", "rule", "publication", "extension"),
        *("materialized-view", "refresh-materialized-view", "exclusion-constraint"),
        *("partitioned-table", "partition", "alter-index", "index-method", "collation"),
        *("primary-key-added", "unique-added", "foreign-key-added", "sync-index"),
    }
    assert named <= set(refused(report("01")))


def test_one_thing_is_found_once() -> None:
    """One ADD PRIMARY KEY is one finding, on the line where it stands."""
    keys = of(report("39"), "primary-key-added")
    assert [f.object.table for f in keys] == ["invoice", "shop_order", "web_order"]
    for finding in keys:
        assert lines("39")[finding.location.line - 1].lstrip().startswith("ADD CONSTRAINT")
        assert [f.rule for f in at(report("39"), finding.location.line)] == ["primary-key-added"]


def test_identity_options_and_a_shared_sequence_are_left_alone() -> None:
    """39: the options of ADD GENERATED are accepted as dumped, and so is the sequence of two."""
    found = report("39")
    identity = of(found, "identity-column")
    assert [f.severity for f in identity] == ["info"]
    assert not [f for f in found.findings if f.object.name == "order_numbers"]


# -- what stands in the way of reading: 11, 12, 23, 27 to 30, 33 to 35 ----------------------------


def test_an_apostrophe_among_rows_hides_nothing() -> None:
    found = report("11")
    assert [f.rule for f in found.findings] == ["primary-key-added"]
    assert lines("11")[found.findings[0].location.line - 1].endswith("PRIMARY KEY (id);")
    assert found.sources[0].data_rows == 6


def test_psql_commands_hide_nothing() -> None:
    found = report("12")
    assert [(f.rule, f.object.table) for f in found.findings] == [
        ("serial-column", "first"),
        ("serial-column", "second"),
    ]
    assert [(n.line, n.what) for n in found.not_analysed] == [(6, "\\i other_file.sql")]


def test_a_query_can_make_a_file_unready() -> None:
    assert report("13").readiness.verdict == "manual"


def test_a_large_insert_is_found_with_its_rows() -> None:
    (finding,) = report("23").findings
    assert (finding.rule, finding.severity) == ("insert-rows", "error")
    assert "4,000 rows" in finding.message
    assert "3,000" in finding.message
    assert "row 17" not in render_json(report("23"))


def test_a_placeholder_for_a_name_spoils_nothing() -> None:
    found = told(report("27"))
    assert [(f.rule, f.location.line) for f in found.findings] == [
        ("serial-column", 2),
        ("serial-column", 4),
    ]
    assert found.sources[0].syntax_errors == 0


def test_latin_1_is_read_and_said() -> None:
    found = report("28")
    assert [(f.rule, f.location.line) for f in found.findings] == [
        ("serial-column", 2),
        ("truncate", 3),
    ]
    assert found.findings[0].object.table == "größe"
    assert "encoding" in found.not_analysed[0].reason


def test_a_byte_order_mark_hides_nothing_and_moves_nothing() -> None:
    found = report("29")
    assert [f.rule for f in found.findings] == ["serial-column", "serial-column"]
    for finding, line in zip(found.findings, lines("29"), strict=False):
        assert line[finding.location.column - 1 : finding.location.end_column - 1] == "serial"


def test_behind_an_open_quote_reading_goes_on() -> None:
    assert [(f.rule, f.location.line) for f in report("30").findings] == [
        ("serial-column", 1),
        ("syntax-error", 2),
        ("serial-column", 3),
        ("truncate", 4),
    ]


def test_two_files_are_one_history() -> None:
    found = report("33", "34")
    (finding,) = found.findings
    assert finding.rule == "primary-key-added"
    assert finding.location.source.endswith("34_second_file.sql")
    assert finding.rewrite
    assert finding.rewrite.after[0] == (
        "-- in CREATE TABLE public.orders, in place of this statement"
    )


def test_a_folder_of_files_is_one_history(tmp_path: Path) -> None:
    for name in ("33_first_file.sql", "34_second_file.sql"):
        (tmp_path / name).write_text((CASES / name).read_text("utf-8"), "utf-8")
    found = analyze_sources([tmp_path.as_posix()])
    assert [f.rule for f in found.findings] == ["primary-key-added"]


def test_a_second_file_alone_is_found_without_knowing_the_table() -> None:
    assert [f.rule for f in report("34").findings] == ["primary-key-added"]


def test_typed_literals_parse() -> None:
    assert report("35").sources[0].syntax_errors == 0
    assert not refused(report("35"))


# -- named by a rule, never "fix the syntax" ------------------------------------------------------


@pytest.mark.parametrize("name", ["14", "15", "16", "17", "24", "48", "49"])
def test_correct_sql_is_no_syntax_error(name: str) -> None:
    found = report(name)
    assert found.sources[0].syntax_errors == 0
    assert not of(found, "syntax-error")
    for finding in found.findings:
        assert "syntax" not in finding.advice


@pytest.mark.parametrize("name", ["15", "24"])
def test_a_refusal_says_what_to_do(name: str) -> None:
    for finding in report(name).findings:
        assert finding.why
        assert finding.advice


def test_every_bad_table_is_found_and_the_good_one_is_fine() -> None:
    found = report("10")
    errors = {f.object.table for f in found.findings if f.severity == "error" and f.object.table}
    assert errors == {
        *("t_vector", "t_search", "t_net", "t_enum", "t_xml", "t_money", "t_range", "t_array"),
        *("t_geo", "t_bit", "t_misc"),
    }
    # Every column but the keys, not only the first of a table.
    assert len([f for f in found.findings if f.severity == "error" and f.object.table]) == 26


def test_an_exclusion_constraint_is_found_on_its_line() -> None:
    (finding,) = of(report("16"), "exclusion-constraint")
    assert finding.location.line == 5
    assert finding.object.name == "no_overlap"


def test_like_including_all_copies_the_key() -> None:
    assert not of(report("16"), "table-without-primary-key")
    bare = "CREATE TABLE a (id bigint PRIMARY KEY);\nCREATE TABLE b (LIKE a INCLUDING DEFAULTS);"
    assert [f.object.name for f in of(analyze_text(bare), "table-without-primary-key")] == ["b"]


def test_bodies_are_read() -> None:
    found = report("17")
    routine = {f.object.name: f.id for f in of(found, "plpgsql-function")}
    (truncate,) = of(found, "truncate")
    assert truncate.cause == routine["wipe"]
    inside = [f.object.name for f in of(found, "advisory-lock")]
    assert inside == ["add_all", "find"]
    assert {f.object.name for f in of(found, "text-search-function")} == {"find"}


def test_begin_atomic_is_one_statement() -> None:
    assert report("17").sources[0].statements == 8


def test_an_enum_is_one_cause_and_its_columns_follow() -> None:
    (kind,) = of(report("25"), "enum-type")
    (column,) = of(report("25"), "enum-column")
    assert column.cause == kind.id
    assert (column.object.table, column.object.name) == ("User", "role")


def test_a_widened_key_takes_the_column_that_refers_to_it_along() -> None:
    (finding,) = of(report("25"), "key-reference-type")
    assert (finding.object.table, finding.object.name) == ("Post", "authorId")
    assert 'public."User".id' in finding.message
    assert finding.rewrite
    assert finding.rewrite.after == ['"authorId" bigint NOT NULL']


def test_passwords_are_in_no_report() -> None:
    for text in (render_json(report("24")), render_text(report("24"), everything=True)):
        assert "hunter" not in text


# -- indexes, limits ------------------------------------------------------------------------------


@pytest.mark.parametrize("index", ["docs_data", "docs_area", "docs_words", "docs_embedding"])
def test_an_index_of_another_method_becomes_no_plain_one(index: str) -> None:
    for finding in report("21").findings:
        if finding.object.name == index and finding.rewrite:
            assert not [line for line in finding.rewrite.after if "ON docs (" in line]


def test_rewritten_indexes_keep_no_option_that_dsql_refuses() -> None:
    for finding in report("21").findings:
        for line in finding.rewrite.after if finding.rewrite else ():
            for word in ("WITH (", "_ops", "TABLESPACE", "ONLY", "CONCURRENTLY", "DESC", "USING"):
                assert word not in line


@pytest.mark.parametrize(
    ("rule", "numbers"),
    [
        ("column-limit", ("301", "255")),
        ("key-columns", ("9", "8")),
        ("indexes-per-table", ("32", "24")),
        ("char-length", ("5000", "4096")),
        ("varchar-length", ("100000", "65535")),
        ("numeric-precision", ("2000", "1000")),
        ("numeric-without-precision", ("18,6",)),
    ],
)
def test_a_limit_is_found_with_its_numbers(rule: str, numbers: tuple[str, ...]) -> None:
    (finding,) = of(report("22"), rule)
    for number in numbers:
        assert number in finding.message


def test_a_table_without_a_key_is_found() -> None:
    (finding,) = of(report("22"), "table-without-primary-key")
    assert finding.object.name == "keyless"


def test_limits_stand_in_the_table_of_limits() -> None:
    rows = {row.key: row for row in report("22").limits}
    for key, observed in [
        ("columns-per-table", 301),
        ("key-columns", 9),
        ("indexes-per-table", 32),
    ]:
        assert (rows[key].observed, rows[key].state) == (observed, "exceeded")


# -- migrations: 19, 40 to 43 ---------------------------------------------------------------------


def test_nothing_is_found_in_comments() -> None:
    found = report("19")
    assert [(f.rule, f.location.line) for f in found.findings] == [
        ("serial-column", 5),
        ("sync-index", 11),
    ]


@pytest.mark.parametrize(
    ("name", "rules"),
    [
        ("40", ["serial-column"]),
        ("41", []),
        ("42", ["serial-column", "sync-index"]),
        ("43", ["serial-column", "serial-column", "sync-index"]),
    ],
)
def test_markers_of_migration_tools_are_no_sql(name: str, rules: list[str]) -> None:
    assert [f.rule for f in report(name).findings] == rules


@pytest.mark.parametrize("name", ["40", "41"])
def test_the_way_back_of_a_migration_is_not_replayed(name: str) -> None:
    """So the table stands at the end, and what undoes it is said to be left out."""
    found = report(name)
    assert found.readiness.objects["table"].total == 1
    assert [n.what for n in found.not_analysed] == ["way back of a migration"]


def test_a_way_up_behind_a_way_back_is_read() -> None:
    sql = "-- migrate:down\nDROP TABLE a;\n-- migrate:up\nCREATE TABLE a (id serial PRIMARY KEY);"
    assert [f.rule for f in told(analyze_text(sql)).findings] == ["serial-column"]


# -- places: 44 -----------------------------------------------------------------------------------


def test_positions_are_exact() -> None:
    text = lines("44")
    places = []
    for finding in report("44").findings:
        where = finding.location
        assert where.line == where.end_line
        marked = text[where.line - 1][where.column - 1 : where.end_column - 1]
        places.append((finding.rule, where.line, where.column, marked))
    assert places == [
        ("serial-column", 4, 15, "serial"),
        ("money-column", 6, 9, "money"),
        ("advisory-lock", 9, 13, "pg_advisory_lock"),
        ("truncate", 9, 43, "größe"),
    ]


def test_findings_come_in_the_order_of_the_source() -> None:
    for name in ("01", "15", "48", "49"):
        places = [(f.location.line, f.location.column) for f in report(name).findings]
        assert places == sorted(places)


def test_a_finding_keeps_its_id_when_code_moves() -> None:
    text = "\n".join(lines("44"))
    moved = "-- one line more\nSELECT 1;\n" + text
    assert [f.id for f in told(analyze_text(moved)).findings] == [
        f.id for f in report("44").findings
    ]


# -- the right object: 45 to 47 -------------------------------------------------------------------


def test_a_constraint_behind_a_change_of_rows_stays_behind_it() -> None:
    (finding,) = report("45").findings
    assert finding.rule == "unique-added"
    assert finding.rewrite
    assert finding.rewrite.after[0].startswith("CREATE UNIQUE INDEX ASYNC")
    assert not [line for line in finding.rewrite.after if "CREATE TABLE" in line]


@pytest.mark.parametrize(("name", "schemas"), [("46", ["a", "b"]), ("46b", ["b"])])
def test_a_key_goes_to_the_table_that_is_meant(name: str, schemas: list[str]) -> None:
    keys = of(report(name), "primary-key-added")
    assert [f.object.schema for f in keys] == schemas
    for finding, schema in zip(keys, schemas, strict=True):
        assert finding.rewrite
        assert f"CREATE TABLE {schema}.t," in finding.rewrite.after[0]


def test_a_table_without_a_key_is_not_taken_for_its_namesake() -> None:
    (finding,) = of(report("46b"), "table-without-primary-key")
    assert (finding.object.schema, finding.object.name) == ("a", "t")


def test_a_constraint_goes_to_the_table_made_anew() -> None:
    key, unique = report("47").findings
    assert key.rewrite
    assert unique.rewrite
    assert key.rewrite.after[-1] == "CONSTRAINT r_pkey PRIMARY KEY (fresh)"
    assert unique.rewrite.after[-1] == "CONSTRAINT r_fresh UNIQUE (fresh)"
    assert report("47").readiness.objects["table"].total == 1


# -- rows and numbers: 50 to 52 -------------------------------------------------------------------


def test_a_series_of_rows_is_counted() -> None:
    (finding,) = of(report("50"), "insert-rows")
    assert "1,000,000 rows" in finding.message


def test_changes_of_unknown_size_are_a_risk_and_no_refusal() -> None:
    found = of(report("50"), "whole-table-change")
    assert [(f.location.line, f.severity) for f in found] == [(11, "warning"), (12, "warning")]


def test_rows_of_partitions_are_said_to_belong_to_the_parent() -> None:
    found = report("51")
    (parent,) = of(found, "partitioned-table")
    parts = of(found, "partition")
    assert [f.object.name for f in parts] == ["m_2024", "m_2025"]
    for finding in parts:
        assert finding.cause == parent.id
        assert "rows belong into public.m" in finding.message
    assert found.readiness.verdict != "ready"


def test_what_follows_from_a_partition_is_a_consequence() -> None:
    found = report("51")
    for finding in of(found, "alter-index"):
        assert finding.cause
    keys = of(found, "primary-key-added")
    assert [(f.object.table, bool(f.cause)) for f in keys] == [
        ("m", False),
        ("m_2024", True),
        ("m_2025", True),
    ]


def test_a_sequence_keeps_its_options() -> None:
    (finding,) = report("52").findings
    assert finding.rule == "sequence-cache"
    assert finding.rewrite
    # 8,501 numbers: one block of 65536 would take them all, and the next session begin again.
    assert finding.rewrite.after == [
        "CREATE SEQUENCE ticket_numbers START WITH 5000 INCREMENT BY 10 MINVALUE 5000"
        " MAXVALUE 90000 CYCLE CACHE 1;"
    ]


# -- never an all-clear: 13, 53, 54 ---------------------------------------------------------------

EIGHT = {
    *("money-column", "network-column", "text-search-column", "index-storage-parameter"),
    *("index-key-columns", "add-column-constraint", "merge", "advisory-lock"),
}


def test_a_file_that_dsql_refuses_ends_not_ready_and_names_all_causes() -> None:
    found = report("54b")
    assert found.readiness.verdict == "manual"
    assert found.readiness.sentence.startswith("Not ready:")
    assert set(refused(found)) >= EIGHT
    assert [f.object.table for f in of(found, "money-column")] == ["account", "staging"]
    text = render_text(found, everything=True)
    assert all(rule in text for rule in EIGHT)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_numbers_of_a_report_agree(path: Path) -> None:
    found = analyze_sources([path.as_posix()])
    counts = found.readiness.findings
    severities = [f.severity for f in found.findings]
    assert counts.error == severities.count("error")
    assert counts.warning == severities.count("warning")
    assert counts.info == severities.count("info")
    if counts.error:
        assert found.readiness.verdict != "ready"


# -- the 144 probes -------------------------------------------------------------------------------

# Neither is SQL of PostgreSQL 16: it and DSQL refuse both as errors of syntax.
NO_POSTGRESQL = {27: "public.good_a", 28: "GROUP BY ALL"}


def test_all_that_was_missed_is_found() -> None:
    path = CASES / "probes_missed.sql"
    text = path.read_text("utf-8").split("\n")
    unnamed = [f.location.line for f in of(_probes(path), "syntax-error")]
    assert unnamed == list(NO_POSTGRESQL)
    for line, words in NO_POSTGRESQL.items():
        assert words in text[line - 1]
    assert sum("-- finds:" in line for line in text) == 39  # the 38, and the enum of one of them


def test_nothing_accepted_alarms() -> None:
    assert not _probes(CASES / "probes_accepted.sql").findings
