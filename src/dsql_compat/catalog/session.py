"""Replays what a session does to the catalog: search_path, setval, rows that are written."""

from __future__ import annotations

from pglast import ast, enums

from dsql_compat.catalog.model import Catalog, Object, Sequence
from dsql_compat.catalog.sequences import draw
from dsql_compat.catalog.tables import table_from_query
from dsql_compat.sql.names import name_from_text, name_of, relation_name
from dsql_compat.sql.statements import Statement

_RESET_ALL = enums.VariableSetKind.VAR_RESET_ALL
_ENDS = (
    enums.TransactionStmtKind.TRANS_STMT_COMMIT,
    enums.TransactionStmtKind.TRANS_STMT_ROLLBACK,
)


def set_variable(catalog: Catalog, node: ast.VariableSetStmt, _: Statement) -> list[Object]:
    """SET search_path decides where names lead from here on; RESET brings the default back."""
    if node.name == "search_path":
        values = [arg.val.sval for arg in node.args or () if isinstance(arg, ast.A_Const)]
        _set_search_path(catalog, values, is_local=bool(node.is_local))
    elif node.kind == _RESET_ALL:
        _set_search_path(catalog, [])
    return []


def discard(catalog: Catalog, node: ast.DiscardStmt, _: Statement) -> list[Object]:
    """DISCARD ALL resets the search path with everything else."""
    if node.target == enums.DiscardMode.DISCARD_ALL:
        _set_search_path(catalog, [])
    return []


def end_transaction(catalog: Catalog, node: ast.TransactionStmt, _: Statement) -> list[Object]:
    """What SET LOCAL set lasts until here."""
    if node.kind in _ENDS and catalog.path_after_commit is not None:
        catalog.search_path, catalog.path_after_commit = catalog.path_after_commit, None
    return []


def _set_search_path(catalog: Catalog, schemas: list[str], *, is_local: bool = False) -> None:
    if not is_local:
        catalog.path_after_commit = None
    elif catalog.path_after_commit is None:
        catalog.path_after_commit = catalog.search_path
    catalog.search_path = tuple(s for s in schemas if s and s not in ("pg_catalog", "$user"))


def select(catalog: Catalog, node: ast.SelectStmt, statement: Statement) -> list[Object]:
    """`SELECT set_config('search_path', …)`, setval and nextval of a script; SELECT INTO."""
    write_in_with(catalog, node, statement)
    if node.intoClause is not None:
        return table_from_query(catalog, node.intoClause, statement, node)
    if draw(catalog, node, statement):
        return []
    call = node.targetList[0].val if node.targetList and len(node.targetList) == 1 else None
    if not isinstance(call, ast.FuncCall) or not call.args:
        return []
    function = name_of(call.funcname).name
    arguments = [_constant(argument) for argument in call.args]
    if function == "set_config" and arguments[0] == "search_path":
        path = arguments[1] if len(arguments) > 1 else ""
        parts = [part.strip().strip('"') for part in str(path).split(",")]
        _set_search_path(catalog, parts, is_local=len(arguments) > 2 and arguments[2] is True)
    elif function == "setval" and len(arguments) > 1:
        arguments[0] = arguments[0] or _sequence_behind(catalog, call.args[0])
        sequence = catalog.relation(name_from_text(str(arguments[0])))
        if isinstance(sequence, Sequence) and isinstance(arguments[1], int):
            called = len(arguments) < 3 or arguments[2] is not False
            step = sequence.increment or 1
            sequence.last_value = arguments[1] if called else arguments[1] - step
        elif sequence is None and isinstance(arguments[1], int):
            _set_identity(catalog, arguments)
    return []


def _sequence_behind(catalog: Catalog, node: ast.Node) -> str | None:
    """The sequence that `pg_get_serial_sequence('table', 'column')` finds."""
    if not isinstance(node, ast.FuncCall) or len(node.args or ()) != 2:
        return None
    table_name, column = (_constant(argument) for argument in node.args)
    table = catalog.table(name_from_text(str(table_name)))
    if name_of(node.funcname).name != "pg_get_serial_sequence" or table is None:
        return None
    owned = (s.name for s in catalog.sequences() if s.owned_by == (table.name, column))
    behind = (n for n, c in catalog.identities.items() if c is table.columns.get(str(column)))
    found = next(owned, None) or next(behind, None)
    return str(found) if found is not None else None


def _set_identity(catalog: Catalog, arguments: list[object]) -> None:
    """setval on the sequence behind an identity column."""
    names = catalog.candidates(name_from_text(str(arguments[0])))
    column = next((catalog.identities[n] for n in names if n in catalog.identities), None)
    if column is None or column.identity_options is None:
        return
    value, step = arguments[1], column.identity_options.get("increment")
    called = len(arguments) < 3 or arguments[2] is not False
    assert isinstance(value, int)
    step = step if isinstance(step, int) else 1
    column.identity_options["last_value"] = value if called else value - step


def _constant(node: ast.Node) -> object:
    if isinstance(node, ast.TypeCast):
        return _constant(node.arg)
    if not isinstance(node, ast.A_Const) or node.isnull:
        return None
    value = node.val
    match value:
        case ast.String():
            return value.sval
        case ast.Integer():
            return value.ival
        case ast.Float():
            return int(value.fval) if value.fval.lstrip("-").isdigit() else value.fval
        case ast.Boolean():
            return bool(value.boolval)  # the parser itself gives 0 and 1
    return None


def write_rows(catalog: Catalog, node: ast.Node, _: Statement) -> list[Object]:
    """Remember that rows came into a table, or that its rows were changed."""
    table = catalog.table(relation_name(node.relation)) if node.relation is not None else None
    if table is not None and (not isinstance(node, ast.CopyStmt) or node.is_from):
        table.touched_by_data = True
        conflict = node.onConflictClause if isinstance(node, ast.InsertStmt) else None
        if conflict is not None:
            table.rows_changed |= conflict.action == enums.OnConflictAction.ONCONFLICT_UPDATE
        elif not isinstance(node, ast.InsertStmt | ast.CopyStmt):
            table.rows_changed = True
    write_in_with(catalog, node, _)
    return []


def write_in_with(catalog: Catalog, node: ast.Node, statement: Statement) -> None:
    """Rows that a WITH clause writes."""
    clause = getattr(node, "withClause", None)
    for query in clause.ctes if clause is not None else ():
        if isinstance(query.ctequery, ast.InsertStmt | ast.UpdateStmt | ast.DeleteStmt):
            write_rows(catalog, query.ctequery, statement)


def truncate(catalog: Catalog, node: ast.TruncateStmt, _: Statement) -> list[Object]:
    """TRUNCATE empties tables."""
    for relation in node.relations or ():
        table = catalog.table(relation_name(relation))
        if table is not None:
            table.rows_changed = True
    return []


def run_do_block(catalog: Catalog, _: ast.DoStmt, statement: Statement) -> list[Object]:
    """What a DO block does is not replayed: any table it names may have other rows after it."""
    for table in catalog.tables():
        if table.name.name in statement.text:
            table.touched_by_data = table.rows_changed = True
    return []
