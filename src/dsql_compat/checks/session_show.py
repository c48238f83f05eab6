"""Session parameters that are read: SHOW and current_setting."""

from __future__ import annotations

from pglast import ast

from dsql_compat.checks.context import Found, Here
from dsql_compat.checks.queries_functions import constant
from dsql_compat.checks.registry import detects
from dsql_compat.sql import spans

_GONE = {"lc_collate", "lc_ctype"}  # from PostgreSQL 16 on


@detects("show-setting", on=ast.VariableShowStmt)
def show_setting(node: ast.VariableShowStmt, here: Here) -> Found:
    if node.name in _GONE:
        span = spans.find_words(here.statement, node.name) or spans.head(here.statement)
        yield here.found("show-setting", span, parameter=node.name)


@detects("show-setting", on=ast.FuncCall)
def current_setting(node: ast.FuncCall, here: Here) -> Found:
    if node.funcname[-1].sval != "current_setting" or not node.args:
        return
    wanted = constant(node.args[0])
    if wanted is not None and wanted.lower() in _GONE:
        span = spans.call(here.statement, node)
        yield here.found("show-setting", span, key=wanted, parameter=wanted)
