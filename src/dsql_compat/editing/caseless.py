"""Columns of citext that cannot become text by themselves: something here compares their values.

`rewrite --output` says lower() wherever that is needed; edits of single statements cannot, and a
key or query left alone would tell upper from lower case without a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from pglast import ast

from dsql_compat.catalog.model import Catalog, Column
from dsql_compat.catalog.types import resolve
from dsql_compat.checks.columns_declared import declared_ref
from dsql_compat.findings import ObjectRef
from dsql_compat.rewriting.caseless import is_caseless_column
from dsql_compat.sql.names import quote
from dsql_compat.sql.statements import Statement
from dsql_compat.sql.walk import walk

_ELSEWHERE = "would tell upper and lower case apart: see rewrite --output"
CASELESS_RULES = ("extension-type-column", "domain-base-type")
NOTE = "citext became text: comparisons in the application need lower() on both sides"
_KEYS = ("primary key", "unique", "foreign key", "exclude")
# What has no eye for values: it makes, describes or fills the column.
_BLIND = (
    *(ast.CreateStmt, ast.AlterTableStmt, ast.CommentStmt, ast.GrantStmt, ast.RenameStmt),
    *(ast.CopyStmt, ast.DropStmt, ast.AlterOwnerStmt, ast.CreateExtensionStmt),
)


def reasons_to_stay(catalog: Catalog, statements: Iterable[Statement]) -> dict[ObjectRef, str]:
    """The citext columns that are compared in what was read, and their domains, each with where."""
    columns = [
        column
        for table in catalog.tables()
        for column in table.columns.values()
        if is_caseless_column(catalog, column)
    ]
    if not columns:
        return {}
    readers = [s for s in statements if s.outer is None and _reads(s.tree)]
    found: dict[ObjectRef, str] = {}
    for column in columns:
        where = _kept_by(column) or _read_in(column, readers)
        if where:
            refs = [column.ref, declared_ref(column)]
            if column.type is not None:
                refs += [domain.ref for domain in resolve(catalog, column.type).through]
            for ref in refs:
                found.setdefault(ref, f"{where} {_ELSEWHERE}")
    return found


def _kept_by(column: Column) -> str:
    """The key, check or index of the table that compares a column."""
    table = column.table
    for constraint in table.constraints.values():
        if constraint.kind in _KEYS and column.name in constraint.columns:
            return f"the {constraint.kind} {quote(constraint.name)}"
        if constraint.kind == "check" and column.name in _read(constraint.node.raw_expr):
            return f"the check {quote(constraint.name)}"
    for index in table.indexes.values():
        is_plain_key = any(key.name == column.name for key in index.keys)
        parts = [index.node.whereClause, *(key.expr for key in index.keys)]
        if (is_plain_key and index.is_unique) or any(column.name in _read(p) for p in parts):
            return f"the index {quote(index.name.name)}"
    for other in table.columns.values():
        if other.generated and column.name in _read(other.default):
            return f"the generated column {quote(other.name)}"
    return ""


def _read(expression: ast.Node | None) -> set[str]:
    """The columns that an expression names."""
    if expression is None:
        return set()
    return {
        node.fields[-1].sval
        for node in walk(expression)
        if isinstance(node, ast.ColumnRef) and isinstance(node.fields[-1], ast.String)
    }


def _reads(tree: ast.Node | None) -> bool:
    """Whether a statement may compare values; what cannot be read may."""
    if isinstance(tree, ast.InsertStmt):
        given = tree.selectStmt
        has_query = isinstance(given, ast.SelectStmt) and not given.valuesLists
        return tree.onConflictClause is not None or has_query
    return not isinstance(tree, (*_BLIND, ast.IndexStmt))


def _read_in(column: Column, readers: list[Statement]) -> str:
    """The first statement that names a column and may compare it."""
    word = _mention(column)
    found = next((s for s in readers if word.search(s.text) and _compares(s.tree, column)), None)
    return f"the statement of line {found.line}" if found is not None else ""


def _compares(tree: ast.Node | None, column: Column) -> bool:
    """Whether a statement that names a column may compare it; one that only copies it does not."""
    if not isinstance(tree, ast.UpdateStmt) or tree.fromClause:
        return True
    values = [t.val for t in tree.targetList if not isinstance(t.val, ast.ColumnRef)]
    tested = [tree.whereClause, *values]
    unseen = {
        id(node.arg)
        for part in tested
        if part is not None
        for node in walk(part)
        if isinstance(node, ast.NullTest)
    }
    return any(
        isinstance(node, ast.ColumnRef)
        and id(node) not in unseen
        and getattr(node.fields[-1], "sval", column.name) == column.name
        for part in tested
        if part is not None
        for node in walk(part)
    )


def _mention(column: Column) -> re.Pattern[str]:
    names = {column.name, declared_ref(column).name}
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, sorted(names)))})(?!\w)", re.I)
