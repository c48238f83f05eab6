"""One rewritten database as the chapters look at it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cached_property

from dsql_compat.findings import Finding, ObjectRef
from dsql_compat.guide.application.model import Part
from dsql_compat.guide.graph import ForeignKeyGraph, foreign_keys
from dsql_compat.guide.words import Anchors
from dsql_compat.report.effort import MINUTES, estimate
from dsql_compat.report.grouping import Group, group_findings
from dsql_compat.report.model import FindingInfo, ObjectInfo, Report
from dsql_compat.report.readiness import verdict
from dsql_compat.report.views import Blocker, blockers
from dsql_compat.rewriting.load_plan import TableLoad, load_order
from dsql_compat.rewriting.model import Rewrite
from dsql_compat.sql.names import quote

_SAID_OF_OTHERS = ("grant", "revoke", "comment", "owner")  # and these may be routines
_SIGNATURE = re.compile(r"([^()]+)(\([^()]*\))")


def name_of(thing: ObjectRef | ObjectInfo) -> str:
    """An object's name with schema and table, quoted where PostgreSQL needs it.

    Where several stand for it (a statement, a signature), it is left as it is.
    """
    if thing.kind == "database":
        return "the database"
    if thing.kind in ("statement", "session", "workload", "function", "procedure", "aggregate"):
        return ".".join(part for part in (thing.schema, thing.table, thing.name) if part)
    parts = [quote(part) for part in (thing.schema, thing.table, thing.name) if part]
    signature = _SIGNATURE.fullmatch(thing.name) if thing.kind in _SAID_OF_OTHERS else None
    if signature:
        parts[-1] = quote(signature[1]) + signature[2]
    return ".".join(parts)


@dataclass
class View:
    """A rewrite and its findings, with what several chapters ask for.

    `report` has the findings of this database only.  `sections` are the addresses of the objects
    that the chapter on the schema has a section of.
    """

    rewrite: Rewrite
    report: Report
    sources: list[str]
    parts: list[Part] = field(default_factory=list)
    anchors: Anchors = field(default_factory=Anchors)
    sections: dict[ObjectRef, str] = field(default_factory=dict)

    @cached_property
    def by_id(self) -> dict[str, Finding]:
        """The findings behind those of the report."""
        return {f.id: f for found in self.rewrite.findings.values() for f in found}

    @cached_property
    def groups(self) -> list[Group]:
        """The findings by rule, worst first."""
        return group_findings(self.report)

    @cached_property
    def blockers(self) -> list[Blocker]:
        """What DSQL refuses, what needs a person first."""
        return blockers(self.report, self.groups)

    @cached_property
    def loads(self) -> list[TableLoad]:
        """The tables in the order of the load."""
        return load_order(self.rewrite)

    @cached_property
    def graph(self) -> ForeignKeyGraph:
        """The foreign keys."""
        return foreign_keys(self.rewrite)

    @property
    def findings(self) -> list[FindingInfo]:
        """All findings, in the order of the source."""
        return self.report.findings

    def of_rule(self, *rules: str) -> list[FindingInfo]:
        """The findings of some rules."""
        return [finding for finding in self.findings if finding.rule in rules]

    def names(self, *rules: str) -> list[str]:
        """The objects that some rules found, each once."""
        return list(dict.fromkeys(name_of(finding.object) for finding in self.of_rule(*rules)))

    def minutes(self, findings: list[FindingInfo]) -> tuple[int, int]:
        """What findings cost a person, low and high; consequences cost nothing of their own."""
        low = high = 0
        for info in findings:
            finding = self.by_id.get(info.id)
            if finding is None or finding.cause is not None:
                continue
            least, most = (0, 0)
            if finding.status.disposition != "as-is":
                least, most = finding.status.effort or MINUTES[finding.status.disposition]
            low, high = low + least, high + most
        return low, high

    def link(self, ref: ObjectRef) -> str | None:
        """Where the chapter on the schema shows an object, from another chapter."""
        address = self.sections.get(ref)
        return f"04-schema.md#{address}" if address else None


def view_of(rewrite: Rewrite, sources: list[str], *, alone: bool) -> View:
    """The view of one database; `alone`: the only one of its sources."""
    report = rewrite.report
    if not alone:
        own = {f.id: f for found in rewrite.findings.values() for f in found}
        readiness = replace(
            report.readiness, verdict=verdict(own.values()), effort=estimate(own.values())
        )
        listed = [finding for finding in report.findings if finding.id in own]
        report = replace(report, findings=listed, readiness=readiness)
    return View(rewrite, report, sources)
