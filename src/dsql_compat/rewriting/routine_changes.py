"""ALTER FUNCTION folded into the definition, where DSQL wants all attributes; the last one wins."""

from __future__ import annotations

from pglast import ast

from dsql_compat.checks.session import ACCEPTED
from dsql_compat.findings import ObjectRef
from dsql_compat.rewriting.model import Key
from dsql_compat.rewriting.references import needs, routine_key
from dsql_compat.rewriting.work import Work
from dsql_compat.sql import spans
from dsql_compat.sql.routine_attributes import Attribute, attributes, end_of_attributes
from dsql_compat.sql.statements import Statement, parse_statement

Changes = dict[Key, list[Statement]]
FOLDED = "with what ALTER FUNCTION made of it"


def settle_superseded(work: Work) -> set[int]:
    """Absorb routines whose signature is defined anew later on; their statements, by id()."""
    gone: set[int] = set()
    for overloads in work.catalog.functions.values():
        last = {routine_key(function): function for function in overloads}
        for function in overloads:
            if last[routine_key(function)] is not function:
                gone.add(id(function.statement))
                what = "defined anew later on"
                work.settle(function.ref, "absorbed", what, function.statement)
    return gone


def changes_of(work: Work) -> Changes:
    """The ALTER FUNCTIONs that count for each routine: those behind its last definition."""
    made = {
        id(function.statement): routine_key(function)
        for overloads in work.catalog.functions.values()
        for function in overloads
    }
    found: Changes = {}
    for statement in work.statements:
        if id(statement) in made:
            found[made[id(statement)]] = []
            continue
        changed = _changed(work, statement)
        if changed is not None:
            found.setdefault(changed, []).append(statement)
    return found


def _changed(work: Work, statement: Statement) -> Key | None:
    """The routine whose attributes a statement changes in a way that the text tells."""
    if not isinstance(statement.tree, ast.AlterFunctionStmt):
        return None
    tree = work.with_schemas(statement).tree
    keys = [key for key in needs(work.catalog, tree) if key.namespace == "function"]
    return keys[0] if len(keys) == 1 and attributes(statement) else None


def _is_refused(attribute: Attribute) -> bool:
    """Whether DSQL takes it in no definition, or only a session knows its value."""
    if attribute.name == "leakproof":
        return not attribute.text.upper().startswith("NOT")
    if attribute.does == "value" and attribute.name.startswith("set "):
        return attribute.name.removeprefix("set ") not in ACCEPTED
    return attribute.does == "current" or attribute.name == "support"


def with_changes(statement: Statement, changes: list[Statement]) -> Statement:
    """A definition whose attributes are those that it has after all changes."""
    own = attributes(statement)
    state = {attribute.name: attribute.text for attribute in own}
    for attribute in (a for change in changes for a in attributes(change)):
        match attribute.does:
            case "reset all":
                state = {n: text for n, text in state.items() if not n.startswith("set ")}
            case "reset":
                state.pop(attribute.name, None)
            case _ if not _is_refused(attribute):
                state[attribute.name] = attribute.text
    edits = [(a.start, a.end, state.pop(a.name, "")) for a in own]
    if state:
        at = end_of_attributes(statement)
        edits.append((at, at, " ".join([*state.values(), ""])))
    edits = [(start, end, new) for start, end, new in edits if statement.text[start:end] != new]
    return parse_statement(Statement(spans.edited(statement, edits))) if edits else statement


def settle_changes(work: Work, changes: Changes) -> None:
    """Say what became of every ALTER FUNCTION."""
    folded = {id(statement): key for key, those in changes.items() for statement in those}
    for statement in work.statements:
        if not isinstance(statement.tree, ast.AlterFunctionStmt):
            continue
        ref = ObjectRef("statement", "ALTER FUNCTION")
        target = _changed(work, statement)
        if target is None:
            work.settle(ref, "left", "of no function that the source holds, by its text", statement)
        elif id(statement) not in folded:
            work.settle(ref, "absorbed", "the function is defined anew later on", statement)
        elif target in work.gone:
            what = f"said of {work.gone[target].ref}, which is not there"
            work.settle(ref, "left", what, statement)
        elif refused := [a.text for a in attributes(statement) if _is_refused(a)]:
            what = f"DSQL refuses {', '.join(refused)}; the function is there without it"
            work.settle(ref, "left", what, statement)
        else:
            work.settle(ref, "absorbed", "part of the function's definition", statement)
