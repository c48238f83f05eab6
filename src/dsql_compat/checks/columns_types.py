"""Columns whose type DSQL does not store, by the family that the type belongs to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pglast import ast

from dsql_compat.catalog.model import Column, Table
from dsql_compat.catalog.types import ResolvedType, display, resolve
from dsql_compat.checks.columns import serial_column
from dsql_compat.checks.columns_declared import (
    Declared,
    as_json_array,
    as_json_object,
    declared_column,
    key_columns,
    key_type,
    stand_in,
    without_cast,
)
from dsql_compat.checks.columns_sizes import SIZE_RULES, column_size
from dsql_compat.checks.context import Found, Here, Retyped
from dsql_compat.checks.registry import detects
from dsql_compat.checks.type_map import implied_check, mapping_of, stand_in_of
from dsql_compat.findings import Finding, ObjectRef
from dsql_compat.sql.names import Name, literal, name_of, quote, quote_list

Judge = Callable[[Declared, ResolvedType], Finding | None]

_TEXTS = {"text", "character varying", "character", "citext"}


@detects(
    *("array-column", "enum-column", "composite-column", "range-column", "money-column"),
    *("xml-column", "network-column", "geometric-column", "bit-column", "text-search-column"),
    *("system-type-column", "extension-type-column", "vector-column", "json-column"),
    *("jsonb-column", "user-type-column", "unknown-type-column", "domain-column"),
    *("serial-column", *SIZE_RULES),
    on=Column,
)
def column_type(column: Column, here: Here) -> Found:
    """All rules on a column's type, so that it is looked up once."""
    if column.type is None:
        return
    resolved = resolve(here.catalog, column.type)
    family = resolved.family
    if family == "storable" and resolved.base not in ("json", "jsonb"):
        yield column_size(column, here, resolved)
        return
    declared = declared_column(column, here)
    if declared is None:
        return
    if family == "serial":
        yield serial_column(column, declared)
    elif resolved.through:
        yield _of_domain(declared, resolved)
    elif family == "storable":
        rule = f"{resolved.base}-column"
        yield _remembered(
            column, resolved, _found(declared, rule, adapt_by=without_cast, breaks=False), here
        )
    else:
        yield _remembered(column, resolved, _JUDGES[family](declared, resolved), here)


def _remembered(
    column: Column, resolved: ResolvedType, finding: Finding | None, here: Here
) -> Finding | None:
    """Note a column that cannot keep its type, for what is done with it elsewhere."""
    if finding is not None and finding.status.severity == "error":
        family = resolved.base if resolved.family == "storable" else resolved.family
        if family == "extension" and column.type is not None:
            family = name_of(column.type.names).name
        retyped = Retyped(column.table, family, resolved.display, finding)
        here.run.retyped.setdefault(column.name, []).append(retyped)
    return finding


def _found(
    declared: Declared,
    rule: str,
    *,
    case: str = "",
    cause: Finding | None = None,
    adapt_by: Callable[[ast.Node, str], str] | None = None,
    breaks: bool = False,
    **facts: Any,
) -> Finding | None:
    here = declared.here
    owner = declared.owner
    if owner is not None and owner.kind == "foreign table":
        cause = cause or here.missing(owner.ref)
    return here.found(
        rule,
        declared.span,
        about=declared.ref,
        case=case,
        cause=cause,
        before=declared.before,
        breaks=breaks,
        **{**declared.facts(adapt_by), **facts},
    )


def _of_domain(declared: Declared, resolved: ResolvedType) -> Finding | None:
    """A column of a domain stays as it is where the domain can be made anew."""
    domain = resolved.through[0]
    cause = declared.here.missing(domain.ref)
    if cause is None:  # the domain over json is fine, or its source is not at hand
        return None
    case = "" if cause.is_made_anew else "manual"
    return _found(declared, "domain-column", case=case, cause=cause, domain=domain.name)


def _array(declared: Declared, resolved: ResolvedType) -> Finding | None:
    element = ast.TypeName(
        names=declared.type.names, typmods=declared.type.typmods, typemod=declared.type.typemod
    )
    value = stand_in(element, declared.here) or "text"
    return _found(
        declared,
        "array-column",
        adapt_by=as_json_array(declared.span.text),
        text_tail=declared.tail(without_cast),
        shown=resolved.display,
        **child_facts(declared, value),
    )


def child_facts(declared: Declared, value: str) -> dict[str, Any]:
    """The names for a child table with a row an element."""
    table = declared.owner
    if table is None:
        return {}
    keys = key_columns(table)
    names = [f"{table.name.name}_{column.name}" for column in keys] or [f"{table.name.name}_id"]
    types = [key_type(column, declared.here) for column in keys] or ["bigint"]
    columns = [f"{quote(n)} {t} NOT NULL" for n, t in zip(names, types, strict=True)]
    column = declared.column.strip('"')
    return {
        "child": Name(table.name.schema, f"{table.name.name}_{column}"),
        "child_columns": ", ".join(columns),
        "child_key": quote_list(names),
        "element": value,
    }


def _enum(declared: Declared, resolved: ResolvedType) -> Finding | None:
    own = resolved.type
    assert own is not None
    return _found(
        declared,
        "enum-column",
        cause=declared.here.missing(own.ref),
        enum=own.name,
        labels=", ".join(map(literal, own.labels)),
        plain_tail=declared.tail(without_cast),
    )


def _composite(declared: Declared, resolved: ResolvedType) -> Finding | None:
    own = resolved.type
    parts: list[tuple[str, str]] = []
    if own is not None:
        parts = [(a.colname, _part(a.typeName, declared.here)) for a in own.attributes]
    else:
        row = declared.here.catalog.relation(name_of(declared.type.names))
        if isinstance(row, Table):
            parts = [(c.name, _part(c.type, declared.here)) for c in row.columns.values() if c.type]
    prefix = declared.column.strip('"')
    flat = [f"{quote(f'{prefix}_{name}')} {shown}" for name, shown in parts]
    return _found(
        declared,
        "composite-column",
        cause=declared.here.missing(own.ref) if own else None,
        flat=", ".join(flat) or f"{quote(f'{prefix}_value')} text",
    )


def _part(node: ast.TypeName, here: Here) -> str:
    return stand_in(node, here) or "text"


def _range(declared: Declared, resolved: ResolvedType) -> Finding | None:
    own = resolved.type
    here = declared.here
    found = stand_in_of(here.run, here.catalog, declared.type)
    bound = found.type if found.form.parts else None
    prefix = declared.column.strip('"')
    node = declared.node
    not_null = isinstance(node, ast.ColumnDef) and any(
        c.contype == 1 for c in node.constraints or ()
    )
    return _found(
        declared,
        "range-column",
        case="" if bound else "multirange",
        cause=declared.here.missing(own.ref) if own else None,
        bound=bound or "",
        lower=quote(f"{prefix}_from"),
        upper=quote(f"{prefix}_to"),
        not_null=" NOT NULL" if not_null else "",
        **child_facts(declared, ""),
    )


def _network(declared: Declared, resolved: ResolvedType) -> Finding | None:
    return _found(
        declared,
        "network-column",
        case=mapping_of(declared.here.run, resolved, declared.type).case,
        adapt_by=without_cast,
        shown=resolved.display,
        check=_check(declared, resolved),
    )


def _check(declared: Declared, resolved: ResolvedType) -> str:
    """The words that check what the type made sure of; ADD COLUMN takes none."""
    run, node = declared.here.run, declared.type
    form = stand_in_of(run, declared.here.catalog, node).form
    text = implied_check(run, resolved, node, form, {"column": declared.column})
    return "" if declared.is_added or text is None else f" CHECK ({text})"


def _geometric(declared: Declared, resolved: ResolvedType) -> Finding | None:
    prefix = declared.column.strip('"')
    return _found(
        declared,
        "geometric-column",
        case=mapping_of(declared.here.run, resolved, declared.type).case,
        shown=resolved.display,
        x=quote(f"{prefix}_x"),
        y=quote(f"{prefix}_y"),
    )


def _bit(declared: Declared, resolved: ResolvedType) -> Finding | None:
    return _found(
        declared,
        "bit-column",
        adapt_by=without_cast,
        check=_check(declared, resolved),
        shown=resolved.base,
    )


def _system(declared: Declared, resolved: ResolvedType) -> Finding | None:
    here = declared.here
    new = stand_in_of(here.run, here.catalog, declared.type).type
    return _found(
        declared, "system-type-column", adapt_by=without_cast, new=new, shown=resolved.display
    )


def _extension(declared: Declared, resolved: ResolvedType) -> Finding | None:
    name = name_of(declared.type.names).name
    extension = resolved.extension or ""
    cause = declared.here.missing(ObjectRef("extension", extension))
    mapping = mapping_of(declared.here.run, resolved, declared.type)
    if mapping.rule == "vector-column":
        return _found(declared, "vector-column", cause=cause, extension=extension)
    table = declared.owner.name if declared.owner else Name(None, "")
    return _found(
        declared,
        "extension-type-column",
        case=mapping.case,
        cause=cause,
        adapt_by=as_json_object if name == "hstore" else without_cast,
        extension=extension,
        name=name,
        text_tail=declared.tail(without_cast),
        index=quote(f"{table.name}_{declared.column.strip(chr(34))}_lower_idx"),
    )


def _text_search(declared: Declared, resolved: ResolvedType) -> Finding | None:
    columns = declared.owner.columns.values() if declared.owner else ()
    texts = [c.name for c in columns if c.type and display(c.type).partition("(")[0] in _TEXTS]
    searched = quote(texts[0]) if texts else "''"
    return _found(declared, "text-search-column", shown=resolved.display, searched=searched)


def _plain(rule: str, adapt: bool = True) -> Judge:
    def judge(declared: Declared, resolved: ResolvedType) -> Finding | None:
        return _found(
            declared, rule, adapt_by=without_cast if adapt else None, shown=resolved.display
        )

    return judge


def _user(declared: Declared, resolved: ResolvedType) -> Finding | None:
    cause = declared.here.missing(resolved.type.ref) if resolved.type else None
    return _found(declared, "user-type-column", cause=cause)


_JUDGES: dict[str, Judge] = {
    "array": _array,
    "enum": _enum,
    "composite": _composite,
    "range": _range,
    "money": _plain("money-column"),
    "xml": _plain("xml-column"),
    "network": _network,
    "geometric": _geometric,
    "bit": _bit,
    "text-search": _text_search,
    "system": _system,
    "extension": _extension,
    "user": _user,
    "pseudo": _plain("unknown-type-column"),
    "unknown": _plain("unknown-type-column"),
}
