"""The baseline: findings that were there when the gate was put up.

A JSON document a line: the first says what the file is, each of the others is a finding by its
stable id, with rule, object and file for whoever reviews it.  Sorted, so that a change is a diff.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from pathlib import Path

from dsql_compat.report.model import FindingInfo, KnownFinding

VERSION = 1
_HEAD = {"dsql-compat-baseline": VERSION}
_FIELDS = ("id", "rule", "object", "file")
_REMEDY = "write it anew: dsql-compat check --write-baseline"


class BaselineError(ValueError):
    """A baseline that cannot be used; the message says why, and the remedy, in one line."""


def read_baseline(path: Path) -> list[KnownFinding]:
    """The findings of a baseline file.  Raises BaselineError."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except FileNotFoundError:
        raise BaselineError(f"{path}: there is no such baseline; {_REMEDY}") from None
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise BaselineError(f"{path}: {reason}") from None
    rows = [_row(path, number, line) for number, line in enumerate(lines, 1) if line.strip()]
    version = rows[0].get("dsql-compat-baseline") if rows else None
    if version is None:
        raise BaselineError(f"{path}: not a baseline of dsql-compat; {_REMEDY}")
    if version != VERSION:
        raise BaselineError(
            f"{path}: a baseline of version {version}, and this program reads version {VERSION}; "
            + ("update dsql-compat" if isinstance(version, int) and version > VERSION else _REMEDY)
        )
    return [_known(path, row) for row in rows[1:]]


def _row(path: Path, number: int, line: str) -> dict[str, object]:
    try:
        row = json.loads(line)
    except ValueError:
        conflict = line.startswith(("<<<<<<<", "=======", ">>>>>>>"))
        what = "a merge conflict" if conflict else "no JSON"
        raise BaselineError(f"{path}:{number}: {what}; mend the line, or {_REMEDY}") from None
    if not isinstance(row, dict):
        raise BaselineError(f"{path}:{number}: no finding; {_REMEDY}")
    return row


def _known(path: Path, row: dict[str, object]) -> KnownFinding:
    values = [row.get(field, "") for field in _FIELDS]
    if not row.get("id") or not all(isinstance(value, str) for value in values):
        raise BaselineError(f"{path}: a line without an id: {json.dumps(row)}; {_REMEDY}")
    return KnownFinding(*map(str, values))


def render(findings: Iterable[KnownFinding]) -> str:
    """The text of a baseline file."""
    rows = sorted({(f.file, f.rule, f.object, f.id) for f in findings})
    lines = [json.dumps(_HEAD)]
    for file, rule, about, finding_id in rows:
        row = {"id": finding_id, "rule": rule, "object": about, "file": file}
        lines.append(json.dumps(row, ensure_ascii=False))
    return "\n".join(lines) + "\n"


def as_known(finding: FindingInfo) -> KnownFinding:
    """A finding as a baseline remembers it."""
    about = finding.object
    name = ".".join(part for part in (about.schema, about.table, about.name) if part)
    return KnownFinding(finding.id, finding.rule, f"{about.kind} {name}", finding.location.source)


def gone(
    known: Iterable[KnownFinding], found: Collection[str], read: Collection[str], root: Path
) -> list[KnownFinding]:
    """The entries that are fixed: not found, though their file was read or is no more."""
    return [
        entry
        for entry in known
        if entry.id not in found and (entry.file in read or not (root / entry.file).exists())
    ]
