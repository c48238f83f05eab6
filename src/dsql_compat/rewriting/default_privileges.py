"""ALTER DEFAULT PRIVILEGES comes behind all objects here, so those that it was for get grants.

What was made before it in the source has none of them there either.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from pglast import ast, enums

from dsql_compat.catalog.model import Function, Sequence, Table, View
from dsql_compat.findings import ObjectRef
from dsql_compat.rewriting.model import Item, Key
from dsql_compat.rewriting.printing import expression
from dsql_compat.rewriting.references import arguments_of, routine_key
from dsql_compat.rewriting.work import Work
from dsql_compat.sql.names import name_from_text, quote
from dsql_compat.sql.statements import Statement

_OBJECT = enums.ObjectType
_ALL = {
    "TABLE": (
        *("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"),
        "MAINTAIN",
    ),
    "SEQUENCE": ("USAGE", "SELECT", "UPDATE"),
    "FUNCTION": ("EXECUTE",),
    "TYPE": ("USAGE",),
    "SCHEMA": ("USAGE", "CREATE"),
}
_WORDS = {
    _OBJECT.OBJECT_TABLE: "TABLE",
    _OBJECT.OBJECT_SEQUENCE: "SEQUENCE",
    _OBJECT.OBJECT_FUNCTION: "FUNCTION",
    _OBJECT.OBJECT_ROUTINE: "FUNCTION",
    _OBJECT.OBJECT_TYPE: "TYPE",
    _OBJECT.OBJECT_SCHEMA: "SCHEMA",
}


class _Made(NamedTuple):
    """An object that default privileges may be for; `written` names it in GRANT."""

    word: str
    written: str
    schema: str | None
    ref: ObjectRef
    key: Key
    statement: Statement


@dataclass(slots=True)
class _Privileges:
    """What one object got: privileges by grantee, with whether they can be passed on."""

    granted: dict[tuple[str, str], bool] = field(default_factory=dict)
    revoked: dict[tuple[str, str], None] = field(default_factory=dict)

    def take(self, action: ast.GrantStmt, word: str) -> None:
        """Follow one statement."""
        names = [p.priv_name.upper() for p in action.privileges or () if p.priv_name]
        for grantee in map(_grantee, action.grantees or ()):
            for name in names or _ALL[word]:
                held = (grantee, name)
                if action.is_grant:
                    self.revoked.pop(held, None)
                    self.granted[held] = self.granted.get(held, False) or action.grant_option
                elif action.grant_option:
                    self.granted.update({held: False} if held in self.granted else {})
                elif self.granted.pop(held, None) is None:
                    self.revoked[held] = None


def rewrite_default_privileges(work: Work) -> None:
    """Grants for what was made behind an ALTER DEFAULT PRIVILEGES; FOR ROLE is of other makers."""
    defaults = [
        (number, s.tree)
        for number, s in enumerate(work.statements)
        if isinstance(s.tree, ast.AlterDefaultPrivilegesStmt) and not _options(s.tree, "roles")
    ]
    if not defaults:
        return
    order = {id(statement): number for number, statement in enumerate(work.statements)}
    for made in list(_objects(work)):
        at = order.get(id(made.statement.outermost), -1)
        own, everywhere = _Privileges(), _Privileges()
        for number, tree in defaults:
            schemas = _options(tree, "schemas")
            if number < at and _WORDS.get(tree.action.objtype) == made.word:
                if made.schema in schemas:
                    own.take(tree.action, made.word)
                elif not schemas:
                    everywhere.take(tree.action, made.word)
        # A schema's own REVOKE takes back what was granted for it, and no more.
        everywhere.granted |= own.granted
        _add(work, made, everywhere)


def _add(work: Work, made: _Made, privileges: _Privileges) -> None:
    revoked = dict.fromkeys(privileges.revoked, False)
    for verb, joint, held in (("REVOKE", "FROM", revoked), ("GRANT", "TO", privileges.granted)):
        by_grantee: dict[tuple[str, bool], list[str]] = {}
        for (grantee, name), can_pass_on in held.items():
            by_grantee.setdefault((grantee, can_pass_on), []).append(name)
        for (grantee, can_pass_on), names in by_grantee.items():
            lacking = [name for name in _ALL[made.word] if name not in names]
            # MAINTAIN came with ALL, and there are servers that do not know the word.
            is_all = not lacking or "MAINTAIN" in names
            what = "ALL" if is_all and len(names) > 1 else ", ".join(names)
            tail = " WITH GRANT OPTION" if can_pass_on else ""
            _take(work, made, grantee, f"{verb} {what} ON", f"{joint} {grantee}{tail}")
            if is_all and lacking:
                _take(work, made, grantee, f"REVOKE {', '.join(lacking)} ON", f"FROM {grantee}")


def _take(work: Work, made: _Made, grantee: str, start: str, end: str) -> None:
    """One statement, where its object and role are there."""
    wanted = {made.key}
    if grantee != "PUBLIC":
        wanted.add(Key("role", name_from_text(grantee)))
    if work.lacks(frozenset(wanted)) is None:
        sql = f"{start} {made.word} {made.written} {end}"
        work.add(Item(made.ref, sql, needs=frozenset(wanted)))


def _objects(work: Work) -> Iterator[_Made]:
    """What the result has of the source, in the order that it was made."""
    there = {item.makes for item in work.items}
    catalog = work.catalog
    for schema in catalog.schemas.values():
        key = Key("schema", schema.name)
        if key in there:
            written = str(schema.name)
            yield _Made("SCHEMA", written, None, schema.ref, key, schema.statement)
    for own in catalog.types.values():
        key = Key("type", own.name)
        if key in there:
            written, schema_name = str(own.name), own.name.schema
            yield _Made("TYPE", written, schema_name, own.ref, key, own.statement)
    relations: list[Sequence | Table | View] = [*catalog.sequences(), *catalog.tables()]
    for relation in [*relations, *catalog.views()]:
        word = "SEQUENCE" if isinstance(relation, Sequence) else "TABLE"
        name, key = relation.name, Key("relation", relation.name)
        if key in there:
            yield _Made(word, str(name), name.schema, relation.ref, key, relation.statement)
    for function in (f for overloads in catalog.functions.values() for f in overloads):
        key = routine_key(function)
        if key in there:
            written, schema_name = _signature(function), function.name.schema
            yield _Made("FUNCTION", written, schema_name, function.ref, key, function.statement)


def _signature(function: Function) -> str:
    types = ", ".join(expression(p.argType) for p in arguments_of(function))
    return f"{function.name}({types})"


def _grantee(spec: ast.RoleSpec) -> str:
    if spec.roletype == enums.RoleSpecType.ROLESPEC_CSTRING:
        return quote(spec.rolename)
    return str(spec.roletype.name).removeprefix("ROLESPEC_")  # PUBLIC, CURRENT_USER


def _options(tree: ast.AlterDefaultPrivilegesStmt, name: str) -> list[str]:
    found = [option.arg for option in tree.options or () if option.defname == name]
    return [getattr(p, "sval", "") or getattr(p, "rolename", "") for part in found for p in part]
