"""SARIF 2.1.0, for code scanning and for viewers in editors."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from dsql_compat.report.model import FindingInfo, Location
from dsql_compat.report.outcome import Outcome
from dsql_compat.report.visible import in_json
from dsql_compat.rules import Rule, Status

_LEVELS = {"error": "error", "warning": "warning", "info": "note"}
_ROOT = "SRCROOT"


def render(outcome: Outcome) -> str:
    """New findings, and those suppressed in the source with the reason."""
    findings = [*outcome.worst_first, *outcome.suppressed]
    ids = sorted({finding.rule for finding in findings})
    index = {rule: number for number, rule in enumerate(ids)}
    report = outcome.report
    run = {
        "tool": {
            "driver": {
                "name": report.tool.name,
                "version": report.tool.version,
                "semanticVersion": report.tool.version,
                "rules": [_rule(outcome.rules[rule], outcome) for rule in ids],
            }
        },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The root of the repository."}}},
        "results": [_result(finding, index) for finding in findings],
        "properties": {"target": report.target.date.isoformat()},
    }
    log = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    }
    return in_json(json.dumps(log, ensure_ascii=False, indent=2)) + "\n"


# -- rules --------------------------------------------------------------------------------------


def _rule(rule: Rule, outcome: Outcome) -> dict[str, Any]:
    day = outcome.report.target.date
    statuses = [s for case in rule.cases if (s := rule.at(day, case)) and s.severity]
    severities = [s.severity for s in statuses]
    level = next((_LEVELS[s] for s in ("error", "warning", "info") if s in severities), "none")
    described: dict[str, Any] = {
        "id": rule.id,
        "shortDescription": {"text": f"{rule.title}."},
        "fullDescription": {"text": f"{rule.feature}."},
        "help": {"text": _help(rule, statuses), "markdown": _markdown(rule, statuses)},
        "defaultConfiguration": {"level": level},
        "properties": {
            "tags": ["aurora-dsql", "postgresql", rule.family],
            "precision": "very-high" if rule.confidence == "recorded" else "high",
            "problem.severity": {"note": "recommendation", "none": "recommendation"}.get(
                level, level
            ),
        },
    }
    if rule.reference.startswith("https://"):
        described["helpUri"] = rule.reference
    return described


def _help(rule: Rule, statuses: Iterable[Status]) -> str:
    texts = [rule.feature + "."]
    for status in statuses:
        said = f" DSQL says: {status.error}." if status.error else ""
        texts.append(f"{status.why} {status.advice}{said}")
    return "\n\n".join(dict.fromkeys(texts))


def _markdown(rule: Rule, statuses: Iterable[Status]) -> str:
    parts = [f"**{rule.title}**: {rule.feature}."]
    for status in statuses:
        parts += [status.why, status.advice]
        if status.error:
            parts.append(f"DSQL says: `{status.error}`")
    for example in rule.examples:
        parts.append(f"```sql\n{example.bad.strip()}\n```")
        if example.good:
            parts.append(f"becomes\n\n```sql\n{example.good.strip()}\n```")
    parts.append(f"`dsql-compat check --explain {rule.id}` shows its history and sources.")
    return "\n\n".join(dict.fromkeys(parts))


# -- results ------------------------------------------------------------------------------------


def _result(finding: FindingInfo, index: dict[str, int]) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": index[finding.rule],
        "level": _LEVELS[finding.severity],
        "message": {"text": f"{finding.message} {finding.advice}"},
        "locations": [_location(finding)],
        "partialFingerprints": {"dsqlCompatFinding/v1": finding.id},
        "properties": {"disposition": finding.disposition, "cause": finding.cause},
    }
    if finding.suppressed:
        result["suppressions"] = [
            {
                "kind": "external" if ".toml" in finding.suppressed.where else "inSource",
                "status": "accepted",
                "justification": finding.suppressed.reason,
            }
        ]
    rewrite = finding.rewrite
    if rewrite and rewrite.region:
        text = "\n".join(rewrite.after)
        result["fixes"] = [_fix(finding.disposition, rewrite.region, text)]
    return result


def _location(finding: FindingInfo) -> dict[str, Any]:
    about = finding.object
    name = ".".join(part for part in (about.schema, about.table, about.name) if part)
    return {
        "physicalLocation": {
            "artifactLocation": _artifact(finding.location),
            "region": _region(finding.location),
        },
        "logicalLocations": [{"fullyQualifiedName": name, "kind": about.kind}],
    }


def _fix(disposition: str, region: Location, text: str) -> dict[str, Any]:
    change = {"deletedRegion": _region(region), "insertedContent": {"text": text}}
    words = "means the same" if disposition == "automatic" else "changes behaviour: read it first"
    return {
        "description": {"text": f"Write it as Aurora DSQL takes it; this {words}."},
        "artifactChanges": [
            {"artifactLocation": _artifact(region), "replacements": [change]},
        ],
    }


def _artifact(at: Location) -> dict[str, str]:
    path = quote(at.source.encode("utf-8", "surrogateescape"), safe="/-_.~")
    if at.source.startswith("/"):
        return {"uri": f"file://{path}"}
    return {"uri": path, "uriBaseId": _ROOT}


def _region(at: Location) -> dict[str, int]:
    return {
        "startLine": at.line,
        "startColumn": at.column,
        "endLine": at.end_line,
        "endColumn": at.end_column,
    }
