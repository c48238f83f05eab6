"""What a child has from the tables it inherits from, written out for one that stands alone."""

from __future__ import annotations

from pglast import ast, enums
from pglast.stream import RawStream

from dsql_compat.catalog.model import Column, Table
from dsql_compat.catalog.types import SERIAL, display, resolve
from dsql_compat.checks.column_text import definition
from dsql_compat.checks.columns import nextval_argument
from dsql_compat.checks.context import Here
from dsql_compat.sql import spans
from dsql_compat.sql.names import Name, literal, quote
from dsql_compat.sql.statements import Statement

_Kind = enums.ConstrType
# What PostgreSQL does not hand down.
_OWN = {_Kind.CONSTR_PRIMARY, _Kind.CONSTR_UNIQUE, _Kind.CONSTR_FOREIGN, _Kind.CONSTR_IDENTITY}
_UNKNOWN = "LIKE {} INCLUDING CONSTRAINTS INCLUDING DEFAULTS INCLUDING GENERATED"
Edit = tuple[int, int, str]


def body_edits(here: Here, table: Table, node: ast.CreateStmt, parents: list[Name]) -> list[Edit]:
    """The edits that put the columns of its parents into a child's CREATE TABLE."""
    statement = here.statement
    body = spans.parenthesised(statement, node.relation.location)
    inherited = _inherited(here, table, node, parents)
    elements = node.tableElts or ()
    if body is None:
        return []
    demands = [e for e in elements if _is_demand(e)]
    if not demands:
        more = ", " if elements else ""
        return [(body.start, body.start + 1, "(" + ", ".join(inherited) + more)] * bool(inherited)
    # NOT NULL of a column, as PostgreSQL 18 writes it: in the columns themselves now.
    names = {key.sval for demand in demands for key in demand.keys or ()}
    kept = [_text(statement, e, names) for e in elements if e not in demands]
    return [(body.start, body.end, f"({', '.join([*inherited, *kept])})")]


def _inherited(here: Here, table: Table, node: ast.CreateStmt, parents: list[Name]) -> list[str]:
    """The columns of parents that a child does not declare itself."""
    taken = {e.colname for e in node.tableElts or () if isinstance(e, ast.ColumnDef)}
    found: list[str] = []
    for name in parents:
        parent = here.catalog.table(name)
        if parent is None:
            found.append(_UNKNOWN.format(name))
            continue
        for column in parent.columns.values():
            if column.name not in taken:
                taken.add(column.name)
                found.append(_handed_down(here, column, table.columns.get(column.name, column)))
    return found


def _handed_down(here: Here, column: Column, own: Column) -> str:
    """A parent's column as its child has it: without keys, references and a counter of its own."""
    constraints = (column.node.constraints if column.node is not None else None) or ()
    kinds = {constraint.contype for constraint in constraints}
    is_serial = column.type is not None and column.type.names[-1].sval in SERIAL
    if not is_serial and not kinds & _OWN:
        is_said = _Kind.CONSTR_NOTNULL in kinds or (column.node is None and column.not_null)
        return definition(here.catalog, column) + " NOT NULL" * (own.not_null and not is_said)
    words = [quote(column.name), _type(here, column)]
    drawn = nextval_argument(own.default)
    if drawn is not None and words[1] == "uuid":
        words.append("DEFAULT gen_random_uuid()")
    elif drawn is not None:
        words.append(f"DEFAULT nextval({literal(drawn)})")
    elif own.generated:
        words.append(f"GENERATED ALWAYS AS ({RawStream()(own.default)}) STORED")
    elif own.default is not None:
        words.append(f"DEFAULT {RawStream()(own.default)}")
    checks = [c for c in constraints if c.contype == _Kind.CONSTR_CHECK]
    words += [f"CHECK ({RawStream()(check.raw_expr)})" for check in checks]
    return " ".join(words) + " NOT NULL" * own.not_null


def _type(here: Here, column: Column) -> str:
    """The type of a column whose parent numbers its rows by it follows the parent's."""
    if column.type is None:
        return "text"
    base = resolve(here.catalog, column.type).base
    if not column.identity and column.type.names[-1].sval not in SERIAL:
        return display(column.type)
    if not here.run.is_accepted("identity-column"):
        return "uuid"
    return "bigint" if base in ("smallint", "integer", "bigint") else display(column.type)


def _is_demand(element: ast.Node) -> bool:
    return isinstance(element, ast.Constraint) and element.contype == _Kind.CONSTR_NOTNULL


def _text(statement: Statement, element: ast.Node, not_null: set[str]) -> str:
    """An element of CREATE TABLE as written, with the NOT NULL that another element demands."""
    if isinstance(element, ast.TableLikeClause):
        return "LIKE " + spans.element(statement, element.relation.location).text
    text = spans.element(statement, element.location).text
    if isinstance(element, ast.ColumnDef) and element.colname in not_null:
        kinds = {constraint.contype for constraint in element.constraints or ()}
        text += " NOT NULL" * (_Kind.CONSTR_NOTNULL not in kinds)
    return text
