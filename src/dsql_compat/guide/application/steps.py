"""The body of a PL/pgSQL function as steps: small values instead of the parser's JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from pglast.parser import ParseError

from dsql_compat.report.markdown import code
from dsql_compat.sql.names import name_from_text
from dsql_compat.sql.plpgsql import body_text, parse_routine
from dsql_compat.sql.statements import Statement

Kind = Literal["assign", "sql", "into", "perform", "if", "raise", "return", "block", "other"]
_EXCEPTION = 21  # the level of RAISE EXCEPTION
_BY_KEY = {
    "PLpgSQL_stmt_assign": "assign",
    "PLpgSQL_stmt_perform": "perform",
    "PLpgSQL_stmt_if": "if",
    "PLpgSQL_stmt_raise": "raise",
    "PLpgSQL_stmt_return": "return",
    "PLpgSQL_stmt_block": "block",
}
_WORDS = {
    "PLpgSQL_stmt_loop": "LOOP",
    "PLpgSQL_stmt_while": "WHILE loop",
    "PLpgSQL_stmt_fori": "FOR loop",
    "PLpgSQL_stmt_fors": "FOR loop over a query",
    "PLpgSQL_stmt_forc": "FOR loop over a cursor",
    "PLpgSQL_stmt_dynfors": "FOR loop over a query that is made up at run time",
    "PLpgSQL_stmt_foreach_a": "FOREACH loop",
    "PLpgSQL_stmt_case": "CASE",
    "PLpgSQL_stmt_dynexecute": "EXECUTE",
    "PLpgSQL_stmt_getdiag": "GET DIAGNOSTICS",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One statement.  `text` is its SQL; of RETURN, what it returns; of RAISE, its message.

    `target` is what an assignment or INTO sets.  `branches` are those of IF, each with its
    condition, None for ELSE; a block has one.
    """

    kind: Kind
    line: int
    text: str = ""
    target: str = ""
    word: str = ""
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


def body_of(statement: Statement) -> Body:
    """The steps of the function that a statement makes."""
    lines = tuple((body_text(statement.tree) or "").split("\n"))
    try:
        parsed = parse_routine(statement)
    except (ParseError, ValueError, RecursionError):
        return Body(lines=lines, hindrance="its body cannot be read")
    if not parsed:
        return Body(lines=lines, hindrance="it has no body of PL/pgSQL")
    function = parsed[0]["PLpgSQL_function"]
    variables, hindrance = _variables(function.get("datums", ()))
    block = function.get("action", {}).get("PLpgSQL_stmt_block", {})
    if "exceptions" in block:
        hindrance = hindrance or "it has an EXCEPTION block"
    steps = tuple(_step(step, lines) for step in block.get("body", ()))
    return Body(steps, variables, lines, hindrance)


def every(steps: tuple[Step, ...]) -> Iterator[Step]:
    """All steps, those inside of others too."""
    for step in steps:
        yield step
        for _, inner in step.branches:
            yield from every(inner)


def _variables(
    datums: list[dict[str, Any]],
) -> tuple[tuple[tuple[str, str, str | None], ...], str]:
    found: list[tuple[str, str, str | None]] = []
    hindrance = ""
    for datum in datums:
        for kind, variable in datum.items():
            if "lineno" not in variable or kind == "PLpgSQL_row":
                continue
            name = str(variable["refname"])
            if kind != "PLpgSQL_var":
                hindrance = f"its variable {code(str(name))} holds a row"
                continue
            default = variable.get("default_val", {}).get("PLpgSQL_expr", {}).get("query")
            written = variable["datatype"]["PLpgSQL_type"]["typname"]
            found.append((name, str(written), default))
    return tuple(found), hindrance


def _step(node: dict[str, Any], lines: tuple[str, ...]) -> Step:
    [(key, value)] = node.items()
    line = int(value.get("lineno", 0))
    match key:
        case "PLpgSQL_stmt_assign":
            target, _, text = _query(value["expr"]).partition("=")
            name = name_from_text(target.rstrip().rstrip(":"))
            return Step("assign", line, text.strip(), ".".join(part for part in name if part))
        case "PLpgSQL_stmt_execsql":
            return _statement(value, line)
        case "PLpgSQL_stmt_perform":
            return Step("perform", line, _query(value["expr"]))
        case "PLpgSQL_stmt_if":
            return Step("if", line, branches=tuple(_branches(value, lines)))
        case "PLpgSQL_stmt_raise":
            return Step(
                "raise",
                line,
                value.get("message", ""),
                word=value.get("condname", ""),
                arguments=tuple(_query(p) for p in value.get("params", ())),
                options=tuple(
                    (
                        o["PLpgSQL_raise_option"]["opt_type"],
                        _query(o["PLpgSQL_raise_option"]["expr"]),
                    )
                    for o in value.get("options", ())
                ),
                is_error=value.get("elog_level") == _EXCEPTION,
            )
        case "PLpgSQL_stmt_return":
            return Step("return", line, _returned(value, lines))
        case "PLpgSQL_stmt_block" if "exceptions" not in value:
            inner = tuple(_step(step, lines) for step in value.get("body", ()))
            return Step("block", line, branches=((None, inner),))
    return Step("other", line, word=_WORDS.get(key, "a block with EXCEPTION"))


def _statement(value: dict[str, Any], line: int) -> Step:
    text = _query(value["sqlstmt"])
    if not value.get("into"):
        return Step("sql", line, text)
    row = value.get("target", {}).get("PLpgSQL_row", {})
    fields = [field["name"] for field in row.get("fields", ())]
    if len(fields) != 1 or value.get("strict"):
        return Step("other", line, text, word="SELECT INTO several variables, or STRICT")
    return Step("into", line, text, fields[0])


def _branches(
    value: dict[str, Any], lines: tuple[str, ...]
) -> Iterator[tuple[str | None, tuple[Step, ...]]]:
    yield _query(value["cond"]), tuple(_step(s, lines) for s in value.get("then_body", ()))
    for item in value.get("elsif_list", ()):
        inner = item["PLpgSQL_if_elsif"]
        yield _query(inner["cond"]), tuple(_step(s, lines) for s in inner.get("stmts", ()))
    if value.get("else_body"):
        yield None, tuple(_step(s, lines) for s in value["else_body"])


def _query(node: dict[str, Any]) -> str:
    return str(node["PLpgSQL_expr"]["query"])


def _returned(value: dict[str, Any], lines: tuple[str, ...]) -> str:
    """NEW, OLD or an expression: the parser tells the former two only by their line."""
    if "expr" in value:
        return _query(value["expr"]).strip().lower()
    at = int(value.get("lineno", 0)) - 1
    words = set()
    if 0 <= at < len(lines):
        words = {w.lower() for w in re.findall(r"\breturn\s+(new|old)\b", lines[at], re.I)}
    return words.pop() if len(words) == 1 else "" if not words else "new or old"
