"""CREATE TABLE: kinds of tables and clauses of theirs that DSQL has not."""

from __future__ import annotations

from pglast import ast, enums

from dsql_compat.catalog.model import Catalog, Column, Table
from dsql_compat.catalog.types import display, resolve
from dsql_compat.checks.columns_declared import stand_in
from dsql_compat.checks.constraints_keys import unique_columns
from dsql_compat.checks.context import Found, Here
from dsql_compat.checks.registry import detects
from dsql_compat.checks.table_clauses import created_name, table_clauses, without
from dsql_compat.findings import Finding, ObjectRef, Span
from dsql_compat.sql import spans
from dsql_compat.sql.names import Name, name_of, quote, quote_list, relation_name
from dsql_compat.sql.statements import Statement

_NOOP = enums.OnCommitAction.ONCOMMIT_NOOP
_INTEGERS = ["smallint", "integer", "bigint"]
_CONSTANTS = {ast.Integer: "integer", ast.String: "text", ast.Boolean: "boolean"}
_TEMPORARY = ("GLOBAL", "LOCAL", "TEMP", "TEMPORARY")


@detects(
    "temporary-table",
    "on-commit",
    "unlogged-table",
    "storage-parameter",
    "table-oids",
    "tablespace",
    "table-access-method",
    on=ast.CreateStmt,
)
def create_table(node: ast.CreateStmt, here: Here) -> Found:
    relation = node.relation
    plain = relation.relpersistence == "p" and not (
        node.options or node.tablespacename or node.accessMethod or node.oncommit != _NOOP
    )
    if plain:
        return
    statement = here.statement
    name = created_name(here, relation)
    ref = ObjectRef("table", name.name, name.schema)
    clauses = table_clauses(statement, relation)
    if relation.relpersistence == "t":
        yield _temporary(node, here, ref, clauses)
        return
    cause = here.missing(ref)
    if relation.relpersistence == "u":
        span = spans.words(statement, "UNLOGGED", before=relation.location)
        yield here.found(
            "unlogged-table", span, about=ref, cause=cause, table=name, edited=_cut(statement, span)
        )
    if node.options and "with" in clauses:
        yield _options(node, here, ref, clauses["with"], cause)
    if node.tablespacename and "tablespace" in clauses:
        yield _clause("tablespace", here, ref, clauses["tablespace"], cause)
    if node.accessMethod and "using" in clauses:
        yield _clause("table-access-method", here, ref, clauses["using"], cause)


def _clause(
    rule: str, here: Here, ref: ObjectRef, span: Span, cause: Finding | None, case: str = ""
) -> Finding | None:
    return here.found(
        rule,
        span,
        about=ref,
        case=case,
        cause=cause,
        what=f"{ref.kind} {Name(ref.schema, ref.name)}",
        table=Name(ref.schema, ref.name),
        clause=" ".join(span.text.split()),
        edited=_cut(here.statement, span),
    )


def _options(
    node: ast.CreateStmt, here: Here, ref: ObjectRef, span: Span, cause: Finding | None
) -> Finding | None:
    for option in node.options or ():
        if option.defname == "oids":
            value = option.arg.sval if isinstance(option.arg, ast.String) else "true"
            if value.lower() in ("true", "on", "1", "yes"):
                return _clause("table-oids", here, ref, span, cause, "with")
    return _clause("storage-parameter", here, ref, span, cause)


def _cut(statement: Statement, span: Span) -> str:
    """The statement without these words, nor the blank before them where none is wanted."""
    text, start = statement.text, span.start
    if text[span.end :].lstrip()[:1] in (")", ",", ";", ""):
        start = len(text[:start].rstrip())
    return spans.edited(statement, [(start, span.end, "")])


def _temporary_words(here: Here, relation: ast.RangeVar) -> Span:
    """GLOBAL, LOCAL, TEMP or TEMPORARY, as they stand before the name."""
    found = [
        token
        for token in here.statement.tokens
        if token.start < relation.location and token.text.upper() in _TEMPORARY
    ]
    if not found:
        return spans.head(here.statement)
    first = found[-2] if len(found) > 1 and found[-2].text.upper() in _TEMPORARY[:2] else found[-1]
    return Span(here.statement, first.start, found[-1].end)


def _temporary(
    node: ast.CreateStmt, here: Here, ref: ObjectRef, clauses: dict[str, Span]
) -> Finding | None:
    statement = here.statement
    words = _temporary_words(here, node.relation)
    edits = [(words.start, words.end, ""), *without(statement, clauses, "on commit", "tablespace")]
    body = spans.parenthesised(statement, node.relation.location)
    if body is not None and node.tableElts:
        edits.append((body.start, body.start + 1, "(run_id uuid NOT NULL, "))
    return here.found(
        "temporary-table",
        words,
        about=ref,
        breaks=here.inside is None,
        table=quote(ref.name),
        edited=spans.edited(statement, edits),
        on_commit=clauses["on commit"].text if "on commit" in clauses else "",
    )


@detects("on-commit", on=ast.CreateStmt)
def on_commit(node: ast.CreateStmt, here: Here) -> Found:
    if node.oncommit == _NOOP:
        return
    name = created_name(here, node.relation)
    ref = ObjectRef("table", name.name, name.schema)
    clauses = table_clauses(here.statement, node.relation)
    if "on commit" in clauses:
        cause = here.earlier("temporary-table", here.inside or ref)
        yield _clause("on-commit", here, ref, clauses["on commit"], cause)


@detects("storage-parameter", "tablespace", on=ast.Constraint)
def key_options(node: ast.Constraint, here: Here) -> Found:
    """WITH (fillfactor) and USING INDEX TABLESPACE of a key's own index."""
    if node.contype == enums.ConstrType.CONSTR_IDENTITY:
        return  # its options are those of a sequence: START WITH 5
    if not node.options and not node.indexspace:
        return
    span = spans.element(here.statement, node.location)
    about = here.subject or here.statement_ref
    if node.options:
        start = spans.find_words(here.statement, "WITH", after=span.start, before=span.end)
        end = spans.parenthesised(here.statement, start.end) if start else None
        if start and end:
            clause = Span(here.statement, start.start, end.end)
            yield _clause("storage-parameter", here, about, clause, None)
    if node.indexspace:
        start = spans.find_words(
            here.statement, "USING INDEX TABLESPACE", after=span.start, before=span.end
        )
        if start:
            name = spans.outer_tokens(here.statement, start.end)[0]
            clause = Span(here.statement, start.start, name.end)
            yield _clause("tablespace", here, about, clause, None)


# -- tables from queries --------------------------------------------------------------------------


@detects("create-table-as", "temporary-table", on=ast.CreateTableAsStmt)
def create_table_as(node: ast.CreateTableAsStmt, here: Here) -> Found:
    if node.objtype == enums.ObjectType.OBJECT_MATVIEW:
        return
    statement = here.statement
    clauses = table_clauses(statement, node.into.rel)
    query = clauses.get("as")
    text = statement.text[query.start + 2 : query.end].strip() if query else ""
    for tail in ("WITH NO DATA", "WITH DATA"):
        if text.upper().endswith(tail):
            text = text[: -len(tail)].strip()
    if node.into.rel.relpersistence == "t":
        span = _temporary_words(here, node.into.rel)
    else:
        end = query.start + 2 if query else None
        span = Span(statement, end - 2, end) if end else spans.head(statement)
    yield _from_query(node.into, node.query, text, span, here, "")


@detects("create-table-as", "temporary-table", on=ast.SelectStmt)
def select_into(node: ast.SelectStmt, here: Here) -> Found:
    if node.intoClause is None:
        return
    statement = here.statement
    relation = node.intoClause.rel
    tokens = [t for t in statement.tokens if t.start <= relation.location]
    start = next((t.start for t in reversed(tokens) if t.text.upper() == "INTO"), None)
    if start is None:
        return
    end = spans.element(statement, relation.location).start
    after = spans.outer_tokens(statement, relation.location)
    count = 3 if len(after) > 1 and after[1].text == "." else 1
    end = after[count - 1].end if len(after) >= count else end
    span = Span(statement, start, end)
    text = spans.edited(statement, [(start, end, "")]).removesuffix(";")
    yield _from_query(node.intoClause, node, text, span, here, "select-into")


def _from_query(
    into: ast.IntoClause, query: ast.Node, text: str, span: Span, here: Here, case: str
) -> Finding | None:
    name = here.catalog.qualified(relation_name(into.rel))
    ref = ObjectRef("table", name.name, name.schema)
    if into.rel.relpersistence == "t":
        return here.found(
            "temporary-table",
            span,
            about=ref,
            case="query",
            breaks=here.inside is None,
            table=quote(ref.name),
            query=text,
        )
    columns = _columns_of(query, here)
    names = [part.sval for part in into.colNames or ()]
    if columns and names:
        columns = [(n, t) for n, (_, t) in zip(names, columns, strict=False)]
    if into.skipData:
        case = "no-data"
    if not columns:
        case = "unknown-columns" if not case else f"{case}-unknown-columns"
    return here.found(
        "create-table-as",
        span,
        about=ref,
        case=case,
        table=name,
        columns=", ".join(f"{quote(n)} {t}" for n, t in columns),
        names=quote_list(n for n, _ in columns),
        query=text,
    )


def _columns_of(query: ast.Node, here: Here) -> list[tuple[str, str]]:
    """Names and types of a query's columns; empty where they cannot all be read off."""
    if not isinstance(query, ast.SelectStmt) or query.op != enums.SetOperation.SETOP_NONE:
        return []
    tables: dict[str, Table] = {}
    for source in query.fromClause or ():
        known = isinstance(source, ast.RangeVar)
        found = here.catalog.table(relation_name(source)) if known else None
        if found is None or not found.columns_known:
            return []
        tables[source.alias.aliasname if source.alias else source.relname] = found
    columns: list[tuple[str, str]] = []
    for target in query.targetList or ():
        read = _target(target, tables, here)
        if not read or not all(kind for _, kind in read):
            return []
        columns += read
    return columns


def _target(target: ast.ResTarget, tables: dict[str, Table], here: Here) -> list[tuple[str, str]]:
    value = target.val
    if isinstance(value, ast.ColumnRef) and isinstance(value.fields[-1], ast.A_Star):
        chosen = _chosen(value, tables)
        return [(c.name, _stored(c, here)) for t in chosen for c in t.columns.values()]
    name = target.name
    if name is None and isinstance(value, ast.ColumnRef):
        name = value.fields[-1].sval
    return [(name, _type_of(value, tables, here))] if name else []


def _chosen(node: ast.ColumnRef, tables: dict[str, Table]) -> list[Table]:
    qualifier = node.fields[:-1]
    owner = name_of(qualifier).name if qualifier else None
    return [table for alias, table in tables.items() if owner in (None, alias)]


def _type_of(value: ast.Node, tables: dict[str, Table], here: Here) -> str:
    """The type of a column, cast, constant or sum of integers; empty for what takes guessing."""
    match value:
        case ast.ColumnRef():
            name = value.fields[-1].sval
            found = [t.columns[name] for t in _chosen(value, tables) if name in t.columns]
            return _stored(found[0], here) if len(found) == 1 else ""
        case ast.TypeCast():
            shown = display(value.typeName)
            return shown if stand_in(value.typeName, here) == shown else ""
        case ast.A_Const(isnull=True):
            return ""
        case ast.A_Const():
            return _CONSTANTS.get(type(value.val), "")
        case ast.A_Expr(kind=enums.A_Expr_Kind.AEXPR_OP) if value.lexpr is not None:
            sides = [_type_of(side, tables, here) for side in (value.lexpr, value.rexpr)]
            is_sum = name_of(value.name).name in ("+", "-", "*")
            if is_sum and all(side in _INTEGERS for side in sides):
                return max(sides, key=_INTEGERS.index)
    return ""


def _stored(column: Column, here: Here) -> str:
    """The type of a column in DSQL; empty where a person must choose."""
    if column.type is None:
        return ""
    if column.identity or resolve(here.catalog, column.type).family == "serial":
        return "bigint"
    return stand_in(column.type, here) or ""


# -- statements of their own ----------------------------------------------------------------------


@detects("foreign-table", on=(ast.CreateForeignTableStmt, ast.AlterTableStmt, ast.DropStmt))
def foreign_table(node: ast.Node, here: Here) -> Found:
    foreign = enums.ObjectType.OBJECT_FOREIGN_TABLE
    if isinstance(node, ast.DropStmt):
        if node.removeType == foreign:
            yield here.found("foreign-table", spans.head(here.statement, 3), case="dropped")
        return
    relation = node.base.relation if isinstance(node, ast.CreateForeignTableStmt) else node.relation
    name = here.catalog.qualified(relation_name(relation))
    ref = ObjectRef("foreign table", name.name, name.schema)
    if isinstance(node, ast.CreateForeignTableStmt):
        span = spans.words(here.statement, "FOREIGN TABLE")
        yield here.found("foreign-table", span, about=ref, breaks=True, table=name)
        return
    known = here.catalog.relation(relation_name(relation))
    is_foreign = node.objtype == foreign or (
        isinstance(known, Table) and known.kind == "foreign table"
    )
    owner = all(c.subtype == enums.AlterTableType.AT_ChangeOwner for c in node.cmds)
    if is_foreign and not owner:
        yield here.found(
            "foreign-table",
            spans.head(here.statement, 3 if node.objtype == foreign else 2),
            about=ref,
            case="altered",
            cause=here.missing(ref),
            table=name,
        )


@detects(
    "tablespace",
    on=(
        ast.CreateTableSpaceStmt,
        ast.AlterTableSpaceOptionsStmt,
        ast.DropTableSpaceStmt,
        ast.AlterTableMoveAllStmt,
    ),
)
def tablespace(node: ast.Node, here: Here) -> Found:
    if isinstance(node, ast.AlterTableMoveAllStmt):
        if node.objtype == enums.ObjectType.OBJECT_INDEX:
            return  # one of the indexes' rules
        name = node.orig_tablespacename
    else:
        name = node.tablespacename
    yield here.found(
        "tablespace",
        spans.words(here.statement, "TABLESPACE"),
        about=ObjectRef("tablespace", name),
        case="statement",
        breaks=isinstance(node, ast.CreateTableSpaceStmt),
        tablespace=quote(name),
    )


@detects("cluster", on=ast.ClusterStmt)
def cluster(node: ast.ClusterStmt, here: Here) -> Found:
    table = here.catalog.qualified(relation_name(node.relation)) if node.relation else None
    about = ObjectRef("table", table.name, table.schema) if table else None
    yield here.found(
        "cluster",
        spans.head(here.statement, 1),
        about=about,
        without="",
        table=table or "every table",
    )


@detects("table-without-primary-key", on=Catalog)
def without_primary_key(catalog: Catalog, here: Here) -> Found:
    for table in catalog.tables():
        skipped = table.kind != "table" or table.is_partition or table.persistence == "t"
        if skipped or table.primary_key is not None or not table.keys_known:
            continue
        if not isinstance(table.node, ast.CreateStmt):
            continue
        if here.missing(table.ref) or table.statement.tree is None:
            continue
        what, unique = next(unique_columns(table, catalog), ("", ()))
        taken = "row_id" if "id" in table.columns else "id"
        yield here.found(
            "table-without-primary-key",
            spans.name(table.statement, Name(None, table.node.relation.relname)),
            about=table.ref,
            case="unique" if unique else "",
            before="",
            table=table.name,
            constraint=quote(f"{table.name.name}_pkey"),
            columns=quote_list(unique),
            what=what,
            column=taken,
        )
