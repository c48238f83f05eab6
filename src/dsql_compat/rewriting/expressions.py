"""Expressions of a table: checks, generated columns, keys and predicates of indexes."""

from __future__ import annotations

from dataclasses import replace

from pglast import ast

from dsql_compat.catalog.model import Table
from dsql_compat.rewriting.printing import expression, parsed
from dsql_compat.rewriting.references import needs
from dsql_compat.rewriting.scopes import Scope
from dsql_compat.rewriting.translation import scope_of, translate_expression
from dsql_compat.rewriting.work import Settled, Work


def settled_on(work: Work, node: ast.Node, table: Table | None) -> Settled:
    """An expression on a table's columns as the result has them; it may fail with a reason."""
    return settled_in(work, node, scope_of(work, table))


def settled_in(work: Work, node: ast.Node, scope: Scope) -> Settled:
    """The same of an expression on whatever a scope has."""
    translated = translate_expression(work, expression(node), scope)
    if translated.problem:
        return Settled(translated.sql, reason=translated.problem)
    sql = translated.sql
    if translated.is_changed:  # printed anew, so that a second rewrite finds nothing to change
        sql = expression(parsed(sql))
    found = work.settled_expression(sql, needs(work.catalog, node))
    return replace(found, notes=translated.notes, is_translated=translated.is_changed)
