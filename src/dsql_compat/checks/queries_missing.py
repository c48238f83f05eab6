"""Queries that lean on what DSQL refuses: functions that come later, the order of an enum."""

from __future__ import annotations

from pglast import ast, enums

from dsql_compat.catalog.model import Catalog, Type
from dsql_compat.checks.context import Found, Here
from dsql_compat.checks.queries_functions import missing_function
from dsql_compat.checks.registry import detects
from dsql_compat.findings import Span
from dsql_compat.sql import spans
from dsql_compat.sql.names import literal, name_of

_ORDERED = {"<", "<=", ">", ">="}
_BETWEEN = (enums.A_Expr_Kind.AEXPR_BETWEEN, enums.A_Expr_Kind.AEXPR_NOT_BETWEEN)


@detects("missing-function-call", on=ast.FuncCall)
def call_of_what_comes_later(node: ast.FuncCall, here: Here) -> Found:
    """A dump lists functions by name, whichever calls which: the end tells what is missing."""
    name = name_of(node.funcname)
    is_known = name.schema == "pg_catalog" or here.catalog.functions_named(name)
    if here.cause is None and not is_known:
        here.run.again.append((here, node))
    yield from ()


@detects("missing-function-call", on=Catalog)
def calls_of_what_came_later(_: Catalog, here: Here) -> Found:
    names = here.run.missing.names
    seen: set[int] = set()
    for then, node in here.run.again:
        if not isinstance(node, ast.FuncCall) or id(node) in seen:
            continue
        seen.add(id(node))
        name = name_of(node.funcname)
        if name.name in names:
            yield missing_function(node, name, then)


@detects("enum-order", on=ast.A_Expr)
def order_of_labels(node: ast.A_Expr, here: Here) -> Found:
    """A comparison with a label for less or more; equality means the same with a domain."""
    is_between = node.kind in _BETWEEN
    if not is_between and node.name[-1].sval not in _ORDERED:
        return
    right = node.rexpr[0] if isinstance(node.rexpr, tuple) else node.rexpr
    cast = next((side for side in (right, node.lexpr) if isinstance(side, ast.TypeCast)), None)
    own = here.catalog.type(name_of(cast.typeName.names)) if cast is not None else None
    cause = here.missing(own.ref) if own is not None and own.kind == "enum" else None
    if cast is None or own is None or cause is None:
        return
    span = spans.operator(here.statement, node.location)
    column, labels = ("", None) if is_between else _as_list(node, own, span)
    yield here.found(
        "enum-order",
        span,
        case="" if labels is None else "listed",
        cause=cause,
        key=f"{own.name} {span.start}",
        before=_written(node, cast, here).text if labels is not None else None,
        type=own.name,
        condition=f"{column} IN ({labels})" if labels else "false",
    )


def _as_list(node: ast.A_Expr, own: Type, operator: Span) -> tuple[str, str | None]:
    """The column, and the labels that a comparison `column < 'label'::type` lets through."""
    column, cast = node.lexpr, node.rexpr
    if not isinstance(column, ast.ColumnRef) or not isinstance(cast, ast.TypeCast):
        return "", None
    label = cast.arg.val.sval if _is_text(cast.arg) else None
    if label not in own.labels:
        return "", None
    at = own.labels.index(label)
    sign = node.name[-1].sval
    kept = own.labels[: at + (sign == "<=")] if "<" in sign else own.labels[at + (sign == ">") :]
    text = operator.statement.text[column.location : operator.start].strip()
    return text, ", ".join(map(literal, kept))


def _is_text(node: ast.Node) -> bool:
    return isinstance(node, ast.A_Const) and isinstance(node.val, ast.String)


def _written(node: ast.A_Expr, cast: ast.TypeCast, here: Here) -> Span:
    end = spans.type_name(here.statement, cast.typeName).end
    return Span(here.statement, node.lexpr.location, end)
