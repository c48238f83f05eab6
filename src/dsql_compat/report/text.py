"""The report for a terminal: findings grouped by rule, the summary last."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from dsql_compat.report.grouping import Group, group_findings
from dsql_compat.report.model import FindingInfo, Report
from dsql_compat.report.phrases import calls, clip, covered, sessions
from dsql_compat.report.style import Style, block, one_line, path, table
from dsql_compat.rules import DISPOSITIONS, SEVERITIES

SHOWN = 5  # findings of one rule, unless all are asked for


def render(
    report: Report, *, colour: bool = False, everything: bool = False, width: int | None = None
) -> str:
    """The whole report as text that ends in a line end; with `width` it fits such a terminal."""
    style = Style(colour, width)
    shown = len(report.findings) if everything else SHOWN
    parts = [_head(report, style)]
    parts += [_group(group, style, shown) for group in group_findings(report)]
    parts += list(_workload(report, style))
    parts += [_not_analysed(report, style), _gaps(report, style), _timeline(report, style)]
    parts += [_limits(report, style), _objects(report, style), _summary(report, style)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _head(report: Report, style: Style) -> str:
    lines = []
    for source in report.sources:
        what = [f"{source.statements:,} statements"]
        if source.data_rows:
            about = "about " if source.kind == "database" else ""
            what.append(f"{about}{source.data_rows:,} data rows")
        if source.syntax_errors:
            what.append(f"{source.syntax_errors} that do not parse")
        if source.postgres_version:
            what.insert(0, f"PostgreSQL {one_line(source.postgres_version)}")
        form = "" if source.format == "plain" else f" ({source.format})"
        lines.append(f"{style('bold', path(source.name))}{form}: {', '.join(what)}")
        lines += [style.wrap(note, "  ") for note in source.notes]
    alias = f" ({report.target.alias})" if report.target.alias else ""
    lines.append(f"judged against Aurora DSQL as of {report.target.date}{alias}")
    if report.catalogue:
        lines.append(f"catalogue verified on {report.catalogue.verified}")
        if report.catalogue.warning:
            lines.append(style("warning", style.wrap(f"warning: {report.catalogue.warning}", "")))
    return "\n".join(lines)


def _group(group: Group, style: Style, shown: int) -> str:
    first = group.findings[0]
    count = len(group.findings)
    found = f"{count} found, {_work(group)}"
    if group.consequences:
        found += f", {group.consequences} more follow from {'it' if count == 1 else 'them'}"
    head = style(group.severity, group.severity) + " " + style("bold", group.rule)
    fits = style.fits(f"{group.severity} {group.rule}  {found}")
    lines = [f"{head}  {found}"] if fits else [head, style.wrap(found, "  ")]
    lines += [style.wrap(first.why, "  "), style.wrap(f"→ {first.advice}", "  ")]
    if first.error:
        lines.append(style("dim", style.wrap(f"DSQL says: {first.error}", "  ")))
    said = {first.advice}
    for finding in group.findings[:shown]:
        lines += list(_finding(finding, style))
        if not finding.rewrite and finding.advice not in said:
            said.add(finding.advice)
            lines.append(style.wrap(f"→ {finding.advice}", "        "))
    if count > shown:
        lines.append(style("dim", f"    … {count - shown} more (--all lists them)"))
    return "\n".join(lines)


def _work(group: Group) -> str:
    """What the findings ask for; each kind with its number where they differ."""
    counts = Counter(finding.disposition for finding in group.findings)
    if len(counts) == 1:
        return group.disposition
    return ", ".join(f"{counts[name]} {name}" for name in DISPOSITIONS if name in counts)


def _finding(finding: FindingInfo, style: Style) -> Iterator[str]:
    at = finding.location
    place = style("path", f"{path(at.source)}:{at.line}:{at.column}")
    if finding.workload:
        place += "  " + style("bold", calls(finding.workload.calls))
    follows = style("dim", f"  follows from {finding.cause}") if finding.cause else ""
    message = one_line(finding.message)
    plain = f"    {at.source}:{at.line}:{at.column}  {message}"
    plain += f"  follows from {finding.cause}" if finding.cause else ""
    if style.fits(plain):
        yield f"    {place}  {message}{follows}"
    else:
        yield f"    {place}{follows}"
        yield style.wrap(message, "      ")
    if finding.suppressed:
        reason = f"suppressed at {finding.suppressed.where}: {finding.suppressed.reason}"
        yield style("dim", style.wrap(reason, "        "))
    if finding.rewrite:
        for line in finding.rewrite.after:
            yield style("good", block(line, "        "))


def _workload(report: Report, style: Style) -> Iterator[str]:
    if report.workload is None:
        return
    work = report.workload
    lines = [style("bold", f"workload  {work.statements:,} statements, {calls(work.calls)}")]
    for source in work.sources:
        lines.append(f"  {style('path', path(source.name))} ({source.format}): {covered(source)}")
    for seen in work.sessions:
        lines.append(f"  {style('path', path(seen.source))}: {one_line(sessions(seen))}")
    yield "\n".join(lines)
    if work.top:
        title = style("bold", "statements with findings, the most called first")
        rows = [
            (
                f"{row.usage.calls:,}",
                "" if row.usage.rows is None else f"{row.usage.rows:,}",
                "" if row.usage.total_ms is None else f"{row.usage.total_ms:,.0f}",
                ", ".join(row.rules),
                one_line(clip(row.statement)),
            )
            for row in work.top
        ]
        heads = ("calls", "rows", "ms", "rules", "")
        yield title + "\n" + table([heads, *rows], right=frozenset({0, 1, 2}), width=style.width)


def _not_analysed(report: Report, style: Style) -> str:
    if not report.not_analysed:
        return ""
    lines = [style("bold", f"not analysed  {len(report.not_analysed)}")]
    for item in report.not_analysed:
        place = f"{path(item.source)}:{item.line}"
        what = f"{one_line(item.what)}: {one_line(item.reason)}"
        if style.fits(f"    {place}  {what}"):
            lines.append(f"    {style('path', place)}  {what}")
        else:
            lines += [f"    {style('path', place)}", style.wrap(what, "      ")]
    return "\n".join(lines)


def _gaps(report: Report, style: Style) -> str:
    rows = [
        (one_line(row.feature), str(row.found), one_line(row.summary)) for row in report.gap_list
    ]
    title = style("bold", "the gap list of March 2026, as of the target")
    return title + "\n" + table(rows, right=frozenset({1}), width=style.width)


def _timeline(report: Report, style: Style) -> str:
    if not report.timeline:
        return ""
    rows = [(str(row.date), one_line(row.sentence)) for row in report.timeline]
    return style("bold", "what a date changes") + "\n" + table(rows, width=style.width)


def _limits(report: Report, style: Style) -> str:
    rows = [
        (
            row.subject,
            f"{row.observed:,}",
            f"of {row.value:,} {row.unit.removesuffix('s') if row.value == 1 else row.unit}",
            row.state,
            row.where or "",
        )
        for row in report.limits
        if row.observed is not None
    ]
    unknown = sum(1 for row in report.limits if row.observed is None)
    text = (
        style("bold", "limits")
        + "\n"
        + table(
            [tuple(map(one_line, row)) for row in rows], right=frozenset({1}), width=style.width
        )
    )
    if unknown:
        text += f"\n  {unknown} further limits: the source does not show them"
    return text


def _objects(report: Report, style: Style) -> str:
    rows: list[tuple[str, ...]] = [("", "total", "as is", "automatic", "review", "manual")]
    total: Counter[str] = Counter()
    fields = ("total", "as_is", "automatic", "review", "manual")
    for kind, counts in report.readiness.objects.items():
        numbers = {field: getattr(counts, field) for field in fields}
        total.update(numbers)
        rows.append((one_line(kind), *(str(numbers[field] or "·") for field in fields)))
    rows.append(("all", *(str(total[field] or "·") for field in fields)))
    return (
        style("bold", "objects")
        + "\n"
        + table(rows, right=frozenset({1, 2, 3, 4, 5}), width=style.width)
    )


def _summary(report: Report, style: Style) -> str:
    readiness = report.readiness
    counts = ", ".join(
        style(severity, f"{number} {severity}{'s' if number != 1 and severity != 'info' else ''}")
        for severity in SEVERITIES
        if (number := getattr(readiness.findings, severity))
    )
    effort = readiness.effort
    return "\n".join(
        [
            f"findings: {counts or 'none'}",
            style.fitted(
                f"effort: {effort.low_hours:g} to {effort.high_hours:g} hours ({effort.formula})"
            ),
            style("bold", style.fitted(readiness.sentence)),
        ]
    )
