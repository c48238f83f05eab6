"""`dsql-compat rules`: the catalogue, or one rule explained."""

from __future__ import annotations

import difflib
from typing import Annotated

import typer

from dsql_compat.cli import fail
from dsql_compat.cli.output import use_colour, write_report


def rules(
    rule: Annotated[
        str | None,
        typer.Argument(metavar="[RULE]", help="The rule to explain.", show_default=False),
    ] = None,
    target: Annotated[
        str, typer.Option("--target", "-t", help="Show the list as of this date.")
    ] = "latest",
) -> None:
    """List the rules, or explain one: its history, DSQL's own error, examples and sources."""
    from dsql_compat.report.catalogue import explain, list_rules
    from dsql_compat.rules import load_catalogue
    from dsql_compat.targets import TargetError, parse_target

    catalogue = load_catalogue()
    try:
        wanted = parse_target(target, catalogue.verified)
    except TargetError as error:
        fail(str(error))
    if rule is None:
        write_report(list_rules(catalogue, wanted, colour=use_colour()), None)
        return
    if rule not in catalogue.rules:
        near = difflib.get_close_matches(rule, catalogue.rules, n=3, cutoff=0.5)
        hint = f"; did you mean {', '.join(near)}?" if near else "; `dsql-compat rules` lists them"
        fail(f"no rule is called {rule!r}{hint}")
    write_report(explain(catalogue.rules[rule], wanted, colour=use_colour()), None)
