"""What COMMENT, DROP, GRANT and their like are about, read off the many shapes of their trees."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pglast import ast, enums

from dsql_compat.catalog.types import display
from dsql_compat.findings import Span
from dsql_compat.sql.names import Name, name_of, quote, relation_name
from dsql_compat.sql.statements import Statement

ObjectType = enums.ObjectType

KINDS = {
    ObjectType.OBJECT_ACCESS_METHOD: "access method",
    ObjectType.OBJECT_AGGREGATE: "aggregate",
    ObjectType.OBJECT_CAST: "cast",
    ObjectType.OBJECT_COLLATION: "collation",
    ObjectType.OBJECT_COLUMN: "column",
    ObjectType.OBJECT_CONVERSION: "conversion",
    ObjectType.OBJECT_DATABASE: "database",
    ObjectType.OBJECT_DOMAIN: "domain",
    ObjectType.OBJECT_DOMCONSTRAINT: "domain",
    ObjectType.OBJECT_EVENT_TRIGGER: "event trigger",
    ObjectType.OBJECT_EXTENSION: "extension",
    ObjectType.OBJECT_FDW: "foreign data wrapper",
    ObjectType.OBJECT_FOREIGN_SERVER: "server",
    ObjectType.OBJECT_FOREIGN_TABLE: "foreign table",
    ObjectType.OBJECT_FUNCTION: "function",
    ObjectType.OBJECT_INDEX: "index",
    ObjectType.OBJECT_LANGUAGE: "language",
    ObjectType.OBJECT_LARGEOBJECT: "large object",
    ObjectType.OBJECT_MATVIEW: "materialized view",
    ObjectType.OBJECT_OPCLASS: "operator class",
    ObjectType.OBJECT_OPERATOR: "operator",
    ObjectType.OBJECT_OPFAMILY: "operator family",
    ObjectType.OBJECT_POLICY: "policy",
    ObjectType.OBJECT_PROCEDURE: "procedure",
    ObjectType.OBJECT_PUBLICATION: "publication",
    ObjectType.OBJECT_ROUTINE: "routine",
    ObjectType.OBJECT_RULE: "rule",
    ObjectType.OBJECT_SEQUENCE: "sequence",
    ObjectType.OBJECT_STATISTIC_EXT: "statistics",
    ObjectType.OBJECT_SUBSCRIPTION: "subscription",
    ObjectType.OBJECT_TABCONSTRAINT: "constraint",
    ObjectType.OBJECT_TABLE: "table",
    ObjectType.OBJECT_TABLESPACE: "tablespace",
    ObjectType.OBJECT_TRANSFORM: "transform",
    ObjectType.OBJECT_TRIGGER: "trigger",
    ObjectType.OBJECT_TSCONFIGURATION: "text search configuration",
    ObjectType.OBJECT_TSDICTIONARY: "text search dictionary",
    ObjectType.OBJECT_TSPARSER: "text search parser",
    ObjectType.OBJECT_TSTEMPLATE: "text search template",
    ObjectType.OBJECT_TYPE: "type",
    ObjectType.OBJECT_VIEW: "view",
}
_ON_TABLE = {"column", "constraint", "policy", "rule", "trigger"}
# GRANT on anything else (databases, schemas …) is for the rules on roles.
_GRANTED = {
    *(ObjectType.OBJECT_TABLE, ObjectType.OBJECT_SEQUENCE, ObjectType.OBJECT_FUNCTION),
    *(ObjectType.OBJECT_PROCEDURE, ObjectType.OBJECT_ROUTINE, ObjectType.OBJECT_TYPE),
    *(ObjectType.OBJECT_DOMAIN, ObjectType.OBJECT_LANGUAGE, ObjectType.OBJECT_FDW),
    ObjectType.OBJECT_FOREIGN_SERVER,
}


@dataclass(frozen=True, slots=True)
class Target:
    """An object that a statement is about.  `table` is set for what lives on one.

    `arguments` tells overloaded functions apart, None where the statement lists none;
    `is_written` is false for objects without a name of their own (casts).
    """

    kind: str
    name: Name
    table: Name | None = None
    arguments: tuple[str, ...] | None = None
    is_written: bool = True

    @property
    def label(self) -> str:
        """The name as it is shown."""
        if self.table is not None:
            return f"{quote(self.name.name)} on {self.table}"
        if self.kind == "operator" or not self.is_written:
            return ".".join(part for part in self.name if part)
        return str(self.name)


def targets(node: ast.Node) -> Iterator[Target]:
    """The objects a statement is about; none where it is not of a kind that is looked at."""
    match node:
        case ast.DropStmt():
            for item in node.objects or ():
                yield from _target(node.removeType, item)
        case ast.CommentStmt():
            yield from _target(node.objtype, node.object)
        case ast.AlterOwnerStmt():
            yield from _target(node.objectType, node.object)
        case ast.RenameStmt():
            yield from _renamed(node)
        case ast.AlterObjectSchemaStmt():
            item = node.relation if node.relation is not None else node.object
            yield from _target(node.objectType, item)
        case ast.AlterObjectDependsStmt() if node.objectType == ObjectType.OBJECT_MATVIEW:
            yield Target("materialized view", relation_name(node.relation))
        case ast.AlterObjectDependsStmt() if node.objectType != ObjectType.OBJECT_INDEX:
            yield Target("extension", Name(None, node.extname.sval))
        case ast.AlterExtensionStmt():
            yield Target("extension", Name(None, node.extname))
        case ast.GrantStmt():
            if node.targtype == enums.GrantTargetType.ACL_TARGET_OBJECT and (
                node.objtype in _GRANTED
            ):
                for item in node.objects or ():
                    yield from _target(node.objtype, item)
        case ast.VacuumStmt() if not node.is_vacuumcmd:
            for item in node.rels or ():
                if item.relation is not None:
                    yield Target("table", relation_name(item.relation))


def _renamed(node: ast.RenameStmt) -> Iterator[Target]:
    kind = KINDS.get(node.renameType)
    if kind in _ON_TABLE and node.relation is not None:
        yield Target(kind, Name(None, node.subname or ""), relation_name(node.relation))
    elif node.relation is not None:
        yield from _target(node.renameType, node.relation)
    elif kind is not None and node.object is not None:
        yield from _target(node.renameType, node.object)


def _target(kind_number: enums.ObjectType, item: object) -> Iterator[Target]:
    kind = KINDS.get(kind_number)
    if kind is None:
        return
    match item:
        case ast.RangeVar():
            yield Target(kind, relation_name(item))
        case ast.ObjectWithArgs():
            arguments = None if item.args_unspecified else types_of(item.objargs or ())
            yield Target(kind, name_of(item.objname), arguments=arguments)
        case ast.String():
            yield Target(kind, Name(None, item.sval))
        case ast.TypeName():
            yield Target(kind, name_of(item.names))
        case ast.Integer() | ast.Float():
            number = item.ival if isinstance(item, ast.Integer) else item.fval
            yield Target(kind, Name(None, str(number)), is_written=False)
        case tuple():
            yield _from_list(kind, item)


def _from_list(kind: str, parts: tuple[ast.Node, ...]) -> Target:
    """A name given as a list; for casts and transforms a list of types."""
    first = parts[0]
    if isinstance(first, ast.TypeName):
        if kind == "domain":
            return Target(kind, name_of(first.names))
        last = parts[-1]
        shown = display(last) if isinstance(last, ast.TypeName) else last.sval
        return Target(kind, Name(None, f"({display(first)}, {shown})"), is_written=False)
    if kind in _ON_TABLE and len(parts) > 1:
        return Target(kind, Name(None, parts[-1].sval), name_of(parts[:-1]))
    if kind in ("operator class", "operator family"):
        return Target(kind, name_of(parts[1:]))
    return Target(kind, name_of(parts))


def types_of(nodes: Iterable[ast.TypeName]) -> tuple[str, ...]:
    """Argument types as they compare: the display name without the schema."""
    return tuple(display(node).rpartition(".")[2] for node in nodes if node is not None)


def elements(statement: Statement, *, is_drop: bool) -> list[Span]:
    """The objects listed in a DROP or GRANT, each as written."""
    tokens = statement.tokens
    words = [token.text.upper() for token in tokens]
    if is_drop:
        start = words.index("EXISTS") + 1 if "EXISTS" in words[:6] else _behind_kind(words, 1)
        ends = {"CASCADE", "RESTRICT", ";"}
    else:
        start = _behind_kind(words, words.index("ON") + 1)
        ends = {"TO", "FROM", ";"}
    found: list[Span] = []
    depth, first = 0, start
    for at in range(start, len(tokens) + 1):
        text = words[at] if at < len(tokens) else ";"
        depth += (text == "(") - (text == ")")
        if depth == 0 and (text == "," or text in ends):
            if at > first:
                found.append(Span(statement, tokens[first].start, tokens[at - 1].end))
            first = at + 1
            if text in ends:
                break
    return found


def _behind_kind(words: list[str], at: int) -> int:
    """Past the words that name a kind, such as MATERIALIZED VIEW."""
    kinds = {word for kind in KINDS.values() for word in kind.upper().split()}
    while at + 1 < len(words) and words[at] in kinds and words[at + 1] not in (",", ".", "(", ";"):
        at += 1
    return at
