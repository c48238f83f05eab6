"""`dsql-compat guide`: the migration guide for the team."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dsql_compat.cli import fail
from dsql_compat.cli.progress import progress
from dsql_compat.cli.rewrite import Arrays, Enums, ForeignKeys, Json

if TYPE_CHECKING:
    from dsql_compat.rewriting.model import Rewrite


def guide(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE...",
            help="Dumps (plain, .gz, custom, tar, directory), folders of migrations, - for "
            "standard input, or running databases. Several are read as one history.",
            show_default=False,
        ),
    ],
    output: Annotated[
        Path,
        typer.Option(
            "--output", "-o", help="The folder to write, new or empty.", show_default=False
        ),
    ],
    target: Annotated[
        str,
        typer.Option(
            "--target", "-t", help="Aurora DSQL at which date: latest, YYYY-MM or YYYY-MM-DD."
        ),
    ] = "latest",
    since: Annotated[
        Path | None,
        typer.Option(
            metavar="REPORT",
            help="An older JSON report: adds a chapter on what was fixed, is new and is left.",
            show_default=False,
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace what an earlier run wrote to the folder.")
    ] = False,
    foreign_keys: Annotated[
        ForeignKeys | None,
        typer.Option(
            help="Keep foreign keys, or leave them to the application.",
            show_default="keep, if the target has them",
        ),
    ] = None,
    json: Annotated[
        Json | None,
        typer.Option(
            help="Keep json and jsonb columns, or make them text.",
            show_default="keep, if the target has them",
        ),
    ] = None,
    identity_cache: Annotated[
        int,
        typer.Option(
            metavar="1|65536", help="Numbers nearly in order, or a block for each session."
        ),
    ] = 65536,
    enums: Annotated[
        Enums, typer.Option(help="Enums as domains, or as text with a CHECK on each column.")
    ] = Enums.DOMAIN,
    arrays: Annotated[
        Arrays | None,
        typer.Option(
            help="Array columns as jsonb or text, or left to a person.",
            show_default="jsonb, if the target has it",
        ),
    ] = None,
) -> None:
    """Write the guide a team migrates by: decisions, changes, code, data, operations, tests.

    \b
    dsql-compat guide shop.sql --output guide/
    dsql-compat guide migrations/ --output guide/ --target 2026-03
    dsql-compat guide shop.sql --output guide/ --force --since report-of-june.json
    """
    from dsql_compat.fleet.reading import ReportError, read_report
    from dsql_compat.guide.build import guide_files
    from dsql_compat.rewriting.build import rewrite_inputs
    from dsql_compat.rewriting.choices import ChoiceError, Wishes
    from dsql_compat.rewriting.output import OutputError, new_folder, write_files
    from dsql_compat.sources.files import InputError, find_inputs
    from dsql_compat.targets import TargetError

    wishes = Wishes(
        foreign_keys.value if foreign_keys else None,
        json.value if json else None,
        identity_cache,
        enums.value,
        arrays.value if arrays else None,
    )
    try:
        old = read_report(since, since.name) if since is not None else None
        inputs = find_inputs(sources)
        with new_folder(output, force=force) as folder:
            with progress(inputs) as advance:
                results = rewrite_inputs(inputs, target, wishes, advance)
            alone = len(results) == 1
            for result in results:
                below = folder if alone else folder / (result.database or "")
                write_files(below, guide_files(result, sources, old, alone=alone))
    except (InputError, TargetError, ChoiceError, OutputError, ReportError) as error:
        fail(str(error))
    for result in results:
        print(_summary(result, output), file=sys.stderr)


def _summary(result: Rewrite, output: Path) -> str:
    where = f"{result.database}: " if result.database else ""
    return f"{where}{result.report.readiness.sentence} Begin with {output / 'README.md'}"
