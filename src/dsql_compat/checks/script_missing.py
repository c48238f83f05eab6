"""Statements about objects that DSQL will not have: COMMENT, GRANT, OWNER TO, DROP and the like.

Two ways to be missing: an earlier finding says that DSQL refuses the object (`run.missing`), which
is then the cause; or DSQL has no objects of that kind at all, whether the source makes this one
or not.  Each kind of statement is left to its own family where that family has a rule for it.
"""

from __future__ import annotations

from collections.abc import Iterator

from pglast import ast, enums

from dsql_compat.catalog.model import Function
from dsql_compat.checks.context import Found, Here
from dsql_compat.checks.registry import detects
from dsql_compat.checks.script_missing_names import KINDS, Target, elements, targets, types_of
from dsql_compat.findings import Finding, ObjectRef, Span
from dsql_compat.sql import spans
from dsql_compat.sql.names import Name, relation_name

ObjectType = enums.ObjectType

# Kinds of objects DSQL has none of: a statement about one fails whatever the source holds.
_NO_SUCH_KIND = {
    *("access method", "aggregate", "cast", "collation", "conversion", "event trigger"),
    *("extension", "foreign data wrapper", "foreign table", "large object", "materialized view"),
    *("operator", "operator class", "operator family", "policy", "procedure", "publication"),
    *("rule", "server", "subscription", "tablespace", "text search configuration", "transform"),
    *(
        "text search dictionary",
        "text search parser",
        "text search template",
        "trigger",
        "language",
    ),
}
# What other families judge: by the class of statement, the kinds left to them.
_ELSEWHERE: dict[type, set[str]] = {
    ast.DropStmt: {"type", "domain", "trigger", "statistics", "foreign table", "policy"},
    ast.AlterOwnerStmt: {"type", "database"},
    ast.RenameStmt: {"type", "database", "policy"},
    ast.AlterObjectSchemaStmt: {"type"},
    ast.CommentStmt: {"database"},
}
# What they judge unless an earlier finding says already that the object will be missing.
_UNLESS_KNOWN: dict[type, set[str]] = {
    ast.DropStmt: {"materialized view", "rule"},
    ast.RenameStmt: {"materialized view", "rule"},
    ast.AlterObjectSchemaStmt: {"materialized view"},
    ast.AlterObjectDependsStmt: {"materialized view"},
    ast.AlterTableStmt: {"materialized view"},
    ast.GrantStmt: {"type", "domain", "language", "foreign data wrapper", "server"},
}
# Objects that a rewrite makes anew under the same name, and what it makes of their kind.
_MADE_ANEW = {"function", "procedure", "type", "domain", "table", "view", "materialized view"}
_NOW_CALLED = {
    "enum-type": ("TYPE", "DOMAIN"),
    "materialized-view": ("MATERIALIZED VIEW", "VIEW"),
    "procedure": ("PROCEDURE", "FUNCTION"),
}
_RELATIONS = ("table", "foreign table", "materialized view", "view", "sequence", "index")
_ROUTINES = ("function", "procedure", "aggregate")
_ACTIONS: dict[type, str] = {
    ast.DropStmt: "DROP",
    ast.CommentStmt: "COMMENT",
    ast.AlterOwnerStmt: "OWNER TO",
    ast.RenameStmt: "RENAME",
    ast.AlterObjectSchemaStmt: "SET SCHEMA",
    ast.GrantStmt: "GRANT",
    ast.AlterObjectDependsStmt: "DEPENDS ON EXTENSION",
    ast.AlterExtensionStmt: "ALTER EXTENSION",
    ast.AlterTableStmt: "ALTER",
    ast.VacuumStmt: "ANALYZE",
}


@detects(
    "missing-object",
    on=(
        *(ast.DropStmt, ast.CommentStmt, ast.AlterOwnerStmt, ast.RenameStmt),
        *(ast.AlterObjectSchemaStmt, ast.AlterObjectDependsStmt, ast.AlterExtensionStmt),
        *(ast.GrantStmt, ast.VacuumStmt),
    ),
)
def missing_object(node: ast.Node, here: Here) -> Found:
    skipped = _ELSEWHERE.get(type(node), set())
    listed = [target for target in targets(node) if target.kind not in skipped]
    judged = [(target, *_judge(target, node, here)) for target in listed]
    gone = [number for number, (_, is_gone, _) in enumerate(judged) if is_gone]
    if not gone:
        return
    kept = _without(node, gone, len(judged), here)
    for target, is_gone, cause in judged:
        if is_gone and cause is not None and _is_made_anew(target, cause, node):
            yield _now_called(target, node, cause, here)
        elif is_gone:
            yield _found(target, node, cause, kept, here)
    _forget(node, [judged[number][0] for number in gone], here)


@detects("missing-object", on=ast.AlterTableStmt)
def altered_relation(node: ast.AlterTableStmt, here: Here) -> Found:
    """OWNER TO, which pg_dump writes for every sort of relation; any ALTER of what is no table."""
    kind = KINDS.get(node.objtype, "")
    owns = any(c.subtype == enums.AlterTableType.AT_ChangeOwner for c in node.cmds or ())
    if kind not in _RELATIONS or node.relation is None or not (owns or here.run.missing):
        return
    target = Target(kind, relation_name(node.relation))
    is_gone, cause = _judge(target, node, here)
    is_view = cause is not None and cause.object.kind == "materialized view"
    if is_gone and cause is not None and _is_made_anew(target, cause, node):
        yield _now_called(target, node, cause, here)
    elif is_gone and (owns or is_view):
        yield _found(target, node, cause, "", here)


def _judge(target: Target, node: ast.Node, here: Here) -> tuple[bool, Finding | None]:
    """Whether DSQL lacks the object, and the finding that says why."""
    cause = _cause(target, here)
    if isinstance(node, ast.DropStmt) and target.kind not in _NO_SUCH_KIND and node.missing_ok:
        return False, None  # DROP … IF EXISTS passes over what is not there
    if cause is None and target.kind in _UNLESS_KNOWN.get(type(node), ()):
        return False, None
    return cause is not None or target.kind in _NO_SUCH_KIND, cause


def _cause(target: Target, here: Here) -> Finding | None:
    names = here.run.missing.names
    if target.name.name not in names and (target.table is None or target.table.name not in names):
        return None
    for ref in _refs(target, here):
        found = here.missing(ref)
        if found is not None and not _is_other_overload(target, found, here):
            return found
    return None


def _refs(target: Target, here: Here) -> Iterator[ObjectRef]:
    """Every way in which findings may name the object."""
    name, catalog = target.name, here.catalog
    if target.table is not None:
        for table in catalog.candidates(target.table):
            yield ObjectRef(target.kind, name.name, table.schema, table.name)
            if target.kind not in ("trigger", "rule", "policy"):
                for kind in (*_RELATIONS[:4], "type"):
                    yield ObjectRef(kind, table.name, table.schema)
        return
    kinds: tuple[str, ...] = (target.kind,)
    if target.kind in _RELATIONS:
        kinds = _RELATIONS
    elif target.kind in (*_ROUTINES, "routine"):
        kinds = _ROUTINES
    elif target.kind in ("type", "domain"):
        kinds = ("type", "domain")
    for full in (*catalog.candidates(name), Name(None, name.name)):
        for kind in kinds:
            yield ObjectRef(kind, full.name, full.schema)


def _is_other_overload(target: Target, found: Finding, here: Here) -> bool:
    """Whether the finding speaks of another function of that name, with other arguments."""
    if target.arguments is None:
        return False
    for function in here.catalog.functions_named(target.name):
        if _arguments(function) == target.arguments:
            breaking = found.span.statement.outermost
            return function.statement is not breaking and function.language == "sql"
    return False


def _arguments(function: Function) -> tuple[str, ...] | None:
    node = function.node
    if not isinstance(node, ast.CreateFunctionStmt):
        return None
    modes = enums.FunctionParameterMode
    given = {
        *(modes.FUNC_PARAM_IN, modes.FUNC_PARAM_INOUT),
        *(modes.FUNC_PARAM_DEFAULT, modes.FUNC_PARAM_VARIADIC),
    }
    return types_of(p.argType for p in node.parameters or () if p.mode in given)


def _found(
    target: Target, node: ast.Node, cause: Finding | None, kept: str, here: Here
) -> Finding | None:
    action = _ACTIONS[type(node)]
    if isinstance(node, ast.GrantStmt) and not node.is_grant:
        action = "REVOKE"
    kind = cause.object.kind if cause and target.kind in (*_RELATIONS, "routine") else target.kind
    return here.found(
        "missing-object",
        _span(target, here),
        about=_about(target, kind, cause, here),
        case="" if cause is not None else "no-such-kind",
        cause=cause,
        key=f"{action} {target.label}",
        action=action,
        kind=kind,
        name=target.label,
        kept=kept,
    )


def _is_made_anew(target: Target, cause: Finding, node: ast.Node) -> bool:
    """Whether the cause's rewrite leaves an object of that name that the statement can be about."""
    if target.table is not None and cause.object.kind != "materialized view":
        return False
    if isinstance(node, ast.VacuumStmt) or (
        isinstance(node, ast.GrantStmt) and target.kind in ("type", "domain")
    ):
        return False
    return cause.is_made_anew and cause.object.kind in _MADE_ANEW


def _now_called(target: Target, node: ast.Node, cause: Finding, here: Here) -> Finding | None:
    """The statement with the word for what the object becomes; nothing where it reads the same."""
    old, new = _NOW_CALLED.get(cause.rule, ("", ""))
    tokens = here.statement.tokens
    opening = tokens[min(6, len(tokens) - 1)].end
    word = spans.find_words(here.statement, old, before=opening) if old else None
    if word is None or target.table is not None:
        return None
    return here.found(
        "missing-object",
        _span(target, here),
        about=_about(target, cause.object.kind, cause, here),
        case="other-kind",
        cause=cause,
        key=f"{_ACTIONS[type(node)]} {target.label}",
        action=_ACTIONS[type(node)],
        kind=old.lower(),
        replacement=new.lower(),
        name=target.label,
        kept=spans.edited(here.statement, [(word.start, word.end, new)]),
    )


def _about(target: Target, kind: str, cause: Finding | None, here: Here) -> ObjectRef:
    if cause is not None and target.table is None:
        return cause.object
    if target.table is not None:
        table = next(iter(here.catalog.candidates(target.table)))
        return ObjectRef(kind, target.name.name, table.schema, table.name)
    return ObjectRef(kind, target.name.name, target.name.schema)


def _span(target: Target, here: Here) -> Span:
    if not target.is_written:
        return spans.head(here.statement, 3)
    return spans.name(here.statement, target.name)


def _without(node: ast.Node, gone: list[int], count: int, here: Here) -> str:
    """The statement with only the objects that DSQL has; empty where none is left."""
    if count == len(gone) or not isinstance(node, ast.DropStmt | ast.GrantStmt):
        return ""
    found = elements(here.statement, is_drop=isinstance(node, ast.DropStmt))
    if len(found) != count:
        return ""
    first, last = found[0], found[-1]
    left = [part.text for number, part in enumerate(found) if number not in gone]
    return spans.edited(here.statement, [(first.start, last.end, ", ".join(left))])


def _forget(node: ast.Node, gone: list[Target], here: Here) -> None:
    """After a DROP or RENAME the old name is free for an object that DSQL may have."""
    if here.inside is not None or not isinstance(node, ast.DropStmt | ast.RenameStmt):
        return
    for target in gone:
        for ref in list(_refs(target, here)):
            finding = here.run.missing.pop(ref, None) if target.table is None else None
            if finding is not None and isinstance(node, ast.RenameStmt):
                new = ObjectRef(ref.kind, node.newname, ref.schema, ref.table)
                here.run.missing.add(new, finding)
