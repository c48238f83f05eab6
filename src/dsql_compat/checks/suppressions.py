"""Suppressions in comments: what they say, which findings they are about, and which did nothing."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from dsql_compat.findings import Finding, Suppressed
from dsql_compat.sources.directives import Directive
from dsql_compat.sql.statements import Statement

_SHAPE = re.compile(
    r"(?:--+|/\*+)\s*dsql-compat\s*:\s*(?P<verb>ignore|ignore-file)\s*\[(?P<rules>[^]\[]*)\]"
    r"[\s:–—-]*(?P<reason>.*?)\s*(?:\*/)?\s*\Z",
    re.S,
)


@dataclass(frozen=True, slots=True)
class Suppression:
    """One comment read: the known rules in it, and those that are not known with a guess each.

    `rules` None means that the comment has not the form of a suppression.
    """

    directive: Directive
    is_for_file: bool
    rules: tuple[str, ...] | None
    unknown: tuple[tuple[str, str], ...]
    reason: str

    @property
    def statement(self) -> Statement:
        """The comment, as findings need it."""
        return _as_statement(self.directive)


@dataclass(frozen=True, slots=True)
class Wasted:
    """Rules of a suppression that nothing was found of."""

    directive: Directive
    rules: tuple[str, ...]

    @property
    def statement(self) -> Statement:
        """The comment, as findings need it."""
        return _as_statement(self.directive)


def _as_statement(directive: Directive) -> Statement:
    return Statement(directive.text, directive.source, directive.line, directive.column)


def read_suppression(directive: Directive, known: Iterable[str]) -> Suppression:
    """What a comment says, given the ids of all rules."""
    found = _SHAPE.match(directive.text)
    if found is None:
        return Suppression(directive, False, None, (), "")
    names = [name for part in found["rules"].split(",") if (name := part.strip())]
    if not names:
        return Suppression(directive, False, None, (), "")
    known = frozenset(known)
    unknown = tuple((name, _guess(name, known)) for name in names if name not in known)
    rules = tuple(dict.fromkeys(name for name in names if name in known))
    is_for_file = found["verb"] == "ignore-file"
    reason = " ".join(found["reason"].split())
    return Suppression(directive, is_for_file, rules, unknown, reason)


def _guess(name: str, known: frozenset[str]) -> str:
    near = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.6)
    return near[0] if near else ""


def suppress(findings: list[Finding], suppressions: list[Suppression]) -> list[Wasted]:
    """Mark the findings that suppressions with a reason are about; what these did not need.

    What follows from a suppressed finding in the same file goes with it.
    """
    valid = [s for s in suppressions if s.rules and s.reason]
    by_source: dict[str, list[Suppression]] = {}
    for suppression in valid:
        by_source.setdefault(suppression.directive.source, []).append(suppression)
    used: set[tuple[int, str]] = set()
    for finding in findings:
        for suppression in by_source.get(finding.span.statement.outermost.source, ()):
            if finding.rule in (suppression.rules or ()) and _is_about(suppression, finding):
                used.add((id(suppression), finding.rule))
                if finding.suppressed is None:
                    finding.suppressed = _mark(suppression)
    for finding in findings:
        _follow(finding)
    wasted = [(s, tuple(r for r in s.rules or () if (id(s), r) not in used)) for s in valid]
    return [Wasted(suppression.directive, rules) for suppression, rules in wasted if rules]


def _mark(suppression: Suppression) -> Suppressed:
    directive = suppression.directive
    return Suppressed(suppression.reason, f"{directive.source}:{directive.line}")


def _is_about(suppression: Suppression, finding: Finding) -> bool:
    if suppression.is_for_file:
        return True
    directive, statement = suppression.directive, finding.span.statement.outermost
    match directive.place:
        case "above":
            return statement.line == directive.subject
        case "behind":
            return _last_line(statement) == directive.subject
        case "inside":
            is_there = statement.line <= directive.line <= _last_line(statement)
            at = finding.span.statement.position(finding.span.start)
            return is_there and at.line == directive.subject
    return False


def _last_line(statement: Statement) -> int:
    return statement.line + statement.text.count("\n")


def _follow(finding: Finding) -> Suppressed | None:
    """Suppress what follows from a suppressed finding, as far as that stands in the same file."""
    cause = finding.cause
    if finding.suppressed is None and cause is not None:
        source = finding.span.statement.outermost.source
        if cause.span.statement.outermost.source == source:
            finding.suppressed = _follow(cause)
    return finding.suppressed
