"""The 19 rows of the March 2026 gap list, and what each date changes for this source."""

from __future__ import annotations

from collections import Counter

from dsql_compat.checks.context import Run
from dsql_compat.findings import Finding
from dsql_compat.report.model import GapRow, TimelineRow

_VERBS = {
    "supported": "supported",
    "partial": "partly supported",
    "different": "accepted with another meaning",
    "unsupported": "not supported",
}
_BECOMES = {
    "as-is": "nothing to do",
    "automatic": "rewritten automatically",
    "review": "rewritten, with a change of behaviour to read",
    "manual": "a person has to decide",
}


def gap_rows(run: Run, findings: list[Finding]) -> list[GapRow]:
    """All rows, always, with what the target says and how often each was found."""
    found: Counter[str] = Counter()
    for finding in findings:
        gap = run.rule(finding.rule).gap
        if gap:
            found[gap] += 1
    rows = []
    for listed in run.catalogue.gaps:
        rule = run.rule(listed.rule)
        status = rule.at(run.target.date, listed.case)
        state = status.status if status else "unsupported"
        rules = sorted(r.id for r in run.catalogue.rules.values() if r.gap == listed.key)
        since = rule.supported_since(listed.case)
        if since and since > run.target.date:
            summary = f"{_VERBS[state]}; supported since {since}"
        elif since:
            summary = f"{_VERBS[state]} since {since}"
        else:
            summary = _VERBS[state]
        count = found[listed.key]
        summary += f"; {count} found"
        if listed.before and since and since <= run.target.date:
            summary += f"; before that {listed.before}"
        in_force = since if since and since <= run.target.date else None
        rows.append(GapRow(listed.key, listed.feature, state, in_force, count, rules, summary))
    return rows


def timeline_rows(run: Run) -> list[TimelineRow]:
    """For what occurs in this source: the days on which DSQL changed its mind about it."""
    rows = []
    for (rule_id, case), count in run.sightings.items():
        rule = run.rule(rule_id)
        for before, after in rule.changes():
            # Where there was nothing to say, another rule spoke of what came before.
            if after.case != case or before.severity is None:
                continue
            text = (
                f"{rule.title}: {_VERBS[after.status]} since {after.since}; {count} found; "
                f"before that {_VERBS[before.status]} ({_BECOMES[before.disposition]})."
            )
            rows.append(TimelineRow(after.since, rule_id, rule.title, after.status, count, text))
    return sorted(rows, key=lambda row: (row.date, row.rule))
