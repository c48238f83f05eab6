"""What stands in for a type on DSQL, by the facts of `rules/types.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pglast import ast

from dsql_compat.catalog.model import Catalog, Type
from dsql_compat.catalog.types import ResolvedType, display, resolve
from dsql_compat.checks.context import Run
from dsql_compat.rules import Form, TypeMapping
from dsql_compat.sql.names import literal, name_of

_LONGEST_COUNT = 255  # of a repetition in a regular expression


@dataclass(frozen=True, slots=True)
class StandIn:
    """The form that fits a type at a target, and the type itself; None where none is stored."""

    form: Form
    type: str | None


def mapping_of(run: Run, resolved: ResolvedType, node: ast.TypeName) -> TypeMapping:
    """The entry of the map that a type belongs to."""
    base = _innermost(resolved, node)
    is_named = resolved.family == "extension"
    return run.catalogue.type(
        resolved.family, name_of(base.names).name if is_named else resolved.base
    )


def stand_in_of(
    run: Run,
    catalog: Catalog,
    node: ast.TypeName,
    choices: Mapping[str, str] | None = None,
) -> StandIn:
    """What stands in for a type at the run's target, by choices; without those, the first form."""
    resolved = resolve(catalog, node)
    mapping = mapping_of(run, resolved, node)
    form = next(f for f in mapping.forms if _fits(f, run, resolved, choices))
    if form.type is None:
        return StandIn(form, None)
    keeps = form.type in ("{type}", resolved.base) or resolved.base == "numeric"
    if resolved.through and resolved.family == "storable" and keeps:
        return StandIn(form, display(node))
    facts = {
        "type": display(node),
        "to": mapping.types.get(resolved.base, ""),
        "size": resolved.modifiers[0] if resolved.modifiers else "",
        "old_scale": min(max(_scale(resolved), 0), form.scale or 0),
        "name": resolved.type.name if resolved.type else display(node),
        "bound": range_subtype(run, catalog, resolved.type) or "text",
    }
    return StandIn(form, form.type.format_map(facts))


def size_rule(run: Run, resolved: ResolvedType, node: ast.TypeName) -> str | None:
    """The rule that speaks of a type's size, whatever it says at the target."""
    forms = mapping_of(run, resolved, node).forms
    return next(
        (f.rule for f in forms if f.rule and not f.needs and _is_of_size(f, resolved)), None
    )


def implied_check(
    run: Run, resolved: ResolvedType, node: ast.TypeName, form: Form, columns: Mapping[str, str]
) -> str | None:
    """What a type made sure of and its stand-in does not: an expression over `columns`.

    These are the quoted names for `{column}`, or for `{from}` and `{to}` of a form with parts.
    """
    if form.check is None:
        return None
    facts: dict[str, object] = {
        "to": mapping_of(run, resolved, node).types.get(resolved.base, ""),
        "size": resolved.modifiers[0] if resolved.modifiers else "",
        "count": _count(resolved),
        "labels": ", ".join(map(literal, resolved.type.labels)) if resolved.type else "",
    }
    return form.check.format_map(facts | dict(columns))


def _innermost(resolved: ResolvedType, node: ast.TypeName) -> ast.TypeName:
    bases = [own.base for own in resolved.through if own.base is not None]
    return bases[-1] if bases else node


def _fits(form: Form, run: Run, resolved: ResolvedType, choices: Mapping[str, str] | None) -> bool:
    if form.choice is not None and choices is not None:
        chosen, value = form.choice
        if choices.get(chosen) != value:
            return False
    if form.needs is not None and not run.is_accepted(form.needs):
        return False
    return _is_of_size(form, resolved)


def _is_of_size(form: Form, resolved: ResolvedType) -> bool:
    size = resolved.modifiers[0] if resolved.modifiers else None
    if form.sized is not None and form.sized != (size is not None):
        return False
    if form.over is None:
        return True
    is_over = size is not None and size > form.over
    return is_over or (form.scale is not None and not 0 <= _scale(resolved) <= form.scale)


def _scale(resolved: ResolvedType) -> int:
    return resolved.modifiers[1] if len(resolved.modifiers) > 1 else 0


def _count(resolved: ResolvedType) -> str:
    """How often a bit may stand in a bit string, as a regular expression says it."""
    is_exact = resolved.base == "bit"
    size = resolved.modifiers[0] if resolved.modifiers else 1 if is_exact else None
    if size is None or size > _LONGEST_COUNT:
        return "*"
    return f"{{{size}}}" if is_exact else f"{{0,{size}}}"


def range_subtype(run: Run, catalog: Catalog, own: Type | None) -> str | None:
    """What a range type of the schema is a range of."""
    for option in getattr(own.node, "params", None) or () if own is not None else ():
        if option.defname == "subtype" and isinstance(option.arg, ast.TypeName):
            return stand_in_of(run, catalog, option.arg).type or display(option.arg)
    return None
