"""From sources to a rewrite, on one screen."""

from __future__ import annotations

from collections.abc import Iterable

from dsql_compat.catalog.model import Table
from dsql_compat.checks.context import Run
from dsql_compat.pipeline import Progress, judge_inputs
from dsql_compat.report.build import build_report
from dsql_compat.report.model import Report
from dsql_compat.rewriting import ledger
from dsql_compat.rewriting.choices import Wishes, settle
from dsql_compat.rewriting.collisions import demand_own_names
from dsql_compat.rewriting.columns import record_columns
from dsql_compat.rewriting.default_privileges import rewrite_default_privileges
from dsql_compat.rewriting.indexes import rewrite_indexes
from dsql_compat.rewriting.keys import rewrite_foreign_keys
from dsql_compat.rewriting.model import Rewrite
from dsql_compat.rewriting.order import ordered
from dsql_compat.rewriting.orphans import leave_orphans
from dsql_compat.rewriting.others import rewrite_others, rewrite_remarks, rewrite_schemas
from dsql_compat.rewriting.remainder import rewrite_remainder
from dsql_compat.rewriting.roles import rewrite_owners, rewrite_roles
from dsql_compat.rewriting.routines import rejudge_routines, rewrite_routines
from dsql_compat.rewriting.row_log import RowLog
from dsql_compat.rewriting.search_paths import SearchPaths
from dsql_compat.rewriting.sequences import rewrite_sequences
from dsql_compat.rewriting.tables import rewrite_tables
from dsql_compat.rewriting.types import rewrite_types
from dsql_compat.rewriting.views import rewrite_views
from dsql_compat.rewriting.work import Work
from dsql_compat.rules import load_catalogue
from dsql_compat.sources.files import Input
from dsql_compat.sources.workload.model import Workload
from dsql_compat.sql.statements import Statement
from dsql_compat.targets import parse_target


def rewrite_inputs(
    inputs: list[Input],
    target: str = "latest",
    wishes: Wishes | None = None,
    on_progress: Progress | None = None,
    log: RowLog | None = None,
    workloads: Iterable[Workload] | None = None,
) -> list[Rewrite]:
    """Rewrite inputs, read as one history: one result for each database in them.

    `log` notes where rows go, for a second pass that carries them over.  With `workloads`, be there
    any or none, what applications send is judged too.

    Raises InputError, TargetError and ChoiceError.
    """
    wishes = wishes or Wishes()
    catalogue = load_catalogue()
    run = Run(catalogue, parse_target(target, catalogue.verified), wishes.refused)
    choices = settle(wishes, run)
    statements: dict[int, list[Statement]] = {}
    paths = SearchPaths()

    def keep(statement: Statement) -> None:
        statements.setdefault(id(run.catalog), []).append(statement)
        paths.add_statement(run.catalog, statement)
        if log is not None:
            log.add_statement(run.catalog, statement)

    def note(table: Table | None) -> None:
        if log is not None:
            log.add_rows(run.catalog, table)

    report = build_report(run, judge_inputs(run, inputs, on_progress, keep, note, workloads))
    return [
        _rewritten(Work(run, catalog, choices, statements.get(id(catalog), [])), paths, report)
        for catalog in run.catalogs
    ]


# Each decides the objects of its kind; what others are made of comes before them.
STEPS = (
    rewrite_roles,
    rewrite_schemas,
    rewrite_types,
    record_columns,
    rewrite_sequences,
    rewrite_routines,
    rewrite_tables,
    rewrite_views,
    rejudge_routines,
    rewrite_indexes,
    rewrite_foreign_keys,
    rewrite_others,
    rewrite_owners,
    rewrite_default_privileges,
    rewrite_remarks,
    leave_orphans,
    rewrite_remainder,
    ledger.close,
)


def _rewritten(work: Work, paths: SearchPaths, report: Report) -> Rewrite:
    """One database, all steps taken."""
    paths.qualify(work)
    for step in STEPS:
        step(work)
    demand_own_names(work.items)
    return Rewrite(
        work.catalog.database,
        work.choices,
        ordered(work.items),
        list(work.tables.values()),
        work.fates,
        report,
        work.catalog,
        work.statements,
        work.findings,
    )
