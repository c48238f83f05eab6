"""`dsql-compat verify`: a rewrite proved on a scratch PostgreSQL."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from dsql_compat.cli import FOUND, fail
from dsql_compat.cli.options import (
    ArraysChoice,
    Enums,
    EnumsChoice,
    ForeignKeysChoice,
    IdentityCache,
    JsonChoice,
    OutputFile,
    Sources,
    TargetDate,
    wishes_of,
)
from dsql_compat.cli.output import write_report
from dsql_compat.cli.progress import progress

if TYPE_CHECKING:
    from dsql_compat.proof.verify import Proof
    from dsql_compat.rewriting.choices import Wishes


_SILENCE = 10.0  # seconds at most without a word


class ProofFormat(StrEnum):
    """The forms a proof can take."""

    TEXT = "text"
    JSON = "json"


def verify(
    sources: Sources,
    target: TargetDate = "latest",
    report_format: Annotated[
        ProofFormat | None,
        typer.Option(
            "--format",
            "-f",
            help="Form of the proof; by default what --output ends in, else text.",
            show_default=False,
        ),
    ] = None,
    output: OutputFile = None,
    everything: Annotated[
        bool, typer.Option("--all", help="List every declared difference and all that was skipped.")
    ] = False,
    server: Annotated[
        str | None,
        typer.Option(
            metavar="URI",
            help="A PostgreSQL (16 or newer) for two scratch databases, dropped at the end.",
            show_default="an embedded one",
        ),
    ] = None,
    data: Annotated[
        bool, typer.Option("--data", help="Load rows, too; compare counts and checksums.")
    ] = False,
    foreign_keys: ForeignKeysChoice = None,
    json: JsonChoice = None,
    identity_cache: IdentityCache = 65536,
    enums: EnumsChoice = Enums.DOMAIN,
    arrays: ArraysChoice = None,
) -> None:
    """Prove a rewrite: load source and result into a scratch PostgreSQL and compare them.

    Exits with 1 when they differ in anything that the rewrite does not declare.

    \b
    dsql-compat verify shop.sql
    dsql-compat verify migrations/ --target 2026-03 --format json
    dsql-compat verify shop.sql --server postgresql://me@localhost/postgres
    """
    from dsql_compat.proof.report import render_json, render_text

    wishes = wishes_of(foreign_keys, json, identity_cache, enums, arrays)
    proofs = _prove(sources, target, wishes, server, data=data)
    ending = output.suffix.lower() if output else ""
    chosen = report_format or (ProofFormat.JSON if ending == ".json" else ProofFormat.TEXT)
    is_json = chosen is ProofFormat.JSON
    write_report(
        render_json(proofs) if is_json else render_text(proofs, everything=everything), output
    )
    if not all(proof.holds for proof in proofs):
        raise SystemExit(FOUND)


def _prove(
    sources: list[str], target: str, wishes: Wishes, server: str | None, *, data: bool
) -> list[Proof]:
    from dsql_compat.proof.server import ServerError
    from dsql_compat.proof.verify import verify_inputs
    from dsql_compat.rewriting.choices import ChoiceError
    from dsql_compat.rewriting.loading import DataError
    from dsql_compat.sources.files import InputError, find_inputs
    from dsql_compat.targets import TargetError

    signal.signal(signal.SIGTERM, _stop)  # the scratch server must not outlive this process
    try:
        inputs = find_inputs(sources)
        with progress(inputs) as advance:
            return verify_inputs(inputs, target, wishes, server, advance, _stages(), data=data)
    except (InputError, TargetError, ChoiceError, DataError, ServerError) as error:
        fail(str(error))


def _stop(number: int, _: object) -> NoReturn:
    raise SystemExit(128 + number)


def _stages() -> Callable[[str, int, int], None]:
    """Says on standard error how far things are: a line a stage, and one now and then in it."""
    words = {
        "source": "loading the source",
        "rewrite": "loading the rewrite",
        "compare": "comparing",
    }
    said: set[str] = set()
    last = time.monotonic()

    def say(stage: str, done: int, total: int) -> None:
        nonlocal last
        is_new = stage not in said or done <= 1
        if not is_new and time.monotonic() - last < _SILENCE:
            return
        last = time.monotonic()
        said.add(stage)
        what = "objects" if stage == "compare" else "statements"
        far = "" if is_new else f"{done} of "
        print(f"dsql-compat: {words[stage]}: {far}{total} {what}", file=sys.stderr)

    return say
