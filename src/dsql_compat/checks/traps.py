"""Silent traps of a schema: DSQL takes it, and it means something else than in PostgreSQL.

What holds all over a schema is told once for a database, with the number and the first names.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pglast import ast, enums

from dsql_compat.catalog.model import Catalog, Column, Table
from dsql_compat.catalog.types import resolve
from dsql_compat.checks.context import Found, Here
from dsql_compat.checks.registry import detects
from dsql_compat.findings import Finding, ObjectRef, Span
from dsql_compat.sql import spans
from dsql_compat.sql.names import Name, quote
from dsql_compat.sql.statements import Statement

_SHOWN = 6
_TEXT = {"text", "varchar", "bpchar"}
_TEXT_BASES = {"text", "character varying", "character"}
_BYTES = {"c", "posix", "c.utf-8", "c.utf8", "pg_c_utf8", "pg_unicode_fast", "ucs_basic"}
_UTC = {"utc", "etc/utc", "gmt", "etc/gmt", "uct", "etc/uct", "zulu", "universal", "0"}
_ZONELESS = {"timestamp", "date", "time"}
_CLOCKS = {"now", "transaction_timestamp", "statement_timestamp", "clock_timestamp"}
_NEAR = 0.8  # of a limit


def database_ref(catalog: Catalog) -> ObjectRef:
    """How findings about a whole database name it; DSQL's own is called postgres."""
    return ObjectRef("database", catalog.database or "postgres")


def counted(count: int, one: str, many: str = "") -> str:
    """A number with its noun."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def first_names(names: list[str]) -> str:
    """The first few names, and how many more there are."""
    left = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {left:,} more" if left > 0 else "")


def column_label(column: Column) -> str:
    """A column with its table."""
    return f"{column.table.name}.{quote(column.name)}"


def column_span(column: Column) -> Span:
    """The name of a column where it is declared."""
    if column.node is None or column.node.location is None:
        return spans.name(column.statement, column.table.name)
    return spans.word_at(column.statement, column.node.location)


# -- the order of text ----------------------------------------------------------------------------


def is_text(column: Column, catalog: Catalog) -> bool:
    """Whether a column holds text that the database's collation orders."""
    node = column.type
    if node is None or not node.names or node.arrayBounds:
        return False
    if column.collation is not None and column.collation.name.lower() in _BYTES:
        return False
    name = node.names[-1].sval
    if name in _TEXT and len(node.names) < 3:
        return True
    if not catalog.types:
        return False
    resolved = resolve(catalog, node)
    return resolved.family == "storable" and resolved.base in _TEXT_BASES


def ordering(catalog: Catalog, here: Here) -> tuple[str, Statement | None]:
    """The collation of the source's database ("" if unknown), with the statement that says so."""
    node, statement = _created(catalog, here)
    options = {option.defname: option.arg for option in (node.options or () if node else ())}
    for name in ("icu_locale", "builtin_locale", "lc_collate", "locale"):
        value = options.get(name)
        if isinstance(value, ast.String):
            return str(value.sval), statement
    return catalog.collation, None


def _created(catalog: Catalog, here: Here) -> tuple[ast.CreatedbStmt | None, Statement | None]:
    """The CREATE DATABASE of this database, which a dump runs before it connects to it."""
    if catalog.database is None:
        return None, None
    key = ("database", Name(None, catalog.database), None)
    for other in (known.others.get(key) for known in here.run.catalogs):
        if other is not None and isinstance(other.node, ast.CreatedbStmt):
            return other.node, other.statement
    return None, None


def sorts_by_byte(catalog: Catalog, here: Here) -> bool:
    """Whether the source's database is known to order text as DSQL does."""
    return ordering(catalog, here)[0].lower() in _BYTES


@detects("text-order", on=Catalog)
def text_order(catalog: Catalog, here: Here) -> Found:
    """Columns in keys and indexes come first: those are sorted and searched by ranges."""
    collation, statement = ordering(catalog, here)
    if collation.lower() in _BYTES:
        return
    keyed: list[Column] = []
    plain: list[Column] = []
    for table in catalog.tables():
        if table.is_partition:
            continue
        keys = _key_columns(table)
        for column in table.columns.values():
            if is_text(column, catalog):
                (keyed if column.name in keys else plain).append(column)
    columns = keyed + plain
    if not columns or not (keyed or collation):
        return
    span = _literal(statement, collation) if statement is not None else None
    yield here.found(
        "text-order",
        span or column_span(columns[0]),
        about=database_ref(catalog),
        case="known" if collation else "",
        columns=counted(len(columns), "text column"),
        tables=counted(len({column.table.name for column in columns}), "table"),
        keyed=f"{len(keyed):,}",
        names=first_names([column_label(column) for column in columns]),
        collation=collation,
    )


def _literal(statement: Statement, text: str) -> Span | None:
    for token in statement.tokens:
        if token.name == "SCONST" and token.text.strip("'") == text:
            return Span(statement, token.start, token.end)
    return None


def _key_columns(table: Table) -> set[str]:
    """The columns of keys, unique constraints and indexes."""
    found = {
        name
        for constraint in table.constraints.values()
        if constraint.kind in ("primary key", "unique")
        for name in constraint.columns
    }
    return found | {key.name for index in table.indexes.values() for key in index.keys if key.name}


# -- the time zone --------------------------------------------------------------------------------


@detects("time-zone", on=(ast.AlterDatabaseSetStmt, ast.AlterRoleSetStmt))
def zone_set(node: ast.AlterDatabaseSetStmt | ast.AlterRoleSetStmt, here: Here) -> Found:
    """A zone that sessions of the source began with."""
    setting: Any = node.setstmt
    value = setting.args[0] if setting.args else None
    if (setting.name or "").lower() != "timezone" or not isinstance(value, ast.A_Const):
        return
    zone = getattr(value.val, "sval", None)
    if zone and zone.lower() not in _UTC:
        yield here.found(
            "time-zone",
            _literal(here.statement, zone) or spans.head(here.statement),
            about=database_ref(here.catalog),
            case="known",
            key=zone,
            zone=zone,
        )


@detects("time-zone", on=Catalog)
def time_zone(catalog: Catalog, here: Here) -> Found:
    """Columns that take the local date or time by default."""
    columns = [
        column
        for table in catalog.tables()
        if not table.is_partition
        for column in table.columns.values()
        if column.default is not None and _is_local(column)
    ]
    if columns:
        yield here.found(
            "time-zone",
            column_span(columns[0]),
            about=database_ref(catalog),
            columns=counted(len(columns), "column takes", "columns take"),
            names=first_names([column_label(column) for column in columns]),
        )


def _is_local(column: Column) -> bool:
    name = column.type.names[-1].sval if column.type is not None and column.type.names else ""
    return name in _ZONELESS and reads_clock(column.default)


def reads_clock(default: ast.Node | None) -> bool:
    """Whether a default is the present moment, in the session's zone."""
    while isinstance(default, ast.TypeCast):
        default = default.arg
    match default:
        case ast.SQLValueFunction():
            return bool(default.op <= enums.SQLValueFunctionOp.SVFOP_LOCALTIMESTAMP_N)
        case ast.FuncCall():
            return str(default.funcname[-1].sval) in _CLOCKS
        case ast.A_Const(val=ast.String(sval="now")):  # pg_dump's ('now'::text)::date
            return True
    return False


# -- encodings ------------------------------------------------------------------------------------


@detects("encoding", on=ast.VariableSetStmt)
def client_encoding(node: ast.VariableSetStmt, here: Here) -> Found:
    """pg_dump writes in the encoding of the database, and says so in its first lines."""
    given: Any = node.args[0] if node.args else None
    if node.name != "client_encoding" or here.statement.tree is not node:
        return
    value = getattr(getattr(given, "val", None), "sval", "")
    yield _encoding(value, _literal(here.statement, value) or spans.whole(here.statement), here)


@detects("encoding", on=ast.CreatedbStmt)
def database_encoding(node: ast.CreatedbStmt, here: Here) -> Found:
    for option in node.options or ():
        if option.defname == "encoding" and isinstance(option.arg, ast.String):
            value = option.arg.sval
            span = _literal(here.statement, value) or spans.word_at(here.statement, option.location)
            yield _encoding(value, span, here)


def _encoding(value: str, span: Span, here: Here) -> Finding | None:
    plain = "".join(c for c in value.upper() if c.isalnum())
    if plain in ("", "UTF8", "UNICODE", "DEFAULT"):
        return None
    return here.found(
        "encoding",
        span,
        about=database_ref(here.catalog),
        case="sql-ascii" if plain == "SQLASCII" else "",
        key=plain,
        encoding=value,
    )


# -- sizes that only grow -------------------------------------------------------------------------


@detects("dropped-columns", on=Catalog)
def dropped_columns(catalog: Catalog, here: Here) -> Found:
    """Near the limit only; beyond it column-limit speaks."""
    limits = {limit.key: limit.value for limit in here.run.catalogue.limits}
    most = limits["columns-ever-per-table"]
    for table in catalog.tables():
        ever = len(table.columns) + table.dropped_columns
        if table.dropped_columns and most * _NEAR <= ever <= most:
            yield here.found(
                "dropped-columns",
                spans.name(table.statement, table.name),
                about=table.ref,
                table=table.name,
                dropped=f"{table.dropped_columns:,}",
                count=f"{ever:,}",
                limit=f"{most:,}",
                left=counted(most - ever, "column"),
            )


@detects("long-key-text", on=Catalog)
def long_key_text(catalog: Catalog, here: Here) -> Found:
    """Text without a declared length in keys: too long a value shows only when it is written."""
    columns = [column for table in catalog.tables() for column in _unbounded(table, catalog)]
    if columns:
        yield here.found(
            "long-key-text",
            column_span(columns[0]),
            about=database_ref(catalog),
            columns=counted(len(columns), "text column"),
            names=first_names([column_label(column) for column in columns]),
        )


def _unbounded(table: Table, catalog: Catalog) -> Iterator[Column]:
    if table.is_partition:
        return
    keys = {
        name
        for constraint in table.constraints.values()
        if constraint.kind in ("primary key", "unique")
        for name in constraint.columns
    }
    for index in table.indexes.values():
        if index.method in ("btree", "btree_index"):
            keys.update(key.name for key in index.keys if key.name)
    for column in table.columns.values():
        if column.name in keys and is_text(column, catalog) and column.type is not None:
            resolved = resolve(catalog, column.type)
            if not resolved.modifiers and resolved.base != "character":
                yield column
