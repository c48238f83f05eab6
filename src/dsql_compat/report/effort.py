"""How long the work may take: so many minutes a finding, and the sum written out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from dsql_compat.findings import Finding
from dsql_compat.report.model import Effort
from dsql_compat.rules import Disposition

# Minutes of a person's time for one finding, low and high.  A rule may say otherwise; findings
# that follow from another's cause go with it and cost nothing of their own.
MINUTES: dict[Disposition, tuple[int, int]] = {
    "as-is": (0, 0),
    "automatic": (0, 1),
    "review": (5, 20),
    "manual": (30, 240),
}


def estimate(findings: Iterable[Finding]) -> Effort:
    """Hours, low and high, and the formula with this source's numbers in it."""
    groups: Counter[tuple[Disposition, tuple[int, int]]] = Counter()
    for finding in findings:
        disposition = finding.status.disposition
        if finding.cause is None and disposition != "as-is":
            groups[disposition, finding.status.effort or MINUTES[disposition]] += 1
    order = list(MINUTES)
    ordered = sorted(groups.items(), key=lambda item: (order.index(item[0][0]), item[0][1]))
    low = sum(count * minutes[0] for (_, minutes), count in ordered)
    high = sum(count * minutes[1] for (_, minutes), count in ordered)
    terms = [f"{count} {name} × {m[0]}–{m[1]} min" for (name, m), count in ordered]
    formula = " + ".join(terms) or "nothing to do"
    if terms:
        formula += f" = {low}–{high} min; findings that follow from another are not counted again"
    return Effort(round(low / 60, 1), round(high / 60, 1), formula)
