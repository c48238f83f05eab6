"""What came with PostgreSQL 17 and 18: functions, expressions, options, catalogs and roles."""

from __future__ import annotations

import re

from pglast import ast, enums

from dsql_compat.catalog.postgres import newer, newer_parts
from dsql_compat.catalog.types import display
from dsql_compat.checks.context import Found, Here
from dsql_compat.checks.queries_functions import call_text, constant
from dsql_compat.checks.registry import detects
from dsql_compat.findings import Finding, Span
from dsql_compat.sql import spans
from dsql_compat.sql.names import Name
from dsql_compat.sql.walk import walk

_SQL_JSON = {
    ast.JsonTable: "JSON_TABLE",
    ast.JsonParseExpr: "JSON() with a clause",
    ast.JsonScalarExpr: "JSON_SCALAR",
    ast.JsonSerializeExpr: "JSON_SERIALIZE",
}
_JSON_FUNCTIONS = {
    enums.JsonExprOp.JSON_EXISTS_OP: "JSON_EXISTS",
    enums.JsonExprOp.JSON_QUERY_OP: "JSON_QUERY",
    enums.JsonExprOp.JSON_VALUE_OP: "JSON_VALUE",
}
_STATISTICS = {
    *("pg_restore_relation_stats", "pg_restore_attribute_stats"),
    *("pg_clear_relation_stats", "pg_clear_attribute_stats"),
}
_UUIDS = {"uuidv4": "random-uuid", "uuidv7": "uuid"}
_COPY_OPTIONS = {"on_error": 17, "log_verbosity": 17, "reject_limit": 18}
_ALL_COLUMNS = {"force_null", "force_not_null"}
_EXPLAIN_OPTIONS = {"serialize": 17, "memory": 17}
_JSON_PATHS = {
    *("jsonb_path_exists", "jsonb_path_match", "jsonb_path_query", "jsonb_path_query_array"),
    *("jsonb_path_query_first", "jsonb_path_exists_tz", "jsonb_path_match_tz"),
    *("jsonb_path_query_tz", "jsonb_path_query_array_tz", "jsonb_path_query_first_tz"),
}
_PATH_METHOD = re.compile(
    r"\.\s*(?:bigint|boolean|date|decimal|integer|number|string|time(?:stamp)?(?:_tz)?)\s*\("
)
_INTEGERS = {"int2": "smallint", "int4": "integer", "int8": "bigint"}


@detects("newer-function", "newer-syntax", on=ast.FuncCall)
def newer_function(node: ast.FuncCall, here: Here) -> Found:
    parts = node.funcname
    name = parts[-1].sval
    schema = parts[-2].sval if len(parts) > 1 else None
    if schema not in (None, "pg_catalog"):
        return
    if name == "timezone" and node.funcformat == enums.CoercionForm.COERCE_SQL_SYNTAX:
        yield _at_local(node, here)
        return
    if name in _JSON_PATHS:
        yield _json_path(node, here)
        return
    case = "statistics" if name in _STATISTICS else _UUIDS.get(name, "")
    version = newer("functions").get(name)
    if version is None:
        version, case = _newer_form(node, name), "form"
    if version is None or (schema is None and here.catalog.functions_named(Name(schema, name))):
        return
    yield here.found(
        "newer-function",
        spans.call(here.statement, node),
        case=case,
        before=call_text(node, here),
        key=call_text(node, here),
        function=name,
        version=version,
    )


def _newer_form(node: ast.FuncCall, name: str) -> int | None:
    """The version that brought this number, these names or this type of arguments."""
    arguments: tuple[ast.Node, ...] = node.args or ()
    arities = newer_parts("arities").get(name)
    if arities is not None and not node.func_variadic and not node.agg_star:
        version = arities.get(str(len(arguments)))
        if version is not None:
            return version
    names = newer_parts("argument_names").get(name)
    if names is not None:
        for argument in arguments:
            if isinstance(argument, ast.NamedArgExpr) and argument.name in names:
                return names[argument.name]
    if len(arguments) == 1 and name in ("reverse", "min", "max"):
        is_row = isinstance(arguments[0], ast.RowExpr) and name != "reverse"
        return 18 if is_row or _cast_type(arguments[0]) == "bytea" else None
    return None


def _cast_type(node: ast.Node | None) -> str:
    return str(node.typeName.names[-1].sval) if isinstance(node, ast.TypeCast) else ""


def _at_local(node: ast.FuncCall, here: Here) -> Finding | None:
    if len(node.args or ()) != 1:
        return None
    # The call itself has no place in the text; the value before the words has one.
    places = (getattr(inner, "location", None) for inner in walk(node.args[0]))
    span = spans.words(here.statement, "AT LOCAL", after=max((p for p in places if p), default=0))
    return _syntax(span, "AT LOCAL", 17, here, case="at-local", before=span.text)


def _json_path(node: ast.FuncCall, here: Here) -> Finding | None:
    path = constant(node.args[1]) if len(node.args or ()) > 1 else None
    method = _PATH_METHOD.search(path) if path is not None else None
    if method is None:
        return None
    written = method.group().replace(" ", "") + ")"
    return _syntax(spans.call(here.statement, node), written, 17, here, case="path-method")


def _syntax(
    span: Span,
    form: str,
    version: int,
    here: Here,
    *,
    case: str = "",
    before: str | None = None,
    edited: str = "",
) -> Finding | None:
    return here.found(
        "newer-syntax",
        span,
        case=case,
        before=before,
        key=f"{form} {span.start}",
        form=form,
        version=version,
        edited=edited,
    )


# -- expressions ----------------------------------------------------------------------------------


@detects("newer-function", on=(*_SQL_JSON, ast.JsonFuncExpr))
def newer_json(node: ast.Node, here: Here) -> Found:
    if isinstance(node, ast.JsonFuncExpr):
        if node.op not in _JSON_FUNCTIONS:
            return
        function = _JSON_FUNCTIONS[node.op]
    elif isinstance(node, ast.JsonParseExpr) and not _has_clause(node):
        return  # PostgreSQL 16 takes it for a cast in the shape of a call
    else:
        function = _SQL_JSON[node.__class__]
    yield here.found(
        "newer-function",
        spans.word_at(here.statement, node.location),
        case="sql-json",
        key=f"{function} {node.location}",
        function=function,
        version=17,
    )


def _has_clause(node: ast.JsonParseExpr) -> bool:
    form = node.expr.format
    default = form is None or form.format_type == enums.JsonFormatType.JS_FORMAT_DEFAULT
    return bool(node.unique_keys) or not default


@detects("newer-function", on=ast.ReturningClause)
def returning_old(node: ast.ReturningClause, here: Here) -> Found:
    """RETURNING old.x of PostgreSQL 18."""
    tree = here.statement.tree
    relation = getattr(tree, "relation", None)
    alias = relation.alias.aliasname if relation is not None and relation.alias else ""
    names = {"old", "new"} - {alias, relation.relname if relation is not None else ""}
    if node.options:
        span = spans.words(here.statement, "RETURNING", before=node.options[0].location)
        found = "RETURNING WITH (…)"
        yield here.found("newer-function", span, case="returning", function=found, version=18)
        return
    for ref in walk(node):
        if isinstance(ref, ast.ColumnRef) and len(ref.fields) > 1 and ref.fields[0].sval in names:
            word = ref.fields[0].sval.upper()
            yield here.found(
                "newer-function",
                spans.word_at(here.statement, ref.location),
                case="returning",
                function=f"RETURNING {word}",
                version=18,
            )
            return


@detects("newer-syntax", on=ast.TypeCast)
def newer_cast(node: ast.TypeCast, here: Here) -> Found:
    target = node.typeName.names[-1].sval
    if target == "interval":
        value = (constant(node.arg) or "").strip().lower().lstrip("+-")
        if value == "infinity":
            span = spans.type_name(here.statement, node.typeName)
            yield _syntax(span, "an infinite interval", 17, here, case="value")
        return
    if target != "bytea" and target not in _INTEGERS:
        return
    source = _source_type(node.arg)
    version = newer_parts("casts").get(source, {}).get(_INTEGERS.get(target, target))
    if version is not None:
        span = spans.type_name(here.statement, node.typeName)
        form = f"the cast from {source} to {display(node.typeName)}"
        yield _syntax(span, form, version, here, case="value")


def _source_type(node: ast.Node) -> str:
    if isinstance(node, ast.A_Const):
        return "integer" if isinstance(node.val, ast.Integer) else ""
    inner = _cast_type(node)
    return _INTEGERS.get(inner, inner)


# -- options of statements ------------------------------------------------------------------------


@detects("newer-syntax", on=ast.CopyStmt)
def copy_options(node: ast.CopyStmt, here: Here) -> Found:
    for option in node.options or ():
        name = option.defname
        version = _COPY_OPTIONS.get(name)
        if version is None and name in _ALL_COLUMNS and isinstance(option.arg, ast.A_Star):
            version = 17
        if version is not None:
            span = spans.words(here.statement, name, after=option.location)
            yield _syntax(span, f"the COPY option {name.upper()}", version, here)


@detects("newer-syntax", on=ast.ExplainStmt)
def explain_options(node: ast.ExplainStmt, here: Here) -> Found:
    for option in node.options or ():
        version = _EXPLAIN_OPTIONS.get(option.defname)
        if version is not None:
            span = spans.words(here.statement, option.defname, after=option.location)
            yield _syntax(span, f"the EXPLAIN option {option.defname.upper()}", version, here)


@detects("newer-syntax", on=ast.VacuumStmt)
def analyze_only(node: ast.VacuumStmt, here: Here) -> Found:
    relation = node.rels[0].relation if not node.is_vacuumcmd and node.rels else None
    if relation is None or relation.inh:
        return
    span = spans.words(here.statement, "ONLY")
    yield _syntax(
        span,
        "ANALYZE ONLY",
        18,
        here,
        case="only",
        edited=spans.edited(here.statement, [(span.start, span.end, "")]),
    )


@detects("newer-syntax", on=ast.AlterDefaultPrivilegesStmt)
def default_privileges(node: ast.AlterDefaultPrivilegesStmt, here: Here) -> Found:
    action = node.action
    if action.objtype == enums.ObjectType.OBJECT_LARGEOBJECT:
        span = spans.words(here.statement, "LARGE OBJECTS")
        yield _syntax(span, "ALTER DEFAULT PRIVILEGES ON LARGE OBJECTS", 18, here)
    for privilege in action.privileges or ():
        if privilege.priv_name == "maintain":
            span = spans.words(here.statement, "MAINTAIN")
            yield _syntax(span, "the privilege MAINTAIN", 17, here)


@detects("newer-syntax", on=(ast.GrantRoleStmt, ast.CreateRoleStmt))
def granted_roles(node: ast.GrantRoleStmt | ast.CreateRoleStmt, here: Here) -> Found:
    if isinstance(node, ast.GrantRoleStmt):
        roles = [role.priv_name for role in node.granted_roles or ()]
    else:
        lists = [option.arg for option in node.options or () if option.defname == "addroleto"]
        roles = [role.rolename for listed in lists for role in listed]
    for role in roles:
        version = newer("roles").get(role)
        if version is not None:
            span = spans.words(here.statement, role)
            yield _syntax(span, f"the role {role}", version, here, case="role")


# -- catalogs -------------------------------------------------------------------------------------


@detects("newer-syntax", on=ast.RangeVar)
def newer_relation(node: ast.RangeVar, here: Here) -> Found:
    name = node.relname
    version = newer("relations").get(name)
    if version is not None and node.schemaname in (None, "pg_catalog"):
        span = spans.name(here.statement, Name(None, name))
        yield _syntax(span, f"the view {name}", version, here, case="catalog")


@detects("newer-syntax", on=ast.SelectStmt)
def newer_column(node: ast.SelectStmt, here: Here) -> Found:
    if "pg_" not in here.statement.text:
        return  # soon told, and true of nearly all
    columns = newer_parts("columns")
    relations = [item for item in node.fromClause or () if isinstance(item, ast.RangeVar)]
    relations += [
        ref
        for item in node.fromClause or ()
        if isinstance(item, ast.JoinExpr)
        for ref in walk(item)
        if isinstance(ref, ast.RangeVar)
    ]
    known = {
        (r.alias.aliasname if r.alias else r.relname): columns[r.relname]
        for r in relations
        if r.relname in columns and r.schemaname in (None, "pg_catalog")
    }
    if not known:
        return
    for ref in walk(node):
        if not isinstance(ref, ast.ColumnRef) or not isinstance(ref.fields[-1], ast.String):
            continue
        name = ref.fields[-1].sval
        qualifier = ref.fields[-2].sval if len(ref.fields) > 1 else None
        if qualifier is None and len(relations) == 1:
            qualifier = next(iter(known))
        version = known.get(qualifier or "", {}).get(name)
        if version is not None:
            span = spans.words(here.statement, name, after=ref.location)
            yield _syntax(span, f"the column {name}", version, here, case="catalog")
