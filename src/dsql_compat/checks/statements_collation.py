"""Collations: CREATE COLLATION and every COLLATE clause but an index key's."""

from __future__ import annotations

from pglast import ast, enums

from dsql_compat.catalog.model import Other
from dsql_compat.checks.context import Found, Here
from dsql_compat.checks.registry import detects
from dsql_compat.findings import Finding, ObjectRef, Span
from dsql_compat.sql import spans
from dsql_compat.sql.names import Name, name_of, relation_name

# The order that DSQL has anyway, and the names of it that an expression may use.
_BYTE_ORDER = {"C", "POSIX", "default", "ucs_basic"}
_ACCEPTED = {"C", "default"}


@detects("collation", on=Other)
def create_collation(made: Other, here: Here) -> Found:
    if made.kind == "collation":
        yield here.found(
            "collation",
            spans.name(here.statement, made.name),
            about=made.ref,
            breaks=True,
            collation=made.name,
        )


@detects("collation", on=ast.AlterCollationStmt)
def alter_collation(node: ast.AlterCollationStmt, here: Here) -> Found:
    name = name_of(node.collname)
    ref = ObjectRef("collation", name.name, name.schema)
    span = spans.name(here.statement, name)
    yield here.found(
        "collation", span, about=ref, key="alter", cause=_cause(name, here), collation=name
    )


@detects("collation", on=ast.CreateStmt)
def column_collations(node: ast.CreateStmt, here: Here) -> Found:
    table = here.catalog.qualified(relation_name(node.relation))
    for element in node.tableElts or ():
        if isinstance(element, ast.ColumnDef) and element.collClause is not None:
            yield _column(element, table, here)


@detects("collation", on=ast.AlterTableCmd)
def added_column_collation(node: ast.AlterTableCmd, here: Here) -> Found:
    tree = here.statement.tree
    if (
        node.subtype == enums.AlterTableType.AT_AddColumn
        and node.def_.collClause is not None
        and isinstance(tree, ast.AlterTableStmt)
        and tree.objtype != enums.ObjectType.OBJECT_TYPE
    ):
        table = here.catalog.table(relation_name(tree.relation))
        name = table.name if table else here.catalog.qualified(relation_name(tree.relation))
        yield _column(node.def_, name, here)


def _column(node: ast.ColumnDef, table: Name, here: Here) -> Finding | None:
    definition = spans.column_definition(here.statement, node)
    clause = _clause(here, node.collClause)
    name = name_of(node.collClause.collname)
    before = here.statement.text[definition.start : clause.start].rstrip()
    return here.found(
        "collation",
        clause,
        about=ObjectRef("column", node.colname, table.schema, table.name),
        case="column-c" if name.name in _BYTE_ORDER else "column",
        cause=_cause(name, here),
        before=definition.text,
        column=node.colname,
        table=table,
        collation=name,
        definition=before + here.statement.text[clause.end : definition.end],
    )


@detects("collation", on=ast.CreateDomainStmt)
def domain_collation(node: ast.CreateDomainStmt, here: Here) -> Found:
    if node.collClause is None:
        return
    clause = _clause(here, node.collClause)
    name = name_of(node.collClause.collname)
    yield here.found(
        "collation",
        clause,
        case="domain",
        cause=_cause(name, here),
        domain=name_of(node.domainname),
        collation=name,
        edited=_without(clause),
    )


@detects("collation", on=ast.CollateClause)
def expression_collation(node: ast.CollateClause, here: Here) -> Found:
    """COLLATE in an expression; the clause of a column or domain has no argument."""
    name = name_of(node.collname)
    if node.arg is None or name.name in _ACCEPTED:
        return
    clause = _clause(here, node)
    yield here.found(
        "collation",
        clause,
        case="expression",
        key=str(name),
        cause=_cause(name, here),
        collation=name,
        edited=_without(clause),
    )


def _cause(name: Name, here: Here) -> Finding | None:
    """The finding about a collation that the source makes, with its schema written or not."""
    for full in (name, *here.catalog.candidates(name), Name(None, name.name)):
        found = here.missing(ObjectRef("collation", full.name, full.schema))
        if found is not None:
            return found
    return None


def _clause(here: Here, node: ast.CollateClause) -> Span:
    """The words COLLATE name, with the name's schema."""
    statement = here.statement
    at = next((t for t in statement.tokens if t.start == node.location), None)
    if at is None:
        return spans.words(statement, "COLLATE")
    index = statement.tokens.index(at)
    end = statement.tokens[min(index + 2 * len(node.collname) - 1, len(statement.tokens) - 1)]
    return Span(statement, at.start, end.end)


def _without(clause: Span) -> str:
    """The statement without the clause, and without the blank that it leaves."""
    statement, start = clause.statement, clause.start
    if not statement.text[clause.end : clause.end + 1].isspace():
        start = max(t.end for t in statement.tokens if t.end <= start)
    return spans.edited(statement, [(start, clause.end, "")])
