"""Names with the schema that the source's search_path found them in.

Each file of a rewrite is loaded by a session of its own, so a name must not need a path that the
source had set.  Where it was PostgreSQL's own all along, nothing is done.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from pglast import ast

from dsql_compat.catalog.model import Catalog, Function
from dsql_compat.findings import Unanalysed
from dsql_compat.rewriting import printing
from dsql_compat.rewriting.references import path_set_by, sets_search_path
from dsql_compat.rewriting.unqualified import Spot, unqualified
from dsql_compat.rewriting.work import Work
from dsql_compat.sql.bodies import read_body
from dsql_compat.sql.names import name_of, quote
from dsql_compat.sql.statements import Statement, parse_statement

_DEFAULTS = ((), ("public",))
# Of rows and of the session: none of them is in the result.
_UNWRITTEN = (
    *(ast.InsertStmt, ast.UpdateStmt, ast.DeleteStmt, ast.MergeStmt, ast.CopyStmt),
    *(ast.SelectStmt, ast.VariableSetStmt, ast.TransactionStmt, ast.DoStmt, ast.DropStmt),
)


@dataclass(slots=True)
class _Seen:
    """A statement with the path it was run under, its names and the schemas found for them."""

    statement: Statement
    path: tuple[str, ...]
    spots: list[tuple[Spot, str | None]] = field(default_factory=list)

    @property
    def is_default(self) -> bool:
        return self.path in _DEFAULTS


@dataclass(slots=True)
class SearchPaths:
    """The statements of each database with the paths in force."""

    seen: dict[int, list[_Seen]] = field(default_factory=dict)

    def add_statement(self, catalog: Catalog, statement: Statement) -> None:
        """Note what names mean right behind a statement: later there may be others of them."""
        tree = statement.tree
        if tree is None or isinstance(tree, _UNWRITTEN):
            return
        path = catalog.search_path
        if isinstance(tree, ast.CreateSchemaStmt) and tree.schemaElts and tree.schemaname:
            path = (tree.schemaname, *path)
        found = _Seen(statement, path)
        self.seen.setdefault(id(catalog), []).append(found)
        if not found.is_default:
            with _path(catalog, path):
                spots = unqualified(tree, statement)
                found.spots = [(spot, spot.schema(catalog)) for spot in spots]

    def qualify(self, work: Work) -> None:
        """Give the trees of the source their schemas, and `work` the texts that have them.

        Under a path that is not PostgreSQL's own; under that one too, if another is in force at
        the end, as this is the one that the rest of the rewrite looks names up with.
        """
        catalog = work.catalog
        seen = self.seen.get(id(catalog), [])
        is_default_at_end = catalog.search_path in _DEFAULTS
        routines = {
            id(function.statement): function
            for overloads in catalog.functions.values()
            for function in overloads
        }
        for one in seen:
            if isinstance(one.statement.tree, ast.AlterFunctionStmt):
                with _path(catalog, one.path):
                    _set_path(catalog, one.statement.tree)
        for one in seen:
            if one.is_default and is_default_at_end:
                continue
            with _path(catalog, one.path):
                found = _qualified(catalog, one, routines.get(id(one.statement)))
            if found is not None:
                work.worded[id(one.statement)] = found
            if isinstance(one.statement.tree, ast.CreateSchemaStmt):
                work.statements += _grants_within(one.statement, one.statement.tree)


def _grants_within(statement: Statement, tree: ast.CreateSchemaStmt) -> list[Statement]:
    """GRANT as an element of CREATE SCHEMA, by itself."""
    return [
        parse_statement(replace(statement, text=printing.statement(element), tree=None))
        for element in tree.schemaElts or ()
        if isinstance(element, ast.GrantStmt)
    ]


@contextmanager
def _path(catalog: Catalog, path: tuple[str, ...]) -> Iterator[None]:
    before, catalog.search_path = catalog.search_path, path
    try:
        yield
    finally:
        catalog.search_path = before


def _qualified(catalog: Catalog, seen: _Seen, function: Function | None) -> Statement | None:
    """The statement with its schemas; None where it has them.  Its tree is changed as it is."""
    statement, edits = seen.statement, set[tuple[int, str]]()
    spots = seen.spots or [(spot, None) for spot in unqualified(statement.tree, statement)]
    for spot, found in spots:
        schema = found or spot.schema(catalog)
        if schema is not None:
            if spot.at is not None:
                edits.add((spot.at, f"{quote(schema)}."))
            spot.give(schema)
    if function is not None and not sets_search_path(function):
        with _path(catalog, function.path):
            edits |= _in_body(catalog, statement)
    if not edits:
        return None
    text = statement.text
    for at, new in sorted(edits, reverse=True):
        text = text[:at] + new + text[at:]
    worded = parse_statement(replace(statement, text=text, tree=None))
    return worded if worded.tree is not None else None


def _set_path(catalog: Catalog, tree: ast.AlterFunctionStmt) -> None:
    """ALTER FUNCTION … SET search_path, which a body is read by."""
    for action in tree.actions or ():
        path = path_set_by(action)
        if path is not None:
            for function in catalog.functions_named(name_of(tree.func.objname or ())):
                function.path = path or function.path


def _in_body(catalog: Catalog, statement: Statement) -> set[tuple[int, str]]:
    """The same inside a body: it names what is there when it is run, so that at the end."""
    edits: set[tuple[int, str]] = set()
    for part in read_body(statement):
        if isinstance(part, Unanalysed) or part.tree is None:
            continue
        for spot in unqualified(part.tree, part):
            schema, at = spot.schema(catalog), _outermost(part, spot)
            if schema is not None and at is not None and "'" not in schema:
                edits.add((at, f"{quote(schema)}."))
    return edits


def _outermost(part: Statement, spot: Spot) -> int | None:
    """Where a name of a body stands in the whole statement; None where it is not to be found."""
    if spot.at is None:
        return None
    at, inner = spot.at, part
    while inner.outer is not None:
        at = inner.offset + at + inner.shift(at)
        inner = inner.outer
    text = inner.text
    if spot.is_text:
        return at + 1 if text[at - 1 : at + 1] == "''" else at
    return at if spot.stands(text, at) else None
