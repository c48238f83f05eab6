"""Types of the schema's own: enums, composites, ranges, domains and what changes them."""

from __future__ import annotations

from typing import Any

from pglast import ast, enums

from dsql_compat.catalog.model import Type
from dsql_compat.catalog.types import display, resolve
from dsql_compat.checks.columns_declared import (
    Adapt,
    Declared,
    as_json_array,
    as_json_object,
    declared_domain,
    end_of_words,
    stand_in,
    without_cast,
)
from dsql_compat.checks.context import Found, Here
from dsql_compat.checks.registry import detects
from dsql_compat.checks.type_map import range_subtype
from dsql_compat.findings import Finding, ObjectRef, Span
from dsql_compat.sql import spans
from dsql_compat.sql.names import Name, literal, name_of, quote


@detects("enum-type", "composite-type", "range-type", "base-type", on=Type)
def user_type(made: Type, here: Here) -> Found:
    facts: dict[str, Any] = {"type": made.name}
    match made.kind:
        case "enum":
            facts["labels"] = ", ".join(map(literal, made.labels))
        case "composite":
            facts["attributes"] = ", ".join(_attribute(a, here) for a in made.attributes)
        case "range":
            facts["bound"] = range_subtype(here.run, here.catalog, made) or "the bound's type"
        case "base" | "shell":
            pass
        case _:
            return
    here.run.missing.pop(made.ref, None)  # what was said of a type dropped before it
    case = "shell" if made.kind == "shell" else ""
    yield here.found(
        "base-type" if made.kind in ("base", "shell") else f"{made.kind}-type",
        spans.name(here.statement, made.name),
        about=made.ref,
        case=case,
        breaks=not case,
        **facts,
    )


def _attribute(node: ast.ColumnDef, here: Here) -> str:
    shown = (stand_in(node.typeName, here) or "text") if node.typeName else "text"
    return f"{quote(node.colname)} {shown}"


# -- domains ----------------------------------------------------------------------------------


@detects("domain-base-type", "json-column", "jsonb-column", on=Type)
def domain_base(made: Type, here: Here) -> Found:
    declared = declared_domain(made, here)
    if declared is None:
        return
    here.run.missing.pop(made.ref, None)  # what was said of a domain dropped before it
    resolved = resolve(here.catalog, declared.type)
    if resolved.family == "storable" and resolved.base not in ("json", "jsonb"):
        return
    if resolved.through:
        cause = here.missing(resolved.through[0].ref)
        if cause is not None:
            yield _domain(declared, "own-type" if cause.is_made_anew else "manual", cause, "")
        return
    if resolved.family == "storable":
        yield here.found(
            f"{resolved.base}-column",
            declared.span,
            about=made.ref,
            case="domain",
            breaks=True,
            **declared.facts(without_cast),
        )
        return
    cause = here.missing(resolved.type.ref) if resolved.type else None
    if resolved.extension:
        cause = cause or here.missing(ObjectRef("extension", resolved.extension))
    if resolved.family == "enum":
        yield _domain(declared, "own-type", cause, "")
        return
    new = stand_in(declared.type, here)
    is_json = resolved.family == "array" or name_of(declared.type.names).name == "hstore"
    case = "json" if is_json else "" if new else "manual"
    if new and _has_checks(declared):  # which its new type cannot read as they stand
        case = "checked"
    yield _domain(declared, case, cause, new or "")


def _has_checks(declared: Declared) -> bool:
    constraints = getattr(declared.node, "constraints", None) or ()
    return any(c.contype == enums.ConstrType.CONSTR_CHECK for c in constraints)


def _domain(declared: Declared, case: str, cause: Finding | None, new: str) -> Finding | None:
    adapt: Adapt = without_cast
    if declared.type.arrayBounds and new == "jsonb":
        adapt = as_json_array(declared.span.text)
    elif new == "jsonb":
        adapt = as_json_object
    return declared.here.found(
        "domain-base-type",
        declared.span,
        about=declared.ref,
        case=case,
        cause=cause,
        breaks=True,
        shown=display(declared.type),
        answer=f'42704 type "{display(declared.type)}" does not exist'
        if cause is not None
        else f"0A000 datatype {display(declared.type)} not supported",
        new=new,
        **declared.facts(adapt),
    )


@detects("alter-domain", on=ast.AlterDomainStmt)
def alter_domain(node: ast.AlterDomainStmt, here: Here) -> Found:
    case = {"O": "", "C": "", "X": "constraint", "V": "constraint"}.get(node.subtype)
    if case is None:
        return
    name = name_of(node.typeName)
    found = here.catalog.type(name)
    clause = _clause_of(node, here)
    folded = ""
    if found is not None and found.kind == "domain":
        text = clause.removeprefix("ADD ").removeprefix("SET ").removesuffix("NOT VALID").rstrip()
        folded = f"{found.statement.text[: end_of_words(found.statement)]} {text};"
    about = found.ref if found else _domain_ref(here, name)
    yield here.found(
        "alter-domain",
        _words_after_name(here, name, clause),
        about=about,
        case=case,
        cause=here.missing(about),
        domain=found.name if found else name,
        clause=clause,
        folded=folded or f"-- the definition of {name}, with {clause}",
    )


def _clause_of(node: ast.AlterDomainStmt, here: Here) -> str:
    """What is done to the domain: the words behind its name."""
    name = spans.name(here.statement, name_of(node.typeName))
    return here.statement.text[name.end : end_of_words(here.statement)].strip()


def _words_after_name(here: Here, name: Name, clause: str) -> Span:
    end = end_of_words(here.statement)
    tokens = [t for t in here.statement.tokens if end - len(clause) <= t.start < end][:2]
    if not tokens:
        return spans.head(here.statement)
    return Span(here.statement, tokens[0].start, tokens[-1].end)


def _domain_ref(here: Here, name: Name) -> ObjectRef:
    full = here.catalog.qualified(name)
    return ObjectRef("domain", full.name, full.schema)


@detects("drop-domain-cascade", "drop-type", on=ast.DropStmt)
def drop_type(node: ast.DropStmt, here: Here) -> Found:
    if node.removeType == enums.ObjectType.OBJECT_DOMAIN:
        if node.behavior == enums.DropBehavior.DROP_CASCADE:
            word = spans.find_words(here.statement, "CASCADE") or spans.head(here.statement)
            names = ", ".join(str(name_of(o.names)) for o in node.objects)
            yield here.found(
                "drop-domain-cascade",
                word,
                about=_domain_ref(here, name_of(node.objects[0].names)),
                domain=names,
                edited=spans.edited(here.statement, [(word.start, word.end, "")]),
            )
    elif node.removeType == enums.ObjectType.OBJECT_TYPE:
        yield _drop_type(node, here)


def _drop_type(node: ast.DropStmt, here: Here) -> Finding | None:
    """A type that becomes a domain is dropped as one; others were never made."""
    names = [name_of(o.names) for o in node.objects]
    causes = [_cause_by_name(here, name) for name in names]
    kept = [
        str(name)
        for name, cause in zip(names, causes, strict=True)
        if cause is None or cause.rule in ("enum-type", "domain-base-type")
    ]
    exists = "IF EXISTS " if node.missing_ok else ""
    full = here.catalog.qualified(names[0])
    return here.found(
        "drop-type",
        spans.head(here.statement),
        about=ObjectRef("type", full.name, full.schema),
        case="" if kept else "gone",
        cause=next((c for c in causes if c is not None), None),
        type=", ".join(map(str, names)),
        after=f"DROP DOMAIN {exists}{', '.join(kept)};",
    )


def _cause_by_name(here: Here, name: Name) -> Finding | None:
    """Why DSQL does not have a type that may have left the catalog already."""
    for full in here.catalog.candidates(name):
        for kind in ("type", "domain"):
            cause = here.missing(ObjectRef(kind, full.name, full.schema))
            if cause is not None:
                return cause
    return None


# -- ALTER TYPE -------------------------------------------------------------------------------


@detects("alter-type", on=ast.AlterEnumStmt)
def alter_enum(node: ast.AlterEnumStmt, here: Here) -> Found:
    """A label more, or another name for one: the domain that replaces the enum is made with it."""
    name = name_of(node.typeName)
    found = here.catalog.type(name)
    cause = here.missing(found.ref) if found else None
    if found is not None and cause is not None and "labels" in cause.facts:
        cause.facts["labels"] = ", ".join(map(literal, found.labels))
    yield _altered(here, name, "label" if cause else "label-unknown", found, cause)


@detects("alter-type", on=ast.AlterTypeStmt)
def alter_type_options(node: ast.AlterTypeStmt, here: Here) -> Found:
    name = name_of(node.typeName)
    found = here.catalog.type(name)
    yield _altered(here, name, "attribute", found, here.missing(found.ref) if found else None)


@detects("alter-type", on=ast.AlterOwnerStmt)
def alter_type_owner(node: ast.AlterOwnerStmt, here: Here) -> Found:
    if node.objectType == enums.ObjectType.OBJECT_TYPE:
        yield _as_domain(here, name_of(node.object), name_of(node.object))


@detects("alter-type", on=ast.AlterObjectSchemaStmt)
def alter_type_schema(node: ast.AlterObjectSchemaStmt, here: Here) -> Found:
    if node.objectType == enums.ObjectType.OBJECT_TYPE:
        old = here.catalog.qualified(name_of(node.object))
        yield _as_domain(here, old, Name(node.newschema, old.name))


@detects("alter-type", on=ast.RenameStmt)
def rename_type(node: ast.RenameStmt, here: Here) -> Found:
    if node.renameType == enums.ObjectType.OBJECT_TYPE:
        old = here.catalog.qualified(name_of(node.object))
        yield _as_domain(here, old, Name(old.schema, node.newname), "rename")
    elif (
        node.renameType == enums.ObjectType.OBJECT_ATTRIBUTE
        and node.relationType == enums.ObjectType.OBJECT_TYPE
    ):
        yield from _attributes(here, node.relation)


@detects("alter-type", on=ast.AlterTableStmt)
def alter_attributes(node: ast.AlterTableStmt, here: Here) -> Found:
    if node.objtype == enums.ObjectType.OBJECT_TYPE:
        yield from _attributes(here, node.relation)


def _attributes(here: Here, relation: ast.RangeVar) -> Found:
    name = Name(relation.schemaname, relation.relname)
    found = here.catalog.type(name)
    yield _altered(here, name, "attribute", found, here.missing(found.ref) if found else None)


def _as_domain(here: Here, old: Name, new: Name, case: str = "") -> Finding | None:
    """Owner, name and schema: the same words work for the domain that replaces an enum."""
    found = here.catalog.type(new)
    cause = _cause_by_name(here, old)
    if found is not None and cause is not None:
        here.run.missing.add(found.ref, cause)
    becomes_domain = cause is None or cause.rule in ("enum-type", "domain-base-type")
    return _altered(here, old, case if becomes_domain else "gone", found, cause)


def _altered(
    here: Here, name: Name, case: str, found: Type | None, cause: Finding | None
) -> Finding | None:
    head = spans.head(here.statement)
    type_word = here.statement.tokens[1] if len(here.statement.tokens) > 1 else None
    edits = [(type_word.start, type_word.end, "DOMAIN")] if type_word else []
    full = found.name if found else here.catalog.qualified(name)
    return here.found(
        "alter-type",
        head,
        about=found.ref if found else ObjectRef("type", full.name, full.schema),
        case=case,
        cause=cause,
        type=full,
        edited=spans.edited(here.statement, edits),
    )
