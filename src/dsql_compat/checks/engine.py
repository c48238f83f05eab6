"""Shows every statement, node and object to the detectors that asked for its kind."""

from __future__ import annotations

from pglast import ast, enums

from dsql_compat.catalog.build import apply
from dsql_compat.catalog.model import Catalog, Function, Object, Table, View
from dsql_compat.checks import load_all
from dsql_compat.checks.context import Here, Run, Transaction
from dsql_compat.checks.registry import BY_CLASS
from dsql_compat.findings import Finding, ObjectRef, Unanalysed
from dsql_compat.sources.reader import Database
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
        if statement.problem is not None:
            _show(run, Here(run, statement), statement.problem)
        return
    _enter_transaction(run, statement)
    here, made = _replay(run, statement)
    run.plain_statements += not made
    _judge_bodies(run, here, made)
    _leave_transaction(run, statement)


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
        return last
    if len(run.catalogs) == 1 and run.catalog.database is None and not run.catalog.relations:
        run.catalog.database = database.name
        return last
    run.enter(Catalog(database.name))
    marker = Statement(f"\\connect {database.name}", database.source, database.line)
    here = Here(run, marker, ObjectRef("database", database.name))
    _show(run, here, database)
    return last


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
            _replay(run, part)  # DDL of a DO block runs at once: later statements find it
            continue
        here = Here(run, part, None, inside, cause)
        _show(run, here, part)
        for node in walk(part.tree):
            if node.__class__ in BY_CLASS:
                _show(run, here, node)


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
        run.transaction = None
