"""Arguments and options that several commands have."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from dsql_compat.rewriting.choices import Wishes


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


Sources = Annotated[
    list[str],
    typer.Argument(
        metavar="SOURCE...",
        help="Dumps (plain, .gz, custom, tar, directory), folders of migrations, - for "
        "standard input, or running databases (postgresql://…, service=NAME). Several are read "
        "as one history.",
        show_default=False,
    ),
]
TargetDate = Annotated[
    str,
    typer.Option(
        "--target", "-t", help="Aurora DSQL at which date: latest, YYYY-MM or YYYY-MM-DD."
    ),
]
OutputFolder = typer.Option(
    "--output", "-o", help="The folder to write, new or empty.", show_default=False
)
OutputFile = Annotated[
    Path | None,
    typer.Option("--output", "-o", help="Write to this file, not to standard output."),
]
Force = Annotated[
    bool, typer.Option("--force", help="Replace what an earlier run wrote to the folder.")
]
ForeignKeysChoice = Annotated[
    ForeignKeys | None,
    typer.Option(
        "--foreign-keys",
        help="Keep foreign keys, or leave them to the application.",
        show_default="keep, if the target has them",
    ),
]
JsonChoice = Annotated[
    Json | None,
    typer.Option(
        "--json",
        help="Keep json and jsonb columns, or make them text.",
        show_default="keep, if the target has them",
    ),
]
IdentityCache = Annotated[
    int,
    typer.Option(
        "--identity-cache",
        metavar="1|65536",
        help="Numbers nearly in order, or a block for each session; "
        "a sequence keeps its own CACHE if DSQL takes it.",
    ),
]
EnumsChoice = Annotated[
    Enums,
    typer.Option("--enums", help="Enums as domains, or as text with a CHECK on each column."),
]
ArraysChoice = Annotated[
    Arrays | None,
    typer.Option(
        "--arrays",
        help="Array columns as jsonb or text, or left to a person.",
        show_default="jsonb, if the target has it",
    ),
]


def wishes_of(
    foreign_keys: ForeignKeys | None,
    json: Json | None,
    identity_cache: int,
    enums: Enums,
    arrays: Arrays | None,
) -> Wishes:
    """The choices of rewriting as the rewriter takes them."""
    from dsql_compat.rewriting.choices import Wishes

    return Wishes(
        foreign_keys.value if foreign_keys else None,
        json.value if json else None,
        identity_cache,
        enums.value,
        arrays.value if arrays else None,
    )
