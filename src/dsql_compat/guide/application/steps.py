"""The body of a PL/pgSQL function as steps: small values instead of the parser's JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from pglast.parser import ParseError

from dsql_compat.report.markdown import code
from dsql_compat.rewriting.plpgsql_values import Refused, locate_returns
from dsql_compat.sql.names import name_from_text
from dsql_compat.sql.plpgsql import body_text, declared_types, parse_routine
from dsql_compat.sql.statements import Statement

Kind = Literal[
    "assign", "sql", "into", "perform", "if", "raise", "return", "block", "other", "for", "count",
    "while", "loop", "exit", "continue", "commit", "rollback", "return query", "row count",
]  # fmt: skip
_EXCEPTION = 21  # the level of RAISE EXCEPTION
_CASE_VARIABLE = re.compile(r'"__Case__Variable_\d+__"')
_WORDS = {
    "PLpgSQL_stmt_forc": "FOR loop over a cursor",
    "PLpgSQL_stmt_dynfors": "FOR loop over a query that is made up at run time",
    "PLpgSQL_stmt_foreach_a": "FOREACH loop",
    "PLpgSQL_stmt_dynexecute": "EXECUTE",
    "PLpgSQL_stmt_getdiag": "GET DIAGNOSTICS",
    "PLpgSQL_stmt_return_next": "RETURN NEXT",
    "PLpgSQL_stmt_open": "OPEN of a cursor",
    "PLpgSQL_stmt_fetch": "FETCH from a cursor",
    "PLpgSQL_stmt_close": "CLOSE of a cursor",
    "PLpgSQL_stmt_assert": "ASSERT",
    "PLpgSQL_stmt_call": "CALL",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One statement.  `text` is its SQL; of RETURN, what it returns; of RAISE, its message.

    `target` is what an assignment sets, `targets` what INTO or a loop does.  `branches` are those
    of IF and CASE, each with its condition, None for ELSE; blocks and loops have one.  `word` says
    what cannot be written again.
    """

    kind: Kind
    line: int
    text: str = ""
    target: str = ""
    word: str = ""
    targets: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    options: tuple[tuple[int, str], ...] = ()
    is_error: bool = False
    branches: tuple[tuple[str | None, tuple[Step, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Body:
    """A function's steps and the scalar variables it declares, each with its type and default.

    `hindrance` names what keeps its steps from being told, `lines` is its source.
    """

    steps: tuple[Step, ...] = ()
    variables: tuple[tuple[str, str, str | None], ...] = ()
    lines: tuple[str, ...] = ()
    hindrance: str = ""


def body_of(statement: Statement, *, is_trigger: bool = True) -> Body:
    """The steps of the function that a statement makes; a trigger's RETURN gives NEW, OLD, NULL."""
    lines = tuple((body_text(statement.tree) or "").split("\n"))
    try:
        parsed = parse_routine(statement)
    except (ParseError, ValueError, RecursionError):
        return Body(lines=lines, hindrance="its body cannot be read")
    if not parsed:
        return Body(lines=lines, hindrance="it has no body of PL/pgSQL")
    function = parsed[0]["PLpgSQL_function"]
    names = _names(function.get("datums", ()))
    written = dict(_written_types("\n".join(lines)))
    variables, hindrance = _variables(function.get("datums", ()), written)
    block = function.get("action", {}).get("PLpgSQL_stmt_block", {})
    if "exceptions" in block:
        hindrance = hindrance or "it has an EXCEPTION block"
    try:
        if not is_trigger:
            locate_returns(block, "\n".join(lines))
    except Refused as refused:
        hindrance = hindrance or str(refused)
    reader = _Reader(lines, names)
    steps = reader.steps(block.get("body", ()))
    return Body((*steps, *reader.handlers(block)), variables, lines, hindrance)


def every(steps: tuple[Step, ...]) -> Iterator[Step]:
    """All steps, those inside of others too."""
    for step in steps:
        yield step
        for _, inner in step.branches:
            yield from every(inner)


def _names(datums: list[dict[str, Any]]) -> dict[int, str]:
    """Variables by their number."""
    return {
        number: str(variable.get("refname", ""))
        for number, datum in enumerate(datums)
        for variable in datum.values()
    }


def _written_types(body: str) -> Iterator[tuple[str, str]]:
    """Variables with their types as declared: the parser may have got simpler ones."""
    try:
        for start, end, variable in declared_types(body):
            yield variable.lower(), body[start:end]
    except ParseError:
        return


def _variables(
    datums: list[dict[str, Any]], written: dict[str, str]
) -> tuple[tuple[tuple[str, str, str | None], ...], str]:
    found: list[tuple[str, str, str | None]] = []
    hindrance = ""
    for datum in datums:
        for kind, variable in datum.items():
            if "lineno" not in variable or kind == "PLpgSQL_row":
                continue
            name = str(variable["refname"])
            parsed = variable.get("datatype", {}).get("PLpgSQL_type", {}).get("typname", "")
            type_name = " ".join(written.get(name.lower(), str(parsed)).split())
            if kind != "PLpgSQL_var" or type_name.lower() == "record":
                hindrance = hindrance or f"its variable {code(name)} holds a row"
                continue
            if "%" in type_name:
                hindrance = hindrance or f"its variable {code(name)} has the type of a column"
            default = variable.get("default_val", {}).get("PLpgSQL_expr", {}).get("query")
            if name not in {known for known, _, _ in found}:
                found.append((name, type_name, default))
    return tuple(found), hindrance


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the parser's statements; `names` are the variables by their number."""

    lines: tuple[str, ...]
    names: dict[int, str]

    def steps(self, nodes: list[dict[str, Any]] | tuple[()]) -> tuple[Step, ...]:
        return tuple(self._step(node) for node in nodes)

    def handlers(self, block: dict[str, Any]) -> Iterator[Step]:
        """What EXCEPTION does, as a step that nothing translates."""
        found = block.get("exceptions", {}).get("PLpgSQL_exception_block", {}).get("exc_list", ())
        for item in found:
            handler = item["PLpgSQL_exception"]
            names = [c["PLpgSQL_condition"]["condname"] for c in handler["conditions"]]
            inner = self.steps(handler.get("action", ()))
            line = min((step.line for step in inner if step.line), default=1)
            label = f"on the error {' or '.join(names)}"
            yield Step("other", line, word=label, branches=((None, inner),))

    def _step(self, node: dict[str, Any]) -> Step:
        [(key, value)] = node.items()
        line = int(value.get("lineno", 0))
        body = ((None, self.steps(value.get("body", ()))),)
        match key.removeprefix("PLpgSQL_stmt_"):
            case "assign":
                target, _, text = _query(value["expr"]).partition("=")
                name = name_from_text(target.rstrip().rstrip(":"))
                return Step("assign", line, text.strip(), ".".join(part for part in name if part))
            case "execsql":
                return _statement(value, line)
            case "perform":
                return Step("perform", line, _query(value["expr"]))
            case "if":
                return Step("if", line, branches=tuple(self._branches(value)))
            case "case":
                return self._case(value, line)
            case "raise":
                return _raise(value, line)
            case "return":
                return Step("return", line, _returned(value, self.lines))
            case "return_query" if "query" in value:
                return Step("return query", line, _query(value["query"]), word="RETURN QUERY")
            case "return_query":
                return Step("other", line, _query(value["dynquery"]), word="RETURN QUERY EXECUTE")
            case "block" if "exceptions" not in value:
                return Step("block", line, branches=body)
            case "block":
                inner = (*body[0][1], *self.handlers(value))
                return Step("other", line, word="a block with EXCEPTION", branches=((None, inner),))
            case _ if "label" in value:
                word = _WORDS.get(key, f"{key.removeprefix('PLpgSQL_stmt_').upper()} with a label")
                return Step("other", line, word=word, branches=body)
            case "fors":
                text = _query(value["query"])
                word = "FOR loop over a query"
                return Step(
                    "for", line, text, word=word, targets=_into(value["var"]), branches=body
                )
            case "fori":
                return self._count(value, line, body)
            case "while":
                return Step("while", line, _query(value["cond"]), word="WHILE loop", branches=body)
            case "loop":
                return Step("loop", line, word="LOOP", branches=body)
            case "exit":
                kind: Kind = "exit" if value.get("is_exit") else "continue"
                text = _query(value["cond"]) if "cond" in value else ""
                return Step(kind, line, text, word=kind.upper())
            case "commit" | "rollback" if not value.get("chain"):
                done: Kind = "commit" if key.endswith("commit") else "rollback"
                return Step(done, line, word=done.upper())
            case "getdiag":
                items = [item["PLpgSQL_diag_item"] for item in value.get("diag_items", ())]
                if [item.get("kind") for item in items] == ["ROW_COUNT"]:
                    target = self.names.get(items[0].get("target", -1), "")
                    return Step("row count", line, target=target, word="GET DIAGNOSTICS")
        text = next(
            (_query(value[name]) for name in ("query", "expr", "cond") if name in value), ""
        )
        word = _WORDS.get(key, key.removeprefix("PLpgSQL_stmt_").replace("_", " ").upper())
        return Step("other", line, text, word=word, branches=body if "body" in value else ())

    def _branches(self, value: dict[str, Any]) -> Iterator[tuple[str | None, tuple[Step, ...]]]:
        yield _query(value["cond"]), self.steps(value.get("then_body", ()))
        for item in value.get("elsif_list", ()):
            inner = item["PLpgSQL_if_elsif"]
            yield _query(inner["cond"]), self.steps(inner.get("stmts", ()))
        if value.get("else_body"):
            yield None, self.steps(value["else_body"])

    def _case(self, value: dict[str, Any], line: int) -> Step:
        """CASE as IF; without an ELSE it is an error if nothing fits."""
        subject = f"({_query(value['t_expr'])})" if "t_expr" in value else ""
        branches: list[tuple[str | None, tuple[Step, ...]]] = []
        for item in value.get("case_when_list", ()):
            inner = item["PLpgSQL_case_when"]
            text = _CASE_VARIABLE.sub(lambda _: subject, _query(inner["expr"]))
            branches.append((text, self.steps(inner.get("stmts", ()))))
        missing = Step("raise", line, "case not found", word="case_not_found", is_error=True)
        otherwise = self.steps(value["else_stmts"]) if value.get("else_stmts") else ()
        branches.append((None, otherwise if value.get("have_else") else (missing,)))
        return Step("if", line, branches=tuple(branches))

    def _count(
        self, value: dict[str, Any], line: int, body: tuple[tuple[None, tuple[Step, ...]]]
    ) -> Step:
        ends = (_query(value["lower"]), _query(value["upper"]))
        step = _query(value["step"]) if "step" in value else "1"
        name = next(iter(value["var"].values()))["refname"]
        return Step(
            "count",
            line,
            " .. ".join(ends),
            word="FOR loop",
            targets=(name,),
            arguments=(*ends, step, "reverse" if value.get("reverse") else ""),
            branches=body,
        )


def _raise(value: dict[str, Any], line: int) -> Step:
    options = [option["PLpgSQL_raise_option"] for option in value.get("options", ())]
    return Step(
        "raise",
        line,
        value.get("message", ""),
        word=value.get("condname", ""),
        arguments=tuple(_query(p) for p in value.get("params", ())),
        options=tuple((option["opt_type"], _query(option["expr"])) for option in options),
        is_error=value.get("elog_level") == _EXCEPTION,
    )


def _statement(value: dict[str, Any], line: int) -> Step:
    text = _query(value["sqlstmt"])
    if not value.get("into"):
        return Step("sql", line, text)
    fields = _into(value.get("target", {}))
    if not fields or value.get("strict"):
        return Step("other", line, text, word="INTO a row, or STRICT")
    return Step("into", line, text, fields[0], targets=fields)


def _into(target: dict[str, Any]) -> tuple[str, ...]:
    """The scalar variables that are set; none if it is a row."""
    row = target.get("PLpgSQL_row", {})
    return tuple(str(field["name"]) for field in row.get("fields", ()))


def _query(node: dict[str, Any]) -> str:
    return str(node["PLpgSQL_expr"]["query"])


def _returned(value: dict[str, Any], lines: tuple[str, ...]) -> str:
    """NEW, OLD or an expression: the parser tells the former two only by their line."""
    text = _query(value["expr"]) if "expr" in value else str(value.get("text", ""))
    if text.strip():
        word = text.strip().lower()
        return word if word in ("new", "old", "null") else text.strip()
    at = int(value.get("lineno", 0)) - 1
    words = set()
    if 0 <= at < len(lines):
        words = {w.lower() for w in re.findall(r"\breturn\s+(new|old)\b", lines[at], re.I)}
    return words.pop() if len(words) == 1 else "" if not words else "new or old"
