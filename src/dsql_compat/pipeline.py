"""The main job, on one screen: sources → statements → catalog and findings → report."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from dsql_compat.catalog.model import Catalog
from dsql_compat.checks.context import Run
from dsql_compat.checks.engine import judge, judge_catalog, judge_database
from dsql_compat.findings import Unanalysed
from dsql_compat.report.build import ReadSource, build_report
from dsql_compat.report.model import Report
from dsql_compat.rules import Catalogue, load_catalogue
from dsql_compat.sources.files import Input, InputError, find_inputs
from dsql_compat.sources.reader import Database, DataRows, Reader
from dsql_compat.sql.names import name_from_text
from dsql_compat.sql.statements import Statement, unchecked_nodes
from dsql_compat.targets import parse_target

Progress = Callable[[int], None]


def analyze_inputs(
    inputs: list[Input],
    target: str = "latest",
    on_progress: Progress | None = None,
    catalogue: Catalogue | None = None,
) -> Report:
    """Judge inputs as one history.  Raises InputError and TargetError.

    `on_progress` is told how many bytes were read, each time some were.
    """
    catalogue = catalogue or load_catalogue()
    run = Run(catalogue, parse_target(target, catalogue.verified))
    read: list[ReadSource] = []
    last: Statement | None = None
    with _no_collection(), unchecked_nodes():
        for source in inputs:
            reader = Reader(source, on_progress)
            last = _replay(run, reader) or last
            read.append(ReadSource(source, reader.stats))
        names = ", ".join(source.name for source in inputs)
        if last is None:
            raise InputError(f"{names}: no SQL statement in it")
        if not any(part.stats.is_sql for part in read):
            raise InputError(f"{names}: not SQL: nothing in it begins as a statement does")
        for catalog in run.catalogs:
            judge_catalog(run, catalog, last)
        return build_report(run, read)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Trees are no garbage until the end, and looking for some in vain costs a third."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def analyze_sources(
    sources: list[str], target: str = "latest", on_progress: Progress | None = None
) -> Report:
    """Judge files, folders or standard input (`-`), named as on the command line."""
    return analyze_inputs(find_inputs(sources), target, on_progress)


def analyze_text(sql: str, target: str = "latest") -> Report:
    """Judge SQL that is already in memory, under the name `<text>`."""
    source = Input("<text>", "dump", "plain", None, len(sql.encode()), sql.encode())
    return analyze_inputs([source], target)


def _replay(run: Run, reader: Reader) -> Statement | None:
    last: Statement | None = None
    for event in reader:
        match event:
            case Statement():
                last = event
                judge(run, event)
            case DataRows():
                _count(run.catalog, event)
                if run.transaction is not None and not event.is_shown:
                    run.transaction.bring(event.count.rows)
            case Database():
                last = judge_database(run, event, last)
            case Unanalysed():
                run.unanalysed.append(event)
    return last


def _count(catalog: Catalog, rows: DataRows) -> None:
    table = catalog.table(name_from_text(rows.table))
    if table is None:
        return
    volume, count = table.data, rows.count
    volume.rows += count.rows
    volume.bytes += count.bytes
    volume.widest_row = max(volume.widest_row, count.widest)
    volume.largest_batch = max(volume.largest_batch, count.rows)
    if rows.kind == "copy":
        volume.largest_copy = max(volume.largest_copy, count.rows)
    else:
        volume.largest_insert = max(volume.largest_insert, count.rows)
    table.touched_by_data = True
