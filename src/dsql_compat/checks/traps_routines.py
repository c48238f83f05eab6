"""Silent traps of routines: what their reads and writes mean under snapshots without locks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from pglast import ast, enums

from dsql_compat.catalog.model import Catalog, Table
from dsql_compat.checks.context import Found, Here
from dsql_compat.checks.registry import detects
from dsql_compat.checks.traps import counted, database_ref, first_names
from dsql_compat.checks.traps_queries import dotted
from dsql_compat.findings import Finding, ObjectRef, Span
from dsql_compat.sql import spans
from dsql_compat.sql.names import Name, name_of, relation_name
from dsql_compat.sql.statements import Statement
from dsql_compat.sql.walk import walk

_AGGREGATES = {"count", "sum", "max", "min", "bool_or", "bool_and"}
_BEHIND = {",", ";", "FROM", "WHERE", "RETURNING"}
_WRITES = (ast.InsertStmt, ast.UpdateStmt, ast.DeleteStmt, ast.MergeStmt)


@detects(
    *("write-skew", "snapshot-isolation", "hot-row"), on=(ast.SelectStmt, ast.SubLink, *_WRITES)
)
def in_a_routine(node: ast.Node, here: Here) -> Found:
    """Put by what a routine reads and writes, until the tables it names are known."""
    if here.inside is not None or _is_body(here.statement):
        if not isinstance(node, ast.SelectStmt) or node.fromClause:
            here.run.again.append((here, node))
        if isinstance(node, ast.UpdateStmt):
            yield from _counters(node, node.targetList, "", here)
        elif isinstance(node, ast.InsertStmt) and node.onConflictClause is not None:
            targets = node.onConflictClause.targetList
            yield from _counters(node, targets, "upsert", here)


def _is_body(statement: Statement) -> bool:
    """Whether a statement holds a body as part of its tree: BEGIN ATOMIC."""
    return isinstance(statement.tree, ast.CreateFunctionStmt)


# -- rows that everyone counts in -----------------------------------------------------------------


def _counters(
    node: ast.UpdateStmt | ast.InsertStmt,
    targets: tuple[ast.ResTarget, ...] | None,
    case: str,
    here: Here,
) -> Found:
    for target in targets or ():
        if isinstance(target, ast.ResTarget) and _counts(target):
            table = relation_name(node.relation)
            span = _through(here.statement, target)
            yield here.found(
                "hot-row",
                span,
                case=case,
                key=f"{table} {target.name}",
                before=span.text,
                column=target.name,
                table=table,
                assignment=span.text,
                whole="statement" if here.inside and here.inside.kind == "workload" else "routine",
            )


def _counts(target: ast.ResTarget) -> bool:
    """n = n + 1 and the like, also from what was there: n = coalesce(n, 0) + 1."""
    value = target.val
    if not isinstance(value, ast.A_Expr) or value.name[-1].sval not in ("+", "-"):
        return False
    return any(
        isinstance(node, ast.ColumnRef) and getattr(node.fields[-1], "sval", "") == target.name
        for side in (value.lexpr, value.rexpr)
        if side is not None
        for node in walk(side)
    )


def _through(statement: Statement, target: ast.ResTarget) -> Span:
    """From a target's name to the last word of its value; constants know no place of their own."""
    end, depth = target.location, 0
    for token in statement.tokens:
        if token.start < target.location:
            continue
        depth += (token.text == "(") - (token.text == ")")
        if depth < 0 or (not depth and token.text.upper() in _BEHIND):
            break
        end = token.end
    return Span(statement, target.location, end)


# -- decisions on what was read -------------------------------------------------------------------


@dataclass(slots=True)
class _Routine:
    """What one routine reads to decide on, and the tables it writes."""

    here: Here
    checks: dict[Name, tuple[Here, ast.RangeVar]] = field(default_factory=dict)
    writes: dict[Name, str] = field(default_factory=dict)


@detects("write-skew", "snapshot-isolation", on=Catalog)
def routines(catalog: Catalog, here: Here) -> Found:
    known = _by_routine(catalog, here)
    writing = [routine for routine in known if routine.writes]
    if writing:
        refs = list(dict.fromkeys(str(Name(r.schema, r.name)) for r in map(_ref, writing)))
        first = writing[0].here.statement.outermost
        yield here.found(
            "snapshot-isolation",
            spans.head(first),
            about=database_ref(catalog),
            routines=counted(len(refs), "routine writes", "routines write"),
            names=first_names(refs),
        )
    for routine in writing:
        for name, (then, relation) in routine.checks.items():
            if routine.writes.get(name):
                yield _skew(name, routine.writes[name], then, relation)


def _skew(name: Name, written: str, then: Here, relation: ast.RangeVar) -> Finding | None:
    span = dotted(then.statement, relation.location)
    return then.found(
        "write-skew", span, key=str(name), before=span.text, table=name, written=written
    )


def _ref(routine: _Routine) -> ObjectRef:
    here = routine.here
    return here.inside or here.subject or here.statement_ref


def _by_routine(catalog: Catalog, here: Here) -> list[_Routine]:
    found: dict[int, _Routine] = {}
    for then, node in here.run.again:
        if then.inside is None and not _is_body(then.statement):
            continue
        if then.inside is not None and then.inside.kind in ("statement", "workload"):
            continue  # a DO block runs once; of a workload only single statements are known
        routine = found.setdefault(id(then.statement.outermost), _Routine(then))
        if isinstance(node, _WRITES):
            _note_write(node, routine, catalog)
        for query in _checked(node):
            for relation in _tables_of(query):
                table = catalog.table(relation_name(relation))
                if table is not None and not _is_guarded(query, table):
                    routine.checks.setdefault(table.name, (then, relation))
    return list(found.values())


def _note_write(node: ast.Node, routine: _Routine, catalog: Catalog) -> None:
    table = catalog.table(relation_name(node.relation)) if node.relation is not None else None
    is_guarded = isinstance(node, ast.InsertStmt) and node.onConflictClause is not None
    if is_guarded or isinstance(node, ast.DeleteStmt):  # totals, and then those rows taken away
        verb = ""
    else:
        verb = type(node).__name__.removesuffix("Stmt").upper()
    name = table.name if table else Name(None, node.relation.relname if node.relation else "")
    routine.writes[name] = routine.writes.get(name) or verb
    if is_guarded:  # the unique index behind ON CONFLICT keeps such rows apart
        routine.checks.pop(name, None)


def _checked(node: ast.Node) -> Iterator[ast.SelectStmt]:
    """The queries whose answer only decides: EXISTS (…) and totals, without a lock."""
    query = node.subselect if isinstance(node, ast.SubLink) else node
    if not isinstance(query, ast.SelectStmt) or query.lockingClause:
        return
    if isinstance(node, ast.SubLink):
        if node.subLinkType == enums.SubLinkType.EXISTS_SUBLINK:
            yield query
    elif any(_is_total(target.val) for target in query.targetList or ()):
        yield query


def _is_total(value: ast.Node) -> bool:
    return any(
        isinstance(node, ast.FuncCall)
        and node.over is None
        and name_of(node.funcname).name in _AGGREGATES
        for node in walk(value)
    )


def _tables_of(query: ast.SelectStmt) -> Iterator[ast.RangeVar]:
    for source in query.fromClause or ():
        for node in walk(source):
            if isinstance(node, ast.RangeVar):
                yield node


def _is_guarded(query: ast.SelectStmt, table: Table) -> bool:
    """Whether a key keeps the rows apart that the query asks for: then one writer fails anyway."""
    compared = {
        node.lexpr.fields[-1].sval
        for node in (walk(query.whereClause) if query.whereClause is not None else ())
        if isinstance(node, ast.A_Expr)
        and name_of(node.name).name == "="
        and isinstance(node.lexpr, ast.ColumnRef)
        and isinstance(node.lexpr.fields[-1], ast.String)
    }
    keys = [c.columns for c in table.constraints.values() if c.kind in ("primary key", "unique")]
    keys += [
        tuple(key.name or "" for key in index.keys)
        for index in table.indexes.values()
        if index.is_unique and index.node.whereClause is None
    ]
    return any(columns and set(columns) <= compared for columns in keys)
