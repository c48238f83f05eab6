"""Expressions: casts and operators for columns that are stored otherwise."""

from __future__ import annotations

from typing import Any, NoReturn

from pglast import ast, enums

from dsql_compat.catalog.model import Type
from dsql_compat.catalog.types import display
from dsql_compat.rewriting import caseless
from dsql_compat.rewriting.extents import extent
from dsql_compat.rewriting.printing import expression, parsed
from dsql_compat.rewriting.scopes import Scope, output_name
from dsql_compat.rewriting.uses import AS_STORED, PLAIN_ELEMENTS, TEXTS, Use
from dsql_compat.rewriting.work import Work
from dsql_compat.sql import spans
from dsql_compat.sql.names import literal, name_of, quote
from dsql_compat.sql.statements import Statement
from dsql_compat.sql.walk import children

_KIND = enums.A_Expr_Kind
_ORDERING = {"<", ">", "<=", ">="}
_BETWEEN = (
    *(_KIND.AEXPR_BETWEEN, _KIND.AEXPR_NOT_BETWEEN),
    *(_KIND.AEXPR_BETWEEN_SYM, _KIND.AEXPR_NOT_BETWEEN_SYM),
)
_PLAIN = (ast.ColumnRef, ast.ParamRef, ast.TypeCast)
_IN_PLACE = (ast.ColumnRef, ast.ParamRef, ast.TypeCast, ast.FuncCall, ast.A_Const, ast.A_ArrayExpr)


class Untranslatable(Exception):  # noqa: N818 - no error: the reason why SQL is left behind
    """Nothing in DSQL means the same; the text says what."""


class Values:
    """Edits the expressions of one statement."""

    def __init__(self, work: Work, source: Statement, *, may_query: bool) -> None:
        self.work = work
        self.source = source
        self.may_query = may_query
        self.notes: list[str] = []
        self.edits: list[tuple[int, int, str]] = []
        self._conditions: set[int] = set()  # where NULL is as good as false

    def condition(self, node: Any, scope: Scope) -> None:
        """Edit a condition, of which only matters whether it is true."""
        pending = [node]
        while pending:
            part = pending.pop()
            if isinstance(part, ast.BoolExpr) and part.boolop != enums.BoolExprType.NOT_EXPR:
                pending += part.args
            elif isinstance(part, ast.A_Expr):
                self._conditions.add(id(part))
        self.visit(node, scope)

    def text(self) -> str:
        """The statement with all edits."""
        return _edited(self.source.text, 0, len(self.source.text), self.edits)

    def visit(self, node: Any, scope: Scope) -> None:
        """Edit an expression and what is in it.  Raises Untranslatable."""
        if node is None:
            return
        if isinstance(node, tuple):
            for part in node:
                self.visit(part, scope)
            return
        match node:
            case ast.ColumnRef():
                use = scope.use(node)
                if use is not None and use.kind not in AS_STORED:
                    self.bring_back(node, use)
                return
            case ast.SubLink():
                self.sublink(node, scope)
                return
            case ast.TypeName():
                self._type(node)
                return
            case ast.SelectStmt():
                raise Untranslatable("it has a query in an unusual place")
        if not self._special(node, scope):
            for child in children(node):
                self.visit(child, scope)

    def visit_named(self, node: ast.Node, name: str, scope: Scope) -> None:
        """Edit a column of a result, whose name stays what its expression made it."""
        count = len(self.edits)
        self.visit(node, scope)
        if len(self.edits) == count or not name or name.startswith("?"):
            return
        start, end = self._extent(node)
        new = _edited(self.source.text, start, end, self.edits[count:])
        if output_name(ast.ResTarget(val=parsed(new))) != name:
            self.edits.append((end, end, f" AS {quote(name)}"))

    def give_up(self, reason: str) -> NoReturn:
        """Raise Untranslatable."""
        raise Untranslatable(reason)

    def sublink(self, node: ast.SubLink, scope: Scope) -> None:
        """A query within an expression."""
        raise Untranslatable("it has a query where none may stand")

    # -- columns --------------------------------------------------------------------------------

    def bring_back(self, ref: ast.ColumnRef, use: Use) -> None:
        """Put the value in its old type into a reference's place."""
        end = spans.name_at(self.source, ref.location).end
        name = self.source.text[ref.location : end]
        match use.kind:
            case "cast":
                is_indexed = self.source.text[end:].lstrip()[:1] == "["
                new = f"{name}::{use.type}"
                self.replace_ref(ref, f"({new})" if is_indexed else new)
            case "array" if self.may_query:
                items = f"jsonb_array_elements_text({name})"
                value = "item" if use.type == "text" else f"item::{use.type}"
                new = f"ARRAY(SELECT {value} FROM {items} AS item)"  # noqa: S608
                if not use.not_null:
                    new = f"CASE WHEN {name} IS NOT NULL THEN {new} END"
                self.replace_ref(ref, f"({new})")
            case "range" if use.type:
                lower, upper = self._bounds(ref, use)
                new = f"{use.type}({lower}, {upper})"
                if not use.not_null:
                    given = f"{lower} IS NOT NULL OR {upper} IS NOT NULL"
                    new = f"(CASE WHEN {given} THEN {new} END)"
                self.replace_ref(ref, new)
            case "gone":
                raise Untranslatable(f"the column {name} is not there")
            case kind:
                raise Untranslatable(f"it uses the {kind} {name} as DSQL cannot")

    def replace_ref(self, ref: ast.ColumnRef, new: str) -> None:
        """Put something into a reference's place."""
        span = spans.name_at(self.source, ref.location)
        self.edits.append((span.start, span.end, new))

    def unedit(self, ref: ast.ColumnRef) -> None:
        """Take back what was done to a reference."""
        span = spans.name_at(self.source, ref.location)
        self.edits = [e for e in self.edits if not span.start <= e[0] < span.end]

    def both(self, ref: ast.ColumnRef, use: Use) -> str:
        """The two columns of a range."""
        return ", ".join(self._bounds(ref, use))

    def _bounds(self, ref: ast.ColumnRef, use: Use) -> tuple[str, str]:
        *table, _ = [part.sval for part in ref.fields if isinstance(part, ast.String)]
        lead = "".join(f"{quote(part)}." for part in table)
        lower, upper = (lead + quote(column) for column in use.columns)
        return lower, upper

    def split(self, target: ast.ResTarget, use: Use) -> None:
        """A range among the columns of a result becomes two."""
        start, end = spans.name_at(self.source, target.val.location)[1:]
        lower, upper = self._bounds(target.val, use)
        if target.name is None:
            self.edits.append((start, end, f"{lower}, {upper}"))
            return
        names = use.renamed(target.name).columns
        for token in [t for t in self.source.tokens if t.start >= end][:2]:
            end = token.end
            if token.text.upper() != "AS":
                break
        new = f"{lower} AS {quote(names[0])}, {upper} AS {quote(names[1])}"
        self.edits.append((start, end, new))

    def store(self, node: ast.Node, use: Use | None, scope: Scope) -> None:
        """A value that is put into a column."""
        kind = use.kind if use is not None else "enum"
        if isinstance(node, ast.SetToDefault) or (
            isinstance(node, ast.ColumnRef) and scope.use(node) == use
        ):
            return
        if use is None or kind in ("cast", *AS_STORED):
            self.visit(node, scope)
        elif isinstance(node, ast.A_Const) and node.isnull:
            return
        elif kind == "array" and use.type in PLAIN_ELEMENTS:
            if isinstance(node, ast.A_Const):
                raise Untranslatable("it writes an array that is a text in it")
            start, end = self._extent(node)
            new = f"to_jsonb({self._cast(node, f'{use.type}[]', scope)})"
            self.edits.append((start, end, new))
        else:
            raise Untranslatable(f"it writes a column that was {use.type or kind} before")

    # -- operators ------------------------------------------------------------------------------

    def _special(self, node: ast.Node, scope: Scope) -> bool:
        """Whether an expression was edited as a whole."""
        if caseless.edit(self, node, scope):
            return True
        match node:
            case ast.NullTest(arg=ast.ColumnRef()):
                use = scope.use(node.arg)
                return use is not None and use.kind not in ("range", "gone")
            case ast.TypeCast() if display(node.typeName) == "money" and _is_sum(node.arg):
                raise Untranslatable("it has an amount of money as text")
            case ast.TypeCast(arg=ast.ColumnRef()):
                return self._is_cast_already(node, scope)
            case ast.FuncCall():
                return self._call(node, scope)
            case ast.A_Expr():
                self._note_order(node, scope)
                return self._operator(node, scope)
            case ast.A_Indirection(arg=ast.ColumnRef()):
                return self._part(node, scope)
        return False

    def _is_cast_already(self, node: ast.TypeCast, scope: Scope) -> bool:
        use = scope.use(node.arg)
        if use is None or use.kind != "cast":
            return False
        return display(node.typeName) in (use.type, "text")

    def _note_order(self, node: ast.A_Expr, scope: Scope) -> None:
        if node.kind not in _BETWEEN and node.name[-1].sval not in _ORDERING:
            return
        for side in (node.lexpr, node.rexpr):
            use = scope.use(side) if isinstance(side, ast.ColumnRef) else None
            if use is not None and use.kind == "enum":
                self.notes.append(f"the enum {use.type} compares by its words, not their order")

    def _operator(self, node: ast.A_Expr, scope: Scope) -> bool:
        left, right, sign = node.lexpr, node.rexpr, node.name[-1].sval
        one = scope.use(left) if isinstance(left, ast.ColumnRef) else None
        other = scope.use(right) if isinstance(right, ast.ColumnRef) else None
        if one is not None and one == other and sign in ("=", "<>") and one.kind != "range":
            return one.type != "json"
        if other is not None and other.kind == "array" and other.type in PLAIN_ELEMENTS:
            if node.kind in (_KIND.AEXPR_OP_ANY, _KIND.AEXPR_OP_ALL):
                return self._element(node, other, scope)
            if node.kind == _KIND.AEXPR_OP and sign == "<@" and _is_full(left):
                new = f"{self._raw(right)} @> {self._array(left, other, scope)}"
                return self.instead(node, new)
        if one is None or node.kind != _KIND.AEXPR_OP:
            return False
        if one.kind == "array" and one.type in PLAIN_ELEMENTS and other is None:
            return self._on_array(node, one, scope)
        if one.kind == "hstore":
            return self._on_pairs(node, one, scope)
        return False

    def _element(self, node: ast.A_Expr, use: Use, scope: Scope) -> bool:
        """`x = ANY (a)` and `x <> ALL (a)`; an element that is NULL makes them unknown."""
        sign, is_any = node.name[-1].sval, node.kind == _KIND.AEXPR_OP_ANY
        if (sign, is_any) not in (("=", True), ("<>", False)):
            return False
        name = self._raw(node.rexpr)
        found = f"{name} @> {self._json(node.lexpr, use, scope)}"
        if id(node) in self._conditions and is_any:
            return self.instead(node, found)
        if self.may_query or not _is_full(node.lexpr):
            return False
        unknown = f"{name} @> 'null' AND NULL"
        return self.instead(
            node, f"({found} OR {unknown})" if is_any else f"NOT ({found} OR {unknown})"
        )

    def _on_array(self, node: ast.A_Expr, use: Use, scope: Scope) -> bool:
        sign, name = node.name[-1].sval, self._raw(node.lexpr)
        if sign in ("=", "<>") or (sign == "@>" and _is_full(node.rexpr)):
            return self.instead(node, f"{name} {sign} {self._array(node.rexpr, use, scope)}")
        if sign == "&&" and use.type in TEXTS:
            value = self._cast(node.rexpr, "text[]", scope)
            return self.instead(node, f"{name} ?| {value}")
        return False

    def _on_pairs(self, node: ast.A_Expr, use: Use, scope: Scope) -> bool:
        sign = node.name[-1].sval
        is_array = isinstance(node.rexpr, ast.A_ArrayExpr)
        if (sign == "->" and not is_array) or sign in ("?", "?|", "?&"):
            self.visit(node.rexpr, scope)
            self.replace_ref(node.lexpr, self._as_json(node.lexpr, use))
        if sign == "->" and not is_array:
            at = spans.word_at(self.source, node.location)
            self.edits.append((at.start, at.end, "->>"))
            return True
        return sign in ("?", "?|", "?&")

    def _call(self, node: ast.FuncCall, scope: Scope) -> bool:
        arguments = node.args or ()
        if not arguments or not isinstance(arguments[0], ast.ColumnRef):
            return False
        use, name = scope.use(arguments[0]), name_of(node.funcname).name
        if use is None:
            return False
        if use.kind == "enum" and name in ("min", "max"):
            self.notes.append(f"the enum {use.type} compares by its words, not their order")
        if name == "count" and use.kind in ("cast", "array", "hstore", "composite"):
            return len(arguments) == 1 and node.agg_filter is None and node.over is None
        only = self._raw(arguments[0])
        if use.kind == "range" and name in ("lower", "upper"):
            lower, upper = self._bounds(arguments[0], use)
            return self.instead(node, lower if name == "lower" else upper)
        if use.kind == "hstore" and name == "exist":
            return self.instead(
                node, f"{self._as_json(arguments[0], use)} ? {self.rendered(arguments[1], scope)}"
            )
        if use.kind != "array":
            return False
        if name == "cardinality":
            return self.instead(node, f"jsonb_array_length({only})")
        if name == "array_length" and _number(arguments[1]) == 1:
            return self.instead(node, f"nullif(jsonb_array_length({only}), 0)")
        if name in ("to_jsonb", "array_to_json") and len(arguments) == 1:
            return self.instead(node, only if name == "to_jsonb" else f"{only}::json")
        if name == "unnest" and len(arguments) == 1 and use.type in TEXTS:
            span = spans.call(self.source, node)
            self.edits.append((span.start, span.end, "jsonb_array_elements_text"))
            return True
        return False

    def _part(self, node: ast.A_Indirection, scope: Scope) -> bool:
        """An element of an array, or a field of a row."""
        use = scope.use(node.arg)
        part = node.indirection[0]
        if use is None or len(node.indirection) != 1:
            return False
        if use.kind == "array" and isinstance(part, ast.A_Indices) and not part.is_slice:
            place = _number(part.uidx)
            if place is None or place < 1:
                return False
            return self.instead(node, _typed(f"{self._raw(node.arg)} ->> {place - 1}", use.type))
        if use.kind == "composite" and isinstance(part, ast.String):
            fields = dict(use.fields)
            if part.sval not in fields:
                return False
            new = f"{self._as_json(node.arg, use)} ->> {literal(part.sval)}"
            return self.instead(node, _typed(new, fields[part.sval]))
        return False

    def _type(self, node: ast.TypeName) -> None:
        """A cast to an enum whose columns are text, to money, or to citext."""
        if display(node) == "money":
            span = spans.type_name(self.source, node)
            self.edits.append((span.start, span.end, "numeric(19,4)"))
            return
        made = self.work.catalog.type(name_of(node.names)) if node.names else None
        if made is None and caseless.is_caseless(self.work.catalog, node):
            span = spans.type_name(self.source, node)
            self.edits.append((span.start, span.end, "text"))
        if isinstance(made, Type) and made.kind == "enum" and self.work.choices.enums == "check":
            span = spans.type_name(self.source, node)
            self.edits.append((span.start, span.end, "text[]" if node.arrayBounds else "text"))

    # -- texts ----------------------------------------------------------------------------------

    def _raw(self, ref: ast.ColumnRef) -> str:
        return spans.name_at(self.source, ref.location).text

    def _as_json(self, ref: ast.ColumnRef, use: Use) -> str:
        return self._raw(ref) + f"::{use.type}" * bool(use.type)

    def _json(self, node: ast.Node, use: Use, scope: Scope) -> str:
        """An element as JSON."""
        if isinstance(node, _PLAIN) and not isinstance(node, ast.ParamRef):
            return f"to_jsonb({self.rendered(node, scope)})"
        return f"to_jsonb({self._cast(node, use.type, scope)})"

    def _array(self, node: ast.Node, use: Use, scope: Scope) -> str:
        text = node.val.sval if isinstance(getattr(node, "val", None), ast.String) else ""
        if text.strip() == "{}":
            return "'[]'::jsonb"
        return f"to_jsonb({self._cast(node, f'{use.type}[]', scope)})"

    def _cast(self, node: ast.Node, type_name: str, scope: Scope) -> str:
        text = self.rendered(node, scope)
        if isinstance(node, ast.TypeCast) and display(node.typeName) == type_name:
            return text
        return f"{text if isinstance(node, _IN_PLACE) else f'({text})'}::{type_name}"

    def rendered(self, node: ast.Node, scope: Scope) -> str:
        """An expression's text with its own edits."""
        if isinstance(node, ast.A_Const):  # which has no place in the text
            return expression(node)
        outside, self.edits = self.edits, []
        self.visit(node, scope)
        inside, self.edits = self.edits, outside
        start, end = self._extent(node)
        return _edited(self.source.text, start, end, inside)

    def instead(self, node: ast.Node, new: str) -> bool:
        """Put something into an expression's place."""
        start, end = self._extent(node)
        self.edits.append((start, end, new))
        return True

    def _extent(self, node: ast.Node) -> tuple[int, int]:
        found = extent(self.source, node)
        if found is None:
            raise Untranslatable("its text cannot be told apart")
        return found


def _edited(text: str, start: int, end: int, edits: list[tuple[int, int, str]]) -> str:
    result, at = "", start
    for first, last, new in sorted(edits):
        if first < at or last > end:
            continue
        result += text[at:first] + new
        at = last
    return result + text[at:end]


def _typed(text: str, type_name: str) -> str:
    return f"({text})" if type_name == "text" else f"({text})::{type_name}"


def _is_full(node: ast.Node) -> bool:
    """Whether a value is written out and holds no NULL."""
    match node:
        case ast.TypeCast():
            return _is_full(node.arg)
        case ast.A_ArrayExpr():
            return all(map(_is_full, node.elements or ()))
        case ast.A_Const():
            text = node.val.sval if isinstance(node.val, ast.String) else ""
            return not node.isnull and not (text.startswith("{") and "null" in text.lower())
    return False


def _is_sum(node: ast.Node) -> bool:
    """Whether a constant is a text that only money can read: '$1,000.00'."""
    text = (
        node.val.sval if isinstance(node, ast.A_Const) and isinstance(node.val, ast.String) else "0"
    )
    return not text.strip().lstrip("-").replace(".", "", 1).isdigit()


def _number(node: ast.Node | None) -> int | None:
    if isinstance(node, ast.A_Const) and isinstance(node.val, ast.Integer):
        return node.val.ival or 0
    return None
