"""`dsql-compat merge` and `dsql-compat diff`: reports about reports."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dsql_compat.cli import UNUSABLE, fail
from dsql_compat.cli.output import write_report

if TYPE_CHECKING:
    from dsql_compat.fleet.reading import ReadReport


class MergeFormat(StrEnum):
    """The forms of a fleet report."""

    TEXT = "text"
    JSON = "json"
    HTML = "html"


class DiffFormat(StrEnum):
    """The forms of a comparison."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


_Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", help="Write to this file, not to standard output."),
]


def merge(
    reports: Annotated[
        list[str],
        typer.Argument(
            metavar="REPORT...",
            help="JSON reports of analyze or check, or folders of them.",
            show_default=False,
        ),
    ],
    report_format: Annotated[
        MergeFormat | None,
        typer.Option(
            "--format",
            "-f",
            help="By default what --output ends in, else text.",
            show_default=False,
        ),
    ] = None,
    output: _Output = None,
) -> None:
    """Join many reports into one: which are ready, what stands in the way, how much work it is.

    \b
    dsql-compat merge reports/ --output fleet.html
    dsql-compat merge a.json b.json c.json
    """
    from dsql_compat.fleet import writing
    from dsql_compat.fleet.merging import merge as merged
    from dsql_compat.fleet.reading import ReportError, report_files

    unread: list[str] = []
    try:
        fleet = merged(_read_all(report_files(reports), unread))
    except ReportError as error:
        fail(str(error))
    if not fleet.members:
        fail(unread[0])
    fleet.unread = unread
    suffixes = {".json": MergeFormat.JSON, ".html": MergeFormat.HTML, ".htm": MergeFormat.HTML}
    by_name = suffixes.get(output.suffix.lower() if output else "", MergeFormat.TEXT)
    match report_format or by_name:
        case MergeFormat.JSON:
            text = writing.render_json(fleet)
        case MergeFormat.HTML:
            text = writing.render_html(fleet)
        case _:
            text = writing.render_text(fleet)
    write_report(text, output)
    for message in unread:
        print(f"dsql-compat: {message}", file=sys.stderr)
    if unread:
        raise SystemExit(UNUSABLE)


def _read_all(paths: list[Path], unread: list[str]) -> Iterator[ReadReport]:
    """The reports one by one, so that one is in memory at a time; what is none goes to `unread`."""
    from dsql_compat.fleet.reading import ReportError, names_of, read_report

    for path, name in zip(paths, names_of(paths), strict=True):
        try:
            yield read_report(path, name)
        except ReportError as error:
            unread.append(str(error))


def diff(
    old: Annotated[Path, typer.Argument(metavar="OLD", show_default=False)],
    new: Annotated[Path, typer.Argument(metavar="NEW", show_default=False)],
    report_format: Annotated[
        DiffFormat, typer.Option("--format", "-f", help="Form of the comparison.")
    ] = DiffFormat.TEXT,
    output: _Output = None,
) -> None:
    """Compare two JSON reports: which findings were fixed, are new, or stayed.

    \b
    dsql-compat diff before.json after.json --format markdown
    """
    from dsql_compat.fleet import comparing
    from dsql_compat.fleet.reading import ReportError, read_report

    try:
        comparison = comparing.compare(read_report(old, old.stem), read_report(new, new.stem))
    except ReportError as error:
        fail(str(error))
    match report_format:
        case DiffFormat.JSON:
            text = comparing.render_json(comparison)
        case DiffFormat.MARKDOWN:
            text = comparing.render_markdown(comparison)
        case _:
            text = comparing.render_text(comparison)
    write_report(text, output)
