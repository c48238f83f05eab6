"""One analysis of all files as they stand: what was found, unit by unit."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

from pglast import ast

from dsql_compat.catalog.model import Table
from dsql_compat.checks.context import Run
from dsql_compat.editing.caseless import reasons_to_stay
from dsql_compat.editing.documents import (
    add_units,
    composed,
    encoded,
    hidden_text,
    line_starts,
    place,
    unit_at,
)
from dsql_compat.editing.model import Document, Placed, Unit
from dsql_compat.editing.opening import File
from dsql_compat.editing.proposals import BLOCK_RULES, key_of
from dsql_compat.findings import Finding, ObjectRef
from dsql_compat.pipeline import judge_inputs
from dsql_compat.sources.files import InputError
from dsql_compat.sql.names import relation_name
from dsql_compat.sql.statements import Statement

Seen = list[tuple[Statement, Table | None]]


@dataclass(slots=True)
class View:
    """What one analysis showed: statements by document, findings by unit."""

    statements: dict[Document, list[Placed]] = field(default_factory=dict)
    findings: dict[Unit, list[tuple[Finding, Placed]]] = field(default_factory=dict)
    made: dict[int, Placed] = field(default_factory=dict)
    broken: set[Unit] = field(default_factory=set)
    loose: dict[str, list[Finding]] = field(default_factory=dict)  # in statements without a unit
    caseless: dict[ObjectRef, str] = field(default_factory=dict)  # citext columns that stay, why

    def errors(self, unit: Unit) -> Counter[str]:
        """The rules by which DSQL refuses something in a unit, but for those of whole blocks."""
        return Counter(
            finding.rule
            for finding, _ in self.findings.get(unit, ())
            if finding.status.severity == "error" and finding.rule not in BLOCK_RULES
        )

    def keys(self, unit: Unit) -> set[tuple[str, ...]]:
        """What was found in a unit."""
        return {key_of(finding) for finding, _ in self.findings.get(unit, ())}


def look(run: Run, files: list[File]) -> View:
    """Analyse files with the edits made so far; the first look finds their statements.

    Raises InputError.
    """
    seen, shown = _judged(run, files)
    if not any(file.document.units for file in files if file.document is not None):
        for file in files:
            if file.document is not None:
                own = [s for s, _ in seen if s.source == file.source.name]
                add_units(file.document, own)
    view = View()
    for catalog in run.catalogs:
        view.caseless.update(reasons_to_stay(catalog, (statement for statement, _ in seen)))
    texts = {
        file.source.name: (file.document, text, line_starts(text), composed(file.document)[1])
        for file, text in shown
        if file.document is not None
    }
    for statement, table in seen:
        if statement.source not in texts:
            continue
        document, text, starts, places = texts[statement.source]
        at = place(text, starts, statement)
        spot = unit_at(places, at) if at is not None else None
        if spot is None:
            continue
        placed = Placed(spot[0], statement, spot[1], table)
        view.made[id(statement)] = placed
        view.statements.setdefault(document, []).append(placed)
        if statement.problem is not None:
            view.broken.add(placed.unit)
    for finding in run.findings:
        statement = finding.span.statement.outermost
        found = view.made.get(id(statement))
        if found is not None:
            view.findings.setdefault(found.unit, []).append((finding, found))
        elif statement.source in texts:
            view.loose.setdefault(statement.source, []).append(finding)
    return view


def _judged(run: Run, files: list[File]) -> tuple[Seen, list[tuple[File, str]]]:
    """All statements, in order, each with the table it alters; and the texts they stand in."""
    shown: list[tuple[File, str]] = []
    inputs = []
    for file in files:
        if file.document is None:
            inputs += [file.source] if file.is_history else []
            continue
        text = hidden_text(file.document, *composed(file.document))
        shown.append((file, text))
        data = encoded(file.document, text)
        inputs.append(replace(file.source, content=data, size=len(data)))
    seen: Seen = []
    try:
        judge_inputs(run, inputs, None, lambda s: seen.append((s, _altered(run, s))))
    except InputError:
        if seen or len(shown) < len(inputs):
            raise  # else they hold comments only, and stay as they are
    return seen, shown


def _altered(run: Run, statement: Statement) -> Table | None:
    """The table that an ALTER TABLE means at this moment."""
    tree = statement.tree
    if not isinstance(tree, ast.AlterTableStmt) or tree.relation is None:
        return None
    return run.catalog.table(relation_name(tree.relation))
