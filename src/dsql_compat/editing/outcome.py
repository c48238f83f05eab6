"""What became of a file: its text, the statements edited, those left, each with the reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from dsql_compat.editing import markers
from dsql_compat.editing.blocks import blocks_of
from dsql_compat.editing.caseless import CASELESS_RULES, NOTE
from dsql_compat.editing.documents import composed, document_of, encoded, moved, write_whole
from dsql_compat.editing.model import Document, FixResult, Remark, Unit
from dsql_compat.editing.opening import File
from dsql_compat.editing.proposals import BLOCK_RULES, key_of
from dsql_compat.editing.view import View
from dsql_compat.findings import Finding
from dsql_compat.rules import Disposition
from dsql_compat.sources.files import InputError
from dsql_compat.sql.kinds import kind_of


@dataclass(slots=True)
class Record:
    """Why things were left: findings by unit, transactions by the unit of their BEGIN."""

    findings: dict[tuple[Unit, tuple[str, ...]], str] = field(default_factory=dict)
    blocks: dict[Unit, str] = field(default_factory=dict)


def outcome(
    file: File,
    first: View,
    last: View,
    record: Record,
    dispositions: frozenset[Disposition],
) -> FixResult:
    """The result for one file, from the first and the last look at it."""
    document = file.document
    name = file.source.name
    if document is None or file.refusal is not None:
        return FixResult(name, file.before, file.before, refusal=file.refusal or None)
    text, _ = composed(document)
    notes = []
    if document.hidden:
        notes.append("its way back is not looked into and stays as it is")
    if "review" in dispositions:
        text, switched = _unwrapped(file, document, text, last)
        notes += switched
    if any(_was_caseless(unit, first, last) for unit in document.units):
        notes.append(NOTE)
    edited = [
        Remark(unit.line, ", ".join(_settled(unit, first, last)), "edited")
        for unit in document.units
        if unit.current != unit.original
    ]
    left = [remark for unit in document.units for remark in _left(unit, last, record)]
    loose = [f for f in last.loose.get(name, ()) if f.status.severity == "error"]
    left += [
        Remark(
            finding.span.statement.position(finding.span.start).line,
            finding.rule,
            "its place in the file is not certain",
        )
        for finding in loose
    ]
    return FixResult(
        name,
        file.before,
        text,
        tuple(edited),
        tuple(left),
        tuple(notes),
        sum(_count(first, unit) for unit in document.units) + len(loose),
        sum(_count(last, unit) for unit in document.units) + len(loose),
        codec=document.codec,
    )


def _count(view: View, unit: Unit) -> int:
    return sum(f.status.severity == "error" for f, _ in view.findings.get(unit, ()))


def _was_caseless(unit: Unit, first: View, last: View) -> bool:
    gone = first.keys(unit) - last.keys(unit)
    return any(
        key_of(finding) in gone
        and str(finding.facts.get("name") or finding.facts.get("shown", "")).endswith("citext")
        for finding, _ in first.findings.get(unit, ())
        if finding.rule in CASELESS_RULES
    )


def _settled(unit: Unit, first: View, last: View) -> list[str]:
    gone = first.keys(unit) - last.keys(unit)
    return sorted({key[0] for key in gone} | set(unit.applied)) or ["multiple-ddl-per-transaction"]


def _left(unit: Unit, view: View, record: Record) -> Iterator[Remark]:
    seen: set[str] = set()
    for finding, _ in view.findings.get(unit, ()):
        if finding.status.severity != "error" or finding.rule in seen:
            continue
        seen.add(finding.rule)
        key = key_of(finding)
        reason = unit.banned.get(key) or record.findings.get((unit, key))
        if reason is None and finding.rule in BLOCK_RULES:
            reason = next(_block_reasons(unit, view, record), None)
        yield Remark(unit.line, finding.rule, reason or _message(finding))


def _block_reasons(unit: Unit, view: View, record: Record) -> Iterator[str]:
    for statements in view.statements.values():
        for block in blocks_of(statements):
            if any(placed.unit is unit for placed in block.inner):
                yield from filter(None, [record.blocks.get(block.begin.unit)])


def _message(finding: Finding) -> str:
    return " ".join(finding.status.message.format_map(finding.facts).split())


def _unwrapped(file: File, document: Document, text: str, view: View) -> tuple[str, list[str]]:
    """The tool's own transaction switched off, where the way forward holds DDL."""
    ddl = [
        placed.unit.start
        for placed in view.statements.get(document, ())
        if kind_of(placed.statement.tree) == "ddl"
    ]
    notes = []
    switches = sorted(markers.unwrap(document, file.tool, ddl), reverse=True)
    _, places = composed(document)
    for start, end, new in switches:
        shift = moved(places, document, start)
        text = text[: start + shift] + new + text[end + shift :]
    if switches:
        notes.append(f"the transaction of {file.tool.name} around it is switched off")
    if file.tool.note and len(ddl) > 1:
        notes.append(file.tool.note)
    return text, notes


def write_result(result: FixResult, path: Path) -> None:
    """Put a changed file in its place.  Raises InputError."""
    try:
        document = document_of(result.name, path.read_bytes(), path)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from None
    if document.text != result.before:
        raise InputError(f"{path}: it changed while it was read")
    write_whole(path, encoded(document, result.after))
