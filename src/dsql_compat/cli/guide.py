"""`dsql-compat guide`: the migration guide for the team."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dsql_compat.cli import fail
from dsql_compat.cli.options import (
    ArraysChoice,
    Enums,
    EnumsChoice,
    Force,
    ForeignKeysChoice,
    IdentityCache,
    JsonChoice,
    OutputFolder,
    Sources,
    TargetDate,
    wishes_of,
)
from dsql_compat.cli.progress import progress

if TYPE_CHECKING:
    from dsql_compat.rewriting.model import Rewrite


def guide(
    sources: Sources,
    output: Annotated[Path, OutputFolder],
    target: TargetDate = "latest",
    since: Annotated[
        Path | None,
        typer.Option(
            metavar="REPORT",
            help="An older JSON report: adds a chapter on what was fixed, is new and is left.",
            show_default=False,
        ),
    ] = None,
    queries: Annotated[
        list[str] | None,
        typer.Option(
            "--queries",
            "-q",
            metavar="FILE",
            help="What the application sends, as for analyze: its part of the code comes too. "
            "May be repeated.",
            show_default=False,
        ),
    ] = None,
    force: Force = False,
    foreign_keys: ForeignKeysChoice = None,
    json: JsonChoice = None,
    identity_cache: IdentityCache = 65536,
    enums: EnumsChoice = Enums.DOMAIN,
    arrays: ArraysChoice = None,
) -> None:
    """Write the guide a team migrates by: decisions, changes, code, data, operations, tests.

    \b
    dsql-compat guide shop.sql --output guide/
    dsql-compat guide migrations/ --output guide/ --target 2026-03
    dsql-compat guide shop.sql --output guide/ --queries postgresql.csv
    dsql-compat guide shop.sql --output guide/ --force --since report-of-june.json
    """
    from dsql_compat.fleet.reading import ReportError, read_report
    from dsql_compat.guide.build import guide_files
    from dsql_compat.rewriting.build import rewrite_inputs
    from dsql_compat.rewriting.choices import ChoiceError
    from dsql_compat.rewriting.output import OutputError, new_folder, write_files
    from dsql_compat.sources.files import InputError, find_inputs
    from dsql_compat.sources.workload.files import read_queries
    from dsql_compat.targets import TargetError

    wishes = wishes_of(foreign_keys, json, identity_cache, enums, arrays)
    try:
        old = read_report(since, since.name) if since is not None else None
        inputs = find_inputs(sources)
        with new_folder(output, force=force) as folder:
            with progress(inputs) as advance:
                workloads = map(read_queries, queries or [])
                results = rewrite_inputs(inputs, target, wishes, advance, workloads=workloads)
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
