"""Which differences a rewrite has declared: by the fate of an object, or by a finding about it.

Strict on purpose: a rule explains the aspects listed here for it and no other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from pglast import ast

from dsql_compat.findings import Finding, ObjectRef, Unanalysed
from dsql_compat.proof.caseless import REGARD, REPLACED
from dsql_compat.proof.catalogs import Key, Snapshot, Thing
from dsql_compat.proof.compare import MISSING, NUMBERS, Difference
from dsql_compat.rewriting.model import Fate, Rewrite
from dsql_compat.sql.bodies import read_body
from dsql_compat.sql.names import name_from_text, name_of
from dsql_compat.sql.statements import Statement

_NUMBERED = frozenset(
    ("serial-column", "identity-column", "identity-column-type", "identity-without-cache")
)
_TYPES = frozenset(
    (
        *("array-column", "bit-column", "char-length", "composite-column", "domain-column"),
        *("enum-column", "extension-type-column", "geometric-column", "json-column"),
        *("jsonb-column", "money-column", "network-column", "numeric-precision"),
        *("numeric-without-precision", "range-column", "system-type-column"),
        *("text-search-column", "unknown-type-column", "user-type-column", "varchar-length"),
        *("vector-column", "xml-column", "key-type", "numeric-key", "enum-type", "range-type"),
        *("domain-base-type", "composite-type", "base-type", "key-reference-type"),
    )
)
_QUERIES = frozenset(
    (
        *("extension-function", "extension-operator", "missing-type-cast", "newer-function"),
        *("text-search-function", "xml-function", "system-column", "missing-function-call"),
        "operator",
    )
)
_COLLATIONS = frozenset({"index-collation", "collation", "column-option", "sorted-text"})
# The aspect of an object, and the rules that explain a difference in it.
RULES: dict[str, frozenset[str]] = {
    "type": _TYPES | _NUMBERED,
    "not null": frozenset({"primary-key-added", "range-column"}) | _NUMBERED,
    "numbering": _NUMBERED,
    "increment": frozenset(),
    "minimum": _NUMBERED | {"sequence-type"},
    "maximum": _NUMBERED | {"sequence-type"},
    "cycle": frozenset(),
    "cache": _NUMBERED | {"sequence-cache", "add-identity"},
    "next value": frozenset(),
    "generated": frozenset({"virtual-generated-column"}),
    "generated values": _TYPES | _QUERIES,
    "default": _TYPES | _QUERIES,
    "collation": _COLLATIONS,
    "row security": frozenset({"row-level-security"}),
    "parents": frozenset({"table-inheritance", "partition", "partitioned-table"}),
    "persistence": frozenset({"unlogged-table"}),
    "deferrable": frozenset({"deferrable-constraint"}),
    "validated": frozenset({"not-valid-constraint", "not-enforced-constraint"}),
    "rows it takes": _QUERIES | {"enum-order"},
    "predicate": _QUERIES,
    "keys": _QUERIES,
    "sorting": frozenset({"index-sort-order"}),
    "method": frozenset({"index-method"}),
    "operator classes": frozenset({"operator-class", "index-method"}),
    "collations": _COLLATIONS,
    "base type": frozenset({"domain-base-type", "enum-type"}) | _TYPES,
    "values it takes": frozenset({"domain-base-type"}),
    "order of labels": frozenset({"enum-type"}),
    "language": frozenset({"plpgsql-function", "other-language-function"}),
    "arguments": frozenset({"function-type"}),
    "result": frozenset({"function-type", "function-range-return"}),
    "security definer": frozenset({"function-attribute"}),
}
# Kinds that become another kind of object.
KINDS: dict[tuple[str, str], frozenset[str]] = {
    ("partitioned table", "table"): frozenset({"partitioned-table"}),
    ("materialized view", "view"): frozenset({"materialized-view"}),
    ("enum", "domain"): frozenset({"enum-type"}),
    ("procedure", "function"): frozenset({"procedure"}),
}
# What may be there in addition, if the columns it is over have a finding of one of these rules.
ADDED_COLUMNS = frozenset({"range-column", "geometric-column"})
ADDED_CHECKS = frozenset(
    (
        "range-column",
        "geometric-column",
        "enum-column",
        "enum-type",
        "network-column",
        "bit-column",
        "varchar-length",
    )
)
_RELATIONS = frozenset(
    (
        *("table", "partition", "partitioned table", "view", "materialized view", "sequence"),
        "foreign table",
    )
)
_CLASSES = {
    **dict.fromkeys(_RELATIONS, "relation"),
    **dict.fromkeys(("column", "constraint", "index", "schema"), ""),
    **dict.fromkeys(("type", "domain"), "type"),
    **dict.fromkeys(("function", "procedure", "aggregate"), "function"),
}


def key_of(ref: ObjectRef) -> Key:
    """An object that findings and fates name, as the catalogs name it."""
    cls = _CLASSES.get(ref.kind)
    if cls is None:
        return Key("other", ref.schema, ref.table, ref.name, ref.kind)
    cls = cls or ref.kind
    if cls == "schema":
        return Key("schema", None, None, ref.name)
    table = ref.table if cls in ("column", "constraint") else None
    return Key(cls, ref.schema or "public", table, ref.name)  # type: ignore[arg-type]


class Declared(NamedTuple):
    """A difference that the rewrite says of itself, and by what."""

    difference: Difference
    by: str


class Declarations:
    """What a rewrite says about its objects, ready to be asked."""

    def __init__(
        self, rewrite: Rewrite, before: Snapshot, differences: Iterable[Difference]
    ) -> None:
        self.rewrite = rewrite
        self.before = before
        self.fates: dict[Key, list[Fate]] = {}
        self.statements: list[tuple[Fate, Statement]] = []
        for fate in rewrite.fates:
            self.fates.setdefault(_plain(key_of(fate.ref)), []).append(fate)
            self.statements += [(fate, s) for s in fate.statements]
        for other in rewrite.catalog.others.values():
            mine = [fate for fate, made in self.statements if made is other.statement]
            self.fates.setdefault(key_of(other.ref), []).extend(mine)
        self.findings: dict[Key, list[Finding]] = {}
        for ref, findings in rewrite.findings.items():
            self.findings.setdefault(_plain(key_of(ref)), []).extend(findings)
        for key, former in _former_names(rewrite):
            self.findings.setdefault(key, []).extend(self.findings.get(former, ()))
        self.types = {d.key: d.rewrite for d in differences if d.aspect == "type"}
        self.differing = {(d.key, d.aspect) for d in differences}

    def explain(self, difference: Difference) -> str | None:
        """What declares a difference: a rule, or the fate of the object; None if nothing does."""
        if difference.aspect == MISSING:
            if difference.rewrite is None:
                return self._lost(difference)
            return self._added(difference)
        if difference.aspect in ("comment", "grants", "former owner"):
            return self._said(difference)
        if difference.aspect == "validated":
            changed = [f for f in self.fates.get(difference.key, ()) if f.outcome == "changed"]
            if changed and difference.rewrite == "yes":
                return _name(changed[0])
        if difference.aspect == "cache" and (said := self._counts_otherwise(difference)):
            return said
        if difference.aspect == "settings":
            return self._unset(difference)
        if difference.aspect in (REGARD, REPLACED):
            return self._case(difference)
        if difference.aspect == "kind":
            rules = KINDS.get((difference.source or "", difference.rewrite or ""), frozenset())
            return self._rule(rules, [difference.key])
        rules = RULES.get(difference.aspect, frozenset())
        return (
            self._rule(rules, self._near(difference))
            or self._follows(difference)
            or self._refers(difference)
            or self._needs_lost(difference)
        )

    def _counts_otherwise(self, difference: Difference) -> str | None:
        """An identity that no finding is about, as a copy with LIKE: its own fate has the CACHE."""
        for fate in self.fates.get(difference.key, ()):
            if fate.what.endswith(f"CACHE {difference.rewrite})"):
                return _name(fate)
        return None

    def _case(self, difference: Difference) -> str | None:
        """A key that tells upper and lower case apart now: its own fate says so, or it is left."""
        for fate in self.fates.get(difference.key, ()):
            if fate.outcome == "left" or "tells upper and lower case apart" in fate.what:
                return _name(fate)
        return None

    def _unset(self, difference: Difference) -> str | None:
        """A setting of a function that ALTER FUNCTION gave it, which is left."""
        for fate, statement in self.statements:
            tree = statement.tree
            if fate.outcome != "left" or not isinstance(tree, ast.AlterFunctionStmt):
                continue
            words = _parts(tree.func)
            if words in ([difference.key.schema, difference.key.name], [difference.key.name]):
                return _name(fate)
        return None

    # -- presence -------------------------------------------------------------------------------

    def _lost(self, difference: Difference) -> str | None:
        key = difference.key
        for fate in self.fates.get(_plain(key), ()):
            if fate.outcome == "absorbed" and key.cls == "function":
                continue  # a definition before the last one, which has a fate of its own
            if fate.outcome in ("left", "absorbed"):
                return _name(fate)
        if key.cls == "column":
            return self._rule(ADDED_COLUMNS, [key])
        if difference.kind == "sequence":  # of a serial column: the column counts by itself now
            for column in self.before.needs.get(key, ()):
                if (column, "numbering") in self.differing:
                    return self._rule(_NUMBERED, [column])
        return None

    def _added(self, difference: Difference) -> str | None:
        key = difference.key
        if key.cls == "column":
            source = self._source_column(key)
            return self._rule(ADDED_COLUMNS, [source]) if source else None
        if key.cls == "constraint" and self._of_partition(difference):
            return "partition"
        if key.cls == "constraint" and difference.kind.startswith("check"):
            columns = [
                source
                for name in difference.columns
                for own in [Key("column", key.schema, key.table, name)]
                for source in [self._source_column(own) or own]
            ]
            near = [k for column in columns for k in (column, *self._type_of(column))]
            return self._rule(ADDED_CHECKS, near)
        return next(
            (_name(f) for f in self.fates.get(_plain(key), ()) if f.outcome == "changed"), None
        )

    def _of_partition(self, difference: Difference) -> bool:
        """A constraint that all partitions had, and the one table that they become has now."""
        tables = self.rewrite.tables
        place = (difference.key.schema, difference.key.table)
        own = [t for t in tables if (t.name.schema or "public", t.name.name) == place]
        parts = [part for table in own for part in table.sources if part.is_partition]
        kind = difference.kind.removesuffix(" constraint")
        return bool(parts) and all(
            any(c.kind == kind and c.columns == difference.columns for c in p.constraints.values())
            for p in parts
        )

    def _source_column(self, key: Key) -> Key | None:
        for table in self.rewrite.tables:
            if (table.name.schema or "public", table.name.name) == (key.schema, key.table):
                for column in table.columns:
                    if column.name == key.name and column.source is not None:
                        return key._replace(name=column.source.name)
        return None

    # -- aspects --------------------------------------------------------------------------------

    def _near(self, difference: Difference) -> list[Key]:
        """The object, and what decides about it: its columns, the type of its values."""
        key = difference.key
        near = [key, *self._type_of(key)]
        for name in difference.columns:
            table = key.table or self._table_of(key)
            column = Key("column", key.schema, table, name)
            near += [column, *self._type_of(column)]
        if difference.aspect in NUMBERS and key.cls == "column":
            counter = self._thing(key)
            if counter is not None and counter.row["sequence"] is not None:
                near += [n for n in self.fates if n.cls == "relation" and self._counts(n, key)]
        return near

    def _counts(self, sequence: Key, column: Key) -> bool:
        return column in self.before.needs.get(sequence, ())

    def _table_of(self, key: Key) -> str | None:
        thing = self._thing(key)
        return thing.row.get("table") if thing is not None else None

    def _thing(self, key: Key) -> Thing | None:
        return self.before.things.get(key)

    def _type_of(self, key: Key) -> list[Key]:
        thing = self._thing(key)
        if thing is None or "type_name" not in thing.row:
            return []
        return [Key("type", thing.row["type_schema"], None, thing.row["type_name"])]

    def _rule(self, rules: frozenset[str], keys: Iterable[Key]) -> str | None:
        for key in keys:
            for finding in self.findings.get(_plain(key), ()):
                if finding.rule in rules:
                    return finding.rule
        return None

    def _follows(self, difference: Difference) -> str | None:
        """A view's column, a function's result: of a type that a column they read has lost."""
        key = difference.key
        aspect = "type" if difference.aspect == "result" else difference.aspect
        if aspect not in ("type", "collation"):
            return None
        relation = Key("relation", key.schema, None, key.table) if key.table else _plain(key)
        for needed in self._all_needs(relation):
            if (needed, aspect) in self.differing and needed != key:
                rule = self._rule(RULES[aspect], [needed, *self._type_of(needed)])
                if rule is not None:
                    return rule
        return None

    def _refers(self, difference: Difference) -> str | None:
        """A column of a foreign key: it has the type of the key that it refers to."""
        key = difference.key
        if difference.aspect != "type" or key.cls != "column":
            return None
        for thing in self.before.things.values():
            is_over = (thing.key.schema, thing.key.table) == (key.schema, key.table)
            if thing.kind != "foreign key constraint" or not is_over:
                continue
            pairs = zip(thing.row["columns"], thing.row["referenced_columns"], strict=True)
            for own, referenced in pairs:
                target = name_from_text(thing.row["referenced"])
                column = Key("column", target.schema, target.name, referenced)
                if own == key.name and self.types.get(column) == difference.rewrite:
                    return "key-reference-type"
        return None

    def _all_needs(self, key: Key) -> Iterator[Key]:
        seen, pending = {key}, [key]
        while pending:
            for needed in self.before.needs.get(pending.pop(), ()):
                if needed not in seen:
                    seen.add(needed)
                    pending.append(needed)
                    if needed.cls == "column":  # a view's own, which the view reads elsewhere
                        pending.append(Key("relation", needed.schema, None, needed.table or ""))
                    yield needed

    def _needs_lost(self, difference: Difference) -> str | None:
        """A default that is gone with a function or sequence that it calls."""
        if difference.aspect != "default" or difference.rewrite != "None":
            return None
        for needed in self.before.needs.get(_plain(difference.key), ()):
            for fate in self.fates.get(_plain(needed), ()):
                if fate.outcome == "left":
                    return _name(fate)
        return None

    # -- remarks --------------------------------------------------------------------------------

    def _said(self, difference: Difference) -> str | None:
        """A comment or grant that was left, by its own statement."""
        wanted = ast.CommentStmt if difference.aspect == "comment" else ast.GrantStmt
        for fate, statement in self.statements:
            if fate.outcome != "left":
                continue
            if isinstance(statement.tree, ast.DoStmt) and _says(statement, wanted, difference.key):
                return _name(fate)
            if not isinstance(statement.tree, wanted):
                continue
            if _names_it(statement.tree, difference.key):
                return _name(fate)
        return None


def _former_names(rewrite: Rewrite) -> Iterator[tuple[Key, Key]]:
    """Columns that were renamed, or whose table was, beside the names they were made under."""
    for table in rewrite.catalog.tables():
        tree = table.statement.tree
        made_as = tree.relation.relname if isinstance(tree, ast.CreateStmt) else table.name.name
        for column in table.columns.values():
            written = column.node.colname if column.node is not None else column.name
            is_first = column.statement is table.statement
            key = key_of(column.ref)
            former = key._replace(name=written, table=made_as if is_first else key.table)
            if former != key:
                yield key, former


def _plain(key: Key) -> Key:
    """Fates and findings name functions without their arguments."""
    return key._replace(kind="") if key.cls == "function" else key


def _name(fate: Fate) -> str:
    """How a fate is counted: by the rule of its first error, else by what it says."""
    errors = [f.rule for f in fate.findings if f.status.severity == "error"]
    rules = errors or [f.rule for f in fate.findings]
    return rules[0] if rules else f"{fate.outcome}: {fate.what}"


def _says(block: Statement, wanted: type, key: Key) -> bool:
    """Whether a DO block's own statements comment on an object, or grant something on it."""
    parts = (part for part in read_body(block) if not isinstance(part, Unanalysed))
    return any(isinstance(p.tree, wanted) and _names_it(p.tree, key) for p in parts)


def _names_it(tree: ast.Node, key: Key) -> bool:
    parts = [p for p in (key.schema, key.table, key.name) if p]
    return any(
        parts[-len(words) :] == words or words == [key.schema or "", key.name]
        for words in _named(tree)
        if words
    )


def _named(tree: ast.Node) -> Iterator[list[str]]:
    """The names that a COMMENT or GRANT is about, in parts."""
    if isinstance(tree, ast.CommentStmt):
        yield _parts(tree.object)
        return
    for item in tree.objects or ():
        yield _parts(item)


def _parts(node: object) -> list[str]:
    match node:
        case ast.RangeVar():
            return [p for p in (node.schemaname, node.relname) if p]
        case ast.String():
            return [node.sval]
        case ast.TypeName():
            return [p for p in name_of(node.names) if p]
        case ast.ObjectWithArgs():
            return [p for p in name_of(node.objname) if p]
        case tuple():
            return [p.sval for p in node if isinstance(p, ast.String)]
    return []
