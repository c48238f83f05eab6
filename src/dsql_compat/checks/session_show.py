"""Session parameters that are read: SHOW and current_setting."""

from __future__ import annotations

from pglast import ast

from dsql_compat.catalog.postgres import newer, removed
from dsql_compat.checks.context import Found, Here
from dsql_compat.checks.queries_functions import constant
from dsql_compat.checks.registry import detects
from dsql_compat.checks.session import is_known_setting
from dsql_compat.findings import Finding, Span
from dsql_compat.sql import spans


@detects("show-setting", on=ast.VariableShowStmt)
def show_setting(node: ast.VariableShowStmt, here: Here) -> Found:
    if node.name not in (None, "all"):
        span = spans.find_words(here.statement, node.name) or spans.head(here.statement)
        yield _unknown(node.name, span, here)


@detects("show-setting", on=ast.FuncCall)
def current_setting(node: ast.FuncCall, here: Here) -> Found:
    if node.funcname[-1].sval != "current_setting" or not node.args or len(node.args) > 1:
        return
    wanted = constant(node.args[0])
    if wanted is not None:
        yield _unknown(wanted, spans.call(here.statement, node), here)


def _unknown(parameter: str, span: Span, here: Here) -> Finding | None:
    """A parameter that PostgreSQL 16 does not have; those with a dot are the application's own."""
    name = parameter.lower()
    if name in removed("settings"):
        case = ""
    elif name in newer("settings"):
        case = "newer"
    elif "." in name or is_known_setting(name):
        return None
    else:
        case = "unknown"
    return here.found(
        "show-setting",
        span,
        case=case,
        key=parameter,
        parameter=parameter,
        version=newer("settings").get(name, ""),
    )
