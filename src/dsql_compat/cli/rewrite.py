"""`dsql-compat rewrite`: the schema as Aurora DSQL takes it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import nullcontext
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dsql_compat.cli import fail
from dsql_compat.cli.progress import progress

if TYPE_CHECKING:
    from dsql_compat.rewriting.load_plan import Written
    from dsql_compat.rewriting.model import Rewrite


class ForeignKeys(StrEnum):
    """What becomes of foreign keys."""

    KEEP = "keep"
    APP_CHECKS = "app-checks"


class Json(StrEnum):
    """What becomes of json and jsonb columns."""

    KEEP = "keep"
    TEXT = "text"


class Enums(StrEnum):
    """What becomes of enum types."""

    DOMAIN = "domain"
    CHECK = "check"


class Arrays(StrEnum):
    """What becomes of array columns."""

    JSONB = "jsonb"
    TEXT = "text"
    MANUAL = "manual"


def rewrite(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE...",
            help="Dumps (plain, .gz, custom, tar, directory), folders of migrations, - for "
            "standard input, or running databases (postgresql://…, service=NAME). Several are read "
            "as one history.",
            show_default=False,
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="The folder to write, new or empty.", show_default=False
        ),
    ] = None,
    in_place: Annotated[
        bool,
        typer.Option(
            "--in-place", help="Edit the files themselves, statement by statement, and no more."
        ),
    ] = False,
    diff: Annotated[
        bool, typer.Option("--diff", help="Print what --in-place would change, and change nothing.")
    ] = False,
    target: Annotated[
        str,
        typer.Option(
            "--target", "-t", help="Aurora DSQL at which date: latest, YYYY-MM or YYYY-MM-DD."
        ),
    ] = "latest",
    single_file: Annotated[
        bool, typer.Option("--single-file", help="One schema.sql, not a file for each statement.")
    ] = False,
    data: Annotated[
        bool,
        typer.Option(
            "--data", help="Write the rows, too: converted, each file a transaction of DSQL."
        ),
    ] = False,
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
    """Write the schema as Aurora DSQL takes it: a DDL statement a file, in an order that runs.

    \b
    dsql-compat rewrite shop.sql --output dsql/
    dsql-compat rewrite migrations/ --output dsql/ --target 2026-03 --identity-cache 1
    dsql-compat rewrite migrations/ --diff
    """
    from dsql_compat.cli.editing import conflict, edit
    from dsql_compat.rewriting.build import rewrite_inputs
    from dsql_compat.rewriting.choices import ChoiceError, Wishes
    from dsql_compat.rewriting.files import rewrite_files
    from dsql_compat.rewriting.loading import DataError, write_rows
    from dsql_compat.rewriting.output import OutputError, new_folder, write_files
    from dsql_compat.rewriting.row_log import RowLog
    from dsql_compat.sources.files import InputError, find_inputs, spooled
    from dsql_compat.targets import TargetError

    wishes = Wishes(
        foreign_keys.value if foreign_keys else None,
        json.value if json else None,
        identity_cache,
        enums.value,
        arrays.value if arrays else None,
    )
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
