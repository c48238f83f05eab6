"""What must hold of a rewritten schema as a whole, whatever the source was."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
import uuid
from collections import Counter
from pathlib import Path

from dsql_compat.pipeline import analyze_text
from dsql_compat.rewriting.build import rewrite_inputs
from dsql_compat.rewriting.choices import Wishes
from dsql_compat.rewriting.ledger import FORGOTTEN
from dsql_compat.rewriting.model import Rewrite
from dsql_compat.sources.files import Input, find_inputs
from dsql_compat.sql.masking import mask_dsql_words
from tests.real.server import Server

DSQL_LINT = "0.2.22"
_ROLE = re.compile(r"CREATE ROLE (\S+|\".+\")(?: WITH LOGIN)?")
_PLACE = re.compile(r" at Line: \d+, Column: \d+.*", re.S)


def rewritten(path: Path, target: str = "latest", wishes: Wishes | None = None) -> list[Rewrite]:
    """The rewrites of a source, one for each of its databases."""
    return rewrite_inputs(find_inputs([str(path)]), target, wishes)


def text_of(rewrite: Rewrite) -> str:
    """All statements of a rewrite as one script."""
    return "".join(f"{item.sql.rstrip()};\n" for item in rewrite.items)


def again(text: str, target: str, wishes: Wishes | None) -> Rewrite:
    """The rewrite of a script that is already in memory."""
    encoded = text.encode("utf-8", "surrogateescape")
    [found] = rewrite_inputs(
        [Input("<rewritten>", "dump", "plain", None, len(encoded), encoded)], target, wishes
    )
    return found


def refusals(text: str, target: str) -> list[tuple[str, int, str]]:
    """What DSQL still refuses in a script."""
    report = analyze_text(text, target)
    return [(f.rule, f.location.line, f.message) for f in report.findings if f.severity == "error"]


def forgotten(rewrite: Rewrite) -> list[str]:
    """The objects and statements that no module decided."""
    return [f"{fate.ref.kind} {fate.ref}" for fate in rewrite.fates if fate.what == FORGOTTEN]


def loading_errors(server: Server, rewrite: Rewrite) -> list[str]:
    """PostgreSQL's errors, statement by statement, DSQL's own words left out."""
    database = f"w{uuid.uuid4().hex[:12]}"
    server.create(database)
    statements = [item.sql.rstrip() for item in rewrite.items]
    statements = [mask_dsql_words(sql)[0] for sql in statements if not sql.startswith("AWS IAM")]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rewritten.sql"
        file.write_bytes("".join(f"{s};\n" for s in statements).encode("utf-8", "surrogateescape"))
        try:
            return server.load(database, file, [])
        finally:
            server.drop(database)
            for role in filter(None, map(_ROLE.fullmatch, statements)):
                server.execute("postgres", f"DROP ROLE IF EXISTS {role[1]}")


def dsql_lint() -> str | None:
    """AWS's own linter, if the release that the page is about is installed."""
    beside = Path(sys.executable).with_name("dsql-lint")
    program = str(beside) if beside.exists() else shutil.which("dsql-lint")
    if program is None:
        return None
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    return program if DSQL_LINT in version.stdout else None


def complaints(program: str, text: str) -> Counter[tuple[str, str, str]]:
    """The linter's complaints: rule, message without its place, first words of the statement."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rewritten.sql"
        file.write_bytes(text.encode("utf-8", "surrogateescape"))
        done = subprocess.run(
            [program, "--format", "json", str(file)], capture_output=True, text=True, check=False
        )
    found: Counter[tuple[str, str, str]] = Counter()
    for row in json.loads(done.stdout)["files"]:
        assert row["error"] is None, row["error"]
        for complaint in row["diagnostics"]:
            words = " ".join(complaint["statement_preview"].split()[:3])
            message = _PLACE.sub("", complaint["message"].removeprefix("Failed to parse SQL: "))
            found[complaint["rule"], message, words] += 1
    return found
