"""Generated code, asked about its SQL: does DSQL take it, and is all there that it needs?"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator

from pglast import ast as tree
from pglast.parser import ParseError, parse_sql

from dsql_compat.guide.application.relations import made
from dsql_compat.guide.application.trigger_code import ByHandError
from dsql_compat.pipeline import analyze_text
from dsql_compat.report.markdown import code as in_code
from dsql_compat.rewriting.model import Key, Rewrite
from dsql_compat.rewriting.references import needs
from dsql_compat.sql.names import relation_name
from dsql_compat.sql.walk import walk

KEPT = ("same", "text", "unpadded")  # conversions after which a column's values compare as before
_CALLS = ("run", "value", "test", "set", "rows", "into")


def demand_accepted(rewrite: Rewrite, code: str) -> None:
    """Raise ByHandError if a statement in lines of Python is nothing for DSQL or for the result."""
    date = rewrite.report.target.date.isoformat()
    there = {item.makes for item in rewrite.items if item.makes is not None}
    for sql in statements_in(code):
        try:
            roots = [raw.stmt for raw in parse_sql(sql)]
        except ParseError:
            raise ByHandError("SQL that cannot be read") from None
        for root in roots:
            absent = sorted(shown(key) for key in needs(rewrite.catalog, root) - there)
            if absent:
                raise ByHandError(f"it needs {in_code(absent[0])}, which is not there")
        report = analyze_text(f"{sql};", date)
        wrong = [f for f in report.findings if f.severity == "error" and f.rule != "missing-object"]
        if wrong:
            raise ByHandError(wrong[0].message.rstrip("."))


def shown(key: Key) -> str:
    """What a reader calls an object: the name of a routine has its arguments in it."""
    if key.namespace != "function":
        return str(key.name)
    return f"{key.name.schema}.{key.name.name}" if key.name.schema else key.name.name


def demand_columns(rewrite: Rewrite, code: str) -> None:
    """Raise ByHandError if a statement names a column that is stored otherwise by now."""
    for sql in statements_in(code):
        for root in parse_sql(sql):
            nodes = list(walk(root.stmt))
            names = {getattr(n.fields[-1], "sval", "*") for n in nodes if _is(n, tree.ColumnRef)}
            names |= {str(n.name) for n in nodes if _is(n, tree.ResTarget) and n.name}
            for node in nodes:
                if _is(node, tree.RangeVar):
                    _demand_columns_of(rewrite, node, names)


def _is(node: tree.Node, kind: type) -> bool:
    return isinstance(node, kind)


def _demand_columns_of(rewrite: Rewrite, node: tree.RangeVar, names: set[str]) -> None:
    source = rewrite.catalog.table(relation_name(node))
    result = made(rewrite, source)
    if source is None:
        return
    if result is None or result.name != source.name:
        raise ByHandError(f"{in_code(str(source.name))} is not a table of the result")
    stored = {column.name: column for column in result.columns}
    for name in source.columns:
        if name not in names and "*" not in names:
            continue
        column = stored.get(name)
        if column is None or column.conversion not in KEPT:
            raise ByHandError(f"the column {in_code(name)} is stored otherwise by now")


def statements_in(code: str) -> Iterator[str]:
    """The SQL in the calls of generated code, with NULL for its parameters."""
    for node in ast.walk(ast.parse("def f():\n" + textwrap.indent(code, "    "))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        texts = [a.value for a in node.args if isinstance(a, ast.Constant)]
        if node.func.attr in _CALLS and texts:
            sql = re.sub(r"%\([^)]+\)s", "NULL", str(texts[-1])).replace("%%", "%")
            yield f"SELECT ({sql})" if node.func.attr in ("test", "set") else sql
