"""Triggers become calls of the application: the same steps, at the same moments."""

from __future__ import annotations

import keyword
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from pglast import ast as tree

from dsql_compat.catalog.model import Function, Trigger
from dsql_compat.guide.application import trigger_kinds as kinds
from dsql_compat.guide.application.accepted import demand_accepted
from dsql_compat.guide.application.model import Part
from dsql_compat.guide.application.python import literal, module, source_of
from dsql_compat.guide.application.relations import key_of, made, pair
from dsql_compat.guide.application.steps import Body, body_of, every
from dsql_compat.guide.application.telling import is_apart, told
from dsql_compat.guide.application.trigger_code import (
    OUTBOX,
    ByHandError,
    condition,
    function_lines,
)
from dsql_compat.guide.words import all_listed
from dsql_compat.report.excerpt import mask_secrets
from dsql_compat.report.markdown import code as in_code
from dsql_compat.report.markdown import table as markdown_table
from dsql_compat.rewriting.model import Rewrite, Table
from dsql_compat.rewriting.printing import expression
from dsql_compat.sql.names import Name, name_of

_TITLED = 2  # triggers in a heading
_TOLD_APART = 3  # tables whose writers are listed one table after the other
_IDENTIFIER = re.compile(r"\W+")


@dataclass(frozen=True, slots=True)
class Case:
    """A trigger, what it does, and its replacement; `reason` says why there is none."""

    trigger: Trigger
    table: Name
    function: Function | None
    body: Body
    kinds: tuple[str, ...]
    lines: tuple[str, ...] = ()
    when: str = ""
    reason: str = ""


def trigger_part(rewrite: Rewrite) -> Part | None:
    """What becomes of the triggers; None where there are none."""
    cases = trigger_cases(rewrite)
    if not cases:
        return None
    files = {"retry.py": source_of("retry"), "rows.py": source_of("rows")}
    files |= trigger_modules(rewrite)
    lines = list(_explanation(rewrite, cases))
    details = "\n".join(line for alike in _together(cases) for line in _by_hand(alike))
    apart = is_apart(details)
    return Part(
        "triggers",
        "Triggers",
        "\n".join(lines if apart else [*lines, details]),
        files,
        tuple(
            finding.id
            for case in cases
            for ref in [case.trigger.ref, *([case.function.ref] if case.function else [])]
            for finding in rewrite.findings.get(ref, [])
            if finding.id
        ),
        details if apart else "",
    )


def _together(cases: list[Case]) -> list[list[Case]]:
    """Those left to a person, the ones told in the same words as one."""
    alike: dict[tuple[str, str, bool], list[Case]] = {}
    for case in cases:
        if not case.lines:
            is_instead = kinds.timing_of(case.trigger) == "INSTEAD OF"
            key = (str(case.trigger.function), case.reason, is_instead)
            alike.setdefault(key, []).append(case)
    return list(alike.values())


def trigger_cases(rewrite: Rewrite) -> list[Case]:
    """Every trigger of a table or view, in the order of their names."""
    triggers = [t for table in rewrite.catalog.tables() for t in table.triggers.values()]
    for other in rewrite.catalog.others.values():  # those of views
        if other.kind == "trigger" and isinstance(other.node, tree.CreateTrigStmt):
            table = Name(other.name.schema, other.table or "")
            function = name_of(other.node.funcname)
            name = other.name.name
            triggers.append(Trigger(name, table, function, other.statement, other.node))
    return [_case(rewrite, t) for t in sorted(triggers, key=lambda t: (str(t.table), t.name))]


def _case(rewrite: Rewrite, trigger: Trigger) -> Case:
    function = next(iter(kinds.functions_of(rewrite, trigger)), None)
    body = body_of(function.statement) if function is not None else Body()
    found = tuple(kinds.kinds_of(body))
    if trigger.function.name.startswith("tsvector_update_trigger"):
        found = ("fills a tsvector",)
    table = made(rewrite, rewrite.catalog.table(trigger.table))
    try:
        _demand_a_plain_trigger(trigger, function)
        if table is None:
            raise ByHandError(f"{in_code(str(trigger.table))} is not a table of the result")
        lines = tuple(function_lines(rewrite.catalog, body))
        clause = trigger.node.whenClause
        when = condition(rewrite.catalog, expression(clause)) if clause is not None else ""
        code = "\n".join([*lines, when])
        _demand_columns(table, code)
        demand_accepted(rewrite, code)
    except ByHandError as error:
        return Case(trigger, trigger.table, function, body, found, reason=str(error))
    return Case(trigger, table.name, function, body, found, lines, when)


def _demand_a_plain_trigger(trigger: Trigger, function: Function | None) -> None:
    if function is None:
        raise ByHandError(
            f"its function {in_code(str(trigger.function))} is not PL/pgSQL of this schema"
        )
    if not trigger.node.row:
        raise ByHandError("it fires once for a statement, not for each row")
    if kinds.timing_of(trigger) == "INSTEAD OF":
        raise ByHandError("it stands in for writes of a view")
    if trigger.node.deferrable:
        raise ByHandError("it can wait for COMMIT")


def _demand_columns(table: Table, text: str) -> None:
    columns = {column.name: column for column in table.columns}
    used = {a or b for a, b in re.findall(r'\(SELECT (?:"([^"]+)"|(\w+)) FROM (?:new|old)\)', text)}
    used |= set(re.findall(r'fired\.set\("([^"]+)"', text))
    for name in sorted(used - {"new", "old"}):
        column = columns.get(name) or columns.get(name.lower())
        if column is None:
            raise ByHandError(f"its column {in_code(str(name))} is not in the rewritten table")
        if column.conversion not in ("same", "text", "unpadded"):
            raise ByHandError(f"its column {in_code(str(name))} is {column.type} by now")


# -- the module ---------------------------------------------------------------------------------


def trigger_modules(rewrite: Rewrite) -> dict[str, str]:
    """tables.py and triggers.py, which are there whether or not there are triggers."""
    return {"tables.py": _tables(rewrite), "triggers.py": _triggers(trigger_cases(rewrite))}


def _tables(rewrite: Rewrite) -> str:
    lines = [
        "from __future__ import annotations",
        "",
        "from .rows import Name, Table",
        "",
        "TABLES: dict[Name, Table] = {",
    ]
    for table in sorted(rewrite.tables, key=lambda t: str(t.name)):
        lines += _table(table)
    return module(
        "The tables of this database, with their primary keys and defaults.", [*lines, "}"]
    )


def _table(table: Table) -> list[str]:
    name = literal(pair(table.name))
    defaults = {c.name: c.default for c in table.columns if c.default is not None}
    json = frozenset(c.name for c in table.columns if c.type in ("json", "jsonb"))
    if not defaults and not json:
        return [f"    {name}: Table({name}, {literal(key_of(table))}),"]
    lines = [f"    {name}: Table(", f"        {name},", f"        {literal(key_of(table))},"]
    if defaults:
        pairs = [f"            {literal(c)}: {literal(d)}," for c, d in defaults.items()]
        lines += ["        {", *pairs, "        },"]
    if json:
        lines.append(f"        json={literal(json)},")
    return [*lines, "    ),"]


def _triggers(cases: list[Case]) -> str:
    translated = [case for case in cases if case.lines]
    bodies = "\n".join(line for case in translated for line in case.lines)
    names = ["Fired", "Trigger", *(["TriggerError"] if "TriggerError" in bodies else [])]
    names = ["Trigger"] if not translated else names
    lines = ["from __future__ import annotations", "", f"from .rows import {', '.join(names)}", ""]
    done: dict[Name, str] = {}
    for case in translated:
        if case.function is not None and case.function.name not in done:
            done[case.function.name] = _python_name(case.function.name, done)
            lines += _function(case, done[case.function.name])
    lines += ["", "TRIGGERS: tuple[Trigger, ...] = ("]
    for case in translated:
        assert case.function is not None
        lines += _entry(case, done[case.function.name])
    return module("What the triggers of the former database did.", [*lines, ")"])


def _python_name(name: Name, taken: dict[Name, str]) -> str:
    plain = _IDENTIFIER.sub("_", name.name).strip("_").lower() or "trigger"
    plain = f"_{plain}" if plain[0].isdigit() or keyword.iskeyword(plain) else plain
    return f"{plain}_{len(taken)}" if plain in {*taken.values(), "fired"} else plain


def _function(case: Case, name: str) -> list[str]:
    assert case.function is not None
    purpose = ", ".join(case.kinds) or "does nothing"
    body = "\n".join(case.lines)
    return [
        "",
        f"def {name}(fired: Fired) -> bool:",
        f'    """`{case.function.name}`: {purpose}."""'.replace("\\", ""),
        textwrap.indent(body, "    "),
        "",
    ]


def _entry(case: Case, function: str) -> list[str]:
    trigger = case.trigger
    lines = [
        "    Trigger(",
        f"        name={literal(trigger.name)},",
        f"        table={literal(pair(case.table))},",
        f"        timing={literal(kinds.timing_of(trigger))},",
        f"        events={literal(frozenset(kinds.events_of(trigger)))},",
        f"        run={function},",
    ]
    columns = frozenset(part.sval for part in trigger.node.columns or ())
    if columns:
        lines.append(f"        columns={literal(columns)},")
    if case.when:
        lines.append(f"        condition=lambda fired: {case.when},")
    if trigger.node.args:
        lines.append(f"        arguments={literal(tuple(a.sval for a in trigger.node.args))},")
    return [*lines, "    ),"]


# -- the explanation ----------------------------------------------------------------------------


def _explanation(rewrite: Rewrite, cases: list[Case]) -> Iterator[str]:
    done = [case for case in cases if case.lines]
    left = [case for case in cases if not case.lines]
    yield (
        f"DSQL has no triggers. {_count(len(cases), len(done))}"
        + (
            " as Python that runs inside the transaction of the write: same order, same "
            "conditions, and `old` and `new` as before."
            if done
            else "."
        )
        + (f" {_left(len(left), len(cases))}" if left else "")
    )
    yield ""
    yield "| Trigger | Fires | What it does | Replacement |"
    yield "|---|---|---|---|"
    for case in cases:
        fires = f"{kinds.timing_of(case.trigger)} {' or '.join(kinds.events_of(case.trigger))}"
        what = "; ".join(kinds.KINDS[kind] for kind in case.kinds) or "nothing that can be told"
        where = "`triggers.py`" if case.lines else f"by hand: {case.reason}".replace("|", r"\|")
        trigger, on_table = in_code(case.trigger.name), in_code(str(case.table))
        yield f"| {trigger} on {on_table} | {fires} | {what} | {where} |"
    yield ""
    if done:
        table = pair(done[0].table)
        yield from (
            "```python",
            "from application import retry",
            "from application.rows import Rows",
            "from application.tables import TABLES",
            "from application.triggers import TRIGGERS",
            "",
            "retry.run(",
            "    connection,",
            f"    lambda c: Rows(c, TABLES, TRIGGERS).insert({table!r}, {{…}}),",
            ")",
            "```",
            "",
        )
    yield from _shorter(rewrite, done)
    yield from _writers(rewrite, cases)


def _count(all_of_them: int, done: int) -> str:
    """How many there are, and how many of them are in the module."""
    if all_of_them == 1:
        return "The one here is in `triggers.py`" if done else "There is one here"
    if not done:
        return f"There are {all_of_them} here"
    are = "are" if done > 1 else "is"
    return f"Of {all_of_them} here, {done if done < all_of_them else 'all'} {are} in `triggers.py`"


def _left(left: int, all_of_them: int) -> str:
    if left == all_of_them:
        return (
            "A person has to write what takes its place; see below."
            if left == 1
            else ("A person has to write what takes their place; each is explained below.")
        )
    return f"{left} {'needs' if left == 1 else 'need'} a person, as explained below."


def _writers(rewrite: Rewrite, cases: list[Case]) -> Iterator[str]:
    """Who writes the tables in the schema itself; for many tables as one table."""
    tables = dict.fromkeys(case.table for case in cases)
    found = {name: listed for name in tables if (listed := kinds.writers(rewrite, name))}
    if len(found) > _TOLD_APART:
        yield "Writers of these tables in this schema, which no longer fire anything:"
        yield ""
        yield markdown_table(
            ["Table", "Written by"],
            [[in_code(str(name)), "<br>".join(listed)] for name, listed in found.items()],
        )
        yield ""
        return
    for name, listed in found.items():
        yield f"Writers of {in_code(str(name))} in this schema, which no longer fire anything:"
        yield ""
        yield from (f"- {writer}" for writer in listed)
        yield ""


def _touches(cases: list[Case]) -> dict[tuple[str, str, bool], list[Case]]:
    """Triggers that only set a column to the time, by what they set and whether it has an effect.

    PostgreSQL ignores what an AFTER trigger does to NEW.
    """
    found: dict[tuple[str, str, bool], list[Case]] = {}
    for case in cases:
        steps = [step for step in every(case.body.steps) if step.kind == "assign"]
        if set(case.kinds) == {"touches a timestamp"} and len(steps) == 1:
            column = steps[0].target.removeprefix("new.")
            has_effect = kinds.timing_of(case.trigger) == "BEFORE"
            found.setdefault((column, steps[0].text, has_effect), []).append(case)
    return found


def _shorter(rewrite: Rewrite, cases: list[Case]) -> Iterator[str]:
    """What can be said with less than a module."""
    for (column, text, has_effect), alike in _touches(cases).items():
        names = all_listed((str(case.trigger.name) for case in alike), _TITLED)
        tables = all_listed((str(case.table) for case in alike), _TITLED)
        if has_effect:
            yield (
                f"- {names} in less: `UPDATE … SET …, {column} = {text} WHERE …` in every update "
                f"of {tables} by the application."
            )
        else:
            change = "change" if len(alike) > 1 else "changes"
            yield (
                f"- {names} {change} {in_code(column)} of `NEW` AFTER the row is written, which "
                "PostgreSQL ignores: nothing is lost without. If the time was meant to be kept, "
                f"set it in every update of {tables}."
            )
    if any("audit row" in case.kinds for case in cases):
        yield (
            "- Audit rows that may come a little late do not have to be written by the "
            "application: a change-data-capture stream of the cluster, where it is available, "
            "carries every change, but of an updated row only what it became."
        )
    if any("notifies" in case.kinds for case in cases):
        yield f"- What was `pg_notify` is a row of `{OUTBOX}` now: see LISTEN and NOTIFY."
    if any("counter" in case.kinds for case in cases):
        yield (
            "- A counter that many transactions raise is one row that all of them change: they "
            "will conflict. Count when reading, or spread the number over several rows."
        )
    yield ""


def _by_hand(alike: list[Case]) -> Iterator[str]:
    case = alike[0]
    names = ", ".join(f"{c.trigger.name} on {c.table}" for c in alike[:_TITLED])
    more = len(alike) - _TITLED
    yield f"### {names} and {more} more" if more > 0 else f"### {names}"
    yield ""
    if more > 0:
        listed = ", ".join(f"{in_code(c.trigger.name)} on {in_code(str(c.table))}" for c in alike)
        yield f"The same function for {listed}."
        yield ""
    yield f"By hand, because: {case.reason}. What it does, line by line:"
    yield ""
    if kinds.timing_of(case.trigger) == "INSTEAD OF":
        yield (
            "Where the application wrote to the view, it carries out these statements instead, in "
            "one transaction; `NEW` and `OLD` are the row it wanted and the row it read."
        )
        yield ""
    if case.function is None:
        called = in_code(str(case.trigger.function))
        yield f"- calls {called}, which is not a PL/pgSQL function of this schema"
    yield from told(case.body.steps)
    if case.function is not None:
        yield from ("", "```sql", mask_secrets("\n".join(case.body.lines).strip("\n")), "```")
    yield ""
