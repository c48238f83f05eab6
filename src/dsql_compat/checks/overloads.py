"""Which of several routines of one name a call means, as far as its arguments tell."""

from __future__ import annotations

from pglast import ast, enums

from dsql_compat.catalog.model import Function
from dsql_compat.checks.context import Run
from dsql_compat.findings import Finding
from dsql_compat.sql.names import name_of

_MODE = enums.FunctionParameterMode
_NO_ARGUMENT = (_MODE.FUNC_PARAM_OUT, _MODE.FUNC_PARAM_TABLE)
# PostgreSQL converts by itself within a category, hardly ever from one to another.
_CATEGORIES = {
    **dict.fromkeys(("int2", "int4", "int8", "numeric", "float4", "float8"), "number"),
    **dict.fromkeys(("text", "varchar", "bpchar", "name"), "text"),
    **dict.fromkeys(("date", "timestamp", "timestamptz"), "date"),
    **dict.fromkeys(("time", "timetz"), "time"),
    **{name: name for name in ("bool", "uuid", "bytea", "json", "jsonb", "interval")},
}


def meant(functions: list[Function], call: ast.FuncCall) -> list[Function]:
    """The routines that a call may mean: of exactly its types, or those that can take it."""
    given = [_type_of(argument) for argument in call.args or ()]
    if len(functions) < 2 or not any(given):
        return functions
    exact = [f for f in functions if _agree(_declared(f), given, exactly=True)]
    return exact or [f for f in functions if _agree(_declared(f), given, exactly=False)]


def refusal(function: Function, rules: set[str], run: Run) -> Finding | None:
    """Why DSQL refuses this routine and no other of its name."""
    for finding in run.findings:
        if finding.span.statement is function.statement and finding.rule in rules:
            return finding
    return None


def _agree(declared: list[str], given: list[str], *, exactly: bool) -> bool:
    for wanted, known in zip(declared, given, strict=False):
        if not known or wanted == known:
            continue
        categories = _CATEGORIES.get(wanted), _CATEGORIES.get(known)
        if exactly or (None not in categories and categories[0] != categories[1]):
            return False
    return True


def _declared(function: Function) -> list[str]:
    parameters = getattr(function.node, "parameters", None) or ()
    return [_name(p.argType) for p in parameters if p.mode not in _NO_ARGUMENT]


def _type_of(node: ast.Node) -> str:
    """The type of an argument that shows it, else nothing."""
    match node:
        case ast.TypeCast():
            return _name(node.typeName)
        case ast.A_Const(val=ast.Integer()):
            return "int4"
        case ast.A_Const(val=ast.Float()):
            return "numeric"
        case ast.A_Const(val=ast.Boolean()):
            return "bool"
    return ""


def _name(node: ast.TypeName) -> str:
    return name_of(node.names).name + "[]" * bool(node.arrayBounds)
