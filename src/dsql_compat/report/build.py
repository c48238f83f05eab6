"""Puts the report together from what a run found.  All numbers are counted here, once."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from dsql_compat import __version__
from dsql_compat.checks.context import Run
from dsql_compat.findings import Finding, ObjectRef, Span
from dsql_compat.report import model
from dsql_compat.report.age import catalogue_info
from dsql_compat.report.effort import estimate
from dsql_compat.report.excerpt import excerpt, mask_secrets
from dsql_compat.report.gaps import gap_rows, timeline_rows
from dsql_compat.report.inventory import take_inventory
from dsql_compat.report.limits import limit_rows
from dsql_compat.report.readiness import sentence, verdict
from dsql_compat.report.workload import usage_info, workload_info
from dsql_compat.sources.events import SourceStats
from dsql_compat.sources.files import Input

# A rewrite that is a remark or for psql, has blanks for a person or parameters of the application.
_TO_FILL = re.compile(r"\A\s*(?:--|\\)|<[a-z][\w -]*>|\$\d")


@dataclass(frozen=True, slots=True)
class ReadSource:
    """An input and what reading it showed."""

    source: Input
    stats: SourceStats


def build_report(
    run: Run, sources: Iterable[ReadSource], today: date | None = None
) -> model.Report:
    """The report of a finished run; on `today`, if the age of the catalogue matters."""
    sources = list(sources)
    findings = sorted(run.findings, key=_place(sources))
    _name(findings)
    rendered = [_render(run, finding) for finding in findings]
    severities = Counter(finding.status.severity for finding in findings)
    worst = verdict(findings)
    effort = estimate(findings)
    inventory = take_inventory(run, findings)
    return model.Report(
        schema_version=model.SCHEMA_VERSION,
        tool=model.Tool("dsql-compat", __version__),
        target=model.TargetInfo(run.target.date, run.target.alias),
        catalogue=catalogue_info(run.catalogue.verified, today),
        sources=[_source(read) for read in sources],
        readiness=model.Readiness(
            worst,
            sentence(worst, findings, run),
            inventory.counts,
            model.SeverityCounts(severities["error"], severities["warning"], severities["info"]),
            effort,
        ),
        gap_list=gap_rows(run, findings),
        limits=limit_rows(run),
        timeline=timeline_rows(run),
        not_analysed=[
            model.NotAnalysed(u.source, u.line, mask_secrets(u.what), mask_secrets(u.reason))
            for u in run.unanalysed
        ],
        findings=rendered,
        objects=inventory.objects,
        relations=inventory.relations,
        workload=workload_info(run, findings),
    )


def _place(sources: list[ReadSource]) -> Callable[[Finding], tuple[int, str, int, int, str]]:
    """Sort key: the order of the sources, then the place in each."""
    order: dict[str, int] = {}
    for number, read in enumerate(sources):
        order.setdefault(read.source.name, number)  # a file's way back comes again, at the end

    def key(finding: Finding) -> tuple[int, str, int, int, str]:
        at = finding.span.statement.position(finding.span.start)
        source = finding.span.statement.outermost.source
        return order.get(source, len(order)), source, at.line, at.column, finding.rule

    return key


def _source(read: ReadSource) -> model.SourceInfo:
    source, stats = read.source, read.stats
    return model.SourceInfo(
        name=source.name,
        kind=source.kind,
        format=source.format,
        bytes=stats.bytes if source.size is None else source.size,
        statements=stats.statements,
        syntax_errors=stats.syntax_errors,
        data_rows=stats.data_rows,
        postgres_version=stats.postgres_version,
        notes=stats.notes,
    )


def _name(findings: list[Finding]) -> None:
    """Give every finding its id: of rule and object, not of its line; twins are numbered."""
    seen: Counter[str] = Counter()
    for finding in findings:
        ref, status = finding.object, finding.status
        parts = [
            finding.rule,
            status.case,
            finding.database,
            ref.kind,
            ref.schema,
            ref.table,
            ref.name,
            mask_secrets(finding.key),
        ]
        statement = finding.span.statement
        if ref.kind == "statement":
            parts.append(" ".join(statement.excerpt.split()))
        elif statement.outer is not None:
            parts.append(" ".join(finding.span.text.split()))
        digest = hashlib.sha256("\0".join(part or "" for part in parts).encode("utf-8", "replace"))
        base = f"{finding.rule}-{digest.hexdigest()[:10]}"
        seen[base] += 1
        finding.id = base if seen[base] == 1 else f"{base}-{seen[base]}"


def _render(run: Run, finding: Finding) -> model.FindingInfo:
    status, span = finding.status, finding.span
    rule = run.rule(finding.rule)
    start, end = span.statement.position(span.start), span.statement.position(span.end)
    assert status.severity is not None
    shown = excerpt(span.statement)
    return model.FindingInfo(
        id=finding.id,
        rule=finding.rule,
        severity=status.severity,
        disposition=status.disposition,
        cause=finding.cause.id or None if finding.cause else None,
        object=_object(finding.object),
        location=model.Location(
            span.statement.outermost.source, start.line, start.column, end.line, end.column
        ),
        statement=shown,
        message=_fill(status.message, finding.facts),
        why=_fill(status.why, finding.facts),
        advice=_fill(status.advice, finding.facts),
        error=_fill(status.error, finding.facts) if status.error else None,
        rewrite=_rewrite(finding),
        alternatives=[
            model.AlternativeInfo(
                _fill(alternative.title, finding.facts),
                [_fill(line, finding.facts) for line in alternative.after],
            )
            for alternative in status.alternatives
        ],
        supported_since=rule.supported_since(status.case),
        reference=rule.reference,
        marked=_marked(span, shown),
        workload=usage_info(span.statement.outermost.usage),
        suppressed=model.SuppressedInfo(*finding.suppressed) if finding.suppressed else None,
    )


def _marked(span: Span, shown: str) -> list[int] | None:
    """Which characters of the statement, as it is shown, the finding points at."""
    first, last = span.start - span.statement.start, span.end - span.statement.start
    if not 0 <= first < last or shown[:last] != span.statement.excerpt[:last]:
        return None
    return [first, last]


def _fill(text: str, facts: dict[str, str]) -> str:
    """A rule's text with the facts in it; most texts have no place for any."""
    return text.format_map(facts) if "{" in text or "}" in text else text


def _rewrite(finding: Finding) -> model.Rewrite | None:
    status = finding.status
    if not status.rewrite:
        return None
    before = finding.before
    if before is None:
        before = excerpt(finding.span.statement)
    after = [text for line in status.rewrite if (text := _fill(line, finding.facts).strip())]
    if not after:
        return None
    notes = [_fill(note, finding.facts) for note in status.notes]
    shown = [mask_secrets(line) for line in after]
    region = _region(finding, after) if shown == after else None
    return model.Rewrite(mask_secrets(before), shown, notes, region=region)


def _region(finding: Finding, after: list[str]) -> model.Location | None:
    """Where `after` can be put as it stands; None where a person has to fit it in."""
    statement = finding.span.statement
    text, before = statement.text, finding.before
    is_offered = finding.status.disposition in ("automatic", "review")
    if not is_offered or statement.outer is not None or any(map(_TO_FILL.search, after)):
        return None
    if before is None:
        first, last = 0, len(text)
    elif len(after) == 1 and text.count(before) == 1 and not after[0].endswith(";"):
        first = text.index(before)
        last = first + len(before)
    else:
        return None
    start, end = statement.position(first), statement.position(last)
    return model.Location(statement.source, start.line, start.column, end.line, end.column)


def _object(ref: ObjectRef) -> model.ObjectInfo:
    return model.ObjectInfo(ref.kind, ref.schema, ref.name, ref.table)
