"""Functions that run, or look into, a PostgreSQL server, told by the function's name."""

from __future__ import annotations

from pglast import ast

from dsql_compat.catalog.postgres import newer, supported
from dsql_compat.checks.context import Found, Here
from dsql_compat.checks.queries_functions import call_text
from dsql_compat.checks.registry import detects
from dsql_compat.sql import spans
from dsql_compat.sql.names import Name

# The documentation lists the views of these as readable.
_READABLE = {"pg_get_backend_memory_contexts", "pg_get_shmem_allocations"}
_ACTIVITY = {
    *("pg_lock_status", "pg_blocking_pids", "pg_safe_snapshot_blocking_pids", "pg_cursor"),
    *("pg_prepared_statement", "pg_prepared_xact"),
}


@detects("superuser-function", "statistics-view", on=ast.FuncCall)
def server_function(node: ast.FuncCall, here: Here) -> Found:
    parts = node.funcname
    name = parts[-1].sval
    schema = parts[-2].sval if len(parts) > 1 else None
    if not name.startswith("pg_") or schema not in (None, "pg_catalog"):
        return
    if name in newer("functions"):
        return
    if name in _ACTIVITY or name.startswith(("pg_stat_get_", "pg_stat_reset", "pg_stat_have_")):
        rule, case = "statistics-view", "function"
    elif name in supported("superuser_functions") and name not in _READABLE:
        rule, case = "superuser-function", ""
    else:
        return
    if schema is None and here.catalog.functions_named(Name(None, name)):
        return
    span = spans.call(here.statement, node)
    key = call_text(node, here)
    yield here.found(rule, span, case=case, key=key, view=name, function=name)
