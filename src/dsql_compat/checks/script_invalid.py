"""Statements that PostgreSQL refuses as well: what a parser alone lets pass."""

from __future__ import annotations

from collections.abc import Iterator

from pglast import ast, enums

from dsql_compat.catalog.model import Catalog, Constraint, Table
from dsql_compat.checks.actions import AT, Action, on_action
from dsql_compat.checks.context import Found, Here
from dsql_compat.checks.registry import detects
from dsql_compat.findings import ObjectRef
from dsql_compat.sql import spans
from dsql_compat.sql.names import Name, name_of, quote, relation_name
from dsql_compat.sql.walk import walk

RULE = "invalid-statement"
# Built-in functions that are not immutable, whatever their arguments; those that are for some
# (date_trunc, timezone, to_tsvector) would need the types of all expressions.
_MUTABLE = {
    *("now", "transaction_timestamp", "statement_timestamp", "clock_timestamp", "timeofday"),
    *("random", "random_normal", "setseed", "gen_random_uuid", "uuidv4", "uuidv7"),
    *("nextval", "currval", "lastval", "setval", "current_setting", "set_config"),
    *("current_database", "current_schema", "current_schemas", "current_query", "version"),
    *("concat", "concat_ws", "format", "array_to_string", "array_to_json", "row_to_json"),
    *("to_char", "to_date", "to_number", "to_json", "to_jsonb", "convert_from", "convert_to"),
    *("json_build_object", "json_build_array", "jsonb_build_object", "jsonb_build_array"),
    *("col_description", "obj_description", "format_type", "to_regclass", "to_regtype"),
}


@detects(RULE, on=ast.IndexStmt)
def index_contents(node: ast.IndexStmt, here: Here) -> Found:
    plain = node.indexParams and not any(key.expr for key in node.indexParams)
    if plain and node.whereClause is None and not node.indexIncludingParams:
        return
    table = relation_name(node.relation)
    about = ObjectRef("index", node.idxname or "", table.schema, table.name)
    for key in node.indexParams or ():
        for case, at in _faults(key.expr, here):
            case = "mutable-key" if case == "mutable" else "subquery-key"
            yield here.found(RULE, spans.word_at(here.statement, at), about=about, case=case)
    for case, at in _faults(node.whereClause, here):
        case = "mutable-predicate" if case == "mutable" else "subquery-predicate"
        yield here.found(RULE, spans.word_at(here.statement, at), about=about, case=case)
    for column in node.indexIncludingParams or ():
        if column.expr is not None:
            span = spans.words(here.statement, "INCLUDE")
            yield here.found(RULE, span, about=about, case="included-expression")


@detects(RULE, on=Table)
def generated_columns(table: Table, here: Here) -> Found:
    for column in table.columns.values():
        if not column.generated or column.node is None or column.statement is not here.statement:
            continue
        for constraint in column.node.constraints or ():
            if constraint.contype == enums.ConstrType.CONSTR_GENERATED:
                for case, at in _faults(constraint.raw_expr, here):
                    span = spans.word_at(here.statement, at)
                    case = f"{case}-generated"
                    yield here.found(RULE, span, about=column.ref, case=case)


def _faults(expression: ast.Node | None, here: Here) -> Iterator[tuple[str, int | None]]:
    """What may not stand in an expression that is stored: each kind once, and where it is."""
    told: set[str] = set()
    for node in walk(expression) if expression is not None else ():
        match node:
            case ast.SubLink():
                case = "subquery"
            case ast.SQLValueFunction():
                case = "mutable"
            case ast.FuncCall() if _is_mutable(name_of(node.funcname), here):
                case = "mutable"
            case _:
                continue
        if case not in told:
            told.add(case)
            yield case, node.location


def _is_mutable(name: Name, here: Here) -> bool:
    if name.name not in _MUTABLE or name.schema not in (None, "pg_catalog"):
        return False
    return name.schema is not None or not here.catalog.functions_named(name)


@on_action(RULE, on=(AT.AT_AddConstraint,))
def constraint_on_index(action: Action) -> Found:
    constraint = action.constraint()
    index = constraint.taken_index
    if constraint.kind != "unique" or index is None:
        return
    case = "partial-index" if index.node.whereClause is not None else "expression-index"
    if case == "partial-index" or any(key.expr is not None for key in index.keys):
        yield action.found(RULE, about=constraint.ref, case=case, index=quote(index.name.name))


@on_action(RULE, on=(AT.AT_DropNotNull,))
def key_column_nullable(action: Action) -> Found:
    column, key = action.command.name, action.table.primary_key
    if key is not None and column in key.columns:
        about = ObjectRef("column", column, action.table.name.schema, action.table.name.name)
        yield action.found(RULE, about=about, case="key-column", column=quote(column))


@detects(RULE, on=Catalog)
def referenced_too_early(catalog: Catalog, here: Here) -> Found:
    """A foreign key to a table that the same source creates further down."""
    dropped = {item.name for item in catalog.dropped if isinstance(item, Table)}
    by_name: dict[str, list[Table]] = {}
    for table in catalog.tables():
        by_name.setdefault(table.name.name, []).append(table)
    for table in catalog.tables():
        for constraint in table.constraints_of("foreign key"):
            parent = _referenced(constraint, by_name)
            if parent is None or parent is table or parent.name in dropped:
                continue
            if _is_later(parent, constraint):
                yield here.found(
                    RULE,
                    spans.element(constraint.statement, constraint.node.location),
                    about=constraint.ref,
                    case="later-table",
                    constraint=quote(constraint.name),
                    table=table.name,
                    referenced=parent.name,
                )


def _referenced(constraint: Constraint, by_name: dict[str, list[Table]]) -> Table | None:
    """The table, where its name can mean one only, whatever the search path was."""
    name = constraint.referenced or Name(None, "")
    found = [t for t in by_name.get(name.name, ()) if name.schema in (None, t.name.schema)]
    return found[0] if len(found) == 1 else None


def _is_later(parent: Table, constraint: Constraint) -> bool:
    """Whether both stand in one source, the table behind the constraint.

    A file a table, in the order of the alphabet, says nothing of the order they run in.
    """
    made, used = parent.statement, constraint.statement
    nested = made.outer is not None or used.outer is not None
    return made.source == used.source and not nested and made.ordinal > used.ordinal
