"""Replays statements into a catalog, in their order, as the server would.

`Replay.apply` returns the objects that a statement made or remade, so that the checks can look at
them as they were at that moment.  What cannot be replayed (an ALTER of a table that the source
does not hold) leaves the catalog as it is.
"""

from __future__ import annotations

from collections.abc import Callable

from pglast import ast, enums

from dsql_compat.catalog.model import (
    Catalog,
    Extension,
    Function,
    Index,
    Object,
    Other,
    Sequence,
    Table,
    Trigger,
    Type,
    View,
)
from dsql_compat.catalog.tables import alter_table, create_table, table_from_query
from dsql_compat.sql.names import Name, name_of, relation_name
from dsql_compat.sql.statements import Statement

Handler = Callable[[Catalog, ast.Node, Statement], list[Object]]

_SEQUENCE_TYPES = {"int2": "smallint", "int4": "integer", "int8": "bigint"}


def apply(catalog: Catalog, statement: Statement) -> list[Object]:
    """Bring the catalog to the state after this statement; return the objects it made."""
    tree = statement.tree
    handler = HANDLERS.get(tree.__class__)
    return handler(catalog, tree, statement) if handler else []  # type: ignore[arg-type]


# -- session ----------------------------------------------------------------------------------


def _set(catalog: Catalog, node: ast.VariableSetStmt, _: Statement) -> list[Object]:
    if node.name == "search_path":
        values = [arg.val.sval for arg in node.args or () if isinstance(arg, ast.A_Const)]
        _set_search_path(catalog, values)
    return []


def _set_search_path(catalog: Catalog, schemas: list[str]) -> None:
    catalog.search_path = tuple(s for s in schemas if s and s not in ("pg_catalog", "$user"))


def _select(catalog: Catalog, node: ast.SelectStmt, statement: Statement) -> list[Object]:
    """`SELECT set_config('search_path', …)` and `SELECT setval(…)` of a dump; SELECT INTO."""
    _write_in_with(catalog, node, statement)
    if node.intoClause is not None:
        return table_from_query(catalog, node.intoClause, statement, node)
    call = node.targetList[0].val if node.targetList and len(node.targetList) == 1 else None
    if not isinstance(call, ast.FuncCall) or not call.args:
        return []
    function = name_of(call.funcname).name
    arguments = [_constant(argument) for argument in call.args]
    if function == "set_config" and arguments[0] == "search_path":
        path = arguments[1] if len(arguments) > 1 else ""
        _set_search_path(catalog, [part.strip().strip('"') for part in str(path).split(",")])
    elif function == "setval" and len(arguments) > 1:
        sequence = catalog.relation(name_from_text(str(arguments[0])))
        if isinstance(sequence, Sequence) and isinstance(arguments[1], int):
            called = len(arguments) < 3 or arguments[2] is not False
            step = sequence.increment or 1
            sequence.last_value = arguments[1] if called else arguments[1] - step
        elif sequence is None and isinstance(arguments[1], int):
            _set_identity(catalog, arguments)
    return []


def _set_identity(catalog: Catalog, arguments: list[object]) -> None:
    """setval on the sequence behind an identity column."""
    names = catalog.candidates(name_from_text(str(arguments[0])))
    column = next((catalog.identities[n] for n in names if n in catalog.identities), None)
    if column is None or column.identity_options is None:
        return
    value, step = arguments[1], column.identity_options.get("increment")
    called = len(arguments) < 3 or arguments[2] is not False
    assert isinstance(value, int)
    step = step if isinstance(step, int) else 1
    column.identity_options["last_value"] = value if called else value - step


def _constant(node: ast.Node) -> object:
    if isinstance(node, ast.TypeCast):
        return _constant(node.arg)
    if not isinstance(node, ast.A_Const) or node.isnull:
        return None
    value = node.val
    match value:
        case ast.String():
            return value.sval
        case ast.Integer():
            return value.ival
        case ast.Float():
            return int(value.fval) if value.fval.lstrip("-").isdigit() else value.fval
        case ast.Boolean():
            return bool(value.boolval)  # the parser itself gives 0 and 1
    return None


def name_from_text(text: str) -> Name:
    """A name as regclass reads it: `public."Order"` and the like."""
    parts: list[str] = []
    rest = text.strip()
    while rest:
        if rest.startswith('"'):
            end = 1
            while True:
                end = rest.find('"', end)
                if end < 0:
                    return Name(None, text)
                if rest[end : end + 2] != '""':
                    break
                end += 2
            parts.append(rest[1:end].replace('""', '"'))
            rest = rest[end + 1 :].removeprefix(".")
        else:
            part, _, rest = rest.partition(".")
            parts.append(part.lower())
    if not parts:
        return Name(None, text)
    return Name(parts[-2] if len(parts) > 1 else None, parts[-1])


# -- objects of their own ---------------------------------------------------------------------


def _schema(catalog: Catalog, node: ast.CreateSchemaStmt, statement: Statement) -> list[Object]:
    name = node.schemaname or (node.authrole.rolename if node.authrole else None)
    if not name:
        return []
    schema = Other(Name(None, name), "schema", statement, node)
    catalog.schemas.setdefault(name, schema)
    made: list[Object] = [schema]
    before, catalog.search_path = catalog.search_path, (name, *catalog.search_path)
    for element in node.schemaElts or ():
        handler = HANDLERS.get(element.__class__)
        if handler:
            made += handler(catalog, element, statement)
    catalog.search_path = before
    return made


def _extension(
    catalog: Catalog, node: ast.CreateExtensionStmt, statement: Statement
) -> list[Object]:
    schema = next((o.arg.sval for o in node.options or () if o.defname == "schema"), None)
    extension = Extension(node.extname, schema, statement)
    catalog.extensions[node.extname] = extension
    return [extension]


def _sequence(catalog: Catalog, node: ast.CreateSeqStmt, statement: Statement) -> list[Object]:
    name = catalog.qualified(relation_name(node.sequence))
    if node.if_not_exists and name in catalog.relations:
        return []
    sequence = Sequence(name, statement, persistence=node.sequence.relpersistence or "p")
    _sequence_options(catalog, sequence, node.options)
    catalog.relations[name] = sequence
    return [sequence]


def _alter_sequence(catalog: Catalog, node: ast.AlterSeqStmt, _: Statement) -> list[Object]:
    sequence = catalog.relation(relation_name(node.sequence))
    if isinstance(sequence, Sequence):
        _sequence_options(catalog, sequence, node.options)
    return []


def _sequence_options(
    catalog: Catalog, sequence: Sequence, options: tuple[ast.DefElem, ...] | None
) -> None:
    for option in options or ():
        match option.defname:
            case "as":
                word = option.arg.names[-1].sval
                sequence.type = _SEQUENCE_TYPES.get(word, word)
            case "cycle":
                sequence.cycle = bool(option.arg is None or option.arg.boolval)
            case "owned_by":
                _own(catalog, sequence, [part.sval for part in option.arg])
            case "restart":
                number = option_number(option)
                sequence.last_value = None if number is None else number - 1
            case "start" | "increment" | "minvalue" | "maxvalue" | "cache":
                setattr(sequence, option.defname, option_number(option))


def _own(catalog: Catalog, sequence: Sequence, parts: list[str]) -> None:
    if len(parts) < 2:
        sequence.owned_by = None
        return
    table = Name(parts[-3] if len(parts) > 2 else None, parts[-2])
    found = catalog.relation(table)
    full = found.name if found is not None else catalog.qualified(table)
    sequence.owned_by = (full, parts[-1])


def option_number(option: ast.DefElem) -> int | None:
    """The number an option gives; None for NO MINVALUE and its like."""
    match option.arg:
        case ast.Integer():
            return int(option.arg.ival)
        case ast.Float():
            return int(option.arg.fval)
    return None


def _view(catalog: Catalog, node: ast.ViewStmt, statement: Statement) -> list[Object]:
    name = catalog.qualified(relation_name(node.view))
    view = View(name, "view", statement, node, node.query)
    catalog.relations[name] = view
    return [view]


def _table_as(catalog: Catalog, node: ast.CreateTableAsStmt, statement: Statement) -> list[Object]:
    if node.objtype == enums.ObjectType.OBJECT_MATVIEW:
        name = catalog.qualified(relation_name(node.into.rel))
        view = View(name, "materialized view", statement, node, node.query)
        catalog.relations[name] = view
        return [view]
    return table_from_query(catalog, node.into, statement, node)


def _index(catalog: Catalog, node: ast.IndexStmt, statement: Statement) -> list[Object]:
    owner = catalog.relation(relation_name(node.relation))
    table_name = owner.name if owner else catalog.qualified(relation_name(node.relation))
    keys = node.indexParams or ()
    name = Name(table_name.schema, node.idxname or _generated_index_name(table_name.name, keys))
    table = owner if isinstance(owner, Table) else None
    index = Index(
        name, table, table_name, statement, node, keys, node.accessMethod or "btree", node.unique
    )
    catalog.relations[name] = index
    if isinstance(owner, Table | View):
        owner.indexes[name.name] = index
    return [index]


def _generated_index_name(table: str, keys: tuple[ast.IndexElem, ...]) -> str:
    return "_".join([table, *(key.name or "expr" for key in keys), "idx"])


def _enum(catalog: Catalog, node: ast.CreateEnumStmt, statement: Statement) -> list[Object]:
    labels = tuple(value.sval for value in node.vals or ())
    return _add_type(catalog, Type(name_of(node.typeName), "enum", statement, node, labels=labels))


def _alter_enum(catalog: Catalog, node: ast.AlterEnumStmt, _: Statement) -> list[Object]:
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


def _composite(catalog: Catalog, node: ast.CompositeTypeStmt, statement: Statement) -> list[Object]:
    attributes = tuple(c for c in node.coldeflist or () if isinstance(c, ast.ColumnDef))
    name = relation_name(node.typevar)
    return _add_type(catalog, Type(name, "composite", statement, node, attributes=attributes))


def _range(catalog: Catalog, node: ast.CreateRangeStmt, statement: Statement) -> list[Object]:
    return _add_type(catalog, Type(name_of(node.typeName), "range", statement, node))


def _domain(catalog: Catalog, node: ast.CreateDomainStmt, statement: Statement) -> list[Object]:
    kind = Type(name_of(node.domainname), "domain", statement, node, base=node.typeName)
    return _add_type(catalog, kind)


def _define(catalog: Catalog, node: ast.DefineStmt, statement: Statement) -> list[Object]:
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


def _function(
    catalog: Catalog, node: ast.CreateFunctionStmt, statement: Statement
) -> list[Object]:
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
    made.name = catalog.qualified(made.name)
    catalog.functions.setdefault(made.name, []).append(made)
    return [made]


def _trigger(catalog: Catalog, node: ast.CreateTrigStmt, statement: Statement) -> list[Object]:
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


def _policy(catalog: Catalog, node: ast.CreatePolicyStmt, statement: Statement) -> list[Object]:
    table = catalog.qualified(relation_name(node.table))
    name = Name(table.schema, node.policy_name)
    return _add_other(catalog, "policy", name, statement, node, table.name)


def _rule(catalog: Catalog, node: ast.RuleStmt, statement: Statement) -> list[Object]:
    table = catalog.qualified(relation_name(node.relation))
    name = Name(table.schema, node.rulename)
    return _add_other(catalog, "rule", name, statement, node, table.name)


def _statistics(catalog: Catalog, node: ast.CreateStatsStmt, statement: Statement) -> list[Object]:
    name = catalog.qualified(name_of(node.defnames or ()))
    relation = node.relations[0] if node.relations else None
    table = relation.relname if isinstance(relation, ast.RangeVar) else None
    return _add_other(catalog, "statistics", name, statement, node, table)


def _named(kind: str, field: str) -> Handler:
    """A handler for statements that say no more than a name."""

    def handler(catalog: Catalog, node: ast.Node, statement: Statement) -> list[Object]:
        return _add_other(catalog, kind, Name(None, getattr(node, field)), statement, node)

    return handler


# -- data ---------------------------------------------------------------------------------------


def _write(catalog: Catalog, node: ast.Node, _: Statement) -> list[Object]:
    """Remember that rows came into a table, or that its rows were changed."""
    table = catalog.table(relation_name(node.relation)) if node.relation is not None else None
    if table is not None and (not isinstance(node, ast.CopyStmt) or node.is_from):
        table.touched_by_data = True
        conflict = node.onConflictClause if isinstance(node, ast.InsertStmt) else None
        if conflict is not None:
            table.rows_changed |= conflict.action == enums.OnConflictAction.ONCONFLICT_UPDATE
        elif not isinstance(node, ast.InsertStmt | ast.CopyStmt):
            table.rows_changed = True
    _write_in_with(catalog, node, _)
    return []


def _write_in_with(catalog: Catalog, node: ast.Node, statement: Statement) -> None:
    clause = getattr(node, "withClause", None)
    for query in clause.ctes if clause is not None else ():
        if isinstance(query.ctequery, ast.InsertStmt | ast.UpdateStmt | ast.DeleteStmt):
            _write(catalog, query.ctequery, statement)


def _truncate(catalog: Catalog, node: ast.TruncateStmt, _: Statement) -> list[Object]:
    for relation in node.relations or ():
        table = catalog.table(relation_name(relation))
        if table is not None:
            table.rows_changed = True
    return []


def _do(catalog: Catalog, _: ast.DoStmt, statement: Statement) -> list[Object]:
    """What a DO block does is not replayed: any table it names may have other rows after it."""
    for table in catalog.tables():
        if table.name.name in statement.text:
            table.touched_by_data = table.rows_changed = True
    return []


# -- changes ----------------------------------------------------------------------------------


def _drop(catalog: Catalog, node: ast.DropStmt, _: Statement) -> list[Object]:
    for target in node.objects or ():
        match node.removeType:
            case enums.ObjectType.OBJECT_SCHEMA:
                _drop_schema(catalog, target.sval)
            case enums.ObjectType.OBJECT_EXTENSION:
                catalog.extensions.pop(target.sval, None)
            case enums.ObjectType.OBJECT_TYPE | enums.ObjectType.OBJECT_DOMAIN:
                found = catalog.type(name_of(target.names))
                if found:
                    del catalog.types[found.name]
            case enums.ObjectType.OBJECT_FUNCTION | enums.ObjectType.OBJECT_PROCEDURE:
                for function in catalog.functions_named(name_of(target.objname))[:1]:
                    catalog.functions[function.name].remove(function)
            case enums.ObjectType.OBJECT_TRIGGER:
                *table, trigger = target
                owner = catalog.table(name_of(table))
                if owner:
                    owner.triggers.pop(trigger.sval, None)
            case _:
                if isinstance(target, tuple):
                    _drop_relation(catalog, name_of(target))
    return []


def _drop_relation(catalog: Catalog, name: Name) -> None:
    found = catalog.relation(name)
    if found is None:
        return
    del catalog.relations[found.name]
    catalog.dropped.append(found)
    match found:
        case Index():
            owner = catalog.relation(found.table_name)
            if isinstance(owner, Table | View):
                owner.indexes.pop(found.name.name, None)
        case Table() | View():
            for index in found.indexes.values():
                catalog.relations.pop(index.name, None)
            owned = [
                s
                for s in catalog.sequences()
                if s.owned_by is not None and s.owned_by[0] == found.name
            ]
            for sequence in owned:
                del catalog.relations[sequence.name]
                catalog.dropped.append(sequence)


def _drop_schema(catalog: Catalog, schema: str) -> None:
    catalog.schemas.pop(schema, None)
    for name in [name for name in catalog.relations if name.schema == schema]:
        _drop_relation(catalog, name)
    catalog.types = {n: t for n, t in catalog.types.items() if n.schema != schema}
    catalog.functions = {n: f for n, f in catalog.functions.items() if n.schema != schema}


def _rename(catalog: Catalog, node: ast.RenameStmt, _: Statement) -> list[Object]:
    new = node.newname
    match node.renameType:
        case enums.ObjectType.OBJECT_COLUMN:
            table = catalog.table(relation_name(node.relation)) if node.relation else None
            if table and node.subname in table.columns:
                _rename_column(table, node.subname, new)
        case enums.ObjectType.OBJECT_TABCONSTRAINT:
            table = catalog.table(relation_name(node.relation))
            if table and node.subname in table.constraints:
                constraint = table.constraints.pop(node.subname)
                constraint.name = new
                table.constraints[new] = constraint
        case enums.ObjectType.OBJECT_SCHEMA:
            _move_schema(catalog, node.subname, new)
        case enums.ObjectType.OBJECT_TYPE | enums.ObjectType.OBJECT_DOMAIN:
            found = catalog.type(name_of(node.object))
            if found:
                catalog.types[Name(found.name.schema, new)] = catalog.types.pop(found.name)
                found.name = Name(found.name.schema, new)
        case enums.ObjectType.OBJECT_FUNCTION | enums.ObjectType.OBJECT_PROCEDURE:
            for function in catalog.functions_named(name_of(node.object.objname))[:1]:
                catalog.functions[function.name].remove(function)
                function.name = Name(function.name.schema, new)
                catalog.functions.setdefault(function.name, []).append(function)
        case _:
            relation = catalog.relation(relation_name(node.relation)) if node.relation else None
            if relation:
                _move_relation(catalog, relation.name, Name(relation.name.schema, new))
    return []


def _rename_column(table: Table, old: str, new: str) -> None:
    column = table.columns[old]
    column.name = new
    table.columns = {c.name: c for c in table.columns.values()}
    for constraint in table.constraints.values():
        constraint.columns = tuple(new if c == old else c for c in constraint.columns)


def _move_relation(catalog: Catalog, old: Name, new: Name) -> None:
    relation = catalog.relations.pop(old)
    relation.name = new
    catalog.relations[new] = relation
    if isinstance(relation, Index):
        owner = catalog.relation(relation.table_name)
        if isinstance(owner, Table | View) and old.name in owner.indexes:
            owner.indexes[new.name] = owner.indexes.pop(old.name)
        return
    for index in getattr(relation, "indexes", {}).values():
        index.table_name = new
        if new.schema != old.schema:
            catalog.relations.pop(index.name, None)
            index.name = Name(new.schema, index.name.name)
            catalog.relations[index.name] = index
    if isinstance(relation, Table):
        _follow_rename(catalog, old, new)


def _follow_rename(catalog: Catalog, old: Name, new: Name) -> None:
    for sequence in catalog.sequences():
        if sequence.owned_by is not None and sequence.owned_by[0] == old:
            sequence.owned_by = (new, sequence.owned_by[1])
    for table in catalog.tables():
        for constraint in table.constraints.values():
            if constraint.referenced == old:
                constraint.referenced = new
        if old in table.parents:
            table.parents = tuple(new if p == old else p for p in table.parents)


def _move_schema(catalog: Catalog, old: str, new: str) -> None:
    if old in catalog.schemas:
        schema = catalog.schemas.pop(old)
        schema.name = Name(None, new)
        catalog.schemas[new] = schema
    for name in [n for n in catalog.relations if n.schema == old]:
        if name in catalog.relations:
            _move_relation(catalog, name, Name(new, name.name))
    for name in [n for n in catalog.types if n.schema == old]:
        moved = catalog.types.pop(name)
        moved.name = Name(new, name.name)
        catalog.types[moved.name] = moved
    for name in [n for n in catalog.functions if n.schema == old]:
        functions = catalog.functions.pop(name)
        for function in functions:
            function.name = Name(new, name.name)
        catalog.functions[Name(new, name.name)] = functions


def _set_schema(catalog: Catalog, node: ast.AlterObjectSchemaStmt, _: Statement) -> list[Object]:
    if node.relation is not None:
        relation = catalog.relation(relation_name(node.relation))
        if relation:
            _move_relation(catalog, relation.name, Name(node.newschema, relation.name.name))
    elif node.objectType in (enums.ObjectType.OBJECT_TYPE, enums.ObjectType.OBJECT_DOMAIN):
        found = catalog.type(name_of(node.object))
        if found:
            catalog.types[Name(node.newschema, found.name.name)] = catalog.types.pop(found.name)
            found.name = Name(node.newschema, found.name.name)
    return []


OBJECT_KINDS = {
    enums.ObjectType.OBJECT_OPERATOR: "operator",
    enums.ObjectType.OBJECT_COLLATION: "collation",
    enums.ObjectType.OBJECT_TSCONFIGURATION: "text search configuration",
    enums.ObjectType.OBJECT_TSDICTIONARY: "text search dictionary",
    enums.ObjectType.OBJECT_TSPARSER: "text search parser",
    enums.ObjectType.OBJECT_TSTEMPLATE: "text search template",
}

HANDLERS: dict[type, Handler] = {
    ast.VariableSetStmt: _set,
    ast.SelectStmt: _select,
    ast.CreateSchemaStmt: _schema,
    ast.CreateExtensionStmt: _extension,
    ast.CreateSeqStmt: _sequence,
    ast.AlterSeqStmt: _alter_sequence,
    ast.CreateStmt: create_table,
    ast.CreateForeignTableStmt: create_table,
    ast.AlterTableStmt: alter_table,
    ast.CreateTableAsStmt: _table_as,
    ast.ViewStmt: _view,
    ast.IndexStmt: _index,
    ast.CreateEnumStmt: _enum,
    ast.AlterEnumStmt: _alter_enum,
    ast.CompositeTypeStmt: _composite,
    ast.CreateRangeStmt: _range,
    ast.CreateDomainStmt: _domain,
    ast.DefineStmt: _define,
    ast.CreateFunctionStmt: _function,
    ast.CreateTrigStmt: _trigger,
    ast.CreatePolicyStmt: _policy,
    ast.RuleStmt: _rule,
    ast.CreateStatsStmt: _statistics,
    ast.CreateEventTrigStmt: _named("event trigger", "trigname"),
    ast.CreatePublicationStmt: _named("publication", "pubname"),
    ast.CreateSubscriptionStmt: _named("subscription", "subname"),
    ast.CreateForeignServerStmt: _named("server", "servername"),
    ast.CreateFdwStmt: _named("foreign data wrapper", "fdwname"),
    ast.CreatePLangStmt: _named("language", "plname"),
    ast.CreateTableSpaceStmt: _named("tablespace", "tablespacename"),
    ast.CreateRoleStmt: _named("role", "role"),
    ast.CreatedbStmt: _named("database", "dbname"),
    ast.DropStmt: _drop,
    ast.RenameStmt: _rename,
    ast.InsertStmt: _write,
    ast.UpdateStmt: _write,
    ast.DeleteStmt: _write,
    ast.MergeStmt: _write,
    ast.CopyStmt: _write,
    ast.TruncateStmt: _truncate,
    ast.DoStmt: _do,
    ast.AlterObjectSchemaStmt: _set_schema,
}
