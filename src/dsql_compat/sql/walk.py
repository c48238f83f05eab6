"""One walk over a syntax tree.

pglast's own visitor allocates an object a node and is ten times slower; its node classes say in
`__slots__` which of their fields can hold nodes, so nothing else is looked at.
"""

from __future__ import annotations

from collections.abc import Iterator

from pglast import ast

_SCALARS = ("char*", "bitmapset*", "void*", "valunion")
_VALUES = (ast.String, ast.Integer, ast.Float, ast.Boolean, ast.BitString, ast.A_Star)
# Lists that spell a name, which is half of all nodes of a dump.
_NAMES = {
    *((ast.TypeName, "names"), (ast.ColumnRef, "fields"), (ast.FuncCall, "funcname")),
    *((ast.A_Expr, "name"), (ast.Constraint, "keys")),
    *((ast.Constraint, "fk_attrs"), (ast.Constraint, "pk_attrs")),
}


def _child_fields(cls: type) -> tuple[str, ...]:
    slots = cls.__dict__.get("__slots__")
    if not isinstance(slots, dict):
        return ()
    return tuple(
        name
        for name, info in slots.items()
        if (info.c_type.endswith("*") or hasattr(ast, info.c_type))  # some hold a node by value
        and info.c_type.lower() not in _SCALARS
        and (cls, name) not in _NAMES
    )


_CHILDREN: dict[type, tuple[str, ...]] = {
    cls: _child_fields(cls)
    for cls in vars(ast).values()
    if isinstance(cls, type) and issubclass(cls, ast.Node) and cls not in _VALUES
}
del _CHILDREN[ast.MultiAssignRef]


def walk(root: ast.Node) -> Iterator[ast.Node]:
    """Every node of a tree but names and constants, parents first, in the order of the fields."""
    stack: list[object] = [root]
    pop, push = stack.pop, stack.append
    children = _CHILDREN
    while stack:
        node = pop()
        if node.__class__ is tuple:
            stack.extend(reversed(node))
            continue
        fields = children.get(node.__class__)
        if fields is None:
            if isinstance(node, ast.MultiAssignRef) and node.colno == 1:
                push(node.source)  # (a, b) = (…) stands in the tree once for each column
            continue
        yield node
        for name in reversed(fields):
            child = getattr(node, name)
            if child is not None:
                push(child)


def children(node: ast.Node) -> Iterator[object]:
    """What stands directly in a node: nodes, and tuples of them."""
    for name in _CHILDREN.get(node.__class__, ()):
        child = getattr(node, name)
        if child is not None:
            yield child
