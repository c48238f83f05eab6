"""Statements that do something once: TRUNCATE, COPY, LISTEN, VACUUM, cursors and the like."""

from __future__ import annotations

from collections.abc import Iterator

from pglast import ast, enums

from dsql_compat.catalog.model import Catalog, Table
from dsql_compat.checks.columns import owned_sequence
from dsql_compat.checks.context import Found, Here
from dsql_compat.checks.registry import detects
from dsql_compat.checks.statement_kinds import ACCEPTED_STATEMENTS, PARTS, REFUSED_STATEMENTS
from dsql_compat.findings import ObjectRef, Span
from dsql_compat.sql import spans
from dsql_compat.sql.names import Name, name_of, quote, quote_list, relation_name
from dsql_compat.sql.statements import Statement

ROWS_PER_TRANSACTION = 3_000
_SERIAL = {"serial", "serial4", "bigserial", "serial8", "smallserial", "serial2"}


@detects("unsupported-statement", on=Statement)
def unsupported_statement(statement: Statement, here: Here) -> Found:
    """The net under all families: a kind of statement that nobody here knows."""
    cls = statement.tree.__class__
    if statement.tree is None or cls in ACCEPTED_STATEMENTS or cls in REFUSED_STATEMENTS:
        return
    if cls not in PARTS:
        span = spans.head(statement)
        yield here.found("unsupported-statement", span, statement=span.text.upper())


# -- TRUNCATE -----------------------------------------------------------------------------------


@detects("truncate", on=ast.TruncateStmt)
def truncate(node: ast.TruncateStmt, here: Here) -> Found:
    cascades = node.behavior == enums.DropBehavior.DROP_CASCADE
    case = "restart-identity" if node.restart_seqs else "cascade" if cascades else ""
    for relation in node.relations or ():
        wanted = relation_name(relation)
        table = here.catalog.table(wanted)
        name = table.name if table else wanted
        referring = _referring(here.catalog, table) if table and cascades else []
        key = _key(table)
        yield here.found(
            "truncate",
            spans.word_at(here.statement, relation.location)
            if wanted.schema is None
            else spans.name(here.statement, wanted),
            about=table.ref if table else ObjectRef("table", wanted.name, wanted.schema),
            case=case,
            key=str(name),
            table=name,
            referring="\n".join(f"DELETE FROM {other};" for other in referring),  # noqa: S608
            restarts="\n".join(_restarts(here.catalog, table)) if node.restart_seqs else "",
            key_columns=key,
            selected=key.strip("()"),
        )


def _key(table: Table | None) -> str:
    """The columns that tell rows apart, as they stand before IN."""
    primary = table.primary_key if table else None
    if primary is not None and primary.columns:
        listed = quote_list(primary.columns)
        return listed if len(primary.columns) == 1 else f"({listed})"
    first = next(iter(table.columns), "id") if table else "id"
    return quote(first)


def _referring(catalog: Catalog, table: Table) -> list[Name]:
    """The tables that CASCADE would empty too, those farthest away first."""
    found: list[Name] = []
    level = [table.name]
    while level:
        level = [
            other.name
            for other in catalog.tables()
            if other.name not in found
            and other.name != table.name
            and any(c.referenced in level for c in other.constraints_of("foreign key"))
        ]
        found += level
    return found[::-1]


def _restarts(catalog: Catalog, table: Table | None) -> Iterator[str]:
    """What starts the numbers of a table's columns again, as the columns are once rewritten."""
    for column in table.columns.values() if table else ():
        serial = column.type is not None and name_of(column.type.names).name in _SERIAL
        if column.identity or serial or owned_sequence(catalog, column):
            assert table is not None
            yield f"ALTER TABLE {table.name} ALTER COLUMN {quote(column.name)} RESTART;"


# -- COPY and large INSERTs ---------------------------------------------------------------------


@detects("copy-file", on=ast.CopyStmt)
def copy_file(node: ast.CopyStmt, here: Here) -> Found:
    if node.filename is None:
        return
    statement = here.statement
    tokens = statement.tokens
    word = "FROM" if node.is_from else "TO"
    end = next((t for t in tokens if t.name == "SCONST" and node.filename in t.text), tokens[-1])
    starts = [t for t in tokens if t.text.upper() == word and t.start < end.start]
    start = starts[-1] if starts else tokens[0]
    client = statement.text[tokens[0].end : tokens[-1].end].removesuffix(";")
    yield here.found(
        "copy-file",
        Span(statement, start.start, end.end),
        case="program" if node.is_program else "",
        direction=word,
        client="\\copy " + " ".join(client.split()),
    )


@detects("copy-rows", on=Catalog)
def copy_rows(catalog: Catalog, here: Here) -> Found:
    for table in catalog.tables():
        rows = table.data.largest_copy
        if rows > ROWS_PER_TRANSACTION:
            yield here.found(
                "copy-rows",
                spans.name(table.statement, table.name),
                about=table.ref,
                table=table.name,
                rows=f"{rows:,}",
                batches=f"{-(-rows // ROWS_PER_TRANSACTION):,}",
            )


# -- notifications, locks, sessions ---------------------------------------------------------------


@detects("listen-notify", on=(ast.ListenStmt, ast.NotifyStmt, ast.UnlistenStmt))
def listen_notify(node: ast.ListenStmt, here: Here) -> Found:
    span = spans.head(here.statement)
    yield here.found("listen-notify", span, words=span.text, command=span.text.split()[0].title())


@detects("listen-notify", on=ast.FuncCall)
def notify_function(node: ast.FuncCall, here: Here) -> Found:
    if node.funcname[-1].sval == "pg_notify":
        span = spans.call(here.statement, node)
        yield here.found("listen-notify", span, case="function", words=span.text, key="pg_notify")


@detects("lock-table", on=ast.LockStmt)
def lock_table(node: ast.LockStmt, here: Here) -> Found:
    for relation in node.relations or ():
        name = relation_name(relation)
        table = here.catalog.table(name)
        yield here.found(
            "lock-table",
            spans.name(here.statement, name),
            about=table.ref if table else ObjectRef("table", name.name, name.schema),
            key=str(name),
            table=table.name if table else name,
        )


@detects("prepare", on=(ast.PrepareStmt, ast.ExecuteStmt))
def prepare(node: ast.PrepareStmt | ast.ExecuteStmt, here: Here) -> Found:
    prepares = isinstance(node, ast.PrepareStmt)
    ref = ObjectRef("prepared statement", node.name)
    yield here.found(
        "prepare",
        spans.words(here.statement, f"{'PREPARE' if prepares else 'EXECUTE'} {quote(node.name)}"),
        about=ref,
        key="" if prepares else "execute",
        cause=here.missing(ref),
        breaks=prepares and here.inside is None,
        command="PREPARE" if prepares else "EXECUTE",
        name=quote(node.name),
    )


@detects("deallocate", on=ast.DeallocateStmt)
def deallocate(node: ast.DeallocateStmt, here: Here) -> Found:
    if node.isall or not node.name:
        return
    ref = ObjectRef("prepared statement", node.name)
    yield here.found(
        "deallocate",
        spans.whole(here.statement),
        about=ref,
        cause=here.missing(ref),
        name=quote(node.name),
    )


@detects("discard", on=ast.DiscardStmt)
def discard(node: ast.DiscardStmt, here: Here) -> Found:
    span = spans.head(here.statement)
    case = "" if node.target == enums.DiscardMode.DISCARD_ALL else "part"
    yield here.found("discard", span, case=case, words=span.text.upper())


@detects(
    "cursor", on=(ast.DeclareCursorStmt, ast.FetchStmt, ast.ClosePortalStmt, ast.CurrentOfExpr)
)
def cursor(node: ast.Node, here: Here) -> Found:
    declares = isinstance(node, ast.DeclareCursorStmt)
    name = node.cursor_name if isinstance(node, ast.CurrentOfExpr) else node.portalname
    ref = ObjectRef("cursor", name or "ALL")
    statement = here.statement
    if isinstance(node, ast.CurrentOfExpr):
        span = spans.words(statement, f"CURRENT OF {quote(name)}")
    else:
        span = spans.head(statement) if declares else spans.whole(statement)
    yield here.found(
        "cursor",
        span,
        case="" if declares else "use",
        about=ref,
        key="" if declares else span.text,
        cause=here.missing(ref),
        breaks=declares and here.inside is None,
        words="WHERE CURRENT OF"
        if isinstance(node, ast.CurrentOfExpr)
        else span.text.split()[0].upper(),
        name=quote(name) if name else "ALL",
    )


# -- maintenance ----------------------------------------------------------------------------------


@detects("vacuum", "analyze", on=ast.VacuumStmt)
def vacuum(node: ast.VacuumStmt, here: Here) -> Found:
    rels = [r.relation for r in node.rels or () if r.relation is not None]
    # One a line: ANALYZE takes one table, and the rewrite is dropped where it stays empty.
    analyzes = "\n".join(f"ANALYZE {relation_name(r)};" for r in rels)
    options = {option.defname for option in node.options or ()}
    if node.is_vacuumcmd:
        case = "with-analyze" if "analyze" in options else ""
        yield here.found(
            "vacuum", spans.head(here.statement, 1), case=case, analyzes=analyzes if case else ""
        )
        return
    refused = _refused_analyze(node, options, here)
    if refused is not None:
        yield here.found("analyze", spans.whole(here.statement), case=refused, analyzes=analyzes)


def _refused_analyze(node: ast.VacuumStmt, options: set[str], here: Here) -> str | None:
    if not node.rels:
        return "all-tables"
    if len(node.rels) > 1 or node.rels[0].va_cols or options - {"verbose"}:
        return ""
    return "in-transaction" if here.run.transaction is not None else None


@detects("load", on=ast.LoadStmt)
def load(node: ast.LoadStmt, here: Here) -> Found:
    yield here.found("load", spans.whole(here.statement), library=node.filename)


@detects("alter-system", on=ast.AlterSystemStmt)
def alter_system(node: ast.AlterSystemStmt, here: Here) -> Found:
    name = node.setstmt.name or "ALL"
    yield here.found("alter-system", spans.head(here.statement), key=name, setting=name)


@detects("checkpoint", on=ast.CheckPointStmt)
def checkpoint(_: ast.CheckPointStmt, here: Here) -> Found:
    yield here.found("checkpoint", spans.whole(here.statement))


@detects("security-label", on=ast.SecLabelStmt)
def security_label(_: ast.SecLabelStmt, here: Here) -> Found:
    yield here.found("security-label", spans.head(here.statement))
