"""ALTER TABLE, action by action: which function judges which, and what they all need to know."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pglast import ast, enums

from dsql_compat.catalog.model import Catalog, Column, Constraint, Index, Sequence, Table, View
from dsql_compat.checks.context import Found, Here
from dsql_compat.checks.registry import BY_RULE, detects
from dsql_compat.findings import Finding, Span
from dsql_compat.sql import spans
from dsql_compat.sql.names import Name, quote, quote_list, relation_name

AT = enums.AlterTableType


_HEAD = re.compile(
    r"ALTER\s+TABLE\s+(?:IF\s+EXISTS\s+)?(?:ONLY\s+)?"
    r"""(?:"[^"]*"|[\w$]+)(?:\.(?:"[^"]*"|[\w$]+))*\s+(?=[A-Za-z])""",
    re.I,
)


@dataclass(slots=True)
class Action:
    """One action of an ALTER TABLE; `table` is a stand-in when the source does not hold it."""

    here: Here
    node: ast.AlterTableStmt
    command: ast.AlterTableCmd
    number: int
    table: Table
    is_known: bool
    _listed: list[Span] | None = None

    def _all(self) -> list[Span]:
        """The actions of the statement, this one among them."""
        statement = self.here.statement
        if self._listed is None and len(self.node.cmds) == 1 and not statement.extension:
            only = spans.behind(statement, _HEAD)
            self._listed = [only] if only else None
        if self._listed is None:
            self._listed = spans.listed(statement, _after_name(self.here, self.node))
        return self._listed

    @property
    def span(self) -> Span:
        """The words of this action."""
        statement = self.here.statement
        found = self._all()
        return found[self.number] if self.number < len(found) else spans.head(statement)

    @property
    def before(self) -> str | None:
        """What a rewrite replaces: the action where there are several, else the statement."""
        return self.span.text if len(self.node.cmds) > 1 else None

    @property
    def without(self) -> str:
        """The statement without this action; empty when nothing is left."""
        statement = self.here.statement
        found = self._all()
        kept = [span.text for at, span in enumerate(found) if at != self.number]
        if not kept:
            return ""
        return statement.text[statement.start : found[0].start] + ", ".join(kept) + ";"

    @property
    def column(self) -> Column | None:
        """The column the action names, as it is after the statement."""
        return self.table.columns.get(self.command.name or "")

    def constraint(self) -> Constraint:
        """The constraint that ADD CONSTRAINT made, also of a table that is not known."""
        node = self.command.def_
        for constraint in self.table.constraints.values():
            if constraint.node is node:
                return constraint
        from dsql_compat.catalog.tables import add_constraint

        stand_in = Table(self.table.name, "table", self.here.statement)
        made = add_constraint(Catalog(), stand_in, node, self.here.statement)
        made.is_added_later = True
        return made

    def dropped(self, cls: type[Column] | type[Constraint]) -> Column | Constraint | None:
        """The column or constraint that the action took away, if it was known."""
        for item in reversed(self.here.catalog.dropped):
            if isinstance(item, cls) and item.name == self.command.name:
                return item if item.table is self.table else None
        return None

    def found(
        self,
        rule: str,
        *,
        span: Span | None = None,
        case: str = "",
        cause: Finding | None = None,
        **facts: Any,
    ) -> Finding | None:
        """A finding about this action's table, its column or whatever `about` names."""
        about = facts.pop("about", None)
        key = facts.pop("key", "")
        return self.here.found(
            rule,
            span or self.span,
            about=about or self.table.ref,
            case=case,
            cause=cause or self.here.missing(self.table.ref),
            before=self.before,
            key=str(key),
            table=self.table.name,
            without=self.without,
            action=(span or self.span).text,
            **facts,
        )


Judge = Callable[[Action], Found]
JUDGES: dict[int, list[Judge]] = {}


def on_action(*rules: str, on: tuple[Any, ...]) -> Callable[[Judge], Judge]:
    """Register a function for actions of these kinds."""

    def register(judge: Judge) -> Judge:
        for subtype in on:
            JUDGES.setdefault(subtype, []).append(judge)
        for rule in rules:
            BY_RULE.setdefault(rule, []).append(judge)
        return judge

    return register


_TABLES = (enums.ObjectType.OBJECT_TABLE,)


@detects(on=ast.AlterTableStmt)
def alter_table(node: ast.AlterTableStmt, here: Here) -> Found:
    if node.objtype not in _TABLES:
        return
    name = relation_name(node.relation)
    relation = here.catalog.relation(name)
    if isinstance(relation, View | Index | Sequence):
        return
    if relation is not None and relation.kind == "foreign table":
        return  # checks/tables.py says once that such a table cannot be altered
    table = relation or Table(
        here.catalog.qualified(name), "table", here.statement, columns_known=False
    )
    for number, command in enumerate(node.cmds or ()):
        judges = JUDGES.get(command.subtype)
        if judges:
            action = Action(here, node, command, number, table, relation is not None)
            for judge in judges:
                yield from judge(action)


def _after_name(here: Here, node: ast.AlterTableStmt) -> int:
    """Where the table's name, with its schema and the star, ends."""
    tokens = here.statement.tokens
    at = next((i for i, t in enumerate(tokens) if t.start == node.relation.location), None)
    if at is None:
        return here.statement.start
    while at + 2 < len(tokens) and tokens[at + 1].text == ".":
        at += 2
    if at + 1 < len(tokens) and tokens[at + 1].text == "*":
        at += 1
    return tokens[at].end


def copy_facts(table: Table, *, without: str = "") -> dict[str, Any]:
    """The names for moving a table's rows to a new one: {copy}, {copy_rows} and {plain_name}."""
    copy = Name(table.name.schema, f"{table.name.name}_new")
    columns = [c.name for c in table.columns.values() if not c.generated and c.name != without]
    override = any(c.identity == "a" for c in table.columns.values())
    if not table.columns_known or not columns:
        rows = f"INSERT INTO {copy} SELECT * FROM {table.name};"  # noqa: S608
    else:
        names = quote_list(columns)
        system = " OVERRIDING SYSTEM VALUE" if override else ""
        rows = f"INSERT INTO {copy} ({names}){system} SELECT {names} FROM {table.name};"  # noqa: S608
    return {"copy": copy, "copy_rows": rows, "plain_name": quote(table.name.name)}


def can_fold(table: Table, columns: tuple[str, ...], *, known: bool = True) -> bool:
    """Whether a change may as well stand in CREATE TABLE: the source holds it, and nothing
    between the two statements changed rows or brought the columns.

    Rows that were only added do not matter: all of them stood the test when it was made.
    """
    if not known or table.rows_changed or not isinstance(table.node, ast.CreateStmt):
        return False
    found = [table.columns.get(name) for name in columns]
    return all(
        column is not None
        and column.statement is table.statement
        and (column.node is None or column.node.colname == column.name)
        for column in found
    )
