"""The values of a rewrite: what comes out, and what became of every object that went in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from dsql_compat.catalog.model import Catalog
from dsql_compat.catalog.model import Column as SourceColumn
from dsql_compat.catalog.model import Table as SourceTable
from dsql_compat.findings import Finding, ObjectRef
from dsql_compat.report.model import Report
from dsql_compat.rewriting.choices import Choices
from dsql_compat.rules import Conversion
from dsql_compat.sql.names import Name
from dsql_compat.sql.statements import Statement

Phase = Literal["schema", "after-load"]


class Key(NamedTuple):
    """What other statements need an object by: its name within one of PostgreSQL's namespaces."""

    namespace: Literal["relation", "type", "function", "schema", "role", "constraint", "counter"]
    name: Name


@dataclass(frozen=True, slots=True)
class Item:
    """One statement of the result.  `waits` says that it starts a job to be waited for."""

    ref: ObjectRef
    sql: str
    phase: Phase = "schema"
    makes: Key | None = None
    needs: frozenset[Key] = frozenset()
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Identity:
    """GENERATED … AS IDENTITY; `options` are those of the sequence, CACHE included."""

    always: bool
    options: str
    next_value: int | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the result and the source's column that its values come from."""

    name: str
    type: str
    not_null: bool = False
    default: str | None = None
    generated: str | None = None
    identity: Identity | None = None
    source: SourceColumn | None = None
    conversion: Conversion = "same"
    storage: str | None = None


@dataclass(frozen=True, slots=True)
class Constraint:
    """A primary key, unique or check constraint inside CREATE TABLE: `PRIMARY KEY (id)`."""

    name: str
    kind: str
    definition: str
    columns: tuple[str, ...] = ()
    needs: frozenset[Key] = frozenset()


@dataclass(slots=True)
class Table:
    """A table of the result; `sources` are the tables whose rows it takes."""

    name: Name
    columns: list[Column]
    constraints: list[Constraint] = field(default_factory=list)
    sources: list[SourceTable] = field(default_factory=list)

    @property
    def ref(self) -> ObjectRef:
        """How the rewrite names this table."""
        return ObjectRef("table", self.name.name, self.name.schema)


# What became of an object: it is there unchanged, there in another form, part of another object
# by now, or not there.
Outcome = Literal["kept", "changed", "absorbed", "left"]


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one object of the source, why, and the findings that say so."""

    ref: ObjectRef
    outcome: Outcome
    what: str = ""
    findings: tuple[Finding, ...] = ()
    statements: tuple[Statement, ...] = ()


@dataclass(slots=True)
class Rewrite:
    """A rewritten database: statements in order, and the fate of every object.

    `catalog` and `statements` are the source's, `findings` what was found about its objects.
    """

    database: str | None
    choices: Choices
    items: list[Item]
    tables: list[Table]
    fates: list[Fate]
    report: Report
    catalog: Catalog
    statements: list[Statement]
    findings: dict[ObjectRef, list[Finding]]

    @property
    def left(self) -> list[Fate]:
        """The objects that have no counterpart."""
        return [fate for fate in self.fates if fate.outcome == "left"]
