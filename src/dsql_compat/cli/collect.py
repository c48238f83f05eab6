"""`dsql-compat collect`: the script with which a DBA collects a database, with psql alone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dsql_compat.cli.output import write_report


def collect(
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Write to this file, not to standard output."),
    ] = None,
) -> None:
    """Print the SQL script that collects a database where this program cannot connect.

    What it writes is a source for analyze, rewrite and verify.  It only reads, and holds no rows.

    \\b
    dsql-compat collect > collect.sql
    psql -X -f collect.sql -o collected.txt postgresql://reader@db.example/shop
    dsql-compat analyze collected.txt
    """
    from dsql_compat.sources.database.offline import script

    write_report(script(), output)
