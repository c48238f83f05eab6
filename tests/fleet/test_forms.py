"""Fleets and comparisons in every form: the numbers, the room there is, and bad intentions."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dsql_compat.fleet import (
    diff_html,
    diff_json,
    diff_markdown,
    diff_text,
    html,
    markdown,
    text,
    views,
)
from dsql_compat.fleet import json as fleet_json
from dsql_compat.fleet.comparing import compare
from dsql_compat.fleet.merging import Fleet
from dsql_compat.fleet.reading import read_report
from dsql_compat.report.markdown import LIMIT, size
from tests.fleet.reports import evil, fleet_of, of_sample, of_sql, write

PLAIN = "CREATE TABLE a (id uuid PRIMARY KEY);"
INDEX = "CREATE TABLE b (id uuid PRIMARY KEY, n text);\nCREATE INDEX b_n ON b (n);"
TRIGGER = (
    "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NEW; END$$;\n"
    "CREATE TRIGGER t BEFORE INSERT ON b FOR EACH ROW EXECUTE FUNCTION f();"
)
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
FORMS = {"text": text, "json": fleet_json, "markdown": markdown, "html": html}
DIFFS = {"text": diff_text, "json": diff_json, "markdown": diff_markdown, "html": diff_html}


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Fleet:
    reports = {
        "plain": of_sql(PLAIN),
        "index": of_sql(INDEX),
        "hard": of_sql(f"{INDEX}\n{TRIGGER}"),
        "march": of_sql(f"{INDEX}\n{TRIGGER}", "2026-03"),
    }
    return fleet_of(write(tmp_path_factory.mktemp("reports"), reports))


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    one = of_sample("hostile")
    made = {"schema": one, "edited": evil(one), "half": evil(of_sql(INDEX, "2026-03"))}
    return write(tmp_path_factory.mktemp("hostile"), made)


def test_the_sentence_counts_who_can_move(fleet: Fleet) -> None:
    assert fleet.sentence == (
        "2 of 4 schemas can move: 1 as they are, 1 after automatic rewriting; "
        "2 need a person's decision first"
    )
    assert fleet.movable == 2


def test_rules_count_schemas_with_something_to_decide(fleet: Fleet) -> None:
    rules = {row.rule: row for row in fleet.rules}
    assert (rules["sync-index"].blocks, rules["sync-index"].decided) == (3, 0)
    assert rules["trigger"].decided == 2
    assert [row.rule for row in views.in_the_way(fleet)][-1] == "sync-index"
    settled = {rule for step in fleet.steps for rule in step.rules}
    assert settled == {"trigger", "plpgsql-function"}
    assert fleet.steps[-1].free == 2


def test_targets_that_differ_are_said_in_every_form(fleet: Fleet) -> None:
    (note,) = fleet.notes
    assert "2026-03-31 (1), " in note
    for form in FORMS.values():
        assert "differ in their target date" in " ".join(form.render(fleet).split())


def test_the_arithmetic_gives_the_hours(fleet: Fleet) -> None:
    rows = views.by_need(views.terms(fleet))
    assert sum(low for _, _, low, _ in rows) / 60 == pytest.approx(fleet.low_hours, abs=0.2)
    assert sum(high for *_, high in rows) / 60 == pytest.approx(fleet.high_hours, abs=0.2)
    assert views.without_arithmetic(fleet) == 0


def test_what_follows_from_a_cause_is_no_decision(tmp_path: Path) -> None:
    report = of_sample("saas")
    fleet = fleet_of(write(tmp_path, {"saas": report}))
    manual = [f for f in report["findings"] if f["disposition"] == "manual"]
    assert {f["rule"] for f in manual} > set(fleet.members[0].decisions)
    assert set(fleet.members[0].decisions) == {f["rule"] for f in manual if f["cause"] is None}


def test_days_count_schemas_and_whose_target_lies_before(fleet: Fleet) -> None:
    for day in fleet.days:
        assert day.reports >= max(change.reports for change in day.changes.values())
        assert day.later == (1 if day.date > "2026-03-31" else 0)


def test_files_that_were_not_read_are_in_every_form(fleet: Fleet) -> None:
    fleet.unread = ["x.json: no JSON"]
    try:
        for form in FORMS.values():
            assert "x.json: no JSON" in form.render(fleet)
    finally:
        fleet.unread = []


def test_markdown_stays_within_a_comment(tmp_path: Path) -> None:
    one = of_sample("shop")
    path = write(tmp_path, {"one": one})[0]
    name = "a-long-name-of-a-schema-in-a-folder-of-its-own"
    fleet = fleet_of([path])
    fleet.members *= 3_000
    fleet.unread = [f"{name}-{n}.json: no JSON" for n in range(3_000)]
    page = markdown.render(fleet)
    assert LIMIT - 2_000 < size(page) <= LIMIT
    assert re.search(r"[\d,]+ further schemas are in the HTML form", page)
    assert page.count("<details") == page.count("</details>")


def test_a_comparison_in_markdown_stays_within_a_comment(tmp_path: Path) -> None:
    table = "CREATE TABLE t{0} (id uuid PRIMARY KEY, n text);\nCREATE INDEX i{0} ON t{0} (n);\n"
    many = "".join(table.format(n) for n in range(900))
    old, new = write(tmp_path, {"old": of_sql(PLAIN), "new": of_sql(many)})
    page = diff_markdown.render(compare(read_report(old, "old"), read_report(new, "new")))
    assert size(page) <= LIMIT
    assert re.search(r"… [\d,]+ more in the JSON and HTML forms", page)
    assert page.count("<details") == page.count("</details>") == 1


def written(paths: list[Path], form: str) -> list[str]:
    fleet = fleet_of(paths, {"edited": "./javascript%3Aalert.html"})
    fleet.unread = ["\x1b[31m<script>\u202e.json: no JSON"]
    pairs = [(paths[0], paths[1]), (paths[1], paths[0]), (paths[1], paths[2])]
    read = [(read_report(a, a.stem), read_report(b, b.stem)) for a, b in pairs]
    return [FORMS[form].render(fleet), *(DIFFS[form].render(compare(*two)) for two in read)]


@pytest.mark.parametrize("form", FORMS)
def test_nothing_unseen_reaches_a_form(hostile: list[Path], form: str) -> None:
    for page in written(hostile, form):
        assert UNSEEN.search(page) is None


def test_markup_of_a_report_is_text_on_a_page(hostile: list[Path]) -> None:
    for page in written(hostile, "html"):
        assert "<img" not in page and "<b>" not in page
        assert page.count("<script") == 2 and page.count("<style") == 1
        links = set(re.findall(r'(?:href|src)="([^"]*)"', page))
        assert links and all(link.startswith(("#", "./")) for link in links)
        data = re.search(r'id="data">(.*?)</script>', page, re.DOTALL)
        assert data and json.loads(data[1])


def test_markup_of_a_report_is_text_in_markdown(hostile: list[Path]) -> None:
    for page in written(hostile, "markdown"):
        outside_code = re.sub(r"`[^`\n]*`", "", page)
        tags = set(re.findall(r"<(?!/)(\w+)", outside_code))
        assert tags <= {"details", "summary", "code"}
        assert "](javascript:" not in page
        rows = [line for line in page.splitlines() if line.startswith("|")]
        assert rows and all(re.fullmatch(r"\|.*\|", row) for row in rows)


def test_json_reads_back_as_it_was(hostile: list[Path]) -> None:
    fleet, *diffs = (json.loads(page) for page in written(hostile, "json"))
    assert fleet["fleet_version"] == 1 and fleet["reports"] == 3
    known: dict[str, Any] = json.loads(hostile[1].read_text())
    assert diffs[0]["added"][0]["message"] == known["findings"][0]["message"]


def test_text_imports_no_library_that_is_slow(tmp_path: Path) -> None:
    (path,) = write(tmp_path, {"one": of_sql(INDEX)})
    for arguments in (["merge", str(path)], ["diff", str(path), str(path)]):
        code = (
            f"import sys\nsys.argv = ['dsql-compat', *{arguments!r}]\n"
            "from dsql_compat.cli import main\n"
            "try: main()\n"
            "except SystemExit: pass\n"
        )
        code = code.replace("try: main()", "import os; os._exit = sys.exit\ntry: main()")
        code += (
            "print(','.join(m for m in ('pydantic', 'jinja2', 'psycopg', 'yaml', 'rich', 'pglast')"
            " if m in sys.modules), file=sys.stderr)\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )
        assert done.stdout and done.stderr.strip() == ""
