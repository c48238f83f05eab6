"""Where the clauses behind a table's columns stand: INHERITS, PARTITION BY, WITH and so on."""

from __future__ import annotations

from pglast import ast

from dsql_compat.checks.context import Here
from dsql_compat.findings import Span
from dsql_compat.sql import spans
from dsql_compat.sql.names import Name, relation_name
from dsql_compat.sql.statements import Statement

_STARTS = {
    ("INHERITS",): "inherits",
    ("PARTITION", "BY"): "partition by",
    ("PARTITION", "OF"): "partition of",
    ("FOR", "VALUES"): "bound",
    ("DEFAULT",): "bound",
    ("USING",): "using",
    ("WITH",): "with",
    ("WITHOUT",): "without",
    ("ON", "COMMIT"): "on commit",
    ("TABLESPACE",): "tablespace",
    ("OF",): "of",
    ("AS",): "as",
    ("SERVER",): "server",
}


def table_clauses(statement: Statement, relation: ast.RangeVar) -> dict[str, Span]:
    """The clauses of a CREATE TABLE by name; each lasts until the next one."""
    tokens = spans.outer_tokens(statement, relation.location)
    starts: list[tuple[int, str]] = []
    for at, token in enumerate(tokens):
        word = token.text.upper()
        if at and word in ("CREATE", "GRANT"):
            tokens = tokens[:at]  # the next element of a CREATE SCHEMA
            break
        following = tokens[at + 1].text.upper() if at + 1 < len(tokens) else ""
        previous = tokens[at - 1].text.upper() if at else ""
        name = _STARTS.get((word, following)) or _STARTS.get((word,))
        if name is None or (name == "with" and previous == "VALUES") or previous == "PARTITION":
            continue
        starts.append((token.start, name))
        if name == "as":
            break
    found: dict[str, Span] = {}
    last = _end(statement, tokens[-1].start if tokens else relation.location)
    for number, (start, name) in enumerate(starts):
        stop = starts[number + 1][0] if number + 1 < len(starts) else last
        text = statement.text[start:stop].rstrip()
        found[name] = Span(statement, start, start + len(text))
    return found


def _end(statement: Statement, last_word: int) -> int:
    """Where the statement ends that has its last word outside brackets here."""
    end = last_word
    depth = 0
    for token in statement.tokens:
        if token.start < last_word:
            continue
        depth += (token.text in ("(", "[")) - (token.text in (")", "]"))
        if (token.text == ";" and not depth) or depth < 0:
            break
        if token.start > last_word and not depth and token.text not in (")", "]"):
            break
        end = token.end
    return end


def without(
    statement: Statement, clauses: dict[str, Span], *names: str
) -> list[tuple[int, int, str]]:
    """The edits that take clauses out."""
    return [(clauses[n].start, clauses[n].end, "") for n in names if n in clauses]


def created_name(here: Here, relation: ast.RangeVar) -> Name:
    """The full name of a table that a statement makes, also as an element of CREATE SCHEMA."""
    name, tree = relation_name(relation), here.statement.tree
    if name.schema is None and isinstance(tree, ast.CreateSchemaStmt):
        schema = tree.schemaname or (tree.authrole.rolename if tree.authrole else None)
        return Name(schema, name.name)
    return here.catalog.qualified(name)
