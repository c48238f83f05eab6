"""What concerns the script as a whole: statements that do not parse, limits of the database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pglast import ast, enums

from dsql_compat.catalog.model import Catalog, Object, Table
from dsql_compat.checks.context import Found, Here, Transaction, WrapEnd
from dsql_compat.checks.registry import detects
from dsql_compat.checks.script_changes import is_whole
from dsql_compat.findings import Finding, ObjectRef, Span
from dsql_compat.sql import spans
from dsql_compat.sql.masking import placeholders
from dsql_compat.sql.names import Name, relation_name
from dsql_compat.sql.statements import SyntaxProblem


@detects("syntax-error", on=SyntaxProblem)
def syntax_error(problem: SyntaxProblem, here: Here) -> Found:
    filled = placeholders(here.statement.text)
    if filled and here.inside is None:
        span = Span(here.statement, *filled[0])
        answer = f"42601 {problem.message}"
        yield here.found(
            "syntax-error", span, case="placeholder", placeholder=span.text, answer=answer
        )
        return
    span = spans.word_at(here.statement, problem.at)
    # The grammar knows these words and refuses them there, which has a code of its own.
    code = "0A000" if " cannot be marked " in problem.message else "42601"
    answer = f"{code} {problem.message}"
    yield here.found("syntax-error", span, problem=problem.message, answer=answer)


# -- how many there may be ------------------------------------------------------------------------


@detects("table-limit", on=Catalog)
def table_limit(catalog: Catalog, here: Here) -> Found:
    yield _too_many("table-limit", "tables", list(catalog.tables()), here)


@detects("view-limit", on=Catalog)
def view_limit(catalog: Catalog, here: Here) -> Found:
    views = [view for view in catalog.views() if view.kind == "view"]
    yield _too_many("view-limit", "views", views, here)


@detects("sequence-limit", on=Catalog)
def sequence_limit(catalog: Catalog, here: Here) -> Found:
    """Identity columns count: each has a sequence behind it."""
    made: list[Object] = list(catalog.sequences())
    made += [c for table in catalog.tables() for c in table.columns.values() if c.identity]
    yield _too_many("sequence-limit", "sequences", made, here)


@detects("schema-limit", on=Catalog)
def schema_limit(catalog: Catalog, here: Here) -> Found:
    made = [schema for name, schema in catalog.schemas.items() if name not in ("public", "sys")]
    yield _too_many("schema-limit", "schemas", made, here)


def _too_many(rule: str, limit: str, made: Sequence[Object], here: Here) -> Finding | None:
    """A finding at the first object that is one too many."""
    most = limit_value(limit, here)
    if len(made) <= most:
        return None
    over = made[most]
    name = over.name if isinstance(over.name, Name) else Name(None, over.name)
    return here.found(
        rule,
        spans.name(over.statement, name),
        about=over.ref,
        count=f"{len(made):,}",
        limit=f"{most:,}",
        name=name,
    )


def limit_value(key: str, here: Here) -> int:
    return next(limit.value for limit in here.run.catalogue.limits if limit.key == key)


# -- how large one may be -------------------------------------------------------------------------


@detects("column-limit", on=Catalog)
def column_limit(catalog: Catalog, here: Here) -> Found:
    live, ever = limit_value("columns-per-table", here), limit_value("columns-ever-per-table", here)
    for table in catalog.tables():
        count = len(table.columns)
        if count > live:
            yield _too_wide(table, "", count, live, here)
        elif count + table.dropped_columns > ever:
            yield _too_wide(table, "ever", count + table.dropped_columns, ever, here)


def _too_wide(table: Table, case: str, count: int, limit: int, here: Here) -> Finding | None:
    return here.found(
        "column-limit",
        spans.name(table.statement, table.name),
        about=table.ref,
        case=case,
        table=table.name,
        count=f"{count:,}",
        limit=f"{limit:,}",
    )


# -- rows of a single INSERT ----------------------------------------------------------------------


@detects("insert-rows", on=ast.InsertStmt)
def insert_rows(node: ast.InsertStmt, here: Here) -> Found:
    query = node.selectStmt
    rows = _known_rows(query) if isinstance(query, ast.SelectStmt) else 0
    block = here.run.transaction
    if block is not None and here.inside is None:
        block.bring(rows, here.statement)
    if rows <= limit_value("rows-per-transaction", here):
        return
    name = relation_name(node.relation)
    table = here.catalog.table(name)
    ref = table.ref if table else ObjectRef("table", name.name, name.schema)
    yield _large_insert(spans.head(here.statement), ref, table.name if table else name, rows, here)


def _known_rows(query: ast.SelectStmt) -> int:
    """The rows of a list of values, or of a series between two numbers; 0 where not known."""
    if query.valuesLists:
        return len(query.valuesLists)
    sources: tuple[ast.Node, ...] = query.fromClause or ()
    if len(sources) != 1 or not isinstance(sources[0], ast.RangeFunction) or not is_whole(query):
        return 0
    call = sources[0].functions[0][0]
    if not isinstance(call, ast.FuncCall) or call.funcname[-1].sval != "generate_series":
        return 0
    numbers: list[Any] = [
        getattr(getattr(arg, "val", None), "ival", None) for arg in call.args or ()
    ]
    if len(numbers) not in (2, 3) or None in numbers or 0 in numbers[2:]:
        return 0
    return len(range(numbers[0], numbers[1] + 1, *numbers[2:]))


@detects("insert-rows", on=ast.TransactionStmt)
def rows_of_a_transaction(node: ast.TransactionStmt, here: Here) -> Found:
    """Judged at COMMIT; where a single INSERT or COPY is too many, that one says it."""
    block = here.run.transaction
    if block is not None and node.kind == enums.TransactionStmtKind.TRANS_STMT_COMMIT:
        yield _rows_together(block, here)


@detects("insert-rows", on=WrapEnd)
def rows_of_a_migration(end: WrapEnd, here: Here) -> Found:
    """The same where a migration tool commits."""
    yield _rows_together(end.block, here)


def _rows_together(block: Transaction, here: Here) -> Finding | None:
    most = limit_value("rows-per-transaction", here)
    if block.rows <= most or block.largest > most:
        return None
    return here.found(
        "insert-rows",
        spans.head(block.last_rows or block.begin),
        about=ObjectRef("statement", "COMMIT"),
        case="transaction",
        key=str(block.begin.ordinal),
        rows=f"{block.rows:,}",
        batches=f"{-(-block.rows // most):,}",
    )


@detects("insert-rows", on=Catalog)
def counted_insert_rows(catalog: Catalog, here: Here) -> Found:
    """INSERTs whose rows were only counted: all but the first of their table."""
    most = limit_value("rows-per-transaction", here)
    for table in catalog.tables():
        rows = table.data.largest_insert
        if rows > most and not _is_reported(table, here):
            span = spans.name(table.statement, table.name)
            yield _large_insert(span, table.ref, table.name, rows, here)


def _is_reported(table: Table, here: Here) -> bool:
    return any(f.rule == "insert-rows" and f.object == table.ref for f in here.run.findings)


def _large_insert(span: Span, ref: ObjectRef, table: Name, rows: int, here: Here) -> Finding | None:
    most = limit_value("rows-per-transaction", here)
    return here.found(
        "insert-rows",
        span,
        about=ref,
        table=table,
        rows=f"{rows:,}",
        batches=f"{-(-rows // most):,}",
    )
