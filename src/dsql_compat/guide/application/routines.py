"""Procedures and functions that only the application can take over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pglast import ast

from dsql_compat.catalog.model import Function
from dsql_compat.guide.application.accepted import demand_accepted, demand_columns
from dsql_compat.guide.application.model import Part
from dsql_compat.guide.application.others import LEASES
from dsql_compat.guide.application.python import module, source_of
from dsql_compat.guide.application.routine_code import Written, written
from dsql_compat.guide.application.steps import Body, body_of
from dsql_compat.guide.application.telling import DETAILS, is_apart, told
from dsql_compat.guide.application.trigger_code import ByHandError
from dsql_compat.guide.application.trigger_kinds import (
    statements_of,
    watched_tables,
    written_by,
)
from dsql_compat.guide.words import Anchors
from dsql_compat.report.markdown import code, markup, table
from dsql_compat.rewriting.model import Fate, Key, Rewrite
from dsql_compat.rewriting.references import needs, routine_key
from dsql_compat.sql.names import Name

_MANY = 5  # routines without a line to tell, left for the same reason
_CALLERS = 8  # named in a line


@dataclass(frozen=True, slots=True)
class Case:
    """A routine that is not in the result; `reason` says why it is not in Python either."""

    function: Function
    fate: Fate
    body: Body
    callers: tuple[str, ...]
    written: Written | None = None
    reason: str = ""
    watched: tuple[Name, ...] = ()  # tables with triggers that it writes


def routine_part(rewrite: Rewrite) -> Part | None:
    """What becomes of the routines that the result lacks; None where there are none."""
    cases = routine_cases(rewrite)
    if not cases:
        return None
    done = [case.written for case in cases if case.written is not None]
    files: dict[str, str] = {}
    if done:
        files = {name: source_of(name.removesuffix(".py")) for name in ("leases.py", "work.py")}
        files["procedures.py"] = _module(done)
        if any(found.locks for found in done):
            files["leases.sql"] = LEASES
    ids = [f.id for case in cases for f in case.fate.findings if f.id]
    anchors = Anchors()
    addresses = {id(case): anchors.of("line by line", _called(case)) for case in cases}
    details = "\n".join(
        line
        for case in cases
        if case.written is None and case.body.steps
        for line in _by_hand(case, addresses[id(case)])
    )
    apart = is_apart(details)
    place = f"{DETAILS}.md" if apart else ""
    links = {key: f"{place}#{address}" for key, address in addresses.items()}
    lines = list(_explanation(cases, links))
    return Part(
        "routines",
        "Procedures and functions",
        "\n".join(lines if apart else [*lines, details]),
        files,
        tuple(dict.fromkeys(ids)),
        details if apart else "",
    )


def _called(case: Case) -> str:
    return f"{case.function.kind} {case.function.name}"


def routine_cases(rewrite: Rewrite) -> list[Case]:
    """Every routine that is left behind, but what triggers call, in the order of their names."""
    left = left_routines(rewrite)
    users = _users(rewrite)
    taken: set[str] = set()
    cases = []
    for function, fate in sorted(left, key=lambda f: (str(f[0].name), f[0].statement.start)):
        callers = tuple(users.get(routine_key(function), {}))
        cases.append(_case(rewrite, function, fate, callers, taken))
    return cases


def left_routines(rewrite: Rewrite) -> list[tuple[Function, Fate]]:
    """Every routine that is left behind, with its fate; what triggers call is told with them.

    Overloads share a name, so each is known by its statement.
    """
    left = {(fate.ref, id(s)): fate for fate in rewrite.left for s in fate.statements}
    return [
        (function, left[function.ref, id(function.statement)])
        for overloads in rewrite.catalog.functions.values()
        for function in overloads
        if (function.ref, id(function.statement)) in left and not function.returns_trigger
    ]


def _case(
    rewrite: Rewrite, function: Function, fate: Fate, callers: tuple[str, ...], taken: set[str]
) -> Case:
    if function.language != "plpgsql":
        return Case(function, fate, Body(), callers, None, _reason(fate))
    body = body_of(function.statement, is_trigger=False)
    name = _python_name(function.name.name, taken)
    try:
        made = written(rewrite.catalog, function, body, name)
        text = "\n".join(made.lines)
        demand_accepted(rewrite, text)
        demand_columns(rewrite, text)
        watched = tuple(t for t in watched_tables(rewrite) if written_by(rewrite, function, t))
    except ByHandError as error:
        return Case(function, fate, body, callers, None, str(error))
    taken.add(name)
    return Case(function, fate, body, callers, made, watched=watched)


def _reason(fate: Fate) -> str:
    """Why it is left; what DSQL refuses of it, where that is known."""
    refused = [f for f in fate.findings if f.status.status == "unsupported"]
    is_vague = fate.what == "DSQL refuses it" and refused
    return (
        refused[0].status.message.format_map(refused[0].facts).rstrip(".")
        if is_vague
        else fate.what
    )


def _python_name(name: str, taken: set[str]) -> str:
    plain = "".join(c if c.isalnum() and c.isascii() else "_" for c in name).strip("_").lower()
    plain = plain if plain.isidentifier() and plain not in _RESERVED else f"run_{plain}"
    number, unique = 1, plain
    while unique in taken:
        number += 1
        unique = f"{plain}_{number}"
    return unique


_RESERVED = {
    "work", "connection", "result", "row", "list", "tuple", "str", "range", "object", "None",
    "import", "pass", "return", "class", "def", "del", "is", "in", "not", "and", "or", "if",
    "for", "while", "lambda", "raise", "try", "with", "global", "yield", "assert", "number",
}  # fmt: skip


def _users(rewrite: Rewrite) -> dict[Key, dict[str, None]]:
    """Who in the schema calls which routine."""
    catalog = rewrite.catalog
    found: dict[Key, dict[str, None]] = {}

    def note(name: str, *roots: ast.Node | None) -> None:
        for key in needs(catalog, *roots):
            if key.namespace == "function":
                found.setdefault(key, {})[name] = None

    for functions in catalog.functions.values():
        for function in functions:
            note(f"{function.kind} {code(str(function.name))}", *statements_of(function.statement))
    for view in catalog.views():
        note(f"{view.kind} {code(str(view.name))}", view.query)
    for relation in catalog.tables():
        for column in relation.columns.values():
            note(f"the default of {code(f'{relation.name}.{column.name}')}", column.default)
        for constraint in relation.constraints_of("check"):
            note(f"check {code(constraint.name)} of {code(str(relation.name))}", constraint.node)
    for other in catalog.others.values():
        if other.kind in ("policy", "rule") and other.node is not None:
            note(f"{other.kind} {code(other.name.name)} on {code(str(other.table))}", other.node)
    return {
        key: dict.fromkeys(sorted(names))
        for key, names in sorted(found.items(), key=lambda pair: str(pair[0]))
    }


# -- the module ---------------------------------------------------------------------------------


def _module(done: list[Written]) -> str:
    body = "\n".join(line for found in done for line in found.lines)
    head = ["from __future__ import annotations", ""]
    head += ["from typing import Any", ""] if "Any" in body else []
    head += ["from .retry import Connection"]
    errors = "RoutineError, " if "RoutineError(" in body else ""
    head += [f"from .work import {errors}Work", "", ""]
    return module("Procedures and functions of the former database.", [*head, body.rstrip("\n")])


# -- the explanation ----------------------------------------------------------------------------


def _explanation(cases: list[Case], links: dict[int, str]) -> Iterator[str]:
    done = [case for case in cases if case.written is not None]
    number = (
        f"{len(cases)} routines of the source are" if len(cases) > 1 else "One of the source is"
    )
    yield (
        "DSQL runs functions of plain SQL and no procedures. Those that come down to queries are "
        f"SQL functions in the new schema. {number} left to the application; where nothing in this "
        "schema calls it, see whether the application does."
    )
    yield ""
    rows = [
        [_subjects(alike), _listed(_callers(alike)), _replacement(alike[0], links[id(alike[0])])]
        for alike in _rows(cases)
    ]
    yield table(["Routine", "Called in this schema by", "Replacement"], rows)
    yield ""
    if done:
        yield from _usage(done)


def _rows(cases: list[Case]) -> list[list[Case]]:
    """A row of the table each; many that fail for the same reason share one."""
    alike: dict[str, list[Case]] = {}
    for case in cases:
        if case.written is None and not case.body.steps:
            alike.setdefault(case.reason, []).append(case)
    many = {reason: found for reason, found in alike.items() if len(found) >= _MANY}
    rows: list[list[Case]] = []
    for case in cases:
        found = many.get(case.reason, []) if case in alike.get(case.reason, []) else []
        if not found:
            rows.append([case])
        elif case is found[0]:
            rows.append(found)
    return rows


def _subjects(alike: list[Case]) -> str:
    names = [f"{case.function.kind} {code(str(case.function.name))}" for case in alike]
    if len(alike) == 1:
        return names[0]
    return f"{len(alike)} routines: {_listed(tuple(dict.fromkeys(names)))}"


def _callers(alike: list[Case]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(caller for case in alike for caller in case.callers))


def _replacement(case: Case, link: str) -> str:
    if case.written is None:
        by_hand = f"[by hand]({link})" if case.body.steps else "by hand"
        return f"{by_hand}: {case.reason}".replace("|", r"\|")
    how = "commits as it goes" if case.written.commits else "inside of `retry.run`"
    fires = ", ".join(code(str(name)) for name in case.watched)
    without = f"; it writes {fires} without the triggers there" if fires else ""
    return f"{code(case.written.name)} of `procedures.py`, {how}{without}"


def _listed(callers: tuple[str, ...]) -> str:
    if len(callers) <= _CALLERS + 1:
        return ", ".join(callers) or "nothing"
    shown, rest = ", ".join(callers[:_CALLERS]), ", ".join(callers[_CALLERS:])
    return f"{shown} <details><summary>{len(callers) - _CALLERS} more</summary>{rest}</details>"


def _usage(done: list[Case]) -> Iterator[str]:
    both = [
        next((c.written for c in done if c.written and c.written.commits == commits), None)
        for commits in (True, False)
    ]
    committing, plain = both
    names = ", ".join(found.name for found in both if found is not None)
    yield "```python"
    yield from ("from application import retry", f"from application.procedures import {names}", "")
    if committing is not None:
        yield "# has transactions of its own, each repeated after a conflict"
        yield f"{committing.name}(connection, …)"
    if plain is not None:
        yield f"retry.run(connection, lambda c: {plain.name}(c, …))"
    yield from ("```", "")
    if any(case.watched for case in done):
        yield (
            "Statements of a routine fire nothing. Where the table says that it writes a table "
            "with triggers, let it call `Rows(connection, TABLES, TRIGGERS)` for these rows."
        )
        yield ""
    if committing is not None:
        yield (
            "What stood between two COMMITs is a function that `Work.unit` runs and repeats; it "
            "may change 3,000 rows. The rows of a loop are read before its first pass, as in "
            "PostgreSQL. A lock of the session is a lease that each unit renews: two runs still "
            "exclude each other, and a run that dies frees its lease after six minutes."
        )
        yield ""


def _by_hand(case: Case, address: str) -> Iterator[str]:
    name = markup(str(case.function.name))
    mark = f'<a id="{address}"></a>'
    yield f"<details><summary>{mark}{case.function.kind} {name}, line by line</summary>"
    yield ""
    yield f"By hand, because: {case.reason}."
    yield ""
    yield from told(case.body.steps, refuses="fails with")
    yield ""
    yield "</details>"
    yield ""
