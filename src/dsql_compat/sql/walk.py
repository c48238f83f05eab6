"""One walk over a syntax tree.

pglast's own visitor allocates an object a node and is ten times slower; its node classes say in
`__slots__` which of their fields can hold nodes, so nothing else is looked at.
"""

from __future__ import annotations

from collections.abc import Iterator

from pglast import ast

_SCALARS = ("char*", "bitmapset*", "void*")
_VALUES = (ast.String, ast.Integer, ast.Float, ast.Boolean, ast.BitString, ast.A_Star)


def _child_fields(cls: type) -> tuple[str, ...]:
    slots = cls.__dict__.get("__slots__")
    if not isinstance(slots, dict):
        return ()
    return tuple(
        name
        for name, info in slots.items()
        if info.c_type.endswith("*") and info.c_type.lower() not in _SCALARS
    )


_CHILDREN: dict[type, tuple[str, ...]] = {
    cls: _child_fields(cls)
    for cls in vars(ast).values()
    if isinstance(cls, type) and issubclass(cls, ast.Node) and cls not in _VALUES
}


def walk(root: ast.Node) -> Iterator[ast.Node]:
    """Every node of a tree but names and constants, parents first, in the order of the fields."""
    stack: list[object] = [root]
    pop, push = stack.pop, stack.append
    children = _CHILDREN
    while stack:
        node = pop()
        if node.__class__ is tuple:
            stack.extend(reversed(node))  # type: ignore[call-overload]
            continue
        fields = children.get(node.__class__)
        if fields is None:
            continue
        yield node  # type: ignore[misc]
        for name in reversed(fields):
            child = getattr(node, name)
            if child is not None:
                push(child)
