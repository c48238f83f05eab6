"""What `init` writes: configuration, baseline and workflow for a repository as it is found."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from dsql_compat import __version__
from dsql_compat.gate.baseline import render
from dsql_compat.gate.layouts import PLAIN, Plan, plan_of
from dsql_compat.gate.run import judge
from dsql_compat.gate.settings import BASELINE, OWN_FILE, SHARED_FILE, Settings

_GITHUB = ".github/workflows/dsql-compat.yml"
_GITLAB = ".gitlab/dsql-compat.yml"


@dataclass(frozen=True, slots=True)
class Draft:
    """One file to write: its name from the root, its text, and what to say about it."""

    name: str
    text: str
    remark: str


@dataclass(frozen=True, slots=True)
class Start:
    """What was found in a repository, and the files that follow from it."""

    layout: str
    paths: tuple[str, ...]
    files: int
    findings: int
    drafts: tuple[Draft, ...]
    hints: tuple[str, ...]


def start(root: Path, target: str) -> Start:
    """Look at a repository; nothing is written.  Raises InputError and TargetError."""
    layout, paths = _where(plan_of([root], root), root)
    plan = plan_of([root / path for path in paths], root, layout)
    fresh = f"{BASELINE}.new"  # what an older baseline knows is found anew
    settings = Settings(root, root, target, paths, layout, baseline=fresh)
    judged = judge(settings, plan, is_new_baseline=True)
    known = judged.baseline
    drafts = [Draft(OWN_FILE, _configuration(layout, paths, target), f"{layout} in {_all(paths)}")]
    if known:
        drafts.append(Draft(BASELINE, render(known), f"{len(known):,} findings, known from now on"))
    gitlab = (root / ".gitlab-ci.yml").is_file()
    if gitlab:
        drafts.append(Draft(_GITLAB, _gitlab(), "a job for GitLab"))
    if not gitlab or (root / ".github").is_dir():
        drafts.append(Draft(_GITHUB, _github(), "a workflow for GitHub Actions"))
    hints = [f"add to .gitlab-ci.yml: include: [{{local: {_GITLAB}}}]"] if gitlab else []
    if (root / ".pre-commit-config.yaml").is_file():
        hints.append("there is a hook for pre-commit, too: see docs/check.md")
    return Start(layout, paths, len(plan.steps), len(known), tuple(drafts), (*plan.notes, *hints))


def configured(root: Path) -> str:
    """The file that already configures the gate; empty if none does."""
    import tomllib

    if (root / OWN_FILE).is_file():
        return OWN_FILE
    try:
        values = tomllib.loads((root / SHARED_FILE).read_text("utf-8"))
    except (OSError, ValueError):
        return ""
    tools = values.get("tool")
    return SHARED_FILE if isinstance(tools, dict) and "dsql-compat" in tools else ""


def _where(plan: Plan, root: Path) -> tuple[str, tuple[str, ...]]:
    """The layout and the folders to check: those of migration tools, where there are any."""
    tools = [(name, path) for name, path in plan.homes if name != PLAIN.name]
    names = {name for name, _ in tools}
    if tools:
        paths = tuple(dict.fromkeys(_from(root, path) for _, path in tools))
        return (names.pop() if len(names) == 1 else "auto"), paths
    folders = [str(path) for _, path in plan.homes]
    return PLAIN.name, (_from(root, Path(os.path.commonpath(folders))) if folders else ".",)


def _from(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix()


def _all(paths: tuple[str, ...]) -> str:
    return ", ".join(paths)


def _configuration(layout: str, paths: tuple[str, ...], target: str) -> str:
    import json

    shown = ", ".join(json.dumps(path, ensure_ascii=False) for path in paths)
    return (
        "# What dsql-compat check goes by; dsql-compat check --show-settings prints all of it.\n"
        f"paths = [{shown}]\n"
        f'layout = "{layout}"\n'
        f'target = "{target}"          # or the day you move: YYYY-MM, YYYY-MM-DD\n'
        'fail-on = "error"          # or warning, info, never\n'
    )


def _github() -> str:
    return f"""name: dsql-compat
on:
  pull_request:
jobs:
  check:
    runs-on: ubuntu-latest
    permissions:
      contents: read
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      - run: pip install dsql-compat=={__version__}
      - run: dsql-compat check --format github
"""


def _gitlab() -> str:
    return f"""dsql-compat:
  image: python:3.12-slim
  script:
    - pip install dsql-compat=={__version__}
    - dsql-compat check --format gitlab=gl-code-quality-report.json
  artifacts:
    when: always
    reports:
      codequality: gl-code-quality-report.json
"""
