"""Columns: type, default, identity."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import cast

from pglast import ast, enums

from dsql_compat.catalog import model as source
from dsql_compat.catalog.model import Sequence
from dsql_compat.catalog.types import ResolvedType, display, resolve
from dsql_compat.checks.columns import absorbed_sequences
from dsql_compat.checks.columns_declared import as_json_array, as_json_object, without_cast
from dsql_compat.checks.type_map import StandIn, implied_check, stand_in_of
from dsql_compat.findings import ObjectRef
from dsql_compat.rewriting.expressions import settled_on
from dsql_compat.rewriting.free_names import free_name
from dsql_compat.rewriting.model import Column, Constraint, Key
from dsql_compat.rewriting.numbering import is_numbered, numbered, widened
from dsql_compat.rewriting.printing import expression, parsed
from dsql_compat.rewriting.references import needs
from dsql_compat.rewriting.work import Settled, Work
from dsql_compat.rules import Conversion
from dsql_compat.sql.names import quote, relation_name

_SET_STORAGE = enums.AlterTableType.AT_SetStorage


def record_columns(work: Work) -> None:
    """Note what every column becomes, for all SQL that names it."""
    columns = Columns(work)
    for table in work.catalog.tables():
        for column in table.columns.values():
            work.stored[column.ref] = tuple(columns.shape(column)[0])


# Types whose values may be compressed, which is what STORAGE is about.
_VARIABLE = {"text", "character varying", "character", "bytea", "json", "jsonb", "numeric"}


def _storage(work: Work) -> dict[ObjectRef, str]:
    """The STORAGE of columns that are given one, in CREATE TABLE or later."""
    found: dict[ObjectRef, str] = {}
    for table in work.catalog.tables():
        for column in table.columns.values():
            if column.node is not None and column.node.storage_name:
                found[column.ref] = column.node.storage_name.upper()
    for statement in work.statements:
        tree = statement.tree
        if not isinstance(tree, ast.AlterTableStmt):
            continue
        for command in tree.cmds or ():
            if command.subtype == _SET_STORAGE and isinstance(command.def_, ast.String):
                owner = work.catalog.table(relation_name(tree.relation))
                if owner is not None and command.name in owner.columns:
                    found[owner.columns[command.name].ref] = command.def_.sval.upper()
    return found


class Columns:
    """What the columns of a database become; knows which of them must become bigint."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.sequences: dict[ObjectRef, Sequence] = {
            column.ref: sequence for column, sequence in absorbed_sequences(work.catalog, work.run)
        }
        self.widened = widened(work, self.sequences)
        self.storage = _storage(work) if work.run.is_accepted("column-storage") else {}

    def shape(self, column: source.Column) -> tuple[list[Column], list[Constraint]]:
        """The columns that take a column's values, without a default, and checks of the type."""
        if column.type is None:
            return [], []
        resolved = resolve(self.work.catalog, column.type)
        if is_numbered(self.work, column, self.sequences):
            return [numbered(self.work, column, self.sequences.get(column.ref))], []
        if resolved.through:
            return self._of_domain(column, resolved)
        return self._stored(column, column.type, resolved)

    def rewritten(self, column: source.Column) -> tuple[list[Column], list[Constraint]]:
        """The columns that take a column's values, with the checks that its old type implied."""
        made, checks = self.shape(column)
        if column.default is None or column.type is None or not made or made[0].identity:
            return made, checks
        if len(made) > 1:
            what = "no longer computed" if column.generated else "without its default"
            self.work.settle(column.ref, "changed", f"{what}: two columns now", column.statement)
            return made, checks
        resolved = resolve(self.work.catalog, column.type)
        text, reason = self._default(column, resolved, made[0].conversion)
        is_computed = bool(column.generated)
        if reason:
            what = "no longer computed" if is_computed else "without its default"
            self.work.settle(column.ref, "changed", f"{what}: {reason}", column.statement)
        with_default = replace(
            made[0], default=None if is_computed else text, generated=text if is_computed else None
        )
        return [with_default], checks

    # -- types ----------------------------------------------------------------------------------

    def _stand_in(self, column: source.Column, node: ast.TypeName) -> StandIn:
        work, choices = self.work, self.work.choices
        chosen = {"arrays": choices.arrays, "enums": choices.enums}
        found = stand_in_of(work.run, work.catalog, node, chosen)
        if column.ref in self.widened and not found.form.parts:
            return replace(found, type="bigint")
        return found

    def _of_domain(
        self, column: source.Column, resolved: ResolvedType
    ) -> tuple[list[Column], list[Constraint]]:
        """The domain itself, or what it is made of where it could not be kept."""
        domain, inner = resolved.through[0], resolved.through[-1].base
        assert inner is not None
        if Key("type", domain.name) in self.work.gone:
            return self._stored(column, inner, resolve(self.work.catalog, inner))
        found = self._stand_in(column, inner)
        return [self._column(column, column.name, str(domain.name), found.form.conversion)], []

    def _stored(
        self, column: source.Column, node: ast.TypeName, resolved: ResolvedType
    ) -> tuple[list[Column], list[Constraint]]:
        found = self._stand_in(column, node)
        if found.type is None:
            return [], []
        new = spelled(found.type)
        parts = [
            self._column(column, self._free(column, ending), new, conversion)
            for ending, conversion in found.form.parts
        ]
        names = {ending.strip("_"): quote(part.name) for (ending, _), part in _pairs(found, parts)}
        if not parts:
            parts = [self._column(column, column.name, new, found.form.conversion)]
            names = {"column": quote(column.name)}
        check = implied_check(self.work.run, resolved, node, found.form, names)
        if check is None or column.ref in self.widened:
            return parts, []
        name = free_name(f"{column.table.name.name}_{column.name}", "check", self._taken(column))
        return parts, [Constraint(name, "check", f"CHECK ({check})", tuple(p.name for p in parts))]

    def _column(self, column: source.Column, name: str, new: str, conversion: str) -> Column:
        """One column; the bounds of a range may be NULL where the range is not: without an end."""
        not_null = column.not_null and not conversion.startswith("range-")
        kept = conversion == "same" and new.partition("(")[0] in _VARIABLE
        return Column(
            name,
            new,
            not_null,
            source=column,
            conversion=cast("Conversion", conversion),
            storage=self.storage.get(column.ref) if kept else None,
        )

    def _free(self, column: source.Column, ending: str) -> str:
        return free_name(column.name, ending.strip("_"), set(column.table.columns))

    def _taken(self, column: source.Column) -> set[str]:
        return set(column.table.constraints)

    # -- defaults -------------------------------------------------------------------------------

    def _default(
        self, column: source.Column, resolved: ResolvedType, conversion: Conversion
    ) -> tuple[str | None, str]:
        """A default, or the expression that computes a column; None with the reason."""
        node = column.default
        assert node is not None and column.type is not None
        if column.generated:
            return _outcome(settled_on(self.work, node, column.table))
        text = expression(node)
        match conversion:
            case "array":
                return as_json_array(display(column.type))(node, text), ""
            case "hstore":
                return as_json_object(node, text) or None, ""
            case "composite":
                return None, "a row has no form as JSON until it is read"
        if resolved.family in ("storable", "serial", "unknown") or resolved.through:
            return _outcome(settled_on(self.work, node, None))
        if resolved.family == "enum" and self.work.choices.enums == "domain":
            return text, ""
        return _outcome(
            self.work.settled_expression(without_cast(node, text), needs(self.work.catalog, node))
        )


def _is_constant(node: ast.Node) -> bool:
    while isinstance(node, ast.TypeCast):
        node = node.arg
    return isinstance(node, ast.A_Const)


def _outcome(found: Settled) -> tuple[str | None, str]:
    if not found.fails:
        return found.sql, ""
    return None, found.reason or "DSQL cannot evaluate it"


def _pairs(found: StandIn, parts: list[Column]) -> list[tuple[tuple[str, str], Column]]:
    return list(zip(found.form.parts, parts, strict=True))


@cache
def spelled(name: str) -> str:
    """A type as PostgreSQL itself spells it, so that a second rewrite finds nothing to change."""
    node = parsed(f"NULL::{name}").typeName
    return display(node)
