"""Statements about the server around a schema: databases, extensions, publications, servers."""

from __future__ import annotations

from typing import Any

from pglast import ast, enums

from dsql_compat.catalog.model import Catalog, Extension, Other
from dsql_compat.checks.context import Found, Here
from dsql_compat.checks.registry import detects
from dsql_compat.findings import Finding, ObjectRef, Span
from dsql_compat.sources.events import Database
from dsql_compat.sql import spans
from dsql_compat.sql.names import Name, name_of, quote

ObjectType = enums.ObjectType

MOST_STATISTICS = 5
HIGHEST_TARGET = 100
_TEXT_SEARCH = {
    "text search configuration",
    "text search dictionary",
    "text search parser",
    "text search template",
}


# -- databases ------------------------------------------------------------------------------------


@detects("multiple-databases", on=Database)
def other_database(database: Database, here: Here) -> Found:
    """A database after another one with something in it; `postgres` waits until it has, too."""
    if database.name != "postgres" and any(map(_has_objects, here.run.catalogs[:-1])):
        ref = ObjectRef("database", database.name)
        span = spans.whole(here.statement)
        cause = here.missing(ref)
        yield here.found(
            "multiple-databases", span, about=ref, cause=cause, name=quote(database.name)
        )


@detects("multiple-databases", on=Catalog)
def used_maintenance_database(catalog: Catalog, here: Here) -> Found:
    """pg_dumpall always connects to `postgres`, which seldom holds anything."""
    if catalog.database != "postgres" or not any(
        _has_objects(other) for other in here.run.catalogs if other is not catalog
    ):
        return
    first = next(iter(catalog.relations.values()), None)
    if first is not None:
        yield here.found(
            "multiple-databases",
            spans.name(first.statement, first.name),
            about=ObjectRef("database", "postgres"),
            name="postgres",
        )


def _has_objects(catalog: Catalog) -> bool:
    return bool(catalog.relations or catalog.types or catalog.functions or catalog.schemas)


@detects("multiple-databases", on=ast.CreatedbStmt)
def create_database(node: ast.CreatedbStmt, here: Here) -> Found:
    """The first database of a source is the one that DSQL's own stands for."""
    catalogs = here.run.catalogs
    known = {key[1].name for c in catalogs for key in c.others if key[0] == "database"}
    known |= {c.database for c in catalogs if c.database and c.database != "postgres"}
    yield here.found(
        "multiple-databases",
        spans.head(here.statement, 3),
        about=ObjectRef("database", node.dbname),
        case="create" if len(known) < 2 else "create-another",
        breaks=here.inside is None,
        name=quote(node.dbname),
    )


@detects(
    "multiple-databases",
    on=(ast.AlterDatabaseStmt, ast.AlterDatabaseSetStmt, ast.AlterDatabaseRefreshCollStmt),
)
def alter_database(node: ast.AlterDatabaseStmt, here: Here) -> Found:
    yield _about_database(node.dbname, "alter", here)


@detects("multiple-databases", on=ast.DropdbStmt)
def drop_database(node: ast.DropdbStmt, here: Here) -> Found:
    yield _about_database(node.dbname, "drop", here)


@detects("multiple-databases", on=(ast.AlterOwnerStmt, ast.RenameStmt, ast.CommentStmt))
def change_database(
    node: ast.AlterOwnerStmt | ast.RenameStmt | ast.CommentStmt, here: Here
) -> Found:
    match node:
        case ast.AlterOwnerStmt() if node.objectType == ObjectType.OBJECT_DATABASE:
            yield _about_database(node.object.sval, "alter", here)
        case ast.RenameStmt() if node.renameType == ObjectType.OBJECT_DATABASE:
            yield _about_database(node.subname, "alter", here)
        case ast.CommentStmt() if node.objtype == ObjectType.OBJECT_DATABASE:
            yield _about_database(node.object.sval, "alter", here)


def _about_database(name: str, case: str, here: Here) -> Finding | None:
    ref = ObjectRef("database", name)
    words = 4 if here.statement.tokens[1].text.upper() == "ON" else 3
    return here.found(
        "multiple-databases",
        spans.head(here.statement, words),
        about=ref,
        case=case,
        key=" ".join(here.statement.excerpt.split()),
        cause=here.missing(ref),
        name=quote(name),
    )


# -- extensions and text search -------------------------------------------------------------------


@detects("extension", on=Extension)
def extension(made: Extension, here: Here) -> Found:
    """What replaces an extension stands in the rule, as a case of the extension's name."""
    cases = here.run.rule("extension").cases
    family = made.name.split("_")[0]
    yield here.found(
        "extension",
        spans.name(here.statement, Name(None, made.name)),
        about=made.ref,
        case=next((case for case in (made.name, family) if case in cases), ""),
        breaks=True,
        name=quote(made.name),
    )


@detects("text-search-object", on=Other)
def text_search_object(made: Other, here: Here) -> Found:
    if made.kind in _TEXT_SEARCH:
        yield here.found(
            "text-search-object",
            spans.name(here.statement, made.name),
            about=made.ref,
            breaks=True,
            kind=made.kind,
            name=made.name,
            command="Define",
        )


@detects("text-search-object", on=(ast.AlterTSConfigurationStmt, ast.AlterTSDictionaryStmt))
def alter_text_search(
    node: ast.AlterTSConfigurationStmt | ast.AlterTSDictionaryStmt, here: Here
) -> Found:
    is_dictionary = isinstance(node, ast.AlterTSDictionaryStmt)
    name = name_of(node.dictname if is_dictionary else node.cfgname)
    kind = f"text search {'dictionary' if is_dictionary else 'configuration'}"
    ref = ObjectRef(kind, name.name, name.schema)
    yield here.found(
        "text-search-object",
        spans.name(here.statement, name),
        about=ref,
        key=" ".join(here.statement.excerpt.split()),
        cause=here.missing(ref),
        kind=kind,
        name=name,
        command="AlterTSDictionary" if is_dictionary else "AlterTSConfiguration",
    )


# -- replication and foreign data -----------------------------------------------------------------


@detects("publication", on=(ast.CreatePublicationStmt, ast.AlterPublicationStmt))
def publication(node: ast.CreatePublicationStmt | ast.AlterPublicationStmt, here: Here) -> Found:
    yield _server_object("publication", node.pubname, "publication", here)


@detects(
    "subscription",
    on=(ast.CreateSubscriptionStmt, ast.AlterSubscriptionStmt, ast.DropSubscriptionStmt),
)
def subscription(node: ast.CreateSubscriptionStmt, here: Here) -> Found:
    yield _server_object("subscription", node.subname, "subscription", here)


@detects(
    "foreign-server",
    on=(
        *(ast.CreateFdwStmt, ast.AlterFdwStmt, ast.CreateForeignServerStmt),
        *(ast.AlterForeignServerStmt, ast.CreateUserMappingStmt, ast.AlterUserMappingStmt),
        *(ast.DropUserMappingStmt, ast.ImportForeignSchemaStmt),
    ),
)
def foreign_server(node: ast.Node, here: Here) -> Found:
    cause = None
    if isinstance(node, ast.CreateFdwStmt | ast.AlterFdwStmt):
        yield _server_object("foreign-server", node.fdwname, "foreign data wrapper", here)
        return
    if isinstance(node, ast.CreateForeignServerStmt):
        wrapper = ObjectRef("foreign data wrapper", node.fdwname)
        cause = here.missing(wrapper) or here.missing(ObjectRef("extension", node.fdwname))
    elif isinstance(node, ast.ImportForeignSchemaStmt):
        yield _server_object("foreign-server", node.server_name, "server", here, words=3)
        return
    yield _server_object("foreign-server", node.servername, "server", here, cause=cause)


def _server_object(
    rule: str, name: str, kind: str, here: Here, *, words: int = 0, cause: Finding | None = None
) -> Finding | None:
    ref = ObjectRef(kind, name)
    tree = here.statement.tree
    creates = type(tree).__name__.startswith("Create") and not isinstance(
        tree, ast.CreateUserMappingStmt
    )
    span = spans.name(here.statement, Name(None, name))
    return here.found(
        rule,
        spans.head(here.statement, words) if words else span,
        about=ref,
        key="" if creates else " ".join(here.statement.excerpt.split()),
        cause=here.missing(ref) or cause,
        breaks=creates and here.inside is None,
        words=_command(here),
        kind=kind,
        name=quote(name),
    )


def _command(here: Here) -> str:
    """The keywords a statement opens with, such as CREATE USER MAPPING."""
    words = []
    for token in here.statement.tokens:
        if token.name in ("IDENT", "IF_P", "FOR", "SCONST", "FROM"):
            break
        words.append(token.text.upper())
    return " ".join(words)


# -- statistics and ownership ---------------------------------------------------------------------


@detects(
    "extended-statistics",
    on=(
        *(ast.CreateStatsStmt, ast.AlterStatsStmt, ast.DropStmt),
        *(ast.RenameStmt, ast.AlterOwnerStmt, ast.AlterObjectSchemaStmt),
    ),
)
def extended_statistics(node: Any, here: Here) -> Found:
    match node:
        case ast.DropStmt():
            kind = node.removeType
        case ast.RenameStmt():
            kind = node.renameType
        case ast.AlterOwnerStmt() | ast.AlterObjectSchemaStmt():
            kind = node.objectType
        case _:
            kind = ObjectType.OBJECT_STATISTIC_EXT
    if kind != ObjectType.OBJECT_STATISTIC_EXT:
        return
    span = spans.head(here.statement)
    yield here.found("extended-statistics", span, words=span.text.upper(), key=_text(here))


@detects("extended-statistics", on=Catalog)
def too_many_statistics(catalog: Catalog, here: Here) -> Found:
    by_table: dict[tuple[str | None, str], list[Other]] = {}
    for other in catalog.others.values():
        if other.kind == "statistics" and other.table:
            by_table.setdefault((other.name.schema, other.table), []).append(other)
    for (schema, table), made in by_table.items():
        if len(made) > MOST_STATISTICS:
            first_over = made[MOST_STATISTICS]
            yield here.found(
                "extended-statistics",
                spans.head(first_over.statement),
                about=ObjectRef("table", table, schema),
                case="too-many",
                table=quote(table),
                count=len(made),
            )


@detects("statistics-target", on=ast.AlterStatsStmt)
def statistics_target(node: ast.AlterStatsStmt, here: Here) -> Found:
    target = node.stxstattarget
    if not isinstance(target, ast.Integer) or target.ival <= HIGHEST_TARGET:
        return
    statement = here.statement
    number = next(t for t in reversed(statement.tokens) if t.text == str(target.ival))
    yield here.found(
        "statistics-target",
        Span(statement, number.start, number.end),
        about=ObjectRef("statistics", name_of(node.defnames).name, name_of(node.defnames).schema),
        statistics=name_of(node.defnames),
        value=target.ival,
        edited=spans.edited(statement, [(number.start, number.end, str(HIGHEST_TARGET))]),
    )


@detects("reassign-owned", on=(ast.ReassignOwnedStmt, ast.DropOwnedStmt))
def reassign_owned(node: ast.Node, here: Here) -> Found:
    span = spans.head(here.statement)
    yield here.found("reassign-owned", span, words=span.text.upper(), key=_text(here))


def _text(here: Here) -> str:
    return " ".join(here.statement.excerpt.split())


# -- schemas --------------------------------------------------------------------------------------


@detects("schema-element", on=ast.CreateSchemaStmt)
def schema_element(node: ast.CreateSchemaStmt, here: Here) -> Found:
    if node.schemaElts:
        name = node.schemaname or spans.head(here.statement, 3).text.split()[-1]
        yield here.found("schema-element", spans.head(here.statement, 3), schema=quote(name))
