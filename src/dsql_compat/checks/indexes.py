"""Indexes: CREATE INDEX and what it may hold, ALTER INDEX, DROP INDEX, REINDEX."""

from __future__ import annotations

import re

from pglast import ast, enums

from dsql_compat.catalog.model import Catalog
from dsql_compat.checks.context import Found, Here
from dsql_compat.checks.indexes_plan import IndexPlan, make_plan
from dsql_compat.checks.indexes_text import apply
from dsql_compat.checks.key_expressions import fit_expression
from dsql_compat.checks.registry import detects
from dsql_compat.findings import Finding, ObjectRef, Span
from dsql_compat.sql import spans
from dsql_compat.sql.names import Name, name_of, quote, relation_name

MOST_INDEXES = 24
_ASYNC = re.compile(r"\basync\b", re.I)


@detects(
    *("sync-index", "concurrent-index", "index-method", "index-sort-order", "operator-class"),
    *("index-collation", "index-storage-parameter", "index-on-only", "expression-index"),
    *("partial-index", "index-key-columns", "tablespace", "key-type", "index-named-async"),
    on=ast.IndexStmt,
)
def create_index(node: ast.IndexStmt, here: Here) -> Found:
    plan = make_plan(node, here)
    if plan is None:
        return
    if plan.has_no_table:
        yield _mode(plan, here, "no-table", plan.table_cause)
        return
    cause = plan.table_cause
    for finding in _method(plan, here):
        cause = finding if finding and plan.blocked else cause
        yield finding
    yield from _expression_types(plan, here)
    if plan.blocked:
        cause = cause or here.earlier("key-type", plan.ref)
    yield _named_async(plan, here)
    if here.inside is None:
        here.run.unfinished_indexes.add(plan.ref)
    yield from _kinds(plan, here)
    yield from _keys(plan, here, cause)
    yield from _clauses(plan, here, cause)
    yield _mode(plan, here, _mode_case(plan), cause if plan.blocked else plan.table_cause)


def _mode_case(plan: IndexPlan) -> str:
    if plan.blocked:
        return "blocked"
    return "unique" if plan.node.unique else ""


def _mode(plan: IndexPlan, here: Here, case: str, cause: Finding | None) -> Finding | None:
    """Without ASYNC, or with CONCURRENTLY: one finding, and its rewrite is the whole statement."""
    text = plan.text
    if plan.is_async and text.concurrently is None:
        return None
    if text.concurrently is not None:
        rule, span = "concurrent-index", text.concurrently
        case = "" if case == "unique" else case
    else:
        rule, span = "sync-index", text.head
    finding = here.found(
        rule,
        span,
        about=plan.ref,
        case=case,
        cause=cause,
        reason=plan.blocked,
        **plan.facts,
    )
    if case == "no-table" or (case == "blocked" and not _is_rewritten(plan, here)):
        _lose(plan, finding, here)
    return finding


def _is_rewritten(plan: IndexPlan, here: Here) -> bool:
    """Whether the finding on an unfit key offers an index of the same name on an expression."""
    unfit = here.earlier("key-type", plan.ref)
    return plan.method_case == "btree" and unfit is not None and bool(unfit.status.rewrite)


def _lose(plan: IndexPlan, finding: Finding | None, here: Here) -> None:
    """DSQL will not have the index: note why, under its name with and without the table."""
    if finding is None or here.inside is not None:
        return
    for ref in (plan.ref, ObjectRef("index", plan.ref.name, plan.ref.schema)):
        here.run.missing.add(ref, finding)


def _method(plan: IndexPlan, here: Here) -> Found:
    case = plan.method_case
    # pg_dump writes USING btree on every index; the rewrite that adds ASYNC removes it too.
    if plan.text.using is None or (case == "btree" and not plan.is_async):
        return
    cause = plan.table_cause
    if case == "vector":
        cause = here.missing(ObjectRef("extension", "vector")) or cause
    finding = here.found(
        "index-method",
        plan.text.using,
        about=plan.ref,
        case=case,
        cause=cause,
        method=plan.method,
        column=plan.first_key,
        **plan.facts,
    )
    if case not in ("btree", "hash", "brin"):
        _lose(plan, finding, here)
    yield finding


def _expression_types(plan: IndexPlan, here: Here) -> Found:
    """Keys computed from columns, of a type that no key can hold."""
    if not plan.is_plain:
        return
    for param, key in zip(plan.node.indexParams, plan.text.keys, strict=False):
        base = plan.unfit_expression(param, here)
        if not base:
            continue
        text = key.base.text
        written = fit_expression(text, key.base.start, param.expr, base)
        edits = [*plan.edits, (key.base.start, key.base.end, written)]
        yield here.found(
            "key-type",
            key.base,
            about=plan.ref,
            case="expression",
            cause=plan.table_cause,
            key=text,
            type=base,
            expression=text,
            index=plan.name,
            table=plan.table,
            edited=apply(plan.text, here.statement, edits),
        )


def _named_async(plan: IndexPlan, here: Here) -> Finding | None:
    """`CREATE INDEX async ON t USING …`: only PostgreSQL takes USING, so async is a name there."""
    if not plan.is_async or plan.node.idxname or plan.text.using is None:
        return None
    word = spans.find_words(here.statement, "INDEX")
    found = _ASYNC.search(here.statement.text, word.end if word else here.statement.start)
    if found is None:
        return None
    return here.found(
        "index-named-async",
        Span(here.statement, *found.span()),
        about=plan.ref,
        cause=plan.table_cause,
        index=plan.name,
        table=plan.table,
        edited=apply(
            plan.text, here.statement, [*plan.edits, (found.end(), found.end(), ' "async"')]
        ),
    )


def _kinds(plan: IndexPlan, here: Here) -> Found:
    """Expression and partial indexes, which came late, and too many keys."""
    for param, key in zip(plan.node.indexParams, plan.text.keys, strict=False):
        if plan.is_expression(param):
            yield here.found(
                "expression-index",
                key.base,
                about=plan.ref,
                cause=plan.table_cause,
                key=key.base.text,
                expression=key.base.text,
                **plan.facts,
            )
    if plan.text.where is not None:
        case = "unique" if plan.node.unique else ""
        yield here.found(
            "partial-index",
            plan.text.where,
            about=plan.ref,
            case=case,
            cause=plan.table_cause,
            **plan.facts,
        )
    if plan.surplus is not None:
        yield here.found(
            "index-key-columns",
            plan.surplus,
            about=plan.ref,
            case="" if plan.can_include else "unique",
            cause=plan.table_cause,
            count=len(plan.node.indexParams),
            **plan.facts,
        )


def _keys(plan: IndexPlan, here: Here, cause: Finding | None) -> Found:
    direction = next((k.direction for k in plan.text.keys if k.direction), None)
    if direction is not None:
        yield here.found(
            "index-sort-order",
            direction,
            about=plan.ref,
            case=plan.order_case,
            cause=cause,
            **plan.facts,
        )
    for param, key in zip(plan.node.indexParams, plan.text.keys, strict=False):
        if key.collation is not None:
            collation = name_of(param.collation).name
            plain = collation in ("C", "POSIX", "default", "ucs_basic")
            yield here.found(
                "index-collation",
                key.collation,
                about=plan.ref,
                case="" if plain else "other",
                cause=cause,
                key=key.base.text,
                column=key.base.text,
                collation=quote(collation),
                **plan.facts,
            )
        if key.opclass is not None:
            opclass = name_of(param.opclass)
            yield here.found(
                "operator-class",
                key.opclass,
                about=plan.ref,
                case=plan.opclass_case(opclass.name),
                cause=cause,
                key=key.base.text,
                column=key.base.text,
                opclass=opclass,
                **plan.facts,
            )


def _clauses(plan: IndexPlan, here: Here, cause: Finding | None) -> Found:
    if plan.text.only is not None:
        yield here.found(
            "index-on-only",
            plan.text.only,
            about=plan.ref,
            cause=plan.table_cause or plan.partitioning,
            **plan.facts,
        )
    if plan.text.storage is not None:
        yield here.found(
            "index-storage-parameter",
            plan.text.storage,
            about=plan.ref,
            case="blocked" if plan.blocked else "",
            cause=cause,
            **plan.facts,
        )
    if plan.text.tablespace is not None:
        yield here.found(
            "tablespace",
            plan.text.tablespace,
            about=plan.ref,
            cause=cause,
            what=f"index {plan.name}",
            **plan.facts,
        )


@detects(on=ast.CallStmt)
def waited(node: ast.CallStmt, here: Here) -> Found:
    """A wait for a job: from here on, what was built in the background may be relied on."""
    name = name_of(node.funccall.funcname)
    if (name.schema, name.name) == ("sys", "wait_for_job"):
        here.run.unfinished_indexes.clear()
    yield None


@detects("indexes-per-table", on=Catalog)
def indexes_per_table(catalog: Catalog, here: Here) -> Found:
    for table in catalog.tables():
        if table.index_count > MOST_INDEXES:
            yield here.found(
                "indexes-per-table",
                spans.name(table.statement, table.name),
                about=table.ref,
                table=table.name,
                count=table.index_count,
                surplus=table.index_count - MOST_INDEXES,
            )


@detects("reindex", on=ast.ReindexStmt)
def reindex(node: ast.ReindexStmt, here: Here) -> Found:
    yield here.found("reindex", spans.head(here.statement, 1))


@detects("drop-index-concurrently", on=ast.DropStmt)
def drop_index_concurrently(node: ast.DropStmt, here: Here) -> Found:
    if not node.concurrent or node.removeType != enums.ObjectType.OBJECT_INDEX:
        return
    word = spans.words(here.statement, "CONCURRENTLY")
    names = [name_of(target) for target in node.objects]
    first = here.catalog.qualified(names[0])
    yield here.found(
        "drop-index-concurrently",
        word,
        about=ObjectRef("index", first.name, first.schema),
        indexes=", ".join(map(str, names)),
        edited=spans.edited(here.statement, [(word.start, word.end, "")]),
    )


_ALTER_INDEX = {
    enums.AlterTableType.AT_AttachPartition: ("attach-partition", "ATTACH PARTITION"),
    enums.AlterTableType.AT_SetRelOptions: ("options", "SET"),
    enums.AlterTableType.AT_ResetRelOptions: ("options", "RESET"),
    enums.AlterTableType.AT_SetOptions: ("options", "SET"),
    enums.AlterTableType.AT_SetStatistics: ("statistics", "SET STATISTICS"),
    enums.AlterTableType.AT_SetTableSpace: ("tablespace", "SET TABLESPACE"),
    enums.AlterTableType.AT_ChangeOwner: ("owner", "OWNER TO"),
}


@detects("alter-index", on=ast.AlterTableStmt)
def alter_index(node: ast.AlterTableStmt, here: Here) -> Found:
    if node.objtype != enums.ObjectType.OBJECT_INDEX:
        return
    ref, cause = _index_ref(relation_name(node.relation), here)
    for number, command in enumerate(node.cmds):
        case, words = _ALTER_INDEX.get(command.subtype, ("options", "ALTER INDEX"))
        if case == "owner" and here.missing(ref):
            continue  # a missing object's case
        part = ""
        if case == "attach-partition":
            part_name = relation_name(command.def_.name)
            part = str(part_name)
            cause = cause or _index_ref(part_name, here)[1]
        after = node.relation.location
        yield here.found(
            "alter-index",
            spans.find_words(here.statement, words, after=after) or spans.head(here.statement),
            about=ref,
            case=case,
            cause=cause,
            key=str(number),
            index=relation_name(node.relation),
            part=part,
        )


@detects("alter-index", on=(ast.AlterTableMoveAllStmt, ast.AlterObjectDependsStmt))
def alter_other_index(
    node: ast.AlterTableMoveAllStmt | ast.AlterObjectDependsStmt, here: Here
) -> Found:
    if isinstance(node, ast.AlterTableMoveAllStmt):
        if node.objtype == enums.ObjectType.OBJECT_INDEX:
            span = spans.words(here.statement, "SET TABLESPACE")
            yield here.found("alter-index", span, case="tablespace", index="", part="")
    elif node.objectType == enums.ObjectType.OBJECT_INDEX:
        ref, cause = _index_ref(relation_name(node.relation), here)
        yield here.found(
            "alter-index",
            spans.words(here.statement, "DEPENDS ON EXTENSION"),
            about=ref,
            case="extension",
            cause=cause,
            index=relation_name(node.relation),
            part="",
        )


def _index_ref(name: Name, here: Here) -> tuple[ObjectRef, Finding | None]:
    """The index meant, and why DSQL will not have it or its table, if so."""
    found = here.catalog.relation(name)
    if found is None:
        full = here.catalog.qualified(name)
        return ObjectRef("index", full.name, full.schema), _refusal_of_key(full, here)
    cause = here.missing(found.ref)
    table = getattr(found, "table", None)
    if cause is None and table is not None:
        cause = here.missing(table.ref) or here.earlier("partitioned-table", table.ref)
    return found.ref, cause


def _refusal_of_key(name: Name, here: Here) -> Finding | None:
    """Why DSQL will not have a key's index as it is: its table is partitioned or a partition."""
    for table in here.catalog.tables():
        if table.name.schema == name.schema and name.name in table.constraints:
            return here.missing(table.ref) or here.earlier("partitioned-table", table.ref)
    return None
