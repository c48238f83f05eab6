"""What a reference to a column of the source must become, because its values are stored otherwise.

Most types that DSQL does not store exist while a query runs: then a cast brings the value back.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from pglast import ast

from dsql_compat.catalog.model import Column, Table
from dsql_compat.catalog.types import ResolvedType, display, resolve
from dsql_compat.rewriting.work import Work
from dsql_compat.sql.names import quote

Kind = Literal["cast", "array", "range", "composite", "hstore", "enum", "caseless", "gone"]
AS_STORED = ("enum", "caseless")  # whose values are what they were: only comparing them is not
# Their elements look the same in JSON whether the loader wrote them or to_jsonb does.
PLAIN_ELEMENTS = {
    *("smallint", "integer", "bigint", "numeric", "text", "character varying", "uuid", "boolean"),
}
TEXTS = {"text", "character varying"}


@dataclass(frozen=True, slots=True)
class Use:
    """How a column is stored now: `type` is what an expression needs it as.

    That is the type to cast to, the elements' type of an array, or a range's constructor.
    """

    kind: Kind
    type: str
    columns: tuple[str, ...] = ()
    not_null: bool = False
    fields: tuple[tuple[str, str], ...] = ()

    def renamed(self, name: str) -> Use:
        """The same column under another name in a query's output."""
        if self.kind != "range" or not self.columns:
            return self
        return replace(self, columns=(f"{name}_from", f"{name}_to"))


def uses_of(work: Work, table: Table) -> dict[str, Use | None]:
    """The columns of a table; None where a reference stays as it is."""
    return {name: use_of(work, column) for name, column in table.columns.items()}


def use_of(work: Work, column: Column) -> Use | None:
    """What a reference to a column must become; None where it stays as it is."""
    made = work.stored.get(column.ref)
    if made is None or column.type is None:
        return None
    resolved = resolve(work.catalog, column.type)
    if not made:
        return Use("gone", resolved.display)
    if resolved.family == "geometric":  # which queries of DSQL have none of either
        return Use("gone", resolved.display)
    if len(made) == 2:
        constructor = "" if resolved.type is not None else resolved.base
        return Use("range", constructor, (made[0].name, made[1].name), column.not_null)
    return of_type(work, column.type, resolved, made[0].type)


def of_type(work: Work, node: ast.TypeName, resolved: ResolvedType, new: str) -> Use | None:
    """What a reference to a value of a type must become where it is stored as `new`."""
    here = work.here(work.statements[0]) if work.statements else None
    match resolved.family:
        case "storable" if resolved.base in ("json", "jsonb"):
            is_kept = work.run.is_accepted(f"{resolved.base}-column")
            return None if is_kept else Use("cast", resolved.base)
        case "network" | "range" | "text-search" if resolved.type is None:
            return Use("cast", resolved.base)
        case "bit":
            size = resolved.modifiers[0] if resolved.modifiers else 1
            return Use("cast", "bit varying" if resolved.base != "bit" else f"bit({size})")
        case "array":
            written = display(node) if not resolved.through else resolved.base
            if new == "jsonb" or (
                resolved.through and here and here.run.is_accepted("jsonb-column")
            ):
                return Use("array", written.removesuffix("[]"))
            return Use("cast", written)
        case "composite" if resolved.type is not None and resolved.type.attributes:
            fields = [(f.colname, display(f.typeName)) for f in resolved.type.attributes]
            return Use("composite", "" if new == "jsonb" else "jsonb", fields=tuple(fields))
        case "composite" | "user":
            return Use("gone", resolved.display)
        case "extension" if resolved.base.endswith("hstore"):
            return Use("hstore", "" if new == "jsonb" else "jsonb")
        case "extension" if resolved.base.rpartition(".")[2] == "citext":
            return Use("caseless", "text")
        case "system" if new == "text":
            return Use("cast", resolved.base)
        case "enum":
            return Use("enum", quote(resolved.type.name.name) if resolved.type else "")
    return None
