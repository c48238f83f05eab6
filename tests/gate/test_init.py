"""`init`, and what other programs run of us: pre-commit's hooks and the action."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.gate.repositories import IDENTITY, check, command, commit, found, git, repository, write

PROJECT = Path(__file__).parents[2]
BAD = "CREATE TABLE a (id uuid PRIMARY KEY, m money);\n"
CONFIG, BASELINE = "dsql-compat.toml", "dsql-compat-baseline.jsonl"
WORKFLOW = ".github/workflows/dsql-compat.yml"


def test_init_puts_up_a_gate_that_holds(tmp_path: Path) -> None:
    folder = repository(
        tmp_path / "r", {"app/db/V1__a.sql": BAD, "fixtures/x.sql": "TRUNCATE t;\n"}
    )
    (folder / "app" / "src").mkdir()
    done = command(folder / "app" / "src", "init", code=0)
    assert f"wrote {CONFIG}: flyway in app/db" in done.stdout
    assert 'paths = ["app/db"]\nlayout = "flyway"' in (folder / CONFIG).read_text()
    job = yaml.safe_load((folder / WORKFLOW).read_text())["jobs"]["check"]
    assert job["steps"][-1]["run"] == "dsql-compat check --format github"
    commit(folder)
    command(folder, "check", code=0)
    write(folder, {"app/db/V2__b.sql": "TRUNCATE a;\n"})
    assert found(check(folder)) == [("truncate", "app/db/V2__b.sql", 1)]


def test_init_overwrites_nothing_unless_told(tmp_path: Path) -> None:
    folder = repository(tmp_path / "r", {"1.sql": BAD, BASELINE: "mine\n"})
    done = command(folder, "init", code=0)
    assert f"kept {BASELINE}: it is there already" in done.stdout
    assert (folder / BASELINE).read_text() == "mine\n"
    write(folder, {CONFIG: "# mine\n"})
    done = command(folder, "init", code=2)
    assert f"{CONFIG} configures the gate already" in done.stderr
    assert (folder / CONFIG).read_text() == "# mine\n"
    command(folder, "init", "--force", code=0)
    assert "mine" not in (folder / CONFIG).read_text() + (folder / BASELINE).read_text()


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    folder = repository(tmp_path / "r", {"supabase/migrations/1_a.sql": BAD})
    done = command(folder, "init", "--dry-run", code=0)
    assert 'layout = "supabase"' in done.stdout and BASELINE in done.stdout
    assert git(folder, "status", "--porcelain") == ""


def test_gitlab_gets_a_job_of_its_own(tmp_path: Path) -> None:
    folder = repository(tmp_path / "r", {"1.sql": BAD, ".gitlab-ci.yml": "x: {script: [a]}\n"})
    done = command(folder, "init", code=0)
    assert "include: [{local: .gitlab/dsql-compat.yml}]" in done.stderr
    assert yaml.safe_load((folder / ".gitlab/dsql-compat.yml").read_text())["dsql-compat"]["script"]
    assert not (folder / ".github").exists()


def test_a_configuration_in_pyproject_counts(tmp_path: Path) -> None:
    folder = repository(tmp_path / "r", {"1.sql": BAD, "pyproject.toml": "[tool.dsql-compat]\n"})
    assert "pyproject.toml configures" in command(folder, "init", code=2).stderr


def test_nothing_to_look_at(tmp_path: Path) -> None:
    done = command(repository(tmp_path / "r"), "init", code=2)
    assert "no SQL file was found" in done.stderr


# -- pre-commit ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository that has our hooks; the program is that of this Python."""
    text = (PROJECT / ".pre-commit-hooks.yaml").read_text()
    folder = tmp_path_factory.mktemp("hooks") / "hooks"
    assert text.count("language: python") == 2
    return repository(
        folder, {".pre-commit-hooks.yaml": text.replace("language: python", "language: system")}
    )


def pre_commit(folder: Path, hooks: Path, hook: str) -> subprocess.CompletedProcess[str]:
    config = {"repos": [{"repo": str(hooks), "rev": "main", "hooks": [{"id": hook}]}]}
    write(folder, {".pre-commit-config.yaml": yaml.safe_dump(config)})
    git(folder, "add", "--all")
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    home = {"PRE_COMMIT_HOME": str(hooks.parent / "cache"), "PATH": path, "NO_COLOR": "1"}
    return subprocess.run(
        [sys.executable, "-m", "pre_commit", "run", "--color=never"],
        cwd=folder,
        env={**os.environ, **IDENTITY, **home},
        capture_output=True,
        text=True,
    )


def test_the_hook_stops_a_commit(tmp_path: Path, hooks: Path) -> None:
    folder = repository(tmp_path / "r", {"db/1.sql": "CREATE TABLE a (id uuid PRIMARY KEY);\n"})
    write(folder, {"README": "x"})
    done = pre_commit(folder, hooks, "dsql-compat")
    assert "Skipped" in done.stdout and done.returncode == 0, done.stdout + done.stderr
    write(folder, {"db/2.sql": "TRUNCATE a;\n"})
    done = pre_commit(folder, hooks, "dsql-compat")
    assert done.returncode == 1 and "db/2.sql:1:10: error truncate" in done.stdout
    write(folder, {"db/2.sql": "SELECT 1;\n"})
    assert "Passed" in pre_commit(folder, hooks, "dsql-compat").stdout


def test_the_hook_that_fixes_changes_the_file(tmp_path: Path, hooks: Path) -> None:
    folder = repository(tmp_path / "r", {"1.sql": "CREATE TABLE a (id uuid PRIMARY KEY);\n"})
    write(folder, {"2.sql": "CREATE INDEX a_id ON a (id);\n"})
    done = pre_commit(folder, hooks, "dsql-compat-fix")
    assert done.returncode == 1 and "files were modified by this hook" in done.stdout
    assert (folder / "2.sql").read_text() == "CREATE INDEX ASYNC a_id ON a (id);\n"
    assert pre_commit(folder, hooks, "dsql-compat-fix").returncode == 0


# -- the action ---------------------------------------------------------------------------------


def action(folder: Path, **inputs: str) -> tuple[subprocess.CompletedProcess[str], dict[str, str]]:
    """The steps of action.yml as the runner runs them, but for the installation."""
    described = yaml.safe_load((PROJECT / "action.yml").read_text())
    step = described["runs"]["steps"][1]
    values = {name: entry["default"] for name, entry in described["inputs"].items()} | inputs
    assert set(inputs) <= set(described["inputs"])
    env = {
        name: values[text.removeprefix("${{ inputs.").removesuffix(" }}")]
        for name, text in step["env"].items()
    }
    temp = folder.parent / "temp"
    (temp / "dsql-compat" / "bin").mkdir(parents=True, exist_ok=True)
    program = temp / "dsql-compat" / "bin" / "dsql-compat"
    if not program.exists():
        program.symlink_to(Path(sys.executable).parent / "dsql-compat")
    outputs = temp / "outputs"
    outputs.write_text("")
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        cwd=folder,
        env={**os.environ, **env, "RUNNER_TEMP": str(temp), "GITHUB_OUTPUT": str(outputs)},
        capture_output=True,
        text=True,
    )
    told = dict(line.split("=", 1) for line in outputs.read_text().splitlines())
    assert set(described["outputs"]) == set(told)
    return done, told


def test_the_action_annotates_and_leaves_sarif(tmp_path: Path) -> None:
    folder = repository(tmp_path / "r", {"db/1.sql": BAD, "x/1.sql": "TRUNCATE t;\n"})
    done, told = action(folder, paths="db")
    assert done.returncode == 1, done.stderr
    assert done.stdout.startswith("::error file=db/1.sql,line=1,")
    assert told["failed"] == "true" and Path(told["sarif"]).is_file()
    done, told = action(folder, paths="db", **{"fail-on": "never"})
    assert (done.returncode, told["failed"]) == (0, "false")
    done, told = action(folder, **{"changed-since": "HEAD", "sarif": str(tmp_path / "o.sarif")})
    assert (done.returncode, told["sarif"]) == (0, str(tmp_path / "o.sarif"))


def test_inputs_of_the_action_are_no_script(tmp_path: Path) -> None:
    folder = repository(tmp_path / "r", {"1.sql": BAD})
    done, _ = action(folder, target="latest; touch owned", paths="$(touch owned) `touch owned`")
    assert done.returncode == 2
    assert not (folder / "owned").exists()
    assert "${{" not in str(
        yaml.safe_load((PROJECT / "action.yml").read_text())["runs"]["steps"][1]["run"]
    )
