"""Transactions written in a file: taken apart where DSQL takes one DDL statement in each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from pglast import ast, enums

from dsql_compat.editing.model import JOINT, Edit, Placed, Unit
from dsql_compat.sql.kinds import kind_of

_Kind = enums.TransactionStmtKind
_BEGIN = (_Kind.TRANS_STMT_BEGIN, _Kind.TRANS_STMT_START)


@dataclass(slots=True)
class Block:
    """A transaction from BEGIN to COMMIT: its units in order, each with its statements."""

    begin: Placed
    inner: list[Placed] = field(default_factory=list)
    end: Placed | None = None

    @property
    def units(self) -> dict[Unit, list[Placed]]:
        """The statements between the two, unit by unit."""
        found: dict[Unit, list[Placed]] = {}
        for placed in self.inner:
            found.setdefault(placed.unit, []).append(placed)
        return found


def blocks_of(statements: list[Placed]) -> Iterator[Block]:
    """The transactions of a file, in order; one without an end comes, too."""
    block: Block | None = None
    for placed in statements:
        tree = placed.statement.tree
        if isinstance(tree, ast.TransactionStmt) and tree.kind in _BEGIN:
            if block is not None:
                yield block
            block = Block(placed)
        elif block is None:
            continue
        elif isinstance(tree, ast.TransactionStmt) and tree.kind in (
            _Kind.TRANS_STMT_COMMIT,
            _Kind.TRANS_STMT_ROLLBACK,
            _Kind.TRANS_STMT_PREPARE,
        ):
            block.end = placed
            yield block
            block = None
        else:
            block.inner.append(placed)
    if block is not None:
        yield block


def is_refused(block: Block) -> bool:
    """Whether a block holds more than one DDL statement, or DDL beside changes of rows."""
    kinds = [kind_of(placed.statement.tree) for placed in block.inner]
    return kinds.count("ddl") > 1 or ("ddl" in kinds and "dml" in kinds)


def obstacle(block: Block) -> str:
    """Why a block has to stay whole; empty if it can be split."""
    end = block.end.statement.tree if block.end else None
    if not isinstance(end, ast.TransactionStmt) or end.kind != _Kind.TRANS_STMT_COMMIT:
        return "the transaction has no COMMIT here"
    if end.chain:
        return "COMMIT AND CHAIN opens the next transaction"
    for placed in block.inner:
        tree = placed.statement.tree
        if isinstance(tree, ast.VariableSetStmt) and tree.is_local:
            return "SET LOCAL lasts as long as the transaction"
        if isinstance(tree, ast.TransactionStmt):
            return "savepoints belong to the transaction"
        if isinstance(tree, ast.LockStmt):
            return "LOCK TABLE lasts as long as the transaction"
        if tree is None and placed.statement.problem is not None:
            return "not all of it could be read"
    return ""


def split(block: Block) -> list[Edit]:
    """DDL by itself; changes of rows that stood side by side stay in one transaction."""
    assert block.end is not None
    begin = block.begin.statement.text.rstrip()
    begin = begin if begin.endswith(";") else begin + ";"
    units = list(block.units.items())
    runs = _runs(units)
    edits: list[Edit] = []
    keeps_begin = keeps_end = False
    for first, last in runs:
        if first == last:  # a statement is a transaction of its own
            continue
        if first == 0:
            keeps_begin = True
        else:
            edits.append(_in_front(units[first][0], begin))
        if last == len(units) - 1:
            keeps_end = True
        else:
            edits.append(_in_front(units[last + 1][0], "COMMIT;"))
    if not keeps_begin:
        edits.append(_gone(block.begin))
    if not keeps_end:
        edits.append(_gone(block.end))
    return edits


def _runs(units: list[tuple[Unit, list[Placed]]]) -> list[tuple[int, int]]:
    """First and last of each stretch of units without DDL that changes rows."""
    runs: list[tuple[int, int]] = []
    start: int | None = None
    for number, (_, placed) in enumerate([*units, (None, [])]):
        kinds = {kind_of(p.statement.tree) for p in placed}
        if placed and "ddl" not in kinds:
            start = number if start is None else start
            continue
        if start is not None:
            stretch = units[start:number]
            if any(kind_of(p.statement.tree) == "dml" for _, ps in stretch for p in ps):
                runs.append((start, number - 1))
            start = None
    return runs


def _in_front(unit: Unit, text: str) -> Edit:
    return Edit(unit, 0, 0, text + JOINT)


def _gone(placed: Placed) -> Edit:
    return Edit(placed.unit, placed.offset, placed.offset + len(placed.statement.text), "")
