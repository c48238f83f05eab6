"""The report as GitHub-flavoured markdown that fits into one comment.

The sections before the findings are kept short; of the findings as many are written as fit, evenly
over the rules, and the rest is counted.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterable, Iterator

from dsql_compat.report.grouping import Group, group_findings
from dsql_compat.report.model import (
    FindingInfo,
    LimitRow,
    ObjectCounts,
    Report,
    SourceInfo,
    TopStatement,
    WorkloadInfo,
)
from dsql_compat.report.phrases import calls, covered, sessions
from dsql_compat.report.views import (
    MEANINGS,
    STATES,
    STATUSES,
    VERDICTS,
    Blocker,
    all_objects,
    amount,
    blockers,
    counted,
    object_name,
    place,
    ranked_limits,
    rule_title,
    variants,
)
from dsql_compat.report.visible import is_web_address, one_line, visible
from dsql_compat.rules import DISPOSITIONS, SEVERITIES

LIMIT = 65_536  # UTF-16 units: the longest comment GitHub takes
SECTION = 6_000  # of these, for a list before the findings
NAME = 160  # characters of a name or a short text
FOLDED = 3  # findings of one rule that stand open; more are folded away

_PLAIN_CODE = re.compile(r"[^`|\\\s](?:[^`|\\]*[^`|\\\s])?")
_SPECIAL = re.compile(r"[&<>`*\[\]|\\~$]|(?<![^\W_])_|_(?![^\W_])")
_CALLS = re.compile(r"(?<![\w`])(?:@[\w/-]+|(?:#|GH-)\d+)", re.I)
_ADDRESS = re.compile(r"://|\bwww\.", re.I)


def size(text: str) -> int:
    """How long GitHub finds the text."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def clip(text: str, most: int = NAME) -> str:
    """The text on one line and no longer than that."""
    text = one_line(text)
    return text if len(text) <= most else text[: most - 1] + "…"


def code(text: str, most: int = NAME) -> str:
    """A name as code, in a table cell or elsewhere; HTML where backticks would not hold."""
    text = clip(text, most)
    return f"`{text}`" if _PLAIN_CODE.fullmatch(text) else markup(text, most)


def markup(text: str, most: int = NAME) -> str:
    """A name as an HTML code element, in which markdown sees nothing to act on."""
    return f"<code>{_entities(html.escape(clip(text, most)))}</code>"


def _entities(text: str) -> str:
    return re.sub(r"[`*_|\\~$\[\]:@]|(?<=www)\.", lambda m: f"&#{ord(m[0])};", text, flags=re.I)


def prose(text: str, most: int = 2_000) -> str:
    """A sentence as text: no markup, links, mentions or references come of it."""
    parts, end = [], 0
    text = clip(text, most)
    for call in _CALLS.finditer(text):
        parts += [_plain(text[end : call.start()]), markup(call[0])]
        end = call.end()
    return "".join([*parts, _plain(text[end:])])


def _plain(text: str) -> str:
    text = _SPECIAL.sub(lambda m: f"&#{ord(m[0])};" if m[0] not in "*_" else f"\\{m[0]}", text)
    return _ADDRESS.sub(lambda m: m[0].replace("/", "&#47;").replace(".", "&#46;"), text)


def fence(text: str, language: str = "sql") -> str:
    """A code block whose fence is longer than any run of backticks in it."""
    text = visible(text).strip("\n")
    ticks = "`" * max([3, *(len(run) + 1 for run in re.findall("`+", text))])
    return f"{ticks}{language}\n{text}\n{ticks}"


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table; heads that begin with a space are those of numbers."""
    heads = list(heads)
    rule = "|".join("--:" if head.startswith(" ") else "---" for head in heads)
    lines = ["| " + " | ".join(head.strip() for head in heads) + " |", f"|{rule}|"]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def render(report: Report) -> str:
    """The whole report, or as much of it as a comment holds."""
    groups = group_findings(report)
    head = "\n\n".join(part for part in _before_findings(report, groups) if part)
    foot = f"\n\n---\n{report.tool.name} {report.tool.version}\n"
    room = LIMIT - size(head) - size(foot) - 2
    return head + "\n\n" + _findings(report, groups, room) + foot


def _before_findings(report: Report, groups: list[Group]) -> Iterator[str]:
    yield from _verdict(report)
    yield from _blockers(blockers(report, groups))
    yield from _objects(report)
    yield from _gaps(report)
    yield from _limits(report.limits)
    yield from _workload(report.workload)
    yield from _timeline(report)
    yield from _not_analysed(report)
    yield from _suppressed(report)


def _verdict(report: Report) -> Iterator[str]:
    readiness, effort = report.readiness, report.readiness.effort
    yield f"# {VERDICTS[readiness.verdict]}: Aurora DSQL as of {report.target.date}"
    yield f"**{prose(readiness.sentence)}**"
    alias = f" ({prose(report.target.alias)})" if report.target.alias else ""
    yield f"Target: Aurora DSQL as of **{report.target.date}**{alias}"
    if report.catalogue:
        yield f"Catalogue verified on **{report.catalogue.verified}**"
        if report.catalogue.warning:
            yield f"> **Warning:** {prose(report.catalogue.warning)}"
    yield _limited(map(_source, report.sources), "source")
    counts = ", ".join(f"**{getattr(readiness.findings, s):,}** {s}" for s in SEVERITIES)
    errors = [finding for finding in report.findings if finding.severity == "error"]
    follow = sum(1 for finding in errors if finding.cause is not None)
    told = f" (errors: {len(errors) - follow:,} causes, {follow:,} that follow)" if follow else ""
    yield f"Findings: {counts}{told}"
    yield f"Effort: **{effort.low_hours:g}–{effort.high_hours:g} hours**"
    yield "<details><summary>The arithmetic</summary>"
    yield prose(effort.formula)
    yield "</details>"


def _source(source: SourceInfo) -> str:
    parts: list[str] = [source.kind, source.format]
    if source.postgres_version:
        parts.append(f"PostgreSQL {prose(source.postgres_version, NAME)}")
    parts += [amount(source.bytes, "bytes"), f"{source.statements:,} statements"]
    if source.data_rows:
        about = "about " if source.kind == "database" else ""
        parts.append(f"{about}{source.data_rows:,} data rows")
    if source.syntax_errors:
        parts.append(f"**{source.syntax_errors:,} do not parse**")
    notes = [f"  - {prose(note)}" for note in source.notes]
    return "\n".join([f"- {code(source.name)}: {', '.join(parts)}", *notes])


def _objects(report: Report) -> Iterator[str]:
    yield "## Objects"
    total = all_objects(report)
    rows = [_counts(code(kind), counts) for kind, counts in report.readiness.objects.items()]
    yield table(
        ["Kind", " Total", *(f" {name}" for name in DISPOSITIONS)], [*rows, _counts("all", total)]
    )
    yield "; ".join(f"*{name}*: {MEANINGS[name]}" for name in DISPOSITIONS)


def _counts(name: str, counts: ObjectCounts) -> list[str]:
    numbers = (counts.total, counts.as_is, counts.automatic, counts.review, counts.manual)
    return [name, *(f"{number:,}" for number in numbers)]


def _blockers(rows: list[Blocker]) -> Iterator[str]:
    yield "## Blockers"
    if not rows:
        yield "Aurora DSQL refuses nothing that was found."
        return
    yield "What Aurora DSQL refuses; findings that only follow from another hang on their cause."
    heads = "| Rule | Causes | Consequences | First of them |\n|---|--:|--:|---|"
    yield heads + "\n" + _limited(map(_blocker, rows), "rule")


def _blocker(blocker: Blocker) -> str:
    first = blocker.causes[0].finding
    cells = (
        f"{prose(rule_title(blocker.rule), NAME)} {code(blocker.rule)}",
        f"{len(blocker.causes):,}",
        f"{blocker.consequences:,}",
        f"{code(object_name(first))} at {code(place(first))}",
    )
    return f"| {' | '.join(cells)} |"


def _gaps(report: Report) -> Iterator[str]:
    yield "## Gap list"
    found = sum(1 for row in report.gap_list if row.found)
    yield (
        f"<details><summary>The full gap list of March 2026, as of {report.target.date}: "
        f"{found:,} of its {len(report.gap_list):,} rows found here</summary>"
    )
    yield table(
        ["Feature", " Found", "Status", "Since", "Summary"],
        (
            (
                prose(row.feature, NAME),
                f"**{row.found:,}**" if row.found else "0",
                STATUSES[row.status],
                str(row.since or "–"),
                prose(row.summary, NAME),
            )
            for row in report.gap_list
        ),
    )
    yield "</details>"


def _limits(rows: list[LimitRow]) -> Iterator[str]:
    yield "## Limits"
    known, unknown = ranked_limits(rows)
    states = Counter(row.state for row in known)
    near = f"{states['exceeded']:,} exceeded, {states['near']:,} near, {states['ok']:,} within"
    if known:
        yield f"<details><summary>{near}</summary>"
        yield table(
            ["Subject", " Observed", " Maximum", "State", "Where"],
            (
                (
                    prose(row.subject, NAME),
                    amount(row.observed or 0, "bytes" * (row.unit == "bytes")),
                    counted(row.value, row.unit),
                    STATES[row.state] if row.state == "ok" else f"**{STATES[row.state]}**",
                    code(row.where, 80) if row.where else "",
                )
                for row in known
            ),
        )
        yield "</details>"
    if unknown:
        yield f"<details><summary>{len(unknown)} that the source does not show</summary>"
        yield "\n".join(
            f"- {prose(row.subject, NAME)}: at most {counted(row.value, row.unit)}"
            for row in unknown
        )
        yield "</details>"


def _workload(work: WorkloadInfo | None) -> Iterator[str]:
    if work is None:
        return
    yield "## Workload"
    yield "\n".join(
        [
            *(
                f"- {code(source.name)} ({source.format}): {covered(source)}"
                for source in work.sources
            ),
            *(f"- {code(seen.source)}: {prose(sessions(seen))}" for seen in work.sessions),
        ]
    )
    if work.top:
        yield "Statements with findings, the most called first:"
        heads = "| Calls | Rows | ms | Statement | Rules |\n|--:|--:|--:|---|---|"
        yield heads + "\n" + _limited(map(_top, work.top), "statement")


def _top(row: TopStatement) -> str:
    usage = row.usage
    cells = (
        f"{usage.calls:,}",
        "–" if usage.rows is None else f"{usage.rows:,}",
        "–" if usage.total_ms is None else f"{usage.total_ms:,.0f}",
        code(row.statement),
        ", ".join(code(rule) for rule in row.rules),
    )
    return f"| {' | '.join(cells)} |"


def _timeline(report: Report) -> Iterator[str]:
    yield "## Timeline"
    if not report.timeline:
        yield "Nothing that was found here changed its status at any date the catalogue knows."
        return
    yield f"<details><summary>What other dates change: {len(report.timeline):,}</summary>"
    yield _limited(
        (f"- **{row.date}** {prose(row.sentence, 400)}" for row in report.timeline), "change"
    )
    yield "</details>"


def _not_analysed(report: Report) -> Iterator[str]:
    if not report.not_analysed:
        return
    yield "## Not analysed"
    yield _limited(
        (
            f"- {code(f'{row.source}:{row.line}')} {code(row.what)}: {prose(row.reason, 400)}"
            for row in report.not_analysed
        ),
        "place",
    )


def _suppressed(report: Report) -> Iterator[str]:
    """What somebody has set aside, and why; counted with the others above."""
    found = [(f, f.suppressed) for f in report.findings if f.suppressed]
    if not found:
        return
    yield f"<details><summary>Suppressed: {len(found):,}</summary>"
    lines = (
        f"- {f.severity} {code(f.rule)} {code(object_name(f))}: {prose(why.reason, 400)} "
        f"({code(why.where)})"
        for f, why in found
    )
    yield _limited(lines, "finding")
    yield "</details>"


def _limited(lines: Iterable[str], what: str) -> str:
    """Lines as long as there is room for them, and how many there was none for."""
    kept: list[str] = []
    room, left = SECTION, 0
    for line in lines:
        room -= size(line) + 1
        if room < 0 and kept:
            left += 1
        else:
            kept.append(line)
    if left:
        kept.append(f"\n{_further(left, what)}")
    return "\n".join(kept)


def _further(number: int, what: str) -> str:
    verb = "s are" if number != 1 else " is"
    return f"{number:,} further {what}{verb} in the JSON/HTML report"


def _findings(report: Report, groups: list[Group], room: int) -> str:
    """The findings of all rules, so many of each as there is room for altogether."""
    if not groups:
        return "## Findings\n\nNone."
    blocks = [_blocks(group) for group in groups]
    low, high = 0, min(max(map(len, blocks)), max(0, room) // 100)
    while low < high:
        middle = (low + high + 1) // 2
        if size(_grouped(groups, blocks, [middle] * len(groups))) <= room:
            low = middle
        else:
            high = middle - 1
    shown = len(groups)
    while shown and size(_grouped(groups[:shown], blocks, [low] * shown, groups[shown:])) > room:
        shown -= 1
    if shown < len(groups):
        return _grouped(groups[:shown], blocks, [low] * shown, groups[shown:])
    return _grouped(groups, blocks, _one_more(groups, blocks, low, room))


def _one_more(groups: list[Group], blocks: list[list[str]], most: int, room: int) -> list[int]:
    """How many findings of each rule: what is left of the room goes to the worst rules."""
    shown = [most] * len(groups)
    for number, written in enumerate(blocks):
        if len(written) > most:
            shown[number] += 1
            if size(_grouped(groups, blocks, shown)) > room:
                shown[number] -= 1
    return shown


def _blocks(group: Group) -> list[str]:
    """The findings of a group, the first of each further explanation after that explanation."""
    blocks = []
    for number, variant in enumerate(variants(group)):
        for finding in variant.findings:
            first = number and finding is variant.findings[0]
            explained = f"{_explanation(finding)}\n\n" if first else ""
            blocks.append(explained + _finding(finding))
    return blocks


def _explanation(finding: FindingInfo) -> str:
    return f"**Why:** {prose(finding.why)}  \n**What to do:** {prose(finding.advice)}"


def _grouped(
    groups: list[Group], blocks: list[list[str]], shown: list[int], cut: Iterable[Group] = ()
) -> str:
    parts = ["## Findings"]
    left = sum(len(group.findings) for group in cut)
    for group, written, most in zip(groups, blocks, shown, strict=False):
        parts += _group(group, written[:most])
        left += max(0, len(written) - most)
    if left:
        parts.append(f"**{_further(left, 'finding')}.**")
    return "\n\n".join(parts)


def _group(group: Group, written: list[str]) -> Iterator[str]:
    count = len(group.findings)
    yield f"### {prose(rule_title(group.rule), NAME)} ({count:,})"
    yield f"{code(group.rule)} · worst: {group.severity}, {group.disposition}"
    yield _explanation(group.findings[0])
    if len(written) <= FOLDED:
        yield from written
        return
    shown = f"{len(written):,} of {count:,}" if len(written) < count else f"all {count:,}"
    yield f"<details><summary>{shown} findings</summary>"
    yield from written
    yield "</details>"


def _finding(finding: FindingInfo) -> str:
    parts = ["  \n".join(_about(finding))]
    if finding.rewrite:
        after = "\n\n".join(finding.rewrite.after)
        parts += ["Before:", fence(finding.rewrite.before), "After:", fence(after)]
        parts.append("\n".join(f"- {prose(note)}" for note in finding.rewrite.notes))
    else:
        parts.append(fence(finding.statement))
    for other in finding.alternatives:
        parts.append(f"Instead: {prose(other.title)}")
        parts.append(fence("\n\n".join(other.after)) if other.after else "")
    return "\n\n".join(part for part in parts if part)


def _about(finding: FindingInfo) -> Iterator[str]:
    yield (
        f"**{finding.severity}, {finding.disposition}** {prose(finding.object.kind, NAME)} "
        f"{code(object_name(finding))} at {code(place(finding))}"
        + (f", **{calls(finding.workload.calls)}**" if finding.workload else "")
    )
    yield prose(finding.message)
    if finding.error:
        yield f"DSQL says {code(finding.error, 400)}"
    if finding.cause:
        yield f"Follows from {code(finding.cause)}"
    address = finding.reference
    if is_web_address(address) and not re.search(r"[<>()\\`|]", address):
        yield f"[Reference](<{address}>) · {code(finding.id)}"
    else:
        yield f"Reference: {prose(address, 400)} · {code(finding.id)}"
