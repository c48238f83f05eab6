"""The main job, on one screen: sources → statements → catalog and findings → report."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING

from dsql_compat.catalog.build import apply
from dsql_compat.catalog.model import Table
from dsql_compat.checks.context import Run
from dsql_compat.checks.engine import (
    enter_wrap,
    judge,
    judge_catalog,
    judge_database,
    judge_directives,
    judge_workload,
    leave_wrap,
)
from dsql_compat.findings import Unanalysed
from dsql_compat.report.build import ReadSource, build_report
from dsql_compat.report.model import Report
from dsql_compat.rules import Catalogue, load_catalogue
from dsql_compat.sources.database.measuring import Measuring
from dsql_compat.sources.directives import Directive
from dsql_compat.sources.events import Database, DataRows, Position, TextOrder
from dsql_compat.sources.files import Input, InputError, find_inputs
from dsql_compat.sources.reader import Reader
from dsql_compat.sources.workload.files import read_queries
from dsql_compat.sources.workload.model import Workload, join
from dsql_compat.sql.names import name_from_text
from dsql_compat.sql.statements import Statement, unchecked_nodes
from dsql_compat.targets import parse_target

if TYPE_CHECKING:
    from dsql_compat.sources.database.dump import DatabaseReader

Progress = Callable[[int], None]
OnStatement = Callable[[Statement], None]
OnRows = Callable[[Table | None], None]


def analyze_inputs(
    inputs: list[Input],
    target: str = "latest",
    on_progress: Progress | None = None,
    catalogue: Catalogue | None = None,
    today: date | None = None,
    workloads: Iterable[Workload] = (),
) -> Report:
    """Judge inputs as one history.  Raises InputError and TargetError.

    `on_progress` is told how many bytes were read, each time some were; with `today` the report
    says whether the catalogue is old.  `workloads` are judged in the schema that the inputs leave.
    """
    catalogue = catalogue or load_catalogue()
    run = Run(catalogue, parse_target(target, catalogue.verified))
    with _no_collection():
        read = judge_inputs(run, inputs, on_progress, workloads=workloads)
        return build_report(run, read, today)


def judge_inputs(
    run: Run,
    inputs: list[Input],
    on_progress: Progress | None = None,
    on_statement: OnStatement | None = None,
    on_rows: OnRows | None = None,
    workloads: Iterable[Workload] | None = None,
    *,
    needs_sql: bool = True,
) -> list[ReadSource]:
    """Replay inputs into a run as one history and judge it.  Raises InputError.

    With `workloads`, be there any or none, those that databases know of are judged, too.

    `on_statement` is told of each statement once it has been judged, `on_rows` of the table that
    each COPY or INSERT of rows goes to.  Without `needs_sql` there may be nothing to judge.
    """
    read: list[ReadSource] = []
    last: Statement | None = None
    with unchecked_nodes():
        for source in inputs:
            reader = _reader(source, on_progress, reads_workload=workloads is not None)
            last = _replay(run, source, reader, on_statement, on_rows) or last
            read.append(ReadSource(source, reader.stats))
        names = ", ".join(source.name for source in inputs)
        if last is None and needs_sql:
            raise InputError(f"{names}: no SQL statement in it")
        if needs_sql and not any(part.stats.is_sql for part in read):
            raise InputError(f"{names}: not SQL: nothing in it begins as a statement does")
        sent = list(workloads or ())
        join([*run.workloads, *sent])
        for workload in sent:
            judge_workload(run, workload)
        for catalog in run.catalogs:
            judge_catalog(run, catalog, last)
        judge_directives(run)
    return read


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
    sources: list[str],
    target: str = "latest",
    on_progress: Progress | None = None,
    today: date | None = None,
    queries: Iterable[str] = (),
) -> Report:
    """Judge files, folders or standard input (`-`), named as on the command line.

    `queries` are files of what an application sends, as `--queries` takes them.
    """
    inputs = find_inputs(sources, measuring=Measuring())
    workloads = map(read_queries, queries)
    return analyze_inputs(inputs, target, on_progress, today=today, workloads=workloads)


def analyze_text(sql: str, target: str = "latest") -> Report:
    """Judge SQL that is already in memory, under the name `<text>`."""
    source = Input("<text>", "dump", "plain", None, len(sql.encode()), sql.encode())
    return analyze_inputs([source], target)


def _reader(
    source: Input, on_progress: Progress | None, *, reads_workload: bool
) -> Reader | DatabaseReader:
    if source.kind != "database":
        return Reader(source, on_progress)
    from dsql_compat.sources.database.dump import DatabaseReader  # loads the driver

    return DatabaseReader(source, on_progress, reads_workload=reads_workload)


def _replay(
    run: Run,
    source: Input,
    reader: Reader | DatabaseReader,
    on_statement: OnStatement | None,
    on_rows: OnRows | None,
) -> Statement | None:
    last: Statement | None = None
    for event in reader:
        match event:
            case Statement():
                last = event
                if source.wraps and event.source == source.name:
                    enter_wrap(run, source.wraps, event)
                judge(run, event)
                if on_statement is not None:
                    on_statement(event)
            case DataRows():
                table = run.catalog.table(name_from_text(event.table))
                if table is not None:
                    _count(table, event)
                if event.kind in ("estimate", "widths"):
                    continue
                if on_rows is not None:
                    on_rows(table)
                if run.transaction is not None:
                    rows = 0 if event.is_shown else event.count.rows
                    run.transaction.bring(rows, size=event.count.bytes)
            case Position():
                apply(run.catalog, event.statement)
                if on_statement is not None:
                    on_statement(event.statement)
            case TextOrder():
                run.catalog.collation = event.collation
            case Database():
                last = judge_database(run, event, last)
            case Directive():
                run.directives.append(event)
            case Workload():
                judge_workload(run, event)
            case Unanalysed():
                run.unanalysed.append(event)
    if source.wraps:
        leave_wrap(run)
    return last


def _count(table: Table, rows: DataRows) -> None:
    volume, count = table.data, rows.count
    volume.rows += count.rows
    volume.bytes += count.bytes
    volume.inserted += rows.inserted
    if rows.kind == "estimate":  # what is there, not what a script brings
        return
    volume.widest_row = max(volume.widest_row, count.widest)
    if count.values:
        widest = volume.widest_values
        for name, width in zip(rows.columns or table.columns, count.values, strict=False):
            widest[name] = max(width, widest.get(name, 0))
    if rows.kind == "widths":
        return
    volume.largest_batch = max(volume.largest_batch, count.rows)
    if rows.kind == "copy":
        volume.largest_copy = max(volume.largest_copy, count.rows)
        volume.copy_bytes = max(volume.copy_bytes, count.bytes)
    else:
        volume.largest_insert = max(volume.largest_insert, count.rows)
        volume.insert_bytes = max(volume.insert_bytes, count.bytes)
    table.touched_by_data = True
