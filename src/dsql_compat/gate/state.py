"""Judges the schema that a history results in, not the way there.

A finding holds for the state if what it is about is still there as that statement made it.  What
is not known to be gone is kept: a finding too many is read, one too few is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from pglast import ast, enums

from dsql_compat.catalog.model import Catalog, Column, Index, Table
from dsql_compat.checks.context import Run
from dsql_compat.findings import Finding, ObjectRef
from dsql_compat.sql.names import Name, relation_name
from dsql_compat.sql.statements import Statement

# What these find is a way of changing a schema, and no part of the schema.
_STEPS = frozenset(
    {
        *("add-column-constraint", "add-identity", "alter-column-default", "alter-column-type"),
        *("drop-column", "drop-expression", "drop-not-null", "set-expression", "set-logged"),
        *("set-not-null", "alter-table-async", "cluster", "alter-constraint", "check-added"),
        *("drop-constraint", "drop-primary-key", "foreign-key-added", "primary-key-added"),
        *("primary-key-using-index", "unique-added", "unique-using-index"),
        *("validate-constraint", "concurrent-index", "drop-index-concurrently", "reindex"),
        *("alter-domain", "alter-type", "drop-type", "drop-domain-cascade", "drop-trigger"),
        *("multiple-ddl-per-transaction", "ddl-with-dml", "insert-rows", "transaction-size"),
        *("whole-table-change", "copy-rows", "refresh-materialized-view", "wait-for-job"),
        *("grant-as-ddl", "statement-size"),
    }
)
# Statements that leave nothing in the schema, so that nothing is left to judge of them.
_PASSING: tuple[type, ...] = (
    *(ast.TransactionStmt, ast.VariableSetStmt, ast.VariableShowStmt, ast.InsertStmt),
    *(ast.UpdateStmt, ast.DeleteStmt, ast.MergeStmt, ast.SelectStmt, ast.CopyStmt),
    *(ast.TruncateStmt, ast.LockStmt, ast.VacuumStmt, ast.ReindexStmt, ast.CheckPointStmt),
    *(ast.DiscardStmt, ast.PrepareStmt, ast.ExecuteStmt, ast.DeallocateStmt, ast.LoadStmt),
    *(ast.DeclareCursorStmt, ast.FetchStmt, ast.ClosePortalStmt, ast.ListenStmt),
    *(ast.UnlistenStmt, ast.NotifyStmt, ast.CallStmt, ast.ExplainStmt, ast.RefreshMatViewStmt),
    *(ast.ConstraintsSetStmt, ast.DropStmt, ast.DropRoleStmt, ast.DropdbStmt, ast.DropOwnedStmt),
)
_IN_A_TABLE = ("column", "constraint", "trigger", "index")
_NOT_OF_THE_TYPE = ("identity-column", "column-compression", "column-storage", "serial-column")


@dataclass(frozen=True, slots=True)
class _Change:
    """A new name, or a new type of a column (`new` None), from statement number `at` on."""

    at: int
    old: ObjectRef
    new: ObjectRef | None


class History:
    """Takes note of statements while they are replayed, for `in_the_state`."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._number: dict[int, int] = {}
        self._statements: list[Statement] = []  # so that ids stay theirs
        self._changes: list[_Change] = []

    def note(self, statement: Statement) -> None:
        """Called with each statement once it was judged."""
        at = self._number[id(statement)] = len(self._number)
        self._statements.append(statement)
        tree: Any = statement.tree
        match tree:
            case ast.RenameStmt():
                self._rename(at, tree)
            case ast.AlterObjectSchemaStmt() if tree.relation is not None:
                self._move(at, tree)
            case ast.AlterTableStmt():
                self._retype(at, tree)

    def number(self, statement: Statement) -> int:
        """The place of a statement in the history; -1 for one that is none, such as a comment."""
        return self._number.get(id(statement.outermost), -1)

    def _full(self, relation: Any, name: str | None = None) -> Name:
        """The name a relation had, of which the catalog may know the new name only."""
        old = relation_name(relation)
        found = self._run.catalog.relation(Name(old.schema, name) if name else old)
        schema = old.schema or (found.name.schema if found else None)
        return Name(schema or self._run.catalog.creation_schema, old.name)

    def _rename(self, at: int, tree: Any) -> None:
        kind = tree.renameType
        if tree.relation is None:
            return
        if kind == enums.ObjectType.OBJECT_COLUMN:
            table = self._full(tree.relation)
            old = ObjectRef("column", tree.subname, table.schema, table.name)
            self._changes.append(_Change(at, old, old._replace(name=tree.newname)))
        elif kind != enums.ObjectType.OBJECT_TABCONSTRAINT:
            full = self._full(tree.relation, tree.newname)
            old = ObjectRef("", full.name, full.schema)
            self._changes.append(_Change(at, old, old._replace(name=tree.newname)))

    def _move(self, at: int, tree: Any) -> None:
        name = relation_name(tree.relation)
        old = ObjectRef("", name.name, name.schema or self._run.catalog.creation_schema)
        self._changes.append(_Change(at, old, old._replace(schema=tree.newschema)))

    def _retype(self, at: int, tree: Any) -> None:
        for command in tree.cmds or ():
            if command.subtype == enums.AlterTableType.AT_AlterColumnType:
                table = self._full(tree.relation)
                ref = ObjectRef("column", command.name, table.schema, table.name)
                self._changes.append(_Change(at, ref, None))

    def name_now(self, ref: ObjectRef, since: int) -> ObjectRef:
        """What an object of that name is called at the end."""
        for change in self._changes:
            if change.at <= since or change.new is None:
                continue
            old, new = change.old, change.new
            if old.kind == "column":
                if ref == old:
                    ref = new
            elif (ref.schema, ref.table or ref.name) == (old.schema, old.name):
                name = {"table": new.name} if ref.table else {"name": new.name}
                ref = ref._replace(schema=new.schema, **name)
        return ref

    def is_retyped(self, ref: ObjectRef, since: int) -> bool:
        """Whether a column was given another type later on."""
        return any(
            change.at > since
            and change.new is None
            and self.name_now(change.old, change.at) == self.name_now(ref, since)
            for change in self._changes
        )


def in_the_state(run: Run, history: History) -> list[Finding]:
    """The findings that hold for the schema as it is at the end."""
    objects = {catalog.database: dict(_objects(catalog)) for catalog in run.catalogs}
    catalogs = {catalog.database: catalog for catalog in run.catalogs}
    kept = []
    for finding in run.findings:
        catalog = catalogs.get(finding.database, run.catalog)
        known = objects.get(finding.database, {})
        if not _is_passing(finding) and not _is_gone(run, finding, history, known, catalog):
            kept.append(finding)
    return kept


def _objects(catalog: Catalog) -> Iterator[tuple[ObjectRef, Any]]:
    """Everything in a catalog by reference, with what holds the statement that made it."""
    for schema in catalog.schemas.values():
        yield schema.ref, schema
    for extension in catalog.extensions.values():
        yield extension.ref, extension
    for kind in catalog.types.values():
        yield kind.ref, kind
    for relation in catalog.relations.values():
        yield relation.ref, relation
    for table in catalog.tables():
        parts: Iterable[Any] = (*table.columns.values(), *table.constraints.values())
        for part in (*parts, *table.triggers.values()):
            yield part.ref, part
    for functions in catalog.functions.values():
        for function in functions:
            yield function.ref, function


_KINDS = frozenset(
    {
        *("table", "foreign table", "view", "materialized view", "sequence", "index", "type"),
        *("domain", "column", "constraint", "trigger", "function", "procedure", "aggregate"),
        *("extension", "schema"),
    }
)


def _is_passing(finding: Finding) -> bool:
    """Whether a finding is about a way, or about a statement that leaves nothing."""
    outer = finding.span.statement.outermost
    if finding.rule in _STEPS or isinstance(outer.tree, _PASSING):
        return True
    return isinstance(outer.tree, ast.DoStmt) and finding.object.kind not in _KINDS


def _is_gone(
    run: Run,
    finding: Finding,
    history: History,
    known: dict[ObjectRef, Any],
    catalog: Catalog,
) -> bool:
    since = history.number(finding.span.statement)
    if finding.object.kind not in _KINDS or since < 0:
        return False
    ref = history.name_now(finding.object, since)
    thing = known.get(ref)
    if thing is None:
        return _was_there(finding, ref, catalog)
    if history.number(thing.statement) > since:
        return True  # made anew later, and judged anew then
    table = getattr(thing, "table", None) if isinstance(thing, Column) else thing
    if isinstance(table, Table) and _is_undone(finding, table):
        return True
    is_of_type = run.rule(finding.rule).family == "columns"
    return (
        isinstance(thing, Column)
        and is_of_type
        and finding.rule not in _NOT_OF_THE_TYPE
        and history.is_retyped(finding.object, since)
    )


def _is_undone(finding: Finding, table: Table) -> bool:
    """What a later statement of the same table took back, or ends with the session."""
    if finding.rule == "row-level-security":
        return not table.has_row_security
    if finding.rule == "unlogged-table":
        return table.persistence != "u"
    return table.persistence == "t"


def _was_there(finding: Finding, ref: ObjectRef, catalog: Catalog) -> bool:
    """Whether an object that is missing at the end was ever there, as far as the history shows."""
    tree = finding.span.statement.outermost.tree
    table = Name(ref.schema, ref.table or ref.name)
    if any(getattr(gone, "name", None) == table for gone in catalog.dropped):
        return True
    if isinstance(tree, ast.AlterTableStmt | ast.IndexStmt | ast.CreateTrigStmt):
        owner = catalog.relations.get(table)
        if isinstance(owner, Table) and ref.kind in _IN_A_TABLE:
            return owner.columns_known and not isinstance(owner, Index)
        return False
    return tree.__class__.__name__.startswith(("Create", "Define", "View", "Composite"))
