"""What DSQL would be given in place of a CREATE INDEX, worked out once for all of its findings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pglast import ast, enums

from dsql_compat.catalog.model import Index, Table, View
from dsql_compat.catalog.types import NOT_IN_KEYS, ResolvedType, resolve
from dsql_compat.checks.context import Here
from dsql_compat.checks.indexes_text import Edit, IndexText, KeyText, apply, read_index
from dsql_compat.checks.key_expressions import unfit_type
from dsql_compat.findings import Finding, ObjectRef, Span
from dsql_compat.sql.names import Name, name_of, quote, relation_name

MOST_KEYS = 8
_KEY_OF_TYPE = "a key of type"  # as a reason not to have an index
_DESC = enums.SortByDir.SORTBY_DESC
_NULLS_FIRST = enums.SortByNulls.SORTBY_NULLS_FIRST
_NULLS_LAST = enums.SortByNulls.SORTBY_NULLS_LAST
# Types that have no order worth an index, whatever a column of them becomes.
_UNORDERED = {"array", "range", "composite", "geometric", "xml", "text-search"}
_PLAIN_METHODS = {"btree", "btree_index", "hash", "brin"}
_VECTOR_METHODS = {"hnsw", "ivfflat", "diskann", "vchordrq"}
_METHODS = {"btree_index": "btree", "rum": "gin-text-search", "gin": "gin"}
_PATTERN_CLASSES = {
    *("text_pattern_ops", "varchar_pattern_ops", "bpchar_pattern_ops", "citext_pattern_ops"),
}
_DEFAULT_CLASSES = {
    *("int2_ops", "int4_ops", "int8_ops", "float4_ops", "float8_ops", "numeric_ops", "text_ops"),
    *("varchar_ops", "bpchar_ops", "uuid_ops", "bool_ops", "date_ops", "time_ops"),
    *("timestamp_ops", "timestamptz_ops", "bytea_ops", "name_ops", "enum_ops", "interval_ops"),
}


@dataclass(slots=True)
class IndexPlan:
    """An index of the source, what can stay of it and what cannot.

    `edited` is the whole statement as DSQL takes it, empty where there is none; then `blocked`
    says why.  `table_cause` is the finding by which DSQL will not have the table, `partitioning`
    the one by which it will be one table.
    """

    node: ast.IndexStmt
    text: IndexText
    ref: ObjectRef
    is_async: bool
    name: str
    table: str
    method_case: str
    table_cause: Finding | None
    has_no_table: bool
    owner: Table | None = None
    partitioning: Finding | None = None
    order_case: str = ""
    blocked: str = ""
    surplus: Span | None = None
    can_include: bool = False
    edits: list[Edit] = field(default_factory=list)
    edited: str = ""

    @property
    def method(self) -> str:
        """The access method as written."""
        return self.node.accessMethod or "btree"

    @property
    def facts(self) -> dict[str, Any]:
        """What every finding about the index tells."""
        return {"index": self.name, "table": self.table, "edited": self.edited}

    @property
    def first_key(self) -> str:
        """The first column or expression, as written."""
        return self.text.keys[0].base.text

    @property
    def is_plain(self) -> bool:
        """Whether an ordered index can serve what the source's method does."""
        return self.method.lower() in _PLAIN_METHODS

    def unfit_expression(self, param: ast.IndexElem, here: Here) -> str:
        """The type of a computed key that DSQL takes in no key, empty where it is none such."""
        if not self.is_expression(param):
            return ""
        return unfit_type(param.expr, self.owner, here.catalog)

    @staticmethod
    def is_expression(param: ast.IndexElem) -> bool:
        """Whether a key is computed; a column in parentheses is still a column."""
        return param.expr is not None and not isinstance(param.expr, ast.ColumnRef)

    def opclass_case(self, opclass: str) -> str:
        """What leaving an operator class out means."""
        if self.blocked and self.method_case not in ("btree", "hash", "brin"):
            return "of-method"
        if opclass in _PATTERN_CLASSES:
            return "pattern"
        return "default" if opclass in _DEFAULT_CLASSES else "other"


def make_plan(node: ast.IndexStmt, here: Here) -> IndexPlan | None:
    """The plan for an index; None where its text cannot be followed."""
    text = read_index(here.statement, node)
    if text is None or not text.keys:
        return None
    owner = here.catalog.relation(relation_name(node.relation))
    table_cause = here.missing(owner.ref) if isinstance(owner, Table | View) else None
    table = owner if isinstance(owner, Table) else None
    plan = IndexPlan(
        node,
        text,
        _reference(node, here, owner.name if owner else None),
        here.statement.extension == "index-async",
        quote(node.idxname) if node.idxname else "",
        str(relation_name(node.relation)),
        _method_case(node, here, table),
        table_cause,
        isinstance(owner, View)
        or (table is not None and table.is_partition and table_cause is not None),
        table,
    )
    if table is not None:
        plan.partitioning = here.earlier("partitioned-table", table.ref)
    plan.name = plan.name or quote(plan.ref.name)
    _edit_head(plan)
    _edit_keys(plan)
    _edit_surplus(plan, here)
    _edit_clauses(plan, here)
    plan.blocked = plan.blocked or _obstacle(plan, here, table)
    if not plan.blocked:
        plan.edited = apply(text, here.statement, plan.edits)
    return plan


def rewritten_keys(node: ast.IndexStmt, here: Here, write: Callable[[str], str]) -> str:
    """The statement for DSQL with each column written anew; empty where that does not save it."""
    plan = make_plan(node, here)
    if plan is None or (plan.blocked and not plan.blocked.startswith(_KEY_OF_TYPE)):
        return ""
    edits = list(plan.edits)
    for param, key in zip(node.indexParams, plan.text.keys, strict=False):
        if param.name and (written := write(param.name)) != quote(param.name):
            edits.append((key.base.start, key.base.end, written))
    return apply(plan.text, here.statement, edits)


def _reference(node: ast.IndexStmt, here: Here, table: Name | None) -> ObjectRef:
    full = table or here.catalog.qualified(relation_name(node.relation))
    if node.idxname:
        return ObjectRef("index", node.idxname, full.schema, full.name)
    if here.subject is not None and here.subject.kind == "index":
        return here.subject
    made = next((r for r in here.catalog.relations.values() if _is_of(r, node)), None)
    return made.ref if made else ObjectRef("index", f"{full.name}_idx", full.schema, full.name)


def _is_of(relation: object, node: ast.IndexStmt) -> bool:
    return isinstance(relation, Index) and relation.node is node


# -- what the index is --------------------------------------------------------------------------


def _method_case(node: ast.IndexStmt, here: Here, table: Table | None) -> str:
    method = (node.accessMethod or "btree").lower()
    if method in _VECTOR_METHODS:
        return "vector"
    if method == "gin":
        return _gin_case(node, here, table)
    case = _METHODS.get(method, method)
    known = {"btree", "hash", "brin", "gist", "spgist", "gin-text-search"}
    return case if case in known else "other"


def _gin_case(node: ast.IndexStmt, here: Here, table: Table | None) -> str:
    """What a GIN index serves, by its operator classes and the types of its columns."""
    for param in node.indexParams:
        opclass = name_of(param.opclass).name if param.opclass else ""
        if "trgm" in opclass or "bigm" in opclass:
            return "gin-trigram"
        if opclass.startswith("jsonb_"):
            return "gin-jsonb"
        if isinstance(param.expr, ast.FuncCall):
            if name_of(param.expr.funcname).name == "to_tsvector":
                return "gin-text-search"
            continue
        resolved = _key_type(param, here, table)
        if resolved is None:
            continue
        if resolved.base in ("json", "jsonb"):
            return "gin-jsonb"
        if resolved.family in ("array", "text-search"):
            return f"gin-{resolved.family}"
    return "gin"


def _key_type(param: ast.IndexElem, here: Here, table: Table | None) -> ResolvedType | None:
    column = table.columns.get(param.name) if table is not None and param.name else None
    if column is None or column.type is None:
        return None
    return resolve(here.catalog, column.type)


def _obstacle(plan: IndexPlan, here: Here, table: Table | None) -> str:
    """Why no statement can take the index's place; empty where one can."""
    node = plan.node
    if not plan.is_plain:
        return f"method {plan.method}"
    expressions = any(plan.is_expression(param) for param in node.indexParams)
    if expressions and not here.run.is_accepted("expression-index"):
        return "an expression as key"
    if node.whereClause and node.unique and not here.run.is_accepted("partial-index", "unique"):
        return "uniqueness of a part of the rows"
    for param in node.indexParams:
        resolved = _key_type(param, here, table)
        if resolved is not None and _is_refused_key(resolved, here):
            return f"{_KEY_OF_TYPE} {resolved.display}"
        if base := plan.unfit_expression(param, here):
            return f"{_KEY_OF_TYPE} {base}"
    return ""


def _is_refused_key(resolved: ResolvedType, here: Here) -> bool:
    if resolved.family in _UNORDERED or resolved.base in NOT_IN_KEYS:
        return True
    if resolved.base != "numeric" or "numeric-key" not in here.run.catalogue.rules:
        return False
    return not here.run.is_accepted("numeric-key")


# -- what changes in its text ---------------------------------------------------------------------


def _edit_head(plan: IndexPlan) -> None:
    text, edits = plan.text, plan.edits
    if text.concurrently is not None:
        edits.append(
            (text.concurrently.start, text.concurrently.end, "" if plan.is_async else "ASYNC")
        )
    elif not plan.is_async:
        edits.append((text.head.end, text.head.end, " ASYNC"))
    for clause in (text.only, text.using):
        if clause is not None:
            edits.append((clause.start, clause.end, ""))


def _edit_keys(plan: IndexPlan) -> None:
    """Every key down to its column or expression, with NULLS FIRST or LAST where that counts."""
    params = plan.node.indexParams
    orders = {param.ordering == _DESC for param in params}
    plan.order_case = "mixed" if len(orders) > 1 else ""
    backwards = orders == {True}
    for param, key in list(zip(params, plan.text.keys, strict=False))[:MOST_KEYS]:
        tail = _nulls(param, key, backwards)
        written = plan.text.head.statement.text[key.base.end : key.whole.end]
        if written.strip() != tail.strip():
            plan.edits.append((key.base.end, key.whole.end, tail))


def _nulls(param: ast.IndexElem, key: KeyText, backwards: bool) -> str:
    """The clause for a key without direction.

    An index on `a DESC NULLS LAST` is the one on `a NULLS FIRST` read backwards.  Where directions
    are mixed nothing is read backwards, so a descending key goes back to the default.
    """
    order = param.nulls_ordering
    if order not in (_NULLS_FIRST, _NULLS_LAST):
        return ""
    if param.ordering == _DESC:
        return " NULLS FIRST" if backwards and order == _NULLS_LAST else ""
    return f" {key.nulls.text}" if key.nulls is not None else ""


def _edit_surplus(plan: IndexPlan, here: Here) -> None:
    """Keys beyond the eighth move to INCLUDE, unless the index's meaning hangs on them."""
    keys, params = plan.text.keys, plan.node.indexParams
    if len(params) <= MOST_KEYS or len(keys) != len(params):
        return
    surplus = params[MOST_KEYS:]
    plan.surplus = Span(here.statement, keys[MOST_KEYS].whole.start, keys[-1].whole.end)
    plan.can_include = not plan.node.unique and all(param.name for param in surplus)
    if not plan.can_include:
        plan.blocked = f"{len(params)} keys"
        return
    columns = ", ".join(quote(param.name) for param in surplus)
    plan.edits.append((keys[MOST_KEYS - 1].whole.end, keys[-1].whole.end, ""))
    if plan.text.include is not None:
        end = plan.text.include.end - 1
        plan.edits.append((end, end, f", {columns}"))
    else:
        plan.edits.append((plan.text.keys_end, plan.text.keys_end, f" INCLUDE ({columns})"))


def _edit_clauses(plan: IndexPlan, here: Here) -> None:
    text = plan.text
    for clause in (text.storage, text.tablespace):
        if clause is not None:
            plan.edits.append((clause.start, clause.end, ""))
    if text.where is not None and not here.run.is_accepted("partial-index"):
        plan.edits.append((text.where.start, text.where.end, ""))
