"""Annotations of GitHub Actions, and the summary of a job."""

from __future__ import annotations

from dsql_compat.report.model import FindingInfo
from dsql_compat.report.outcome import Outcome, summary
from dsql_compat.report.style import one_line, safe

_LEVELS = {"error": "error", "warning": "warning", "info": "notice"}
_IN_SUMMARY = 50


def render(outcome: Outcome) -> str:
    """A workflow command a finding, the worst first: GitHub shows ten of each level in a step."""
    lines = [_command(finding) for finding in outcome.worst_first]
    return "\n".join([*lines, one_line(summary(outcome))]) + "\n"


def _command(finding: FindingInfo) -> str:
    at = finding.location
    properties = {"file": at.source, "line": str(at.line), "endLine": str(at.end_line)}
    if at.line == at.end_line:  # GitHub takes columns within one line only
        properties |= {"col": str(at.column), "endColumn": str(at.end_column)}
    properties["title"] = f"dsql-compat {finding.rule}"
    written = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    message = _data(f"{finding.message}\n{finding.advice}")
    return f"::{_LEVELS[finding.severity]} {written}::{message}"


def _data(text: str) -> str:
    return safe(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def job_summary(outcome: Outcome) -> str:
    """Markdown for the summary of the job."""
    sign = "❌" if outcome.failed else "✅"
    lines = [f"### {sign} dsql-compat", "", _markdown(summary(outcome)), ""]
    shown = outcome.worst_first[:_IN_SUMMARY]
    if shown:
        lines += ["| where | | rule | |", "|---|---|---|---|"]
        lines += [_row(finding) for finding in shown]
        more = len(outcome.new) - len(shown)
        lines += ["", f"… and {more:,} more"] if more else []
        lines.append("")
    if outcome.fixed:
        lines += [f"{len(outcome.fixed):,} of the baseline fixed", ""]
    return "\n".join(lines)


def _row(finding: FindingInfo) -> str:
    at = finding.location
    cells = (f"{at.source}:{at.line}", finding.severity, finding.rule, finding.message)
    return "| " + " | ".join(map(_markdown, cells)) + " |"


def _markdown(text: str) -> str:
    """Text that shows as it is in a cell of a table."""
    text = one_line(text).replace("&", "&amp;")
    for sign in "\\`*_|[]<>$~":
        text = text.replace(sign, f"\\{sign}")
    return text
