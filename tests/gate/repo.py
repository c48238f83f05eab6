"""A repository in a temporary folder, and the command as it is run there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any


class Repo:
    """Files by name, and `dsql-compat check` in that folder."""

    def __init__(self, folder: Path, *, git: bool = True) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        if git:
            subprocess.run(["git", "init", "-q", str(folder)], check=True)

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path

    def check(
        self, *arguments: str, cwd: str = ".", env: dict[str, str] | None = None, stdin: str = ""
    ) -> subprocess.CompletedProcess[str]:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("GITHUB_")}
        done = subprocess.run(
            [sys.executable, "-m", "dsql_compat", "check", *arguments],
            cwd=self.folder / cwd,
            env=inherited | (env or {}),
            input=stdin,
            capture_output=True,
            encoding="utf-8",
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done

    def json(self, *arguments: str) -> dict[str, Any]:
        done = self.check("--format", "json", *arguments)
        assert done.returncode in (0, 1), done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def rules(self, *arguments: str) -> list[str]:
        """The rules of the new findings, in the order of the source."""
        report = self.json(*arguments)
        return [f["rule"] for f in report["findings"] if f["id"] in report["gate"]["new"]]


BAD = "TRUNCATE accounts;\n"
GOOD = "CREATE TABLE accounts (id uuid PRIMARY KEY, name text NOT NULL);\n"
