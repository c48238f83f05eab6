"""What a reader of the guide sees first, and what the guide keeps quiet about."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dsql_compat.cli.app import app
from dsql_compat.guide.build import guide_files, title_of
from dsql_compat.guide.compare import is_same, is_same_table
from dsql_compat.guide.drawing import MOST_TABLES, foreign_key_picture
from dsql_compat.guide.graph import foreign_keys
from dsql_compat.guide.schema_changes import all_changes, effort_of
from dsql_compat.guide.view import View, view_of
from dsql_compat.guide.words import in_text, quantity
from dsql_compat.rewriting.build import rewrite_inputs
from dsql_compat.sources.files import find_inputs
from dsql_compat.sql.statements import Statement, parse_statement
from tests.guide.test_document import CHAPTERS, SOURCES, guide_to, rewritten


def statement(sql: str) -> Statement:
    return parse_statement(Statement(sql))


def viewed(sql: str) -> View:
    return view_of(rewritten(sql), ["app.sql"], alone=True)


@pytest.fixture(scope="module", params=SOURCES)
def files(request: pytest.FixtureRequest) -> dict[str, str]:
    name = str(request.param)
    (rewrite,) = rewrite_inputs(find_inputs([str(SOURCES[name])]))
    return guide_files(rewrite, [f"{name}/schema.sql"])


@pytest.fixture(scope="module")
def saas() -> dict[str, str]:
    (rewrite,) = rewrite_inputs(find_inputs([str(SOURCES["saas"])]))
    return guide_files(rewrite, ["saas/schema.sql"])


@pytest.fixture(scope="module")
def ready() -> dict[str, str]:
    (rewrite,) = rewrite_inputs(find_inputs([str(SOURCES["bookings"])]))
    return guide_files(rewrite, ["bookings/schema.sql"])


NOUNS = (
    "tables|objects|columns|keys|indexes|views|triggers|policies|routines|functions|questions|"
    "findings|places|kinds|statements|databases|schemas|sequences|limits|counters|rows|partitions|"
    "constraints|items|grants|lines|files"
)
AFTER = (
    "CREATE TABLE public.t (id bigint NOT NULL, n character varying(9) DEFAULT 'a' NOT NULL, "
    "CONSTRAINT t_pkey PRIMARY KEY (id), CONSTRAINT t_check CHECK (n <> '' AND id > 0))"
)


@pytest.mark.parametrize(
    ("before", "same"),
    [
        (["CREATE TABLE t (id int8 PRIMARY KEY, n varchar(9) NOT NULL DEFAULT 'a', CHECK ((n <> '') AND (id > 0)))"], True),
        (["CREATE TABLE t (id bigint NOT NULL, n varchar(9) DEFAULT 'a' NOT NULL, CHECK (n <> '' AND id > 0))",
          "ALTER TABLE ONLY t ADD CONSTRAINT t_pkey PRIMARY KEY (id)"], True),
        (["CREATE TABLE t (id bigint PRIMARY KEY REFERENCES p, n varchar(9) NOT NULL DEFAULT 'a' CHECK (n <> '' AND id > 0))"], True),
        (["CREATE TABLE t (id bigint PRIMARY KEY, n varchar(8) NOT NULL DEFAULT 'a', CHECK (n <> '' AND id > 0))"], False),
        (["CREATE TABLE t (id bigint PRIMARY KEY, n varchar(9) DEFAULT 'a', CHECK (n <> '' AND id > 0))"], False),
        (["CREATE TABLE t (id bigint PRIMARY KEY, n varchar(9) NOT NULL DEFAULT 'b', CHECK (n <> '' AND id > 0))"], False),
        (["CREATE TABLE t (id bigint UNIQUE NOT NULL, n varchar(9) NOT NULL DEFAULT 'a', CHECK (n <> '' AND id > 0))"], False),
        (["CREATE TABLE t (id bigint PRIMARY KEY, n varchar(9) NOT NULL DEFAULT 'a', CHECK (n <> '' OR id > 0))"], False),
        (["CREATE UNLOGGED TABLE t (id bigint PRIMARY KEY, n varchar(9) NOT NULL DEFAULT 'a', CHECK (n <> '' AND id > 0))"], False),
        (["CREATE TABLE t (id bigint PRIMARY KEY, n varchar(9) NOT NULL DEFAULT 'a', CHECK (n <> '' AND id > 0)) INHERITS (p)"], False),
    ],
)  # fmt: skip
def test_tables_are_compared_by_what_they_mean(before: list[str], same: bool) -> None:
    assert is_same_table(map(statement, before), AFTER) is same


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ("CREATE INDEX ASYNC i ON t (a,  b)", "CREATE INDEX ASYNC i ON public.t (a, b);", True),
        ("CREATE INDEX i ON t (a)", "CREATE INDEX ASYNC i ON t (a)", False),
        ("CREATE INDEX ASYNC i ON t (a)", "CREATE INDEX ASYNC i ON t (b)", False),
        ("CREATE INDEX ASYNC i ON t USING btree (a)", "CREATE INDEX ASYNC i ON t (a)", True),
        ("CREATE VIEW v AS SELECT (1)", "CREATE VIEW v AS\n  SELECT 1", True),
        ("CREATE VIEW v AS SELECT 1", "CREATE VIEW v AS SELECT 2", False),
    ],
)
def test_statements_are_compared_by_what_they_mean(before: str, after: str, same: bool) -> None:
    assert is_same(statement(before), after) is same


def test_a_ready_schema_contradicts_itself_nowhere(ready: dict[str, str]) -> None:
    assert ready["04-schema.md"].startswith("# Schema changes\n\nNothing changes:")
    assert "5 foreign keys are added by files that run after the load" in ready["04-schema.md"]
    assert "##" not in ready["04-schema.md"]
    assert "mean the same" not in ready["09-checklist.md"]
    assert "44, all as they are" in ready["01-summary.md"]
    assert "0–0" not in "".join(ready[path] for path in CHAPTERS)
    assert "04-schema.md#" not in ready["03-gaps.md"]


def test_a_limit_of_one_is_no_alarm(files: dict[str, str]) -> None:
    text = files["07-operations.md"].split("## How near the limits are")[1].split("\n## ")[0]
    assert "Databases of a cluster" not in text
    assert "at most" in text


def test_numbers_agree_with_their_words(files: dict[str, str]) -> None:
    for path in CHAPTERS:
        text = re.sub(r"```.*?```|`[^`]*`|<[^>]*>", "", files[path], flags=re.S)
        wrong = re.findall(rf"(?<![\d.,–:/-])1 (?:\w+ )?(?:{NOUNS})\b", text)
        assert wrong == [], path


@pytest.mark.parametrize(
    ("number", "unit", "text"),
    [(1, "indexes", "1 index"), (2, "indexes", "2 indexes"), (1, "entries", "1 entry"),
     (1, "views", "1 view"), (1, "bytes", "1 byte"), (2048, "bytes", "2 KiB")],
)  # fmt: skip
def test_quantities(number: int, unit: str, text: str) -> None:
    assert quantity(number, unit) == text


def test_titles_within_a_sentence_keep_the_words_of_sql() -> None:
    assert in_text("Foreign key added without NOT VALID") == "foreign key added without NOT VALID"
    assert in_text("SKIP LOCKED and NOWAIT") == "SKIP LOCKED and NOWAIT"
    assert in_text("PL/pgSQL function") == "PL/pgSQL function"


def test_the_schema_chapter_begins_with_what_matters(saas: dict[str, str]) -> None:
    text = saas["04-schema.md"]
    titles = re.findall(r"^## (.*)$", text, re.M)
    assert titles[0] == "What to look at first"
    assert titles[-1] == "Why things change"
    rows = re.findall(r"^\| .*\| (a person|to be read) \| ([^|]*) \|", text, re.M)
    ranks = [(who == "to be read", -_minutes(effort)) for who, effort in rows]
    assert len(rows) > 20
    assert ranks == sorted(ranks)


def _minutes(effort: str) -> float:
    value, _, unit = effort.rpartition("–")[2].replace("\u00a0", " ").partition(" ")
    return float(value or 0) * (1 if unit == "min" else 60)


def test_changes_of_a_kind_are_told_together() -> None:
    parents = "".join(f"CREATE TABLE p{n} (id bigint PRIMARY KEY);" for n in range(6))
    children = "".join(
        f"CREATE TABLE c{n} (id bigint PRIMARY KEY, p bigint REFERENCES p{n});" for n in range(6)
    )
    files = guide_to(parents + children)
    text = files["04-schema.md"]
    assert "### 6 constraints: foreign key without an index" in text
    assert len(re.findall(r"^### ", text, re.M)) == 1
    assert all(f"`public.c{n}.c{n}_p_fkey`" in text for n in range(6))
    assert "Read [6 constraints](04-schema.md#several-" in files["09-checklist.md"]


def test_overloads_are_one_change_and_count_once() -> None:
    body = "LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END $$;"
    view = viewed(
        f"CREATE FUNCTION f(a int) RETURNS int {body} CREATE FUNCTION f(a text) RETURNS int {body}"
    )
    (change,) = all_changes(view)
    assert change.count == 2
    assert effort_of(view, [change]) == view.minutes(view.findings)


def test_the_checklist_begins_with_what_takes_longest(saas: dict[str, str]) -> None:
    text = saas["09-checklist.md"]
    schema = text.split("## Schema")[1].split("\n## ")[0]
    tasks = re.findall(r"\*\*S(\d+)\*\* (\w+)", schema)
    assert [int(number) for number, _ in tasks] == list(range(1, len(tasks) + 1))
    assert [verb for _, verb in tasks[:2]] == ["Run", "Settle"]
    assert tasks[-1][1] == "Prove"
    assert re.search(r"^\*\*Effort:\*\* [\d.,]+–[\d.,]+\u00a0h$", schema, re.M)
    assert "**Effort in all:**" in text


def test_the_appendix_begins_with_what_is_missed_most(saas: dict[str, str]) -> None:
    text = saas["10-left-behind.md"]
    titles = [title.split(" (")[0] for title in re.findall(r"^## (.*)$", text, re.M)]
    order = [
        "Columns", "Types", "Domains", "Functions", "Procedures", "Triggers", "Policies",
        "Indexes", "Extensions", "Said of what is not there", "Part of something else",
    ]  # fmt: skip
    assert titles == [title for title in order if title in titles]
    assert len(titles) > 8
    said = text.split("## Said of what is not there")[1].split("\n## ")[0]
    assert said.count("\n| `") > 12
    assert "REVOKE ALL ON PROCEDURE billing.run_month(IN for_month date) FROM PUBLIC;" in said
    assert "```" not in said


def test_a_signature_is_not_a_quoted_name(saas: dict[str, str]) -> None:
    assert not [path for path in CHAPTERS if '_documents(text, int4)"' in saas[path]]


def test_decisions_are_phrases(saas: dict[str, str]) -> None:
    text = saas["02-decisions.md"]
    assert "The schema has 4 policies (" in text
    assert "queues that pass locked rows (SKIP LOCKED, NOWAIT)" in text
    assert "policies and tables" not in text
    assert "skip locked" not in text
    assert "## D13. Procedure: what takes its place" in text


@pytest.mark.parametrize(
    ("sources", "title"),
    [
        (["sample/saas/schema.sql"], "Moving saas/schema.sql to Aurora DSQL"),
        (["shop.sql"], "Moving shop.sql to Aurora DSQL"),
        (["../x/migrations"], "Moving migrations to Aurora DSQL"),
        (["a/one.sql", "a/two.sql"], "Moving a (2 files) to Aurora DSQL"),
        (["a/one.sql", "b/two.sql"], "Moving a/one.sql and 1 other source to Aurora DSQL"),
        (["postgresql://me:***@db.example/shop?x=1"], "Moving the database shop to Aurora DSQL"),
        (["-"], "Moving a dump to Aurora DSQL"),
    ],
)
def test_titles(sources: list[str], title: str) -> None:
    view = viewed("CREATE TABLE t (id bigint PRIMARY KEY);")
    assert title_of(View(view.rewrite, view.report, sources)) == title


def test_a_large_graph_shows_its_middle() -> None:
    parents = [f"CREATE TABLE p{n} (id bigint PRIMARY KEY, up bigint REFERENCES p{n - 1});"
               for n in range(1, 20)]  # fmt: skip
    leaves = [
        f"CREATE TABLE leaf{n} (id bigint PRIMARY KEY, p bigint REFERENCES p{n % 19 + 1});"
        for n in range(60)
    ]
    graph = foreign_keys(
        rewritten("CREATE TABLE p0 (id bigint PRIMARY KEY);" + "".join(parents + leaves))
    )
    picture = foreign_key_picture(graph)
    assert picture is not None
    boxes = picture.body.count('<rect class="box')
    assert boxes <= MOST_TABLES < len(graph.tied)
    assert ">leaf" not in picture.body
    assert f"the {len(graph.tied) - boxes} more" in picture.title


def test_progress_adds_up(tmp_path: Path) -> None:
    runner, sql = CliRunner(), tmp_path / "a.sql"
    report, folder = tmp_path / "old.json", tmp_path / "g"
    sql.write_text(
        "CREATE TABLE p (id bigint PRIMARY KEY); CREATE TABLE c (id bigint PRIMARY KEY, x xml, "
        "p bigint REFERENCES p);"
    )
    arguments = ["analyze", str(sql), "--format", "json", "--output", str(report)]
    assert runner.invoke(app, [*arguments, "--target", "2026-03"]).exit_code == 0
    old = [f for f in json.loads(report.read_text())["findings"] if f["severity"] != "info"]
    done = runner.invoke(app, ["guide", str(sql), "-o", str(folder), "--since", str(report)])
    assert done.exit_code == 0, done.output
    text = (folder / "11-progress.md").read_text()
    counts = re.search(r"\*\*(\d+) fixed, (\d+) new, (\d+) left\.\*\*", text)
    assert counts is not None
    fixed, new, left = map(int, counts.groups())
    assert fixed >= 1
    assert fixed + left == len(old)
    assert f"| Errors and warnings | {len(old)} | {new + left} |" in text
    assert "some of it is Aurora DSQL's progress" in text
    assert "| XML column | 1 |" in text
    assert "`public.c.x`" in text.split("## Left")[1]
