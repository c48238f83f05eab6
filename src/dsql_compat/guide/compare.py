"""Whether two statements say the same: layout, brackets and the place of a key do not count."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from pglast import ast
from pglast.enums import AlterTableType, ConstrType
from pglast.error import Error
from pglast.stream import RawStream

from dsql_compat.sql.statements import Statement, parse_statement

_KEYS = (ConstrType.CONSTR_PRIMARY, ConstrType.CONSTR_UNIQUE)
_OF_COLUMNS = (
    ConstrType.CONSTR_DEFAULT, ConstrType.CONSTR_GENERATED, ConstrType.CONSTR_IDENTITY,
)  # fmt: skip


class _UnknownError(Exception):
    """Something that this comparison does not look into."""


@dataclass
class _Shape:
    """A table without its foreign keys and the names of its constraints."""

    columns: dict[str, set[str]] = field(default_factory=dict)
    required: set[str] = field(default_factory=set)
    constraints: set[str] = field(default_factory=set)


def is_same_table(before: Iterable[Statement], after: str) -> bool:
    """Whether the statements that made a table make the one that `after` makes, too.

    Foreign keys are left out, since a rewrite always splits them off.
    """
    try:
        return _shape(before) == _shape([_parsed(after)])
    except (_UnknownError, Error):
        return False


def is_same(before: Statement, after: str) -> bool:
    """Whether a statement other than CREATE TABLE stays what it was."""
    other = _parsed(after)
    if before.tree is None or other.tree is None:
        return before.excerpt.split() == after.rstrip(";").split()
    if before.extension != other.extension:
        return False
    try:
        return _written(before.tree) == _written(other.tree)
    except Error:
        return False


def _parsed(sql: str) -> Statement:
    return parse_statement(Statement(sql.rstrip().removesuffix(";")))


def _written(node: ast.Node) -> str:
    """A tree in the words of the printer, without the schema of an index's own table."""
    text: str = RawStream()(node)
    if isinstance(node, ast.IndexStmt) and node.relation.schemaname:
        name = RawStream()(node.relation)
        return text.replace(f" ON {name} ", f" ON {RawStream()(_bare(node.relation))} ", 1)
    return text


def _bare(relation: ast.RangeVar) -> ast.RangeVar:
    return ast.RangeVar(
        relname=relation.relname, inh=relation.inh, relpersistence=relation.relpersistence
    )


def _shape(statements: Iterable[Statement]) -> _Shape:
    shape = _Shape()
    for statement in statements:
        tree = statement.tree
        if isinstance(tree, ast.CreateStmt):
            _create(shape, tree)
        elif isinstance(tree, ast.AlterTableStmt):
            for command in tree.cmds:
                _alter(shape, command)
        else:
            raise _UnknownError
    return shape


def _create(shape: _Shape, node: ast.CreateStmt) -> None:
    special = (node.inhRelations, node.partspec, node.partbound, node.ofTypename, node.options)
    if any(special) or node.tablespacename or node.relation.relpersistence != "p":
        raise _UnknownError
    for part in [*(node.tableElts or ()), *(node.constraints or ())]:
        if isinstance(part, ast.ColumnDef):
            _column(shape, part)
        elif isinstance(part, ast.Constraint):
            _constraint(shape, part, ())
        else:
            raise _UnknownError


def _alter(shape: _Shape, command: ast.AlterTableCmd) -> None:
    made = command.def_
    if command.subtype == AlterTableType.AT_AddConstraint and isinstance(made, ast.Constraint):
        _constraint(shape, made, ())
    elif command.subtype == AlterTableType.AT_AddColumn and isinstance(made, ast.ColumnDef):
        _column(shape, made)
    else:
        raise _UnknownError


def _column(shape: _Shape, node: ast.ColumnDef) -> None:
    said = {f"type {_type(node.typeName)}"}
    if node.collClause is not None:
        said.add(f"collation {RawStream()(node.collClause)}")
    for part in node.constraints or ():
        if part.contype == ConstrType.CONSTR_NOTNULL:
            shape.required.add(node.colname)
        elif part.contype in _OF_COLUMNS:
            said.add(_option(part))
        elif part.contype != ConstrType.CONSTR_NULL:
            _constraint(shape, part, (node.colname,))
    shape.columns[node.colname] = said


def _type(node: ast.TypeName) -> str:
    names = [part.sval for part in node.names if part.sval != "pg_catalog"]
    modifiers = [RawStream()(part) for part in node.typmods or ()]
    return f"{names} {modifiers} {len(node.arrayBounds or ())} {node.setof}"


def _option(node: ast.Constraint) -> str:
    value = RawStream()(node.raw_expr) if node.raw_expr is not None else ""
    options = sorted(f"{o.defname}={_value(o.arg)}" for o in node.options or ())
    return f"{node.contype} {value} {node.generated_when} {node.generated_kind} {options}"


def _value(node: object) -> str:
    return RawStream()(node) if isinstance(node, ast.Node) else str(node)


def _constraint(shape: _Shape, node: ast.Constraint, columns: tuple[str, ...]) -> None:
    if node.contype == ConstrType.CONSTR_FOREIGN:
        return
    if node.contype == ConstrType.CONSTR_NOTNULL:
        shape.required.update(part.sval for part in node.keys or ())
        return
    if node.contype == ConstrType.CONSTR_CHECK:
        shape.constraints.add(f"check {RawStream()(node.raw_expr)} {node.is_no_inherit}")
        return
    if node.contype not in _KEYS or node.indexname or node.options or node.indexspace:
        raise _UnknownError
    keys = columns or tuple(part.sval for part in node.keys or ())
    more = tuple(part.sval for part in node.including or ())
    flags = node.deferrable, node.initdeferred, node.nulls_not_distinct
    shape.constraints.add(f"{node.contype} {keys} {more} {flags}")
    if node.contype == ConstrType.CONSTR_PRIMARY:
        shape.required.update(keys)
