"""A procedure or function in PL/pgSQL, written again in Python; or why a person has to do that.

What stands between two COMMITs is one unit: a function of the module that can run again.
"""

from __future__ import annotations

import keyword
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field

from pglast import enums

from dsql_compat.catalog.model import Catalog, Function
from dsql_compat.guide.application.python import literal
from dsql_compat.guide.application.steps import Body, Step, every
from dsql_compat.guide.application.trigger_code import (
    ByHandError,
    Translation,
    raised,
    sql_literal,
)
from dsql_compat.report.markdown import code
from dsql_compat.rewriting.printing import expression
from dsql_compat.sql.names import name_of

_MODE = enums.FunctionParameterMode
_TRY = re.compile(
    r"\s*NOT\s+\(?\s*(?:pg_catalog\.)?pg_try_advisory_lock\s*\((.*)\)\s*\)?\s*", re.I | re.S
)
_UNLOCK = re.compile(r"\s*SELECT\s+(?:pg_catalog\.)?pg_advisory_unlock\s*\((.*)\)\s*", re.I | re.S)
_HASHED = re.compile(
    r"\s*(?:pg_catalog\.)?hashtext(?:extended)?\s*\(\s*'([^']+)'\s*(?:::text)?\s*(?:,\s*0\s*)?\)\s*",
    re.I,
)
_LIMITED = re.compile(r"\b(char|varchar|character|bit|varying)\b.*\(", re.I)
_NUMBER = re.compile(r"\s*(\d+)\s*")


@dataclass(frozen=True, slots=True)
class Parameter:
    """An argument: its name, and the type as written."""

    name: str
    type: str


@dataclass(slots=True)
class Written:
    """The lines of a Python function, and what the part has to say about it."""

    name: str
    lines: list[str]
    commits: bool = False
    locks: bool = False


def written(catalog: Catalog, function: Function, body: Body, name: str) -> Written:
    """A routine in Python, under a name.  Raises ByHandError."""
    if body.hindrance:
        raise ByHandError(body.hindrance)
    parameters = _parameters(function)
    types = {p.name: p.type for p in parameters} | {n: kind for n, kind, _ in body.variables}
    translation = Translation(catalog, types | {"found": "boolean"}, is_trigger=False)
    steps = body.steps
    while len(steps) and steps[0].kind == "block" and all(not s.line for s in steps[1:]):
        steps = steps[0].branches[0][1]
    writer = _Writer(
        translation, many=_returns_many(function), name=name, returns=_type_of_result(function)
    )
    if any("found" in s.text.lower() for s in every(steps)) and any(
        s.kind in ("for", "count") for s in every(steps)
    ):
        raise ByHandError("it asks for FOUND beside a loop")
    for kind in types.values():
        if _LIMITED.search(kind):
            raise ByHandError(f"a variable of type {code(kind)} refuses longer values")
    commits = any(step.kind in ("commit", "rollback") for step in every(steps))
    lines = list(_declared(translation, parameters, body, commits=commits))
    if commits:
        lines += writer.procedure(steps)
    else:
        if writer.many:
            lines.append("result: list[tuple[Any, ...]] = []")
        lines += writer.steps(steps)
        if writer.many and (not lines or lines[-1] != "return result"):
            lines.append("return result")
    arguments = [f"{_identifier(p.name)}: object" for p in parameters]
    given = "".join(f", {argument}" for argument in arguments)
    returns = _returned(function)
    lines = [_wrapped(line) for line in lines]
    head = f"def {name}(connection: Connection{given}) -> {returns}:"
    said = "commits as it goes" if commits else "a part of the transaction that is open"
    doc = f'    """`{function.name}`: {said}."""'.replace("\\", "")
    if len(head) > 99:
        inner = [f"    {a}," for a in ["connection: Connection", *arguments]]
        head = "\n".join([f"def {name}(", *inner, f") -> {returns}:"])
    text = textwrap.indent("\n".join(lines), "    ", lambda line: bool(line.strip()))
    return Written(
        name, [*writer.units, head, doc, *text.split("\n"), "", ""], commits, writer.locks
    )


def _declared(
    t: Translation, parameters: list[Parameter], body: Body, *, commits: bool
) -> Iterator[str]:
    values = [f"{literal(p.name)}: {_identifier(p.name)}" for p in parameters]
    values += [f"{literal(name)}: None" for name, _, _ in body.variables]
    end = ", commits=True" if commits else ""
    yield f"work = Work(connection, {{{', '.join(values)}}}{end})"
    for name, _, default in body.variables:
        if default is not None:
            yield _set(name, f"SELECT ({t.sql(default)})")


def _wrapped(line: str) -> str:
    """The variables of a call that would make a long line, each on its own."""
    start = "work = Work(connection, {"
    if not line.startswith(start) or len(line) < 95:
        return line
    inner, _, end = line.removeprefix(start).rpartition("}")
    return "\n".join([start, *(f"    {pair}," for pair in inner.split(", ")), f"}}{end}"])


def _set(name: str, query: str) -> str:
    return f"work.variables[{literal(name)}] = work.value({sql_literal(query)})"


def _identifier(name: str) -> str:
    plain = re.sub(r"\W", "_", name)
    taken = keyword.iskeyword(plain) or plain in ("connection", "work", "row", "result")
    return f"{plain}_" if taken or not plain.isidentifier() else plain


def _parameters(function: Function) -> list[Parameter]:
    found = []
    for parameter in getattr(function.node, "parameters", None) or ():
        if parameter.mode in (
            _MODE.FUNC_PARAM_OUT,
            _MODE.FUNC_PARAM_INOUT,
            _MODE.FUNC_PARAM_VARIADIC,
        ):
            raise ByHandError("it has parameters that are OUT, INOUT or VARIADIC")
        if parameter.mode == _MODE.FUNC_PARAM_TABLE:
            continue
        if not parameter.name:
            raise ByHandError("it has parameters without names")
        found.append(Parameter(parameter.name, expression(parameter.argType)))
    return found


def _returns_many(function: Function) -> bool:
    node = getattr(function.node, "returnType", None)
    columns = getattr(function.node, "parameters", None) or ()
    is_table = any(p.mode == _MODE.FUNC_PARAM_TABLE for p in columns)
    return is_table or bool(node is not None and node.setof)


def _type_of_result(function: Function) -> str:
    node = getattr(function.node, "returnType", None)
    if node is None or name_of(node.names).name in ("void", "record"):
        return ""
    return expression(node)


def _returned(function: Function) -> str:
    node = getattr(function.node, "returnType", None)
    if _returns_many(function):
        return "list[tuple[Any, ...]]"
    return "None" if node is None or name_of(node.names).name == "void" else "Any"


@dataclass(slots=True)
class _Writer:
    """Writes steps down; `units` are the functions before the routine's own."""

    t: Translation
    many: bool
    name: str
    returns: str = ""  # the type of its result; none for void
    units: list[str] = field(default_factory=list)
    locks: bool = False
    passes: int = 0  # in the pass of a loop that commits: how deep in other loops, from 1 on

    # -- steps of one transaction -------------------------------------------------------------

    def steps(self, steps: tuple[Step, ...]) -> Iterator[str]:
        for step in steps:
            if not step.line:
                continue  # the parser's own RETURN
            yield from self._step(step)
            if step.kind in ("return", "exit", "continue") and not step.text:
                return
            if step.kind == "return" or (step.kind == "raise" and step.is_error):
                return

    def _step(self, step: Step) -> Iterator[str]:
        t = self.t
        match step.kind:
            case "assign":
                if step.target not in t.variables:
                    raise ByHandError(f"line {step.line}: {step.target} := …")
                yield _set(step.target, f"SELECT ({t.sql(step.text)})")
            case "sql" | "perform":
                yield f"work.run({sql_literal(t.sql(step.text, is_statement=True))})"
            case "into":
                names = "[" + ", ".join(map(literal, step.targets)) + "]"
                yield f"work.into({names}, {sql_literal(t.sql(step.text, is_statement=True))})"
            case "row count":
                yield f"work.variables[{literal(step.target)}] = work.changed"
            case "if":
                yield from self._if(step)
            case "block":
                yield from self.steps(step.branches[0][1])
            case "raise":
                yield from raised(t, step, "work", "RoutineError")
            case "return":
                yield from self._return(step)
            case "return query":
                yield f"result += work.rows({sql_literal(t.sql(step.text, is_statement=True))})"
            case "for" | "count" | "while" | "loop":
                yield from self._loop(step)
            case "exit" | "continue":
                yield from self._leave(step)
            case _:
                raise ByHandError(f"line {step.line}: {step.word}")

    def _if(self, step: Step) -> Iterator[str]:
        for number, (text, inner) in enumerate(step.branches):
            lead = "else:" if text is None else f"{'elif' if number else 'if'} {self._test(text)}:"
            yield lead
            yield from _indented(list(self.steps(inner)) or ["pass"])

    def _test(self, text: str) -> str:
        return f"work.test({sql_literal(self.t.sql(text))})"

    def _return(self, step: Step) -> Iterator[str]:
        if self.passes:
            raise ByHandError(f"line {step.line}: RETURN inside of a loop that commits")
        if self.many:
            if step.text:
                raise ByHandError(f"line {step.line}: RETURN of a row")
            yield "return result"
        elif step.text:
            if not self.returns:
                raise ByHandError(f"line {step.line}: RETURN of a value")
            query = f"SELECT CAST(({self.t.sql(step.text)}) AS {self.returns})"
            yield f"return work.value({sql_literal(query)})"
        else:
            yield "return None"

    def _loop(self, step: Step) -> Iterator[str]:
        head, first = self._head(step, "work.rows({})", "work.value({})", "work.test({})")
        yield head
        deep, self.passes = self.passes, self.passes + 1 if self.passes else 0
        yield from _indented([*first, *self.steps(step.branches[0][1])] or ["pass"])
        self.passes = deep

    def _head(self, step: Step, rows: str, value: str, test: str) -> tuple[str, list[str]]:
        """The line that a loop begins with, and what each pass begins with."""
        t = self.t
        match step.kind:
            case "for":
                if not step.targets:
                    raise ByHandError(f"line {step.line}: its loop keeps a whole row")
                call = rows.format(sql_literal(t.sql(step.text, is_statement=True)))
                first = [
                    f"work.variables[{literal(name)}] = row[{number}]"
                    for number, name in enumerate(step.targets)
                ]
                return f"for row in {call}:", first
            case "count":
                low, high, by, reverse = step.arguments
                ends = [value.format(sql_literal(f"SELECT ({t.sql(end)})")) for end in (low, high)]
                if not by.isdigit():
                    raise ByHandError(f"line {step.line}: BY {by}")
                last = f"{ends[1]} - 1, -{by}" if reverse else f"{ends[1]} + 1, {by}"
                name = step.targets[0]
                return f"for number in range({ends[0]}, {last}):", [
                    f"work.variables[{literal(name)}] = number"
                ]
            case "while":
                return f"while {test.format(sql_literal(t.sql(step.text)))}:", []
        return "while True:", []

    def _leave(self, step: Step) -> Iterator[str]:
        word = "break" if step.kind == "exit" else "continue"
        if self.passes == 1:
            if step.kind == "continue":
                raise ByHandError(f"line {step.line}: CONTINUE before the COMMIT")
            word = "return False"
        if step.text:
            yield f"if {self._test(step.text)}:"
            yield f"    {word}"
        else:
            yield word

    # -- a procedure with COMMIT --------------------------------------------------------------

    def procedure(self, steps: tuple[Step, ...]) -> Iterator[str]:
        waiting: list[Step] = []
        for step in steps:
            if not step.line:
                continue
            inner = list(every((step,)))
            if step.kind == "commit":
                yield from self._unit(waiting, step.line)
                waiting = []
            elif lock := self._lock(step):
                yield from self._unit(waiting, step.line)
                waiting = []
                yield from lock
            elif any(found.kind in ("commit", "rollback") for found in inner):
                if any(found.kind in ("sql", "perform") for w in waiting for found in every((w,))):
                    raise ByHandError(
                        f"line {step.line}: what it wrote before commits with the first pass"
                    )
                yield from self._unit(waiting, step.line)
                waiting = []
                yield from self._commits(step)
            else:
                waiting.append(step)
        yield from self._unit(waiting, 0)

    def _unit(self, steps: list[Step], line: int) -> Iterator[str]:
        """Steps as one transaction."""
        if not steps:
            return
        lines = list(self.steps(tuple(steps)))
        if any(step.kind == "return" for step in every(tuple(steps))):
            raise ByHandError(f"line {steps[0].line}: RETURN between two COMMITs")
        name = f"_{self.name}_{len(self.units) + 1}"
        purpose = f"Lines {steps[0].line} and on, one transaction."
        self.units.append(_function(name, "None", purpose, lines))
        yield f"work.unit({name})"

    def _lock(self, step: Step) -> list[str]:
        """The lines for a lock of the session; none if it is something else."""
        if step.kind == "if" and len(step.branches) == 1:
            text, inner = step.branches[0]
            found = _TRY.fullmatch(text or "")
            if found:
                self.locks = True
                name = _lock_name(found[1])
                return [
                    f"if not work.take({name}):",
                    *_indented(list(self.steps(inner)) or ["pass"]),
                ]
        if step.kind == "perform":
            found = _UNLOCK.fullmatch(step.text)
            if found:
                return [f"work.give_back({_lock_name(found[1])})"]
        return []

    def _commits(self, step: Step) -> Iterator[str]:
        """A loop of which each pass ends with COMMIT."""
        if step.kind not in ("for", "count", "while", "loop"):
            raise ByHandError(f"line {step.line}: COMMIT or ROLLBACK in the middle")
        body = [inner for inner in step.branches[0][1] if inner.line]
        early = [inner.kind for inner in every(tuple(body[:-1]))]
        if not body or body[-1].kind != "commit" or {"commit", "rollback"} & set(early):
            raise ByHandError(f"line {step.line}: a loop that does not commit at the end of a pass")
        self.passes = 1
        lines = list(self.steps(tuple(body[:-1])))
        self.passes = 0
        leaves = any("return False" in line for line in lines)
        name = f"_{self.name}_{len(self.units) + 1}"
        purpose = f"One pass of the loop in line {step.line}, one transaction"
        purpose += "; False leaves it." if leaves else "."
        lines = [*lines, "return True"] if leaves else lines or ["pass"]
        self.units.append(_function(name, "bool" if leaves else "None", purpose, lines))
        inside = "work.unit(lambda work: work.{}({{}}))"
        head, first = self._head(
            step, inside.format("rows"), inside.format("value"), inside.format("test")
        )
        yield head
        call = [f"if not work.unit({name}):", "    break"] if leaves else [f"work.unit({name})"]
        yield from _indented([*first, *call])


def _function(name: str, returns: str, purpose: str, lines: list[str]) -> str:
    head = [f"def {name}(work: Work) -> {returns}:", f'    """{purpose}"""']
    return "\n".join([*head, *_indented(lines), "", ""])


def _indented(lines: list[str]) -> list[str]:
    return [textwrap.indent(line, "    ", lambda part: bool(part.strip())) for line in lines]


def _lock_name(argument: str) -> str:
    """What a lease is called that takes the place of an advisory lock."""
    hashed = _HASHED.fullmatch(argument)
    if hashed:
        return literal(hashed[1])
    number = _NUMBER.fullmatch(argument)
    if number:
        return literal(f"lock {number[1]}")
    raise ByHandError(f"an advisory lock on {code(' '.join(argument.split()))}")
