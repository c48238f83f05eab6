"""The body of a function as text: put into its statement, and translated to new columns."""

from __future__ import annotations

from pglast import ast

from dsql_compat.findings import Unanalysed
from dsql_compat.rewriting.partition_queries import without_partitions
from dsql_compat.rewriting.scopes import Scope
from dsql_compat.rewriting.translation import Queries, translate
from dsql_compat.rewriting.translation_values import Untranslatable
from dsql_compat.rewriting.work import Work
from dsql_compat.sql import spans
from dsql_compat.sql.bodies import read_body
from dsql_compat.sql.names import name_of
from dsql_compat.sql.plpgsql import body_text
from dsql_compat.sql.statements import Statement, parse_statement


def with_body(statement: Statement, body: str, *, language: str | None = None) -> str | None:
    """CREATE FUNCTION with another body, and in another language; None where it is not found."""
    tokens = statement.tokens
    edits: list[tuple[int, int, str]] = []
    for at, token in enumerate(tokens):
        before = tokens[at - 1].text.upper() if at else ""
        if token.name == "SCONST" and before == "AS":
            text = f"\n{body.strip()}\n" if "\n" in body.strip() else f" {body.strip()} "
            edits.append((token.start, token.end, _quoted(text)))
        elif language and before == "LANGUAGE" and token.text.strip("'\"").lower() == "plpgsql":
            edits.append((token.start, token.end, language))
    if len(edits) != 1 + (language is not None):
        return None
    return spans.edited(statement, edits).rstrip("; \n")


def own_text(statement: Statement) -> str:
    """A statement without its semicolon, and without a comment that would swallow another one."""
    text = spans.whole(statement).text
    words = [token for token in statement.tokens[-2:] if token.text != ";"]
    tail = statement.text[words[-1].end :] if words else ""
    return statement.text[statement.start : words[-1].end] if "--" in tail else text


def _quoted(text: str) -> str:
    tag = ""
    while f"${tag}$" in text or text.endswith("$"):
        tag += "body" if not tag else "_"
        if tag != "" and f"${tag}$" not in text:
            break
    return f"${tag}${text}${tag}$"


def with_columns(work: Work, statement: Statement) -> tuple[str, tuple[str, ...]]:
    """CREATE FUNCTION with its body on the result's columns.  Raises Untranslatable."""
    own = own_text(statement)
    tree = statement.tree
    assert isinstance(tree, ast.CreateFunctionStmt)
    text = body_text(tree)
    notes: list[str] = []
    if text is not None:
        edits: list[tuple[int, int, str]] = []
        parts = [part for part in read_body(statement) if not isinstance(part, Unanalysed)]
        for number, part in enumerate(parts):
            start, end = part.start, len(part.text.rstrip())
            sql = part.text[start:end]
            is_last = number == len(parts) - 1 and not _returns_rows_of_a_table(work, tree)
            found = translate(work, without_partitions(work, sql), casts_results=is_last)
            if found.problem:
                raise Untranslatable(found.problem)
            notes += found.notes
            if found.sql != sql:
                edits.append((start, end, found.sql))
        if edits:
            for start, end, new in sorted(edits, reverse=True):
                text = text[:start] + new + text[end:]
            edited = with_body(statement, text)
            if edited is None:
                raise Untranslatable("its body cannot be edited")
            own = edited
    elif tree.sql_body is not None:
        own = _atomic(work, statement, tree, notes)
    return _signature(work, own), tuple(dict.fromkeys(notes))


def _atomic(
    work: Work, statement: Statement, tree: ast.CreateFunctionStmt, notes: list[str]
) -> str:
    """BEGIN ATOMIC or RETURN, whose statements are part of the tree."""
    query = Queries(work, statement)
    bodies = tree.sql_body
    if isinstance(bodies, ast.ReturnStmt):
        query.visit(bodies.returnval, Scope())
    else:
        parts = [part for group in bodies for part in (group or ())]
        for number, part in enumerate(parts):
            is_last = number == len(parts) - 1 and not _returns_rows_of_a_table(work, tree)
            query.statement(part, casts_results=is_last)
    notes += query.notes
    text = query.text()
    return text[statement.start :].rstrip().removesuffix(";").rstrip()


def _returns_rows_of_a_table(work: Work, tree: ast.CreateFunctionStmt) -> bool:
    node = tree.returnType
    return node is not None and work.catalog.relation(name_of(node.names)) is not None


def _signature(work: Work, sql: str) -> str:
    """Enums whose columns are text, in arguments and what is returned."""
    if work.choices.enums != "check":
        return sql
    statement = parse_statement(Statement(sql))
    tree = statement.tree
    assert isinstance(tree, ast.CreateFunctionStmt)
    query = Queries(work, statement)
    types = [parameter.argType for parameter in tree.parameters or ()]
    for node in [*types, *([tree.returnType] if tree.returnType is not None else [])]:
        if node.location is not None and node.location >= 0:
            query.visit(node, Scope())
    query.edits = list(dict.fromkeys(query.edits))
    return query.text()
