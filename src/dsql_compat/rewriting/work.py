"""One database while it is rewritten: what is decided so far, and a gate that judges the result."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pglast import ast

from dsql_compat.catalog.model import Catalog
from dsql_compat.checks.columns_declared import declared_ref
from dsql_compat.checks.context import Here, Run
from dsql_compat.checks.engine import judge
from dsql_compat.findings import Finding, ObjectRef
from dsql_compat.rewriting.choices import Choices
from dsql_compat.rewriting.model import Column, Fate, Item, Key, Outcome, Table
from dsql_compat.rewriting.printing import expression
from dsql_compat.rewriting.references import needs
from dsql_compat.sql.names import Name
from dsql_compat.sql.statements import Statement, parse_statement

if TYPE_CHECKING:
    from dsql_compat.rewriting.caseless_keys import CaselessKey

_MOST_ROUNDS = 20  # of edits on one statement


@dataclass(frozen=True, slots=True)
class Settled:
    """SQL after every rewrite that a finding offers for a part of it; `problem` is what is left."""

    sql: str
    applied: tuple[Finding, ...] = ()
    problem: Finding | None = None
    reason: str = ""
    notes: tuple[str, ...] = ()
    is_translated: bool = False

    @property
    def said(self) -> list[str]:
        """What was put in the place of what, for a fate."""
        return list(dict.fromkeys(map(replacement, self.applied)))

    @property
    def fails(self) -> bool:
        """Whether DSQL cannot have it."""
        return self.problem is not None or bool(self.reason)


@dataclass(slots=True)
class Work:
    """The state of rewriting one database; the modules of this package add to it in turn."""

    run: Run
    catalog: Catalog
    choices: Choices
    statements: list[Statement]
    gate: Run = field(init=False)
    items: list[Item] = field(default_factory=list)
    tables: dict[Name, Table] = field(default_factory=dict)
    fates: list[Fate] = field(default_factory=list)
    gone: dict[Key, Fate] = field(default_factory=dict)
    findings: dict[ObjectRef, list[Finding]] = field(default_factory=dict)
    stored: dict[ObjectRef, tuple[Column, ...]] = field(default_factory=dict)  # by source column
    view_columns: dict[Name, list[Any]] = field(default_factory=dict)  # of views of the source
    taken_over: dict[Name, list[Any]] = field(default_factory=dict)  # keys of all partitions
    carried: set[int] = field(default_factory=set)  # statements that are items, by their id()
    unique_indexes: dict[Name, list[tuple[frozenset[str], Key]]] = field(default_factory=dict)
    has_caseless: bool = field(init=False)  # whether anything is of citext
    caseless_keys: dict[Name, list[CaselessKey]] = field(default_factory=dict)  # by table
    made_names: set[Name] = field(default_factory=set)  # of relations that the source has not
    worded: dict[int, Statement] = field(default_factory=dict)  # with schemas, by their id()

    def __post_init__(self) -> None:
        self.has_caseless = any(
            node is not None and node.names and node.names[-1].sval == "citext"
            for node in (
                *(c.type for t in self.catalog.tables() for c in t.columns.values()),
                *(made.base for made in self.catalog.types.values()),
            )
        )
        self.gate = Run(self.run.catalogue, self.run.target, self.run.refused)
        for finding in self.run.findings:
            if finding.database != self.catalog.database:
                continue
            for ref in (finding.object, *finding.also):
                self.findings.setdefault(ref, []).append(finding)
        for column in (c for t in self.catalog.tables() for c in t.columns.values()):
            if (former := declared_ref(column)) != column.ref and former in self.findings:
                self.findings.setdefault(column.ref, []).extend(self.findings[former])

    def here(self, statement: Statement) -> Here:
        """A detector's view of the source, for what checks and rewriting share."""
        self.run.enter(self.catalog)
        return Here(self.run, statement)

    def with_schemas(self, statement: Statement) -> Statement:
        """A statement of the source, its names no longer in need of a search path."""
        return self.worded.get(id(statement), statement)

    # -- names ----------------------------------------------------------------------------------

    def names(self, schema: str | None) -> set[str]:
        """What a relation of a schema cannot be called: what others are, keys of tables too."""
        catalog = self.catalog
        taken = {*catalog.relations, *self.made_names}
        found = {name.name for name in taken if name.schema == schema}
        for table in catalog.tables():
            if table.name.schema == schema:
                found.update(table.constraints)
        return found

    # -- fates ----------------------------------------------------------------------------------

    def settle(
        self,
        ref: ObjectRef,
        outcome: Outcome,
        what: str = "",
        *statements: Statement,
        key: Key | None = None,
        cause: Finding | None = None,
    ) -> Fate:
        """Say what became of an object; `key` is how others named it, if it is there no more."""
        findings = self.findings.get(ref, [])
        if cause is not None and cause not in findings:
            findings = [*findings, cause]
        fate = Fate(ref, outcome, what, tuple(findings), statements)
        self.fates.append(fate)
        if key is not None and outcome in ("left", "absorbed"):
            self.gone[key] = fate
        return fate

    def lacks(self, wanted: frozenset[Key]) -> Fate | None:
        """The first object among those wanted that the result does not have."""
        return next((self.gone[key] for key in sorted(wanted) if key in self.gone), None)

    # -- SQL ------------------------------------------------------------------------------------

    def add(self, item: Item) -> Finding | None:
        """Take a statement into the result, unless DSQL refuses it: then say why."""
        problem = self.refusal(item.sql)
        if problem is None:
            self.items.append(item)
        return problem

    def refusal(self, sql: str) -> Finding | None:
        """The first thing that DSQL refuses in a statement of the result; it is replayed."""
        return next(iter(self._errors(sql)), None)

    def settled(self, sql: str) -> Settled:
        """Apply what findings offer for parts of a statement until nothing is refused."""
        applied: list[Finding] = []
        for _ in range(_MOST_ROUNDS):
            errors = self._errors(sql)
            if not errors:
                return Settled(sql, tuple(applied))
            edit = next((e for e in map(_fragment_edit, errors) if e is not None), None)
            if edit is None:
                return Settled(sql, tuple(applied), errors[0])
            finding, start, end, new = edit
            sql = sql[:start] + new + sql[end:]
            applied.append(finding)
        return Settled(sql, tuple(applied), applied[-1])

    def expression(self, node: ast.Node) -> Settled:
        """An expression as DSQL takes it; it fails too where it needs what is gone."""
        return self.settled_expression(expression(node), needs(self.catalog, node))

    def settled_expression(self, text: str, wanted: frozenset[Key]) -> Settled:
        """The same of an expression's text that needs some objects."""
        found = self.settled(f"SELECT {text}")
        sql = found.sql.removeprefix("SELECT ")
        missing = self.lacks(wanted) if found.problem is None else None
        if missing is None:
            return Settled(sql, found.applied, found.problem)
        cause = missing.findings[0] if missing.findings else None
        return Settled(sql, found.applied, cause, f"needs {missing.ref}")

    def _errors(self, sql: str) -> list[Finding]:
        statement = parse_statement(Statement(sql))
        before = len(self.gate.findings)
        judge(self.gate, statement)
        errors = [f for f in self.gate.findings[before:] if f.status.severity == "error"]
        del self.gate.findings[before:]
        return errors


def replacement(finding: Finding) -> str:
    """What a finding's rewrite puts in the place of what: `f() is g()`."""
    lines = [line.format_map(finding.facts) for line in finding.status.rewrite]
    old = finding.before if finding.before is not None else finding.span.statement.excerpt
    return f"{' '.join(old.split())} is {' '.join(lines)}"


def _fragment_edit(finding: Finding) -> tuple[Finding, int, int, str] | None:
    """Where a finding's rewrite goes in the outermost text, if it concerns a part of it only."""
    lines, before = finding.status.rewrite, finding.before
    span = finding.span
    if before is None and span.statement.outer is not None:
        return _statement_edit(finding)
    if before is None or len(lines) != 1 or not span.statement.text.startswith(before, span.start):
        return None
    if any(shift for _, shift in span.statement.shifts):
        return None
    start, statement = span.start, span.statement
    while statement.outer is not None:
        start, statement = start + statement.offset, statement.outer
    return finding, start, start + len(before), lines[0].format_map(finding.facts)


def _statement_edit(finding: Finding) -> tuple[Finding, int, int, str] | None:
    """A whole statement of a body, where DELETEs stand for it."""
    inner = finding.span.statement
    lines = [line.format_map(finding.facts) for line in finding.status.rewrite]
    if not lines or inner.shifts or not all(line.startswith("DELETE FROM ") for line in lines):
        return None
    start, end, statement = inner.start, len(inner.text.rstrip().removesuffix(";")), inner
    while statement.outer is not None:
        if statement.shifts:
            return None
        start, end = start + statement.offset, end + statement.offset
        statement = statement.outer
    return finding, start, end, "\n".join(lines).removesuffix(";")
