"""`dsql-compat targets`: what Aurora DSQL supports since when."""

from __future__ import annotations


def targets() -> None:
    """Show the timeline of Aurora DSQL: the dates at which the catalogue's answers change."""
    from dsql_compat.cli.output import use_colour, write_report
    from dsql_compat.report.catalogue import timeline
    from dsql_compat.rules import load_catalogue

    write_report(timeline(load_catalogue(), colour=use_colour()), None)
