"""The queues of a schema: each SELECT … SKIP LOCKED as a queue that is claimed by UPDATE."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from pglast import ast

from dsql_compat.findings import Finding
from dsql_compat.guide.application.python import literal, module
from dsql_compat.guide.application.relations import key_of, pair
from dsql_compat.guide.application.trigger_code import home_of
from dsql_compat.report.markdown import code
from dsql_compat.rewriting.model import Rewrite, Table
from dsql_compat.rewriting.printing import expression
from dsql_compat.sql.names import relation_name
from dsql_compat.sql.walk import walk


@dataclass(slots=True)
class Made:
    """Files for the queues that could be made, and remarks about all of them."""

    files: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def queue_module(rewrite: Rewrite, found: list[Finding]) -> Made:
    """queues.py and queues.sql for the statements of some findings."""
    made = Made()
    entries: dict[str, tuple[str, Table]] = {}
    for finding in found:
        for table, waiting, order, names in _queues(rewrite, finding):
            name = f"{table.name.name}_{len(entries) + 1}".upper()
            key = key_of(table)[0]
            text = (
                f"Queue({literal(pair(table.name))}, {literal(key)}, {literal(waiting)}, "
                f"{literal(order)})"
            )
            if text not in (entry for entry, _ in entries.values()):
                entries[name] = (text, table)
                values = ", ".join(f'"{n}": …' for n in names)
                made.notes.append(
                    f"- {code(name)} of `queues.py` is the queue in {code(str(finding.object))}: "
                    f'`{name}.claim(connection, "worker 7", {{{values}}})`'
                )
    if entries:
        lines = [f"{_identifier(name)} = {text}" for name, (text, _) in entries.items()]
        head = ["from __future__ import annotations", "", "from .claims import Queue", ""]
        made.files["queues.py"] = module("The queues of this database.", [*head, *lines])
        tables = dict.fromkeys(str(table.name) for _, table in entries.values())
        made.files["queues.sql"] = "".join(
            f"ALTER TABLE {name} ADD COLUMN claimed_by text;\n"
            f"ALTER TABLE {name} ADD COLUMN claimed_until timestamp with time zone;\n"
            for name in tables
        )
    return made


def _identifier(name: str) -> str:
    plain = "".join(c if c.isalnum() and c.isascii() else "_" for c in name)
    return f"_{plain}" if plain[:1].isdigit() else plain


def _queues(
    rewrite: Rewrite, finding: Finding
) -> Iterator[tuple[Table, str, str, tuple[str, ...]]]:
    """Table, condition, order and parameters of the SELECT that a finding is about."""
    tree = finding.span.statement.tree
    for node in walk(tree) if tree is not None else ():
        if not isinstance(node, ast.SelectStmt) or not node.lockingClause:
            continue
        sources = list(node.fromClause or ())
        source = sources[0] if len(sources) == 1 else None
        if not isinstance(source, ast.RangeVar):
            continue
        home = home_of(rewrite.catalog, relation_name(source))
        table = next((t for t in rewrite.tables if t.name == home), None)
        if table is None or len(key_of(table)) != 1 or node.whereClause is None:
            continue
        alias = source.alias.aliasname if source.alias else source.relname
        waiting, names = _condition(node.whereClause, table, alias)
        orders = [expression(s) for s in node.sortClause or ()]
        order = ", ".join(orders) or key_of(table)[0]
        if alias != "t":
            order = order.replace(f"{alias}.", "t.")
        yield table, waiting, order, names


def _condition(node: ast.Node, table: Table, alias: str) -> tuple[str, tuple[str, ...]]:
    """A condition with %(name)s for whatever is no column of the table."""
    columns = {column.name for column in table.columns}
    text = expression(node).replace("%", "%%").replace(f"{alias}.", "t.")
    names: dict[str, None] = {}
    for inner in walk(node):
        if isinstance(inner, ast.ColumnRef):
            parts = [getattr(f, "sval", "*") for f in inner.fields]
            if len(parts) == 1 and parts[0] not in columns:
                names[parts[0]] = None
                text = _replace_word(text, parts[0], f"%({parts[0]})s")
        elif isinstance(inner, ast.ParamRef):
            names[f"p{inner.number}"] = None
            text = text.replace(f"${inner.number}", f"%(p{inner.number})s")
    return text, tuple(names)


def _replace_word(text: str, word: str, new: str) -> str:
    return re.sub(rf"(?<![\w.(%]){re.escape(word)}(?![\w(.)])", new, text)
