"""The report that GitLab shows as Code Quality."""

from __future__ import annotations

import json

from dsql_compat.report.model import FindingInfo
from dsql_compat.report.outcome import Outcome
from dsql_compat.report.visible import in_json

_SEVERITIES = {"error": "critical", "warning": "minor", "info": "info"}


def render(outcome: Outcome) -> str:
    """The new findings; GitLab compares them by fingerprint, which is the finding's id."""
    issues = [_issue(finding) for finding in outcome.worst_first]
    return in_json(json.dumps(issues, ensure_ascii=False, indent=2)) + "\n"


def _issue(finding: FindingInfo) -> dict[str, object]:
    at = finding.location
    severity = _SEVERITIES[finding.severity]
    if finding.severity == "error" and finding.disposition == "manual":
        severity = "blocker"
    return {
        "type": "issue",
        "check_name": finding.rule,
        "description": finding.message,
        "content": {"body": f"{finding.why}\n\n{finding.advice}"},
        "categories": ["Compatibility"],
        "severity": severity,
        "fingerprint": finding.id,
        "location": {"path": at.source, "lines": {"begin": at.line, "end": at.end_line}},
    }
