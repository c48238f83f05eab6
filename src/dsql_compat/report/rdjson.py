"""Reviewdog's diagnostic format, with suggestions where the rewrite fits as it is."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache

from dsql_compat.report.model import FindingInfo, Location
from dsql_compat.report.outcome import Outcome
from dsql_compat.report.visible import in_json

_SEVERITIES = {"error": "ERROR", "warning": "WARNING", "info": "INFO"}
Line = Callable[[str, int], str]


def render(outcome: Outcome, line_of: Line) -> str:
    """The new findings.  `line_of` gives a line of a file, for columns count bytes here."""
    line_of = cache(line_of)
    document = {
        "source": {"name": "dsql-compat"},
        "diagnostics": [_diagnostic(finding, line_of) for finding in outcome.worst_first],
    }
    return in_json(json.dumps(document, ensure_ascii=False, indent=2)) + "\n"


def _diagnostic(finding: FindingInfo, line_of: Line) -> dict[str, object]:
    code: dict[str, str] = {"value": finding.rule}
    if finding.reference.startswith("https://"):
        code["url"] = finding.reference
    diagnostic: dict[str, object] = {
        "message": f"{finding.message}\n{finding.advice}",
        "location": {"path": finding.location.source, "range": _range(finding.location, line_of)},
        "severity": _SEVERITIES[finding.severity],
        "code": code,
    }
    rewrite = finding.rewrite
    if rewrite and rewrite.region:
        text = "\n".join(rewrite.after)
        diagnostic["suggestions"] = [{"range": _range(rewrite.region, line_of), "text": text}]
    return diagnostic


def _range(at: Location, line_of: Line) -> dict[str, object]:
    return {
        "start": {"line": at.line, "column": _bytes(line_of(at.source, at.line), at.column)},
        "end": {
            "line": at.end_line,
            "column": _bytes(line_of(at.source, at.end_line), at.end_column),
        },
    }


def _bytes(line: str, column: int) -> int:
    """A column in UTF-8 bytes, from one in characters; both from 1."""
    before = line[: column - 1]
    return column + len(before.encode("utf-8", "replace")) - len(before)
