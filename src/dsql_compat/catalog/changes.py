"""Replays DROP, RENAME and SET SCHEMA."""

from __future__ import annotations

from pglast import ast, enums

from dsql_compat.catalog.model import Catalog, Index, Object, Table, View
from dsql_compat.catalog.naming import note_constraint
from dsql_compat.sql.names import Name, name_of, relation_name
from dsql_compat.sql.statements import Statement
from dsql_compat.sql.walk import walk


def drop(catalog: Catalog, node: ast.DropStmt, _: Statement) -> list[Object]:
    """DROP of anything; what hangs on a dropped object goes with it."""
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


def rename(catalog: Catalog, node: ast.RenameStmt, _: Statement) -> list[Object]:
    """RENAME of anything."""
    new = node.newname
    match node.renameType:
        case enums.ObjectType.OBJECT_COLUMN:
            table = catalog.table(relation_name(node.relation)) if node.relation else None
            if table and node.subname in table.columns:
                _rename_column(catalog, table, node.subname, new)
        case enums.ObjectType.OBJECT_TABCONSTRAINT:
            table = catalog.table(relation_name(node.relation))
            if table and node.subname in table.constraints:
                constraint = table.constraints.pop(node.subname)
                constraint.name = new
                table.constraints[new] = constraint
                note_constraint(catalog, table, new)
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


def _rename_column(catalog: Catalog, table: Table, old: str, new: str) -> None:
    for referring in catalog.tables():
        for key in referring.constraints_of("foreign key"):
            if key.referenced == table.name:
                named = key.referenced_columns
                key.referenced_columns = tuple(new if c == old else c for c in named)
    column = table.columns[old]
    column.name = new
    table.columns = {c.name: c for c in table.columns.values()}
    for constraint in table.constraints.values():
        constraint.columns = tuple(new if c == old else c for c in constraint.columns)
        _follow_column(constraint.node.raw_expr, old, new)
    for other in table.columns.values():
        if other.generated:
            _follow_column(other.default, old, new)
    for index in table.indexes.values():
        _follow_column(index.node.whereClause, old, new)
        for key in index.keys:
            if key.expr is not None:
                _follow_column(key.expr, old, new)
            elif key.name == old:
                key.name = new


def _follow_column(expression: ast.Node | None, old: str, new: str) -> None:
    """PostgreSQL keeps what an expression means, not how it was written."""
    for node in walk(expression) if expression is not None else ():
        last = node.fields[-1] if isinstance(node, ast.ColumnRef) else None
        if isinstance(last, ast.String) and last.sval == old:
            node.fields = (*node.fields[:-1], ast.String(sval=new))


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


def set_schema(catalog: Catalog, node: ast.AlterObjectSchemaStmt, _: Statement) -> list[Object]:
    """SET SCHEMA."""
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
