"""What a detector knows: the statement it looks at, the catalog at that moment, the target."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from dsql_compat.catalog.model import Catalog
from dsql_compat.findings import Finding, ObjectRef, Span, Unanalysed
from dsql_compat.rules import Catalogue, Rule, Status
from dsql_compat.sql.statements import Statement
from dsql_compat.targets import Target


@dataclass(slots=True)
class Transaction:
    """An explicit transaction block that is open: what it holds so far."""

    begin: Statement
    ddl: list[Statement] = field(default_factory=list)
    dml: list[Statement] = field(default_factory=list)


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


class Run:
    """The state of one analysis: the catalog so far and everything found."""

    def __init__(self, catalogue: Catalogue, target: Target) -> None:
        self.catalogue = catalogue
        self.target = target
        self.catalog = Catalog()
        self.catalogs = [self.catalog]
        self.transaction: Transaction | None = None
        self.findings: list[Finding] = []
        self.unanalysed: list[Unanalysed] = []
        self.missing = MissingObjects()
        self.first: dict[tuple[str, ObjectRef], Finding] = {}
        self.sightings: Counter[tuple[str, str]] = Counter()
        self.used_sequences: set[ObjectRef] = set()  # by more than column defaults
        self.plain_statements = 0
        self._in_force: dict[tuple[str, str], Status | None] = {}

    def status(self, rule: str, case: str = "") -> Status | None:
        """The rule's status at the target, None where there is nothing to say."""
        key = (rule, case)
        if key not in self._in_force:
            status = self.rule(rule).at(self.target.date, case)
            self._in_force[key] = status if status and status.severity else None
        return self._in_force[key]

    def rule(self, rule: str) -> Rule:
        """A rule by id; KeyError for a check that has no rule."""
        return self.catalogue.rules[rule]

    def is_accepted(self, rule: str, case: str = "") -> bool:
        """Whether DSQL takes the feature at the target (with or without a remark)."""
        status = self.rule(rule).at(self.target.date, case)
        return status is None or status.status != "unsupported"


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
        )
        self.run.first.setdefault((rule, about), finding)
        if breaks and status.severity == "error":
            self.run.missing.add(about, finding)
        return finding

    @property
    def statement_ref(self) -> ObjectRef:
        """How findings name a statement that is about no object: by its first words."""
        first = [t.text.upper() for t in self.statement.tokens[:2] if t.name != "SCONST"]
        words = " ".join(first)
        return ObjectRef("statement", words or "statement")

    def missing(self, ref: ObjectRef) -> Finding | None:
        """The finding that says why DSQL will not have this object."""
        return self.run.missing.get(ref)

    def earlier(self, rule: str, ref: ObjectRef) -> Finding | None:
        """The first finding of a rule about an object, for what follows from it."""
        return self.run.first.get((rule, ref))
