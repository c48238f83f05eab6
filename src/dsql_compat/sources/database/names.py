"""Which arguments mean a database, and how such an argument is shown: without its password.

Apart from `connect`, so that reading a file loads no driver.
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

MASK = "***"
_URI = re.compile(r"postgres(?:ql)?://", re.I)
_KEYWORD = re.compile(
    r"\s*(?:service|host|hostaddr|port|dbname|user|password|passfile|sslmode|connect_timeout"
    r"|application_name|options|client_encoding|target_session_attrs)\s*="
)
_LOGIN = re.compile(r"(postgres(?:ql)?://[^:/@?#\s]*):(.*)@(?=[^@]*$)", re.I | re.S)
_IN_QUERY = re.compile(r"([?&](?:ssl)?password=)([^&#\s]*)", re.I)
_IN_WORDS = re.compile(r"(\b(?:ssl)?password\s*=\s*)('(?:[^'\\]|\\.)*'?|(?:[^\s'\\]|\\.)+)", re.I)


def is_database(argument: str) -> bool:
    """Whether an argument is a URI or a connection string, and no file of that name."""
    if _URI.match(argument):
        return True
    return bool(_KEYWORD.match(argument)) and not Path(argument).exists()


def masked(conninfo: str) -> str:
    """A URI or connection string as it may be shown."""
    if not _URI.match(conninfo):
        return _IN_WORDS.sub(rf"\1{MASK}", conninfo)
    address, mark, options = conninfo.partition("?")
    return _IN_QUERY.sub(rf"\1{MASK}", _LOGIN.sub(rf"\1:{MASK}@", address) + mark + options)


def secrets_in(conninfo: str) -> list[str]:
    """The passwords that a URI or connection string holds, as written and as meant."""
    found = [m[2] for m in _LOGIN.finditer(conninfo.partition("?")[0])]
    found += [m[2] for pattern in (_IN_QUERY, _IN_WORDS) for m in pattern.finditer(conninfo)]
    meant = [unquote(text) for text in found]
    plain = [re.sub(r"\\(.)", r"\1", text.strip("'")) for text in found]
    return sorted({text for text in (*found, *meant, *plain) if text}, key=len, reverse=True)


def without_secrets(text: str, conninfo: str) -> str:
    """A message about a connection, in which its passwords do not appear."""
    text = _IN_QUERY.sub(rf"\1{MASK}", _LOGIN.sub(rf"\1:{MASK}@", text))
    for secret in secrets_in(conninfo):
        if len(secret) > 2:  # shorter ones would blot out words that are none
            text = text.replace(secret, MASK)
    return text
