"""Python as text: modules that are written out, and those that come as they are."""

from __future__ import annotations

import importlib.resources
from collections.abc import Iterable


def source_of(name: str) -> str:
    """The text of a module that is the same for every schema."""
    package = importlib.resources.files("dsql_compat.guide.application.code")
    return package.joinpath(f"{name}.py").read_text("utf-8")


def module(purpose: str, lines: Iterable[str]) -> str:
    """A module of these lines."""
    return "\n".join([f'"""{purpose}"""', "", *lines, ""])


def literal(value: object) -> str:
    """A constant of Python, strings in double quotes."""
    match value:
        case str():
            plain = value.isprintable() and "\\" not in value and '"' not in value
            return f'"{value}"' if plain else repr(value)
        case tuple():
            inner = ", ".join(map(literal, value))
            return f"({inner},)" if len(value) == 1 else f"({inner})"
        case frozenset():
            return "frozenset({" + ", ".join(sorted(map(literal, value))) + "})"
        case _:
            return repr(value)
