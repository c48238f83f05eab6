"""What the gate found, for a terminal or a log: a line a finding, and one for the whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from dsql_compat.report.model import FindingInfo
from dsql_compat.report.outcome import Outcome, summary
from dsql_compat.report.style import Style, one_line, path

_FIXED_SHOWN = 5


def render(
    outcome: Outcome,
    *,
    colour: bool = False,
    width: int | None = None,
    place: Callable[[str], str] = lambda name: name,
) -> str:
    """The new findings, each under its place, and a summary; `place` turns names into paths.

    With `width` it fits such a terminal; a log or a pipe gets a line a finding.
    """
    style = Style(colour, width)
    lines = []
    advised: set[str] = set()
    for finding in outcome.new:
        lines.append(_line(finding, style, place))
        if finding.advice not in advised:  # said once, however often it is found
            advised.add(finding.advice)
            lines.append(style("dim", style.wrap(f"→ {finding.advice}", "    ")))
    lines += list(_fixed(outcome))
    lines.append(style("error" if outcome.failed else "bold", style.fitted(summary(outcome))))
    return "\n".join(lines) + "\n"


def _line(finding: FindingInfo, style: Style, place: Callable[[str], str]) -> str:
    at = finding.location
    where = f"{path(place(at.source))}:{at.line}:{at.column}"
    head = f"{style('path', where)}: {style(finding.severity, finding.severity)} {finding.rule}:"
    message = one_line(finding.message)
    follows = f" (follows from {finding.cause})" if finding.cause else ""
    if style.fits(f"{where}: {finding.severity} {finding.rule}: {message}{follows}"):
        return f"{head} {message}{style('dim', follows)}"
    return f"{head}\n{style.wrap(message + follows, '  ')}"


def _fixed(outcome: Outcome) -> Iterator[str]:
    for entry in outcome.fixed[:_FIXED_SHOWN]:
        yield f"fixed: {path(entry.file)}: {entry.rule}: {one_line(entry.object)}"
    more = len(outcome.fixed) - _FIXED_SHOWN
    if more > 0:
        yield f"fixed: {more:,} more"
    if outcome.fixed:
        yield "--write-baseline takes what is fixed out of the baseline"
