"""The recipes of docs/check.md do what they say."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
import xml.etree.ElementTree as ET
from pathlib import Path

import yaml

from tests.gate.repo import BAD, GOOD, Repo

PAGE = (Path(__file__).parents[2] / "docs/check.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.S | re.M)


def shell(repo: Repo, script: str) -> subprocess.CompletedProcess[str]:
    """Run a script in the repository, with this Python's programs first."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    env = {k: v for k, v in os.environ.items() if not k.startswith("GITHUB_")} | {"PATH": path}
    return subprocess.run(
        ["sh", "-c", script], cwd=repo.folder, env=env, capture_output=True, encoding="utf-8"
    )


def commands(recipe: str) -> list[str]:
    """The calls of ours in a recipe for a CI system."""
    return [
        line.strip().removeprefix("- run:").removeprefix("-").strip()
        for line in recipe.splitlines()
        if "dsql-compat check" in line
    ]


def test_the_recipe_for_github(repo: Repo) -> None:
    (recipe,) = [block for block in blocks("yaml") if "runs-on" in block]
    assert yaml.safe_load(recipe)["jobs"]["check"]["steps"]
    (command,) = commands(recipe)
    repo.write("1.sql", GOOD + BAD)
    done = shell(repo, command)
    assert done.returncode == 1
    assert done.stdout.startswith("::error file=1.sql,line=2,")
    assert json.loads((repo.folder / "dsql.sarif").read_text("utf-8"))["runs"]
    repo.write("1.sql", GOOD)
    assert shell(repo, command).returncode == 0


def test_the_recipe_for_gitlab(repo: Repo) -> None:
    (recipe,) = [block for block in blocks("yaml") if "artifacts" in block]
    job = yaml.safe_load(recipe)["dsql"]
    (command,) = [line for line in job["script"] if "check" in line]
    repo.write("1.sql", GOOD + BAD)
    assert shell(repo, command).returncode == 1
    reports = job["artifacts"]["reports"]
    issues = json.loads((repo.folder / reports["codequality"]).read_text("utf-8"))
    assert [issue["check_name"] for issue in issues] == ["truncate"]
    assert ET.parse(repo.folder / reports["junit"]).getroot().get("failures") == "1"


def test_the_recipe_for_a_shell(repo: Repo) -> None:
    script = next(block for block in blocks("sh") if "set -e" in block)
    repo.write("1.sql", GOOD)
    assert shell(repo, script).returncode == 0
    repo.write("1.sql", BAD)
    done = shell(repo, script)
    assert done.returncode == 1
    assert "--explain" in done.stderr
    repo.write("dsql-compat.toml", "x = 1\n")
    assert shell(repo, script).returncode == 2


def test_what_reviewdog_is_given(repo: Repo) -> None:
    (script,) = [block for block in blocks("sh") if "reviewdog" in block]
    repo.write("1.sql", BAD)
    done = shell(repo, script.split("|")[0])
    assert done.returncode == 0
    assert len(json.loads(done.stdout)["diagnostics"]) == 1


def test_the_configuration_shown_is_accepted(repo: Repo) -> None:
    (text,) = blocks("toml")
    assert tomllib.loads(text)["fail-on"] == "error"
    repo.write("dsql-compat.toml", text)
    done = repo.check("--show-settings")
    assert done.returncode == 0, done.stderr
    from dsql_compat.gate.settings import KEYS

    assert set(tomllib.loads(text)) == set(KEYS), "the page shows every key"


def test_the_suppressions_shown_hold(repo: Repo) -> None:
    (sql,) = [block for block in blocks("sql") if "ignore-file" in block]
    repo.write("1.sql", sql + "VACUUM staging;\n")
    report = repo.json()
    assert report["gate"]["new"] == []
    assert sum("suppressed" in finding for finding in report["findings"]) >= 3


def test_the_baseline_shown_has_the_form_of_a_real_one(repo: Repo) -> None:
    shown = [json.loads(line) for line in re.findall(r"^    (\{.*\})$", PAGE, re.M)]
    repo.write("1.sql", BAD)
    repo.check("--write-baseline")
    real = (repo.folder / "dsql-compat-baseline.jsonl").read_text().splitlines()
    assert [list(row) for row in shown] == [list(json.loads(row)) for row in real]


def test_the_output_shown_is_of_that_form(repo: Repo) -> None:
    (shown,) = blocks("console")
    repo.write(
        "migrations/0042_archive.sql",
        "CREATE TABLE orders (id uuid PRIMARY KEY);\n\nTRUNCATE orders;\n",
    )
    real = repo.check("migrations").stdout.splitlines()
    lines = shown.splitlines()[1:]
    assert lines[:3] == real[:3]
    assert re.sub(r" \(.*?\)|[\d,]+ \w+ of [\d,]+ \w+", "", lines[3]) == re.sub(
        r"[\d,]+ \w+ of [\d,]+ \w+", "", real[3]
    )
