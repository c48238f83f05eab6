"""A progress bar on standard error, for long input on a terminal."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dsql_compat.sources.files import Input

SECONDS_BETWEEN = 5  # lines about a long look at rows
WORTH_A_BAR = 8 << 20  # bytes; what is smaller is done before a bar could be read


@contextlib.contextmanager
def _steps(databases: int) -> Iterator[Callable[[int], None] | None]:
    """Queries of the catalog, as they are answered."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from dsql_compat.sources.database.collect import QUERIES

    columns = (TextColumn("reading the catalog"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=QUERIES * databases)
        yield lambda count: bar.advance(task, count)


@contextlib.contextmanager
def progress(inputs: list[Input]) -> Iterator[Callable[[int], None] | None]:
    """A function to tell of bytes read; None where nobody would see the bar."""
    if inputs and all(source.kind == "database" for source in inputs):
        with _steps(len(inputs)) as advance:
            yield advance
        return
    plain = [source.size for source in inputs if source.format == "plain"]
    sizes = [size for size in plain if size is not None]
    is_known = len(sizes) == len(inputs)
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield None
        return
    if is_known and sum(sizes) < WORTH_A_BAR:
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("reading"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=sum(sizes) if is_known else None)
        yield lambda count: bar.advance(task, count)


def measured_tables() -> Callable[[int, int], None]:
    """Says every few seconds how many tables were measured; what is quick says nothing."""
    begun = said = 0.0

    def say(done: int, total: int) -> None:
        nonlocal begun, said
        now = time.monotonic()
        if done == 1:
            begun = said = now
        if now - said >= SECONDS_BETWEEN:
            said = now
            words = f"measured {done:,} of {total:,} tables in {now - begun:.0f} s"
            print(f"dsql-compat: {words}", file=sys.stderr)

    return say
