"""The fleet as text, JSON and one HTML page that needs nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from html import escape

from dsql_compat.fleet.merging import FLEET_VERSION, Fleet, Member
from dsql_compat.fleet.reading import VERDICTS

_SHOWN = 15  # rules and members in text
_LABELS = {
    "ready": "ready",
    "automatic": "ready after automatic rewriting",
    "review": "ready after review",
    "manual": "not ready",
}


def render_json(fleet: Fleet) -> str:
    """The fleet as JSON."""
    values = {
        "fleet_version": FLEET_VERSION,
        "sentence": fleet.sentence,
        "reports": len(fleet.members),
        "targets": fleet.targets,
        "verdicts": fleet.verdicts,
        "effort": {"low_hours": fleet.low_hours, "high_hours": fleet.high_hours},
        "rules": [asdict(row) for row in fleet.rules],
        "gap_list": [asdict(gap) for gap in fleet.gaps],
        "members": [asdict(member) for member in fleet.members],
        "unread": fleet.unread,
    }
    return json.dumps(values, indent=2, ensure_ascii=False) + "\n"


def render_text(fleet: Fleet) -> str:
    """The fleet for a terminal."""
    lines = [f"{fleet.sentence}.", f"Aurora DSQL as of {', '.join(fleet.targets)}", ""]
    lines += [f"  {fleet.verdicts[v]:>6,}  {_LABELS[v]}" for v in VERDICTS]
    blocking = [row for row in fleet.rules if row.blocks]
    if blocking:
        rows = [
            (row.rule, f"{row.blocks:,}", f"{row.errors:,}", row.disposition)
            for row in blocking[:_SHOWN]
        ]
        lines += ["", "what stands in the way most"]
        lines += _table(("rule", "reports", "errors", "takes"), rows)
        if len(blocking) > _SHOWN:
            lines.append(f"  … {len(blocking) - _SHOWN:,} more rules; --format json has all")
    members = [
        (m.name, m.verdict, f"{m.errors:,}", f"{m.low_hours:,g}–{m.high_hours:,g}")
        for m in fleet.members[:_SHOWN]
    ]
    lines += ["", "most work first"]
    lines += _table(("report", "verdict", "errors", "hours"), members)
    if len(fleet.members) > _SHOWN:
        lines.append(f"  … {len(fleet.members) - _SHOWN:,} more; --format html has all")
    lines += [f"not read: {message}" for message in fleet.unread]
    return "\n".join(lines) + "\n"


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[n]) for row in [head, *rows]) for n in range(len(head))]
    return [
        "  "
        + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in [head, *rows]
    ]


_CSS = """
:root{color-scheme:light dark;--line:#8884;--soft:#8881;--ready:#2e7d46;--automatic:#3a7ca5;
--review:#b7791f;--manual:#b3392f}
body{font:15px/1.5 system-ui,sans-serif;margin:0 auto;max-width:72rem;padding:2rem 1.25rem}
h1{font-size:1.5rem;margin:0 0 .25rem}h2{font-size:1.1rem;margin:2.25rem 0 .5rem}
p{margin:.25rem 0}.soft{opacity:.75}
.bar{display:flex;height:1.5rem;border-radius:.4rem;overflow:hidden;margin:1rem 0 .5rem;
background:var(--soft)}.bar span{min-width:2px}
.key{display:flex;flex-wrap:wrap;gap:.25rem 1.5rem;padding:0;margin:0;list-style:none}
.key b{font-variant-numeric:tabular-nums}
.dot{display:inline-block;width:.7em;height:.7em;border-radius:50%;margin-right:.4em}
.ready{background:var(--ready)}.automatic{background:var(--automatic)}
.review{background:var(--review)}.manual{background:var(--manual)}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.35rem .6rem;border-bottom:1px solid var(--line);vertical-align:top}
th{font-weight:600;white-space:nowrap}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;
white-space:nowrap}td{overflow-wrap:anywhere}tbody tr:hover{background:var(--soft)}
@media print{body{max-width:none;padding:0}tr{break-inside:avoid}}
"""


def render_html(fleet: Fleet) -> str:
    """The fleet as a page without scripts; every text of a report is escaped."""
    total = max(1, len(fleet.members))
    bar = "".join(
        f'<span class="{v}" style="width:{100 * fleet.verdicts[v] / total:.2f}%"></span>'
        for v in VERDICTS
        if fleet.verdicts[v]
    )
    key = "".join(
        f'<li><span class="dot {v}"></span><b>{fleet.verdicts[v]:,}</b> {_LABELS[v]}</li>'
        for v in VERDICTS
    )
    rules = _rows(
        ((row.rule, row.severity, row.disposition), (row.blocks, row.reports, row.findings))
        for row in fleet.rules
    )
    gaps = _rows(
        ((gap.feature, gap.status), (gap.reports, gap.found)) for gap in fleet.gaps if gap.found
    )
    parts = [
        f"<h1>Aurora DSQL: {escape(fleet.sentence)}</h1>",
        f'<p class="soft">As of {escape(", ".join(fleet.targets))}</p>',
        f'<div class="bar" role="img" aria-label="reports by verdict">{bar}</div>',
        f'<ul class="key">{key}</ul>',
        "<h2>What stands in the way most</h2>",
        _grid(("rule", "worst", "takes"), ("blocks reports", "in reports", "findings"), rules),
        "<h2>The gap list</h2>",
        _grid(("feature", "status"), ("in reports", "found"), gaps),
        f"<h2>All {len(fleet.members):,} reports, most work first</h2>",
        _grid(
            ("report", "verdict", "blocked by"),
            ("errors", "warnings", "objects", "not analysed", "hours"),
            "".join(_member(member) for member in fleet.members),
        ),
    ]
    if fleet.unread:
        unread = "".join(f"<li>{escape(message)}</li>" for message in fleet.unread)
        parts.append(f"<h2>Not read</h2><ul>{unread}</ul>")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>Aurora DSQL: {len(fleet.members):,} reports</title><style>{_CSS}</style></head>"
        "<body><main>\n" + "\n".join(parts) + "\n</main></body></html>\n"
    )


def _member(member: Member) -> str:
    blockers = ", ".join(member.blockers[:5]) + (" …" if len(member.blockers) > 5 else "")
    hours = f"{member.low_hours:,g}–{member.high_hours:,g}"
    numbers = (member.errors, member.warnings, member.objects, member.not_analysed)
    figures = "".join(f'<td class="n">{number:,}</td>' for number in numbers)
    return (
        f"<tr><td>{escape(member.name)}</td>"
        f'<td><span class="dot {escape(member.verdict)}"></span>{escape(member.verdict)}</td>'
        f'<td>{escape(blockers)}</td>{figures}<td class="n">{hours}</td></tr>'
    )


def _rows(rows: Iterable[tuple[tuple[str, ...], tuple[int, ...]]]) -> str:
    made = []
    for texts, numbers in rows:
        cells = "".join(f"<td>{escape(text)}</td>" for text in texts)
        cells += "".join(f'<td class="n">{number:,}</td>' for number in numbers)
        made.append(f"<tr>{cells}</tr>")
    return "".join(made)


def _grid(texts: tuple[str, ...], numbers: tuple[str, ...], rows: str) -> str:
    if not rows:
        return '<p class="soft">Nothing.</p>'
    head = "".join(f"<th>{text}</th>" for text in texts)
    head += "".join(f'<th class="n">{text}</th>' for text in numbers)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    return f'<div class="wide">{table}</div>'
