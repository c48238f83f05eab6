"""`dsql-compat check`: the CI gate."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dsql_compat.cli import DONE, FOUND, fail
from dsql_compat.cli.output import terminal_width, use_colour, write_report
from dsql_compat.cli.progress import progress

if TYPE_CHECKING:
    from dsql_compat.gate.layouts import Plan
    from dsql_compat.gate.run import Judged
    from dsql_compat.gate.settings import Settings
    from dsql_compat.report.outcome import Outcome

FORMATS = ("text", "json", "github", "sarif", "junit", "gitlab", "rdjson")


def _explain(rule: str | None) -> None:
    if rule is not None:
        from dsql_compat.cli.rules import rules

        rules(rule)
        raise typer.Exit


def check(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PATH]...",
            help="Folders of migrations and SQL files, in order; by default those of the "
            "configuration, else this folder.",
            show_default=False,
        ),
    ] = None,
    target: Annotated[
        str | None,
        typer.Option("--target", "-t", help="Aurora DSQL at which date.", show_default="latest"),
    ] = None,
    judged_as: Annotated[
        str | None,
        typer.Option(
            "--as",
            metavar="history|state",
            help="Judge each migration as DSQL would run it, or the schema that results.",
            show_default="history",
        ),
    ] = None,
    formats: Annotated[
        list[str] | None,
        typer.Option(
            "--format",
            "-f",
            metavar="NAME[=FILE]",
            help=f"{', '.join(FORMATS)}; may be repeated, all but one with a file.",
            show_default="text",
        ),
    ] = None,
    fail_on: Annotated[
        str | None,
        typer.Option(
            metavar="error|warning|info|never",
            help="Exit with 1 when something new is at least this severe.",
            show_default="error",
        ),
    ] = None,
    select: Annotated[
        list[str] | None,
        typer.Option(metavar="RULE", help="Only these rules or families; may be repeated."),
    ] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option(metavar="RULE", help="Not these rules or families; may be repeated."),
    ] = None,
    layout: Annotated[
        str | None,
        typer.Option(help="The migration tool whose folder this is.", show_default="recognised"),
    ] = None,
    include_down: Annotated[
        bool, typer.Option("--include-down", help="Judge the ways back of migrations, too.")
    ] = False,
    changed_since: Annotated[
        str | None,
        typer.Option(
            "--changed-since",
            metavar="REF",
            help="Only what changed since this branch left REF, such as origin/main; the files "
            "before it are read for the schema they make.",
            show_default=False,
        ),
    ] = None,
    fix: Annotated[
        bool, typer.Option("--fix", help="Edit the files where the rewrite means the same.")
    ] = False,
    unsafe_fixes: Annotated[
        bool,
        typer.Option("--unsafe-fixes", help="With --fix or --diff: rewrites to review, too."),
    ] = False,
    diff: Annotated[
        bool, typer.Option("--diff", help="Print what --fix would change, and change nothing.")
    ] = False,
    baseline: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="What is known already.",
            show_default="dsql-compat-baseline.jsonl, if there is one",
        ),
    ] = None,
    write_baseline: Annotated[
        bool, typer.Option("--write-baseline", help="Take all of today's findings as known.")
    ] = False,
    show_settings: Annotated[
        bool, typer.Option("--show-settings", help="Print what is set, and where, and stop.")
    ] = False,
    explain: Annotated[
        str | None,
        typer.Option(
            "--explain",
            metavar="RULE",
            help="Explain a rule and stop.",
            callback=_explain,
            is_eager=True,
            show_default=False,
        ),
    ] = None,
) -> None:
    """Fail when a change to a repository brings in what Aurora DSQL refuses.

    \b
    dsql-compat check migrations/
    dsql-compat check --write-baseline
    dsql-compat check --format github --format sarif=dsql.sarif
    """
    del explain
    given = {
        "paths": tuple(paths or ()),
        "target": target,
        "as": judged_as,
        "fail-on": fail_on,
        "select": _split(select),
        "ignore": _split(ignore),
        "layout": layout,
        "baseline": baseline,
    }
    outputs = _outputs(formats or [])
    settings = _settings(given)
    if show_settings:
        from dsql_compat.gate.settings import show

        write_report(show(settings), None)
        return
    run = partial(
        _judge,
        settings,
        is_new_baseline=write_baseline,
        since=changed_since,
        include_down=include_down,
    )
    if include_down and settings.judged_as == "state":
        fail("--include-down: ways back are judged as history only; leave out --as state")
    if unsafe_fixes and not (fix or diff):
        fail("--unsafe-fixes goes with --fix or --diff")
    judged, steps = run()
    if fix or diff:
        from dsql_compat.cli.fixing import apply_fixes

        if apply_fixes(settings, steps, judged, is_unsafe=unsafe_fixes, shows_only=diff):
            judged, steps = run()
        if diff:
            raise SystemExit(FOUND if judged.outcome.failed else DONE)
    for note in judged.notes:
        print(f"dsql-compat: note: {note}", file=sys.stderr)
    if write_baseline:
        _write_baseline(settings, judged)
        return
    for name, path in outputs:
        write_report(_render(name, judged.outcome, settings, path), path)
    if judged.outcome.failed:
        raise SystemExit(FOUND)


def _split(values: list[str] | None) -> tuple[str, ...]:
    return tuple(
        name.strip() for value in values or () for name in value.split(",") if name.strip()
    )


def _outputs(formats: list[str]) -> list[tuple[str, Path | None]]:
    """The formats with their files; standard output has one of them, text if none asks for it."""
    from dsql_compat.gate.settings import hint

    found: list[tuple[str, Path | None]] = []
    for word in formats:
        name, _, path = word.partition("=")
        if name not in FORMATS:
            shown = ", ".join(FORMATS)
            fail(f"--format: {name!r} is none; choose {shown}{hint(name, FORMATS)}")
        found.append((name, Path(path) if path and path != "-" else None))
    printed = [name for name, path in found if path is None]
    if len(printed) > 1:
        fail(
            f"--format: {' and '.join(printed)} would both go to standard output; "
            f"give one a file: --format {printed[1]}=FILE"
        )
    return found if printed else [("text", None), *found]


def _settings(given: Mapping[str, object]) -> Settings:
    from dsql_compat.gate.layouts import NAMES
    from dsql_compat.gate.run import known_rules
    from dsql_compat.gate.settings import SettingsError, read_settings
    from dsql_compat.rules import load_catalogue

    try:
        return read_settings(Path.cwd(), known_rules(load_catalogue()), NAMES, given)
    except SettingsError as error:
        fail(str(error))


def _judge(
    settings: Settings, *, is_new_baseline: bool, since: str | None, include_down: bool
) -> tuple[Judged, Plan]:
    from dsql_compat.gate.baseline import BaselineError
    from dsql_compat.gate.changes import ChangesError
    from dsql_compat.gate.run import judge, plan
    from dsql_compat.rewriting.choices import ChoiceError
    from dsql_compat.sources.files import InputError
    from dsql_compat.targets import TargetError

    try:
        steps = plan(settings, since=since, include_down=include_down)
        with progress([step.source for step in steps.steps]) as advance:
            judged = judge(settings, steps, advance, date.today(), is_new_baseline=is_new_baseline)
            return judged, steps
    except (InputError, TargetError, ChoiceError, BaselineError, ChangesError) as error:
        fail(str(error))


def _write_baseline(settings: Settings, judged: Judged) -> None:
    from dsql_compat.gate.baseline import render
    from dsql_compat.gate.run import baseline_path
    from dsql_compat.report.outcome import counted

    path = baseline_path(settings)
    write_report(render(judged.baseline), path)
    outcome = judged.outcome
    print(
        f"{counted(len(judged.baseline), 'finding')} in {path}: {len(outcome.new):,} new, "
        f"{len(outcome.fixed):,} fixed and taken out"
    )


def _render(name: str, outcome: Outcome, settings: Settings, path: Path | None) -> str:
    match name:
        case "json":
            from dsql_compat.report.json import render as render_json

            return render_json(outcome.report)
        case "github":
            from dsql_compat.report.github import render as render_github

            _add_job_summary(outcome)
            return render_github(outcome)
        case "sarif":
            from dsql_compat.report.sarif import render as render_sarif

            return render_sarif(outcome)
        case "junit":
            from dsql_compat.report.junit import render as render_junit

            return render_junit(outcome)
        case "gitlab":
            from dsql_compat.report.gitlab import render as render_gitlab

            return render_gitlab(outcome)
        case "rdjson":
            from dsql_compat.report.rdjson import render as render_rdjson

            return render_rdjson(outcome, _line_reader(settings))
    from dsql_compat.report.check_text import render as render_text

    shown = _from_here(settings)
    return render_text(
        outcome,
        colour=path is None and use_colour(),
        width=terminal_width() if path is None else None,
        place=shown,
    )


def _from_here(settings: Settings) -> Callable[[str], str]:
    """Names as paths from the working directory, to click on; as they are at the root."""
    here = Path.cwd()
    if here == settings.root:
        return lambda name: name
    return lambda name: name if name.startswith("<") else os.path.relpath(settings.root / name)


def _line_reader(settings: Settings) -> Callable[[str, int], str]:
    from functools import cache

    @cache
    def lines(name: str) -> list[str]:
        try:
            return (settings.root / name).read_text("utf-8", "replace").split("\n")
        except OSError:
            return []

    def line(name: str, number: int) -> str:
        found = lines(name)
        return found[number - 1] if number <= len(found) else ""

    return line


def _add_job_summary(outcome: Outcome) -> None:
    name = os.environ.get("GITHUB_STEP_SUMMARY")
    if not name:
        return
    from dsql_compat.report.github import job_summary

    try:
        with Path(name).open("ab") as stream:
            stream.write(job_summary(outcome).encode("utf-8", "replace"))
    except OSError as error:
        print(f"dsql-compat: note: {name}: {error.strerror or error}", file=sys.stderr)
