"""`dsql-compat rewrite`: the schema as Aurora DSQL takes it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import nullcontext
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
    from dsql_compat.rewriting.load_plan import Written
    from dsql_compat.rewriting.model import Rewrite


def rewrite(
    sources: Sources,
    output: Annotated[Path | None, OutputFolder] = None,
    in_place: Annotated[
        bool,
        typer.Option(
            "--in-place", help="Edit the files themselves, statement by statement, and no more."
        ),
    ] = False,
    diff: Annotated[
        bool, typer.Option("--diff", help="Print what --in-place would change, and change nothing.")
    ] = False,
    target: TargetDate = "latest",
    single_file: Annotated[
        bool, typer.Option("--single-file", help="One schema.sql, not a file for each statement.")
    ] = False,
    data: Annotated[
        bool,
        typer.Option(
            "--data", help="Write the rows, too: converted, each file a transaction of DSQL."
        ),
    ] = False,
    force: Force = False,
    foreign_keys: ForeignKeysChoice = None,
    json: JsonChoice = None,
    identity_cache: IdentityCache = 65536,
    enums: EnumsChoice = Enums.DOMAIN,
    arrays: ArraysChoice = None,
) -> None:
    """Write the schema as Aurora DSQL takes it: a DDL statement a file, in an order that runs.

    \b
    dsql-compat rewrite shop.sql --output dsql/
    dsql-compat rewrite migrations/ --output dsql/ --target 2026-03 --identity-cache 1
    dsql-compat rewrite migrations/ --diff
    """
    from dsql_compat.cli.editing import conflict, edit
    from dsql_compat.rewriting.build import rewrite_inputs
    from dsql_compat.rewriting.choices import ChoiceError
    from dsql_compat.rewriting.files import rewrite_files
    from dsql_compat.rewriting.loading import DataError, write_rows
    from dsql_compat.rewriting.output import OutputError, new_folder, write_files
    from dsql_compat.rewriting.row_log import RowLog
    from dsql_compat.sources.files import InputError, find_inputs, spooled
    from dsql_compat.targets import TargetError

    wishes = wishes_of(foreign_keys, json, identity_cache, enums, arrays)
    if problem := conflict(output, in_place=in_place, diff=diff):
        fail(problem)
    if output is None:
        edit(sources, target, wishes, in_place=in_place)
        return
    try:
        found = find_inputs(sources)
        with (
            new_folder(output, force=force) as folder,
            spooled(found) if data else nullcontext(found) as inputs,
        ):
            log = RowLog() if data else None
            with progress(inputs) as advance:
                results = rewrite_inputs(inputs, target, wishes, advance, log)
            folders = [
                (result, folder / (result.database or "") if len(results) > 1 else folder)
                for result in results
            ]
            written: Sequence[Written | None] = [None] * len(results)
            if log is not None:
                with progress(inputs) as advance:
                    written = write_rows(folders, inputs, log, advance)
            for (result, below), rows in zip(folders, written, strict=True):
                write_files(below, rewrite_files(result, single_file=single_file, written=rows))
    except (InputError, TargetError, ChoiceError, OutputError, DataError) as error:
        fail(str(error))
    for result in results:
        print(_summary(result, output), file=sys.stderr)


def _summary(result: Rewrite, output: Path) -> str:
    outcomes = [fate.outcome for fate in result.fates]
    where = f"{result.database}: " if result.database else ""
    return (
        f"{where}{len(result.items)} statements in {output}; {outcomes.count('left')} objects left "
        "behind, listed in left-behind.md"
    )
