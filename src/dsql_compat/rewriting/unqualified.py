"""Names in a statement that the search path decides: where they stand and what they mean."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Literal

from pglast import ast, enums

from dsql_compat.catalog.model import Catalog
from dsql_compat.rewriting.references import BY_TEXT, takes
from dsql_compat.sql import spans
from dsql_compat.sql.names import Name, literal, name_from_text, name_of, quote
from dsql_compat.sql.statements import Statement
from dsql_compat.sql.walk import walk

_OBJECT = enums.ObjectType
_RELATIONS = {
    *(_OBJECT.OBJECT_TABLE, _OBJECT.OBJECT_VIEW, _OBJECT.OBJECT_MATVIEW, _OBJECT.OBJECT_SEQUENCE),
    *(_OBJECT.OBJECT_INDEX, _OBJECT.OBJECT_FOREIGN_TABLE),
}
_PARTS = {_OBJECT.OBJECT_COLUMN, _OBJECT.OBJECT_TABCONSTRAINT}
_TWO_WORDS = {"MATERIALIZED", "FOREIGN"}
_TEXTS = {*BY_TEXT, "pg_get_serial_sequence"}
Kind = Literal["relation", "function", "type", "new"]


@dataclass(frozen=True, slots=True)
class Spot:
    """A name without a schema; `at` is where it stands in the text, None where it is not found.

    `give` puts a schema in front of it in the tree; `given` is how many arguments a call has.
    """

    name: Name
    kind: Kind
    at: int | None
    give: Callable[[str], None]
    given: int | None = None
    is_text: bool = False

    def schema(self, catalog: Catalog) -> str | None:
        """The schema that the catalog's search path finds the name in; None if in none."""
        match self.kind:
            case "new":
                return catalog.creation_schema
            case "relation":
                relation = catalog.relation(self.name)
                return relation.name.schema if relation is not None else None
            case "type":
                own = catalog.type(self.name) or catalog.relation(self.name)
                return own.name.schema if own is not None else None
        found = catalog.functions_named(self.name)
        given = self.given
        fitting = [f for f in found if given is None or takes(f, given)]
        return fitting[0].name.schema if fitting else None

    def stands(self, text: str, at: int) -> bool:
        """Whether a text has the name at a position."""
        name = self.name.name
        return text[at : at + len(name)].lower() == name or text.startswith(_quoted(name), at)


def unqualified(root: ast.Node, statement: Statement) -> Iterator[Spot]:
    """The names without a schema in a statement, or in one of a body."""
    nodes = list(walk(root))
    queries = {node.ctename for node in nodes if isinstance(node, ast.CommonTableExpr)}
    for node in nodes:
        for spot in _of(node, statement):
            if spot.kind != "relation" or spot.is_text or spot.name.name not in queries:
                yield spot


def _of(node: ast.Node, statement: Statement) -> Iterator[Spot]:
    match node:
        case ast.RangeVar(schemaname=None) if node.relpersistence != "t":
            at = _checked(statement, node.location, node.relname)
            yield Spot(
                Name(None, node.relname), "relation", at, partial(setattr, node, "schemaname")
            )
        case ast.TypeName() if node.names:
            yield from _type(node, statement)
        case ast.FuncCall():
            given = len(node.args or ())
            yield from _listed(node, "funcname", "function", node.location, statement, given)
            if node.args and name_of(node.funcname).name in _TEXTS:
                yield from _text(node.args[0], statement, node.location, is_behind=True)
        case ast.TypeCast() if name_of(node.typeName.names).name == "regclass":
            is_behind = not statement.text.startswith("::", node.location)
            yield from _text(node.arg, statement, node.location, is_behind=is_behind)
        case ast.ObjectWithArgs():
            at = _behind(statement, ["ON"], name_of(node.objname).name)
            yield from _listed(node, "objname", "function", at, statement)
        case ast.CreateFunctionStmt():
            words = ["FUNCTION", "PROCEDURE"]
            at = _behind(statement, words, name_of(node.funcname).name, skip=0)
            yield from _listed(node, "funcname", "new", at, statement)
        case ast.CreateStatsStmt() if node.defnames:
            at = _behind(statement, ["STATISTICS"], name_of(node.defnames).name, skip=0)
            yield from _listed(node, "defnames", "new", at, statement)
        case ast.CommentStmt():
            yield from _commented(node, statement)
        case ast.GrantStmt() if node.objtype in (_OBJECT.OBJECT_TYPE, _OBJECT.OBJECT_DOMAIN):
            yield from _granted(node, statement)


def _listed(
    node: ast.Node,
    attribute: str,
    kind: Kind,
    at: int | None,
    statement: Statement,
    given: int | None = None,
) -> Iterator[Spot]:
    """A name that is a list of words, which has one word only."""
    parts = getattr(node, attribute)
    if parts is not None and len(parts) == 1:
        name = name_of(parts)
        found = _checked(statement, at, name.name)
        yield Spot(name, kind, found, partial(_put, node, attribute), given)


def _type(node: ast.TypeName, statement: Statement) -> Iterator[Spot]:
    """A type, or a column's where %TYPE follows: then it is the table that has a schema."""
    if len(node.names) == 1 + bool(node.pct_type):
        name = Name(None, node.names[0].sval)
        at = _checked(statement, node.location, name.name)
        kind: Kind = "relation" if node.pct_type else "type"
        yield Spot(name, kind, at, partial(_put, node, "names"))


def _put(node: ast.Node, attribute: str, schema: str) -> None:
    setattr(node, attribute, (ast.String(sval=schema), *getattr(node, attribute)))


def _text(
    node: ast.Node, statement: Statement, location: int, *, is_behind: bool
) -> Iterator[Spot]:
    """A literal that names a relation: the schema goes behind its apostrophe."""
    while isinstance(node, ast.TypeCast):
        node = node.arg
    if not isinstance(node, ast.A_Const) or not isinstance(node.val, ast.String):
        return
    name = name_from_text(node.val.sval)
    if name.schema is None:
        written = literal(node.val.sval)
        starts = [t.start for t in statement.tokens if t.text == written]
        near = [at for at in starts if (at >= location) == is_behind]
        at = (near[0] if is_behind else near[-1]) + 1 if near else None
        yield Spot(name, "relation", at, partial(_put_in_text, node), is_text=True)


def _put_in_text(node: ast.A_Const, schema: str) -> None:
    if name_from_text(node.val.sval).schema is None:  # one literal may be seen as two things
        node.val = ast.String(sval=f"{quote(schema)}.{node.val.sval}")


def _commented(node: ast.CommentStmt, statement: Statement) -> Iterator[Spot]:
    """The relation that COMMENT is about: a list of words, with a column or constraint last."""
    parts = 1 if node.objtype in _PARTS else 0
    if node.objtype not in _RELATIONS | _PARTS or len(node.object) != 1 + parts:
        return
    name = Name(None, node.object[0].sval)
    on = spans.find_words(statement, "ON")
    if on is not None and node.objtype == _OBJECT.OBJECT_TABCONSTRAINT:
        on = spans.find_words(statement, "ON", after=on.end)
        at = _next(statement, on.end, name.name) if on is not None else None
    else:
        at = _behind(statement, ["ON"], name.name)
    yield Spot(name, "relation", at, partial(_put, node, "object"))


def _granted(node: ast.GrantStmt, statement: Statement) -> Iterator[Spot]:
    """Types that GRANT is about, lists of words."""
    for number, parts in enumerate(node.objects or ()):
        if len(parts) == 1:
            name = name_of(parts)
            at = _behind(statement, ["ON"], name.name)
            yield Spot(name, "type", at, partial(_put_at, node, number))


def _put_at(node: ast.GrantStmt, number: int, schema: str) -> None:
    objects = list(node.objects)
    objects[number] = (ast.String(sval=schema), *objects[number])
    node.objects = tuple(objects)


# -- places -------------------------------------------------------------------------------------


def _checked(statement: Statement, at: int | None, name: str) -> int | None:
    """A position, if the name stands there."""
    if at is None or at < 0:
        return None
    spot = Spot(Name(None, name), "relation", at, _nowhere)
    return at if spot.stands(statement.text, at) else None


def _nowhere(_: str) -> None: ...


def _behind(statement: Statement, words: Iterable[str], name: str, *, skip: int = 1) -> int | None:
    """Where a name stands behind one of some words and `skip` more, as in ON FUNCTION f."""
    tokens = statement.tokens
    for number, token in enumerate(tokens[:-1]):
        if token.text.upper() in words:
            more = tokens[number + 1].text.upper() in _TWO_WORDS if skip else 0
            behind = number + 1 + skip + more
            return _next(statement, tokens[behind].start, name) if behind < len(tokens) else None
    return None


def _next(statement: Statement, start: int, name: str) -> int | None:
    """The first word from a position on that is a name without a schema."""
    before = ""
    for token in statement.tokens:
        if token.start >= start and before != ".":
            found = _checked(statement, token.start, name)
            if found is not None and token.end - token.start in (len(name), len(_quoted(name))):
                return found
        before = token.text
    return None


def _quoted(name: str) -> str:
    """A name in quotes, needed or not."""
    return '"' + name.replace('"', '""') + '"'
