"""Columns of citext are text now: what compared them without regard to case says so by lower().

PostgreSQL decides by the types of both sides: citext against citext or a bare literal pays no
regard to case, against text it does.  Where that cannot be told, the reason is given instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pglast import ast, enums

from dsql_compat.catalog.model import Catalog, Column
from dsql_compat.catalog.types import resolve
from dsql_compat.rewriting.scopes import Scope
from dsql_compat.sql.names import literal, name_of
from dsql_compat.sql.walk import walk

if TYPE_CHECKING:
    from dsql_compat.rewriting.translation_values import Values
    from dsql_compat.rewriting.work import Work

# What a side of an operator is: of citext, a literal that takes the other's type, or neither.
Side = Literal["caseless", "open", "text", "unknown"]

_KIND = enums.A_Expr_Kind
_COMPARED = {"=", "<>", "<", ">", "<=", ">="}
_MATCHED = {
    **{"~": "~*", "~*": "~*", "!~": "!~*", "!~*": "!~*"},
    **{"~~": "~~*", "~~*": "~~*", "!~~": "!~~*", "!~~*": "!~~*"},
}
_BETWEEN = {
    _KIND.AEXPR_BETWEEN: "BETWEEN",
    _KIND.AEXPR_NOT_BETWEEN: "NOT BETWEEN",
    _KIND.AEXPR_BETWEEN_SYM: "BETWEEN SYMMETRIC",
    _KIND.AEXPR_NOT_BETWEEN_SYM: "NOT BETWEEN SYMMETRIC",
}
_DISTINCT = {
    _KIND.AEXPR_DISTINCT: "IS DISTINCT FROM",
    _KIND.AEXPR_NOT_DISTINCT: "IS NOT DISTINCT FROM",
}
_LISTED = {_KIND.AEXPR_OP_ANY: "ANY", _KIND.AEXPR_OP_ALL: "ALL"}
_WITH_FLAG = {
    "regexp_match": 2,
    "regexp_matches": 2,
    "regexp_replace": 3,
    "regexp_split_to_array": 2,
    "regexp_split_to_table": 2,
}
# The extension has these for citext, too.
_OWN = (*_WITH_FLAG, "strpos", "replace", "split_part", "translate")
_SAME_TYPE = ("lag", "lead", "first_value", "last_value", "nth_value", "any_value", "min", "max")
_ATOMS = (ast.ColumnRef, ast.ParamRef, ast.TypeCast, ast.FuncCall, ast.A_Const, ast.A_ArrayExpr)


def is_caseless(catalog: Catalog, node: ast.TypeName | None) -> bool:
    """Whether a type is citext, or a domain over it."""
    if node is None or node.arrayBounds:
        return False
    found = resolve(catalog, node)
    return found.family == "extension" and found.base.rpartition(".")[2] == "citext"


def is_caseless_column(catalog: Catalog, column: Column | None) -> bool:
    """Whether a column of the source pays no regard to case."""
    return column is not None and is_caseless(catalog, column.type)


def side_of(work: Work, node: ast.Node | None, scope: Scope) -> Side:
    """What an operand is to PostgreSQL."""
    match node:
        case ast.ColumnRef():
            use = scope.use(node)
            if use is not None and use.kind == "caseless":
                return "caseless"
            return "text" if use is not None or scope.is_known(node) else "unknown"
        case ast.A_Const():
            return "open" if node.isnull or isinstance(node.val, ast.String) else "text"
        case ast.TypeCast():
            return "caseless" if is_caseless(work.catalog, node.typeName) else "text"
        case ast.ParamRef():
            return "text"  # a function with an argument of citext is left as a whole
        case ast.CollateClause():
            return side_of(work, node.arg, scope)
        case ast.CoalesceExpr() | ast.MinMaxExpr():
            return _common([side_of(work, part, scope) for part in node.args])
        case ast.CaseExpr():
            given = [when.result for when in node.args]
            given += [node.defresult] if node.defresult is not None else []
            return _common([side_of(work, part, scope) for part in given])
        case ast.A_Expr(kind=_KIND.AEXPR_NULLIF):
            return side_of(work, node.lexpr, scope)
        case ast.FuncCall() if name_of(node.funcname).name in _SAME_TYPE and node.args:
            return side_of(work, node.args[0], scope)
        case ast.FuncCall() | ast.A_Expr() | ast.BoolExpr() | ast.NullTest():
            return "text"
        case ast.SQLValueFunction() | None:
            return "text"
    has_some = any(
        (use := scope.use(part)) is not None and use.kind == "caseless"
        for part in walk(node)
        if isinstance(part, ast.ColumnRef)
    )
    return "unknown" if has_some or isinstance(node, ast.SubLink) else "text"


def _common(sides: list[Side]) -> Side:
    """The type of several values together: text wins, as the preferred type of its category."""
    found = set(sides) - {"open"}
    if "unknown" in found:
        return "unknown"
    if not found:
        return "open"
    return "text" if "text" in found else "caseless"


def pays_no_regard(values: Values, sides: list[ast.Node], scope: Scope) -> bool:
    """Whether these are compared as citext.  Raises Untranslatable where that cannot be told."""
    found = {side_of(values.work, side, scope) for side in sides}
    if "caseless" not in found:
        return False
    if "unknown" in found:
        values.give_up("it compares citext with what may or may not be citext, too")
    return "text" not in found


def edit(values: Values, node: ast.Node, scope: Scope) -> bool:
    """Whether an expression was edited as a whole, because it compares without regard to case."""
    if not values.work.has_caseless and "citext" not in values.source.text:
        return False
    match node:
        case ast.A_Expr():
            return _operator(values, node, scope)
        case ast.FuncCall():
            return _call(values, node, scope)
        case ast.MinMaxExpr():
            if pays_no_regard(values, list(node.args), scope):
                values.give_up("it picks the least or greatest of citext")
        case ast.CaseExpr() if node.arg is not None:
            if pays_no_regard(values, [node.arg, *(when.expr for when in node.args)], scope):
                values.give_up("CASE compares citext without regard to case")
        case ast.SortBy():
            if side_of(values.work, node.node, scope) == "caseless":
                return _replaced(values, node.node, lowered(values, node.node, scope))
        case ast.WindowDef():
            return _window(values, node, scope)
    return False


def _replaced(values: Values, node: ast.Node, new: str) -> bool:
    values.instead(node, new)
    return True


def _window(values: Values, node: ast.WindowDef, scope: Scope) -> bool:
    rest = (node.orderClause, node.startOffset, node.endOffset)
    for part in node.partitionClause or ():
        if side_of(values.work, part, scope) == "caseless":
            values.instead(part, lowered(values, part, scope))
        else:
            values.visit(part, scope)
    for other in rest:
        values.visit(other, scope)
    return True


# -- operators ------------------------------------------------------------------------------------


def _operator(values: Values, node: ast.A_Expr, scope: Scope) -> bool:
    sign = node.name[-1].sval if node.name else ""
    left, right = node.lexpr, node.rexpr
    if isinstance(left, ast.RowExpr) or isinstance(right, ast.RowExpr):
        return _rows(values, node, scope)
    if left is None or right is None:
        return False
    if node.kind in _LISTED:
        return _listed(values, node, sign, scope)
    if sign in _MATCHED and node.kind in (_KIND.AEXPR_OP, _KIND.AEXPR_LIKE, _KIND.AEXPR_ILIKE):
        return _matched(values, node, sign, scope)
    if node.kind == _KIND.AEXPR_SIMILAR and side_of(values.work, left, scope) == "caseless":
        values.give_up("SIMILAR TO matches citext without regard to case")
    others = list(right) if isinstance(right, tuple) else [right]
    if not pays_no_regard(values, [left, *others], scope):
        return False
    first = lowered(values, left, scope)
    rest = [lowered(values, other, scope) for other in others]
    match node.kind:
        case _KIND.AEXPR_OP if sign in _COMPARED:
            new = f"{first} {sign} {rest[0]}"
            return _replaced(values, node, f"({new})" if len(node.name) > 1 else new)
        case _KIND.AEXPR_IN:
            word = "IN" if sign == "=" else "NOT IN"
            return _replaced(values, node, f"{first} {word} ({', '.join(rest)})")
        case kind if kind in _BETWEEN:
            return _replaced(values, node, f"{first} {_BETWEEN[kind]} {rest[0]} AND {rest[1]}")
        case kind if kind in _DISTINCT:
            return _replaced(values, node, f"{first} {_DISTINCT[kind]} {rest[0]}")
        case _KIND.AEXPR_NULLIF if isinstance(left, ast.ColumnRef):
            kept = values.rendered(left, scope)
            new = f"CASE WHEN {first} = {rest[0]} THEN NULL ELSE {kept} END"
            return _replaced(values, node, new)
        case _KIND.AEXPR_OP if sign == "||":
            return False
    values.give_up(f"{sign} on citext has no match")
    return False


def _rows(values: Values, node: ast.A_Expr, scope: Scope) -> bool:
    for part in walk(node):
        use = scope.use(part) if isinstance(part, ast.ColumnRef) else None
        if use is not None and use.kind == "caseless":
            values.give_up("it compares rows with citext in them")
    return False


def _matched(values: Values, node: ast.A_Expr, sign: str, scope: Scope) -> bool:
    """A pattern: the side that is matched decides, whatever the pattern's type is."""
    left = side_of(values.work, node.lexpr, scope)
    right = side_of(values.work, node.rexpr, scope)
    if left == "unknown" or (left == "open" and right == "unknown"):
        if right != "caseless" and not _mentions(values, node, scope):
            return False
        values.give_up("it matches what may or may not be citext")
    if left != "caseless" and not (left == "open" and right == "caseless"):
        return False
    value, pattern = _bare(values, node.lexpr, scope), _bare(values, node.rexpr, scope)
    return _replaced(values, node, f"({value} {_MATCHED[sign]} {pattern})")


def _mentions(values: Values, node: ast.Node, scope: Scope) -> bool:
    return any(
        (use := scope.use(part)) is not None and use.kind == "caseless"
        for part in walk(node)
        if isinstance(part, ast.ColumnRef)
    )


def _listed(values: Values, node: ast.A_Expr, sign: str, scope: Scope) -> bool:
    """`x = ANY (ARRAY[…])`, which is how PostgreSQL keeps IN."""
    array, cast = node.rexpr, None
    while isinstance(array, ast.TypeCast):
        cast, array = cast or array.typeName, array.arg
    elements = list(array.elements or ()) if isinstance(array, ast.A_ArrayExpr) else None
    own = side_of(values.work, node.lexpr, scope)
    if own == "text" or (own == "open" and not _mentions(values, node, scope)):
        return False
    is_text = cast is not None and name_of(cast.names).name != "citext"
    is_pattern = sign in _MATCHED
    if is_text and not is_pattern:
        return False
    if elements is None:
        if own == "caseless" and (is_pattern or not _is_plain_array(values, array, scope)):
            values.give_up("it compares citext with an array")
        return False
    if not is_pattern and not pays_no_regard(values, [node.lexpr, *elements], scope):
        return False
    if own != "caseless":
        values.give_up("it compares an array with citext in it")
    word = _LISTED[node.kind]
    if is_pattern:
        items = ", ".join(_bare(values, element, scope) for element in elements)
        value = _bare(values, node.lexpr, scope)
        return _replaced(values, node, f"({value} {_MATCHED[sign]} {word} (ARRAY[{items}]))")
    if sign not in _COMPARED:
        values.give_up(f"{sign} on citext has no match")
    items = ", ".join(lowered(values, element, scope) for element in elements)
    value = lowered(values, node.lexpr, scope)
    return _replaced(values, node, f"({value} {sign} {word} (ARRAY[{items}]))")


def _is_plain_array(values: Values, node: ast.Node, scope: Scope) -> bool:
    """An argument of a function, or a column: arrays of text."""
    if isinstance(node, ast.ColumnRef):
        use = scope.use(node)
        return scope.is_known(node) and (use is None or use.type == "text")
    return isinstance(node, ast.ParamRef)


# -- functions ------------------------------------------------------------------------------------


def _call(values: Values, node: ast.FuncCall, scope: Scope) -> bool:
    name, arguments = name_of(node.funcname).name, list(node.args or ())
    if not arguments or values.work.catalog.functions_named(name_of(node.funcname)):
        return False
    is_own = side_of(values.work, arguments[0], scope) == "caseless"
    if is_own and (name in ("min", "max", "rank", "dense_rank") or node.agg_within_group):
        values.give_up(f"{name}() orders citext without regard to case")
    if node.agg_within_group and any(
        side_of(values.work, sort.node, scope) == "caseless" for sort in node.agg_order or ()
    ):
        values.give_up(f"{name}() orders citext without regard to case")
    if node.agg_distinct and any(side_of(values.work, a, scope) == "caseless" for a in arguments):
        if name != "count" or len(arguments) != 1:
            values.give_up(f"{name}(DISTINCT …) compares citext without regard to case")
        return _replaced(values, arguments[0], lowered(values, arguments[0], scope))
    if name not in _OWN or not pays_no_regard(values, arguments[:2], scope):
        return False
    if name == "strpos":
        one, other = (lowered(values, argument, scope) for argument in arguments)
        return _replaced(values, node, f"strpos({one}, {other})")
    if _WITH_FLAG.get(name) != len(arguments):
        values.give_up(f"{name}() reads citext without regard to case")
    given = ", ".join(_bare(values, argument, scope) for argument in arguments)
    return _replaced(values, node, f"{name}({given}, 'i')")


# -- texts ----------------------------------------------------------------------------------------


def lowered(values: Values, node: ast.Node, scope: Scope) -> str:
    """An operand in lower case; a literal of ASCII is spelled so."""
    text = _constant(values, node)
    if text is not None and text.isascii():
        return literal(text.lower())
    if text is not None:
        return f"lower({literal(text)})"
    if isinstance(node, ast.A_Const):
        return "NULL"
    return f"lower({values.rendered(node, scope)})"


def _bare(values: Values, node: ast.Node, scope: Scope) -> str:
    """An operand as it is, without a cast that only made a literal citext."""
    text = _constant(values, node)
    if text is not None:
        return literal(text)
    new = values.rendered(node, scope)
    return new if isinstance(node, _ATOMS) else f"({new})"


def _constant(values: Values, node: ast.Node) -> str | None:
    """A literal's text, with or without a cast to citext."""
    if isinstance(node, ast.TypeCast) and is_caseless(values.work.catalog, node.typeName):
        if resolve(values.work.catalog, node.typeName).through:
            return None  # a domain, whose checks are to be kept
        node = node.arg
    if isinstance(node, ast.A_Const) and isinstance(node.val, ast.String):
        return str(node.val.sval or "")
    return None
