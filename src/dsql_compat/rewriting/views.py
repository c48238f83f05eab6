"""Views, materialized ones as plain ones, on the columns as the result has them."""

from __future__ import annotations

from dataclasses import dataclass

from pglast import ast

from dsql_compat.catalog.model import View
from dsql_compat.rewriting import printing
from dsql_compat.rewriting.function_bodies import own_text
from dsql_compat.rewriting.model import Item, Key
from dsql_compat.rewriting.partition_queries import without_partitions
from dsql_compat.rewriting.references import needs
from dsql_compat.rewriting.translation import translate
from dsql_compat.rewriting.translation_values import Untranslatable
from dsql_compat.rewriting.work import Work
from dsql_compat.sql import spans
from dsql_compat.sql.names import quote_list
from dsql_compat.sql.statements import Statement, parse_statement

_AS_PLAIN = (
    "a plain view: each query computes it anew, and REFRESH has nothing to do; where that is too "
    "slow, a table filled by the same query, and refilled when it is due, takes its place"
)


@dataclass(frozen=True, slots=True)
class _Made:
    """A view's statement for the result, or the reason why there is none."""

    sql: str = ""
    problem: str = ""
    notes: tuple[str, ...] = ()
    wanted: frozenset[Key] = frozenset()


def rewrite_views(work: Work) -> None:
    """Decide every view; one that needs another which is left is left as well."""
    waiting = {view.name: (view, _made(work, view)) for view in work.catalog.views()}
    while waiting:
        ready = [
            name
            for name, (_, made) in waiting.items()
            if made.problem
            or work.lacks(made.wanted) is not None
            or not {key.name for key in made.wanted if key.namespace == "relation"} & set(waiting)
        ]
        for name in ready or list(waiting):  # of views that need each other, none is kept
            view, made = waiting.pop(name)
            _decide(work, view, made, in_circle=not ready)


def _decide(work: Work, view: View, made: _Made, *, in_circle: bool) -> None:
    key = Key("relation", view.name)
    lacking = work.lacks(made.wanted)
    reason = made.problem
    if not reason and lacking is not None:
        reason = f"needs {lacking.ref}"
    if not reason and in_circle:
        reason = "it and another view need each other"
    if reason:
        work.settle(view.ref, "left", reason, view.statement, key=key)
        return
    found = work.settled(made.sql)
    if found.problem is not None:
        what = "DSQL refuses it"
        work.settle(view.ref, "left", what, view.statement, key=key, cause=found.problem)
        return
    work.items.append(Item(view.ref, found.sql, makes=key, needs=made.wanted))
    notes = [*made.notes, *found.said]
    if view.kind != "view":
        notes.insert(0, _AS_PLAIN)
    is_changed = bool(notes or found.applied) or found.sql != view.statement.excerpt.rstrip("; \n")
    work.settle(view.ref, "changed" if is_changed else "kept", "; ".join(notes))


def _made(work: Work, view: View) -> _Made:
    node = view.node
    if isinstance(node, ast.ViewStmt) and node.view.relpersistence == "t":
        return _Made(problem="a temporary view")
    if view.query is None:
        return _Made(problem="its query is not in the source")
    try:
        definition = _definition(work, view)
        sql = without_partitions(work, definition)
    except Untranslatable as reason:
        return _Made(problem=str(reason))
    translated = translate(work, sql, own=view.name)
    if translated.problem:
        return _Made(problem=translated.problem)
    tree = parse_statement(Statement(translated.sql)).tree
    wanted = needs(work.catalog, tree) - {Key("relation", view.name)}
    notes = translated.notes
    if translated.sql != definition:
        notes = ("on the columns as they are stored now", *notes)
    return _Made(translated.sql, "", notes, wanted)


def _definition(work: Work, view: View) -> str:
    """CREATE VIEW with the query's own text, comments and layout included."""
    node, statement = view.node, work.with_schemas(view.statement)
    if isinstance(view.statement.tree, ast.CreateSchemaStmt):
        return printing.statement(node)
    if isinstance(node, ast.ViewStmt):
        # A view made twice, first with columns of NULL, comes once in the result.
        return own_text(statement)
    into = node.into if isinstance(node, ast.CreateTableAsStmt) else None
    columns = into.colNames if into is not None else None
    listed = f" ({quote_list(part.sval for part in columns)})" if columns else ""
    return f"CREATE VIEW {view.name}{listed} AS\n{query_text(statement)}"


def query_text(statement: Statement) -> str:
    """The query that a table or materialized view is made of: behind AS, without its options."""
    start = spans.whole(statement).start
    end = spans.whole(statement).end
    depth = 0
    for token in statement.tokens:
        depth += (token.text == "(") - (token.text == ")")
        if not depth and token.text.upper() == "AS":
            start = token.end
            break
    words = [token for token in statement.tokens if token.text != ";"]
    tail = [token.text.upper() for token in words[-3:]]
    if tail == ["WITH", "NO", "DATA"]:
        end = words[-3].start
    elif tail[1:] == ["WITH", "DATA"]:
        end = words[-2].start
    return statement.text[start:end].strip()
