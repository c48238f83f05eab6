"""Which detector looks at what.

A detector is a generator over one thing: a node of the syntax tree, an object that a statement
made, a statement, or at the end the catalog.  Its decorator names the rules it can find, and the
class of thing it wants to see; the engine does all walking and calls it for each one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from dsql_compat.findings import Finding

Detector = Callable[[Any, Any], "Iterator[Finding | None]"]
D = TypeVar("D", bound=Callable[..., Any])

BY_CLASS: dict[type, list[Detector]] = {}
BY_RULE: dict[str, list[Callable[..., Any]]] = {}  # what finds it, wherever it is called from


def detects(*rules: str, on: type | tuple[type, ...]) -> Callable[[D], D]:
    """Register a detector for `rules`, to be shown everything of the class `on`."""

    def register(detector: D) -> D:
        for cls in on if isinstance(on, tuple) else (on,):
            BY_CLASS.setdefault(cls, []).append(detector)
        for rule in rules:
            BY_RULE.setdefault(rule, []).append(detector)
        return detector

    return register
