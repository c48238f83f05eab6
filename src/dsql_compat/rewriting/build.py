"""From sources to a rewrite, on one screen."""

from __future__ import annotations

from dsql_compat.catalog.model import Table
from dsql_compat.checks.context import Run
from dsql_compat.pipeline import Progress, judge_inputs
from dsql_compat.report.build import build_report
from dsql_compat.rewriting import ledger
from dsql_compat.rewriting.choices import Wishes, settle
from dsql_compat.rewriting.collisions import demand_own_names
from dsql_compat.rewriting.columns import record_columns
from dsql_compat.rewriting.indexes import rewrite_indexes
from dsql_compat.rewriting.keys import rewrite_foreign_keys
from dsql_compat.rewriting.model import Rewrite
from dsql_compat.rewriting.order import ordered
from dsql_compat.rewriting.orphans import leave_orphans
from dsql_compat.rewriting.others import rewrite_others, rewrite_remarks, rewrite_schemas
from dsql_compat.rewriting.remainder import rewrite_remainder
from dsql_compat.rewriting.roles import rewrite_owners, rewrite_roles
from dsql_compat.rewriting.routines import rewrite_routines
from dsql_compat.rewriting.row_log import RowLog
from dsql_compat.rewriting.sequences import rewrite_sequences
from dsql_compat.rewriting.tables import rewrite_tables
from dsql_compat.rewriting.types import rewrite_types
from dsql_compat.rewriting.views import rewrite_views
from dsql_compat.rewriting.work import Work
from dsql_compat.rules import load_catalogue
from dsql_compat.sources.files import Input
from dsql_compat.sql.statements import Statement
from dsql_compat.targets import parse_target


def rewrite_inputs(
    inputs: list[Input],
    target: str = "latest",
    wishes: Wishes | None = None,
    on_progress: Progress | None = None,
    log: RowLog | None = None,
) -> list[Rewrite]:
    """Rewrite inputs, read as one history: one result for each database in them.

    `log` notes where rows go, for a second pass that carries them over.

    Raises InputError, TargetError and ChoiceError.
    """
    wishes = wishes or Wishes()
    catalogue = load_catalogue()
    run = Run(catalogue, parse_target(target, catalogue.verified), wishes.refused)
    choices = settle(wishes, run)
    statements: dict[int, list[Statement]] = {}

    def keep(statement: Statement) -> None:
        statements.setdefault(id(run.catalog), []).append(statement)
        if log is not None:
            log.add_statement(run.catalog, statement)

    def note(table: Table | None) -> None:
        if log is not None:
            log.add_rows(run.catalog, table)

    report = build_report(run, judge_inputs(run, inputs, on_progress, keep, note))
    results: list[Rewrite] = []
    for catalog in run.catalogs:
        work = Work(run, catalog, choices, statements.get(id(catalog), []))
        rewrite_roles(work)
        rewrite_schemas(work)
        rewrite_types(work)
        record_columns(work)
        rewrite_sequences(work)
        rewrite_routines(work)
        rewrite_tables(work)
        rewrite_views(work)
        rewrite_indexes(work)
        rewrite_foreign_keys(work)
        rewrite_others(work)
        rewrite_owners(work)
        rewrite_remarks(work)
        leave_orphans(work)
        rewrite_remainder(work)
        ledger.close(work)
        demand_own_names(work.items)
        results.append(
            Rewrite(
                catalog.database,
                choices,
                ordered(work.items),
                list(work.tables.values()),
                work.fates,
                report,
                catalog,
                work.statements,
                work.findings,
            )
        )
    return results
