"""The rows of an INSERT that the parser read: constants, and what is as good as one."""

from __future__ import annotations

from typing import Any

from pglast import ast, enums

from dsql_compat.rewriting.row_texts import Inserted, Literal
from dsql_compat.sql.names import name_of

_FUNCTIONS = {
    "now": "now()",
    "gen_random_uuid": "gen_random_uuid()",
    "uuid_generate_v4": "gen_random_uuid()",
}
_NOW = enums.SQLValueFunctionOp
_VALUES = {
    _NOW.SVFOP_CURRENT_DATE: "CURRENT_DATE",
    _NOW.SVFOP_CURRENT_TIMESTAMP: "CURRENT_TIMESTAMP",
    _NOW.SVFOP_LOCALTIMESTAMP: "LOCALTIMESTAMP",
}


def literal_rows(tree: ast.InsertStmt) -> Inserted | None:
    """The rows of an INSERT … VALUES; None where they depend on anything but themselves."""
    query = tree.selectStmt
    if not isinstance(query, ast.SelectStmt) or not query.valuesLists:
        return None
    if tree.withClause is not None or tree.returningClause is not None:
        return None
    tail = ""
    conflict = tree.onConflictClause
    if conflict is not None:
        nothing = enums.OnConflictAction.ONCONFLICT_NOTHING
        if conflict.action != nothing or conflict.infer is not None:
            return None
        tail = "ON CONFLICT DO NOTHING"
    rows: list[list[Literal]] = []
    for values in query.valuesLists:
        row = [_literal(value) for value in values]
        known = [value for value in row if value is not None]
        if len(known) != len(row):
            return None
        rows.append(known)
    return Inserted(rows, tail)


def _literal(node: Any) -> Literal | None:
    match node:
        case ast.TypeCast():
            return _literal(node.arg)
        case ast.SetToDefault():
            return Literal(None, "DEFAULT")
        case ast.A_Const():
            return _constant(node)
        case ast.A_ArrayExpr():
            return _array(node)
        case ast.SQLValueFunction() if node.op in _VALUES:
            return Literal(None, _VALUES[node.op])
        case ast.FuncCall() if not node.args:
            word = _FUNCTIONS.get(name_of(node.funcname).name)
            return None if word is None else Literal(None, word)
        case ast.A_Expr() if node.lexpr is None and node.name[-1].sval == "-":
            inner = _literal(node.rexpr)
            is_number = inner is not None and inner.text is None and inner.word[:1].isdigit()
            return Literal(None, f"-{inner.word}") if inner is not None and is_number else None
    return None


def _constant(node: ast.A_Const) -> Literal:
    value = node.val
    if node.isnull:
        return Literal(None, "NULL")
    match value:
        case ast.String():
            return Literal(value.sval or "")
        case ast.Boolean():
            return Literal(None, "true" if value.boolval else "false")
        case ast.Float():
            return Literal(None, value.fval)
        case ast.BitString():
            kind, digits = value.bsval[:1], value.bsval[1:]
            is_hex = kind in "xX"
            return Literal("".join(f"{int(d, 16):04b}" for d in digits) if is_hex else digits)
    return Literal(None, str(value.ival or 0))


def _array(node: ast.A_ArrayExpr) -> Literal | None:
    """ARRAY[…] of constants as the text that PostgreSQL has for it."""
    texts: list[str] = []
    for element in node.elements or ():
        found = _literal(element)
        if found is None:
            return None
        is_array = isinstance(element, ast.A_ArrayExpr)
        if found.text is None or is_array:
            texts.append(found.word if found.text is None else found.text)
        else:
            escaped = found.text.replace("\\", "\\\\").replace('"', '\\"')
            texts.append(f'"{escaped}"')
    return Literal("{" + ",".join(texts) + "}")
