"""What a trigger function does, told from its steps; and who writes the tables it watches."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from pglast import ast
from pglast.parser import ParseError, parse_sql

from dsql_compat.catalog.model import Function, Trigger
from dsql_compat.guide.application.steps import Body, Step, every
from dsql_compat.guide.application.trigger_code import home_of
from dsql_compat.report.markdown import code
from dsql_compat.rewriting.model import Rewrite
from dsql_compat.sql.bodies import read_body
from dsql_compat.sql.names import Name, relation_name
from dsql_compat.sql.statements import Statement
from dsql_compat.sql.walk import walk

_NOW = re.compile(
    r"\(*\s*(now\s*\(\)|current_timestamp|clock_timestamp\s*\(\)|statement_timestamp\s*\(\)"
    r"|transaction_timestamp\s*\(\)|localtimestamp)",
    re.I,
)
_SEARCH = re.compile(r"to_tsvector|setweight|tsvector_update_trigger", re.I)
_WHOLE_ROW = re.compile(
    r"(to_jsonb?|row_to_json|hstore)\s*\(\s*(new|old)\b|\b(new|old)\.\*|TG_OP", re.I
)
_NOTIFY = re.compile(r"\bpg_notify\s*\(|\bNOTIFY\b", re.I)

# The kinds, in the order they are told in, with what each means for the application.
KINDS = {
    "touches a timestamp": "sets a column to the time of the change",
    "fills a tsvector": "computes a search vector: there is no column to keep it in",
    "sets columns": "computes columns of the row itself",
    "validates": "refuses rows that break a rule",
    "audit row": "notes the change in another table",
    "counter": "keeps a number in another table",
    "denormalised copy": "copies values of the row to another table",
    "deletes elsewhere": "deletes rows of another table",
    "writes elsewhere": "writes to another table",
    "notifies": "tells listeners about the change",
    "calls functions": "leaves the work to other functions",
    "dynamic SQL": "makes up its statements at run time",
}


def kinds_of(body: Body) -> list[str]:
    """The kinds that a function's steps have."""
    steps = list(every(body.steps))
    found = {kind for step in steps for kind in _kinds(step)}
    text = "\n".join(body.lines)
    if body.hindrance and _NOTIFY.search(text):
        found.add("notifies")
    return [kind for kind in KINDS if kind in found]


def _kinds(step: Step) -> Iterator[str]:
    if step.kind == "assign" and step.target.startswith("new."):
        if _SEARCH.search(step.text):
            yield "fills a tsvector"
        else:
            yield "touches a timestamp" if _NOW.match(step.text) else "sets columns"
    elif step.kind == "raise" and step.is_error:
        yield "validates"
    elif step.kind == "perform":
        yield "notifies" if _NOTIFY.search(step.text) else "calls functions"
    elif step.kind == "other" and "EXECUTE" in step.word:
        yield "dynamic SQL"
    elif step.kind == "sql":
        yield from _written(step.text)


def _written(text: str) -> Iterator[str]:
    try:
        nodes = [raw.stmt for raw in parse_sql(text)]
    except ParseError:
        return
    for node in nodes:
        match node:
            case ast.InsertStmt():
                yield "audit row" if _WHOLE_ROW.search(text) else "writes elsewhere"
            case ast.UpdateStmt():
                yield "counter" if _counts(node) else "denormalised copy"
            case ast.DeleteStmt():
                yield "deletes elsewhere"
            case ast.NotifyStmt():
                yield "notifies"


def _counts(node: ast.UpdateStmt) -> bool:
    """SET n = n + 1, or from count() or sum()."""
    for target in node.targetList or ():
        for inner in walk(target.val):
            if isinstance(inner, ast.A_Expr) and inner.name[0].sval in ("+", "-"):
                columns = [c for c in walk(inner) if isinstance(c, ast.ColumnRef)]
                if any(getattr(c.fields[-1], "sval", "") == target.name for c in columns):
                    return True
            if isinstance(inner, ast.FuncCall) and inner.funcname[-1].sval in ("count", "sum"):
                return True
    return False


# -- writers ------------------------------------------------------------------------------------


def writers(rewrite: Rewrite, table: Name) -> list[str]:
    """Everything in the schema that writes a table, as the guide names it."""
    found: dict[str, None] = {}
    for functions in rewrite.catalog.functions.values():
        for function in functions:
            for verb in _verbs(rewrite, function.statement, table):
                found[f"{function.kind} {code(str(function.name))} ({verb})"] = None
    for other in rewrite.catalog.others.values():
        if other.kind == "rule" and other.node is not None:
            label = f"rule {code(str(other.name.name))} on {code(str(other.table))}"
            for verb, written in _writes_in(other.node):
                if home_of(rewrite.catalog, written) == table:
                    found[f"{label} ({verb})"] = None
    for view in rewrite.catalog.views():
        if view.kind == "view" and _passes_on(rewrite, view.query, table):
            found[f"view {code(str(view.name))} (PostgreSQL passes writes of it on)"] = None
    for parent in rewrite.catalog.tables():
        for constraint in parent.constraints_of("foreign key"):
            if parent.name == table and constraint.node.fk_del_action in ("c", "n", "d"):
                name, parent_name = code(constraint.name), code(str(constraint.referenced))
                found[f"foreign key {name} (a delete in {parent_name})"] = None
    return list(found)


@lru_cache(maxsize=1024)  # each is asked for once a table and once for its callers
def statements_of(routine: Statement) -> tuple[ast.Node, ...]:
    """The trees of a routine's statements."""
    parts = [part for part in read_body(routine) if isinstance(part, Statement)]
    return tuple(part.tree for part in parts if part.tree is not None)


@lru_cache(maxsize=1024)
def _writes_of(routine: Statement) -> tuple[tuple[str, Name], ...]:
    return tuple(write for tree in statements_of(routine) for write in _writes_in(tree))


def _verbs(rewrite: Rewrite, routine: Statement, table: Name) -> Iterator[str]:
    for verb, name in _writes_of(routine):
        if name.name == table.name and home_of(rewrite.catalog, name) == table:
            yield verb


_VERBS = {ast.InsertStmt: "INSERT", ast.UpdateStmt: "UPDATE", ast.DeleteStmt: "DELETE"}


def _writes_in(tree: ast.Node) -> Iterator[tuple[str, Name]]:
    for node in walk(tree):
        verb = _VERBS.get(type(node))
        if verb:
            yield verb, relation_name(node.relation)
        if isinstance(node, ast.TruncateStmt):
            yield from (("TRUNCATE", relation_name(r)) for r in node.relations)


def _passes_on(rewrite: Rewrite, query: ast.Node | None, table: Name) -> bool:
    """Whether a view shows one table only, row by row."""
    if not isinstance(query, ast.SelectStmt) or len(query.fromClause or ()) != 1:
        return False
    [only] = query.fromClause
    is_plain = not (
        query.groupClause or query.distinctClause or query.havingClause or query.limitCount
    )
    return (
        is_plain
        and isinstance(only, ast.RangeVar)
        and home_of(rewrite.catalog, relation_name(only)) == table
    )


def watched_tables(rewrite: Rewrite) -> list[Name]:
    """The tables that have triggers."""
    return sorted((t.name for t in rewrite.catalog.tables() if t.triggers), key=str)


def written_by(rewrite: Rewrite, function: Function, table: Name) -> bool:
    """Whether statements of a routine write a table."""
    return any(_verbs(rewrite, function.statement, table))


# -- triggers -----------------------------------------------------------------------------------

_BEFORE, _INSTEAD = 2, 64
_EVENTS = {4: "INSERT", 8: "DELETE", 16: "UPDATE", 32: "TRUNCATE"}


def timing_of(trigger: Trigger) -> str:
    """BEFORE, AFTER or INSTEAD OF."""
    timing = int(trigger.node.timing or 0)
    return "BEFORE" if timing & _BEFORE else "INSTEAD OF" if timing & _INSTEAD else "AFTER"


def events_of(trigger: Trigger) -> list[str]:
    """INSERT, UPDATE, DELETE and TRUNCATE, those it fires on."""
    return [word for bit, word in _EVENTS.items() if int(trigger.node.events or 0) & bit]


def functions_of(rewrite: Rewrite, trigger: Trigger) -> list[Function]:
    """The function that a trigger calls; none if it is PostgreSQL's own."""
    named = rewrite.catalog.functions.get(trigger.function, [])
    named = named or rewrite.catalog.functions_named(trigger.function)
    return [f for f in named if f.language == "plpgsql"][:1]
