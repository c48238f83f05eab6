"""Replays CREATE TABLE and ALTER TABLE."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from pglast import ast, enums, parse_sql

from dsql_compat.catalog.model import Catalog, Column, Constraint, Object, Table
from dsql_compat.catalog.naming import constraint_name, note_constraint
from dsql_compat.catalog.types import SERIAL
from dsql_compat.sql.names import Name, literal, name_of, relation_name
from dsql_compat.sql.statements import Statement
from dsql_compat.sql.walk import walk

ConstrType = enums.ConstrType
AlterTableType = enums.AlterTableType
TableLikeOption = enums.TableLikeOption

CONSTRAINT_KINDS = {
    ConstrType.CONSTR_PRIMARY: "primary key",
    ConstrType.CONSTR_UNIQUE: "unique",
    ConstrType.CONSTR_CHECK: "check",
    ConstrType.CONSTR_FOREIGN: "foreign key",
    ConstrType.CONSTR_EXCLUSION: "exclude",
    ConstrType.CONSTR_NOTNULL: "not null",
}
_INHERITED = (  # by the children of a table
    TableLikeOption.CREATE_TABLE_LIKE_DEFAULTS
    | TableLikeOption.CREATE_TABLE_LIKE_GENERATED
    | TableLikeOption.CREATE_TABLE_LIKE_CONSTRAINTS
)


def create_table(catalog: Catalog, node: ast.Node, statement: Statement) -> list[Object]:
    """CREATE TABLE, in all its forms, and CREATE FOREIGN TABLE."""
    foreign = isinstance(node, ast.CreateForeignTableStmt)
    create: ast.CreateStmt = node.base if foreign else node
    name = catalog.qualified(relation_name(create.relation))
    if create.if_not_exists and name in catalog.relations:
        return []
    table = Table(
        name,
        "foreign table" if foreign else "table",
        statement,
        create,
        is_partition=create.partbound is not None,
        is_partitioned=create.partspec is not None,
        persistence=create.relation.relpersistence or "p",
    )
    for parent in create.inhRelations or ():
        _inherit(catalog, table, relation_name(parent))
    if create.ofTypename is not None:
        _columns_of_type(catalog, table, create.ofTypename)
    made: list[Object] = [table]
    for element in create.tableElts or ():
        match element:
            case ast.ColumnDef() if element.typeName is not None:
                made += _add_column(catalog, table, element, statement)
            case ast.Constraint():
                made.append(add_constraint(catalog, table, element, statement))
            case ast.TableLikeClause():
                _copy_columns(catalog, table, relation_name(element.relation), element.options or 0)
                if (element.options or 0) & TableLikeOption.CREATE_TABLE_LIKE_INDEXES:
                    _copy_keys(catalog, table, relation_name(element.relation))
    catalog.relations[name] = table
    return made


def table_from_query(
    catalog: Catalog, into: ast.IntoClause, statement: Statement, node: ast.Node
) -> list[Object]:
    """CREATE TABLE AS and SELECT INTO: a table whose columns the query decides."""
    name = catalog.qualified(relation_name(into.rel))
    table = Table(name, "table", statement, node, columns_known=False)
    table.persistence = into.rel.relpersistence or "p"
    catalog.relations[name] = table
    return [table]


def _inherit(catalog: Catalog, table: Table, parent: Name) -> None:
    found = catalog.table(parent)
    table.parents = (*table.parents, found.name if found else catalog.qualified(parent))
    _copy_columns(catalog, table, parent, _INHERITED)


def _columns_of_type(catalog: Catalog, table: Table, node: ast.TypeName) -> None:
    """CREATE TABLE … OF: the columns are the attributes of a composite type."""
    own = catalog.type(name_of(node.names))
    if own is None or own.kind != "composite":
        table.columns_known = False
        return
    for attribute in own.attributes:
        table.columns[attribute.colname] = Column(
            attribute.colname, table, attribute.typeName, table.statement
        )


def _copy_columns(catalog: Catalog, table: Table, source: Name, options: int) -> None:
    """The columns of another table, and what `options` of LIKE say comes with them."""
    found = catalog.table(source)
    if found is None:
        table.columns_known = False
        return
    for column in found.columns.values():
        copied = Column(column.name, table, column.type, table.statement)
        copied.not_null = column.not_null
        serial = _written_out(column)
        if options & TableLikeOption.CREATE_TABLE_LIKE_IDENTITY:
            copied.identity, copied.identity_options = column.identity, column.identity_options
        wanted = "GENERATED" if column.generated else "DEFAULTS"
        if options & TableLikeOption[f"CREATE_TABLE_LIKE_{wanted}"]:
            copied.default, copied.generated = column.default, column.generated
        if serial is not None:  # the counter stays with the column that brought it along
            copied.type, copied.not_null = serial.typeName, True
            if options & TableLikeOption.CREATE_TABLE_LIKE_DEFAULTS:
                copied.default = copied.default or serial.arg
        table.columns.setdefault(column.name, copied)
    if options & TableLikeOption.CREATE_TABLE_LIKE_CONSTRAINTS and not table.is_partition:
        for check in found.constraints_of("check"):
            if options != _INHERITED or not check.node.is_no_inherit:
                note_constraint(catalog, table, check.name)
                table.constraints[check.name] = replace(
                    check, table=table, statement=table.statement, is_added_later=False
                )


def _written_out(column: Column) -> ast.TypeCast | None:
    """What SERIAL is short for: `nextval(its sequence)::integer`; None for other types."""
    family = name_of(column.type.names).name if column.type is not None else ""
    if family not in SERIAL:
        return None
    table = column.table.name
    sequence = str(Name(table.schema, f"{table.name}_{column.name}_seq"))
    sql = f"SELECT nextval({literal(sequence)}::regclass)::{SERIAL[family]}"
    cast: ast.TypeCast = parse_sql(sql)[0].stmt.targetList[0].val
    return cast


def _copy_keys(catalog: Catalog, table: Table, source: Name) -> None:
    """LIKE ... INCLUDING INDEXES: the keys come along, under names of their own."""
    found = catalog.table(source)
    if found is None:
        table.keys_known = False
        return
    table.keys_known = found.keys_known
    for key in [*found.constraints_of("primary key"), *found.constraints_of("unique")]:
        name = constraint_name(catalog, table, key.kind, key.columns)
        note_constraint(catalog, table, name)
        table.constraints[name] = replace(
            key, name=name, table=table, statement=table.statement, is_added_later=False
        )
        if key.kind == "primary key":
            for column in key.columns:
                if column in table.columns:
                    table.columns[column].not_null = True


def _add_column(
    catalog: Catalog, table: Table, node: ast.ColumnDef, statement: Statement
) -> list[Object]:
    column = Column(
        node.colname,
        table,
        node.typeName,
        statement,
        node,
        not_null=bool(node.is_not_null),
        collation=name_of(node.collClause.collname) if node.collClause else None,
    )
    table.columns[column.name] = column
    if node.typeName is not None and name_of(node.typeName.names).name in SERIAL:
        column.identity_options = {}  # its sequence has no statement of its own
        _remember_identity(catalog, column)
    made: list[Object] = [column]
    constraint: Constraint | None = None
    for item in node.constraints or ():
        match item.contype:
            case ConstrType.CONSTR_NOTNULL:
                column.not_null = True
            case ConstrType.CONSTR_DEFAULT:
                column.default = item.raw_expr
            case ConstrType.CONSTR_IDENTITY:
                column.identity = item.generated_when or "a"
                column.identity_options = identity_options(item.options)
                column.not_null = True
                _remember_identity(catalog, column)
            case ConstrType.CONSTR_GENERATED:
                column.generated = item.generated_kind or "s"
                column.default = item.raw_expr
            case ConstrType.CONSTR_ATTR_DEFERRABLE if constraint:
                constraint.deferrable = True
            case ConstrType.CONSTR_ATTR_DEFERRED if constraint:
                constraint.deferrable = constraint.initially_deferred = True
            case kind if kind in CONSTRAINT_KINDS:
                constraint = add_constraint(catalog, table, item, statement, column.name)
                made.append(constraint)
    return made


def _remember_identity(catalog: Catalog, column: Column) -> None:
    """Keep the column under the name of its sequence, for the setval that a dump ends with."""
    given = (column.identity_options or {}).get("sequence_name")
    table = column.table.name
    name = given if isinstance(given, Name) else Name(None, f"{table.name}_{column.name}_seq")
    catalog.identities[Name(name.schema or table.schema, name.name)] = column


def identity_options(options: Iterable[ast.DefElem] | None) -> dict[str, object]:
    """The sequence options of an identity column by name; numbers as int, flags as bool."""
    found: dict[str, object] = {}
    for option in options or ():
        arg = option.arg
        match arg:
            case ast.Integer():
                found[option.defname] = arg.ival
            case ast.Float():
                found[option.defname] = int(arg.fval)
            case ast.Boolean():
                found[option.defname] = bool(arg.boolval)
            case tuple():
                found[option.defname] = name_of(arg)
            case _:
                found[option.defname] = None
    return found


def add_constraint(
    catalog: Catalog,
    table: Table,
    node: ast.Constraint,
    statement: Statement,
    column: str | None = None,
) -> Constraint:
    """Give a table a constraint, declared with it, with a column or later."""
    kind = CONSTRAINT_KINDS.get(node.contype, "check")
    named = node.fk_attrs if kind == "foreign key" else node.keys
    columns = (column,) if column else tuple(part.sval for part in named or ())
    if kind == "exclude":
        columns = tuple(element.name for element, _ in node.exclusions or () if element.name)
    referenced = None
    if node.pktable is not None:
        wanted = relation_name(node.pktable)
        found = catalog.table(wanted)
        referenced = found.name if found else catalog.qualified(wanted)
    constraint = Constraint(
        node.conname or constraint_name(catalog, table, kind, _naming_columns(node, kind, columns)),
        kind,
        table,
        statement,
        node,
        columns,
        referenced,
        tuple(part.sval for part in node.pk_attrs or ()),
        bool(node.deferrable or node.initdeferred),
        bool(node.initdeferred),
        bool(node.skip_validation),
        node.indexname,
        is_inline=column is not None,
    )
    table.constraints[constraint.name] = constraint
    note_constraint(catalog, table, constraint.name)
    if kind in ("primary key", "not null"):
        for name in columns:
            if name in table.columns:
                table.columns[name].not_null = True
    if constraint.using_index:
        _take_over_index(catalog, table, constraint)
    return constraint


def _take_over_index(catalog: Catalog, table: Table, constraint: Constraint) -> None:
    index = table.indexes.pop(constraint.using_index or "", None)
    if index is None:
        return
    constraint.taken_index = index
    constraint.columns = tuple(key.name for key in index.keys if key.name)
    catalog.relations.pop(index.name, None)


def _naming_columns(node: ast.Constraint, kind: str, columns: tuple[str, ...]) -> tuple[str, ...]:
    """A check is named after the one column that it reads, if it reads just one."""
    if kind == "unique":
        return (*columns, *(part.sval for part in node.including or ()))
    if kind != "check" or node.raw_expr is None:
        return columns
    read = {
        part.fields[-1].sval
        for part in walk(node.raw_expr)
        if isinstance(part, ast.ColumnRef) and isinstance(part.fields[-1], ast.String)
    }
    return tuple(read) if len(read) == 1 else ()


# -- ALTER TABLE --------------------------------------------------------------------------------


def alter_table(catalog: Catalog, node: ast.AlterTableStmt, statement: Statement) -> list[Object]:
    """ALTER TABLE with all its actions; other relations' ALTERs change nothing we model."""
    name = relation_name(node.relation)
    table = catalog.table(name)
    if table is None:
        return _added_to_unknown(catalog, name, node, statement)
    made: list[Object] = []
    for command in node.cmds or ():
        made += _alter(catalog, table, command, statement)
    return made


def _added_to_unknown(
    catalog: Catalog, name: Name, node: ast.AlterTableStmt, statement: Statement
) -> list[Object]:
    """The columns that a migration adds to a table of an earlier one, not in the source."""
    is_table = node.objtype == enums.ObjectType.OBJECT_TABLE
    if not is_table or catalog.relation(name) is not None:
        return []
    table = Table(catalog.qualified(name), "table", statement, columns_known=False)
    made: list[Object] = []
    for command in node.cmds or ():
        if command.subtype == AlterTableType.AT_AddColumn:
            made += _added_later(_add_column(catalog, table, command.def_, statement))
    return made


def _alter(
    catalog: Catalog, table: Table, command: ast.AlterTableCmd, statement: Statement
) -> list[Object]:
    column = table.columns.get(command.name) if command.name else None
    match command.subtype:
        case AlterTableType.AT_AddColumn:
            if command.missing_ok and command.def_.colname in table.columns:
                return []
            return _added_later(_add_column(catalog, table, command.def_, statement))
        case AlterTableType.AT_AddConstraint:
            made = add_constraint(catalog, table, command.def_, statement)
            return _added_later([made])
        case AlterTableType.AT_DropColumn if column:
            _drop_column(catalog, table, column)
        case AlterTableType.AT_DropConstraint:
            dropped = table.constraints.pop(command.name, None)
            if dropped is not None:
                catalog.dropped.append(dropped)
        case AlterTableType.AT_ValidateConstraint if command.name in table.constraints:
            table.constraints[command.name].not_valid = False
        case AlterTableType.AT_AlterColumnType if column:
            column.type = command.def_.typeName
            return [Column(column.name, table, column.type, statement, command.def_)]
        case AlterTableType.AT_ColumnDefault if column:
            column.default = command.def_
        case AlterTableType.AT_SetNotNull if column:
            column.not_null = True
        case AlterTableType.AT_DropNotNull if column:
            column.not_null = False
        case AlterTableType.AT_AddIdentity if column:
            column.identity = command.def_.generated_when or "a"
            column.identity_options = identity_options(command.def_.options)
            _remember_identity(catalog, column)
        case AlterTableType.AT_DropIdentity if column:
            column.identity, column.identity_options = "", None
        case AlterTableType.AT_DropExpression if column:
            column.generated, column.default = "", None
        case AlterTableType.AT_ChangeOwner:
            table.owner = command.newowner.rolename if command.newowner else None
        case AlterTableType.AT_EnableRowSecurity | AlterTableType.AT_ForceRowSecurity:
            table.has_row_security = True
        case AlterTableType.AT_DisableRowSecurity:
            table.has_row_security = False
        case AlterTableType.AT_AttachPartition:
            _attach(catalog, table, relation_name(command.def_.name), is_partition=True)
        case AlterTableType.AT_DetachPartition:
            _detach(catalog, table, relation_name(command.def_.name))
        case AlterTableType.AT_AddInherit:
            parent = catalog.qualified(relation_name(command.def_))
            table.parents = (*table.parents, parent)
        case AlterTableType.AT_DropInherit:
            parent = catalog.qualified(relation_name(command.def_))
            table.parents = tuple(p for p in table.parents if p != parent)
        case AlterTableType.AT_SetLogged:
            table.persistence = "p"
        case AlterTableType.AT_SetUnLogged:
            table.persistence = "u"
    return []


def _drop_column(catalog: Catalog, table: Table, column: Column) -> None:
    del table.columns[column.name]
    table.dropped_columns += 1
    for constraint in list(table.constraints.values()):
        if column.name in constraint.columns:
            catalog.dropped.append(table.constraints.pop(constraint.name))
    catalog.dropped.append(column)


def _added_later(made: list[Object]) -> list[Object]:
    for item in made:
        if isinstance(item, Constraint):
            item.is_added_later = True
    return made


def _attach(catalog: Catalog, parent: Table, child: Name, *, is_partition: bool) -> None:
    found = catalog.table(child)
    if found is not None:
        found.parents = (*found.parents, parent.name)
        found.is_partition = is_partition


def _detach(catalog: Catalog, parent: Table, child: Name) -> None:
    found = catalog.table(child)
    if found is not None:
        found.parents = tuple(p for p in found.parents if p != parent.name)
        found.is_partition = False
