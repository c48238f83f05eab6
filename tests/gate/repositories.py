"""Repositories in temporary folders, made with the real git, and the real command run in them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

IDENTITY = {
    "GIT_AUTHOR_NAME": "a",
    "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "a",
    "GIT_COMMITTER_EMAIL": "a@example.org",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
}


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-c", "protocol.file.allow=always", *arguments],
        cwd=folder,
        env={**os.environ, **IDENTITY},
        capture_output=True,
        text=True,
        errors="replace",
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def repository(folder: Path, files: dict[str, str] | None = None) -> Path:
    """A repository with files in one commit on main."""
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "--quiet", "--initial-branch=main")
    if files:
        write(folder, files)
        commit(folder)
    return folder


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    return folder


def commit(folder: Path, message: str = "x") -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", message)


def command(
    folder: Path, *arguments: str, code: int | None = None
) -> subprocess.CompletedProcess[str]:
    """The command, run in a folder as a user would."""
    done = subprocess.run(
        [sys.executable, "-m", "dsql_compat", *arguments],
        cwd=folder,
        env={**os.environ, **IDENTITY, "GIT_CEILING_DIRECTORIES": str(folder.parent)},
        capture_output=True,
        text=True,
        errors="replace",
    )
    assert "Traceback" not in done.stderr, done.stderr
    if code is not None:
        assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
    return done


def check(folder: Path, *arguments: str) -> dict[str, Any]:
    """The JSON report of `check`."""
    done = command(folder, "check", "--format", "json", *arguments)
    assert done.returncode in (0, 1), done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    report["messages"] = done.stderr
    return report


def sources(report: dict[str, Any]) -> list[str]:
    return [source["name"] for source in report["sources"]]


def found(report: dict[str, Any], *rules: str) -> list[tuple[str, str, int]]:
    """Rule, file and line of what is new; only of some rules, where any are named."""
    new = set(report["gate"]["new"])
    return [
        (f["rule"], f["location"]["source"], f["location"]["line"])
        for f in report["findings"]
        if f["id"] in new and (not rules or f["rule"] in rules)
    ]
