"""Blanks what PostgreSQL's grammar does not know, length for length, so that positions hold.

Aurora DSQL has a few words of its own, and psql replaces variables before it sends a statement.
"""

from __future__ import annotations

import re
from typing import Literal

Extension = Literal["index-async", "alter-async", "iam"]

_ASYNC_INDEX = re.compile(r"(CREATE\s+(?:UNIQUE\s+)?INDEX\s+)(ASYNC)\b", re.I)
_ASYNC_ALTER = re.compile(
    r"""(ALTER\s+TABLE\s+)(ASYNC)\b(?=\s+(?:IF\s+EXISTS\s+|ONLY\s+)*(?:"[^"]*"|[\w.])+\s+"""
    r"(?:VALIDATE|ADD|ALTER|DROP|RENAME|SET|OWNER|ENABLE|DISABLE)\b)",  # else ASYNC is a table
    re.I,
)
_IAM = re.compile(r"AWS\s+IAM\s+(?:GRANT|REVOKE)\b", re.I)
_PLACEHOLDER = re.compile(r"\$\{[^{}]*\}|\{\{.*?\}\}", re.S)
_TEMPLATE_CODE = re.compile(r"\{%.*?%\}|\{#.*?#\}|<%.*?%>", re.S)
_VARIABLE = re.compile(r"""(?<![:\w]):(?=['"A-Za-z_])(?:'(\w+)'|"(\w+)"|(\w+))""")


def mask_dsql_words(text: str) -> tuple[str, Extension | None]:
    """The statement as PostgreSQL's parser can read it, and the extension it made use of.

    `AWS IAM GRANT` has no PostgreSQL form at all: its text comes back as it is.
    """
    head = text[:6].upper()
    if head == "CREATE":
        found = _ASYNC_INDEX.match(text)
        if found:  # DSQL takes an unquoted ASYNC there for its keyword, never for a name
            return _blank(text, found.start(2), found.end(2)), "index-async"
    elif head.startswith("ALTER"):
        found = _ASYNC_ALTER.match(text)
        if found:
            return _blank(text, found.start(2), found.end(2)), "alter-async"
    elif head.startswith("AWS") and _IAM.match(text):
        return text, "iam"
    return text, None


def placeholders(text: str) -> list[tuple[int, int]]:
    """Where a statement has what another program fills in: `${…}` and `{{ … }}`, then the code
    around it, `{% … %}`."""
    if "{" not in text and "<%" not in text:
        return []
    return [m.span() for p in (_PLACEHOLDER, _TEMPLATE_CODE) for m in p.finditer(text)]


def mask_variables(text: str) -> str:
    """Placeholders (`${name}`, `{{ name }}`) and psql variables (`:name`, `:'name'`, `:"name"`) as
    identifiers and strings of equal length; code of templates becomes blanks.
    """

    def stand_in(found: re.Match[str]) -> str:
        quoted, identifier, plain = found.groups()
        if quoted:
            return f" '{quoted}'"
        if identifier:
            return f' "{identifier}"'
        return f" {plain}"

    if "{" in text or "<%" in text:
        text = _TEMPLATE_CODE.sub(lambda found: re.sub(r"[^\r\n]", " ", found[0]), text)
        text = _PLACEHOLDER.sub(lambda found: re.sub(r"\W", "_", found[0]), text)
    return _VARIABLE.sub(stand_in, text)


def _blank(text: str, start: int, end: int) -> str:
    return text[:start] + " " * (end - start) + text[end:]
