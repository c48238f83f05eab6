"""SQL on the source's columns as SQL on the result's: queries, expressions, bodies of functions.

Names are looked up as PostgreSQL does, and only the text around a column that is stored otherwise
is edited; comments and layout stay.  Where nothing means the same, the reason is given instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pglast import ast, enums
from pglast.parser import ParseError

from dsql_compat.catalog.model import Table, View
from dsql_compat.rewriting import caseless_queries as caseless
from dsql_compat.rewriting.scopes import Output, Scope, Source, is_star, output_name
from dsql_compat.rewriting.translation_values import Untranslatable, Values
from dsql_compat.rewriting.uses import AS_STORED, Use, uses_of
from dsql_compat.rewriting.work import Work
from dsql_compat.sql import spans
from dsql_compat.sql.names import Name, quote, relation_name
from dsql_compat.sql.statements import Statement, parse_statement

_SET, _UNION = enums.SetOperation.SETOP_NONE, enums.SetOperation.SETOP_UNION


@dataclass(frozen=True, slots=True)
class Translation:
    """The SQL for the result's columns, or the `problem`; `notes` say what means less now."""

    sql: str
    notes: tuple[str, ...] = ()
    problem: str = ""
    is_changed: bool = False


def translate(
    work: Work, sql: str, *, casts_results: bool = False, own: Name | None = None
) -> Translation:
    """One statement.  With `casts_results`, its result keeps the types that it had."""
    statement = parse_statement(Statement(sql))
    if statement.tree is None:
        return Translation(sql)
    query = Queries(work, statement, own)
    try:
        query.statement(statement.tree, casts_results=casts_results)
    except Untranslatable as reason:
        return Translation(sql, problem=str(reason))
    new = query.text()
    if new != sql:
        try:
            parse_statement(Statement(new))
        except ParseError:
            return Translation(sql, problem="it cannot be edited")
    return Translation(new, tuple(dict.fromkeys(query.notes)), "", new != sql)


def translate_expression(work: Work, sql: str, scope: Scope) -> Translation:
    """An expression on what a scope has, where no query may stand."""
    lead = "SELECT "
    statement = parse_statement(Statement(lead + sql))
    tree = statement.tree
    assert isinstance(tree, ast.SelectStmt)
    values = Values(work, statement, may_query=False)
    try:
        values.visit(tree.targetList[0].val, scope)
    except Untranslatable as reason:
        return Translation(sql, problem=str(reason))
    new = values.text().removeprefix(lead)
    return Translation(new, tuple(dict.fromkeys(values.notes)), "", new != sql)


def scope_of(work: Work, table: Table | None) -> Scope:
    """What names mean in an expression of a table; in a default there are none."""
    if table is None:
        return Scope()
    return Scope(sources=[Source(table.name.name, uses_of(work, table))])


class Queries(Values):
    """Values within queries: what FROM brings, what comes out."""

    def __init__(self, work: Work, statement: Statement, own: Name | None = None) -> None:
        super().__init__(work, statement, may_query=True)
        self.own = own  # the view that is made, which a recursive one may name

    def statement(self, tree: ast.Node, *, casts_results: bool = False) -> list[Output]:
        """Edit a statement; what it gives comes out.  Raises Untranslatable."""
        match tree:
            case ast.ViewStmt():
                found = self.query(tree.query, None)
                self._forbid_split(found, bool(tree.aliases))
                return found
            case ast.SelectStmt():
                found = self.query(tree, None)
            case ast.InsertStmt():
                found = self._insert(tree, None)
            case ast.UpdateStmt():
                found = self._update(tree, None)
            case ast.DeleteStmt():
                found = self._delete(tree, None)
            case _:
                return []
        if casts_results:
            self.cast_outputs(found, Scope())
        return found

    def query(self, tree: ast.Node, outer: Scope | None) -> list[Output]:
        """Any statement that gives rows."""
        match tree:
            case ast.SelectStmt():
                return self._select(tree, outer)
            case ast.InsertStmt():
                return self._insert(tree, outer)
            case ast.UpdateStmt():
                return self._update(tree, outer)
            case ast.DeleteStmt():
                return self._delete(tree, outer)
        return []

    # -- SELECT ---------------------------------------------------------------------------------

    def _select(self, node: ast.SelectStmt, outer: Scope | None) -> list[Output]:
        scope = Scope(outer)
        self._with(node.withClause, scope)
        if node.op is not None and node.op != _SET:
            sides = (self._select(node.larg, scope), self._select(node.rarg, scope))
            if not (node.all and node.op == _UNION):  # UNION ALL compares nothing
                caseless.forbid(self, [*sides[0], *sides[1]], "it tells rows apart by")
            found = self._united(*sides, scope)
            self._sorted(node.sortClause, Scope(), found, is_open=False)
            return found
        for row in node.valuesLists or ():
            for value in row:
                self.visit(value, scope)
        if node.valuesLists:
            return [Output(f"column{n + 1}") for n, _ in enumerate(node.valuesLists[0])]
        for item in node.fromClause or ():
            self._from(item, scope)
        found = self._targets(node.targetList, scope)
        self.condition(node.whereClause, scope)
        self.condition(node.havingClause, scope)
        for part in (node.limitCount, node.limitOffset):
            self.visit(part, scope)
        keys = (*(node.groupClause or ()), *(node.distinctClause or ()))
        caseless.forbid_grouped(self, keys, found, scope)
        for key in keys:
            self._key(key, scope)
        for window in node.windowClause or ():
            self.visit(window, scope)
        self._sorted(node.sortClause, scope, found, is_open=not node.distinctClause)
        return found

    def _with(self, clause: ast.WithClause | None, scope: Scope) -> None:
        for part in clause.ctes if clause is not None else ():
            inner = part.ctequery
            if clause is not None and clause.recursive and isinstance(inner, ast.SelectStmt):
                known = Queries(self.work, self.source, self.own)
                first = inner.larg or inner
                scope.queries[part.ctename] = _named(
                    known.query(first, scope), part.aliascolnames, part.ctename
                )
            found = self.query(inner, scope)
            self._forbid_split(found, bool(part.aliascolnames))
            scope.queries[part.ctename] = _named(found, part.aliascolnames, part.ctename)

    def _united(self, left: list[Output], right: list[Output], scope: Scope) -> list[Output]:
        """The columns of a UNION: all of one kind, or cast back to the type they had."""
        found: list[Output] = []
        for one, other in zip(left, right, strict=False):
            if one.use == other.use or one.is_open or other.is_open:
                use = one.use or other.use
                is_open = one.is_open and other.is_open
                found.append(Output(one.name, use, None, is_open))
                continue
            caseless.forbid(self, [one, other], "UNION joins another type to")
            self.cast_outputs([one, other], scope)
            found.append(Output(one.name))
        return found

    def cast_outputs(self, outputs: list[Output], scope: Scope) -> None:
        """Bring what comes out of a query back to the types that it had."""
        for output in outputs:
            if output.use is None or output.use.kind in AS_STORED:
                continue
            if output.ref is None:
                raise Untranslatable(f"{output.name} comes out of another query as it is stored")
            self.unedit(output.ref)
            self.bring_back(output.ref, output.use)
            if output.use.kind != "cast" and not output.is_named:
                end = spans.name_at(self.source, output.ref.location).end
                self.edits.append((end, end, f" AS {quote(output.name)}"))
            output.use = None

    def _targets(self, targets: Any, scope: Scope) -> list[Output]:
        found: list[Output] = []
        for target in targets or ():
            node = target.val
            if is_star(node):
                found += scope.all_columns(node)
                continue
            name = output_name(target)
            use = scope.use(node) if isinstance(node, ast.ColumnRef) else None
            if use is None or use.kind in AS_STORED:
                self.visit_named(node, "" if target.name else name, scope)
                is_open = isinstance(node, ast.A_Const) and bool(node.isnull)
                use = use or caseless.use_of_value(self, node, scope)
                ref = node if isinstance(node, ast.ColumnRef) and caseless.is_use(use) else None
                found.append(Output(name, use, ref, is_open))
                continue
            if use.kind == "gone":
                raise Untranslatable(f"the column {name} is not there")
            if use.kind == "range":
                self.split(target, use)
            found.append(Output(name, use.renamed(name), node, is_named=bool(target.name)))
        return found

    def _forbid_split(self, outputs: list[Output], is_listed: bool) -> None:
        if is_listed and any(o.use is not None and o.use.kind == "range" for o in outputs):
            raise Untranslatable("a range among listed columns is two columns now")

    def _key(self, node: ast.Node, scope: Scope) -> None:
        """A key of GROUP BY or DISTINCT: a column by itself stays."""
        if isinstance(node, ast.ColumnRef):
            use = scope.use(node)
            if use is not None and use.kind == "range":
                self.replace_ref(node, self.both(node, use))
            return
        self.visit(node, scope)

    def _sorted(self, keys: Any, scope: Scope, outputs: list[Output], *, is_open: bool) -> None:
        names = {output.name: output for output in outputs}
        for key in keys or ():
            node = key.node
            if caseless.is_sorted(self, node, scope, outputs, is_open=is_open):
                continue
            if isinstance(node, ast.ColumnRef) and len(node.fields) == 1:
                output = names.get(getattr(node.fields[0], "sval", ""))
                if output is not None and (output.use is None or not is_open or not output.ref):
                    continue
                if output is not None and output.use != scope.use(node):
                    continue
            use = scope.use(node) if isinstance(node, ast.ColumnRef) else None
            if use is not None and use.kind == "enum":
                self.notes.append(f"the order of the enum {use.type} is that of its words")
            elif use is not None and (use.kind != "cast" or not is_open):
                self._key(node, scope)
            else:
                self.visit(node, scope)

    # -- FROM -----------------------------------------------------------------------------------

    def _from(self, item: ast.Node, scope: Scope) -> None:
        match item:
            case ast.RangeVar():
                scope.sources.append(self._relation(item, scope))
            case ast.RangeSubselect():
                around = scope if item.lateral else scope.outer
                around = Scope(around, [], dict(scope.queries))
                found = self.query(item.subquery, around)
                listed = item.alias.colnames if item.alias else None
                self._forbid_split(found, bool(listed))
                name = item.alias.aliasname if item.alias else ""
                scope.sources.append(Source(name, _columns(_named(found, listed, name))))
            case ast.RangeFunction():
                self._function(item, scope)
            case ast.JoinExpr():
                self._from(item.larg, scope)
                self._from(item.rarg, scope)
                caseless.forbid_joined(self, item, scope)
                self.condition(item.quals, scope)
                if item.alias is not None:
                    joined: dict[str, Use | None] = {}
                    for source in scope.sources:
                        joined.update(source.columns or {})
                    scope.sources.append(Source(item.alias.aliasname, joined))
            case ast.RangeTableSample():
                self._from(item.relation, scope)
            case _:
                self.visit(item, scope)

    def _function(self, item: ast.RangeFunction, scope: Scope) -> None:
        for part in item.functions or ():
            self.visit(part[0] if isinstance(part, tuple) else part, scope)
        name = item.alias.aliasname if item.alias else ""
        columns: dict[str, Use | None] = {name: None}
        for column in (item.alias.colnames if item.alias else None) or ():
            columns[column.sval] = None
        for column in item.coldeflist or ():
            columns[column.colname] = None
        scope.sources.append(Source(name, columns))

    def _relation(self, item: ast.RangeVar, scope: Scope) -> Source:
        name = relation_name(item)
        alias = item.alias.aliasname if item.alias else name.name
        listed = item.alias.colnames if item.alias else None
        outputs = scope.query(name.name) if name.schema is None else None
        if outputs is None:
            relation = self.work.catalog.relation(name)
            if isinstance(relation, Table):
                uses = uses_of(self.work, relation)
                outputs = [Output(column, use) for column, use in uses.items()]
            elif isinstance(relation, View) and relation.name != self.own:
                outputs = view_outputs(self.work, relation)
            else:
                return Source(alias, None)
        self._forbid_split(outputs, bool(listed))
        return Source(alias, _columns(_named(outputs, listed, alias)))

    # -- rows that change -----------------------------------------------------------------------

    def _insert(self, node: ast.InsertStmt, outer: Scope | None) -> list[Output]:
        scope = Scope(outer)
        self._with(node.withClause, scope)
        target = self._relation(node.relation, scope)
        uses = target.columns or {}
        names = [column.name for column in node.cols] if node.cols else list(uses)
        select = node.selectStmt
        if isinstance(select, ast.SelectStmt) and select.valuesLists:
            for row in select.valuesLists:
                for name, value in zip(names, row, strict=False):
                    self.store(value, uses.get(name), scope)
        elif select is not None:
            found = self.query(select, scope)
            for name, output in zip(names, found, strict=False):
                use = uses.get(name)
                if use is not None and use.kind not in ("cast", *AS_STORED) and use != output.use:
                    raise Untranslatable(f"it fills the column {name} from a query")
        scope.sources.append(target)
        if node.onConflictClause is not None:
            caseless.forbid_conflict(self, node, uses)
            scope.sources.append(Source("excluded", target.columns))
            self._assignments(node.onConflictClause.targetList, target, scope)
            self.visit(node.onConflictClause.whereClause, scope)
        return self._targets(_returned(node), Scope(outer, [target]))

    def _update(self, node: ast.UpdateStmt, outer: Scope | None) -> list[Output]:
        scope = Scope(outer)
        self._with(node.withClause, scope)
        target = self._relation(node.relation, scope)
        scope.sources.append(target)
        for item in node.fromClause or ():
            self._from(item, scope)
        self._assignments(node.targetList, target, scope)
        self.condition(node.whereClause, scope)
        return self._targets(_returned(node), scope)

    def _delete(self, node: ast.DeleteStmt, outer: Scope | None) -> list[Output]:
        scope = Scope(outer)
        self._with(node.withClause, scope)
        scope.sources.append(self._relation(node.relation, scope))
        for item in node.usingClause or ():
            self._from(item, scope)
        self.condition(node.whereClause, scope)
        return self._targets(_returned(node), scope)

    def _assignments(self, targets: Any, table: Source, scope: Scope) -> None:
        for target in targets or ():
            self.store(target.val, (table.columns or {}).get(target.name), scope)

    # -- subqueries in expressions ----------------------------------------------------------------

    def sublink(self, node: ast.SubLink, scope: Scope) -> None:
        """A query within an expression; one that gives a value gives it in its own type."""
        outputs = self.query(node.subselect, scope)
        test = node.testexpr
        same = isinstance(test, ast.ColumnRef) and len(outputs) == 1
        if same and isinstance(test, ast.ColumnRef):
            use = scope.use(test)
            if use is not None and use == outputs[0].use and use.kind in ("cast", "enum"):
                return
        caseless.forbid_compared(self, test, outputs, scope)
        self.visit(test, scope)
        if node.subLinkType != enums.SubLinkType.EXISTS_SUBLINK:
            self.cast_outputs(outputs, scope)


def view_outputs(work: Work, view: View) -> list[Output]:
    """The columns of a view of the source, as the result has them."""
    if view.name not in work.view_columns:
        work.view_columns[view.name] = []  # a view that needs itself
        text = view.statement.excerpt
        statement = parse_statement(Statement(text))
        tree: Any = statement.tree
        query = getattr(tree, "query", None)
        if query is not None:
            into = getattr(tree, "into", None)
            listed = getattr(tree, "aliases", None) or (into.colNames if into else None)
            try:
                found = Queries(work, statement, view.name).query(query, None)
            except Untranslatable:
                found = []
            work.view_columns[view.name] = _named(found, listed, view.name.name)
    return list(work.view_columns[view.name])


def _named(outputs: list[Output], listed: Any, name: str) -> list[Output]:
    """Outputs under the names that a list gives them."""
    names = [part.sval for part in listed or ()]
    names += [output.name for output in outputs[len(names) :]]
    return [Output(new, output.use) for new, output in zip(names, outputs, strict=False)]


def _columns(outputs: list[Output]) -> dict[str, Use | None]:
    return {output.name: output.use for output in outputs}


def _returned(node: Any) -> Any:
    clause = node.returningClause
    return clause.exprs if clause is not None else ()
