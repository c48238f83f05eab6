"""`dsql-compat merge`: many reports as one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dsql_compat.cli import UNUSABLE, fail
from dsql_compat.cli.options import OutputFile
from dsql_compat.cli.output import terminal_width, use_colour, write_report

if TYPE_CHECKING:
    from dsql_compat.fleet.merging import Fleet
    from dsql_compat.fleet.reading import ReadReport


class Form(StrEnum):
    """The forms of reports about reports."""

    TEXT = "text"
    JSON = "json"
    HTML = "html"
    MARKDOWN = "markdown"


_SUFFIXES = {
    ".json": Form.JSON,
    ".html": Form.HTML,
    ".htm": Form.HTML,
    ".md": Form.MARKDOWN,
}
FormOption = Annotated[
    Form | None,
    typer.Option(
        "--format", "-f", help="By default what --output ends in, else text.", show_default=False
    ),
]


def form_of(wanted: Form | None, output: Path | None) -> Form:
    """The form that was asked for, or the one a file's name tells."""
    return wanted or _SUFFIXES.get(output.suffix.lower() if output else "", Form.TEXT)


def merge(
    reports: Annotated[
        list[str],
        typer.Argument(
            metavar="REPORT...",
            help="JSON reports of analyze or check, or folders of them.",
            show_default=False,
        ),
    ],
    report_format: FormOption = None,
    output: OutputFile = None,
    everything: Annotated[
        bool, typer.Option("--all", help="As text, list every rule and every schema.")
    ] = False,
) -> None:
    """Join many reports into one: which schemas can move, what stands in the way, in which order
    to settle that, how much work it is.

    \b
    dsql-compat merge reports/ --output fleet.html
    dsql-compat merge reports/ --output fleet.md
    dsql-compat merge a.json b.json c.json --all

    What cannot be read is listed in the result and makes the exit code 2. In HTML, a schema is
    linked to its own page if that lies beside its JSON report under the same name.
    """
    from dsql_compat.fleet.merging import merge as merged
    from dsql_compat.fleet.reading import ReportError, report_files
    from dsql_compat.report.style import one_line

    unread: list[str] = []
    try:
        paths = report_files(reports, output)
    except ReportError as error:
        fail(one_line(str(error)))
    fleet = merged(_read_all(paths, output, unread))
    if not fleet.members:
        more = f" (and {len(unread) - 1:,} more)" if len(unread) > 1 else ""
        fail(one_line(unread[0]) + more)
    fleet.unread = unread
    write_report(_render(fleet, form_of(report_format, output), output, everything), output)
    for message in unread:
        print(f"dsql-compat: {one_line(message)}", file=sys.stderr)
    if unread:
        raise SystemExit(UNUSABLE)


def _read_all(
    paths: list[Path], output: Path | None, unread: list[str]
) -> Iterator[tuple[ReadReport, str]]:
    """The reports one by one, so that one is in memory at a time; what is none goes to `unread`."""
    from dsql_compat.fleet.reading import ReportError, names_of, page_beside, read_report

    for path, name in zip(paths, names_of(paths), strict=True):
        try:
            report = read_report(path, name)
        except ReportError as error:
            unread.append(str(error))
        else:
            yield report, page_beside(path, report.target, output) if output else ""


def _render(fleet: Fleet, form: Form, output: Path | None, everything: bool) -> str:
    match form:
        case Form.JSON:
            from dsql_compat.fleet.json import render as render_json

            return render_json(fleet)
        case Form.HTML:
            from dsql_compat.fleet.html import render as render_html

            return render_html(fleet)
        case Form.MARKDOWN:
            from dsql_compat.fleet.markdown import render as render_markdown

            return render_markdown(fleet)
    from dsql_compat.fleet.text import render as render_text

    return render_text(
        fleet,
        colour=output is None and use_colour(),
        everything=everything,
        width=terminal_width() if output is None else None,
    )
