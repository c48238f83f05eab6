"""Functions: SQL ones are kept if DSQL can run them, PL/pgSQL that is a query becomes SQL."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pglast import ast
from pglast.parser import ParseError

from dsql_compat.catalog.model import Function
from dsql_compat.findings import Finding, Unanalysed
from dsql_compat.rewriting.caseless import is_caseless
from dsql_compat.rewriting.function_bodies import own_text, with_body, with_columns
from dsql_compat.rewriting.model import Item, Key
from dsql_compat.rewriting.plpgsql_queries import query_body
from dsql_compat.rewriting.references import (
    lost_names,
    needs,
    routine_key,
    search_path_of,
    unknown_names,
)
from dsql_compat.rewriting.routine_changes import (
    FOLDED,
    changes_of,
    settle_changes,
    settle_superseded,
    with_changes,
)
from dsql_compat.rewriting.translation_values import Untranslatable
from dsql_compat.rewriting.work import Settled, Work
from dsql_compat.sql.bodies import read_body
from dsql_compat.sql.names import Name, name_of
from dsql_compat.sql.plpgsql import body_text
from dsql_compat.sql.statements import Statement, parse_statement

_CONVERTED = "a SQL function now; its PL/pgSQL body came down to queries"
_AS_FUNCTION = (
    "a procedure; its body is plain SQL, so a function RETURNS void with the same body, called by "
    "SELECT, does the same"
)

_WITH_SCHEMAS = (
    "the names in its body have the schema that the source's search_path found them in, whoever "
    "calls it"
)


@dataclass(frozen=True, slots=True)
class _Made:
    """A function for the result, or the reason why there is none."""

    function: Function
    sql: str = ""
    problem: str = ""
    notes: tuple[str, ...] = ()
    wanted: frozenset[Key] = frozenset()

    @property
    def key(self) -> Key:
        """What others need it by."""
        return routine_key(self.function)


def rewrite_routines(work: Work) -> None:
    """Decide every routine; one that needs another which is left is left as well."""
    waiting: list[_Made] = []
    superseded, changes = settle_superseded(work), changes_of(work)
    for overloads in work.catalog.functions.values():
        for function in overloads:
            if id(function.statement) in superseded:
                continue
            own = changes.get(routine_key(function), [])
            with search_path_of(work.catalog, _changed(function, own)):
                made = _made(work, function, own)
            if made.problem:
                _leave(work, made, made.problem)
            else:
                waiting.append(made)
    taken: list[tuple[_Made, Settled]] = []
    for made in waiting:
        found = work.settled(made.sql)
        if found.problem is None:
            taken.append((made, found))
        else:
            _leave(work, made, "DSQL refuses it", found.problem)
    for made in _in_circles(work, [made for made, _ in taken]):
        _leave(work, made, "it and what it needs need each other")
    taken = [pair for pair in taken if pair[0].key not in work.gone]
    while lacking := [(pair, fate) for pair in taken if (fate := work.lacks(pair[0].wanted))]:
        for pair, fate in lacking:
            taken.remove(pair)
            _leave(work, pair[0], f"needs {fate.ref}")
    for made, found in taken:
        if made.key not in work.gone:
            _keep(work, made, found)
    settle_changes(work, changes)


def _changed(function: Function, changes: list[Statement]) -> Function:
    """A routine as it is in the end, which its settings tell."""
    return replace(function, node=with_changes(function.statement, changes).tree)


def rejudge_routines(work: Work) -> None:
    """Leave what DSQL refuses once tables and views are known, which the bodies read."""
    for item in [i for i in work.items if i.makes is not None and i.makes.namespace == "function"]:
        found = work.settled(item.sql)
        if found.problem is None and not found.applied:
            continue
        place = next(
            n for n, f in enumerate(work.fates) if f.ref == item.ref and f.outcome != "left"
        )
        fate = work.fates.pop(place)
        at = work.items.index(item)
        if found.problem is None:
            work.items[at] = replace(item, sql=found.sql)
            work.settle(item.ref, "changed", "; ".join(filter(None, [fate.what, *found.said])))
            continue
        del work.items[at]
        makers = [
            function.statement
            for function in work.catalog.functions_named(Name(item.ref.schema, item.ref.name))
            if routine_key(function) == item.makes
        ]
        what = "DSQL refuses it"
        told = {finding.rule for finding in work.findings.get(item.ref, ())}
        cause = None if found.problem.rule in told else found.problem
        work.settle(item.ref, "left", what, *makers[-1:], key=item.makes, cause=cause)


def _in_circles(work: Work, functions: list[_Made]) -> list[_Made]:
    """Functions that need themselves, by others, views or the defaults and checks of tables.

    DSQL reads a body when it is made, so none of a circle can come first.
    """
    wanted = {made.key: made.wanted for made in functions}
    for table in work.catalog.tables():
        parts = [column.default for column in table.columns.values()]
        parts += [constraint.node.raw_expr for constraint in table.constraints_of("check")]
        wanted[Key("relation", table.name)] = needs(work.catalog, *parts)
    for view in work.catalog.views():
        wanted[Key("relation", view.name)] = needs(work.catalog, view.query)
    return [made for made in functions if _reaches_itself(made.key, wanted)]


def _reaches_itself(key: Key, wanted: dict[Key, frozenset[Key]]) -> bool:
    seen: set[Key] = set()
    pending = list(wanted[key])
    while pending:
        other = pending.pop()
        if other == key:
            return True
        if other not in seen:
            seen.add(other)
            pending += wanted.get(other, ())
    return False


def _leave(work: Work, made: _Made, reason: str, cause: Finding | None = None) -> None:
    function = made.function
    work.settle(function.ref, "left", reason, function.statement, key=made.key, cause=cause)


def _keep(work: Work, made: _Made, found: Settled) -> None:
    work.items.append(Item(made.function.ref, found.sql, makes=made.key, needs=made.wanted))
    notes = [*made.notes, *found.said]
    work.settle(made.function.ref, "changed" if notes else "kept", "; ".join(notes))


# -- what becomes of one ------------------------------------------------------------------------


def _made(work: Work, function: Function, changes: list[Statement]) -> _Made:
    """The statement for the result."""
    statement, notes = work.with_schemas(function.statement), []
    if body_text(statement.tree) != body_text(function.statement.tree):
        notes.append(_WITH_SCHEMAS)
    folded = with_changes(statement, changes)
    if folded is not statement:
        statement = folded
        notes.append(FOLDED)
    if function.kind == "procedure" and function.language == "sql":
        return _Made(function, problem=_AS_FUNCTION)
    if function.kind != "function":
        article = "an" if function.kind == "aggregate" else "a"
        return _Made(function, problem=f"{article} {function.kind}")
    if function.language == "plpgsql" and not function.returns_trigger:
        body = query_body(statement, work.catalog)
        if body.problem:
            return _Made(function, problem=f"written in plpgsql: {body.problem}")
        converted = with_body(statement, body.sql, language="sql")
        if converted is None:
            return _Made(function, problem="written in plpgsql: its text cannot be edited")
        statement = parse_statement(Statement(converted))
        notes.append(_CONVERTED)
        if _returns_void(statement.tree):
            notes.append("what it returns is NULL, where PL/pgSQL has an empty value")
    elif function.language != "sql":
        kind = "a trigger function, " if function.returns_trigger else ""
        return _Made(function, problem=f"{kind}written in {function.language}")
    if work.has_caseless or "citext" in statement.text:
        caseless = _caseless_parts(work, statement.tree)
        if caseless:
            what = f"{caseless} is citext: its body has to compare lower() of both sides"
            return _Made(function, problem=what)
    try:
        sql, more = with_columns(work, statement)
    except Untranslatable as reason:
        return _Made(function, problem=str(reason))
    except ParseError as error:
        return _Made(function, problem=f"its body does not parse: {error.args[0]}")
    if sql != own_text(statement):
        notes.append("on the columns as they are stored now")
    trees = _trees(parse_statement(Statement(sql)))
    lost = lost_names(work.catalog, trees)
    if lost:
        what = f"it names {lost[0]} without the schema, and DSQL reads a body when it is made"
        return _Made(function, problem=what)
    unknown = unknown_names(work.catalog, trees[1:])
    if unknown:
        return _Made(function, problem=f"it needs {unknown[0]}, which the source does not hold")
    wanted = needs(work.catalog, *trees) - {routine_key(function)}
    return _Made(function, sql, "", (*notes, *more), wanted)


def _trees(statement: Statement) -> list[ast.Node | None]:
    """A routine's statement and those of its body."""
    parts = [part.tree for part in read_body(statement) if not isinstance(part, Unanalysed)]
    return [statement.tree, *parts]


def _caseless_parts(work: Work, tree: ast.Node | None) -> str:
    """An argument or result of citext, which would be compared as what it was."""
    assert isinstance(tree, ast.CreateFunctionStmt)
    for parameter in tree.parameters or ():
        if is_caseless(work.catalog, parameter.argType):
            return f"its argument {parameter.name}" if parameter.name else "an argument of it"
    return "its result" if is_caseless(work.catalog, tree.returnType) else ""


def _returns_void(tree: ast.Node | None) -> bool:
    node = getattr(tree, "returnType", None)
    return node is not None and name_of(node.names).name == "void"
