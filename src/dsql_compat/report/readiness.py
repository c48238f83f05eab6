"""The verdict and its sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from dsql_compat.checks.context import Run
from dsql_compat.findings import Finding
from dsql_compat.report import model
from dsql_compat.rules import DISPOSITIONS

_RANK = {name: rank for rank, name in enumerate(DISPOSITIONS)}
_VERDICTS: dict[str, model.Verdict] = {
    "as-is": "ready",
    "automatic": "automatic",
    "review": "review",
    "manual": "manual",
}


def verdict(findings: Iterable[Finding]) -> model.Verdict:
    """The worst disposition found; `ready` for none."""
    worst = max((f.status.disposition for f in findings), key=_RANK.__getitem__, default="as-is")
    return _VERDICTS[worst]


def sentence(worst: model.Verdict, findings: list[Finding], run: Run) -> str:
    """The verdict in one sentence, the unread part included."""
    day = run.target.date
    errors = [finding for finding in findings if finding.status.severity == "error"]
    causes = [finding for finding in errors if finding.cause is None]
    # What follows from another finding is settled with it, unless that one is of a lesser kind.
    count = Counter(finding.status.disposition for finding in findings if finding.cause is None)
    if worst != "ready" and not count[worst]:
        count = Counter(finding.status.disposition for finding in findings)
    refused = f"{len(causes)} thing{'s' if len(causes) != 1 else ''} that Aurora DSQL refuses"
    match worst:
        case "ready":
            text = f"Ready: nothing in the source needs a change for Aurora DSQL as of {day}"
        case "automatic":
            text = (
                f"Ready after automatic rewriting: {refused} as of {day}, all with an exact rewrite"
            )
        case "review":
            text = (
                f"Ready after review: {refused} as of {day}; {count['review']} finding"
                f"{'s change' if count['review'] != 1 else ' changes'} behaviour and must be read"
            )
        case _:
            text = (
                f"Not ready: {refused} as of {day}; {count['manual']} finding"
                f"{'s need' if count['manual'] != 1 else ' needs'} a person's decision"
            )
    unread = len(run.unanalysed)
    if unread:
        text += f"; {unread} place{'s' if unread != 1 else ''} could not be looked into"
    return text + "."
