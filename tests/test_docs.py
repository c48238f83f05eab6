"""What the docs say is what the program does."""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).parents[1]


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


def test_generated_pages_are_up_to_date() -> None:
    done = run(sys.executable, "docs/generate.py", "--check")
    assert done.returncode == 0, done.stderr


def test_links_between_pages_lead_somewhere() -> None:
    missing = []
    for page in [ROOT / "README.md", *ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for link in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
            is_ours = not link.startswith(("http:", "https:", "mailto:"))
            if is_ours and not (page.parent / link).exists():
                missing.append(f"{page.relative_to(ROOT)}: {link}")
    assert not missing


def test_commands_of_the_readme_exist() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    commands = set(re.findall(r"dsql-compat ([a-z]+)", text))
    helped = run(sys.executable, "-m", "dsql_compat", "--help").stdout
    known = set(re.findall(r"^  ([a-z]+)  ", helped, re.M))
    assert commands <= known | {"rule"}, commands - known


def test_output_shown_in_the_readme_is_real() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    shown = re.findall(r"```console\n\$ dsql-compat ([^\n]+)\n(.*?)```", text, re.S)
    assert shown
    for command, output in shown:
        done = run(sys.executable, "-m", "dsql_compat", *command.split())
        lines = [line for line in output.splitlines() if line.strip() and line.strip() != "…"]
        real = done.stdout.splitlines()
        missing = [line for line in lines if line not in real]
        assert not missing, (command, missing)


def test_the_rule_shown_to_contributors_is_the_real_one() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    shown = dict(re.findall(r"   ```(yaml|python)\n(.*?)   ```", text, re.S))
    yaml, python = (textwrap.dedent(shown[language]) for language in ("yaml", "python"))
    assert yaml == (ROOT / "rules/statements/load.yaml").read_text("utf-8")
    assert python in (ROOT / "src/dsql_compat/checks/statements.py").read_text("utf-8")


def test_every_case_of_the_peers_is_linked() -> None:
    page = (ROOT / "docs/accuracy.md").read_text("utf-8")
    for case in (ROOT / "tests/peers/cases").glob("*.sql"):
        assert f"(../tests/peers/cases/{case.name})" in page, case.name


def test_the_repository_names_no_machine() -> None:
    tracked = run("git", "ls-files", "-z").stdout.split("\0")
    pattern = re.compile(r"/(?:home|root|Users)/\w+|pypi\.org|files\.pythonhosted|deb\.debian\.org")
    for name in filter(None, tracked):
        path = ROOT / name
        if path.suffix in (".py", ".md", ".yaml", ".toml", ".sql", "") and path.is_file():
            found = pattern.search(path.read_text("utf-8", errors="replace"))
            assert not found or name == "tests/test_docs.py", (name, found)
