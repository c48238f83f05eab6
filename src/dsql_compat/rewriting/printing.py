"""Syntax trees as SQL, the way PostgreSQL itself prints them: `x::text`, not CAST(x AS text)."""

from __future__ import annotations

from typing import Any

from pglast import ast, parse_sql
from pglast.stream import IndentedStream, RawStream

_ATOMS = (ast.A_Const, ast.ColumnRef, ast.FuncCall, ast.TypeCast, ast.A_ArrayExpr, ast.ParamRef)


_BIT = ["pg_catalog", "bit"]  # which pglast prints with the schema


class _ShortCasts:
    """Mixed into pglast's streams: casts with two colons."""

    def print_node(self, node: Any, *args: Any, **kwargs: Any) -> None:
        """Print one node; pglast calls this for every child, too."""
        if isinstance(node, ast.TypeName) and [n.sval for n in node.names or ()] == _BIT:
            sizes = ", ".join(str(size.val.ival) for size in node.typmods or ())
            text = f"bit({sizes})" if sizes else "bit"
            self.write(text + "[]" * len(node.arrayBounds or ()))  # type: ignore[attr-defined]
            return
        if not isinstance(node, ast.TypeCast) or _is_negative(node.arg):
            super().print_node(node, *args, **kwargs)  # type: ignore[misc]
            return
        stream: Any = self
        if isinstance(node.arg, _ATOMS):
            stream.print_node(node.arg)
        else:
            stream.write("(")
            stream.print_node(node.arg)
            stream.write(")")
        stream.write("::")
        stream.print_node(node.typeName)


def _is_negative(node: ast.Node) -> bool:
    """-1::int is -(1::int), so a negative constant needs its CAST."""
    value = node.val if isinstance(node, ast.A_Const) else None
    return (isinstance(value, ast.Integer) and (value.ival or 0) < 0) or (
        isinstance(value, ast.Float) and value.fval.startswith("-")
    )


class _Line(_ShortCasts, RawStream):  # type: ignore[misc]
    pass


class _Block(_ShortCasts, IndentedStream):  # type: ignore[misc]
    pass


def expression(node: ast.Node) -> str:
    """An expression on one line."""
    return str(_Line()(node)).strip()


def statement(node: ast.Node) -> str:
    """A statement over several lines, without a semicolon."""
    return str(_Block(comma_at_eoln=True)(node)).strip()


def parsed(text: str) -> ast.Node:
    """The tree of an expression."""
    return parse_sql(f"SELECT {text}")[0].stmt.targetList[0].val
