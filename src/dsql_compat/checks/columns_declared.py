"""What the rules on types need to know of a column or domain: its words, and the rest around them.

A rewrite gives the definition with another type: `{head} text{tail}`.  The tail is what stood
behind the type, with the default made to fit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pglast import ast, enums

from dsql_compat.catalog.model import Column, Table, Type
from dsql_compat.checks.context import Here
from dsql_compat.checks.type_map import stand_in_of
from dsql_compat.findings import ObjectRef, Span
from dsql_compat.sql import spans
from dsql_compat.sql.names import Name, literal, quote
from dsql_compat.sql.statements import Statement

ConstrType = enums.ConstrType
Adapt = Callable[[ast.Node, str], str]


@dataclass(eq=False)
class Declared:
    """A place where a type is named: a column's definition, or a domain's."""

    here: Here
    statement: Statement
    type: ast.TypeName
    ref: ObjectRef
    subject: str
    column: str
    table: str
    owner: Table | None
    node: ast.ColumnDef | ast.CreateDomainStmt | None
    is_domain: bool = False

    @cached_property
    def span(self) -> Span:
        """The words that name the type."""
        return spans.type_name(self.statement, self.type)

    @cached_property
    def definition(self) -> Span:
        """The whole definition; ALTER COLUMN … TYPE has none but the type."""
        if self.is_domain:
            return Span(self.statement, self.statement.start, end_of_words(self.statement))
        if not isinstance(self.node, ast.ColumnDef) or self.node.colname is None:
            return self.span
        return spans.column_definition(self.statement, self.node)

    @property
    def is_added(self) -> bool:
        """Whether the column comes by ALTER TABLE, which takes no constraint along."""
        return isinstance(self.statement.tree, ast.AlterTableStmt)

    @property
    def head(self) -> str:
        """What stands before the type."""
        if not self.is_domain:
            return self.column
        text = self.statement.text
        return text[self.statement.start : self.span.start].rstrip()

    def tail(self, adapt: Adapt | None = None) -> str:
        """What stands behind the type, its default changed by `adapt`."""
        end = self.definition.end
        text = self.statement.text
        ending = ";" if self.is_domain else ""
        found = self._default()
        if adapt is None or found is None:
            return text[self.span.end : end] + ending
        node, start, stop = found
        value = adapt(node, text[start:stop])
        before = text[self.span.end : start]
        if not value:
            before = before.rstrip()[: -len("DEFAULT")].rstrip()
        return before + value + text[stop:end] + ending

    def _default(self) -> tuple[ast.Node, int, int] | None:
        """The default's expression and where its text begins and ends."""
        constraints = getattr(self.node, "constraints", None) or ()
        given = next((c for c in constraints if c.contype == ConstrType.CONSTR_DEFAULT), None)
        if given is None:
            return None
        start = given.location + len("DEFAULT")
        if self.statement.text[given.location : start].upper() != "DEFAULT":
            return None
        clause = self.node.collClause if self.node is not None else None
        others = [c.location for c in constraints] + ([clause.location] if clause else [])
        end = min([at for at in others if at > start], default=self.definition.end)
        text = self.statement.text
        while start < end and text[start].isspace():
            start += 1
        while end > start and text[end - 1].isspace():
            end -= 1
        return given.raw_expr, start, end

    def facts(self, adapt: Adapt | None = None) -> dict[str, Any]:
        """The facts that every text about a declared type may use."""
        return {
            "subject": self.subject,
            "column": self.column,
            "table": self.table,
            "type": self.span.text,
            "head": self.head,
            "tail": self.tail(adapt),
        }

    @property
    def before(self) -> str | None:
        """What the rewrite replaces; None is the whole statement."""
        return None if self.is_domain else self.definition.text


def end_of_words(statement: Statement) -> int:
    """Where a statement ends, without its semicolon and the comments before that."""
    words = [token for token in statement.tokens[-2:] if token.text != ";"]
    return words[-1].end if words else spans.whole(statement).end


def declared_column(column: Column, here: Here) -> Declared | None:
    """A column as it is declared; None where that cannot be seen."""
    if column.type is None or (column.node and column.node.typeName is not column.type):
        return None  # a later ALTER COLUMN … TYPE names it, in another text
    ref = declared_ref(column)
    table = str(Name(ref.schema, ref.table or ""))
    return Declared(
        here,
        column.statement,
        column.type,
        ref,
        f"Column {quote(ref.name)} of {table}",
        quote(ref.name),
        table,
        column.table,
        column.node,
    )


def declared_ref(column: Column) -> ObjectRef:
    """What a column is called in the statement that declares it: it may be renamed further down,
    or its table."""
    tree, table = column.statement.tree, column.table.name.name
    if isinstance(tree, ast.CreateStmt | ast.AlterTableStmt) and tree.relation is not None:
        table = tree.relation.relname
    name = column.node.colname if column.node is not None else None
    return ObjectRef("column", name or column.name, column.table.name.schema, table)


def declared_domain(made: Type, here: Here) -> Declared | None:
    """A domain as it is declared; None for other types."""
    if made.kind != "domain" or made.base is None:
        return None
    subject = f"Domain {made.name}"
    node = made.node if isinstance(made.node, ast.CreateDomainStmt) else None
    return Declared(
        here,
        made.statement,
        made.base,
        made.ref,
        subject,
        str(made.name),
        "",
        None,
        node,
        is_domain=True,
    )


# -- defaults ---------------------------------------------------------------------------------


def without_cast(node: ast.Node, text: str) -> str:
    """A literal without the cast to a type that DSQL lacks."""
    inner = node
    while isinstance(inner, ast.TypeCast):
        inner = inner.arg
    if not isinstance(inner, ast.A_Const) or inner.isnull:
        return text if inner is node else "NULL" if isinstance(inner, ast.A_Const) else text
    match inner.val:
        case ast.String():
            return literal(inner.val.sval)
        case ast.BitString():
            return literal(inner.val.bsval[1:])
        case ast.Integer() | ast.Float() if inner is not node:
            return text.partition("::")[0].strip("() ") or text
    return text


def as_json_array(type_text: str) -> Adapt:
    """The default of an array as one of jsonb."""

    def adapt(node: ast.Node, text: str) -> str:
        inner = node.arg if isinstance(node, ast.TypeCast) else node
        if isinstance(inner, ast.A_Const):
            if inner.isnull:
                return "NULL"
            if isinstance(inner.val, ast.String) and inner.val.sval.strip() == "{}":
                return "'[]'::jsonb"
            text = text if inner is not node else f"{text}::{type_text}"
        elif isinstance(inner, ast.A_ArrayExpr) and not inner.elements:
            return "'[]'::jsonb"
        return f"to_jsonb({text})"

    return adapt


def as_json_object(node: ast.Node, text: str) -> str:
    """The default of an hstore as one of jsonb; nothing where it holds pairs."""
    return "'{}'::jsonb" if without_cast(node, text) == "''" else ""


# -- other types ------------------------------------------------------------------------------


def stand_in(node: ast.TypeName, here: Here) -> str | None:
    """A type of DSQL that holds the same values; None where a person must choose."""
    found = stand_in_of(here.run, here.catalog, node)
    return None if found.form.asks else found.type


def key_columns(table: Table) -> list[Column]:
    """The columns of the primary key, else the first column."""
    key = table.primary_key
    names = key.columns if key else ()
    found = [table.columns[name] for name in names if name in table.columns]
    return found or list(table.columns.values())[:1]


def key_type(column: Column, here: Here) -> str:
    """The type that a column referring to this one has on DSQL."""
    found = stand_in(column.type, here) if column.type is not None else "bigint"
    return found or "text"
