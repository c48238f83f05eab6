"""Views: materialized and temporary ones, rules, and definitions too long."""

from __future__ import annotations

from typing import Any

from pglast import ast, enums

from dsql_compat.catalog.model import View
from dsql_compat.checks.context import Found, Here
from dsql_compat.checks.registry import detects
from dsql_compat.findings import Finding, ObjectRef
from dsql_compat.sql import spans
from dsql_compat.sql.names import Name, name_of, quote, relation_name
from dsql_compat.sql.statements import Statement

SAFE_VIEW_BYTES = 120 * 1024
LARGEST_VIEW_BYTES = 524 * 1024  # of all structures that were tried
_MATVIEW = enums.ObjectType.OBJECT_MATVIEW
_RULE = enums.ObjectType.OBJECT_RULE


@detects("materialized-view", on=ast.CreateTableAsStmt)
def materialized_view(node: ast.CreateTableAsStmt, here: Here) -> Found:
    if node.objtype != _MATVIEW:
        return
    full = here.catalog.qualified(relation_name(node.into.rel))
    name = relation_name(node.into.rel)
    columns = ", ".join(quote(column.sval) for column in node.into.colNames or ())
    yield here.found(
        "materialized-view",
        spans.words(here.statement, "MATERIALIZED VIEW"),
        about=ObjectRef("materialized view", full.name, full.schema),
        breaks=here.inside is None,
        view=name,
        columns=f" ({columns})" if columns else "",
        replace="OR REPLACE " if node.if_not_exists else "",
        query=_query(here.statement, node),
        table=Name(name.schema, f"{name.name}_refreshed"),
    )


def _query(statement: Statement, node: ast.CreateTableAsStmt) -> str:
    """The query's own text: behind AS, without WITH [NO] DATA."""
    tokens = statement.tokens
    depth, start = 0, None
    for token in tokens:
        depth += (token.text == "(") - (token.text == ")")
        if not depth and token.text.upper() == "AS" and token.start > node.into.rel.location:
            start = token.end
            break
    if start is None:
        return "SELECT 1"
    words = [token for token in tokens if token.text != ";"]
    tail = [token.text.upper() for token in words[-3:]]
    end = words[-1].end
    if tail == ["WITH", "NO", "DATA"]:
        end = words[-3].start
    elif tail[1:] == ["WITH", "DATA"]:
        end = words[-2].start
    return statement.text[start:end].strip()


@detects("refresh-materialized-view", on=ast.RefreshMatViewStmt)
def refresh_materialized_view(node: ast.RefreshMatViewStmt, here: Here) -> Found:
    ref = _matview_ref(relation_name(node.relation), here)
    yield here.found(
        "refresh-materialized-view",
        spans.head(here.statement, 1),
        about=ref,
        cause=here.missing(ref),
        view=relation_name(node.relation),
    )


@detects("materialized-view", on=ast.DropStmt)
def drop_materialized_view(node: ast.DropStmt, here: Here) -> Found:
    """DROP of a view that the script does not make; what it makes is the missing object's case."""
    if node.removeType != _MATVIEW:
        return
    names = [name_of(target) for target in node.objects or ()]
    refs = [_matview_ref(name, here) for name in names]
    if not any(here.missing(ref) for ref in refs):
        yield here.found(
            "materialized-view",
            spans.words(here.statement, "MATERIALIZED VIEW"),
            about=refs[0],
            case="drop",
            view=", ".join(map(str, names)),
        )


_ALTERS = {
    ast.AlterTableStmt: "objtype",
    ast.RenameStmt: "renameType",
    ast.AlterObjectSchemaStmt: "objectType",
    ast.AlterObjectDependsStmt: "objectType",
}


@detects("materialized-view", on=tuple(_ALTERS))
def alter_materialized_view(node: Any, here: Here) -> Found:
    """ALTER of a view that the script does not make."""
    if getattr(node, _ALTERS[type(node)]) != _MATVIEW or node.relation is None:
        return
    ref = _matview_ref(relation_name(node.relation), here)
    if here.missing(ref) is None:
        yield here.found(
            "materialized-view",
            spans.words(here.statement, "MATERIALIZED VIEW"),
            about=ref,
            case="alter",
            view=relation_name(node.relation),
        )


def _matview_ref(name: Name, here: Here) -> ObjectRef:
    """The view a statement means: one of the catalog, or one found missing before its DROP."""
    found = here.catalog.relation(name)
    if isinstance(found, View):
        return found.ref
    for full in here.catalog.candidates(name):
        ref = ObjectRef("materialized view", full.name, full.schema)
        if here.missing(ref):
            return ref
    full = here.catalog.qualified(name)
    return ObjectRef("materialized view", full.name, full.schema)


@detects("temporary-view", on=ast.ViewStmt)
def temporary_view(node: ast.ViewStmt, here: Here) -> Found:
    schema = node.view.schemaname or ""
    if node.view.relpersistence != "t" and not schema.startswith("pg_temp"):
        return
    before = node.view.location
    word = (
        spans.find_words(here.statement, "TEMPORARY", before=before)
        or spans.find_words(here.statement, "TEMP", before=before)
        or spans.word_at(here.statement, before)
    )
    edits = [(word.start, word.end, "")]
    if word.start == before:  # pg_temp.name: the schema goes, with its dot
        dot = spans.words(here.statement, ".", after=before)
        edits = [(before, dot.end, "")]
    else:
        scope = spans.find_words(here.statement, f"LOCAL {word.text}", before=before)
        scope = scope or spans.find_words(here.statement, f"GLOBAL {word.text}", before=before)
        if scope is not None:
            edits = [(scope.start, scope.end, "")]
    yield here.found(
        "temporary-view",
        word,
        view=quote(node.view.relname),
        edited=spans.edited(here.statement, edits),
    )


@detects("view-size", on=View)
def view_size(view: View, here: Here) -> Found:
    # Characters are bytes at least: only a text near the limit is encoded.
    text = view.statement.text
    if view.kind != "view" or len(text) * 4 <= SAFE_VIEW_BYTES:
        return
    size = len(text.encode("utf-8", "replace"))
    if size > SAFE_VIEW_BYTES:
        yield here.found(
            "view-size",
            spans.name(view.statement, view.name),
            case="refused" if size > LARGEST_VIEW_BYTES else "",
            about=view.ref,
            view=view.name,
            size=f"{size / 1024:.0f}",
        )


@detects("rule", on=ast.RuleStmt)
def rule(node: ast.RuleStmt, here: Here) -> Found:
    is_view = node.event == enums.CmdType.CMD_SELECT
    table = relation_name(node.relation)
    full = here.catalog.qualified(table)
    event = node.event.name.removeprefix("CMD_")
    query = ""
    if is_view:
        end = spans.whole(here.statement).end
        instead = spans.words(here.statement, "INSTEAD", after=node.relation.location)
        query = here.statement.text[instead.end : end].strip()
    yield here.found(
        "rule",
        spans.words(here.statement, "RULE"),
        about=ObjectRef("rule", node.rulename, full.schema, full.name),
        case="select" if is_view else "",
        cause=_table_cause(table, here),
        breaks=here.inside is None,
        rule_name=quote(node.rulename),
        table=table,
        event=event,
        query=query,
    )


def _table_cause(name: Name, here: Here) -> Finding | None:
    found = here.catalog.relation(name)
    return here.missing(found.ref) if found is not None else None


@detects("rule", on=ast.DropStmt)
def drop_rule(node: ast.DropStmt, here: Here) -> Found:
    if node.removeType == _RULE and node.objects:
        *table, rule_name = node.objects[0]
        yield _changed_rule("drop", rule_name.sval, name_of(table), here)


@detects("rule", on=ast.RenameStmt)
def rename_rule(node: ast.RenameStmt, here: Here) -> Found:
    if node.renameType == _RULE and node.relation is not None:
        yield _changed_rule("alter", node.subname or "", relation_name(node.relation), here)


def _changed_rule(case: str, name: str, table: Name, here: Here) -> Finding | None:
    """A rule that the script does not make; what it makes is the missing object's case."""
    full = here.catalog.qualified(table)
    ref = ObjectRef("rule", name, full.schema, full.name)
    if here.missing(ref) is not None:
        return None
    return here.found(
        "rule",
        spans.words(here.statement, "RULE"),
        about=ref,
        case=case,
        rule_name=quote(name),
        table=table,
    )
