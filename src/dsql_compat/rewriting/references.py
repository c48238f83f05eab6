"""What a piece of SQL needs: the source's relations, routines and types that it names."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pglast import ast, enums

from dsql_compat.catalog.extensions import extensions_of_function, known_extensions
from dsql_compat.catalog.model import Catalog, Function
from dsql_compat.catalog.postgres import newer, supported
from dsql_compat.catalog.types import resolve
from dsql_compat.checks.columns import counted_by
from dsql_compat.checks.overloads import meant
from dsql_compat.rewriting.model import Key
from dsql_compat.sql.names import Name, name_from_text, name_of, relation_name
from dsql_compat.sql.walk import walk

_MODE = enums.FunctionParameterMode
_SYSTEM = ("pg_catalog", "information_schema", "sys")
BY_TEXT = {"nextval", "currval", "setval", "to_regclass"}


def needs(catalog: Catalog, *roots: ast.Node | None) -> frozenset[Key]:
    """The objects of the schema that trees refer to."""
    found: set[Key] = set()
    for root in roots:
        if root is not None:
            found.update(_references(catalog, root))
    return frozenset(found)


def lost_names(catalog: Catalog, roots: list[ast.Node | None]) -> list[str]:
    """Names without a schema that only another schema than those of the search path has."""
    tables = {name.name for name in catalog.relations}
    routines = {name.name for name in catalog.functions}
    found: list[str] = []
    for root in roots:
        nodes = list(walk(root)) if root is not None else []
        queries = {node.ctename for node in nodes if isinstance(node, ast.CommonTableExpr)}
        for node in nodes:
            if isinstance(node, ast.RangeVar) and node.schemaname is None:
                name = relation_name(node)
                is_lost = name.name in tables - queries and catalog.relation(name) is None
            elif isinstance(node, ast.FuncCall) and len(node.funcname) == 1:
                name = name_of(node.funcname)
                is_lost = name.name in routines and not catalog.functions_named(name)
            else:
                continue
            if is_lost:
                found.append(str(name))
    return found


def unknown_names(catalog: Catalog, roots: list[ast.Node | None]) -> list[str]:
    """Relations, and functions with so many arguments, that neither source nor PostgreSQL has."""
    found: list[str] = []
    for root in roots:
        nodes = list(walk(root)) if root is not None else []
        queries = {node.ctename for node in nodes if isinstance(node, ast.CommonTableExpr)}
        for node in nodes:
            match node:
                case ast.RangeVar():
                    name = relation_name(node)
                    if not _is_relation(catalog, name, queries):
                        found.append(str(name))
                case ast.FuncCall() if not _is_function(catalog, node):
                    count = len(node.args or ())
                    plural = "" if count == 1 else "s"
                    found.append(f"{name_of(node.funcname)}() of {count} argument{plural}")
    return found


def _is_function(catalog: Catalog, node: ast.FuncCall) -> bool:
    """Whether anything may be called like this; where nobody can tell, it is taken to be so."""
    name, given = name_of(node.funcname), len(node.args or ())
    if name.schema in _SYSTEM:
        return True
    own = catalog.functions_named(name)
    if any(takes(function, given) for function in own):
        return True
    owners = set(extensions_of_function(name.name)) & set(catalog.extensions)
    if owners or not set(catalog.extensions) <= known_extensions():
        return True
    if name.schema is not None:
        return False
    plain = name.name
    is_built_in = plain in supported("functions") or plain in newer("functions")
    if is_built_in or extensions_of_function(plain):  # of an extension: a rule's to judge
        return True
    # A call with one argument may be a cast, or read the column of a row.
    is_type = resolve(catalog, ast.TypeName(names=node.funcname)).family != "unknown"
    columns = (column for table in catalog.tables() for column in table.columns)
    return given == 1 and (is_type or plain in columns)


def _is_relation(catalog: Catalog, name: Name, queries: set[str]) -> bool:
    if name.schema is None and (name.name in queries or name.name.startswith("pg_")):
        return True
    return name.schema in _SYSTEM or catalog.relation(name) is not None


@contextmanager
def search_path_of(catalog: Catalog, function: Function) -> Iterator[None]:
    """The search path of a function, its own or the one that it was made under, for its body."""
    before, catalog.search_path = catalog.search_path, function.path
    for option in getattr(function.node, "options", None) or ():
        path = path_set_by(option)
        if path is not None:
            catalog.search_path = path
    try:
        yield
    finally:
        catalog.search_path = before


def sets_search_path(function: Function) -> bool:
    """Whether a function sets a search path for itself."""
    options = getattr(function.node, "options", None) or ()
    return any(path_set_by(option) is not None for option in options)


def path_set_by(option: ast.DefElem) -> tuple[str, ...] | None:
    """The search path that an option of a function sets; None if it does not."""
    setting = option.arg if option.defname == "set" else None
    if not isinstance(setting, ast.VariableSetStmt) or setting.name != "search_path":
        return None
    parts = [c.val.sval for c in setting.args or () if isinstance(c, ast.A_Const)]
    names = [name.strip().strip('"') for part in parts for name in part.split(",")]
    return tuple(name for name in names if name)


def _references(catalog: Catalog, root: ast.Node) -> Iterator[Key]:
    nodes = list(walk(root))
    queries = {node.ctename for node in nodes if isinstance(node, ast.CommonTableExpr)}
    for node in nodes:
        match node:
            case ast.RangeVar():
                name = relation_name(node)
                if name.schema is None and name.name in queries:
                    continue
                relation = catalog.relation(name)
                if relation is not None:
                    yield Key("relation", relation.name)
            case ast.FuncCall():
                yield from _call(catalog, node)
            case ast.TypeName() if node.names:
                yield from _type(catalog, name_of(node.names))
            case ast.TypeCast():
                yield from _regclass(catalog, node)
            case ast.ObjectWithArgs():
                yield from _routine(catalog, node)


def _call(catalog: Catalog, node: ast.FuncCall) -> Iterator[Key]:
    name = name_of(node.funcname)
    routines = catalog.functions_named(name)
    if routines:
        given = len(node.args or ())
        fitting = [function for function in routines if takes(function, given)] or routines
        yield from map(routine_key, meant(fitting, node) or fitting)
    if name.name in BY_TEXT and node.args:
        yield from _named(catalog, node.args[0])


def routine_key(function: Function) -> Key:
    """A routine by its name and the types of its arguments: others may have its name."""
    types = ", ".join(_written(p.argType) for p in arguments_of(function))
    return Key("function", Name(function.name.schema, f"{function.name.name}({types})"))


def arguments_of(function: Function) -> list[ast.FunctionParameter]:
    """The parameters of a routine that a call gives."""
    parameters = getattr(function.node, "parameters", None) or ()
    return [p for p in parameters if p.mode not in (_MODE.FUNC_PARAM_OUT, _MODE.FUNC_PARAM_TABLE)]


def takes(function: Function, given: int) -> bool:
    """Whether a routine can be called with so many arguments."""
    arguments = arguments_of(function)
    if function.kind not in ("function", "procedure"):
        return True
    needed = sum(1 for p in arguments if p.defexpr is None and p.mode != _MODE.FUNC_PARAM_VARIADIC)
    is_variadic = any(p.mode == _MODE.FUNC_PARAM_VARIADIC for p in arguments)
    return needed <= given and (is_variadic or given <= len(arguments))


def _written(node: ast.TypeName) -> str:
    return name_of(node.names).name + "[]" * bool(node.arrayBounds)


def _routine(catalog: Catalog, node: ast.ObjectWithArgs) -> Iterator[Key]:
    """A routine that GRANT, COMMENT or the like is about."""
    routines = catalog.functions_named(name_of(node.objname or ()))
    if routines and not node.args_unspecified:
        wanted = [_written(t) for t in node.objargs or () if t is not None]
        exact = [f for f in routines if [_written(p.argType) for p in arguments_of(f)] == wanted]
        routines = exact or routines
    yield from map(routine_key, routines)


def _regclass(catalog: Catalog, node: ast.TypeCast) -> Iterator[Key]:
    if node.typeName is not None and name_of(node.typeName.names).name == "regclass":
        yield from _named(catalog, node.arg)


def _named(catalog: Catalog, node: ast.Node) -> Iterator[Key]:
    """The relation that a literal names."""
    while isinstance(node, ast.TypeCast):
        node = node.arg
    if isinstance(node, ast.A_Const) and isinstance(node.val, ast.String):
        name = name_from_text(node.val.sval)
        counter, relation = counted_by(catalog, name), catalog.relation(name)
        if counter is not None:  # there as soon as its column is
            yield Key("counter", counter[0])
            yield Key("relation", counter[1].table.name)
        elif relation is not None:
            yield Key("relation", relation.name)


def _type(catalog: Catalog, name: Name) -> Iterator[Key]:
    own = catalog.type(name) if name.schema != "pg_catalog" else None
    if own is not None:
        yield Key("type", own.name)
        return
    relation = catalog.relation(name) if name.schema != "pg_catalog" else None
    if relation is not None:  # the row type of a table
        yield Key("relation", relation.name)
