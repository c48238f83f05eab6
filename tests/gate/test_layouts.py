"""Layouts: what each tool's folder holds, in the order that the tool runs it."""

from __future__ import annotations

from pathlib import Path

import pytest

from dsql_compat.gate.layouts import Plan, plan_of
from dsql_compat.sources.files import InputError
from tests.gate.repositories import check, command, found, write

A, B, C, D = (f"CREATE TABLE {name} (id uuid PRIMARY KEY);\n" for name in "abcd")
DROP = "DROP TABLE a;\n"
SEVERAL, MIXED = "multiple-ddl-per-transaction", "ddl-with-dml"


def plan(folder: Path, files: dict[str, str], *, layout: str = "auto", down: bool = False) -> Plan:
    write(folder, files)
    return plan_of([folder], folder, layout, include_down=down)


def names(made: Plan) -> list[str]:
    return [step.source.name for step in made.steps]


FLYWAY = [
    *("V1__a.sql", "V1.1__b.sql", "V1.2__c.sql", "V1.10__d.sql", "V2_0_1__e.sql", "V10__f.sql"),
    *("V20240101.2__g.sql", "R__Beta.sql", "R__alpha.sql"),
]
ORDERS = [
    ("flyway", FLYWAY, FLYWAY),
    ("flyway", ["B3__x.sql", "V4__a.sql"], ["B3__x.sql", "V4__a.sql"]),
    ("flyway", ["B3__x.sql", "V1__y.sql", "V4__a.sql"], ["V1__y.sql", "V4__a.sql"]),
    (
        "flyway",
        ["afterMigrate.sql", "beforeMigrate__x.sql", "V1__a.sql", "releases/V2__b.sql"],
        ["beforeMigrate__x.sql", "V1__a.sql", "releases/V2__b.sql", "afterMigrate.sql"],
    ),
    (
        "golang-migrate",
        ["10_x.up.sql", "9_y.up.sql", "000011_z.up.sql"],
        ["9_y.up.sql", "10_x.up.sql", "000011_z.up.sql"],
    ),
    (
        "prisma",
        ["migration_lock.toml", "20240102_b/migration.sql", "20240101_a/migration.sql"],
        ["20240101_a/migration.sql", "20240102_b/migration.sql"],
    ),
    (
        "plain",
        ["10.sql", "2.sql", "1_a.sql", "sub/3.sql"],
        ["1_a.sql", "2.sql", "10.sql", "sub/3.sql"],
    ),
]


@pytest.mark.parametrize(("layout", "given", "order"), ORDERS)
def test_files_come_in_the_order_of_their_tool(
    tmp_path: Path, layout: str, given: list[str], order: list[str]
) -> None:
    made = plan(tmp_path, dict.fromkeys(sorted(given), A))
    assert (made.layout, names(made)) == (layout, order)


def test_a_folder_deep_in_a_repository_is_found(tmp_path: Path) -> None:
    files = {"app/db/migration/V10__b.sql": A, "app/db/migration/V9__a.sql": B, "zoo/x.sql": C}
    made = plan(tmp_path, {**files, "node_modules/p/x.sql": D, ".hidden/y.sql": D})
    assert names(made) == ["app/db/migration/V9__a.sql", "app/db/migration/V10__b.sql", "zoo/x.sql"]
    assert made.layout == "flyway, plain"


def test_flyway_wraps_a_file_unless_told_otherwise(tmp_path: Path) -> None:
    write(tmp_path, {"V1__a.sql": A + B, "V2__b.sql": C + D})
    write(tmp_path, {"V2__b.sql.conf": "executeInTransaction=false\n"})
    report = check(tmp_path)
    assert found(report, SEVERAL) == [(SEVERAL, "V1__a.sql", 2)]
    finding = next(f for f in report["findings"] if f["rule"] == SEVERAL)
    assert "executeInTransaction=false" in finding["advice"]


UP_AND_DOWN = [
    ("goose", "-- +goose Up\n", "-- +goose Down\n", "-- +goose NO TRANSACTION\n", ""),
    ("dbmate", "-- migrate:up\n", "-- migrate:down\n", "", " transaction:false"),
    ("sql-migrate", "-- +migrate Up\n", "-- +migrate Down\n", "", " notransaction"),
]


@pytest.mark.parametrize(("tool", "up", "down", "above", "behind"), UP_AND_DOWN)
def test_a_file_with_both_ways(
    tmp_path: Path, tool: str, up: str, down: str, above: str, behind: str
) -> None:
    free = above + up.replace("\n", behind + "\n")
    write(tmp_path, {"1_a.sql": up + A + B + down + "DROP TABLE b;\nDROP TABLE a CASCADE;\n"})
    write(tmp_path, {"2_b.sql": up + C + down + "TRUNCATE c;\n"})
    write(
        tmp_path,
        {"10_c.sql": free + D + "ALTER TABLE c ADD COLUMN x int;\n" + down + "SELECT 1;\n"},
    )
    report = check(tmp_path)
    assert report["messages"] == ""
    assert [source["name"] for source in report["sources"]] == ["1_a.sql", "2_b.sql", "10_c.sql"]
    assert not report["not_analysed"]
    assert found(report) == [(SEVERAL, "1_a.sql", 3), (MIXED, "2_b.sql", 2)]
    both = check(tmp_path, "--include-down")
    assert ("truncate", "2_b.sql", 4) in found(both)
    assert (SEVERAL, "1_a.sql", 6) in found(both)
    assert both["findings"][0]["location"]["source"] == "1_a.sql"


def test_node_pg_migrate_has_both_ways_in_a_file(tmp_path: Path) -> None:
    text = f"-- Up Migration\n{A}{B}\n-- Down Migration\nTRUNCATE a;\n"
    report = check(write(tmp_path, {"1700000000000_a.sql": text}))
    assert found(report) == [(SEVERAL, "1700000000000_a.sql", 3)]
    assert "noTransaction" in report["findings"][0]["advice"]


def test_ways_back_come_last_and_the_latest_first(tmp_path: Path) -> None:
    files = {f"{n}_x.{way}.sql": A for n in (1, 2, 10) for way in ("up", "down")}
    forward = ["1_x.up.sql", "2_x.up.sql", "10_x.up.sql"]
    assert names(plan(tmp_path, files)) == forward
    back = ["10_x.down.sql", "2_x.down.sql", "1_x.down.sql"]
    assert names(plan(tmp_path, files, down=True)) == forward + back


SQITCH_PLAN = """%syntax-version=1.0.0
%project=shop

users 2024-01-01T00:00:00Z A <a@b.c> # first
orders [users] 2024-01-02T00:00:00Z A <a@b.c> # second
@v1 2024-01-03T00:00:00Z A <a@b.c> # tag
users [users@v1] 2024-01-04T00:00:00Z A <a@b.c> # again
addresses [users orders] 2024-01-05T00:00:00Z A <a@b.c> # last
"""


def test_sqitch_goes_by_its_plan(tmp_path: Path) -> None:
    order = ["users@v1", "orders", "users", "addresses"]
    files = {f"db/{way}/{n}.sql": A for n in order for way in ("deploy", "revert", "verify")}
    files |= {"db/sqitch.plan": SQITCH_PLAN, "sqitch.conf": "[core]\n\ttop_dir = db\n"}
    deploy = [f"db/deploy/{name}.sql" for name in order]
    assert names(plan(tmp_path, files)) == deploy
    revert = [f"db/revert/{name}.sql" for name in reversed(order)]
    assert names(plan(tmp_path, files, down=True)) == deploy + revert


LIQUIBASE = """--liquibase formatted sql
--changeset ann:1
CREATE TABLE a (id uuid PRIMARY KEY);
--rollback DROP TABLE a;
--changeset ann:2 runInTransaction:false
CREATE TABLE b (id uuid PRIMARY KEY);
CREATE TABLE c (id uuid PRIMARY KEY);
--changeset ann:3 dbms:mysql
CREATE TABLE m (id int AUTO_INCREMENT);
--changeset ann:4
CREATE TABLE d (id uuid PRIMARY KEY);
CREATE TABLE e (id uuid PRIMARY KEY);
"""


def test_a_changeset_of_liquibase_is_a_transaction(tmp_path: Path) -> None:
    report = check(write(tmp_path, {"one.sql": LIQUIBASE}))
    assert found(report) == [(SEVERAL, "one.sql", 12)]
    assert "runInTransaction:false" in report["findings"][0]["advice"]


CHANGELOGS = {
    "db.changelog-master.xml": """<databaseChangeLog>
  <!-- <include file="old.sql"/> -->
  <include file="second/z.sql" relativeToChangelogFile="true"/>
  <include relativeToChangelogFile="true" file="first/log.changelog.yaml"/>
  <includeAll path="rest/"/>
</databaseChangeLog>""",
    "db.changelog-master.yaml": """databaseChangeLog:
  # - include: {file: old.sql}
  - include:
      file: second/z.sql
      relativeToChangelogFile: true
  - include:
      relativeToChangelogFile: true
      file: first/log.changelog.yaml
  - includeAll:
      path: rest/
""",
    "db.changelog-master.json": """{"databaseChangeLog": [
  {"include": {"file": "second/z.sql"}},
  {"include": {"file": "first/log.changelog.yaml"}},
  {"includeAll": {"path": "rest"}}]}""",
}


@pytest.mark.parametrize("master", CHANGELOGS)
def test_liquibase_includes_in_the_order_of_the_changelog(tmp_path: Path, master: str) -> None:
    files = {
        master: CHANGELOGS[master],
        "second/z.sql": LIQUIBASE,
        "first/log.changelog.yaml": "databaseChangeLog:\n  - include:\n      file: a.sql\n",
        "first/a.sql": C,
        "rest/10.sql": D,
        "rest/2.sql": D,
        "old.sql": D,
    }
    made = plan(tmp_path, files)
    assert names(made) == ["second/z.sql", "first/a.sql", "rest/10.sql", "rest/2.sql"]
    assert made.notes == ("1 SQL files that no changelog includes left out",)


def test_drizzle_goes_by_its_journal(tmp_path: Path) -> None:
    journal = '{"entries": [{"idx": 1, "tag": "0001_b"}, {"idx": 0, "tag": "0000_z"}]}'
    text = A + "--> statement-breakpoint\n" + B
    files = {"meta/_journal.json": journal, "0001_b.sql": C, "0000_z.sql": text, "0002_x.sql": D}
    write(tmp_path, {f"drizzle/{name}": text for name, text in files.items()})
    report = check(tmp_path)
    assert [s["name"] for s in report["sources"]] == ["drizzle/0000_z.sql", "drizzle/0001_b.sql"]
    assert found(report) == [(SEVERAL, "drizzle/0000_z.sql", 3), (MIXED, "drizzle/0001_b.sql", 1)]
    assert "not in the journal" in report["messages"]


def test_supabase_writes_its_row_beside_the_migration(tmp_path: Path) -> None:
    folder = "supabase/migrations"
    write(tmp_path, {f"{folder}/20240102000000_b.sql": B, f"{folder}/20240101000000_a.sql": A})
    report = check(tmp_path)
    assert found(report) == [
        (MIXED, f"{folder}/20240101000000_a.sql", 1),
        (MIXED, f"{folder}/20240102000000_b.sql", 1),
    ]
    assert "supabase migration repair" in report["findings"][0]["advice"]


def test_atlas_says_in_the_file_that_there_is_no_transaction(tmp_path: Path) -> None:
    free = "-- atlas:txmode none\n\n" + C + D
    write(tmp_path, {"atlas.sum": "h1:x\n", "20240101.sql": A + B, "20240102.sql": free})
    assert found(check(tmp_path)) == [(SEVERAL, "20240101.sql", 2)]


def test_rails_has_its_schema_in_one_file(tmp_path: Path) -> None:
    files = {"db/structure.sql": A + B, "db/seeds.sql": C, "db/migrate/1_x.rb": ""}
    made = plan(tmp_path, files)
    assert (made.layout, names(made)) == ("rails", ["db/structure.sql"])
    assert made.notes and "1 SQL file left out" in made.notes[0]
    assert not found(check(tmp_path), SEVERAL)


def test_a_folder_that_two_tools_may_have_made_is_told(tmp_path: Path) -> None:
    files = {"atlas.sum": "h1:x", "1_a.up.sql": A, "1_a.down.sql": DROP}
    made = plan(tmp_path, files)
    assert made.layout == "golang-migrate"
    assert "taken as golang-migrate, though it may be atlas" in made.notes[0]
    assert plan(tmp_path, files, layout="atlas").layout == "atlas"


def test_a_layout_that_is_named_is_taken(tmp_path: Path) -> None:
    write(tmp_path, {"1.sql": A + B})
    assert not found(check(tmp_path))
    assert found(check(tmp_path, "--layout", "goose")) == [(SEVERAL, "1.sql", 2)]
    done = command(tmp_path, "check", "--layout", "golang-migrate", code=2)
    assert "nothing to read: 1 SQL file left out: neither .up.sql nor .down.sql" in done.stderr


def test_a_named_file_is_judged_as_its_folder_says(tmp_path: Path) -> None:
    files = {"db/V2__b.sql": C + D, "db/V10__c.sql": A + B, "db/V1__a.sql": A}
    write(tmp_path, files)
    report = check(tmp_path, "db/V10__c.sql", "db/V2__b.sql")
    assert found(report) == [(SEVERAL, "db/V10__c.sql", 2), (SEVERAL, "db/V2__b.sql", 2)]


PLACEHOLDERS = """CREATE TABLE ${schema}.a (id uuid PRIMARY KEY, d xml);
CREATE TABLE {{ schema }}.b (id uuid PRIMARY KEY);
{% if fresh %}
CREATE TABLE :schema.c (id uuid PRIMARY KEY);
{% endif %}
CREATE TABLE d (id uuid PRIMARY KEY, n varchar(${length}));
CREATE TABLE e (id uuid PRIMARY KEY, m money);
"""


def test_placeholders_break_no_file(tmp_path: Path) -> None:
    report = check(write(tmp_path, {"1.sql": PLACEHOLDERS}))
    assert found(report) == [
        ("xml-column", "1.sql", 1),
        ("syntax-error", "1.sql", 6),
        ("money-column", "1.sql", 7),
    ]
    told = next(f for f in report["findings"] if f["rule"] == "syntax-error")
    assert (told["severity"], "${length}" in told["message"]) == ("warning", True)


def test_a_begin_in_a_wrapped_file_does_not_count_twice(tmp_path: Path) -> None:
    text = f"BEGIN;\n{A}COMMIT;\n{B}"
    assert found(check(write(tmp_path, {"V1__a.sql": text})), SEVERAL) == []


def test_only_ways_back_are_nothing_to_judge(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--include-down"):
        plan(tmp_path, {"1_a.undo.sql": DROP})


def test_rows_of_a_wrapped_file_count_together(tmp_path: Path) -> None:
    rows = ", ".join("('x')" for _ in range(1600))
    plain = f"INSERT INTO t (a) VALUES {rows};\n"
    write(
        tmp_path, {"1_a.up.sql": "CREATE TABLE t (a text PRIMARY KEY);\n", "2_b.up.sql": plain * 2}
    )
    assert found(check(tmp_path), "insert-rows") == [("insert-rows", "2_b.up.sql", 1)]


def test_ways_back_leave_no_state(tmp_path: Path) -> None:
    write(tmp_path, {"1_a.up.sql": A, "1_a.down.sql": DROP})
    done = command(tmp_path, "check", "--as", "state", "--include-down", code=2)
    assert "ways back are judged as history only" in done.stderr
