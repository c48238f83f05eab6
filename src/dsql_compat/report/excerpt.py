"""A statement as a report may show it: no row data, no secrets, no more than a screen or two."""

from __future__ import annotations

import re

from pglast import ast

from dsql_compat.sql.statements import Statement

LONGEST = 4_000
_STRING = r"(?:E'(?:[^'\\]|\\.|'')*'|(?:U&)?'(?:[^']|'')*'|\$\w*\$[^$]*\$\w*\$)"
# A password is a string literal; a bare word behind PASSWORD is a column's type, unless the
# statement is about a role.  In connection strings it is bare, but calls and columns are no secret.
_SECRETS = re.compile(
    rf"""(\bpassword["']?\s*=?\s*)({_STRING})|(\bpassword=)([^\s'";,().]+)(?![(.\w])""", re.I
)
_ROLE = re.compile(r"\s*(?:CREATE|ALTER)\s+(?:ROLE|USER|GROUP)\b", re.I)
_ROLE_SECRET = re.compile(r"""(\bPASSWORD\s+)(?!NULL\b)("[^"]*"|[^\s'";,)]+)""", re.I)
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
        text = _SECRETS.sub(r"\1\3'***'", text)
        if _ROLE.match(text):
            text = _ROLE_SECRET.sub(r"\1'***'", text)
    return _URI_SECRET.sub(r"\1***", text) if "://" in text else text
