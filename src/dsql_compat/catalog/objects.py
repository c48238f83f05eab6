"""Replays the statements that make an object of their own: types, routines, views, indexes."""

from __future__ import annotations

from pglast import ast, enums

from dsql_compat.catalog.model import (
    Catalog,
    Extension,
    Function,
    Handler,
    Index,
    Object,
    Other,
    Table,
    Trigger,
    Type,
    View,
)
from dsql_compat.catalog.naming import index_name
from dsql_compat.catalog.tables import table_from_query
from dsql_compat.sql.names import Name, name_of, relation_name
from dsql_compat.sql.statements import Statement


def create_extension(
    catalog: Catalog, node: ast.CreateExtensionStmt, statement: Statement
) -> list[Object]:
    """CREATE EXTENSION."""
    schema = next((o.arg.sval for o in node.options or () if o.defname == "schema"), None)
    extension = Extension(node.extname, schema, statement)
    catalog.extensions[node.extname] = extension
    return [extension]


def create_view(catalog: Catalog, node: ast.ViewStmt, statement: Statement) -> list[Object]:
    """CREATE VIEW."""
    name = catalog.qualified(relation_name(node.view))
    view = View(name, "view", statement, node, node.query)
    catalog.relations[name] = view
    return [view]


def create_table_as(
    catalog: Catalog, node: ast.CreateTableAsStmt, statement: Statement
) -> list[Object]:
    """CREATE TABLE AS and CREATE MATERIALIZED VIEW."""
    if node.objtype == enums.ObjectType.OBJECT_MATVIEW:
        name = catalog.qualified(relation_name(node.into.rel))
        view = View(name, "materialized view", statement, node, node.query)
        catalog.relations[name] = view
        return [view]
    return table_from_query(catalog, node.into, statement, node)


def create_index(catalog: Catalog, node: ast.IndexStmt, statement: Statement) -> list[Object]:
    """CREATE INDEX."""
    owner = catalog.relation(relation_name(node.relation))
    table_name = owner.name if owner else catalog.qualified(relation_name(node.relation))
    keys = node.indexParams or ()
    name = Name(table_name.schema, node.idxname or _generated_name(catalog, table_name, node))
    table = owner if isinstance(owner, Table) else None
    index = Index(
        name, table, table_name, statement, node, keys, node.accessMethod or "btree", node.unique
    )
    catalog.relations[name] = index
    if isinstance(owner, Table | View):
        owner.indexes[name.name] = index
    return [index]


def _generated_name(catalog: Catalog, table: Name, node: ast.IndexStmt) -> str:
    """After the table and the columns, INCLUDE's too; an expression is `expr`, the next `expr1`."""
    names: list[str] = []
    for key in (*(node.indexParams or ()), *(node.indexIncludingParams or ())):
        name, number = key.name or _called(key.expr), 0
        while f"{name}{number or ''}" in names:
            number += 1
        names.append(f"{name}{number or ''}")
    return index_name(catalog, table, names)


def _called(expression: ast.Node | None) -> str:
    """What an expression among the keys is called: a function's call by the function."""
    while isinstance(expression, ast.TypeCast | ast.CollateClause):
        expression = expression.arg
    match expression:
        case ast.FuncCall():
            return name_of(expression.funcname).name
        case ast.ColumnRef():
            return str(expression.fields[-1].sval)
        case ast.CoalesceExpr():
            return "coalesce"
    return "expr"


def create_enum(catalog: Catalog, node: ast.CreateEnumStmt, statement: Statement) -> list[Object]:
    """CREATE TYPE … AS ENUM."""
    labels = tuple(value.sval for value in node.vals or ())
    return _add_type(catalog, Type(name_of(node.typeName), "enum", statement, node, labels=labels))


def alter_enum(catalog: Catalog, node: ast.AlterEnumStmt, _: Statement) -> list[Object]:
    """ALTER TYPE … ADD VALUE and RENAME VALUE."""
    found = catalog.type(name_of(node.typeName))
    if found is None or node.newVal is None:
        return []
    if node.oldVal:
        found.labels = tuple(node.newVal if v == node.oldVal else v for v in found.labels)
    elif node.newVal not in found.labels:
        at = len(found.labels)
        if node.newValNeighbor in found.labels:
            at = found.labels.index(node.newValNeighbor) + (1 if node.newValIsAfter else 0)
        found.labels = (*found.labels[:at], node.newVal, *found.labels[at:])
    return []


def create_composite(
    catalog: Catalog, node: ast.CompositeTypeStmt, statement: Statement
) -> list[Object]:
    """CREATE TYPE … AS (…)."""
    attributes = tuple(c for c in node.coldeflist or () if isinstance(c, ast.ColumnDef))
    name = relation_name(node.typevar)
    return _add_type(catalog, Type(name, "composite", statement, node, attributes=attributes))


def create_range(catalog: Catalog, node: ast.CreateRangeStmt, statement: Statement) -> list[Object]:
    """CREATE TYPE … AS RANGE."""
    return _add_type(catalog, Type(name_of(node.typeName), "range", statement, node))


def create_domain(
    catalog: Catalog, node: ast.CreateDomainStmt, statement: Statement
) -> list[Object]:
    """CREATE DOMAIN."""
    kind = Type(name_of(node.domainname), "domain", statement, node, base=node.typeName)
    return _add_type(catalog, kind)


def define(catalog: Catalog, node: ast.DefineStmt, statement: Statement) -> list[Object]:
    """CREATE AGGREGATE, OPERATOR, TYPE (base or shell), COLLATION, TEXT SEARCH …."""
    name = name_of(node.defnames)
    match node.kind:
        case enums.ObjectType.OBJECT_TYPE:
            kind = "base" if node.definition else "shell"
            return _add_type(catalog, Type(name, kind, statement, node))
        case enums.ObjectType.OBJECT_AGGREGATE:
            return _add_function(catalog, Function(name, "aggregate", statement, node))
    return _add_other(catalog, OBJECT_KINDS.get(node.kind, "object"), name, statement, node)


def _add_type(catalog: Catalog, made: Type) -> list[Object]:
    made.name = catalog.qualified(made.name)
    catalog.types[made.name] = made
    return [made]


def create_function(
    catalog: Catalog, node: ast.CreateFunctionStmt, statement: Statement
) -> list[Object]:
    """CREATE FUNCTION and CREATE PROCEDURE."""
    language = next((o.arg.sval for o in node.options or () if o.defname == "language"), None)
    if language is None and node.sql_body is not None:
        language = "sql"
    returns = name_of(node.returnType.names).name if node.returnType else ""
    function = Function(
        name_of(node.funcname),
        "procedure" if node.is_procedure else "function",
        statement,
        node,
        language.lower() if language else None,
        returns in ("trigger", "event_trigger"),
    )
    return _add_function(catalog, function)


def _add_function(catalog: Catalog, made: Function) -> list[Object]:
    made.path = catalog.search_path or made.path
    made.name = catalog.qualified(made.name)
    catalog.functions.setdefault(made.name, []).append(made)
    return [made]


def create_trigger(
    catalog: Catalog, node: ast.CreateTrigStmt, statement: Statement
) -> list[Object]:
    """CREATE TRIGGER."""
    owner = catalog.relation(relation_name(node.relation))
    table = owner.name if owner else catalog.qualified(relation_name(node.relation))
    trigger = Trigger(node.trigname, table, name_of(node.funcname), statement, node)
    if isinstance(owner, Table):
        owner.triggers[trigger.name] = trigger
    else:
        catalog.others[("trigger", Name(table.schema, trigger.name), table.name)] = Other(
            Name(table.schema, trigger.name), "trigger", statement, node, table.name
        )
    return [trigger]


def _add_other(
    catalog: Catalog,
    kind: str,
    name: Name,
    statement: Statement,
    node: ast.Node,
    table: str | None = None,
) -> list[Object]:
    other = Other(name, kind, statement, node, table)
    catalog.others[(kind, name, table)] = other
    return [other]


def create_policy(
    catalog: Catalog, node: ast.CreatePolicyStmt, statement: Statement
) -> list[Object]:
    """CREATE POLICY."""
    table = catalog.qualified(relation_name(node.table))
    name = Name(table.schema, node.policy_name)
    return _add_other(catalog, "policy", name, statement, node, table.name)


def create_rule(catalog: Catalog, node: ast.RuleStmt, statement: Statement) -> list[Object]:
    """CREATE RULE."""
    table = catalog.qualified(relation_name(node.relation))
    name = Name(table.schema, node.rulename)
    return _add_other(catalog, "rule", name, statement, node, table.name)


def create_statistics(
    catalog: Catalog, node: ast.CreateStatsStmt, statement: Statement
) -> list[Object]:
    """CREATE STATISTICS."""
    name = catalog.qualified(name_of(node.defnames or ()))
    relation = node.relations[0] if node.relations else None
    table = relation.relname if isinstance(relation, ast.RangeVar) else None
    return _add_other(catalog, "statistics", name, statement, node, table)


def named(kind: str, field: str) -> Handler:
    """A handler for statements that say no more than a name."""

    def handler(catalog: Catalog, node: ast.Node, statement: Statement) -> list[Object]:
        return _add_other(catalog, kind, Name(None, getattr(node, field)), statement, node)

    return handler


OBJECT_KINDS = {
    enums.ObjectType.OBJECT_OPERATOR: "operator",
    enums.ObjectType.OBJECT_COLLATION: "collation",
    enums.ObjectType.OBJECT_TSCONFIGURATION: "text search configuration",
    enums.ObjectType.OBJECT_TSDICTIONARY: "text search dictionary",
    enums.ObjectType.OBJECT_TSPARSER: "text search parser",
    enums.ObjectType.OBJECT_TSTEMPLATE: "text search template",
}
