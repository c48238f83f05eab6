"""JUnit XML: a test case a file, for whatever shows the results of tests."""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

from dsql_compat.report.model import FindingInfo
from dsql_compat.report.outcome import Outcome, summary
from dsql_compat.report.visible import visible

# XML has no way to write these, not even escaped.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(outcome: Outcome) -> str:
    """Files with findings at or above --fail-on fail; what is below stands in their output."""
    by_file: dict[str, list[FindingInfo]] = {s.name: [] for s in outcome.report.sources}
    for finding in outcome.new:
        by_file.setdefault(finding.location.source, []).append(finding)
    cases = [_case(name, findings, outcome) for name, findings in by_file.items()]
    failures = sum(any(map(outcome.is_blocker, findings)) for findings in by_file.values())
    counts = f'tests="{len(cases)}" failures="{failures}" errors="0" skipped="0"'
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<testsuites name="dsql-compat" {counts}>',
        f'<testsuite name="dsql-compat" {counts}>',
        *cases,
        f"<system-out>{_text(summary(outcome))}</system-out>",
        "</testsuite>",
        "</testsuites>",
    ]
    return "\n".join(lines) + "\n"


def _case(name: str, findings: list[FindingInfo], outcome: Outcome) -> str:
    head = f"<testcase classname={_attribute(name)} name={_attribute(name)}"
    head += f' file={_attribute(name)} time="0"'
    blockers = [finding for finding in findings if outcome.is_blocker(finding)]
    others = [finding for finding in findings if not outcome.is_blocker(finding)]
    if not findings:
        return f"{head}/>"
    parts = [f"{head}>"]
    if blockers:
        first, more = blockers[0], len(blockers) - 1
        message = f"{first.rule}: {first.message}" + (f" (and {more} more)" if more else "")
        body = _listed(blockers)
        parts.append(
            f"<failure type={_attribute(first.rule)} message={_attribute(message)}>{body}</failure>"
        )
    if others:
        parts.append(f"<system-out>{_listed(others)}</system-out>")
    parts.append("</testcase>")
    return "\n".join(parts)


def _listed(findings: Iterable[FindingInfo]) -> str:
    return _text(
        "\n".join(
            f"{f.location.source}:{f.location.line}:{f.location.column}: {f.severity} {f.rule}: "
            f"{f.message}\n    {f.advice}"
            for f in findings
        )
    )


def _text(text: str) -> str:
    return escape(_NO_XML.sub("\ufffd", visible(text)))


def _attribute(text: str) -> str:
    return quoteattr(_NO_XML.sub("\ufffd", visible(text)))
