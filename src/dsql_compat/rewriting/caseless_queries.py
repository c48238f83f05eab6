"""Where a query compares its rows unsaid: sorting, grouping, DISTINCT, UNION, USING, ON CONFLICT.

What can be said with lower() is; the rest is left, for a value among those that were equal would
have to be picked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from pglast import ast

from dsql_compat.catalog.model import Table
from dsql_compat.rewriting import caseless
from dsql_compat.rewriting.scopes import Output, Scope
from dsql_compat.rewriting.uses import Use
from dsql_compat.sql.names import relation_name

if TYPE_CHECKING:
    from dsql_compat.rewriting.translation_values import Values

_USE = Use("caseless", "text")


def is_use(use: Use | None) -> bool:
    """Whether a column paid no regard to case."""
    return use is not None and use.kind == "caseless"


def use_of_value(values: Values, node: ast.Node, scope: Scope) -> Use | None:
    """That of an expression of citext, for the queries around it."""
    if not values.work.has_caseless and "citext" not in values.source.text:
        return None
    return _USE if caseless.side_of(values.work, node, scope) == "caseless" else None


def forbid(values: Values, outputs: Iterable[Output], what: str) -> None:
    """Where rows are told apart by what a query gives.  Raises Untranslatable."""
    for output in outputs:
        if is_use(output.use):
            values.give_up(f"{what} {output.name}, which paid no regard to case")


def forbid_joined(values: Values, item: ast.JoinExpr, scope: Scope) -> None:
    """Columns that USING or NATURAL compares.  Raises Untranslatable."""
    for name in (part.sval for part in item.usingClause or ()):
        if any(is_use((source.columns or {}).get(name)) for source in scope.sources):
            values.give_up(f"USING compares {name}, which paid no regard to case")
    if item.isNatural:
        every = [use for source in scope.sources for use in (source.columns or {}).values()]
        if any(map(is_use, every)):
            values.give_up("NATURAL JOIN may compare columns that paid no regard to case")


def forbid_grouped(
    values: Values, keys: Sequence[ast.Node], outputs: list[Output], scope: Scope
) -> None:
    """Keys of GROUP BY and DISTINCT ON, by name or place, too.  Raises Untranslatable."""
    for key in keys:
        if key is None:  # DISTINCT by itself
            forbid(values, outputs, "DISTINCT compares")
        elif isinstance(key, ast.GroupingSet):
            forbid_grouped(values, key.content or (), outputs, scope)
        else:
            given = _output(key, outputs)
            if use_of_value(values, key, scope) is not None:
                values.give_up("it groups by a column that paid no regard to case")
            is_input = isinstance(key, ast.ColumnRef) and scope.has(key)
            if given is not None and not is_input:
                forbid(values, [given], "it groups by")


def is_sorted(
    values: Values, key: ast.Node, scope: Scope, outputs: list[Output], *, is_open: bool
) -> bool:
    """Whether a key of ORDER BY is such a column, and was edited.  Raises Untranslatable."""
    given = _output(key, outputs)
    if given is not None and not is_use(given.use):
        return False
    if given is None and use_of_value(values, key, scope) is None:
        return False
    if not is_open or isinstance(key, ast.A_Const) or (given is not None and given.ref is None):
        values.give_up("it sorts by what it gives, which paid no regard to case")
    column = given.ref if given is not None and given.ref is not None else key
    values.instead(key, caseless.lowered(values, column, scope))
    return True


def _output(key: ast.Node, outputs: list[Output]) -> Output | None:
    """The column of a result that a key names, or counts up to."""
    if isinstance(key, ast.A_Const) and isinstance(key.val, ast.Integer):
        place = (key.val.ival or 0) - 1
        return outputs[place] if 0 <= place < len(outputs) else None
    if isinstance(key, ast.ColumnRef) and len(key.fields) == 1:
        name = getattr(key.fields[0], "sval", None)
        return next((output for output in outputs if output.name == name), None)
    return None


def forbid_conflict(values: Values, node: ast.InsertStmt, uses: dict[str, Use | None]) -> None:
    """ON CONFLICT with a key that is an index on lower() now.  Raises Untranslatable."""
    infer = node.onConflictClause.infer
    if infer is None:
        return
    names = [element.name for element in infer.indexElems or () if element.name]
    if infer.conname:
        table = values.work.catalog.relation(relation_name(node.relation))
        key = table.constraints.get(infer.conname) if isinstance(table, Table) else None
        names = list(key.columns) if key is not None else []
    for name in names:
        if is_use(uses.get(name)):
            values.give_up(f"ON CONFLICT ({name}) has to be ON CONFLICT (lower({name})) now")


def forbid_compared(values: Values, test: Any, outputs: list[Output], scope: Scope) -> None:
    """`email IN (SELECT …)`, compared as citext.  Raises Untranslatable."""
    sides = list(test.args) if isinstance(test, ast.RowExpr) else [test] if test else []
    for side, output in zip(sides, outputs, strict=False):
        own = caseless.side_of(values.work, side, scope)
        if is_use(output.use) and own != "text":
            values.give_up("it looks for a value in a query without regard to case")
        if own == "caseless" and output.is_open:
            values.give_up("it looks for a value in a query without regard to case")
