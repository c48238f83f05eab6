"""A statement as a report may show it: no row data, no secrets, no more than a screen or two."""

from __future__ import annotations

import re

from pglast import ast

from dsql_compat.sql.statements import Statement

LONGEST = 4_000
_SECRETS = re.compile(
    r"""(\bPASSWORD\s+|\bpassword\s*=\s*|\bpassword\s+(?=['"]))(E?'(?:[^']|'')*'|"[^"]*"|[^\s'";,)]+)""",
    re.I,
)
_URI_SECRET = re.compile(r"(\w+://[^\s:/@']+:)[^\s@']+(?=@)")
_VALUES = re.compile(r"\bVALUES\b", re.I)


def excerpt(statement: Statement) -> str:
    """The statement's text, with passwords masked and an INSERT's values left out."""
    text = statement.excerpt
    if isinstance(statement.tree, ast.InsertStmt):
        values = _VALUES.search(text)
        if values:
            text = text[: values.end()] + " (…)"
    text = mask_secrets(text)
    if len(text) > LONGEST:
        text = text[:LONGEST].rstrip() + " …"
    return text


def mask_secrets(text: str) -> str:
    """The text with passwords replaced, in clauses, options and connection strings."""
    if "password" in text.lower():
        text = _SECRETS.sub(r"\1'***'", text)
    return _URI_SECRET.sub(r"\1***", text) if "://" in text else text
