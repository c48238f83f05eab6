"""What a detector knows: the statement it looks at, the catalog at that moment, the target."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pglast import ast

from dsql_compat.catalog.model import Catalog, Table
from dsql_compat.findings import Finding, ObjectRef, Span, Unanalysed
from dsql_compat.rules import Catalogue, Rule, Status
from dsql_compat.sources.directives import Directive
from dsql_compat.sources.files import Wrap
from dsql_compat.sources.workload.model import Workload
from dsql_compat.sql.names import Name
from dsql_compat.sql.statements import Statement
from dsql_compat.targets import PREVIEW, Target

Found = Iterator[Finding | None]  # what a detector yields: None where there is nothing to say


@dataclass(slots=True)
class Transaction:
    """A transaction that is open: what it holds so far.

    `wrap` is set for one that no BEGIN of the source has opened, but the tool that runs it.
    """

    begin: Statement
    ddl: list[Statement] = field(default_factory=list)
    dml: list[Statement] = field(default_factory=list)
    rows: int = 0  # brought by literal INSERTs and COPY
    largest: int = 0  # by one of them
    bytes: int = 0
    most_bytes: int = 0
    last_rows: Statement | None = None
    wrap: Wrap | None = None

    def bring(self, rows: int, statement: Statement | None = None, size: int = 0) -> None:
        """Count the rows of one INSERT or COPY, and their bytes where data brings them."""
        self.rows += rows
        self.bytes += size
        self.most_bytes = max(self.most_bytes, size)
        self.largest = max(self.largest, rows)
        self.last_rows = statement or self.last_rows


@dataclass(frozen=True, slots=True)
class WrapEnd:
    """The end of a transaction that a migration tool had opened."""

    block: Transaction


class MissingObjects(dict[ObjectRef, Finding]):
    """Objects that DSQL will not have, each with the finding that says so.

    `names` holds every name ever put in, so that most look-ups end with one look into a set.
    """

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def add(self, ref: ObjectRef, finding: Finding) -> None:
        """Note an object; what was said of it first stays."""
        self.names.update(name for name in (ref.name, ref.table) if name)
        self.setdefault(ref, finding)


@dataclass(frozen=True, slots=True)
class Awaited:
    """What a function's body names before it exists, if it ever does."""

    routine: ObjectRef
    candidates: tuple[Name, ...]
    span: Span
    is_call: bool


@dataclass(frozen=True, slots=True)
class Retyped:
    """A column that cannot keep its type, with the finding that says so."""

    table: Table
    family: str
    type: str
    finding: Finding


@dataclass(slots=True)
class DatabaseState:
    """What a run knows of one database: its catalog, and what was found of its objects so far."""

    catalog: Catalog
    missing: MissingObjects = field(default_factory=MissingObjects)
    first: dict[tuple[str, ObjectRef], Finding] = field(default_factory=dict)
    unfit_keys: dict[tuple[str, ObjectRef], Finding] = field(default_factory=dict)
    used_sequences: set[ObjectRef] = field(default_factory=set)
    retyped: dict[str, list[Retyped]] = field(default_factory=dict)
    operations: list[tuple[Here, ast.Node]] = field(default_factory=list)
    unfinished_indexes: set[ObjectRef] = field(default_factory=set)
    awaited: list[Awaited] = field(default_factory=list)
    again: list[tuple[Here, ast.Node]] = field(default_factory=list)


class Run:
    """The state of one analysis: the databases so far and everything found.

    `missing` and the like are those of the database that statements go to now.
    """

    def __init__(
        self, catalogue: Catalogue, target: Target, refused: frozenset[str] = frozenset()
    ) -> None:
        self.catalogue = catalogue
        self.target = target
        self.refused = refused  # rules to go by as if their feature had not come yet
        self.databases: list[DatabaseState] = []
        self.enter(Catalog())
        self.transaction: Transaction | None = None
        self.wrap: Wrap | None = None  # that the last statement stood in
        self.most_rows = 0  # of one explicit transaction
        self.most_bytes = 0
        self.findings: list[Finding] = []
        self.unanalysed: list[Unanalysed] = []
        self.directives: list[Directive] = []
        self.unmapped: dict[str, Span] = {}  # roles that log in, without a mapping from IAM
        self.sightings: Counter[tuple[str, str]] = Counter()
        self.plain_statements = 0
        self.workloads: list[Workload] = []
        self.workload_objects: set[tuple[str | None, ObjectRef]] = set()
        self.observed: dict[str, tuple[int, str | None]] = {}  # by what limits count, and where
        self._in_force: dict[tuple[str, str], Status | None] = {}

    def enter(self, catalog: Catalog) -> None:
        """From here on, statements concern this catalog's database."""
        known = next((d for d in self.databases if d.catalog is catalog), None)
        if known is None:
            known = DatabaseState(catalog)
            self.databases.append(known)
        self.catalog = catalog
        self.missing = known.missing
        self.first = known.first
        self.unfit_keys = known.unfit_keys  # by column or domain
        self.used_sequences = known.used_sequences  # by more than column defaults
        self.retyped = known.retyped  # columns, by name
        self.operations = known.operations  # on columns of tables that were not there yet
        self.again = known.again  # nodes to be looked at once the whole schema stands
        self.unfinished_indexes = known.unfinished_indexes  # that nothing has waited for
        self.awaited = known.awaited  # by the bodies of functions

    @property
    def catalogs(self) -> list[Catalog]:
        """The catalogs of all databases, in the order they came."""
        return [database.catalog for database in self.databases]

    def status(self, rule: str, case: str = "") -> Status | None:
        """The rule's status at the target, None where there is nothing to say."""
        key = (rule, case)
        if key not in self._in_force:
            status = self._at_target(rule, case)
            self._in_force[key] = status if status and status.severity else None
        return self._in_force[key]

    def rule(self, rule: str) -> Rule:
        """A rule by id; KeyError for a check that has no rule."""
        return self.catalogue.rules[rule]

    def is_accepted(self, rule: str, case: str = "") -> bool:
        """Whether DSQL takes the feature at the target (with or without a remark)."""
        status = self._at_target(rule, case)
        return status is None or status.status != "unsupported"

    def _at_target(self, rule: str, case: str) -> Status | None:
        day = PREVIEW if rule in self.refused else self.target.date
        return self.rule(rule).at(day, case)


@dataclass(slots=True)
class Here:
    """One statement in the run.  `inside` is the routine whose body it stands in, if any."""

    run: Run
    statement: Statement
    subject: ObjectRef | None = None
    inside: ObjectRef | None = None
    cause: Finding | None = None

    @property
    def catalog(self) -> Catalog:
        """The catalog after this statement."""
        return self.run.catalog

    @property
    def target(self) -> Target:
        """The state of DSQL that is asked about."""
        return self.run.target

    def found(
        self,
        rule: str,
        span: Span,
        *,
        about: ObjectRef | None = None,
        case: str = "",
        cause: Finding | None = None,
        before: str | None = None,
        also: tuple[ObjectRef, ...] = (),
        breaks: bool = False,
        key: str = "",
        **facts: Any,
    ) -> Finding | None:
        """A finding, or None where the rule has nothing to say at this target.

        `about` is the object concerned (by default what the statement is about); `breaks` says
        that DSQL will not have that object, so that later statements on it can name this cause.
        `before` is the text that the rewrite replaces, the whole statement by default; `key`
        tells findings of one rule on one object apart.  `facts` fill the rule's texts.
        """
        self.run.sightings[rule, case] += 1
        status = self.run.status(rule, case)
        if status is None:
            return None
        about = self.inside or about or self.subject or self.statement_ref
        finding = Finding(
            rule,
            status,
            span,
            about,
            {name: str(value) for name, value in facts.items()},
            cause or self.cause,
            before,
            also,
            key,
            self.run.catalog.database,
        )
        self.run.first.setdefault((rule, about), finding)
        if breaks and status.severity == "error":
            self.run.missing.add(about, finding)
        return finding

    @property
    def statement_ref(self) -> ObjectRef:
        """How findings name a statement that is about no object: by its first words."""
        first = [t for t in self.statement.tokens[:2] if t.name != "SCONST" and t.text != ";"]
        words = " ".join(token.text.upper() for token in first)
        return ObjectRef("statement", words or "statement")

    def missing(self, ref: ObjectRef) -> Finding | None:
        """The finding that says why DSQL will not have this object."""
        return self.run.missing.get(ref)

    def earlier(self, rule: str, ref: ObjectRef) -> Finding | None:
        """The first finding of a rule about an object, for what follows from it."""
        return self.run.first.get((rule, ref))
