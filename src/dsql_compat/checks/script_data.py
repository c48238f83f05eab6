"""What the source's data rows show: sizes that DSQL does not take, never contents."""

from __future__ import annotations

from collections.abc import Iterator

from pglast import ast, enums

from dsql_compat.catalog.model import Catalog, Table
from dsql_compat.catalog.types import resolve
from dsql_compat.checks.context import Found, Here
from dsql_compat.checks.registry import detects
from dsql_compat.checks.script import limit_value
from dsql_compat.findings import ObjectRef
from dsql_compat.sql import spans
from dsql_compat.sql.names import quote, relation_name
from dsql_compat.sql.statements import Statement

_COMPRESSED = ("text", "character varying", "character")
_NOT_TREES = ("gin", "gist", "spgist", "brin")


@detects("wide-row", on=Catalog)
def wide_row(catalog: Catalog, here: Here) -> Found:
    most = limit_value("row-size", here)
    for table in catalog.tables():
        if table.data.widest_row > most:
            yield here.found(
                "wide-row",
                spans.name(table.statement, table.name),
                about=table.ref,
                table=table.name,
                bytes=f"{table.data.widest_row:,}",
            )


@detects("wide-value", on=Catalog)
def wide_value(catalog: Catalog, here: Here) -> Found:
    most = limit_value("column-size", here)
    for table in catalog.tables():
        for name in table.data.widest_values:
            base, size = stored_bytes(table, name, catalog)
            if size > most:
                yield here.found(
                    "wide-value",
                    spans.name(table.statement, table.name),
                    about=table.ref,
                    case="compressed" if base in _COMPRESSED else "",
                    key=name,
                    cause=here.missing(table.ref),
                    table=table.name,
                    column=quote(name),
                    type=base or "?",
                    bytes=f"{size:,}",
                )


def stored_bytes(table: Table, name: str, catalog: Catalog) -> tuple[str, int]:
    """A column's type and the bytes of the widest value seen: bytea is written in two digits."""
    size = table.data.widest_values[name]
    column = table.columns.get(name)
    if column is None or column.type is None:
        return "", size
    base = resolve(catalog, column.type).base
    return base, (size - 2) // 2 if base == "bytea" else size


# -- keys -----------------------------------------------------------------------------------------


@detects("wide-key", on=Catalog)
def wide_key(catalog: Catalog, here: Here) -> Found:
    """One finding a column, however many keys it is part of."""
    most = limit_value("key-size", here)
    for table in catalog.tables():
        if not table.data.widest_values or table.kind == "foreign table":
            continue
        keyed: dict[str, str] = {}
        for label, names in tree_keys(table):
            for name in names:
                keyed.setdefault(name, label)
        for name in (n for n in keyed if n in table.data.widest_values):
            size = stored_bytes(table, name, catalog)[1]
            if size > most:
                yield here.found(
                    "wide-key",
                    spans.name(table.statement, table.name),
                    about=table.ref,
                    key=name,
                    cause=here.missing(table.ref),
                    table=table.name,
                    column=quote(name),
                    keyed=quote(keyed[name]),
                    bytes=f"{size:,}",
                )


def tree_keys(table: Table) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The names of keys and indexes that are ordered trees, with their columns."""
    for constraint in table.constraints.values():
        if constraint.kind in ("primary key", "unique"):
            yield constraint.name, constraint.columns
    for index in table.indexes.values():
        if index.method not in _NOT_TREES:
            yield index.name.name, tuple(key.name for key in index.keys if key.name)


# -- transactions and messages --------------------------------------------------------------------


@detects("transaction-size", on=Catalog)
def copy_size(catalog: Catalog, here: Here) -> Found:
    """A COPY whose rows fill a transaction before there are 3,000 of them."""
    most, most_rows = (
        limit_value("bytes-per-transaction", here),
        limit_value("rows-per-transaction", here),
    )
    for table in catalog.tables():
        rows, size = table.data.largest_copy, table.data.copy_bytes
        if size > most and size * min(rows, most_rows) > most * rows:
            yield here.found(
                "transaction-size",
                spans.name(table.statement, table.name),
                about=table.ref,
                table=table.name,
                rows=f"{rows:,}",
                bytes=f"{size:,}",
                part=f"{max(1, most * rows // size):,}",
            )


@detects("transaction-size", on=ast.TransactionStmt)
def transaction_size(node: ast.TransactionStmt, here: Here) -> Found:
    """Judged at COMMIT; where a single INSERT or COPY is too much, that one says it."""
    block, most = here.run.transaction, limit_value("bytes-per-transaction", here)
    if block is None or block.bytes <= most or block.most_bytes > most or here.inside:
        return
    if node.kind == enums.TransactionStmtKind.TRANS_STMT_COMMIT:
        yield here.found(
            "transaction-size",
            spans.head(block.begin, 1),
            about=ObjectRef("statement", "COMMIT"),
            case="transaction",
            key=str(block.begin.ordinal),
            rows=f"{block.rows:,}",
            bytes=f"{block.bytes:,}",
            part=f"{-(-block.bytes // most):,}",
        )


@detects("statement-size", on=Statement)
def statement_size(statement: Statement, here: Here) -> Found:
    most = limit_value("message-size", here)
    if here.inside is not None or len(statement.text) <= most // 4:
        return
    size = len(statement.text.encode("utf-8", "replace"))
    if size > most:
        tree = statement.tree
        name = relation_name(tree.relation) if isinstance(tree, ast.InsertStmt) else None
        table = here.catalog.table(name) if name else None
        span = spans.head(statement)
        yield here.found(
            "statement-size",
            span,
            about=table.ref if table else None,
            words=span.text,
            bytes=f"{size:,}",
        )


@detects("statement-size", on=Catalog)
def counted_insert_size(catalog: Catalog, here: Here) -> Found:
    """INSERTs that were only counted: all but the first of their table."""
    most = limit_value("message-size", here)
    for table in catalog.tables():
        size = table.data.insert_bytes
        if size > most and here.earlier("statement-size", table.ref) is None:
            yield here.found(
                "statement-size",
                spans.name(table.statement, table.name),
                about=table.ref,
                words=f"INSERT INTO {table.name}",
                bytes=f"{size:,}",
            )
