"""What the source says besides its objects, so that no statement goes unmentioned."""

from __future__ import annotations

from pglast import ast

from dsql_compat.catalog.build import HANDLERS
from dsql_compat.findings import ObjectRef
from dsql_compat.rewriting.model import Item
from dsql_compat.rewriting.work import Work
from dsql_compat.sql.statements import Statement
from dsql_compat.sql.walk import walk

# What other modules decide, by what it leaves in the catalog or by itself.
_DECIDED = (
    *(ast.CommentStmt, ast.GrantStmt, ast.GrantRoleStmt, ast.AlterDefaultPrivilegesStmt),
    *(ast.AlterOwnerStmt, ast.AlterRoleStmt, ast.AlterFunctionStmt),
)
_OF_THE_SESSION = (
    *(ast.VariableSetStmt, ast.VariableShowStmt, ast.CheckPointStmt, ast.DiscardStmt),
)
_ROWS = (ast.InsertStmt, ast.CopyStmt)
_CHANGED_ROWS = (ast.UpdateStmt, ast.DeleteStmt, ast.MergeStmt, ast.TruncateStmt)
_LAYOUT = (ast.ClusterStmt, ast.VacuumStmt, ast.ReindexStmt)


def rewrite_remainder(work: Work) -> None:
    """Settle every statement that is about no object of the catalog."""
    for statement in work.statements:
        tree = statement.tree
        if statement.extension == "iam":
            work.carried.add(id(statement))
            work.items.append(Item(_ref(statement), statement.excerpt.rstrip("; \n")))
        elif statement.problem is not None:
            reason = f"could not be read: {statement.problem.message}"
            work.settle(_ref(statement), "left", reason, statement)
        elif isinstance(tree, _OF_THE_SESSION) or _is_setting(tree):
            what = "concerns the session that loads the dump"
            work.settle(_ref(statement), "absorbed", what, statement)
        elif isinstance(tree, ast.TransactionStmt):
            what = "every statement here is a transaction of its own"
            work.settle(_ref(statement), "absorbed", what, statement)
        elif id(statement) in work.catalog.drawn:
            what = "draws numbers; their sequence starts behind them"
            work.settle(_ref(statement), "absorbed", what, statement)
        elif isinstance(tree, ast.SelectStmt) and tree.intoClause is None:
            work.settle(_ref(statement), "left", _of_query(tree), statement)
        elif isinstance(tree, ast.DoStmt):
            what = "a DO block; what it creates is here if its text says so, the rest is not run"
            work.settle(_ref(statement), "left", what, statement)
        elif isinstance(tree, _ROWS):
            work.settle(_ref(statement), "absorbed", "rows: --data loads them", statement)
        elif isinstance(tree, _CHANGED_ROWS):
            what = "changes rows of the source; the load brings them as they came in"
            work.settle(_ref(statement), "left", what, statement)
        elif isinstance(tree, _LAYOUT):
            what = "DSQL keeps its own storage in order"
            work.settle(_ref(statement), "absorbed", what, statement)
        elif tree is not None and not isinstance(tree, _DECIDED) and type(tree) not in HANDLERS:
            work.settle(_ref(statement), "left", "no object of the schema", statement)


def _of_query(tree: ast.SelectStmt) -> str:
    """Why a query is left; one that draws numbers leaves its mark on a sequence."""
    calls = (node for node in walk(tree) if isinstance(node, ast.FuncCall))
    if any(call.funcname[-1].sval in ("nextval", "setval") for call in calls):
        return "a query that moves a sequence on; nothing here runs it: restart the sequence there"
    return "a query; nothing here runs it"


def _is_setting(tree: ast.Node | None) -> bool:
    """SELECT set_config(…) and SELECT setval(…), which the catalog has taken in."""
    if not isinstance(tree, ast.SelectStmt) or len(tree.targetList or ()) != 1:
        return False
    call = tree.targetList[0].val
    return isinstance(call, ast.FuncCall) and call.funcname[-1].sval in ("set_config", "setval")


def _ref(statement: Statement) -> ObjectRef:
    words = " ".join(token.text.upper() for token in statement.tokens[:2])
    return ObjectRef("statement", words or statement.excerpt.split()[0][:30].upper())
