"""The type of an expression that an index has for a key, where its text tells it."""

from __future__ import annotations

from pglast import ast

from dsql_compat.catalog.model import Catalog, Table
from dsql_compat.catalog.types import NOT_IN_KEYS, resolve
from dsql_compat.sql.names import name_of

_RETURNS = {
    **dict.fromkeys(("sha224", "sha256", "sha384", "sha512", "decode", "convert_to"), "bytea"),
    **dict.fromkeys(("to_jsonb", "jsonb_extract_path", "jsonb_path_query_first"), "jsonb"),
    **dict.fromkeys(("jsonb_build_object", "jsonb_build_array", "jsonb_strip_nulls"), "jsonb"),
    **dict.fromkeys(("age", "make_interval", "justify_days", "justify_hours"), "interval"),
}
_ENDINGS = {
    "bytea": "encode({0}, 'hex')",
    "json": "({0})::text",
    "jsonb": "({0})::text",
    "interval": "extract(epoch FROM {0})",
    "time with time zone": "extract(epoch FROM {0})",
}
_TO_JSON = ("->", "#>")


def unfit_type(expression: ast.Node, table: Table | None, catalog: Catalog) -> str:
    """The type of an expression that no key can hold; empty where it is another or not known."""
    found = _type(expression, table, catalog)
    return found if found in NOT_IN_KEYS else ""


def fit_expression(text: str, start: int, expression: ast.Node, base: str) -> str:
    """An expression of a type that keys can hold, for one written at `start` as `text`."""
    if isinstance(expression, ast.A_Expr) and expression.name[-1].sval in _TO_JSON:
        end = expression.location - start + len(expression.name[-1].sval)
        return f"{text[:end]}>{text[end:]}"  # -> becomes ->>, #> becomes #>>
    return f"({_ENDINGS[base].format(_bare(text))})"


def _bare(text: str) -> str:
    """Without the parentheses around the whole, which the new ones replace."""
    if not text.startswith("("):
        return text
    depth = 0
    for at, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if not depth:
            return text[1:-1] if at == len(text) - 1 else text
    return text


def _type(node: ast.Node | None, table: Table | None, catalog: Catalog) -> str:
    match node:
        case ast.TypeCast():
            return resolve(catalog, node.typeName).base
        case ast.FuncCall():
            return _RETURNS.get(name_of(node.funcname).name, "")
        case ast.CoalesceExpr():
            return _type(node.args[0], table, catalog)
        case ast.ColumnRef():
            last = node.fields[-1]
            column = table.columns.get(getattr(last, "sval", "")) if table else None
            return resolve(catalog, column.type).base if column and column.type else ""
        case ast.A_Expr():
            return _operation(node, table, catalog)
    return ""


def _operation(node: ast.A_Expr, table: Table | None, catalog: Catalog) -> str:
    operator = node.name[-1].sval
    left = _type(node.lexpr, table, catalog)
    if left in ("json", "jsonb"):
        return left if operator in (*_TO_JSON, "||", "-", "#-") else ""
    if operator == "-" and left.startswith("timestamp"):
        right = _type(node.rexpr, table, catalog)
        return "interval" if right.startswith("timestamp") else ""
    return ""
