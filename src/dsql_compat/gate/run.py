"""One run of the gate: settings and a plan in, an outcome out."""

from __future__ import annotations

import gc
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path

from dsql_compat.checks.context import Run
from dsql_compat.findings import Finding, Suppressed
from dsql_compat.gate.baseline import as_known, gone, read_baseline
from dsql_compat.gate.changes import changed_files, only_changed
from dsql_compat.gate.layouts import Plan, plan_of
from dsql_compat.gate.settings import BASELINE, PathIgnore, Settings
from dsql_compat.gate.state import History, in_the_state
from dsql_compat.pipeline import Progress, judge_inputs
from dsql_compat.report.build import build_report
from dsql_compat.report.model import FindingInfo, GateInfo, KnownFinding, Report
from dsql_compat.report.outcome import Outcome, reaches
from dsql_compat.rewriting.choices import Wishes, settle
from dsql_compat.rules import Catalogue, Rule, load_catalogue
from dsql_compat.targets import parse_target


@dataclass(frozen=True, slots=True)
class Judged:
    """An outcome, and all that a baseline written now would hold."""

    outcome: Outcome
    baseline: tuple[KnownFinding, ...]
    notes: tuple[str, ...]


def known_rules(catalogue: Catalogue) -> frozenset[str]:
    """What --select and --ignore may name: rules and families."""
    return frozenset(catalogue.rules) | {rule.family for rule in catalogue.rules.values()}


def wishes_of(settings: Settings) -> Wishes:
    """The choices of rewriting in the settings, which have checked them."""
    return Wishes(
        settings.foreign_keys,  # type: ignore[arg-type]
        settings.json,  # type: ignore[arg-type]
        settings.identity_cache,
        settings.enums,  # type: ignore[arg-type]
        settings.arrays,  # type: ignore[arg-type]
    )


def plan(settings: Settings, *, since: str | None = None, include_down: bool = False) -> Plan:
    """The files to read, in order.  Raises InputError and ChangesError.

    With `since`, findings are wanted of those files only that changed since this branch left that
    commit; with `include_down`, ways back are judged, too.
    """
    is_given = settings.origins.get("paths") == "command line"
    base = None if is_given else settings.home
    paths = [path if base is None else base / path for path in settings.paths]
    whole = plan_of(paths, settings.root, settings.layout, include_down=include_down)
    if since is None:
        return whole
    changed = changed_files(settings.root, since)
    return only_changed(whole, changed, keeps_all=settings.judged_as == "state")


def baseline_path(settings: Settings) -> Path:
    """Where the baseline is, or would be written."""
    if settings.origins.get("baseline") == "command line":
        return Path(settings.baseline or BASELINE)
    return Path(os.path.relpath(settings.home / (settings.baseline or BASELINE)))


def judge(
    settings: Settings,
    plan: Plan,
    on_progress: Progress | None = None,
    today: date | None = None,
    *,
    is_new_baseline: bool = False,
) -> Judged:
    """Judge the files of a plan.  With a new baseline, the old one is not asked what is known.

    Raises InputError, TargetError, ChoiceError and BaselineError.
    """
    gc.disable()  # what is made here is needed to the end
    catalogue = load_catalogue()
    known = _read_baseline(settings, is_new_baseline)
    wishes = wishes_of(settings)
    run = Run(catalogue, parse_target(settings.target, catalogue.verified), wishes.refused)
    settle(wishes, run)
    history = History(run) if settings.judged_as == "state" else None
    inputs = [step.source for step in plan.steps]
    on_statement = history.note if history else None
    read = judge_inputs(run, inputs, on_progress, on_statement, needs_sql=plan.judged is None)
    if history is not None:
        run.findings = in_the_state(run, history)
    run.findings = [f for f in run.findings if is_wanted(f.rule, settings, catalogue.rules)]
    matched = _ignore_paths(run.findings, settings.per_path_ignores)
    report = build_report(run, read, today)
    if plan.judged is not None:
        kept = [f for f in report.findings if f.location.source in plan.judged]
        report = replace(report, findings=kept)
    notes = (*plan.notes, *_idle(settings.per_path_ignores, matched, inputs_names(plan)))
    return _outcome(report, catalogue, settings, known, notes, plan.judged)


def inputs_names(plan: Plan) -> frozenset[str]:
    """The names of all files that a plan reads."""
    return frozenset(step.source.name for step in plan.steps)


def _read_baseline(settings: Settings, is_new: bool) -> list[KnownFinding]:
    path = baseline_path(settings)
    is_optional = is_new or settings.baseline is None
    return [] if is_optional and not path.exists() else read_baseline(path)


def is_wanted(rule: str, settings: Settings, rules: Mapping[str, Rule]) -> bool:
    """Whether the settings ask for a rule."""
    names = (rule, rules[rule].family)
    if settings.select and not any(name in settings.select for name in names):
        return False
    return not any(name in settings.ignore for name in names)


# -- suppressions in the configuration ----------------------------------------------------------


def _ignore_paths(findings: Iterable[Finding], ignores: tuple[PathIgnore, ...]) -> set[str]:
    """Suppress by file; the patterns that were needed."""
    needed: set[str] = set()
    for finding in findings if ignores else ():
        source = finding.span.statement.outermost.source
        for entry in ignores:
            if finding.rule in entry.rules and _pattern(entry.pattern)(source):
                needed.add(entry.pattern)
                finding.suppressed = finding.suppressed or Suppressed(entry.reason, entry.where)
    return needed


def _idle(
    ignores: tuple[PathIgnore, ...], needed: set[str], files: frozenset[str]
) -> Iterable[str]:
    for entry in ignores:
        if entry.pattern not in needed:
            matches = any(map(_pattern(entry.pattern), files))
            what = "suppresses nothing" if matches else "fits no file that was read"
            yield f"{entry.where}: per-path-ignores: {entry.pattern!r} {what}"


@cache
def _pattern(glob: str) -> Callable[[str], bool]:
    r"""Whether a path fits a pattern, in which ** stands for folders and * stays within one."""
    parts = {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    found = re.split(r"(\*\*/|\*\*|\*|\?)", glob.removeprefix("./"))
    regex = re.compile("".join(parts.get(part) or re.escape(part) for part in found))
    return lambda path: bool(regex.fullmatch(path))


# -- what is new --------------------------------------------------------------------------------


def _outcome(
    report: Report,
    catalogue: Catalogue,
    settings: Settings,
    known: list[KnownFinding],
    notes: tuple[str, ...],
    judged: frozenset[str] | None,
) -> Judged:
    least = "info" if settings.fail_on == "info" else "warning"
    remembered = {entry.id for entry in known}
    open_ = [finding for finding in report.findings if finding.suppressed is None]
    new = [finding for finding in open_ if finding.id not in remembered]
    listed = tuple(finding for finding in new if reaches(finding.severity, least))
    read = {source.name for source in report.sources} if judged is None else judged
    found = {finding.id for finding in open_}
    fixed = gone(known, found, read, settings.root)
    outcome = Outcome(
        report,
        catalogue.rules,
        settings.fail_on,
        listed,
        sum(1 for finding in open_ if finding.id in remembered),
        tuple(finding for finding in report.findings if finding.suppressed is not None),
        tuple(fixed),
        len(new) - len(listed),
    )
    outcome = replace(outcome, report=_with_gate(outcome, settings, remembered))
    return Judged(outcome, _to_remember(open_, known, fixed, least), notes)


def _with_gate(outcome: Outcome, settings: Settings, remembered: set[str]) -> Report:
    gate = GateInfo(
        settings.judged_as,  # type: ignore[arg-type]
        settings.fail_on,  # type: ignore[arg-type]
        outcome.failed,
        [finding.id for finding in outcome.new],
        [finding.id for finding in outcome.report.findings if finding.id in remembered],
        list(outcome.fixed),
    )
    return replace(outcome.report, gate=gate)


def _to_remember(
    findings: list[FindingInfo],
    known: list[KnownFinding],
    fixed: list[KnownFinding],
    least: str,
) -> tuple[KnownFinding, ...]:
    """Today's findings, and what is known of files that were not read this time."""
    today = [as_known(f) for f in findings if reaches(f.severity, least)]
    ids = {entry.id for entry in today} | {entry.id for entry in fixed}
    found = {finding.id for finding in findings}
    kept = [entry for entry in known if entry.id not in ids and entry.id not in found]
    return (*today, *kept)
