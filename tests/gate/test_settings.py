"""The configuration: where it is found, what it may hold, and what a mistake is answered with."""

from __future__ import annotations

import pytest

from tests.gate.repo import BAD, GOOD, Repo

NUMERIC = "CREATE TABLE a (id uuid PRIMARY KEY, n numeric);\n"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("dsql-compat.toml", 'paths = ["db"]\nfail-on = "warning"\n'),
        (
            "pyproject.toml",
            '[project]\nname = "x"\n[tool.dsql-compat]\npaths = ["db"]\nfail-on = "warning"\n',
        ),
    ],
)
def test_settings_are_found_upwards(repo: Repo, name: str, text: str) -> None:
    repo.write(name, text)
    repo.write("db/1.sql", NUMERIC)
    repo.write("other/1.sql", BAD)
    for folder in (".", "db", "other"):
        assert repo.check(cwd=folder).returncode == 1
        assert "numeric-without-precision" in repo.check(cwd=folder).stdout
        assert "truncate" not in repo.check(cwd=folder).stdout


def test_the_search_ends_with_the_repository(repo: Repo) -> None:
    (repo.folder.parent / "dsql-compat.toml").write_text('ignore = ["truncate"]\n')
    repo.write("1.sql", BAD)
    assert repo.check().returncode == 1


def test_a_pyproject_without_our_table_is_passed_over(repo: Repo) -> None:
    repo.write("dsql-compat.toml", 'ignore = ["truncate"]\n')
    repo.write("sub/pyproject.toml", '[project]\nname = "dsql-compat-user"\n')
    repo.write("sub/1.sql", BAD)
    assert repo.check("1.sql", cwd="sub").returncode == 0


def test_the_command_line_wins(repo: Repo) -> None:
    repo.write("dsql-compat.toml", 'fail-on = "never"\nselect = ["vacuum"]\ntarget = "2026-03"\n')
    repo.write("1.sql", BAD)
    assert repo.check().returncode == 0
    assert repo.check("--fail-on", "error", "--select", "truncate").returncode == 1


def test_settings_are_shown_with_where_they_come_from(repo: Repo) -> None:
    repo.write(
        "dsql-compat.toml",
        '# ours\ntarget = "2026-09"\n\nselect = [\n  "columns",\n  "truncate",\n]\n'
        '[per-path-ignores]\n"old/**" = { rules = ["truncate"], reason = "before DSQL" }\n',
    )
    done = repo.check("--show-settings", "--fail-on", "info")
    assert done.returncode == 0
    lines = [[part.strip() for part in line.split("  # ")] for line in done.stdout.splitlines()]
    shown = {left: right[0] for left, *right in lines if right}
    assert shown['target = "2026-09"'] == "dsql-compat.toml:2"
    assert shown['select = ["columns", "truncate"]'] == "dsql-compat.toml:4"
    assert shown['fail-on = "info"'] == "command line"
    assert shown['as = "history"'] == "default"
    entry = 'per-path-ignores."old/**" = { rules = ["truncate"], reason = "before DSQL" }'
    assert shown[entry] == "dsql-compat.toml:9"


MISTAKES = [
    (
        'targte = "latest"',
        "dsql-compat.toml:2: no setting is called 'targte'; did you mean target?",
    ),
    (
        'fail_on = "error"',
        "dsql-compat.toml:2: no setting is called 'fail_on'; did you mean fail-on?",
    ),
    ('fail-on = "errors"', "dsql-compat.toml:2: fail-on is 'errors'"),
    ("fail-on = 1", "dsql-compat.toml:2: fail-on is 1; choose error, warning, info, never"),
    ("identity-cache = 100", "dsql-compat.toml:2: identity-cache is 100; choose 1, 65536"),
    ("identity-cache = true", "dsql-compat.toml:2: identity-cache is True"),
    ('paths = "db"', "dsql-compat.toml:2: paths is a list of texts"),
    ("paths = []", "dsql-compat.toml:2: paths is empty"),
    (
        'select = ["trunkate"]',
        "dsql-compat.toml:2: no rule or family is called 'trunkate'; did you",
    ),
    ('layout = "flyweight"', "dsql-compat.toml:2: layout is 'flyweight'; choose auto"),
    ("target = 2026", "dsql-compat.toml:2: target is a text"),
    ('per-path-ignores = ["x"]', "dsql-compat.toml:2: per-path-ignores is a table"),
    (
        '[per-path-ignores]\n"a" = ["truncate"]\n',
        "dsql-compat.toml:3: 'a' gives no reason; write ",
    ),
    (
        '[per-path-ignores]\n"a" = { rules = ["x"], reason = "y" }\n',
        "dsql-compat.toml:3: no rule or family is called 'x'",
    ),
    (
        '[per-path-ignores]\n"a" = { rule = ["truncate"], reason = "y" }\n',
        "dsql-compat.toml:3: write ",
    ),
    ("target = ", "dsql-compat.toml: no TOML: "),
]


@pytest.mark.parametrize(("text", "said"), MISTAKES, ids=[text for text, _ in MISTAKES])
def test_a_mistake_is_answered_with_its_line(repo: Repo, text: str, said: str) -> None:
    repo.write("dsql-compat.toml", "# first line\n" + text + "\n")
    repo.write("1.sql", GOOD)
    done = repo.check()
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"dsql-compat: {said}"), done.stderr
    assert done.stderr.count("\n") == 1


def test_a_mistake_in_pyproject_is_found_in_its_table(repo: Repo) -> None:
    repo.write(
        "pyproject.toml",
        '[tool.other]\ntargte = 1\n\n[tool.dsql-compat]\npaths = ["."]\ntargte = "latest"\n',
    )
    repo.write("sub/1.sql", GOOD)
    done = repo.check(cwd="sub")
    assert "../pyproject.toml:6: no setting is called 'targte'" in done.stderr


def test_rules_are_suppressed_by_path(repo: Repo) -> None:
    repo.write(
        "dsql-compat.toml",
        '[per-path-ignores]\n"old/**/*.sql" = { rules = ["truncate"], reason = "before DSQL" }\n',
    )
    repo.write("old/1.sql", BAD)
    repo.write("old/deep/2.sql", BAD)
    repo.write("new/1.sql", BAD)
    report = repo.json()
    marks = {f["location"]["source"]: f.get("suppressed") for f in report["findings"]}
    why = {"reason": "before DSQL", "where": "dsql-compat.toml:2"}
    assert marks == {"old/1.sql": why, "old/deep/2.sql": why, "new/1.sql": None}


@pytest.mark.parametrize(
    ("pattern", "said"),
    [("olt/*.sql", "fits no file that was read"), ("*.sql", "suppresses nothing")],
)
def test_an_idle_path_is_mentioned(repo: Repo, pattern: str, said: str) -> None:
    repo.write(
        "dsql-compat.toml",
        f'[per-path-ignores]\n"{pattern}" = {{ rules = ["truncate"], reason = "x" }}\n',
    )
    repo.write("1.sql", GOOD)
    assert f"dsql-compat.toml:2: per-path-ignores: '{pattern}' {said}" in repo.check().stderr


def test_choices_of_rewriting_decide_what_is_refused(repo: Repo) -> None:
    repo.write("1.sql", GOOD + "CREATE TABLE b (id uuid PRIMARY KEY REFERENCES accounts);\n")
    assert repo.check().returncode == 0
    repo.write("dsql-compat.toml", 'foreign-keys = "app-checks"\n')
    assert repo.rules() == ["foreign-key"]
    repo.write("dsql-compat.toml", 'foreign-keys = "keep"\ntarget = "2026-03"\n')
    done = repo.check()
    assert done.returncode == 2
    assert "needs a target from 2026-08-26 on" in done.stderr
