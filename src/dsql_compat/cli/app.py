"""The program and its commands; each lives in a module of its own."""

from __future__ import annotations

from typing import Annotated

import typer

from dsql_compat.cli.analyze import analyze
from dsql_compat.cli.rules import rules
from dsql_compat.cli.targets import targets

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(analyze)
app.command()(rules)
app.command()(targets)


def _version(wanted: bool) -> None:
    if wanted:
        from dsql_compat import __version__

        typer.echo(f"dsql-compat {__version__}")
        raise typer.Exit


@app.callback()
def program(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version.")
    ] = False,
) -> None:
    """Read a PostgreSQL schema and say what Amazon Aurora DSQL makes of it.

    Start with `dsql-compat analyze dump.sql`, where the dump comes from `pg_dump --schema-only`.
    Nothing is ever executed, and no connection is made.
    """
