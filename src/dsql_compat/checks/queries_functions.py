"""Function calls that DSQL cannot answer, told by the function's name."""

from __future__ import annotations

import re
from collections.abc import Callable

from pglast import ast, enums

from dsql_compat.catalog.extensions import extensions_of_function
from dsql_compat.catalog.model import Function
from dsql_compat.checks.context import Found, Here
from dsql_compat.checks.overloads import meant, refusal
from dsql_compat.checks.registry import detects
from dsql_compat.checks.session import ACCEPTED
from dsql_compat.findings import Finding, ObjectRef, Span
from dsql_compat.sql import spans
from dsql_compat.sql.names import Name, literal, name_of

Check = Callable[[ast.FuncCall, Name, Here], Finding | None]

_CONFIGURED = {  # text search functions that take a configuration, and how many arguments with it
    **dict.fromkeys(("to_tsvector", "to_tsquery", "plainto_tsquery", "phraseto_tsquery"), 2),
    **dict.fromkeys(("websearch_to_tsquery", "ts_debug"), 2),
    **dict.fromkeys(("json_to_tsvector", "jsonb_to_tsvector", "ts_headline"), 3),
}
_SHA = {"sha224", "sha256", "sha384", "sha512"}
# Extensions whose functions are told by their names even where nothing creates the extension.
_WELL_KNOWN = {
    *("uuid-ossp", "pgcrypto", "pg_trgm", "unaccent", "fuzzystrmatch", "dblink", "tablefunc"),
    *("postgis", "vector", "pg_cron"),
}


@detects(
    *("advisory-lock", "text-search-function", "large-object", "xml-function", "geometric-value"),
    *("set-config", "size-function", "extension-function"),
    *("missing-function-call", "wait-for-job", "publication"),
    on=ast.FuncCall,
)
def function_call(node: ast.FuncCall, here: Here) -> Found:
    parts = node.funcname
    name = parts[-1].sval
    check = _CHECKS.get(name)
    schema = parts[-2].sval if len(parts) > 1 else None
    if schema == "sys" and name == "wait_for_job":
        yield _wait_for_job(node, here)
        return
    if schema != "pg_catalog" and here.catalog.functions_named(Name(schema, name)):
        yield missing_function(
            node, Name(schema, name), here
        )  # the schema's own, whatever its name
    elif check is not None and schema in (None, "pg_catalog"):
        yield check(node, Name(schema, name), here)
    elif schema != "pg_catalog" and extensions_of_function(name):
        yield _extension_function(node, Name(schema, name), here)


def arguments_of(node: ast.FuncCall, here: Here) -> Span | None:
    """The arguments of a call with their parentheses."""
    return spans.parenthesised(here.statement, spans.call(here.statement, node).end)


def call_text(node: ast.FuncCall, here: Here) -> str:
    """A call as written, from the name to the closing parenthesis."""
    name, arguments = spans.call(here.statement, node), arguments_of(node, here)
    return here.statement.text[name.start : arguments.end if arguments else name.end]


def constant(node: object) -> str | None:
    """The text of a string constant, with or without a cast."""
    while isinstance(node, ast.TypeCast):
        node = node.arg
    if isinstance(node, ast.A_Const) and isinstance(node.val, ast.String):
        return str(node.val.sval)
    return None


def _advisory_lock(node: ast.FuncCall, name: Name, here: Here) -> Finding | None:
    key = _lock_name(node, here)
    return here.found(
        "advisory-lock",
        spans.call(here.statement, node),
        case="unlock" if "unlock" in name.name else "",
        before=call_text(node, here),
        key=call_text(node, here),
        function=name.name,
        lock=key or "'all'",
        condition=f" WHERE name = {key}" if key else "",
    )


def _lock_name(node: ast.FuncCall, here: Here) -> str:
    """A name for the lock: the text that was hashed to a key, or the key."""
    arguments = arguments_of(node, here)
    if arguments is None or not node.args:
        return ""
    only = node.args[0] if len(node.args) == 1 else None
    if isinstance(only, ast.FuncCall) and name_of(only.funcname).name.startswith("hashtext"):
        only = only.args[0]
    while isinstance(only, ast.TypeCast):
        only = only.arg
    if isinstance(only, ast.A_Const):
        text = constant(only)
        return literal(" ".join(arguments.text[1:-1].split()) if text is None else text)
    return f"concat_ws('/', {' '.join(arguments.text[1:-1].split())})"


def _text_search(node: ast.FuncCall, name: Name, here: Here) -> Finding | None:
    arguments = node.args or ()
    case, configuration = "default-configuration", None
    first = arguments[0] if arguments else None
    if len(arguments) >= _CONFIGURED[name.name] and not _is_options(name, arguments):
        configuration = constant(first)
        plain = (configuration or "").removeprefix("pg_catalog.")
        case = "computed" if configuration is None else "simple" if plain == "simple" else ""
    return here.found(
        "text-search-function",
        spans.call(here.statement, node),
        case=case,
        before=call_text(node, here),
        key=call_text(node, here),
        function=name.name,
        configuration=configuration or "",
        edited=_with_simple(node, here, replace=case in ("", "computed")),
    )


def _is_options(name: Name, arguments: tuple[ast.Node, ...]) -> bool:
    """Whether ts_headline's third argument is its options, so that it names no configuration."""
    if name.name != "ts_headline" or len(arguments) != 3 or constant(arguments[0]) is not None:
        return False
    return constant(arguments[2]) is not None and not isinstance(arguments[0], ast.TypeCast)


def _with_simple(node: ast.FuncCall, here: Here, *, replace: bool) -> str:
    name, arguments = spans.call(here.statement, node), arguments_of(node, here)
    if arguments is None:
        return ""
    inner = arguments.text[1:]
    if replace:
        behind = next(t for t in here.statement.tokens if t.start > arguments.start)
        first = spans.element(here.statement, behind.start)
        inner = here.statement.text[first.end : arguments.end].removeprefix(",").lstrip()
    return f"{name.text}('simple', {inner}"


def _named(rule: str, node: ast.FuncCall, name: Name, here: Here) -> Finding | None:
    """A call that its rule tells by the function's name alone."""
    return here.found(
        rule,
        spans.call(here.statement, node),
        key=call_text(node, here),
        function=name.name,
    )


def _large_object(node: ast.FuncCall, name: Name, here: Here) -> Finding | None:
    if here.inside is None and here.run.sightings["large-object", ""] and name.schema:
        return None  # a dump writes a few calls for each object: one of them says it
    return _named("large-object", node, name, here)


def _xml(node: ast.FuncCall, name: Name, here: Here) -> Finding | None:
    return _named("xml-function", node, name, here)


def _geometric(node: ast.FuncCall, name: Name, here: Here) -> Finding | None:
    return here.found(
        "geometric-value",
        spans.call(here.statement, node),
        case="point" if _GEOMETRIC[name.name] == "point" else "",
        key=call_text(node, here),
        type=_GEOMETRIC[name.name],
    )


def _set_config(node: ast.FuncCall, _: Name, here: Here) -> Finding | None:
    parameter = constant(node.args[0]) if node.args else None
    if parameter is None:
        return None
    return _parameter(node, parameter, "custom" if "." in parameter else "", here)


def _current_setting(node: ast.FuncCall, _: Name, here: Here) -> Finding | None:
    arguments = node.args or ()
    parameter = constant(arguments[0]) if arguments else None
    if parameter is None or "." not in parameter:
        return None
    return _parameter(node, parameter, "read-or-null" if len(arguments) > 1 else "read", here)


def _parameter(node: ast.FuncCall, parameter: str, case: str, here: Here) -> Finding | None:
    if parameter.lower() in ACCEPTED:
        return None
    return here.found(
        "set-config",
        spans.call(here.statement, node),
        case=case,
        cause=_refused_policy(here),
        key=parameter,
        parameter=parameter.lower(),
    )


def _refused_policy(here: Here) -> Finding | None:
    """A policy is refused whole, so what it reads comes after that."""
    is_policy = here.subject is not None and here.subject.kind == "policy"
    return here.missing(here.subject) if is_policy and here.subject is not None else None


def _size(node: ast.FuncCall, name: Name, here: Here) -> Finding | None:
    return _named("size-function", node, name, here)


def _slot(node: ast.FuncCall, name: Name, here: Here) -> Finding | None:
    return here.found(
        "publication",
        spans.call(here.statement, node),
        case="slot",
        key=call_text(node, here),
        function=name.name,
    )


def _wait_for_job(node: ast.FuncCall, here: Here) -> Finding | None:
    tree = here.statement.tree
    if isinstance(tree, ast.CallStmt) and tree.funccall is node:
        return None
    return here.found("wait-for-job", spans.call(here.statement, node), call=call_text(node, here))


def missing_function(node: ast.FuncCall, name: Name, here: Here) -> Finding | None:
    """A call of a function that the schema defines, but in a way that DSQL refuses."""
    if here.cause is not None:
        return None
    count = len(node.args or ())
    named = here.catalog.functions_named(name)
    own = meant([f for f in named if _takes(f, count)], node)
    if not own or any(f.language == "sql" or f.kind not in ("function", "aggregate") for f in own):
        return None
    cause = here.missing(own[0].ref) if len(named) < 2 else refusal(own[0], _LOST, here.run)
    if cause is None or cause.rule not in _LOST:
        return None
    if cause.status.disposition == "review" or own[0].ref == here.subject:
        return None  # it becomes a SQL function of the same name, or calls itself
    return here.found(
        "missing-function-call",
        spans.call(here.statement, node),
        cause=cause,
        key=call_text(node, here),
        function=own[0].name,
    )


def _takes(function: Function, count: int) -> bool:
    """Whether a call with so many arguments can mean it; a built-in one may have the same name."""
    if not isinstance(function.node, ast.CreateFunctionStmt):
        return True
    modes = enums.FunctionParameterMode
    no_argument = (modes.FUNC_PARAM_OUT, modes.FUNC_PARAM_TABLE)
    taken = [p for p in function.node.parameters or () if p.mode not in no_argument]
    if any(p.mode == modes.FUNC_PARAM_VARIADIC for p in taken):
        return True
    return sum(p.defexpr is None for p in taken) <= count <= len(taken)


_LOST = {"plpgsql-function", "other-language-function", "aggregate"}


def _extension_function(node: ast.FuncCall, name: Name, here: Here) -> Finding | None:
    made = here.catalog.extensions
    owners = sorted(extensions_of_function(name.name), key=lambda owner: owner not in made)
    extension = next((owner for owner in owners if _is_of_extension(name, owner, here)), None)
    if extension is None:
        return None
    case, after = _replacement(node, name, here)
    return here.found(
        "extension-function",
        spans.call(here.statement, node),
        case=case,
        cause=here.missing(ObjectRef("extension", extension)),
        before=call_text(node, here),
        key=call_text(node, here),
        function=name,
        extension=extension,
        after=after,
    )


def _is_of_extension(name: Name, extension: str, here: Here) -> bool:
    made = here.catalog.extensions.get(extension)
    if name.schema and name.schema in here.catalog.schemas:
        # A schema of the source's own: the function is the extension's only if that lives there.
        return made is not None and made.schema in (None, name.schema)
    return made is not None or extension in _WELL_KNOWN or name.name.startswith(extension + "_")


def _replacement(node: ast.FuncCall, name: Name, here: Here) -> tuple[str, str]:
    """The case of extension-function, and what to write instead where there is a plain answer."""
    arguments: tuple[ast.Node, ...] = node.args or ()
    match name.name:
        case "uuid_generate_v4":
            return "random-uuid", "gen_random_uuid()"
        case "uuid_generate_v1" | "uuid_generate_v1mc":
            return "time-uuid", "gen_random_uuid()"
        case "digest" if len(arguments) == 2 and (constant(arguments[1]) or "").lower() in _SHA:
            text = (arguments_of(node, here) or spans.head(here.statement)).text[1:]
            value = re.sub(r"\s*,\s*'[^']*'(::\s*\w+)?\s*\)\Z", "", text)
            if not _is_bytes(arguments[0]):
                value = f"convert_to({value}, 'UTF8')"
            return "sha", f"{(constant(arguments[1]) or '').lower()}({value})"
    return "", ""


def _is_bytes(node: ast.Node) -> bool:
    if isinstance(node, ast.TypeCast):
        return name_of(node.typeName.names).name == "bytea"
    called = name_of(node.funcname).name if isinstance(node, ast.FuncCall) else ""
    return called in ("convert_to", "decode", "uuid_send", "gen_random_bytes", *_SHA)


_LO = (
    *("lo_create", "lo_creat", "lo_open", "lo_close", "lo_import", "lo_export", "lo_unlink"),
    *("lo_get", "lo_put", "lo_from_bytea", "lo_lseek", "lo_lseek64", "lo_tell", "lo_tell64"),
    *("lo_truncate", "lo_truncate64", "loread", "lowrite"),
)
_XML = (
    *("xpath", "xpath_exists", "xmlagg", "xmlcomment", "xmlvalidate", "xml_is_well_formed"),
    *("xml_is_well_formed_document", "xml_is_well_formed_content", "table_to_xml", "query_to_xml"),
    *("cursor_to_xml", "schema_to_xml", "database_to_xml", "table_to_xmlschema"),
    *("query_to_xmlschema", "table_to_xml_and_xmlschema", "query_to_xml_and_xmlschema"),
    *("cursor_to_xmlschema", "schema_to_xmlschema", "database_to_xmlschema", "xmlconcat2"),
    *("schema_to_xml_and_xmlschema", "database_to_xml_and_xmlschema", "xml"),
)
# By the name of the function, the type that a call makes.
_GEOMETRIC = {
    **dict.fromkeys(("point", "center", "line_interpt", "lseg_interpt"), "point"),
    **dict.fromkeys(("box_center", "circle_center", "lseg_center", "poly_center"), "point"),
    **dict.fromkeys(("close_ls", "close_lseg", "close_pb", "close_pl", "close_ps"), "point"),
    **dict.fromkeys(("close_sb", "point_add", "point_div", "point_mul", "point_sub"), "point"),
    **dict.fromkeys(("lseg", "diagonal"), "lseg"),
    **dict.fromkeys(("box", "bound_box", "box_add", "box_div", "box_intersect", "box_mul"), "box"),
    **dict.fromkeys(("box_sub",), "box"),
    **dict.fromkeys(("path", "pclose", "popen", "path_add", "path_add_pt", "path_div_pt"), "path"),
    **dict.fromkeys(("path_mul_pt", "path_sub_pt"), "path"),
    **dict.fromkeys(("circle", "circle_add_pt", "circle_div_pt", "circle_mul_pt"), "circle"),
    **{"circle_sub_pt": "circle", "line": "line", "polygon": "polygon"},
}
_LOCKS = tuple(
    f"pg_{kind}{word}{shared}"
    for kind, word in (
        *(("", "advisory_lock"), ("", "advisory_xact_lock"), ("try_", "advisory_lock")),
        *(("try_", "advisory_xact_lock"), ("", "advisory_unlock")),
    )
    for shared in ("", "_shared")
)
_SIZES = (
    *("pg_total_relation_size", "pg_relation_size", "pg_table_size", "pg_indexes_size"),
    *("pg_database_size", "pg_tablespace_size", "pg_relation_filepath", "pg_relation_filenode"),
)
_SLOTS = (
    *("pg_create_logical_replication_slot", "pg_create_physical_replication_slot"),
    *("pg_drop_replication_slot", "pg_replication_slot_advance", "pg_logical_emit_message"),
    *("pg_logical_slot_get_changes", "pg_logical_slot_peek_changes"),
    *("pg_logical_slot_get_binary_changes", "pg_logical_slot_peek_binary_changes"),
    *("pg_copy_logical_replication_slot", "pg_copy_physical_replication_slot"),
    "pg_get_replication_slots",
)
_CHECKS: dict[str, Check] = {
    **dict.fromkeys(_SLOTS, _slot),
    **dict.fromkeys((*_LOCKS, "pg_advisory_unlock_all"), _advisory_lock),
    **dict.fromkeys(_CONFIGURED, _text_search),
    **dict.fromkeys(_LO, _large_object),
    **dict.fromkeys(_XML, _xml),
    **dict.fromkeys(_GEOMETRIC, _geometric),
    **dict.fromkeys(_SIZES, _size),
    "set_config": _set_config,
    "current_setting": _current_setting,
}
