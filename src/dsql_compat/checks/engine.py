"""Shows every statement, node and object to the detectors that asked for its kind."""

from __future__ import annotations

from bisect import bisect_right

from pglast import ast, enums

from dsql_compat.catalog.build import apply
from dsql_compat.catalog.model import Catalog, Function, Object, Table, View
from dsql_compat.checks import load_all
from dsql_compat.checks.context import Here, Run, Transaction, WrapEnd
from dsql_compat.checks.registry import BY_CLASS
from dsql_compat.checks.suppressions import Suppression, Wasted, read_suppression, suppress
from dsql_compat.findings import Finding, ObjectRef, Unanalysed
from dsql_compat.sources.events import Database
from dsql_compat.sources.files import Wrap
from dsql_compat.sources.workload.model import Sessions, Workload
from dsql_compat.sql.bodies import read_body
from dsql_compat.sql.kinds import kind_of
from dsql_compat.sql.statements import Statement
from dsql_compat.sql.walk import walk

load_all()

_BEGIN = (
    enums.TransactionStmtKind.TRANS_STMT_BEGIN,
    enums.TransactionStmtKind.TRANS_STMT_START,
)
_END = (
    enums.TransactionStmtKind.TRANS_STMT_COMMIT,
    enums.TransactionStmtKind.TRANS_STMT_ROLLBACK,
    enums.TransactionStmtKind.TRANS_STMT_PREPARE,
)
_REMADE = (Function, Table, View)


def judge(run: Run, statement: Statement) -> None:
    """Replay one statement and add what the detectors find in it."""
    if statement.tree is None:
        _show(run, Here(run, statement), statement.problem or statement)
        return
    _enter_transaction(run, statement)
    here, made = _replay(run, statement)
    run.plain_statements += not made
    _judge_bodies(run, here, made)
    _leave_transaction(run, statement)


def enter_wrap(run: Run, wraps: tuple[Wrap, ...], statement: Statement) -> None:
    """Open the transaction that a tool puts around a statement, and end the one before it."""
    at = bisect_right(wraps, statement.line, key=lambda wrap: wrap.first) - 1
    wrap = wraps[at] if at >= 0 else None
    if wrap is not None and wrap.last is not None and statement.line > wrap.last:
        wrap = None
    if wrap is run.wrap:
        return
    leave_wrap(run)
    run.wrap = wrap
    if wrap is not None:
        run.transaction = Transaction(statement, wrap=wrap)


def leave_wrap(run: Run) -> None:
    """End the transaction of a tool, if one is open, and judge what it held."""
    block, run.wrap = run.transaction, None
    if block is None or block.wrap is None:
        return
    changes = [*block.ddl, *block.dml]
    if changes:
        _show(run, Here(run, changes[0]), WrapEnd(block))
    _close(run)


def judge_catalog(run: Run, catalog: Catalog, last: Statement | None) -> None:
    """Run the detectors that need the whole schema, once it stands."""
    if last is None:
        return
    current = run.catalog
    run.enter(catalog)
    _show(run, Here(run, last), catalog)
    run.enter(current)


def judge_database(run: Run, database: Database, last: Statement | None) -> Statement | None:
    """From here on statements concern another database: a fresh catalog, and a finding for it.

    The first database a source names is the one that DSQL's single database stands for.
    """
    if database.name in ("template1", "template0"):
        return last
    known = next((c for c in run.catalogs if c.database == database.name), None)
    if known is not None:
        run.enter(known)
        known.begin_session()
        return last
    if len(run.catalogs) == 1 and run.catalog.database is None and not run.catalog.relations:
        run.catalog.database = database.name
        run.catalog.begin_session()
        return last
    run.enter(Catalog(database.name))
    marker = Statement(f"\\connect {database.name}", database.source, database.line)
    here = Here(run, marker, ObjectRef("database", database.name))
    _show(run, here, database)
    return last


def judge_workload(run: Run, workload: Workload) -> None:
    """What an application sent, judged in the schema as it stands; nothing of it is replayed."""
    run.workloads.append(workload)
    run.unanalysed += workload.unread()
    for query in workload.queries:
        tree = query.statement.tree
        if tree is None or query.is_told:
            continue
        words = " ".join(token.text.upper() for token in query.statement.tokens[:2])
        ref = ObjectRef("workload", f"{words} {query.fingerprint[:8]}")
        run.workload_objects.add((run.catalog.database, ref))
        query.statement.usage = query.usage
        here = Here(run, query.statement, None, ref)
        _judge_part(run, here)
        _show(run, here, query.usage)
    if workload.sessions is not None:
        _observe(run, workload.sessions)
        for seen in workload.sessions.seen:
            text = f"-- {seen.kind}s at the time of the report: {seen.count:,}"
            marker = Statement(text, workload.name, is_pinned=True)
            ref = ObjectRef("session", seen.kind)
            run.workload_objects.add((run.catalog.database, ref))
            _show(run, Here(run, marker, None, ref), seen)


def _observe(run: Run, sessions: Sessions) -> None:
    """What the sessions show of DSQL's limits."""
    figures = {
        "connections": sessions.connections,
        "transaction-seconds": sessions.longest_transaction,
        "connection-seconds": sessions.longest_connection,
    }
    for key, figure in figures.items():
        if figure is not None and figure > run.observed.get(key, (-1, None))[0]:
            run.observed[key] = figure, sessions.source


def judge_directives(run: Run) -> None:
    """Apply the suppressions in the source's comments, and judge those themselves."""
    if not run.directives:
        return
    suppressions = [read_suppression(d, run.catalogue.rules) for d in run.directives]
    things: list[Suppression | Wasted] = [*suppressions, *suppress(run.findings, suppressions)]
    for thing in things:
        _show(run, Here(run, thing.statement), thing)


def _show(run: Run, here: Here, thing: object) -> None:
    for detector in BY_CLASS.get(thing.__class__, ()):
        for finding in detector(thing, here):
            if finding is not None:
                run.findings.append(finding)


def _judge_bodies(run: Run, outer: Here, made: list[Object]) -> None:
    """Look into a routine's body, or a DO block's, with the same detectors."""
    tree = outer.statement.tree
    routine = made[0] if made and isinstance(made[0], Function) else None
    if not isinstance(tree, ast.DoStmt) and (
        routine is None or not isinstance(tree, ast.CreateFunctionStmt)
    ):
        return
    inside = routine.ref if routine else outer.statement_ref
    cause = _refusal(run, outer.statement, inside)
    for part in read_body(outer.statement):
        if isinstance(part, Unanalysed):
            run.unanalysed.append(part)
            continue
        if routine is None and not part.shifts and kind_of(part.tree) == "ddl":
            here, made = _replay(run, part)  # DDL of a DO block runs at once: later ones find it
            _judge_bodies(run, here, made)
            continue
        _judge_part(run, Here(run, part, None, inside, cause))


def _judge_part(run: Run, here: Here) -> None:
    """A statement inside a body, and what is inside the body that it makes itself."""
    _show(run, here, here.statement)
    tree = here.statement.tree
    for node in walk(tree):
        if node.__class__ in BY_CLASS:
            _show(run, here, node)
    if not isinstance(tree, ast.DoStmt | ast.CreateFunctionStmt):
        return
    for part in read_body(here.statement):
        if isinstance(part, Unanalysed):
            run.unanalysed.append(part)
        else:
            _judge_part(run, Here(run, part, None, here.inside, here.cause))


def _replay(run: Run, statement: Statement) -> tuple[Here, list[Object]]:
    """Bring the catalog to the state after a statement and show the detectors all of it."""
    made = apply(run.catalog, statement)
    here = Here(run, statement, made[0].ref if made else None)
    if made and isinstance(made[0], _REMADE) and not _adds_overload(statement.tree):
        run.missing.pop(made[0].ref, None)  # an object made anew is judged anew
    _show(run, here, statement)
    if run.transaction is not None:
        _show(run, here, run.transaction)
    for item in made:
        _show(run, here, item)
    for node in walk(statement.tree):
        if node.__class__ in BY_CLASS:
            _show(run, here, node)
    return here, made


def _adds_overload(tree: ast.Node | None) -> bool:
    """Whether another routine of the same name may stand beside the one that is made."""
    return isinstance(tree, ast.CreateFunctionStmt) and not tree.replace


def _refusal(run: Run, statement: Statement, routine: ObjectRef) -> Finding | None:
    """Why DSQL refuses just this routine: others may have its name, and all DO blocks share one."""
    for finding in reversed(run.findings):
        if finding.span.statement is not statement:
            break
        is_refused = finding.object == routine and finding.status.severity == "error"
        if is_refused and run.rule(finding.rule).family == "routines":
            return finding
    return None


def _enter_transaction(run: Run, statement: Statement) -> None:
    tree = statement.tree
    if isinstance(tree, ast.TransactionStmt) and tree.kind in _BEGIN:
        if run.transaction is None or run.transaction.wrap is None:  # else it is open already
            run.transaction = Transaction(statement)
    elif run.transaction is not None:
        match kind_of(tree):
            case "ddl":
                run.transaction.ddl.append(statement)
            case "dml":
                run.transaction.dml.append(statement)


def _leave_transaction(run: Run, statement: Statement) -> None:
    tree = statement.tree
    if isinstance(tree, ast.TransactionStmt) and tree.kind in _END:
        _close(run)


def _close(run: Run) -> None:
    if run.transaction is not None:
        run.most_rows = max(run.most_rows, run.transaction.rows)
        run.most_bytes = max(run.most_bytes, run.transaction.bytes)
    run.transaction = None
