"""Triggers, changes to routines, and objects that extend the server: operators, casts and so on."""

from __future__ import annotations

from pglast import ast, enums

from dsql_compat.catalog.model import Other, Trigger
from dsql_compat.catalog.types import display
from dsql_compat.checks.context import Found, Here
from dsql_compat.checks.registry import detects
from dsql_compat.findings import ObjectRef, Span
from dsql_compat.sql import spans
from dsql_compat.sql.names import Name, name_of, quote
from dsql_compat.sql.routine_attributes import attributes

_ROUTINES = {
    enums.ObjectType.OBJECT_FUNCTION,
    enums.ObjectType.OBJECT_PROCEDURE,
    enums.ObjectType.OBJECT_ROUTINE,
}
_EVENTS = ((4, "INSERT"), (16, "UPDATE"), (8, "DELETE"), (32, "TRUNCATE"))


# -- triggers -----------------------------------------------------------------------------------


@detects("trigger", on=Trigger)
def trigger(made: Trigger, here: Here) -> Found:
    node = made.node
    timing = {2: "BEFORE", 64: "INSTEAD OF"}.get(node.timing or 0, "AFTER")
    case = {"BEFORE": "", "INSTEAD OF": "instead-of"}.get(timing, "after")
    if node.isconstraint:
        case = "constraint-trigger"
    yield here.found(
        "trigger",
        spans.name(here.statement, Name(None, made.name)),
        case=case,
        trigger=quote(made.name),
        table=made.table,
        function=made.function,
        timing=timing,
        events=" OR ".join(word for bit, word in _EVENTS if node.events & bit),
        level="row" if node.row else "statement",
        breaks=True,
    )


@detects("event-trigger", on=(Other, ast.AlterEventTrigStmt))
def event_trigger(made: Other | ast.AlterEventTrigStmt, here: Here) -> Found:
    if isinstance(made, Other):
        if made.kind != "event trigger":
            return
        name = made.name
        yield here.found(
            "event-trigger", spans.name(here.statement, name), trigger=name, breaks=True
        )
    else:
        ref = ObjectRef("event trigger", made.trigname)
        yield here.found(
            "event-trigger",
            spans.head(here.statement, 3),
            about=ref,
            cause=here.missing(ref),
            trigger=quote(made.trigname),
        )


@detects("drop-trigger", on=ast.DropStmt)
def drop_trigger(node: ast.DropStmt, here: Here) -> Found:
    if node.removeType != enums.ObjectType.OBJECT_TRIGGER or node.missing_ok:
        return
    for *table, dropped in node.objects:
        on = name_of(table)
        full = here.catalog.relation(on)
        schema = full.name.schema if full else here.catalog.qualified(on).schema
        ref = ObjectRef("trigger", dropped.sval, schema, on.name)
        yield here.found(
            "drop-trigger",
            spans.name(here.statement, Name(None, dropped.sval)),
            about=ref,
            cause=here.missing(ref),
            trigger=quote(dropped.sval),
            table=on,
        )


# -- changes to routines ------------------------------------------------------------------------


@detects("alter-function", on=ast.AlterFunctionStmt)
def alter_function_attributes(node: ast.AlterFunctionStmt, here: Here) -> Found:
    name = name_of(node.func.objname)
    ref = _routine_ref(here, name)
    cause = here.missing(ref)
    if cause is not None and cause.status.disposition != "review":
        return  # gone with the function; otherwise it becomes a SQL function of the same name
    told = [
        a.text if a.does in ("value", "current") else f"-- without {a.text.removeprefix('RESET ')}"
        for a in attributes(here.statement)
    ]
    own = here.catalog.functions_named(name)
    yield here.found(
        "alter-function",
        spans.head(here.statement, 2),
        about=ref,
        case="defined-here" if own and told else "",
        cause=cause,
        function=own[0].name if own else name,
        attributes="\n".join(told),
    )


@detects("alter-function", on=(ast.RenameStmt, ast.AlterOwnerStmt, ast.AlterObjectSchemaStmt))
def move_function(
    node: ast.RenameStmt | ast.AlterOwnerStmt | ast.AlterObjectSchemaStmt, here: Here
) -> Found:
    kind = node.renameType if isinstance(node, ast.RenameStmt) else node.objectType
    if kind not in _ROUTINES or here.run.status("alter-function", "rename-owner-schema") is None:
        return  # dumps hand over every function: nothing to look up where that is fine
    name = name_of(node.object.objname)
    ref = _routine_ref(here, name)
    if here.missing(ref) is None:
        span = spans.head(here.statement, 2)
        case = "rename-owner-schema"
        yield here.found("alter-function", span, about=ref, case=case, function=name)


@detects("alter-function", on=(ast.DropStmt, ast.CommentStmt, ast.GrantStmt))
def routine_word(node: ast.DropStmt | ast.CommentStmt | ast.GrantStmt, here: Here) -> Found:
    """ROUTINE where FUNCTION would do."""
    kind = node.removeType if isinstance(node, ast.DropStmt) else node.objtype
    if kind != enums.ObjectType.OBJECT_ROUTINE:
        return
    word = spans.words(here.statement, "ROUTINE")
    yield here.found(
        "alter-function",
        word,
        case="routine-word",
        key=here.statement.excerpt,
        words=spans.head(here.statement, 1).text.upper(),
        edited=spans.edited(here.statement, [(word.start, word.end, "FUNCTION")]),
    )


def _routine_ref(here: Here, name: Name) -> ObjectRef:
    own = here.catalog.functions_named(name)
    if own:
        return own[0].ref
    return ObjectRef("function", name.name, name.schema)


# -- code that extends the server ---------------------------------------------------------------


@detects("operator", on=(Other, ast.AlterOperatorStmt))
def operator(made: Other | ast.AlterOperatorStmt, here: Here) -> Found:
    if isinstance(made, Other):
        if made.kind == "operator":
            span = spans.head(here.statement)
            yield here.found("operator", span, operator=made.name.name, breaks=True)
    else:
        name = name_of(made.opername.objname)
        yield here.found(
            "operator",
            spans.head(here.statement),
            about=ObjectRef("operator", name.name, name.schema),
            operator=name.name,
        )


@detects("operator", on=ast.A_Expr)
def used_operator(node: ast.A_Expr, here: Here) -> Found:
    """An operator with a schema, as pg_dump writes all but the built-in ones."""
    if len(node.name) < 2:
        return
    name = name_of(node.name)
    if name.schema == "pg_catalog":
        return
    tokens = here.statement.tokens
    at = next((n for n, t in enumerate(tokens) if t.start == node.location), None)
    if at is None:
        return
    held = spans.parenthesised(here.statement, tokens[at].end)
    end = held.end if held else tokens[at].end
    yield here.found(
        "operator",
        Span(here.statement, tokens[at].start, end),
        case="used",
        key=str(node.location - here.statement.start),
        cause=here.missing(ObjectRef("operator", name.name, name.schema)),
        operator=f"{name.schema}.{name.name}",
    )


@detects(
    "operator-class-definition",
    on=(ast.CreateOpClassStmt, ast.CreateOpFamilyStmt, ast.AlterOpFamilyStmt),
)
def operator_class(node: ast.Node, here: Here) -> Found:
    is_class = isinstance(node, ast.CreateOpClassStmt)
    name = name_of(node.opclassname if is_class else node.opfamilyname)
    kind = "operator class" if is_class else "operator family"
    ref = ObjectRef(kind, name.name, name.schema)
    yield here.found(
        "operator-class-definition",
        spans.head(here.statement, 3),
        about=ref,
        kind=kind,
        name=name,
        breaks=not isinstance(node, ast.AlterOpFamilyStmt),
    )


@detects(
    *("cast", "conversion", "language", "access-method", "transform"),
    on=(
        *(ast.CreateCastStmt, ast.CreateConversionStmt, ast.CreatePLangStmt, ast.CreateAmStmt),
        ast.CreateTransformStmt,
    ),
)
def server_extension(node: ast.Node, here: Here) -> Found:
    match node:
        case ast.CreateCastStmt():
            rule = kind = "cast"
            name = f"{display(node.sourcetype)} AS {display(node.targettype)}"
        case ast.CreateConversionStmt():
            rule = kind = "conversion"
            name = name_of(node.conversion_name).name
        case ast.CreatePLangStmt():
            rule = kind = "language"
            name = node.plname
        case ast.CreateAmStmt():
            rule, kind, name = "access-method", "access method", node.amname
        case _:
            rule = kind = "transform"
            name = f"{display(node.type_name)} for {node.lang}"
    ref = ObjectRef(kind, name)
    yield here.found(rule, spans.head(here.statement), about=ref, name=name, breaks=True)
