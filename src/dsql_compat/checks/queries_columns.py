"""Operators, functions and subscripts on columns that cannot keep their type."""

from __future__ import annotations

from functools import lru_cache

from pglast import ast, enums

from dsql_compat.catalog.model import Catalog, Table
from dsql_compat.checks.context import Found, Here, Retyped
from dsql_compat.checks.registry import detects
from dsql_compat.findings import Span
from dsql_compat.sql import spans
from dsql_compat.sql.names import Name, quote, relation_name
from dsql_compat.sql.statements import Statement
from dsql_compat.sql.walk import walk

_OF_ALL = (enums.A_Expr_Kind.AEXPR_OP_ANY, enums.A_Expr_Kind.AEXPR_OP_ALL)
_JSON = {"->", "->>", "#>", "#>>", "@>", "<@", "?", "?|", "?&", "@?", "@@", "#-", "||", "-"}
_OPERATORS = {
    "array": {"@>", "<@", "&&", "||"},
    "json": _JSON,
    "jsonb": _JSON,
    "network": {"<<", "<<=", ">>", ">>=", "&&", "&", "|", "+", "-"},
    "range": {"@>", "<@", "&&", "-|-", "<<", ">>", "&<", "&>", "+", "*", "-"},
    "geometric": {"@>", "<@", "&&", "<->", "<<", ">>", "&<", "&>", "?#", "?-", "?|", "~=", "##"},
    "text-search": {"@@", "||", "&&", "@>", "<@"},
    "hstore": {"->", "?", "?&", "?|", "@>", "<@", "||", "-", "#="},
    "bit": {"&", "|", "#", "<<", ">>"},
}
_ANY_OPERATOR = frozenset().union(*_OPERATORS.values())
_FUNCTIONS = {
    "array": {
        *("unnest", "cardinality", "array_length", "array_lower", "array_upper", "array_ndims"),
        *("array_dims", "array_append", "array_prepend", "array_cat", "array_remove", "trim_array"),
        *("array_replace", "array_position", "array_positions", "array_to_string", "array_shuffle"),
    },
    "network": {
        *("host", "masklen", "netmask", "hostmask", "network", "broadcast", "family", "abbrev"),
        *("set_masklen", "inet_merge", "inet_same_family", "macaddr8_set7bit"),
    },
    "range": {
        *("lower", "upper", "isempty", "lower_inc", "upper_inc", "lower_inf", "upper_inf"),
        *("range_merge", "range_agg", "range_intersect_agg", "multirange", "unnest"),
    },
    "text-search": {
        *("ts_rank", "ts_rank_cd", "ts_filter", "ts_delete", "setweight", "strip", "numnode"),
        *("querytree", "tsvector_to_array"),
    },
    "bit": {"get_bit", "set_bit", "bit_count"},
}
_FUNCTIONS["json"] = {
    f"{kind}_{name}"
    for kind in ("json", "jsonb")
    for name in (
        *("each", "each_text", "object_keys", "array_elements", "array_elements_text", "typeof"),
        *("array_length", "extract_path", "extract_path_text", "populate_record", "to_record"),
        *("to_recordset", "populate_recordset", "strip_nulls", "set", "insert", "pretty"),
        *("path_query", "path_exists", "path_match", "path_query_array", "path_query_first"),
    )
}
_FUNCTIONS["jsonb"] = _FUNCTIONS["json"]
_ANY_FUNCTION = frozenset().union(*_FUNCTIONS.values())


@detects("column-operation", on=(ast.A_Expr, ast.FuncCall, ast.A_Indirection))
def operation_on_column(node: ast.Node, here: Here) -> Found:
    """In a body the tables may come later, as they do in a dump: it waits for the end."""
    columns = _columns(node)
    if not columns:
        return
    if here.inside is not None and not all(_tables(here)):
        here.run.operations.append((here, node))
    elif here.run.retyped:
        yield from _operations(node, columns, here)


@detects("column-operation", on=Catalog)
def operations_in_bodies(_: Catalog, here: Here) -> Found:
    if here.run.retyped:
        for then, node in here.run.operations:
            yield from _operations(node, _columns(node), then)


def _columns(node: ast.Node) -> list[ast.ColumnRef]:
    """The plain columns that something is done with that not every type allows."""
    operands: tuple[ast.Node | None, ...] = ()
    match node:
        case ast.A_Expr():
            if node.kind in _OF_ALL:
                operands = (node.rexpr,)
            elif node.name[-1].sval in _ANY_OPERATOR:
                operands = (node.lexpr, node.rexpr)
        case ast.FuncCall():
            if node.args and node.funcname[-1].sval in _ANY_FUNCTION:
                operands = node.args
        case ast.A_Indirection():
            operands = (node.arg,)
    return [
        operand
        for operand in operands
        if isinstance(operand, ast.ColumnRef) and isinstance(operand.fields[-1], ast.String)
    ]


def _operations(node: ast.Node, columns: list[ast.ColumnRef], here: Here) -> Found:
    for column in columns:
        known = _retyped(column, here)
        if known is None:
            continue
        operation = _operation(node, known.family, here)
        if operation is not None:
            yield here.found(
                "column-operation",
                operation,
                cause=known.finding,
                key=f"{operation.text} {operation.start}",
                operation=operation.text,
                column=quote(column.fields[-1].sval),
                table=known.table.name,
                type=known.type,
            )
            return


def _operation(node: ast.Node, family: str, here: Here) -> Span | None:
    """The words of an operation that only columns of the family know."""
    match node:
        case ast.A_Expr():
            if node.kind in _OF_ALL:
                is_specific = family == "array"
            else:
                is_specific = node.name[-1].sval in _OPERATORS.get(family, ())
            return spans.operator(here.statement, node.location) if is_specific else None
        case ast.FuncCall():
            is_specific = node.funcname[-1].sval in _FUNCTIONS.get(family, ())
            return spans.call(here.statement, node) if is_specific else None
        case ast.A_Indirection():
            is_field = isinstance(node.indirection[0], ast.String)
            if family != ("composite" if is_field else "array"):
                return None
            return spans.name_at(here.statement, node.arg.location)
    return None


def _retyped(column: ast.ColumnRef, here: Here) -> Retyped | None:
    known = here.run.retyped.get(column.fields[-1].sval)
    if known is None:
        return None
    wanted = column.fields[-2].sval if len(column.fields) > 1 else None
    for alias, name in _relations(here.statement):
        if wanted in (None, alias):
            table = here.catalog.relation(name)
            for retyped in known:
                if retyped.table is table:
                    return retyped
    return None


def _tables(here: Here) -> list[Table | None]:
    return [here.catalog.table(name) for _, name in _relations(here.statement)]


@lru_cache(maxsize=4)
def _relations(statement: Statement) -> tuple[tuple[str, Name], ...]:
    """The relations a statement names, each under the name that its columns go by."""
    assert statement.tree is not None
    return tuple(
        (node.alias.aliasname if node.alias else node.relname, relation_name(node))
        for node in walk(statement.tree)
        if isinstance(node, ast.RangeVar)
    )
