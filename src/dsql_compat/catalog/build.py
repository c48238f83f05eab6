"""Replays statements into a catalog, in their order, as the server would.

`Replay.apply` returns the objects that a statement made or remade, so that the checks can look at
them as they were at that moment.  What cannot be replayed (an ALTER of a table that the source
does not hold) leaves the catalog as it is.
"""

from __future__ import annotations

from pglast import ast

from dsql_compat.catalog import changes, objects, sequences, session, tables
from dsql_compat.catalog.model import Catalog, Handler, Object, Other
from dsql_compat.sql.names import Name
from dsql_compat.sql.statements import Statement


def apply(catalog: Catalog, statement: Statement) -> list[Object]:
    """Bring the catalog to the state after this statement; return the objects it made."""
    tree = statement.tree
    handler = HANDLERS.get(tree.__class__)
    return handler(catalog, tree, statement) if handler else []


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


HANDLERS: dict[type, Handler] = {
    ast.VariableSetStmt: session.set_variable,
    ast.DiscardStmt: session.discard,
    ast.TransactionStmt: session.end_transaction,
    ast.SelectStmt: session.select,
    ast.CreateSchemaStmt: _schema,
    ast.CreateExtensionStmt: objects.create_extension,
    ast.CreateSeqStmt: sequences.create_sequence,
    ast.AlterSeqStmt: sequences.alter_sequence,
    ast.CreateStmt: tables.create_table,
    ast.CreateForeignTableStmt: tables.create_table,
    ast.AlterTableStmt: tables.alter_table,
    ast.CreateTableAsStmt: objects.create_table_as,
    ast.ViewStmt: objects.create_view,
    ast.IndexStmt: objects.create_index,
    ast.CreateEnumStmt: objects.create_enum,
    ast.AlterEnumStmt: objects.alter_enum,
    ast.CompositeTypeStmt: objects.create_composite,
    ast.CreateRangeStmt: objects.create_range,
    ast.CreateDomainStmt: objects.create_domain,
    ast.DefineStmt: objects.define,
    ast.CreateFunctionStmt: objects.create_function,
    ast.CreateTrigStmt: objects.create_trigger,
    ast.CreatePolicyStmt: objects.create_policy,
    ast.RuleStmt: objects.create_rule,
    ast.CreateStatsStmt: objects.create_statistics,
    ast.CreateEventTrigStmt: objects.named("event trigger", "trigname"),
    ast.CreatePublicationStmt: objects.named("publication", "pubname"),
    ast.CreateSubscriptionStmt: objects.named("subscription", "subname"),
    ast.CreateForeignServerStmt: objects.named("server", "servername"),
    ast.CreateFdwStmt: objects.named("foreign data wrapper", "fdwname"),
    ast.CreatePLangStmt: objects.named("language", "plname"),
    ast.CreateTableSpaceStmt: objects.named("tablespace", "tablespacename"),
    ast.CreateRoleStmt: objects.named("role", "role"),
    ast.CreatedbStmt: objects.named("database", "dbname"),
    ast.DropStmt: changes.drop,
    ast.RenameStmt: changes.rename,
    ast.InsertStmt: session.write_rows,
    ast.UpdateStmt: session.write_rows,
    ast.DeleteStmt: session.write_rows,
    ast.MergeStmt: session.write_rows,
    ast.CopyStmt: session.write_rows,
    ast.TruncateStmt: session.truncate,
    ast.DoStmt: session.run_do_block,
    ast.AlterObjectSchemaStmt: changes.set_schema,
}
