"""Session parameters: SET, RESET, SET ROLE, SET SESSION AUTHORIZATION, SET CONSTRAINTS."""

from __future__ import annotations

from pglast import ast, enums

from dsql_compat.catalog.postgres import newer, removed, supported
from dsql_compat.checks.context import Found, Here
from dsql_compat.checks.registry import detects
from dsql_compat.findings import Finding, Span
from dsql_compat.sql import spans
from dsql_compat.sql.names import quote

ACCEPTED = {
    *("application_name", "client_encoding", "datestyle", "extra_float_digits", "intervalstyle"),
    *("timezone", "search_path", "enable_bitmapscan", "enable_hashjoin", "enable_indexonlyscan"),
    *("enable_indexscan", "enable_material", "enable_mergejoin", "enable_nestloop"),
    *("enable_seqscan", "dsql.enable_batched_nestloop", "disable_sync_create_index", "role"),
}
_BATCHED = "dsql.enable_batched_nestloop"  # the one that came later
# The transactions' family tells of these.
_ISOLATION = {"transaction_isolation", "default_transaction_isolation"}
_EXTENSIONS = {
    *("auto_explain", "citus", "google_columnar_engine", "hnsw", "hypopg", "ivfflat", "pg_cron"),
    *("pg_hint_plan", "pg_stat_statements", "pg_trgm", "pgaudit", "plperl", "plpgsql", "postgis"),
    *("postgres_fdw", "pltcl", "rum", "timescaledb", "vchordrq"),
}
_TIMEOUTS = {
    "statement_timeout": "timeout",
    "transaction_timeout": "timeout",
    "lock_timeout": "lock-timeout",
    "deadlock_timeout": "lock-timeout",
    "idle_in_transaction_session_timeout": "idle-timeout",
    "idle_session_timeout": "idle-timeout",
}
# What these say decides what later statements mean, unless the value is the one DSQL has.
_MEANING: dict[str, set[str]] = {
    "standard_conforming_strings": {"on"},
    "backslash_quote": {"safe_encoding"},
    "array_nulls": {"on"},
    "transform_null_equals": {"off"},
    "default_with_oids": {"off"},
    "default_table_access_method": {"heap"},
    "session_replication_role": {"origin"},
    "bytea_output": {"hex"},
    "row_security": {"on", "off"},
    "lc_messages": set(),
    "lc_monetary": set(),
    "lc_numeric": set(),
    "lc_time": set(),
    "timezone_abbreviations": {"default"},
    "default_text_search_config": set(),
    "default_toast_compression": {"pglz", "lz4"},
    "default_transaction_read_only": {"off"},
    "default_transaction_deferrable": {"off"},
    "transaction_read_only": {"off"},
    "transaction_deferrable": {"off"},
    "seed": set(),
    "xmlbinary": {"base64"},
}
_SET = (enums.VariableSetKind.VAR_SET_VALUE, enums.VariableSetKind.VAR_SET_CURRENT)
_MULTI = (enums.VariableSetKind.VAR_SET_MULTI, enums.VariableSetKind.VAR_RESET_ALL)
_TRUE, _FALSE = {"on", "true", "yes", "1"}, {"off", "false", "no", "0"}


@detects(
    *("unsupported-setting", "custom-setting", "set-role", "session-authorization"),
    on=ast.VariableSetStmt,
)
def set_parameter(node: ast.VariableSetStmt, here: Here) -> Found:
    name = (node.name or "").lower()
    if node.kind in _MULTI or not name or name in _ISOLATION:
        return
    if name in ACCEPTED and name not in ("role", _BATCHED):
        return
    tree = here.statement.tree
    is_whole = tree is node
    if isinstance(tree, ast.CreateFunctionStmt):
        yield _clause(node, name, here)
    elif not is_whole:  # ALTER ROLE, ALTER DATABASE, ALTER SYSTEM: each has a rule of its own
        return
    elif name == "role":
        yield _role(node, here)
    elif name == "session_authorization":
        yield _authorization(node, here)
    elif _is_custom(name) and name != _BATCHED:
        yield here.found("custom-setting", _parameter(node, here), parameter=node.name)
    else:
        yield here.found(
            "unsupported-setting",
            _parameter(node, here),
            case=_case(node, name),
            parameter=node.name,
            value=_value(node),
        )


def is_known_setting(name: str) -> bool:
    """Whether PostgreSQL has, or once had, a parameter of this name, or DSQL has it."""
    if name in ACCEPTED or name in supported("settings"):
        return True
    return name in newer("settings") or name in removed("settings")


def _is_custom(name: str) -> bool:
    prefix, dot, _ = name.partition(".")
    return bool(dot) and prefix not in _EXTENSIONS


def _case(node: ast.VariableSetStmt, name: str) -> str:
    if name == _BATCHED:
        return "batched-nestloop"
    if "." not in name and name not in _MEANING and not is_known_setting(name):
        return "unknown"
    value = _value(node)
    if node.kind not in _SET:
        return ""
    if name in _TIMEOUTS and not value.startswith("0"):
        return _TIMEOUTS[name]
    if name == "check_function_bodies" and value in _FALSE:
        return "function-bodies"
    own = _MEANING.get(name)
    if own is None or value in own:
        return ""
    spelt = "on" if value in _TRUE else "off" if value in _FALSE else value
    return "" if spelt in own else "meaning"


def _value(node: ast.VariableSetStmt) -> str:
    """The first value, in lower case."""
    return _text(node).lower()


def _text(node: ast.VariableSetStmt) -> str:
    """The first value as written."""
    first = node.args[0] if node.args else None
    if isinstance(first, ast.TypeCast):
        first = first.arg
    if not isinstance(first, ast.A_Const) or first.isnull:
        return ""
    match first.val:
        case ast.String():
            return str(first.val.sval)
        case ast.Integer():
            return str(first.val.ival)
        case ast.Float():
            return str(first.val.fval)
        case ast.Boolean():
            return "on" if first.val.boolval else "off"
    return ""


def _parameter(node: ast.VariableSetStmt, here: Here) -> Span:
    """The parameter's name where it stands; the first words for SET XML OPTION and its like."""
    for token in here.statement.tokens[1:4]:
        if token.text.strip('"').lower() == node.name.lower():
            return Span(here.statement, token.start, token.end)
    parts = " . ".join(node.name.split("."))
    return spans.find_words(here.statement, parts) or spans.head(here.statement)


def _role(node: ast.VariableSetStmt, here: Here) -> Finding | None:
    value = _value(node)
    if node.kind not in _SET or value == "none":
        return here.found("set-role", spans.words(here.statement, "ROLE"), case="reset")
    return here.found(
        "set-role",
        spans.words(here.statement, "ROLE"),
        case="local" if node.is_local else "",
        role=quote(_text(node)),
    )


def _authorization(node: ast.VariableSetStmt, here: Here) -> Finding | None:
    span = spans.words(here.statement, "SESSION AUTHORIZATION")
    if node.kind not in _SET:
        return here.found("session-authorization", span, case="default")
    return here.found("session-authorization", span, role=quote(_text(node)))


def _clause(node: ast.VariableSetStmt, name: str, here: Here) -> Finding | None:
    """A SET clause of CREATE FUNCTION; it follows from the function if DSQL refuses that."""
    clause = _clause_span(node, here)
    case = "clause"
    rule = "custom-setting" if _is_custom(name) else "unsupported-setting"
    if name in ("role", "session_authorization"):
        rule = "unsupported-setting"
    return here.found(
        rule,
        clause,
        case=case,
        cause=here.missing(here.subject) if here.subject else None,
        key=name,
        parameter=node.name,
        value=_value(node),
        edited=spans.edited(here.statement, [(clause.start, clause.end, "")]),
    )


def _clause_span(node: ast.VariableSetStmt, here: Here) -> Span:
    """SET name = values, up to the clause that follows."""
    tokens = here.statement.tokens
    parts = node.name.lower().split(".")
    for at, token in enumerate(tokens):
        if token.text.upper() != "SET" or at + 1 >= len(tokens):
            continue
        words = [t.text.strip('"').lower() for t in tokens[at + 1 : at + 2 * len(parts)]]
        if words[::2] != parts:
            continue
        end = at + 2 * len(parts)
        if end < len(tokens) and tokens[end].text.upper() in ("=", "TO"):
            end += 1
        end += 1
        while end + 1 < len(tokens) and tokens[end].text == ",":
            end += 2
        return Span(here.statement, token.start, tokens[min(end, len(tokens)) - 1].end)
    return spans.head(here.statement)


@detects("set-constraints", on=ast.ConstraintsSetStmt)
def set_constraints(node: ast.ConstraintsSetStmt, here: Here) -> Found:
    yield here.found("set-constraints", spans.words(here.statement, "SET CONSTRAINTS"))
