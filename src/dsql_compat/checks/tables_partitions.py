"""Partitioned tables with their partitions, inheritance, and tables of a composite type."""

from __future__ import annotations

from pglast import ast

from dsql_compat.catalog.model import Catalog, Table
from dsql_compat.checks.actions import AT, Action, on_action
from dsql_compat.checks.context import Found, Here
from dsql_compat.checks.inherited_columns import body_edits
from dsql_compat.checks.registry import detects
from dsql_compat.checks.table_clauses import created_name, table_clauses, without
from dsql_compat.findings import Finding, ObjectRef, Span
from dsql_compat.sql import spans
from dsql_compat.sql.names import Name, literal, name_of, quote, quote_list, relation_name


@detects("partitioned-table", "partition", "table-inheritance", "typed-table", on=ast.CreateStmt)
def create_table(node: ast.CreateStmt, here: Here) -> Found:
    if node.inhRelations is None and node.partspec is None and node.ofTypename is None:
        return
    name = created_name(here, node.relation)
    table = here.catalog.table(name)
    if table is None or table.node is not node:
        table = Table(name, "table", here.statement, node)
    clauses = table_clauses(here.statement, node.relation)
    if node.partbound is not None:
        parent = node.inhRelations[0]
        bound = clauses.get("bound")
        span = clauses.get("partition of", spans.head(here.statement))
        yield _partition(here, table, relation_name(parent), node.partbound, bound, span)
    elif node.partspec is not None:
        yield _partitioned(here, table, clauses)
    elif node.inhRelations:
        yield _inherits(here, table, node, clauses)
    if node.ofTypename is not None:
        yield _typed(here, table, node, clauses)


def _partitioned(here: Here, table: Table, clauses: dict[str, Span]) -> Finding | None:
    names = ("partition by", "with", "tablespace", "using")
    span = clauses.get("partition by", spans.head(here.statement))
    return here.found(
        "partitioned-table",
        span,
        about=table.ref,
        table=table.name,
        strategy=" ".join(span.text.split()),
        edited=spans.edited(here.statement, without(here.statement, clauses, *names)),
    )


def _partition(
    here: Here,
    table: Table,
    parent: Name,
    bound: ast.PartitionBoundSpec,
    bound_span: Span | None,
    span: Span,
    *,
    attached: bool = False,
) -> Finding | None:
    found = here.catalog.table(parent)
    parent_name = found.name if found else here.catalog.qualified(parent)
    condition = _condition(found, bound)
    cause = None
    if found is not None:
        cause = here.earlier("partitioned-table", found.ref) or here.missing(found.ref)
    return here.found(
        "partition",
        span,
        about=table.ref,
        case="-".join(filter(None, ("attached" * attached, "" if condition else "unbounded"))),
        cause=cause,
        breaks=True,
        table=table.name,
        parent=parent_name,
        bound=" ".join(bound_span.text.split()) if bound_span else "",
        condition=condition,
    )


def _condition(parent: Table | None, bound: ast.PartitionBoundSpec) -> str:
    """Which rows of the one table a partition held; empty where that is not a comparison."""
    spec = getattr(parent.node, "partspec", None) if parent is not None else None
    if spec is None or bound.is_default or len(spec.partParams) != 1:
        return ""
    column = spec.partParams[0].name
    if not column:
        return ""
    if bound.strategy == "l":
        values = [_constant(value) for value in bound.listdatums or ()]
        known = all(value is not None for value in values)
        return f"{quote(column)} IN ({', '.join(map(str, values))})" if known else ""
    if bound.strategy != "r":
        return ""
    parts: list[str] = []
    for operator, datums in ((">=", bound.lowerdatums), ("<", bound.upperdatums)):
        value = datums[0] if datums else None
        if isinstance(value, ast.ColumnRef):  # MINVALUE and MAXVALUE
            continue
        text = _constant(value)
        if text is None:
            return ""
        parts.append(f"{quote(column)} {operator} {text}")
    return " AND ".join(parts)


def _constant(node: object) -> str | None:
    if isinstance(node, ast.TypeCast):
        return _constant(node.arg)
    if not isinstance(node, ast.A_Const):
        return None
    match node.val:
        case ast.String():
            return literal(node.val.sval)
        case ast.Integer():
            return str(node.val.ival)
        case ast.Float():
            return str(node.val.fval)
        case ast.Boolean():
            return "true" if node.val.boolval else "false"
    return None


@on_action("partition", on=(AT.AT_AttachPartition,))
def attach_partition(action: Action) -> Found:
    here, command = action.here, action.command.def_
    wanted = relation_name(command.name)
    name = here.catalog.qualified(wanted)
    child = here.catalog.table(wanted) or Table(name, "table", here.statement)
    bound = spans.find_words(here.statement, "FOR VALUES", after=command.name.location)
    span = spans.head(here.statement) if bound is None else bound
    bound_span = Span(here.statement, span.start, spans.whole(here.statement).end)
    yield _partition(
        here,
        child,
        action.table.name,
        command.bound,
        bound_span if bound else None,
        spans.words(here.statement, "ATTACH PARTITION"),
        attached=True,
    )


@detects("partition", on=Catalog)
def consequences(_: Catalog, here: Here) -> Found:
    """What was found in a table before a dump said that it is a partition follows from that."""
    partitions = {
        (ref.schema, ref.name): finding
        for ref, finding in here.run.missing.items()
        if finding.rule == "partition"
    }
    if partitions:
        for finding in here.run.findings:
            about = finding.object
            owner = about.table or (about.name if about.kind == "table" else None)
            cause = partitions.get((about.schema, owner or ""))
            if cause is not None and finding.cause is None and finding is not cause:
                finding.cause = cause
    yield None


@on_action("partition", on=(AT.AT_DetachPartition, AT.AT_DetachPartitionFinalize))
def detach_partition(action: Action) -> Found:
    here = action.here
    child = here.catalog.qualified(relation_name(action.command.def_.name))
    ref = ObjectRef("table", child.name, child.schema)
    attached = here.earlier("partition", ref)
    condition = attached.facts.get("condition", "") if attached else ""
    yield here.found(
        "partition",
        spans.words(here.statement, "DETACH PARTITION"),
        about=ref,
        case="detach",
        cause=attached,
        key="detach",
        table=child,
        parent=action.table.name,
        condition=condition or "…",
    )


# -- inheritance and types ------------------------------------------------------------------------


def _inherits(
    here: Here, table: Table, node: ast.CreateStmt, clauses: dict[str, Span]
) -> Finding | None:
    statement = here.statement
    parents = [here.catalog.qualified(relation_name(parent)) for parent in node.inhRelations]
    edits = without(statement, clauses, "inherits") + body_edits(here, table, node, parents)
    columns = quote_list(table.columns)
    parent_columns = _column_list(here.catalog, parents[0])
    return here.found(
        "table-inheritance",
        clauses.get("inherits", spans.head(statement)),
        about=table.ref,
        table=table.name,
        parent=parents[0],
        parents=", ".join(map(str, parents)),
        columns=columns,
        parent_columns=parent_columns,
        family=Name(parents[0].schema, f"{parents[0].name}_all"),
        edited=spans.edited(statement, edits),
    )


def _column_list(catalog: Catalog, name: Name) -> str:
    found = catalog.table(name)
    return quote_list(found.columns) if found is not None and found.columns else "*"


@on_action("table-inheritance", on=(AT.AT_AddInherit, AT.AT_DropInherit))
def inherit(action: Action) -> Found:
    parent = action.here.catalog.qualified(relation_name(action.command.def_))
    no = action.command.subtype == AT.AT_DropInherit
    columns = _column_list(action.here.catalog, parent)
    yield action.found(
        "table-inheritance",
        case="ended" if no else "altered",
        key=str(parent),
        parent=parent,
        parent_columns=columns,
        family=Name(parent.schema, f"{parent.name}_all"),
    )


def _typed(
    here: Here, table: Table, node: ast.CreateStmt, clauses: dict[str, Span]
) -> Finding | None:
    made = here.catalog.type(name_of(node.ofTypename.names))
    span = clauses.get("of", spans.head(here.statement))
    word = spans.find_words(here.statement, "OF", after=node.relation.location) or span
    parts = len(node.ofTypename.names)
    words = spans.outer_tokens(here.statement, node.ofTypename.location)
    last = words[min(len(words), 2 * parts - 1) - 1]
    kind = Span(here.statement, node.ofTypename.location, last.end)
    listed = ""
    if made is not None and made.attributes:
        listed = ", ".join(
            " ".join(spans.column_definition(made.statement, attribute).text.split())
            for attribute in made.attributes
        )
    extra = [
        " ".join(spans.element(here.statement, e.location).text.split())
        for e in node.tableElts or ()
        if isinstance(e, ast.Constraint)
    ]
    return here.found(
        "typed-table",
        Span(here.statement, word.start, kind.end),
        about=table.ref,
        case="" if listed else "unknown-type",
        cause=here.missing(made.ref) if made else None,
        table=table.name,
        type=kind.text,
        columns=", ".join([listed, *extra]),
    )
