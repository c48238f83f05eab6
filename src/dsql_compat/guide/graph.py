"""The foreign keys of a schema as a graph: who is referred to, and how far a delete reaches."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from dsql_compat.checks.constraints_foreign import is_led
from dsql_compat.rewriting.model import Rewrite
from dsql_compat.sql.names import Name

HOT = 3  # foreign keys to one table from which on it is called a hot parent
_ACTIONS = {"a": "NO ACTION", "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}


@dataclass(frozen=True, slots=True)
class Reference:
    """One foreign key; `is_led` says that an index begins with the referring columns."""

    name: str
    child: Name
    parent: Name
    columns: tuple[str, ...]
    on_delete: str
    is_led: bool
    is_deferred: bool


@dataclass(frozen=True)
class ForeignKeyGraph:
    """All foreign keys between tables that are in the result."""

    tables: tuple[Name, ...]
    references: tuple[Reference, ...]

    @cached_property
    def fan_in(self) -> Counter[Name]:
        """How many foreign keys of other tables refer to each."""
        return Counter(r.parent for r in self.references if r.parent != r.child)

    @property
    def hot(self) -> list[Name]:
        """The tables that many refer to, the most first."""
        return [name for name, count in self.fan_in.most_common() if count >= HOT]

    @property
    def tied(self) -> list[Name]:
        """The tables that have a part in any foreign key, in the order of the source."""
        some = {name for r in self.references for name in (r.child, r.parent)}
        return [name for name in self.tables if name in some]

    def cascades_from(self, start: Name) -> list[list[Name]]:
        """The tables that a delete reaches by ON DELETE CASCADE, step by step."""
        seen, steps, edge = {start}, [], [start]
        while edge:
            following = [
                r.child
                for r in self.references
                if r.on_delete == "CASCADE" and r.parent in edge and r.child not in seen
            ]
            edge = list(dict.fromkeys(following))
            seen |= set(edge)
            if edge:
                steps.append(edge)
        return steps


def foreign_keys(rewrite: Rewrite) -> ForeignKeyGraph:
    """The graph of a database; partitions count as the table that takes their rows."""
    roots = {source.name: made.name for made in rewrite.tables for source in made.sources}
    found: list[Reference] = []
    for made in rewrite.tables:
        if not made.sources:
            continue
        source = made.sources[0]
        for constraint in source.constraints_of("foreign key"):
            parent = roots.get(constraint.referenced) if constraint.referenced else None
            if parent is None:
                continue
            action = _ACTIONS.get(constraint.node.fk_del_action or "a", "NO ACTION")
            found.append(
                Reference(
                    constraint.name,
                    made.name,
                    parent,
                    constraint.columns,
                    action,
                    is_led(source, constraint),
                    constraint.deferrable,
                )
            )
    return ForeignKeyGraph(tuple(table.name for table in rewrite.tables), tuple(found))
