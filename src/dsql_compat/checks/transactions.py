"""Transactions: what may stand in one, how they are begun and ended, and locks on rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pglast import ast, enums

from dsql_compat.catalog.model import Catalog, Table
from dsql_compat.checks.context import Found, Here, Transaction, WrapEnd
from dsql_compat.checks.registry import detects
from dsql_compat.findings import Finding, ObjectRef, Span
from dsql_compat.sql import spans
from dsql_compat.sql.names import name_of, quote, relation_name
from dsql_compat.sql.statements import Statement
from dsql_compat.sql.walk import walk

Kind = enums.TransactionStmtKind
Strength = enums.LockClauseStrength
Wait = enums.LockWaitPolicy

_ENDS = (Kind.TRANS_STMT_COMMIT, Kind.TRANS_STMT_ROLLBACK, Kind.TRANS_STMT_PREPARE)
_SAVEPOINTS = {
    Kind.TRANS_STMT_SAVEPOINT: "SAVEPOINT",
    Kind.TRANS_STMT_RELEASE: "RELEASE",
    Kind.TRANS_STMT_ROLLBACK_TO: "ROLLBACK TO",
}
_TWO_PHASE = {
    Kind.TRANS_STMT_PREPARE: "PREPARE TRANSACTION",
    Kind.TRANS_STMT_COMMIT_PREPARED: "COMMIT PREPARED",
    Kind.TRANS_STMT_ROLLBACK_PREPARED: "ROLLBACK PREPARED",
}
_SHOWN = 20  # statements of a long block that the rewrite writes out


# -- DDL in transactions --------------------------------------------------------------------------


@detects("multiple-ddl-per-transaction", on=ast.TransactionStmt)
def several_ddl(node: ast.TransactionStmt, here: Here) -> Found:
    """Judged at the end of the block, when it is known how many there are."""
    block = here.run.transaction
    if node.kind in _ENDS and block is not None and here.inside is None:
        yield _several(block, here)


@detects("multiple-ddl-per-transaction", on=Catalog)
def several_ddl_in_open_block(catalog: Catalog, here: Here) -> Found:
    """A block that the source never ends."""
    if here.run.transaction is not None and catalog is here.run.catalogs[-1]:
        yield _several(here.run.transaction, here)


@detects("multiple-ddl-per-transaction", "ddl-with-dml", on=WrapEnd)
def migration_in_one_transaction(end: WrapEnd, here: Here) -> Found:
    """What a tool runs in one transaction, with the row it writes there itself."""
    block = end.block
    yield _several(block, here)
    if block.wrap is None or not block.wrap.writes_row or len(block.ddl) != 1 or block.dml:
        return
    span = spans.head(block.ddl[0])
    yield Here(here.run, block.ddl[0]).found(
        "ddl-with-dml", span, case=f"{block.wrap.tool}-row", before=span.text, words=span.text
    )


def _several(block: Transaction, here: Here) -> Finding | None:
    if len(block.ddl) < 2:
        return None
    texts = [statement.excerpt.removesuffix(";") + ";" for statement in block.ddl]
    left = len(texts) - _SHOWN
    if left > 0:
        texts = [*texts[:_SHOWN], f"-- … {left} more"]
    listed = "\n".join(texts)
    span = spans.head(block.ddl[1])
    return here.found(
        "multiple-ddl-per-transaction",
        span,
        about=ObjectRef("statement", span.text.upper()),
        case=block.wrap.tool if block.wrap else "",
        before=listed if block.wrap else f"{block.begin.excerpt.removesuffix(';')};\n{listed}",
        count=len(block.ddl),
        statements=listed,
    )


@detects("ddl-with-dml", on=Transaction)
def ddl_with_dml(block: Transaction, here: Here) -> Found:
    statement = here.statement
    if not block.ddl or not block.dml:
        return
    mixes_ddl = block.ddl[-1] is statement and len(block.ddl) == 1
    mixes_dml = block.dml[-1] is statement and len(block.dml) == 1
    if mixes_ddl or mixes_dml:
        span = spans.head(statement)
        yield here.found(
            "ddl-with-dml",
            span,
            case=block.wrap.tool if block.wrap else "",
            before=span.text,
            words=span.text,
            earlier=spans.head((block.dml if mixes_ddl else block.ddl)[0]).text,
        )


# -- statements of the transaction ----------------------------------------------------------------


@detects("savepoint", "two-phase-commit", "transaction-chain", on=ast.TransactionStmt)
def transaction_statement(node: ast.TransactionStmt, here: Here) -> Found:
    if node.kind in _SAVEPOINTS:
        ref = ObjectRef("savepoint", node.savepoint_name)
        yield _named("savepoint", ref, _SAVEPOINTS[node.kind], "SAVEPOINT", here)
    elif node.kind in _TWO_PHASE:
        ref = ObjectRef("prepared transaction", node.gid)
        yield _named("two-phase-commit", ref, _TWO_PHASE[node.kind], "PREPARE TRANSACTION", here)
    elif node.chain:
        span = spans.words(here.statement, "AND CHAIN")
        ends = here.statement.text[here.statement.start : span.start].rstrip()
        yield here.found("transaction-chain", span, ends=ends)


def _named(rule: str, ref: ObjectRef, words: str, first: str, here: Here) -> Finding | None:
    """A statement about a savepoint or prepared transaction; what comes after the first follows."""
    known = here.missing(ref)
    return here.found(
        rule,
        spans.whole(here.statement),
        about=ref,
        key="" if words == first else words,
        cause=known if words != first else None,
        breaks=words == first and here.inside is None,
        statement=words,
        name=ref.name if rule == "two-phase-commit" else quote(ref.name),
    )


@detects("isolation-level", "transaction-deferrable", on=ast.TransactionStmt)
def begin(node: ast.TransactionStmt, here: Here) -> Found:
    yield from _modes(node.options or (), here)


@detects("isolation-level", "set-transaction", "transaction-deferrable", on=ast.VariableSetStmt)
def set_transaction(node: ast.VariableSetStmt, here: Here) -> Found:
    tree = here.statement.tree
    if tree is not node and not isinstance(tree, ast.CreateFunctionStmt):
        return  # ALTER ROLE, ALTER DATABASE, ALTER SYSTEM: each has a rule of its own
    match node.name:
        case "TRANSACTION":
            wrong = next(_wrong_levels(node.args or ()), None)
            if wrong is not None:
                yield _level(wrong, "", here)
            else:
                yield _set_modes(node, here)
        case "TRANSACTION SNAPSHOT":
            yield here.found("set-transaction", spans.whole(here.statement), case="snapshot")
        case "SESSION CHARACTERISTICS":
            yield from _modes(node.args or (), here)
        case "default_transaction_isolation" | "transaction_isolation":
            yield here.found(
                "isolation-level",
                spans.words(here.statement, node.name),
                case="setting",
                parameter=node.name,
            )


def _modes(options: tuple[ast.DefElem, ...], here: Here) -> Found:
    for level in _wrong_levels(options):
        yield _level(level, _with_repeatable_read(level, here), here)
    if any(option.defname == "transaction_deferrable" for option in options):
        found = spans.find_words(here.statement, "NOT DEFERRABLE")
        span = found or spans.words(here.statement, "DEFERRABLE")
        start = _before_comma(here.statement, span.start)
        edited = spans.edited(here.statement, [(start, span.end, "")])
        yield here.found("transaction-deferrable", span, edited=edited)


def _before_comma(statement: Statement, start: int) -> int:
    earlier = [token for token in statement.tokens if token.end <= start]
    return earlier[-1].start if earlier and earlier[-1].text == "," else start


def _wrong_levels(options: tuple[ast.Node, ...]) -> Iterator[str]:
    for option in options:
        if isinstance(option, ast.DefElem) and option.defname == "transaction_isolation":
            level = option.arg.val.sval.upper()
            if level != "REPEATABLE READ":
                yield level


def _level(level: str, edited: str, here: Here) -> Finding | None:
    """`edited` is empty where the statement has no form that DSQL takes."""
    return here.found(
        "isolation-level",
        spans.words(here.statement, level),
        case="serializable" if level == "SERIALIZABLE" else "",
        level=level,
        edited=edited,
    )


def _with_repeatable_read(level: str, here: Here) -> str:
    span = spans.words(here.statement, level)
    return spans.edited(here.statement, [(span.start, span.end, "REPEATABLE READ")])


def _set_modes(node: ast.VariableSetStmt, here: Here) -> Finding | None:
    """SET TRANSACTION with modes that BEGIN would take."""
    statement = here.statement
    modes = []
    for option in node.args or ():
        if option.defname == "transaction_read_only":
            modes.append("READ ONLY" if option.arg.val.ival else "READ WRITE")
        elif option.defname == "transaction_isolation":
            modes.append("ISOLATION LEVEL REPEATABLE READ")
    block = here.run.transaction
    before = f"{block.begin.excerpt.removesuffix(';')};\n" if block is not None else ""
    return here.found(
        "set-transaction",
        spans.words(statement, "SET TRANSACTION")
        if spans.find_words(statement, "SET TRANSACTION")
        else spans.head(statement, 3),
        before=before + statement.excerpt,
        modes=", ".join(modes),
        begin=f"BEGIN {', '.join(modes)};".replace(" ;", ";"),
    )


# -- locks on rows --------------------------------------------------------------------------------


@detects("row-locking", "for-key-share", "for-update", "skip-locked", on=ast.SelectStmt)
def row_locks(node: ast.SelectStmt, here: Here) -> Found:
    for clause in node.lockingClause or ():
        words = {
            Strength.LCS_FORSHARE: "FOR SHARE",
            Strength.LCS_FORNOKEYUPDATE: "FOR NO KEY UPDATE",
            Strength.LCS_FORKEYSHARE: "FOR KEY SHARE",
            Strength.LCS_FORUPDATE: "FOR UPDATE",
        }.get(clause.strength)
        if words is None:
            continue
        span = _lock_span(clause, words, here)
        if clause.strength == Strength.LCS_FORKEYSHARE:
            yield _lock("for-key-share", "", span, here)
        elif clause.strength != Strength.LCS_FORUPDATE:
            case = "no-key-update" if clause.strength == Strength.LCS_FORNOKEYUPDATE else ""
            yield _lock("row-locking", case, span, here)
        elif not _has_key_equality(node, here):
            yield here.found("for-update", span)
        if clause.waitPolicy != Wait.LockWaitBlock:
            yield _waiting(clause, span, here)


def _lock(rule: str, case: str, span: Span, here: Here) -> Finding | None:
    statement = here.statement
    return here.found(
        rule,
        span,
        case=case,
        words=span.text.upper(),
        update=spans.edited(statement, [(span.start, span.end, "FOR UPDATE")]),
        key_share=spans.edited(statement, [(span.start, span.end, "FOR KEY SHARE")]),
    )


def _waiting(clause: ast.LockingClause, lock: Span, here: Here) -> Finding | None:
    skips = clause.waitPolicy == Wait.LockWaitSkip
    words = "SKIP LOCKED" if skips else "NOWAIT"
    span = spans.words(here.statement, words, after=lock.end)
    return here.found("skip-locked", span, case="" if skips else "nowait")


def _lock_span(clause: ast.LockingClause, words: str, here: Here) -> Span:
    """Where a locking clause stands: its node knows no place, so equal ones are counted off."""
    statement = here.statement
    tree = statement.tree
    number = 0
    for node in walk(tree) if tree is not None else ():
        if node is clause:
            break
        if isinstance(node, ast.LockingClause) and node.strength == clause.strength:
            number += 1
    after = statement.start
    for _ in range(number):
        earlier = spans.find_words(statement, words, after=after)
        after = earlier.end if earlier else after
    return spans.words(statement, words, after=after)


def _has_key_equality(node: ast.SelectStmt, here: Here) -> bool:
    """Whether one table is read by equality on its whole key, as FOR UPDATE once demanded."""
    sources: tuple[Any, ...] = node.fromClause or ()
    if len(sources) != 1 or not isinstance(sources[0], ast.RangeVar) or node.whereClause is None:
        return False
    compared = _compared_columns(node.whereClause)
    table = here.catalog.table(relation_name(sources[0]))
    if not isinstance(table, Table):
        return bool(compared)
    key = table.primary_key
    if key is None:  # a dump adds keys after the functions that read the tables
        return bool(compared)
    return set(key.columns) <= compared


def _compared_columns(condition: ast.Node) -> set[str]:
    """The columns that a condition fixes by `=`, joined by AND."""
    if isinstance(condition, ast.BoolExpr):
        if condition.boolop != enums.BoolExprType.AND_EXPR:
            return set()
        return {name for part in condition.args for name in _compared_columns(part)}
    if not isinstance(condition, ast.A_Expr) or condition.kind != enums.A_Expr_Kind.AEXPR_OP:
        return set()
    if name_of(condition.name).name != "=":
        return set()
    sides = (condition.lexpr, condition.rexpr)
    columns = [side for side in sides if isinstance(side, ast.ColumnRef)]
    if len(columns) != 1:
        return set()
    last = columns[0].fields[-1]
    return {last.sval} if isinstance(last, ast.String) else set()
