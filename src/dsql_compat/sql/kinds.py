"""What sort of statement a tree is, as Aurora DSQL's transaction rules see it."""

from __future__ import annotations

from typing import Literal

from pglast import ast

Kind = Literal["ddl", "dml", "transaction", "session", "query", "other"]

# TRUNCATE is refused, and what takes its place deletes rows.
_DML = {
    *(ast.InsertStmt, ast.UpdateStmt, ast.DeleteStmt, ast.MergeStmt, ast.CopyStmt),
    ast.TruncateStmt,
}
_SESSION = {
    *(ast.VariableSetStmt, ast.VariableShowStmt, ast.DiscardStmt, ast.ListenStmt, ast.NotifyStmt),
    *(ast.UnlistenStmt, ast.PrepareStmt, ast.ExecuteStmt, ast.DeallocateStmt, ast.LoadStmt),
    *(ast.DeclareCursorStmt, ast.FetchStmt, ast.ClosePortalStmt, ast.CheckPointStmt),
    *(ast.LockStmt, ast.ConstraintsSetStmt, ast.ExplainStmt, ast.CallStmt, ast.DoStmt),
    ast.VacuumStmt,
}


def kind_of(tree: ast.Node | None) -> Kind:
    """DDL, DML and so on; GRANT and REVOKE count as DDL, as they do in DSQL."""
    cls = tree.__class__
    if tree is None:
        return "other"
    if cls is ast.SelectStmt:
        return "ddl" if tree.intoClause is not None else "query"
    if cls is ast.CopyStmt and not tree.is_from:
        return "query"
    if cls in _DML:
        return "dml"
    if cls is ast.TransactionStmt:
        return "transaction"
    if cls in _SESSION:
        return "session"
    return "ddl"
