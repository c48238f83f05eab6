"""The program and its commands; each lives in a module of its own."""

from __future__ import annotations

from typing import Annotated

import typer

from dsql_compat.cli.analyze import analyze
from dsql_compat.cli.check import check
from dsql_compat.cli.collect import collect
from dsql_compat.cli.diff import diff
from dsql_compat.cli.guide import guide
from dsql_compat.cli.init import init
from dsql_compat.cli.merge import merge
from dsql_compat.cli.rewrite import rewrite
from dsql_compat.cli.rules import rules
from dsql_compat.cli.targets import targets
from dsql_compat.cli.verify import verify

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(analyze)
app.command()(check)
app.command()(collect)
app.command()(diff)
app.command()(guide)
app.command()(init)
app.command()(merge)
app.command()(rewrite)
app.command()(rules)
app.command()(targets)
app.command()(verify)


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
    Nothing of a source is executed, but by `verify`, on a scratch server; a database is connected
    to only where it is named, and only read.
    """
