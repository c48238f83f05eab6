"""Privileges: GRANT and REVOKE on what DSQL keeps none for, default privileges, schema public."""

from __future__ import annotations

from pglast import ast, enums

from dsql_compat.checks.context import Found, Here
from dsql_compat.checks.registry import detects
from dsql_compat.findings import Finding, ObjectRef, Span
from dsql_compat.sql import spans
from dsql_compat.sql.names import Name, name_of, quote, quote_list

ObjectType = enums.ObjectType

_DATABASE = ObjectType.OBJECT_DATABASE
_SCHEMA = ObjectType.OBJECT_SCHEMA
_OTHER = {
    ObjectType.OBJECT_TYPE: ("TYPE", ("type",)),
    ObjectType.OBJECT_DOMAIN: ("DOMAIN", ("domain", "type")),
    ObjectType.OBJECT_LANGUAGE: ("LANGUAGE", ("language",)),
    ObjectType.OBJECT_FDW: ("FOREIGN DATA WRAPPER", ("foreign data wrapper",)),
    ObjectType.OBJECT_FOREIGN_SERVER: ("FOREIGN SERVER", ("server", "foreign server")),
    ObjectType.OBJECT_LARGEOBJECT: ("LARGE OBJECT", ("large object",)),
    ObjectType.OBJECT_PARAMETER_ACL: ("PARAMETER", ("parameter",)),
    ObjectType.OBJECT_TABLESPACE: ("TABLESPACE", ("tablespace",)),
}
_PUBLIC = ObjectRef("schema", "public")


@detects("grant-on-database", "grant-on-public-schema", "grant-other", on=ast.GrantStmt)
def grant(node: ast.GrantStmt, here: Here) -> Found:
    if isinstance(here.statement.tree, ast.AlterDefaultPrivilegesStmt):
        return
    if node.targtype != enums.GrantTargetType.ACL_TARGET_OBJECT:
        return
    if node.objtype == _DATABASE:
        name = node.objects[0].sval
        yield here.found(
            "grant-on-database",
            spans.words(here.statement, "ON DATABASE"),
            about=ObjectRef("database", name),
            verb="GRANT" if node.is_grant else "REVOKE",
        )
    elif node.objtype == _SCHEMA:
        yield from _grant_on_schema(node, here)
    elif node.objtype in _OTHER:
        yield from _grant_on_other(node, here)
    else:
        yield from _maintain(node, here)


def _grant_on_schema(node: ast.GrantStmt, here: Here) -> Found:
    schemas = [schema.sval for schema in node.objects]
    if "public" not in schemas:
        return
    span = spans.words(here.statement, "ON SCHEMA")
    others = [schema for schema in schemas if schema != "public"]
    edited = ""
    if others:
        first = _token_after(here, span.end)
        last = first
        for _ in schemas[1:]:
            last = _token_after(here, _token_after(here, last.end).end)
        edited = spans.edited(here.statement, [(first.start, last.end, quote_list(others))])
    yield here.found(
        "grant-on-public-schema",
        Span(here.statement, span.start, _public_end(here, span.end)),
        about=_PUBLIC,
        case=_schema_case(node),
        key=",".join(grantee.rolename or "PUBLIC" for grantee in node.grantees),
        edited=edited,
        grantees=", ".join(quote(g.rolename) if g.rolename else "PUBLIC" for g in node.grantees),
    )


def _schema_case(node: ast.GrantStmt) -> str:
    """USAGE all roles have anyway, CREATE none can be given; what is revoked was either."""
    privileges = {privilege.priv_name for privilege in node.privileges or ()}
    only_usage = privileges == {"usage"}
    if node.is_grant:
        return "" if only_usage else "create"
    return "revoke" if privileges == {"create"} else "revoke-usage"


def _public_end(here: Here, after: int) -> int:
    for token in here.statement.tokens:
        if token.start >= after and token.text.strip('"').lower() == "public":
            return token.end
    return after


def _token_after(here: Here, at: int) -> Span:
    for token in here.statement.tokens:
        if token.start >= at:
            return Span(here.statement, token.start, token.end)
    return Span(here.statement, at, at)


def _grant_on_other(node: ast.GrantStmt, here: Here) -> Found:
    words, kinds = _OTHER[node.objtype]
    if any(_cause(target, kinds, here) for target in node.objects or ()):
        return  # a missing object's case
    span = spans.find_words(here.statement, f"ON {words}") or spans.head(here.statement, 1)
    yield here.found(
        "grant-other",
        span,
        kind=words.lower(),
        verb="GRANT" if node.is_grant else "REVOKE",
    )


def _cause(target: object, kinds: tuple[str, ...], here: Here) -> Finding | None:
    """The finding by which DSQL will not have the object itself."""
    if not here.run.missing:
        return None
    names = [Name(None, target.sval)] if isinstance(target, ast.String) else []
    if isinstance(target, tuple):
        names = list(here.catalog.candidates(name_of(target)))
    refs = [ObjectRef(kind, name.name, name.schema) for name in names for kind in kinds]
    return next((cause for ref in refs if (cause := here.missing(ref))), None)


def _maintain(node: ast.GrantStmt, here: Here) -> Found:
    """MAINTAIN came with PostgreSQL 17; DSQL speaks 16."""
    privileges = [privilege.priv_name for privilege in node.privileges or ()]
    if "maintain" not in privileges:
        return
    word = spans.words(here.statement, "MAINTAIN")
    edited = ""
    if len(privileges) > 1:
        following = _token_after(here, word.end)
        start, end, blank = word.start, following.end, ""
        if following.text != ",":
            start = max(t.start for t in here.statement.tokens if t.start < word.start)
            end, blank = following.start, " "
        edited = spans.edited(here.statement, [(start, end, blank)])
    yield here.found("grant-other", word, case="maintain", edited=edited)


@detects("default-privileges", on=ast.AlterDefaultPrivilegesStmt)
def default_privileges(node: ast.AlterDefaultPrivilegesStmt, here: Here) -> Found:
    yield here.found("default-privileges", spans.words(here.statement, "DEFAULT PRIVILEGES"))


@detects("public-schema", on=ast.CreateSchemaStmt)
def create_public(node: ast.CreateSchemaStmt, here: Here) -> Found:
    if node.schemaname == "public" and not node.if_not_exists:
        yield here.found("public-schema", _public(here), about=_PUBLIC)


@detects("public-schema", on=(ast.AlterOwnerStmt, ast.CommentStmt, ast.RenameStmt, ast.DropStmt))
def change_public(
    node: ast.AlterOwnerStmt | ast.CommentStmt | ast.RenameStmt | ast.DropStmt, here: Here
) -> Found:
    match node:
        case ast.AlterOwnerStmt(objectType=ObjectType.OBJECT_SCHEMA, object=ast.String() as name):
            names, case = [name.sval], "owner"
        case ast.CommentStmt(objtype=ObjectType.OBJECT_SCHEMA, object=ast.String() as name):
            names, case = [name.sval], "comment"
        case ast.RenameStmt(renameType=ObjectType.OBJECT_SCHEMA):
            names, case = [node.subname], "rename"
        case ast.DropStmt(removeType=ObjectType.OBJECT_SCHEMA):
            names = [target.sval for target in node.objects]
            cascades = node.behavior == enums.DropBehavior.DROP_CASCADE
            case = "drop-cascade" if cascades else "drop"
        case _:
            return
    if "public" in names:
        yield here.found("public-schema", _public(here), about=_PUBLIC, case=case)


def _public(here: Here) -> Span:
    """The name, behind the word SCHEMA."""
    word = spans.words(here.statement, "SCHEMA")
    end = _public_end(here, word.end)
    return Span(here.statement, word.start, end)
