"""Which column of the source a name in a query means, by its FROM, its CTEs and what is around."""

from __future__ import annotations

from dataclasses import dataclass, field

from pglast import ast, enums

from dsql_compat.rewriting.uses import Use

_A_STAR = ast.A_Star


@dataclass(slots=True)
class Output:
    """A column that a query gives; `ref` is set where it is a column's name and nothing else.

    `is_open` says that any type fits it, as it does a NULL.
    """

    name: str
    use: Use | None = None
    ref: ast.ColumnRef | None = None
    is_open: bool = False
    is_named: bool = False  # by AS


@dataclass(slots=True)
class Source:
    """Something in FROM; `columns` is None where they are not known."""

    name: str
    columns: dict[str, Use | None] | None


@dataclass(slots=True)
class Scope:
    """What names mean at one level of a query."""

    outer: Scope | None = None
    sources: list[Source] = field(default_factory=list)
    queries: dict[str, list[Output]] = field(default_factory=dict)

    def query(self, name: str) -> list[Output] | None:
        """What a WITH query of that name gives."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.queries:
                return scope.queries[name]
            scope = scope.outer
        return None

    def use(self, ref: ast.ColumnRef) -> Use | None:
        """What a reference must become; None where it stays."""
        words = [part.sval for part in ref.fields if isinstance(part, ast.String)]
        if len(words) != len(ref.fields):
            return None
        table, name = (words[-2] if len(words) > 1 else None), words[-1]
        scope: Scope | None = self
        while scope is not None:
            for source in scope.sources:
                if table is not None and source.name != table:
                    continue
                if source.columns is not None and name in source.columns:
                    return source.columns[name]
                if table is not None:
                    return None
            scope = scope.outer
        return None

    def has(self, ref: ast.ColumnRef) -> bool:
        """Whether something in this FROM has such a column."""
        name = getattr(ref.fields[-1], "sval", None)
        return any(name in (source.columns or {}) for source in self.sources)

    def is_known(self, ref: ast.ColumnRef) -> bool:
        """Whether nothing around has columns that are not known, of which this could be one."""
        words = [part.sval for part in ref.fields if isinstance(part, ast.String)]
        table = words[-2] if len(words) > 1 else None
        scope: Scope | None = self
        while scope is not None:
            for source in scope.sources:
                if source.columns is None and table in (None, source.name):
                    return False
                if source.columns is not None and words and words[-1] in source.columns:
                    return True
            scope = scope.outer
        return True

    def all_columns(self, ref: ast.ColumnRef) -> list[Output]:
        """What `*` or `t.*` stands for."""
        words = [part.sval for part in ref.fields if isinstance(part, ast.String)]
        found: list[Output] = []
        for source in self.sources:
            if not words or source.name == words[-1]:
                found += [Output(n, use) for n, use in (source.columns or {}).items()]
        return found


def is_star(node: ast.Node) -> bool:
    """Whether a column reference is `*` or `t.*`."""
    return isinstance(node, ast.ColumnRef) and isinstance(node.fields[-1], _A_STAR)


def output_name(target: ast.ResTarget) -> str:
    """The name that PostgreSQL gives a column of a query's result."""
    return str(target.name) if target.name else _figured(target.val)[0]


_UNNAMED = "?column?"
_WORDS = {
    ast.A_ArrayExpr: "array",
    ast.RowExpr: "row",
    ast.CoalesceExpr: "coalesce",
}
_SUBLINK = enums.SubLinkType


def _figured(node: ast.Node | None) -> tuple[str, bool]:
    """A name, and whether it is better than that of a cast's type."""
    match node:
        case ast.ColumnRef() if isinstance(node.fields[-1], ast.String):
            return str(node.fields[-1].sval), True
        case ast.FuncCall():
            return str(node.funcname[-1].sval), True
        case ast.A_Indirection():
            names = [part.sval for part in node.indirection if isinstance(part, ast.String)]
            return (str(names[-1]), True) if names else _figured(node.arg)
        case ast.TypeCast():
            name, is_better = _figured(node.arg)
            return (name, True) if is_better else (str(node.typeName.names[-1].sval), False)
        case ast.CollateClause():
            return _figured(node.arg)
        case ast.CaseExpr():
            name, is_better = _figured(node.defresult)
            return (name, True) if is_better else ("case", False)
        case ast.MinMaxExpr():
            return ("greatest" if node.op == enums.MinMaxOp.IS_GREATEST else "least"), True
        case ast.A_Expr(kind=enums.A_Expr_Kind.AEXPR_NULLIF):
            return "nullif", True
        case ast.SubLink(subLinkType=_SUBLINK.EXISTS_SUBLINK):
            return "exists", True
        case ast.SubLink(subLinkType=_SUBLINK.ARRAY_SUBLINK):
            return "array", True
        case ast.SubLink(subLinkType=_SUBLINK.EXPR_SUBLINK):
            targets = getattr(node.subselect, "targetList", None)
            return (output_name(targets[0]), True) if targets else (_UNNAMED, False)
        case ast.SQLValueFunction():
            return node.op.name.removeprefix("SVFOP_").removesuffix("_N").lower(), True
    word = _WORDS.get(type(node)) if node is not None else None
    return (word, True) if word else (_UNNAMED, False)
