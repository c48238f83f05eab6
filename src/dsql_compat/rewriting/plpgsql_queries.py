"""PL/pgSQL bodies that come down to queries: constants, assignments, IF and CASE are put together.

A body is followed step by step; each variable stands for the expression it was last given, each
path ends in a RETURN, and the paths become the branches of one CASE.  Whatever might behave
differently is refused with the reason: loops, exceptions, dynamic SQL, values that are computed
more than once though each time is another, errors that would no longer come up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pglast import ast
from pglast.parser import ParseError, parse_sql, scan

from dsql_compat.catalog.model import Catalog
from dsql_compat.rewriting.plpgsql_values import (
    Refused,
    Value,
    Variables,
    closing,
    is_volatile,
    locate_returns,
    only_row,
    returned_type,
    without_comments,
)
from dsql_compat.sql.plpgsql import body_text, parse_routine, steps_of
from dsql_compat.sql.statements import Statement

_MOST_STEPS = 200  # a path is written out for each branch before it
_DATA_STATEMENTS = (ast.InsertStmt, ast.UpdateStmt, ast.DeleteStmt)
_INDENT = "    "


@dataclass(frozen=True, slots=True)
class _Choice:
    """A CASE: conditions with what each leads to, and what happens otherwise."""

    branches: tuple[tuple[str, _Result], ...]
    otherwise: _Result


_Result = str | _Choice


@dataclass(frozen=True, slots=True)
class Body:
    """The body of a SQL function, or the reason why a PL/pgSQL body does not become one."""

    sql: str = ""
    problem: str = ""


def query_body(statement: Statement, catalog: Catalog) -> Body:
    """What CREATE FUNCTION … LANGUAGE plpgsql does, as the body of a SQL function."""
    tree, text = statement.tree, body_text(statement.tree)
    if not isinstance(tree, ast.CreateFunctionStmt) or text is None:
        return Body(problem="it has no PL/pgSQL body")
    try:
        parsed = parse_routine(statement)
        others = [step for step in steps_of(statement) if step not in ("IF", "CASE")]
        if others:
            return Body(problem=f"it has {', '.join(others)}")
        function = parsed[0]["PLpgSQL_function"]
        block = function["action"]["PLpgSQL_stmt_block"]
        variables = Variables.declared(tree, function, text, catalog)
        locate_returns(block, text)
        return Body(sql=_Reader(tree, catalog, variables).body(block))
    except Refused as refused:
        return Body(problem=str(refused))
    except (ParseError, ValueError, KeyError, IndexError, RecursionError):
        return Body(problem="it cannot be read")


@dataclass(frozen=True, slots=True)
class _Path:
    """Where a path has come to: its variables, and values whose errors nothing has shown yet."""

    values: dict[str, Value]
    pending: frozenset[int] = frozenset()


class _Reader:
    def __init__(
        self, tree: ast.CreateFunctionStmt, catalog: Catalog, variables: Variables
    ) -> None:
        self._catalog = catalog
        self._variables = variables
        self._type, self._many = returned_type(tree, catalog)
        self._steps = 0
        self._numbers = 0

    def body(self, block: dict[str, Any]) -> str:
        """The statements of the SQL function."""
        if "exceptions" in block:
            raise Refused("it catches exceptions")
        path = _Path(dict(self._variables.aliases))
        for name, default in self._variables.defaults.items():
            path = self._assigned(path, name, default or "NULL")
        steps = list(block.get("body", ()))
        while steps and steps[-1] == {"PLpgSQL_stmt_return": {}}:  # the parser's own
            del steps[-1]
        done: list[str] = []
        while steps and self._is_plain(steps[0]):
            done.append(self._data(steps.pop(0)["PLpgSQL_stmt_execsql"], path))
        made = self._inserted(steps, path)
        if made is not None:
            return ";\n".join([*done, made])
        if self._type == "void":
            if [step for step in steps if not _returns_nothing(step)]:
                raise Refused(f"its steps are more than plain statements: {_kinds(steps)}")
            return ";\n".join(done) if done else "SELECT"
        if done and not self._many and any(v.number for v in path.values.values()):
            raise Refused("it changes data between assignments and what it returns")
        return ";\n".join([*done, self._query(steps, path)])

    # -- statements -----------------------------------------------------------------------------

    def _is_plain(self, step: dict[str, Any]) -> bool:
        return "PLpgSQL_stmt_execsql" in step and not step["PLpgSQL_stmt_execsql"].get("into")

    def _data(self, node: dict[str, Any], path: _Path) -> str:
        query = node["sqlstmt"]["PLpgSQL_expr"]["query"]
        tree = parse_sql(query)[0].stmt
        if not isinstance(tree, _DATA_STATEMENTS):
            raise Refused("it runs a statement that is no INSERT, UPDATE or DELETE")
        text, _ = self._filled(query, 0, path)
        return text

    def _inserted(self, steps: list[dict[str, Any]], path: _Path) -> str | None:
        """INSERT of one row with RETURNING into the variable that is returned next."""
        if len(steps) != 2 or "PLpgSQL_stmt_execsql" not in steps[0]:
            return None
        node, last = steps[0]["PLpgSQL_stmt_execsql"], steps[1].get("PLpgSQL_stmt_return", {})
        query = node["sqlstmt"]["PLpgSQL_expr"]["query"]
        tree = parse_sql(query)[0].stmt
        if not isinstance(tree, _DATA_STATEMENTS):
            return None
        rows = getattr(getattr(tree, "selectStmt", None), "valuesLists", None)
        if not isinstance(tree, ast.InsertStmt) or not rows or len(rows) != 1:
            raise Refused("it takes a value from more rows than one INSERT gives")
        name = self._target(node)
        returned = (last.get("text") or "").strip().lower()
        if returned != name or self._variables.types[name].lower() != self._type.lower():
            raise Refused("what it returns is not just what the INSERT gave")
        return self._filled(query, 0, path)[0]

    def _query(self, steps: list[dict[str, Any]], path: _Path) -> str:
        first = steps[0].get("PLpgSQL_stmt_return_query") if steps else None
        if self._many:
            if first is None or any(not _returns_nothing(step) for step in steps[1:]):
                raise Refused("it returns rows by more than one RETURN QUERY")
            if "query" not in first:
                raise Refused("it runs a query made at run time")
            query = first["query"]["PLpgSQL_expr"]["query"]
            if not isinstance(parse_sql(query)[0].stmt, ast.SelectStmt):
                raise Refused("it returns what is no SELECT")
            text, _ = self._filled(query, 0, path)
            if path.values:
                self._forbid_lost(path, text)
            return text.strip()
        return "SELECT " + _written(self._follow(steps, path), 0)

    def _forbid_lost(self, path: _Path, text: str) -> None:
        if any(v.fallible and v.text not in text for v in path.values.values()):
            raise Refused("an error of a value that is not used would be lost")

    # -- paths ----------------------------------------------------------------------------------

    def _follow(self, steps: list[dict[str, Any]], path: _Path) -> _Result:
        """The expression that a path comes to."""
        self._steps += 1
        if self._steps > _MOST_STEPS:
            raise Refused("it has too many branches")
        if not steps:
            return self._fallen_off(path)
        (kind, node), *_ = steps[0].items()
        rest = steps[1:]
        match kind:
            case "PLpgSQL_stmt_block":
                if "exceptions" in node or node.get("label"):
                    raise Refused("it has a block with a label or an EXCEPTION part")
                return self._follow([*node.get("body", ()), *rest], path)
            case "PLpgSQL_stmt_assign":
                name, value = self._assignment(node)
                return self._follow(rest, self._assigned(path, name, value))
            case "PLpgSQL_stmt_execsql" if node.get("into"):
                return self._follow(rest, self._selected(path, node))
            case "PLpgSQL_stmt_if":
                return self._if(node, rest, path)
            case "PLpgSQL_stmt_case":
                return self._case(node, rest, path)
            case "PLpgSQL_stmt_return":
                return self._return(node, path)
        raise Refused(f"it has a step that no expression stands for: {_kinds(steps[:1])}")

    def _fallen_off(self, path: _Path) -> str:
        output = self._variables.output
        if output is None:
            raise Refused("a path of it ends without RETURN")
        return self._final(*self._filled(output, 0, path, is_expression=True), path)

    def _return(self, node: dict[str, Any], path: _Path) -> str:
        if "expr" in node:
            text = node["expr"]["PLpgSQL_expr"]["query"]
        else:
            text = node.get("text", "").strip()
        if not text:
            return self._fallen_off(path)
        return self._final(*self._value(text, path), path)

    def _final(self, text: str, used: frozenset[int], path: _Path) -> str:
        if path.pending - used:
            raise Refused("an error of a value that is not used would be lost")
        if self._type.startswith("any") or self._variables.types.get(text) == self._type:
            return text
        return cast(text, self._type)

    def _if(self, node: dict[str, Any], rest: list[dict[str, Any]], path: _Path) -> _Result:
        branches = [(node["cond"], node.get("then_body", []))]
        for other in node.get("elsif_list", ()):
            part = other["PLpgSQL_if_elsif"]
            branches.append((part["cond"], part.get("stmts", [])))
        return self._branches(branches, node.get("else_body", []), rest, path)

    def _case(self, node: dict[str, Any], rest: list[dict[str, Any]], path: _Path) -> _Result:
        if not node.get("have_else"):
            raise Refused("it has a CASE without ELSE, which is an error where nothing matches")
        branches = [
            (part["PLpgSQL_case_when"]["expr"], part["PLpgSQL_case_when"].get("stmts", []))
            for part in node["case_when_list"]
        ]
        if "t_expr" in node:
            text, used = self._shared(node["t_expr"]["PLpgSQL_expr"]["query"], path)
            name = f"__Case__Variable_{node['t_varno']}__"
            values = {**path.values, name: Value(text, 0, fallible=False, needs=used)}
            path = _Path(values, path.pending)
        return self._branches(branches, node.get("else_stmts", []), rest, path)

    def _branches(
        self,
        branches: list[tuple[dict[str, Any], list[dict[str, Any]]]],
        otherwise: list[dict[str, Any]],
        rest: list[dict[str, Any]],
        path: _Path,
    ) -> _Result:
        found: list[tuple[str, _Result]] = []
        for condition, steps in branches:
            text, used = self._shared(condition["PLpgSQL_expr"]["query"], path)
            path = _Path(path.values, path.pending - used)
            found.append((text, self._follow([*steps, *rest], path)))
        last = self._follow([*otherwise, *rest], path)
        if isinstance(last, _Choice):
            return _Choice((*found, *last.branches), last.otherwise)
        return _Choice(tuple(found), last)

    # -- values ---------------------------------------------------------------------------------

    def _assignment(self, node: dict[str, Any]) -> tuple[str, str]:
        text = node["expr"]["PLpgSQL_expr"]["query"]
        tokens = scan(text)
        name = text[tokens[0].start : tokens[0].end + 1].strip('"')
        if text[tokens[1].start : tokens[1].end + 1] not in (":=", "="):
            raise Refused("it assigns to a part of a variable")
        return name if name in self._variables.types else name.lower(), text[tokens[1].end + 1 :]

    def _target(self, node: dict[str, Any]) -> str:
        if node.get("strict"):
            raise Refused("it has SELECT INTO STRICT, which is an error for no row or many")
        fields = node.get("target", {}).get("PLpgSQL_row", {}).get("fields", ())
        if len(fields) != 1:
            raise Refused("it reads a row into several variables or a record")
        return str(fields[0]["name"])

    def _selected(self, path: _Path, node: dict[str, Any]) -> _Path:
        name = self._target(node)
        query = node["sqlstmt"]["PLpgSQL_expr"]["query"].strip()
        filled, used = self._filled(query, 0, path, shared=True)
        filled = " ".join(filled.split()) if "'" not in filled and '"' not in filled else filled
        path = self._given(path, name, f"({only_row(filled)})", used, fallible=True)
        target = parse_sql(query)[0].stmt.targetList[0].val
        if isinstance(target, ast.ColumnRef):  # nothing of it fails that its conditions do not
            used |= {self._numbers}
        found = Value(f"EXISTS ({filled})", 0, fallible=False, needs=used)
        return _Path({**path.values, "found": found}, path.pending)

    def _assigned(self, path: _Path, name: str, value: str) -> _Path:
        text, used = self._shared(value, path)
        return self._given(path, name, text, used, fallible=not _is_safe(value))

    def _given(
        self, path: _Path, name: str, text: str, used: frozenset[int], *, fallible: bool
    ) -> _Path:
        declared = self._variables.type_of(name)
        self._numbers += 1
        value = Value(cast(text, declared), self._numbers, fallible, used | {self._numbers})
        pending = path.pending | ({self._numbers} if fallible else frozenset())
        return _Path({**path.values, name: value}, pending)

    def _shared(self, text: str, path: _Path) -> tuple[str, frozenset[int]]:
        """An expression that may come up any number of times."""
        return self._value(text, path, shared=True)

    def _value(self, text: str, path: _Path, *, shared: bool = False) -> tuple[str, frozenset[int]]:
        filled, used = self._filled(text.strip(), 0, path, is_expression=True, shared=shared)
        select = parse_sql(f"SELECT {filled}")[0].stmt
        if not isinstance(select, ast.SelectStmt) or len(select.targetList or ()) != 1:
            raise Refused("it has an expression that is a query of several columns")
        return (f"(SELECT {filled})" if _is_query(select) else filled), used

    def _filled(
        self,
        text: str,
        start: int,
        path: _Path,
        *,
        is_expression: bool = False,
        shared: bool = False,
    ) -> tuple[str, frozenset[int]]:
        """A text of SQL with the variables' values in their places, and what they are made of."""
        lead = "SELECT " if is_expression else ""
        text = without_comments(text)
        tree = parse_sql(lead + text)
        if len(tree) != 1:
            raise Refused("it cannot be read")
        if shared and is_volatile(tree[0].stmt, self._catalog):
            raise Refused("a value of it is another each time that it is computed")
        return self._variables.fill(lead + text, tree[0].stmt, path.values, len(lead) + start)


def cast(text: str, type_name: str) -> str:
    """An expression of a type."""
    try:
        node = parse_sql(f"SELECT {text}")[0].stmt.targetList[0].val
    except ParseError:
        node = None
    match node:
        case ast.TypeCast() if text.lower().endswith(f"::{type_name.lower()}"):
            return text
        case ast.A_Const() if not text.lstrip().startswith("-"):
            if text.lower() in ("true", "false") and type_name.lower() in ("boolean", "bool"):
                return text
            return f"{text}::{type_name}"
        case ast.ColumnRef() | ast.FuncCall(over=None, agg_filter=None) | ast.ParamRef():
            return f"{text}::{type_name}"
        case ast.BoolExpr() | ast.NullTest() | ast.BooleanTest() if type_name == "boolean":
            return f"({text})"
    is_bracketed = text.startswith("(") and closing(text) == len(text) - 1
    return f"{text if is_bracketed else f'({text})'}::{type_name}"


def _written(result: _Result, depth: int) -> str:
    if isinstance(result, str):
        return result
    pad = "\n" + _INDENT * (depth + 1)
    lines = ["CASE"]
    for condition, value in result.branches:
        lines.append(f"WHEN {condition} THEN {_written(value, depth + 1)}")
    lines.append(f"ELSE {_written(result.otherwise, depth + 1)}")
    return pad.join(lines) + "\n" + _INDENT * depth + "END"


def _is_query(select: ast.SelectStmt) -> bool:
    clauses = ("fromClause", "whereClause", "groupClause", "havingClause", "sortClause")
    more = ("limitCount", "limitOffset", "withClause", "distinctClause", "larg", "windowClause")
    return any(getattr(select, name) for name in (*clauses, *more))


_SAFE = (ast.A_Const, ast.ColumnRef, ast.String, ast.Integer, ast.Float, ast.Boolean, ast.ParamRef)


def _is_safe(text: str) -> bool:
    """Whether computing a value can give no error: a constant or another value as it is."""
    select = parse_sql(f"SELECT {text}")[0].stmt
    return not _is_query(select) and isinstance(select.targetList[0].val, _SAFE)


def _returns_nothing(step: dict[str, Any]) -> bool:
    node = step.get("PLpgSQL_stmt_return")
    return node is not None and "expr" not in node and not (node.get("text") or "").strip()


def _kinds(steps: list[dict[str, Any]]) -> str:
    names = [kind.removeprefix("PLpgSQL_stmt_").upper() for step in steps for kind in step]
    return ", ".join(dict.fromkeys(names)) or "nothing"
