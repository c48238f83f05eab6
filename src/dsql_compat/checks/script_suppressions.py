"""Suppressions that do nothing, or cannot."""

from __future__ import annotations

from dsql_compat.checks.context import Found, Here
from dsql_compat.checks.registry import detects
from dsql_compat.checks.suppressions import Suppression, Wasted
from dsql_compat.findings import ObjectRef, Span
from dsql_compat.sources.directives import Directive
from dsql_compat.sql.statements import Statement


@detects("malformed-suppression", on=Suppression)
def malformed_suppression(suppression: Suppression, here: Here) -> Found:
    directive, rule = suppression.directive, "malformed-suppression"
    span, about = _whole(here.statement), _comment(directive)
    if suppression.rules is None:
        yield here.found(rule, span, about=about, key=directive.text)
        return
    for name, guess in suppression.unknown:
        at = directive.text.find(name)
        there = Span(here.statement, at, at + len(name))
        hint = f"; did you mean {guess}?" if guess else "."
        key = f"{directive.text}\0{name}"
        yield here.found(
            rule, there, about=about, case="unknown-rule", key=key, name=name, hint=hint
        )
    if suppression.rules and not suppression.reason:
        rules = ", ".join(suppression.rules)
        yield here.found(rule, span, about=about, case="no-reason", key=directive.text, rules=rules)


@detects("unused-suppression", on=Wasted)
def unused_suppression(wasted: Wasted, here: Here) -> Found:
    directive, rules = wasted.directive, ", ".join(wasted.rules)
    span, about, key = _whole(here.statement), _comment(directive), f"{directive.text}\0{rules}"
    case = "apart" if directive.place == "apart" else ""
    yield here.found("unused-suppression", span, about=about, case=case, key=key, rules=rules)


def _comment(directive: Directive) -> ObjectRef:
    return ObjectRef("comment", " ".join(directive.text.split())[:60])


def _whole(statement: Statement) -> Span:
    return Span(statement, 0, len(statement.text))
