"""`merge` and `diff`: reports of the real command, joined and compared."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.gate.repositories import command, write

READY = "CREATE TABLE a (id uuid PRIMARY KEY, n numeric(8, 2));\n"
SERIAL = "CREATE TABLE b (id uuid PRIMARY KEY);\nCREATE INDEX b_id ON b (id);\n"
TRIGGER = "CREATE TABLE c (id uuid PRIMARY KEY, m money);\nTRUNCATE c;\n"


def report(folder: Path, name: str, sql: str, *options: str) -> Path:
    write(folder, {f"{name}.sql": sql})
    command(folder, "analyze", f"{name}.sql", "-o", f"reports/{name}.json", *options, code=0)
    return folder / "reports" / f"{name}.json"


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    (tmp_path / "reports").mkdir()
    report(tmp_path, "ready", READY)
    report(tmp_path, "index", SERIAL)
    report(tmp_path, "hard", TRIGGER + SERIAL)
    return tmp_path


def merged(folder: Path, *arguments: str, code: int = 0) -> dict[str, Any]:
    done = command(folder, "merge", "--format", "json", *arguments, code=code)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_fleet_counts_what_its_reports_say(fleet: Path) -> None:
    found = merged(fleet, "reports")
    alone = {p.stem: json.loads(p.read_text()) for p in (fleet / "reports").glob("*.json")}
    assert found["reports"] == 3
    assert sum(found["verdicts"].values()) == 3
    for member in found["members"]:
        one = alone[member["name"]]
        assert member["verdict"] == one["readiness"]["verdict"]
        assert member["errors"] == one["readiness"]["findings"]["error"]
        assert member["high_hours"] == one["readiness"]["effort"]["high_hours"]
    total = sum(one["readiness"]["effort"]["high_hours"] for one in alone.values())
    assert found["effort"]["high_hours"] == pytest.approx(total)
    rules = {row["rule"]: row for row in found["rules"]}
    assert (rules["sync-index"]["blocks"], rules["truncate"]["blocks"]) == (2, 1)
    assert found["rules"][0]["rule"] == "sync-index"
    gaps = {row["key"]: (row["reports"], row["found"]) for row in found["gap_list"]}
    assert (len(gaps), gaps["truncate"], gaps["synchronous-index"]) == (19, (1, 1), (2, 2))
    assert found["members"][-1]["name"] == "ready"


def test_every_form_says_the_same(fleet: Path) -> None:
    found = merged(fleet, "reports")
    text = command(fleet, "merge", "reports", code=0).stdout
    assert found["sentence"] in text and "sync-index" in text
    command(fleet, "merge", "reports", "-o", "fleet.html", code=0)
    page = (fleet / "fleet.html").read_text("utf-8")
    assert found["sentence"].replace("'", "&#39;") in page
    assert page.count('<article class="schema') == 3
    for row in found["rules"]:
        assert f'id="rule-{row["rule"]}"' in page
    command(fleet, "merge", "reports", "-o", "fleet.md", code=0)
    assert found["sentence"] in (fleet / "fleet.md").read_text("utf-8")


def test_names_cannot_break_the_page(tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    path = report(tmp_path, "a", READY)
    path.rename(path.with_name("<img src=x onerror=alert(1)>.json"))
    page = command(tmp_path, "merge", "reports", "--format", "html", code=0).stdout
    assert "<img" not in page and "&lt;img" in page


def test_what_is_no_report_is_named_and_the_rest_is_there(fleet: Path) -> None:
    write(fleet, {"reports/broken.json": "{", "reports/other.json": '{"a": 1}'})
    write(fleet, {"reports/next.json": '{"schema_version": 2}'})
    write(fleet, {"reports/half.json": '{"schema_version": 1, "readiness": {}}'})
    found = merged(fleet, "reports", code=2)
    assert (found["reports"], len(found["unread"])) == (3, 4)
    done = command(fleet, "merge", "reports/broken.json", code=2)
    assert done.stderr.count("\n") == 1 and "no JSON" in done.stderr


def test_alike_names_are_told_apart(fleet: Path) -> None:
    write(fleet, {"two/ready.json": (fleet / "reports/ready.json").read_text()})
    names = {m["name"] for m in merged(fleet, "reports/ready.json", "two/ready.json")["members"]}
    assert names == {"reports/ready", "two/ready"}


def test_five_hundred_reports(fleet: Path) -> None:
    one = json.loads((fleet / "reports" / "hard.json").read_text())
    one["findings"] = one["findings"] * 200
    text = json.dumps(one)
    write(fleet, {f"many/{number}.json": text for number in range(500)})
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    code = [sys.executable, "-m", "dsql_compat", "merge", "many", "-o", "fleet.html"]
    subprocess.run(code, cwd=fleet, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert "500 reports" in (fleet / "fleet.html").read_text("utf-8")
    assert after.ru_utime - before.ru_utime < 60
    assert after.ru_maxrss < 600_000


def test_a_difference_is_by_the_ids_of_findings(tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    report(tmp_path, "old", TRIGGER)
    report(tmp_path, "new", "\n\n" + TRIGGER.replace("TRUNCATE c;", "") + SERIAL)
    done = command(
        tmp_path, "diff", "reports/old.json", "reports/new.json", "--format", "json", code=0
    )
    found = json.loads(done.stdout)
    assert [entry["rule"] for entry in found["fixed"]] == ["truncate"]
    assert "sync-index" in [entry["rule"] for entry in found["added"]]
    assert "money-column" in [entry["rule"] for entry in found["unchanged"]]
    text = command(tmp_path, "diff", "reports/old.json", "reports/new.json", code=0).stdout
    assert "  - error   truncate  table public.c  old.sql:2" in text
    assert "  + error   sync-index" in text
    options = ("reports/old.json", "reports/new.json", "--format", "markdown")
    page = command(tmp_path, "diff", *options, code=0).stdout
    assert "| error | `truncate` | `table public.c` | `old.sql:2` |" in page


def test_a_report_differs_in_nothing_from_itself(fleet: Path) -> None:
    same = ("reports/hard.json", "reports/hard.json")
    found = json.loads(command(fleet, "diff", *same, "--format", "json", code=0).stdout)
    assert (found["fixed"], found["added"], found["notes"]) == ([], [], [])
    assert found["unchanged"]


def test_another_target_is_said(tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    report(tmp_path, "old", READY.replace("numeric(8, 2)", "jsonb"), "--target", "2026-03")
    report(tmp_path, "new", READY.replace("numeric(8, 2)", "jsonb"))
    text = command(tmp_path, "diff", "reports/old.json", "reports/new.json", code=0).stdout
    assert "the targets differ, 2026-03-" in text
    assert "  ~ error → info, review → as-is  jsonb-column  column public.a.n" in text


def test_the_end_of_the_output_chooses_the_form(fleet: Path) -> None:
    same = ("reports/hard.json", "reports/index.json")
    starts = {"html": "<!DOCTYPE html>", "json": "{", "md": "**Aurora DSQL**", "txt": "verdict "}
    for ending, start in starts.items():
        command(fleet, "diff", *same, "-o", f"diff.{ending}", code=0)
        assert (fleet / f"diff.{ending}").read_text("utf-8").startswith(start)
    starts |= {"md": "# 3 of 3 schemas", "txt": "what stands in the way"}
    for ending, start in starts.items():
        command(fleet, "merge", "reports", "-o", f"fleet.{ending}", code=0)
        assert (fleet / f"fleet.{ending}").read_text("utf-8").startswith(start)
    command(fleet, "diff", *same, "-o", "odd.html", "--format", "json", code=0)
    assert json.loads((fleet / "odd.html").read_text())["diff_version"] == 1


def test_all_lists_what_is_else_counted(tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    one = report(tmp_path, "one", TRIGGER).read_text()
    write(tmp_path, {f"reports/{number}.json": one for number in range(30)})
    short = command(tmp_path, "merge", "reports", code=0).stdout
    assert "… 16 more schemas (--all lists them)" in short
    assert "more schemas" not in command(tmp_path, "merge", "reports", "--all", code=0).stdout


def test_a_page_beside_the_report_is_linked(fleet: Path) -> None:
    command(fleet, "analyze", "hard.sql", "-o", "reports/hard.html", code=0)
    command(fleet, "merge", "reports", "-o", "fleet.html", code=0)
    assert 'href="./reports/hard.html"' in (fleet / "fleet.html").read_text("utf-8")
    on_screen = command(fleet, "merge", "reports", "--format", "html", code=0).stdout
    assert "hard.html" not in on_screen
