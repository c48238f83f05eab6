"""Schemas, and what statements say about objects: comments, grants, owners, statistics."""

from __future__ import annotations

from pglast import ast, enums

from dsql_compat.findings import ObjectRef
from dsql_compat.rewriting.extension_uses import settle_extension
from dsql_compat.rewriting.model import Item, Key
from dsql_compat.rewriting.references import needs
from dsql_compat.rewriting.roles import named_roles
from dsql_compat.rewriting.work import Work
from dsql_compat.sql import spans
from dsql_compat.sql.names import Name, name_of, relation_name
from dsql_compat.sql.statements import Statement
from dsql_compat.sql.walk import walk

_OBJECT = enums.ObjectType
_KEPT = (
    *(ast.CommentStmt, ast.GrantStmt, ast.GrantRoleStmt, ast.AlterDefaultPrivilegesStmt),
    ast.CreateStatsStmt,
)
_COMMENTED = {
    _OBJECT.OBJECT_TABLE: "TABLE",
    _OBJECT.OBJECT_VIEW: "VIEW",
    _OBJECT.OBJECT_MATVIEW: "VIEW",
    _OBJECT.OBJECT_SEQUENCE: "SEQUENCE",
    _OBJECT.OBJECT_INDEX: "INDEX",
    _OBJECT.OBJECT_COLUMN: "COLUMN",
    _OBJECT.OBJECT_TABCONSTRAINT: "CONSTRAINT",
    _OBJECT.OBJECT_FUNCTION: "FUNCTION",
    _OBJECT.OBJECT_SCHEMA: "SCHEMA",
    _OBJECT.OBJECT_DOMAIN: "DOMAIN",
    _OBJECT.OBJECT_TYPE: "DOMAIN",
    _OBJECT.OBJECT_ROLE: "ROLE",
}


def rewrite_schemas(work: Work) -> None:
    """CREATE SCHEMA for all but public, which is there."""
    for name, schema in work.catalog.schemas.items():
        if name == "public":
            work.settle(schema.ref, "kept", "DSQL has it already")
            continue
        key = Key("schema", Name(None, name))
        problem = work.add(Item(schema.ref, f"CREATE SCHEMA {Name(None, name)}", makes=key))
        if problem is None:
            work.settle(schema.ref, "kept")
        else:
            work.settle(
                schema.ref, "left", "DSQL refuses it", schema.statement, key=key, cause=problem
            )


def rewrite_others(work: Work) -> None:
    """Triggers, policies, rules, extensions and the like have no counterpart."""
    for table in work.catalog.tables():
        for trigger in table.triggers.values():
            work.settle(trigger.ref, "left", "DSQL has no triggers", trigger.statement)
    for extension in work.catalog.extensions.values():
        settle_extension(work, extension)
    for other in work.catalog.others.values():
        if other.kind not in ("statistics", "role"):
            what = f"DSQL has no {other.kind} of this kind"
            work.settle(other.ref, "left", what, other.statement)


def rewrite_remarks(work: Work) -> None:
    """What is said about objects, where they are there: the last comment counts, every grant."""
    last = {_said_of(s.tree): s for s in work.statements if isinstance(s.tree, ast.CommentStmt)}
    for statement in work.statements:
        tree = statement.tree
        if isinstance(tree, ast.CommentStmt) and last[_said_of(tree)] is not statement:
            work.settle(_about(work, statement), "absorbed", "said anew later on", statement)
            continue
        if isinstance(tree, _KEPT):
            _remark(work, statement)


def _said_of(tree: ast.CommentStmt) -> str:
    return f"{tree.objtype} {tree.object}"


def _remark(work: Work, statement: Statement) -> None:
    tree, ref = statement.tree, _about(work, statement)
    wanted = needs(work.catalog, tree) | _commented(work, tree)
    index = _index_of_key(work, tree)
    if index is not None:
        wanted = frozenset({Key("relation", index)})
    wanted |= {Key("role", Name(None, role)) for role in named_roles(tree)}
    lacking = work.lacks(wanted)
    if lacking is not None:
        if lacking.ref.kind == "sequence" and lacking.outcome == "absorbed":
            what = "an identity column's sequence needs no privilege of its own"
            work.settle(ref, "absorbed", what, statement)
        else:
            work.settle(ref, "left", f"said of {lacking.ref}, which is not there", statement)
        return
    written = work.with_schemas(statement)
    sql = _worded(work, written) if index is None else _said_of_index(written, index)
    found = work.settled(sql) if sql is not None else None
    if found is None:
        work.settle(ref, "left", "said of what is not there", statement)
    elif found.problem is not None:
        work.settle(ref, "left", "DSQL refuses it", statement, cause=found.problem)
    else:
        work.carried.add(id(statement))
        work.items.append(Item(ref, found.sql, needs=wanted))


def _about(work: Work, statement: Statement) -> ObjectRef:
    """How the files name a statement: by the object that it is about."""
    wanted = needs(work.catalog, statement.tree) | _commented(work, statement.tree)
    words = " ".join(token.text.upper() for token in statement.tokens[:2])
    if not wanted:
        return ObjectRef("statement", words)
    name = min(wanted).name
    return ObjectRef(words.partition(" ")[0].lower(), name.name, name.schema)


def _worded(work: Work, statement: Statement) -> str | None:
    """The statement in the words of the result; None where its object is not there."""
    tree, sql = statement.tree, statement.excerpt.removesuffix(";").rstrip()
    if not isinstance(tree, ast.CommentStmt):
        is_gone = _is_on_absorbed_type(work, tree) or _is_on_no_identity(work, tree)
        return None if is_gone else sql
    if _is_on_absorbed_type(work, tree):
        return None
    word = _COMMENTED.get(tree.objtype)
    if word is None:
        return None
    if tree.objtype == _OBJECT.OBJECT_COLUMN and not _has_column(work, tree):
        return None
    if tree.objtype == _OBJECT.OBJECT_TABCONSTRAINT and not _has_constraint(work, tree):
        return None
    start = spans.find_words(statement, "ON")
    subject = {
        _OBJECT.OBJECT_MATVIEW: "MATERIALIZED VIEW",
        _OBJECT.OBJECT_TYPE: "TYPE",
    }.get(tree.objtype)
    if subject is None or start is None:
        return sql
    old = spans.find_words(statement, subject, after=start.end)
    return (
        sql
        if old is None
        else spans.cut(spans.whole(statement), [(old.start, old.end, word)]).removesuffix(";")
    )


def _index_of_key(work: Work, tree: ast.Node) -> Name | None:
    """The unique index that stands in for the constraint which a comment is about."""
    if not isinstance(tree, ast.CommentStmt) or tree.objtype != _OBJECT.OBJECT_TABCONSTRAINT:
        return None
    table = work.catalog.table(name_of(tree.object[:-1]))
    made = {item.makes for item in work.items}
    for key in work.caseless_keys.get(table.name, ()) if table is not None else ():
        if key.constraint.name == tree.object[-1].sval and not key.is_added:
            return key.name if Key("relation", key.name) in made else None
    return None


def _said_of_index(statement: Statement, index: Name) -> str | None:
    """COMMENT ON CONSTRAINT as one on the index in its place."""
    on = spans.find_words(statement, "ON")
    said = spans.find_words(statement, "IS", after=on.end) if on is not None else None
    if on is None or said is None:
        return None
    edit = (on.end, said.start, f" INDEX {index} ")
    return spans.cut(spans.whole(statement), [edit]).rstrip().removesuffix(";")


def _is_on_no_identity(work: Work, tree: ast.Node) -> bool:
    """Whether a grant is about the sequence of an identity column at a date without those."""
    if work.run.is_accepted("identity-column") or not isinstance(tree, ast.GrantStmt):
        return False
    if tree.objtype != _OBJECT.OBJECT_SEQUENCE:
        return False
    names = [work.catalog.qualified(relation_name(node)) for node in tree.objects or ()]
    return any(name in work.catalog.identities for name in names)


def _is_on_absorbed_type(work: Work, tree: ast.Node) -> bool:
    """Whether a comment or grant is about an enum that checks on columns stand in for."""
    if work.choices.enums != "check":
        return False
    named = [node for node in walk(tree) if isinstance(node, ast.TypeName) and node.names]
    objects = getattr(tree, "objects", None) or ()
    if isinstance(tree, ast.GrantStmt) and tree.objtype == _OBJECT.OBJECT_TYPE:
        names = [name_of(parts) for parts in objects]
    elif getattr(tree, "objtype", None) in (_OBJECT.OBJECT_TYPE, _OBJECT.OBJECT_DOMAIN):
        names = [name_of(node.names) for node in named]
    else:
        return False
    found = [work.catalog.type(name) for name in names]
    return any(own is not None and own.kind == "enum" for own in found)


def _has_column(work: Work, tree: ast.CommentStmt) -> bool:
    relation = work.catalog.relation(name_of(tree.object[:-1]))
    if relation is None or relation.name not in work.tables:
        return relation is not None  # of a view
    names = {column.name for column in work.tables[relation.name].columns}
    return tree.object[-1].sval in names


def _has_constraint(work: Work, tree: ast.CommentStmt) -> bool:
    relation = work.catalog.relation(name_of(tree.object[:-1]))
    if relation is None or relation.name not in work.tables:
        return False
    name = tree.object[-1].sval
    made = {item.makes for item in work.items}
    return Key("constraint", Name(str(relation.name), name)) in made or any(
        constraint.name == name for constraint in work.tables[relation.name].constraints
    )


def _commented(work: Work, tree: ast.Node | None) -> frozenset[Key]:
    """The relation or schema that a comment is about; it is a plain name in its tree."""
    match tree:
        case ast.CommentStmt(object=tuple()):
            pass
        case ast.CommentStmt(objtype=_OBJECT.OBJECT_SCHEMA):
            return frozenset({Key("schema", Name(None, tree.object.sval))})
        case ast.GrantStmt(objtype=_OBJECT.OBJECT_SCHEMA):
            return frozenset(Key("schema", Name(None, part.sval)) for part in tree.objects)
        case _:
            return frozenset()
    is_part = tree.objtype in (_OBJECT.OBJECT_COLUMN, _OBJECT.OBJECT_TABCONSTRAINT)
    relation = work.catalog.relation(name_of(tree.object[:-1] if is_part else tree.object))
    if relation is None:
        return frozenset()
    found = {Key("relation", relation.name)}
    if tree.objtype == _OBJECT.OBJECT_TABCONSTRAINT:
        found.add(Key("constraint", Name(str(relation.name), tree.object[-1].sval)))
    return frozenset(found)
