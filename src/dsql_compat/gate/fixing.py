"""`check --fix`: puts in the rewrites of what is new, and leaves what is known or suppressed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from dsql_compat.editing.engine import fix_files
from dsql_compat.editing.model import EDITABLE, FixResult, Scope
from dsql_compat.editing.outcome import write_result
from dsql_compat.gate.layouts import Plan
from dsql_compat.gate.run import Judged, is_wanted, wishes_of
from dsql_compat.gate.settings import Settings
from dsql_compat.rules import Disposition
from dsql_compat.sources.files import Input

_AUTOMATIC: frozenset[Disposition] = frozenset({"automatic"})
_BLOCKS = ("multiple-ddl-per-transaction", "ddl-with-dml")


@dataclass(frozen=True, slots=True)
class Fix:
    """The files that were looked into, each with what comes of it."""

    sources: tuple[Input, ...]
    results: tuple[FixResult, ...]

    @property
    def changed(self) -> list[tuple[FixResult, Path]]:
        """What there is to write, and where."""
        both = zip(self.results, self.sources, strict=True)
        return [(r, s.path) for r, s in both if r.is_changed and s.path is not None]

    def write(self) -> None:
        """Put every changed file in its place.  Raises InputError."""
        for result, path in self.changed:
            write_result(result, path)


def fixed(settings: Settings, plan: Plan, judged: Judged, *, is_unsafe: bool) -> Fix:
    """What becomes of the files with new findings; nothing is written.

    Raises InputError, TargetError and ChoiceError.
    """
    outcome = judged.outcome
    touched = {finding.location.source for finding in outcome.new}
    sources = tuple(_whole(plan))
    names = {source.name for source in sources}
    if not touched & names:
        return Fix((), ())
    remembered = set(outcome.report.gate.known) if outcome.report.gate else set()
    spared: dict[str, set[tuple[str, int]]] = {}
    for finding in outcome.report.findings:
        if finding.suppressed is not None or finding.id in remembered:
            at = finding.location
            spared.setdefault(at.source, set()).add((finding.rule, at.line))
    scope = Scope(
        lambda rule: is_wanted(rule, settings, outcome.rules),
        {name: frozenset(entries) for name, entries in spared.items()},
        frozenset(f.location.source for f in outcome.new if f.rule in _BLOCKS),
    )
    results = fix_files(
        list(sources),
        EDITABLE if is_unsafe else _AUTOMATIC,
        settings.target,
        wishes_of(settings),
        frozenset(names - touched),
        scope,
    )
    looked = [
        (source, result)
        for source, result in zip(sources, results, strict=True)
        if source.name in touched
    ]
    return Fix(tuple(source for source, _ in looked), tuple(result for _, result in looked))


def _whole(plan: Plan) -> Iterator[Input]:
    """The files of the way forward as they stand, for the editor knows itself what to leave."""
    for step in plan.steps:
        if not step.is_back:
            yield replace(step.source, content=None, wraps=())
