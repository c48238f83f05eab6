"""The search path of a source's session, whose statements are a transaction each in the proof."""

from __future__ import annotations

from dataclasses import dataclass

from pglast import ast, enums

from dsql_compat.proof.load import Connection

_KIND = enums.TransactionStmtKind
_ENDS = (_KIND.TRANS_STMT_COMMIT, _KIND.TRANS_STMT_ROLLBACK)


@dataclass(slots=True)
class SearchPath:
    """Gives back at the end of a transaction what SET LOCAL had changed within it."""

    connection: Connection
    before: str | None = None

    def follow(self, tree: ast.Node | None) -> None:
        """Take in a statement that is about to be run, or to be passed over."""
        match tree:
            case ast.VariableSetStmt(name="search_path"):
                if not tree.is_local:
                    self.before = None
                elif self.before is None:
                    self.before = self._now()
            case ast.TransactionStmt() if tree.kind in _ENDS and self.before is not None:
                setting, self.before = self.before, None
                self.connection.execute("SELECT set_config('search_path', %s, false)", (setting,))
            case ast.VariableSetStmt(kind=enums.VariableSetKind.VAR_RESET_ALL):
                self.connection.execute("RESET search_path")
            case ast.DiscardStmt(target=enums.DiscardMode.DISCARD_ALL):
                self.connection.execute("RESET search_path")

    def _now(self) -> str:
        row = self.connection.execute("SHOW search_path").fetchone()
        return str(row["search_path"]) if row else ""
