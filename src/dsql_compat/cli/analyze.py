"""`dsql-compat analyze`: the readiness report."""

from __future__ import annotations

import sys
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dsql_compat.cli import FOUND, fail
from dsql_compat.cli.options import OutputFile, Sources, TargetDate
from dsql_compat.cli.output import terminal_width, use_colour, write_report
from dsql_compat.cli.progress import measured_tables, progress
from dsql_compat.sources.database.measuring import EXACT_SECONDS, ROWS, SECONDS, Measuring
from dsql_compat.sources.database.selection import Selection

if TYPE_CHECKING:
    from dsql_compat.report.model import Report


class Format(StrEnum):
    """The forms a report can take."""

    TEXT = "text"
    JSON = "json"
    HTML = "html"
    MARKDOWN = "markdown"


class FailOn(StrEnum):
    """From which severity on findings make the command fail."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    NEVER = "never"


READ_AGAIN = 1 << 20  # bytes of sources up to which a page compares dates without being asked
_SUFFIXES = {
    ".json": Format.JSON,
    ".html": Format.HTML,
    ".htm": Format.HTML,
    ".md": Format.MARKDOWN,
}


def _print_json_schema(wanted: bool) -> None:
    if wanted:
        import json

        from dsql_compat.report.schema import json_schema

        typer.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))
        raise typer.Exit


def analyze(
    sources: Sources,
    queries: Annotated[
        list[str] | None,
        typer.Option(
            "--queries",
            "-q",
            metavar="FILE",
            help="What the application sends: a PostgreSQL log (csvlog, jsonlog, text), "
            "pg_stat_statements as CSV or JSON, or statements; .gz too. May be repeated.",
            show_default=False,
        ),
    ] = None,
    schema: Annotated[
        list[str] | None,
        typer.Option(
            "--schema",
            "-n",
            metavar="PATTERN",
            help="Of a running database, only these schemas, in psql's patterns. May be repeated.",
            show_default=False,
        ),
    ] = None,
    exclude_schema: Annotated[
        list[str] | None,
        typer.Option(
            "--exclude-schema",
            "-N",
            metavar="PATTERN",
            help="Of a running database, not these schemas. May be repeated.",
            show_default=False,
        ),
    ] = None,
    tables: Annotated[
        list[str] | None,
        typer.Option(
            "--tables",
            metavar="PATTERN",
            help="Of a running database, only these tables, with what they need. May be repeated.",
            show_default=False,
        ),
    ] = None,
    sample: Annotated[
        int,
        typer.Option(
            metavar="N",
            min=0,
            help="Of a running database, look for wide rows and values in so many rows of each "
            "large table; 0 for none.",
        ),
    ] = ROWS,
    exact: Annotated[
        bool,
        typer.Option("--exact", help="Of a running database, look at all rows and count them."),
    ] = False,
    time_limit: Annotated[
        int | None,
        typer.Option(
            metavar="SECONDS",
            min=1,
            help="What looking at rows may take in all.",
            show_default=f"{SECONDS}, with --exact {EXACT_SECONDS}",
        ),
    ] = None,
    roles: Annotated[
        bool,
        typer.Option(
            "--globals",
            help="Of a running database, also roles, tablespaces and settings of the server.",
        ),
    ] = False,
    target: TargetDate = "latest",
    compare_target: Annotated[
        list[str] | None,
        typer.Option(
            metavar="DATE",
            help="In the HTML report, how the same files stand at this date beside the target. "
            "May be repeated; by default, for files up to 1 MiB, each day that changes something.",
            show_default=False,
        ),
    ] = None,
    report_format: Annotated[
        Format | None,
        typer.Option(
            "--format",
            "-f",
            help="Form of the report; by default what --output ends in, else text.",
            show_default=False,
        ),
    ] = None,
    output: OutputFile = None,
    fail_on: Annotated[
        FailOn,
        typer.Option("--fail-on", help="Exit with 1 when a finding is at least this severe."),
    ] = FailOn.NEVER,
    all_findings: Annotated[
        bool, typer.Option("--all", help="List every finding of a rule, not only the first few.")
    ] = False,
    json_schema: Annotated[
        bool,
        typer.Option(
            "--json-schema",
            callback=_print_json_schema,
            is_eager=True,
            help="Print the JSON Schema of the report and stop.",
        ),
    ] = False,
) -> None:
    """Judge a schema against Aurora DSQL and report what has to change.

    \b
    pg_dump --schema-only shop | dsql-compat analyze -
    dsql-compat analyze shop.sql --output report.html
    dsql-compat analyze migrations/ --target 2026-03 --format json
    dsql-compat analyze postgresql://reader@db.example/shop --schema 'app*'
    """
    del json_schema
    chosen = report_format or _SUFFIXES.get(output.suffix.lower() if output else "", Format.TEXT)
    selection = Selection(tuple(schema or ()), tuple(exclude_schema or ()), tuple(tables or ()))
    seconds = time_limit or (EXACT_SECONDS if exact else SECONDS)
    measuring = Measuring(sample, exact, seconds, measured_tables(), with_globals=roles)
    report = _analyze(sources, target, queries or [], selection, measuring)
    files = [*sources, *(queries or [])]
    is_read_once = "-" in files or any(source.kind == "database" for source in report.sources)
    days = compare_target or []
    if compare_target:
        if chosen is not Format.HTML:
            fail("--compare-target is for HTML: add --format html")
        if is_read_once:
            fail("--compare-target reads the sources again: name files or folders")
    elif chosen is Format.HTML and not is_read_once:
        days = _days_to_compare(report, files)
    others = [_analyze(sources, day, queries or [], selection, measuring) for day in days]
    write_report(_render(report, chosen, output, all_findings, others), output)
    if _fails(report, fail_on):
        raise SystemExit(FOUND)


def _days_to_compare(report: Report, files: list[str]) -> list[str]:
    """Other dates for the HTML report, where judging all again takes no time to speak of."""
    from dsql_compat.report.html_dates import other_days

    total = sum(source.bytes for source in report.sources)
    total += sum(source.bytes for source in (report.workload.sources if report.workload else []))
    is_kept = all(Path(name).is_file() or Path(name).is_dir() for name in files)  # no pipe
    if not is_kept or total > READ_AGAIN:
        return []
    return [day.isoformat() for day in other_days(report)]


def _analyze(
    sources: list[str],
    target: str,
    queries: list[str],
    selection: Selection,
    measuring: Measuring,
) -> Report:
    from dsql_compat.pipeline import analyze_inputs
    from dsql_compat.rules import load_catalogue
    from dsql_compat.sources.files import STDIN, InputError, find_inputs
    from dsql_compat.sources.workload.files import read_queries
    from dsql_compat.targets import TargetError, parse_target

    try:
        wanted = parse_target(target, load_catalogue().verified)
        if wanted.is_beyond_knowledge:
            print(
                f"dsql-compat: note: the catalogue was last verified for {wanted.verified}; "
                f"what changed by {wanted.date} is not known to it",
                file=sys.stderr,
            )
        inputs = find_inputs(sources, selection, measuring)
        if STDIN in queries and (STDIN in sources or queries.count(STDIN) > 1):
            raise InputError("standard input can be read once only: name - once")
        with progress(inputs) as advance:
            workloads = map(read_queries, queries)
            return analyze_inputs(inputs, target, advance, today=date.today(), workloads=workloads)
    except (InputError, TargetError) as error:
        fail(str(error))


def _render(
    report: Report,
    chosen: Format,
    output: Path | None,
    all_findings: bool,
    others: list[Report],
) -> str:
    match chosen:
        case Format.JSON:
            from dsql_compat.report.json import render as render_json

            return render_json(report)
        case Format.HTML:
            from dsql_compat.report.html import render as render_html

            return render_html(report, others)
        case Format.MARKDOWN:
            from dsql_compat.report.markdown import render as render_markdown

            return render_markdown(report)
    from dsql_compat.report.text import render as render_text

    return render_text(
        report,
        colour=output is None and use_colour(),
        everything=all_findings,
        width=terminal_width() if output is None else None,
    )


def _fails(report: Report, fail_on: FailOn) -> bool:
    counts = report.readiness.findings
    match fail_on:
        case FailOn.ERROR:
            return counts.error > 0
        case FailOn.WARNING:
            return counts.error + counts.warning > 0
        case FailOn.INFO:
            return counts.error + counts.warning + counts.info > 0
    return False
