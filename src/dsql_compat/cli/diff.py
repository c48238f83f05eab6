"""`dsql-compat diff`: two reports compared."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dsql_compat.cli import fail
from dsql_compat.cli.merge import Form, FormOption, form_of
from dsql_compat.cli.options import OutputFile
from dsql_compat.cli.output import terminal_width, use_colour, write_report

if TYPE_CHECKING:
    from dsql_compat.fleet.comparing import Comparison


def diff(
    old: Annotated[Path, typer.Argument(metavar="OLD", show_default=False)],
    new: Annotated[Path, typer.Argument(metavar="NEW", show_default=False)],
    report_format: FormOption = None,
    output: OutputFile = None,
    everything: Annotated[
        bool, typer.Option("--all", help="As text, list every finding, unchanged ones too.")
    ] = False,
) -> None:
    """Compare two JSON reports: which findings were fixed, are new, or stayed.

    \b
    dsql-compat diff before.json after.json
    dsql-compat diff before.json after.json --format markdown
    dsql-compat diff before.json after.json --output progress.html

    Where the reports are for different dates, each finding says whether the schema or Aurora DSQL
    changed, as far as the reports tell.
    """
    from dsql_compat.fleet.comparing import compare
    from dsql_compat.fleet.reading import ReportError, read_report
    from dsql_compat.report.style import one_line

    try:
        comparison = compare(read_report(old, old.stem), read_report(new, new.stem))
    except ReportError as error:
        fail(one_line(str(error)))
    write_report(_render(comparison, form_of(report_format, output), output, everything), output)


def _render(comparison: Comparison, form: Form, output: Path | None, everything: bool) -> str:
    match form:
        case Form.JSON:
            from dsql_compat.fleet.diff_json import render as render_json

            return render_json(comparison)
        case Form.HTML:
            from dsql_compat.fleet.diff_html import render as render_html

            return render_html(comparison)
        case Form.MARKDOWN:
            from dsql_compat.fleet.diff_markdown import render as render_markdown

            return render_markdown(comparison)
    from dsql_compat.fleet.diff_text import render as render_text

    return render_text(
        comparison,
        colour=output is None and use_colour(),
        everything=everything,
        width=terminal_width() if output is None else None,
    )
