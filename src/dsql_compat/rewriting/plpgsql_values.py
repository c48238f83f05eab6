"""What the variables of a PL/pgSQL body stand for while it is followed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pglast import ast, enums
from pglast.parser import parse_sql, scan

from dsql_compat.catalog.model import Catalog, Function
from dsql_compat.catalog.types import display
from dsql_compat.sql.names import Name, name_of
from dsql_compat.sql.plpgsql import declared_types
from dsql_compat.sql.walk import walk

_MODE = enums.FunctionParameterMode
_OUT = (_MODE.FUNC_PARAM_OUT, _MODE.FUNC_PARAM_INOUT)
# Built-in functions that give another value, or do something, each time they are called.
_VOLATILE = {
    *("random", "random_normal", "setseed", "gen_random_uuid", "uuidv7", "uuidv4"),
    *("nextval", "setval", "currval", "lastval", "clock_timestamp", "timeofday"),
    *("pg_sleep", "pg_sleep_for", "pg_sleep_until", "set_config", "pg_notify", "txid_current"),
    *("pg_current_xact_id", "uuid_generate_v4", "uuid_generate_v1", "gen_random_bytes"),
    *("gen_salt", "uuid_generate_v1mc", "query_to_xml", "dblink", "dblink_exec"),
}
_CUT = {"varchar", "char", "character", "bpchar", "bit", "varbit"}


class Refused(Exception):  # noqa: N818 - no error: the reason why a body stays as it is
    """The body has something that no query stands for; the text says what."""


@dataclass(frozen=True, slots=True)
class Value:
    """What a variable stands for; `needs` are the numbers of all values in its text."""

    text: str
    number: int
    fallible: bool
    needs: frozenset[int] = frozenset()


@dataclass(slots=True)
class Variables:
    """The variables of a body: written types, and the defaults of those that it declares."""

    types: dict[str, str] = field(default_factory=dict)
    defaults: dict[str, str] = field(default_factory=dict)
    aliases: dict[str, Value] = field(default_factory=dict)
    output: str | None = None  # the one OUT parameter

    @staticmethod
    def declared(
        tree: ast.CreateFunctionStmt, function: dict[str, Any], body: str, catalog: Catalog
    ) -> Variables:
        """The parameters and what the body declares.  Raises Refused."""
        found = Variables()
        for parameter in tree.parameters or ():
            if parameter.mode in _OUT:
                if found.output is not None or parameter.mode != _MODE.FUNC_PARAM_OUT:
                    raise Refused("it has several OUT parameters, or INOUT ones")
                found.output = parameter.name
                found.defaults[parameter.name or ""] = ""
            if parameter.name:
                found.types[parameter.name] = display(parameter.argType)
        if body.lstrip().startswith("#") or "\n#" in body:
            raise Refused("it has a #option")
        found.aliases = _aliases(body)
        written = {name: body[a:b] for a, b, name in declared_types(body)}
        written |= {name.lower(): text for name, text in written.items()}
        for datum in function.get("datums", ()):
            ((kind, variable),) = datum.items()
            name = variable.get("refname", "")
            if "lineno" not in variable or name.startswith(("__Case__", "(unnamed", "*")):
                continue
            if kind != "PLpgSQL_var" or name not in written:
                raise Refused("it declares records, cursors or aliases")
            if name in found.types or name in found.aliases:
                raise Refused("it declares a name twice")
            if variable.get("notnull"):
                raise Refused("it declares a variable NOT NULL")
            found.types[name] = _type_of(written[name], catalog)
            default = variable.get("default_val")
            found.defaults[name] = default["PLpgSQL_expr"]["query"] if default else ""
        return found

    def type_of(self, name: str) -> str:
        """The type that assigning to a variable converts to."""
        if name not in self.types:
            raise Refused(f"it assigns to {name}, which it does not declare")
        written = self.types[name]
        first = written.lower().partition("(")[0].split()
        if "(" in written and first and (first[0] in _CUT or first[-1] in _CUT):
            raise Refused("a variable of limited length gives an error for a longer value")
        return written

    def fill(
        self, text: str, tree: ast.Node, values: dict[str, Value], start: int
    ) -> tuple[str, frozenset[int]]:
        """Put values in the places of the variables; the text is returned from `start` on."""
        edits: list[tuple[int, int, str]] = []
        used: frozenset[int] = frozenset()
        for node in walk(tree):
            is_output = isinstance(tree, ast.SelectStmt) and isinstance(node, ast.ResTarget)
            if is_output and node.name in values:
                raise Refused(f"a column of a query has the name of the variable {node.name}")
            if isinstance(node, ast.FuncCall) and node.func_variadic:
                continue
            if not isinstance(node, ast.ColumnRef) or not isinstance(node.fields[0], ast.String):
                continue
            name = node.fields[0].sval
            value = values.get(name)
            if value is None:
                if name == "found" and len(node.fields) == 1 and "found" not in values:
                    raise Refused("it asks for FOUND before any query")
                continue
            if len(node.fields) > 1:
                raise Refused("it reads a part of a variable, or a table has a variable's name")
            end = _end_of_word(text, node.location)
            is_indexed = text[end:].lstrip()[:1] in ("[", ".")
            edits.append((node.location, end, f"({value.text})" if is_indexed else value.text))
            used |= value.needs
        for begin, end, new in sorted(edits, reverse=True):
            text = text[:begin] + new + text[end:]
        return text[start:], used


def _aliases(body: str) -> dict[str, Value]:
    """Names that are declared as ALIAS FOR a parameter."""
    words = [body[t.start : t.end + 1] for t in tokens_of(body)]
    places = [n for n, word in enumerate(words) if word.upper() == "ALIAS"]
    found: dict[str, Value] = {}
    for place in places:
        if words[place + 1].upper() != "FOR" or words[place + 3] != ";":
            raise Refused("it has an ALIAS that is no declaration")
        name = words[place - 1]
        if name.lower() in found or words[place + 2].lower() in found:
            raise Refused("it has an ALIAS of an ALIAS")
        plain = name[1:-1] if name.startswith('"') else name.lower()
        found[plain] = Value(words[place + 2], 0, fallible=False)
    return found


def tokens_of(text: str) -> list[Any]:
    """The words of a text, without comments."""
    return [t for t in scan(text) if t.name not in ("SQL_COMMENT", "C_COMMENT")]


def without_comments(text: str) -> str:
    """A text with a blank in the place of each comment, for what is put on one line."""
    if "--" not in text and "/*" not in text:
        return text
    for token in reversed(scan(text)):
        if token.name in ("SQL_COMMENT", "C_COMMENT"):
            text = text[: token.start] + " " + text[token.end + 1 :]
    return text


def closing(text: str) -> int:
    """Where the bracket that a text begins with is closed."""
    depth = 0
    for token in scan(text):
        word = text[token.start : token.end + 1]
        depth += (word in ("(", "[")) - (word in (")", "]"))
        if not depth:
            return int(token.start)
    return -1


def _end_of_word(text: str, at: int) -> int:
    word = next(token for token in scan(text) if token.start == at)
    return int(word.end) + 1


def _type_of(written: str, catalog: Catalog) -> str:
    """A declared type, `table.column%TYPE` as the column's."""
    text = " ".join(written.split())
    if text.lower().endswith("%type"):
        *table, column = [part.strip('"') for part in text[:-5].strip().split(".")]
        schema = table[-2] if len(table) > 1 else None
        relation = catalog.table(Name(schema, table[-1])) if table else None
        found = relation.columns.get(column) if relation is not None else None
        if found is None or found.type is None:
            raise Refused(f"it declares a variable of {text}")
        return display(found.type)
    if "%" in text or text.lower() == "record":
        raise Refused("it declares a variable for a whole row")
    parsed = parse_sql(f"SELECT NULL::{text}")[0].stmt.targetList[0].val.typeName
    if catalog.relation(name_of(parsed.names)) is not None:
        raise Refused("it declares a variable for a whole row")
    return text


def returned_type(tree: ast.CreateFunctionStmt, catalog: Catalog) -> tuple[str, bool]:
    """The type that the function returns, and whether it returns rows.  Raises Refused."""
    outs = [p for p in tree.parameters or () if p.mode in _OUT]
    node = tree.returnType
    if any(p.mode == _MODE.FUNC_PARAM_TABLE for p in tree.parameters or ()):
        return "record", True
    if node is None:
        return (_returned(outs[0].argType) if outs else "void"), False
    name = name_of(node.names)
    if node.setof:
        return "record", True
    is_row = name.name == "record" or catalog.relation(name) is not None
    own = catalog.type(name)
    if is_row or (own is not None and own.kind == "composite"):
        raise Refused("it returns a row")
    if name.name in ("trigger", "event_trigger"):
        raise Refused("it is a trigger function")
    return ("void" if name.name == "void" else _returned(node)), False


def is_volatile(tree: ast.Node, catalog: Catalog) -> bool:
    """Whether an expression calls what may answer differently each time, or locks rows."""
    for node in walk(tree):
        if isinstance(node, ast.LockingClause):
            return True
        if isinstance(node, ast.FuncCall):
            name = name_of(node.funcname)
            own = catalog.functions_named(name)
            if name.name in _VOLATILE or any(_volatility(f) == "volatile" for f in own):
                return True
    return False


def _volatility(function: Function) -> str:
    for option in getattr(function.node, "options", None) or ():
        if option.defname == "volatility":
            return str(option.arg.sval)
    return "volatile"


def only_row(query: str) -> str:
    """A query for the first row that another one gives, as SELECT INTO takes it."""
    select = parse_sql(query)[0].stmt
    if not isinstance(select, ast.SelectStmt):
        raise Refused("it takes a value from a statement that changes data")
    if len(select.targetList or ()) != 1 or select.larg is not None:
        raise Refused("it takes a value from a query of several columns")
    target = select.targetList[0].val
    if isinstance(target, ast.ColumnRef) and isinstance(target.fields[-1], ast.A_Star):
        raise Refused("it takes a value from a query of all columns")
    limit = select.limitCount
    if isinstance(limit, ast.A_Const) and not limit.isnull and _number(limit) == 1:
        return query
    if limit is not None or select.limitOffset is not None:
        raise Refused("it takes the first of several rows")
    is_total = isinstance(target, ast.FuncCall) and name_of(target.funcname).name in _TOTALS
    if (is_total and not select.groupClause and target.over is None) or not select.fromClause:
        return query
    return f"{query} LIMIT 1"


_TOTALS = {"count", "sum", "min", "max", "avg", "bool_and", "bool_or", "every", "array_agg"}
_TOTALS |= {"string_agg", "json_agg", "jsonb_agg"}


def _number(node: ast.A_Const) -> int | None:
    return node.val.ival if isinstance(node.val, ast.Integer) else None


def locate_returns(block: dict[str, Any], body: str) -> None:
    """Give each RETURN of a variable its text, which the parser leaves out.

    Both the steps and the words RETURN come in the order of the text.
    """
    tokens = tokens_of(body)
    words = [body[t.start : t.end + 1] for t in tokens]
    places = [n for n, word in enumerate(words) if word.upper() == "RETURN"]
    steps = list(_returns(block))
    if len(places) != len(steps):
        raise Refused("its RETURNs cannot be told apart")
    for place, (kind, node) in zip(places, steps, strict=True):
        if kind == "PLpgSQL_stmt_return" and "expr" not in node:
            end = words.index(";", place)
            node["text"] = body[tokens[place].end + 1 : tokens[end].start]


def _returns(node: Any) -> list[tuple[str, dict[str, Any]]]:
    found: list[tuple[str, dict[str, Any]]] = []
    if isinstance(node, list):
        for item in node:
            found += _returns(item)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key.startswith("PLpgSQL_stmt_return") and value:
                found.append((key, value))
            elif isinstance(value, dict | list):
                found += _returns(value)
    return found


def _returned(node: ast.TypeName) -> str:
    """The type of a result: a function's own has no length, whatever is written."""
    name = display(node)
    if node.typmods:
        array = "[]" * bool(node.arrayBounds)
        name = name.partition("(")[0] + array
        if name in ("bit", "character"):
            raise Refused(f"it returns {name} of any length")
    return name
