"""PL/pgSQL through libpg_query's parser, and a second try where it lacks a catalog.

That parser knows no types but PostgreSQL's own: a body that declares a variable of a schema's type
may fail though it is correct.  The types decide nothing here, so such a body is parsed once more
with simple ones in their place, line for line, since statements are told by their line.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from pglast import ast, enums
from pglast.parser import ParseError, parse_plpgsql_json, scan

from dsql_compat.sql.names import name_of, quote
from dsql_compat.sql.statements import Statement

_KEPT = {"record", "refcursor", "boolean", "bool", "integer", "int", "bigint", "text"}
_ENDS_OF_TYPE = {":=", "=", ";", "DEFAULT", "NOT", "COLLATE"}
_OPTION = re.compile(r"^[ \t]*#[a-z_]+[ \t]+\w+[ \t]*$", re.M | re.I)


def body_text(tree: ast.Node | None) -> str | None:
    """The source text of a routine or DO block; None for BEGIN ATOMIC and RETURN."""
    options = tree.args if isinstance(tree, ast.DoStmt) else getattr(tree, "options", None)
    source = next((option.arg for option in options or () if option.defname == "as"), None)
    if source is None:
        return None
    return str((source[0] if isinstance(source, tuple) else source).sval)


@lru_cache(maxsize=4)
def parse_routine(statement: Statement) -> list[dict[str, Any]]:
    """The parsed functions of a statement.  Raises ParseError when it cannot be read."""
    try:
        return _parsed(statement.text)
    except ParseError:
        try:
            return _parsed(_simplified(statement, body_text(statement.tree) or ""))
        except ParseError:
            pass
        raise


def _parsed(text: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(parse_plpgsql_json(text))
    return found


def _simplified(statement: Statement, body: str) -> str:
    """The same routine with simple types everywhere."""
    tag = "body"
    while f"${tag}$" in body:
        tag += "_"
    text = f"AS ${tag}${_simple_declarations(body)}${tag}$"
    tree = statement.tree
    if isinstance(tree, ast.DoStmt):
        return f"DO LANGUAGE plpgsql {text.removeprefix('AS ')}"
    assert isinstance(tree, ast.CreateFunctionStmt)
    kind = "PROCEDURE" if tree.is_procedure else "FUNCTION"
    return f"CREATE {kind} f{_simple_signature(tree, body)} LANGUAGE plpgsql {text}"


def _simple_signature(tree: ast.CreateFunctionStmt, body: str) -> str:
    mode = enums.FunctionParameterMode
    outs, columns, ins = 0, [], []
    for parameter in tree.parameters or ():
        name = quote(parameter.name) if parameter.name else ""
        simple = _simple_type(parameter.name or "", body)
        if parameter.mode == mode.FUNC_PARAM_TABLE:
            columns.append(f"{name} text")
            continue
        word = {mode.FUNC_PARAM_OUT: "OUT ", mode.FUNC_PARAM_INOUT: "INOUT "}.get(
            parameter.mode, ""
        )
        outs += bool(word)
        ins.append(f"{word}{name} {'text' if simple == 'record' and not word else simple}")
    returns = tree.returnType
    if tree.is_procedure or (returns is None and outs):
        tail = ""
    elif columns:
        tail = f" RETURNS TABLE ({', '.join(columns)})"
    else:
        word = name_of(returns.names).name if returns is not None else "void"
        kept = word in ("trigger", "event_trigger", "void")
        many = "SETOF " if returns is not None and returns.setof else ""
        tail = f" RETURNS {many}{word if kept else 'record' if outs > 1 else 'text'}"
    return f"({', '.join(ins)}){tail}"


def _simple_type(variable: str, body: str) -> str:
    fields = re.search(rf'(?<![\w."])"?{re.escape(variable)}"?\s*\.\s*["\w]', body, re.I)
    return "record" if variable and fields else "text"


def _simple_declarations(body: str) -> str:
    """The body with `text` or `record` for every type that it declares a variable of."""
    edited, last = "", 0
    for start, end, variable in declared_types(_OPTION.sub(lambda m: " " * len(m[0]), body)):
        written = body[start:end]
        if written.lower() not in _KEPT:
            edited += body[last:start] + _simple_type(variable, body) + "\n" * written.count("\n")
            last = end
    return edited + body[last:]


def declared_types(body: str) -> Iterator[tuple[int, int, str]]:
    """Where the type of each declared variable stands: start, end, the variable."""
    if "declare" not in body.lower():
        return
    tokens = [
        (t.start, t.end + 1, body[t.start : t.end + 1])
        for t in scan(body)
        if t.name not in ("SQL_COMMENT", "C_COMMENT")
    ]
    words = [text.upper() for *_, text in tokens]
    at = 0
    while at < len(tokens):
        if words[at] != "DECLARE":
            at += 1
            continue
        at += 1
        while at < len(tokens) and words[at] not in ("BEGIN", "DECLARE"):
            variable = tokens[at][2].strip('"')
            start = at + 1 + (words[at + 1 : at + 2] == ["CONSTANT"])
            stop = start
            while stop < len(tokens) and words[stop] not in _ENDS_OF_TYPE:
                stop += 1
            is_type = not {"CURSOR", "ALIAS", "<<"} & set(words[start:stop])
            if is_type and start < stop:
                yield tokens[start][0], tokens[stop - 1][1], variable
            while stop < len(tokens) and words[stop] != ";":
                stop += 1
            at = stop + 1


_EMPTY_RETURN: dict[str, Any] = {"PLpgSQL_stmt_return": {}}  # the parser's own, at the end
_STEPS = {
    "PLpgSQL_stmt_loop": "LOOP",
    "PLpgSQL_stmt_while": "WHILE",
    "PLpgSQL_stmt_fori": "FOR",
    "PLpgSQL_stmt_fors": "FOR",
    "PLpgSQL_stmt_forc": "FOR",
    "PLpgSQL_stmt_dynfors": "FOR … EXECUTE",
    "PLpgSQL_stmt_foreach_a": "FOREACH",
    "PLpgSQL_stmt_if": "IF",
    "PLpgSQL_stmt_case": "CASE",
    "PLpgSQL_stmt_dynexecute": "EXECUTE",
    "PLpgSQL_stmt_open": "OPEN",
    "PLpgSQL_stmt_raise": "RAISE",
    "PLpgSQL_stmt_commit": "COMMIT",
    "PLpgSQL_stmt_rollback": "ROLLBACK",
    "PLpgSQL_exception_block": "EXCEPTION",
}


def steps_of(statement: Statement) -> Counter[str]:
    """Which control words a body uses and how often; nothing for one that cannot be read."""
    try:
        parsed = parse_routine(statement)
    except (ParseError, ValueError, RecursionError):
        return Counter()
    found: Counter[str] = Counter()
    stack: list[Any] = list(parsed)
    while stack:
        node = stack.pop()
        if isinstance(node, list):
            stack.extend(reversed(node))
        elif isinstance(node, dict):
            found.update(_STEPS[kind] for kind in node if kind in _STEPS)
            stack.extend(reversed(node.values()))
    return found


def query_of(statement: Statement) -> str | None:
    """The one query that a function's body comes down to: `BEGIN RETURN expression; END`."""
    try:
        parsed = parse_routine(statement)
    except (ParseError, ValueError, RecursionError):
        return None
    function = parsed[0]["PLpgSQL_function"] if parsed else {}
    block = function.get("action", {}).get("PLpgSQL_stmt_block", {})
    declared = [
        variable
        for datum in function.get("datums", ())
        for variable in datum.values()
        if "lineno" in variable
    ]
    steps = [step for step in block.get("body", ()) if step != _EMPTY_RETURN]
    if declared or "exceptions" in block or len(steps) != 1:
        return None
    expression = steps[0].get("PLpgSQL_stmt_return", {}).get("expr")
    if expression is not None:
        return f"SELECT {expression['PLpgSQL_expr']['query']}"
    query = steps[0].get("PLpgSQL_stmt_return_query", {}).get("query")
    return str(query["PLpgSQL_expr"]["query"]) if query is not None else None


def is_plain(statement: Statement) -> bool:
    """Whether a block holds nothing but statements of SQL, and handlers that do nothing."""
    try:
        parsed = parse_routine(statement)
    except (ParseError, ValueError, RecursionError):
        return False
    function = parsed[0]["PLpgSQL_function"] if parsed else {}
    for datum in function.get("datums", ()):
        for variable in datum.values():
            if "lineno" in variable and variable["refname"] not in ("sqlstate", "sqlerrm"):
                return False
    return _is_plain_block(function.get("action", {}))


def _is_plain_block(step: dict[str, Any]) -> bool:
    block = step.get("PLpgSQL_stmt_block", {})
    for handler in (
        block.get("exceptions", {}).get("PLpgSQL_exception_block", {}).get("exc_list", ())
    ):
        if handler["PLpgSQL_exception"].get("action"):
            return False
    steps = [step for step in block.get("body", ()) if step != _EMPTY_RETURN]
    return bool(steps) and all(
        _is_plain_block(step)
        or "PLpgSQL_stmt_perform" in step
        or ("PLpgSQL_stmt_execsql" in step and "into" not in step["PLpgSQL_stmt_execsql"])
        for step in steps
    )
