"""Functions whose bodies name what the source creates only later."""

from __future__ import annotations

from pglast import ast

from dsql_compat.catalog.model import Catalog, Function, Table, View
from dsql_compat.checks.context import Awaited, Found, Here
from dsql_compat.checks.registry import detects
from dsql_compat.findings import Span
from dsql_compat.sql import spans
from dsql_compat.sql.names import Name, name_of, quote, relation_name
from dsql_compat.sql.walk import walk


@detects("function-order", on=(ast.RangeVar, ast.FuncCall))
def named_before_made(node: ast.RangeVar | ast.FuncCall, here: Here) -> Found:
    """Note what a SQL function's body names that does not exist yet; the end tells the rest.

    A body of another language, and one of a refused function, has a cause to stand here.  A call
    without a schema may mean a built-in function, so only those with one are looked at.
    """
    if here.inside is None or here.cause is not None:
        return
    is_call = node.__class__ is ast.FuncCall
    name = name_of(node.funcname) if is_call else relation_name(node)
    if is_call and name.schema is None:
        return
    known = here.catalog.functions_named(name) if is_call else here.catalog.relation(name)
    if known or (not is_call and _is_of_the_query(name, here)):
        return
    candidates = tuple(here.catalog.candidates(name))
    span = spans.call(here.statement, node) if is_call else _relation_span(node, here)
    here.run.awaited.append(Awaited(here.inside, candidates, span, is_call))
    yield None


def _relation_span(node: ast.RangeVar, here: Here) -> Span:
    if node.schemaname is None:
        return spans.word_at(here.statement, node.location)
    schema = spans.word_at(here.statement, node.location)
    behind = spans.find_words(here.statement, quote(node.relname), after=schema.end)
    return Span(here.statement, schema.start, behind.end) if behind else schema


def _is_of_the_query(name: Name, here: Here) -> bool:
    """Whether a WITH clause of the statement gives that name."""
    tree = here.statement.tree
    return name.schema is None and any(
        isinstance(part, ast.CommonTableExpr) and part.ctename == name.name
        for part in (walk(tree) if tree is not None else ())
    )


@detects("function-order", on=Catalog)
def made_later(catalog: Catalog, here: Here) -> Found:
    by_function: dict[int, list[tuple[Awaited, Name]]] = {}
    for awaited in here.run.awaited:
        made = _made(awaited, catalog)
        if made is not None and made.ref != awaited.routine and not here.missing(made.ref):
            function = awaited.span.statement.outermost
            by_function.setdefault(id(function), []).append((awaited, made.name))
    for named in by_function.values():
        first = named[0][0]
        function = first.span.statement.outermost
        routine = Name(first.routine.schema, first.routine.name)
        yield here.found(
            "function-order",
            first.span,
            about=first.routine,
            before=function.excerpt,
            function=routine,
            names=", ".join(dict.fromkeys(str(name) for _, name in named)),
            statement=function.excerpt.rstrip(";"),
        )


def _made(awaited: Awaited, catalog: Catalog) -> Table | View | Function | None:
    """What came under one of the names after all."""
    for name in awaited.candidates:
        if awaited.is_call:
            made = catalog.functions.get(name)
            if made:
                return made[0]
            continue
        relation = catalog.relations.get(name)
        if isinstance(relation, (Table, View)):
            return relation
    return None
