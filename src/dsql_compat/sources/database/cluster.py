"""Roles, their settings and memberships, and tablespaces, in the words of pg_dumpall.

Passwords are not among it: they are never asked for.
"""

from __future__ import annotations

from collections.abc import Iterator

from dsql_compat.sources.database.grants import Place, grants
from dsql_compat.sources.database.session import Row, Session, UnseenError
from dsql_compat.sources.database.words import ident
from dsql_compat.sql.names import literal

# Settings that are lists of names, of which each is quoted by itself.
_LISTS = {
    *("search_path", "temp_tablespaces", "unix_socket_directories"),
    *("local_preload_libraries", "session_preload_libraries", "shared_preload_libraries"),
}
_ATTRIBUTES = (
    *("superuser", "inherit", "createrole", "createdb", "login", "replication", "bypassrls"),
)


def read_globals(session: Session) -> tuple[list[str], list[str]]:
    """The statements, and a note for each part that could not be read."""
    parts: dict[str, list[Row]] = {}
    notes = []
    for name in ("roles", "role_settings", "memberships", "tablespaces"):
        try:
            parts[name] = session.answer(name)
        except UnseenError as error:
            parts[name] = []
            remedy = f"; to see it: {error.remedy}" if error.remedy else ""
            notes.append(f"{name.replace('_', ' ')} are left out: {error.reason}{remedy}")
    settings = parts["role_settings"]
    statements = [line for row in parts["roles"] for line in _role(row)]
    statements += [line for row in settings if row["database"] is None for line in _settings(row)]
    statements += [_membership(row) for row in parts["memberships"]]
    for row in parts["tablespaces"]:
        statements += _tablespace(row, session.server.major)
    statements += [line for row in settings if row["database"] for line in _settings(row)]
    return statements, notes


def _role(row: Row) -> Iterator[str]:
    name = ident(row["name"])
    words = [word.upper() if row[word] else f"NO{word.upper()}" for word in _ATTRIBUTES]
    if row["connections"] != -1:
        words.append(f"CONNECTION LIMIT {row['connections']}")
    if row["valid_until"] is not None:
        words.append(f"VALID UNTIL {literal(row['valid_until'])}")
    yield f"CREATE ROLE {name}"
    yield f"ALTER ROLE {name} WITH {' '.join(words)}"
    if row["comment"] is not None:
        yield f"COMMENT ON ROLE {name} IS {literal(row['comment'])}"


def _settings(row: Row) -> Iterator[str]:
    """ALTER ROLE … SET, ALTER DATABASE … SET, or both in one."""
    database = ident(row["database"]) if row["database"] else ""
    if row["role"] is None:
        whom = f"DATABASE {database}" if database else "ROLE ALL"
    else:
        within = f" IN DATABASE {database}" if database else ""
        whom = f"ROLE {ident(row['role'])}{within}"
    for setting in row["settings"]:
        name, _, value = setting.partition("=")
        if name.lower() in _LISTS:
            shown = ", ".join(literal(part) for part in _names(value)) or "''"
        else:
            shown = literal(value)
        yield f"ALTER {whom} SET {ident(name)} TO {shown}"


def _names(value: str) -> Iterator[str]:
    """The parts of a list as settings keep them: names, quoted where they must be."""
    part, is_quoted = "", False
    for char in value:
        if char == '"':
            is_quoted = not is_quoted
        elif char == "," and not is_quoted:
            yield part.strip()
            part = ""
            continue
        part += char if char != '"' else ""
    if part.strip() or value.strip().endswith('""'):
        yield part.strip()


def _membership(row: Row) -> str:
    options = ["ADMIN OPTION"] if row["admin"] else []
    if row["inherit"] is not None:
        options.append(f"INHERIT {str(row['inherit']).upper()}")
    if not row["set"]:
        options.append("SET FALSE")
    told = f" WITH {', '.join(options)}" if options else ""
    by = f" GRANTED BY {ident(row['grantor'])}" if row["grantor"] is not None else ""
    return f"GRANT {ident(row['role'])} TO {ident(row['member'])}{told}{by}"


def _tablespace(row: Row, major: int) -> Iterator[str]:
    name = ident(row["name"])
    yield (
        f"CREATE TABLESPACE {name} OWNER {ident(row['owner'])} LOCATION {literal(row['location'])}"
    )
    if row["options"]:
        yield f"ALTER TABLESPACE {name} SET ({', '.join(row['options'])})"
    yield from grants(Place("TABLESPACE", name), row["owner"], row["acl"], row["base"], major)
    if row["comment"] is not None:
        yield f"COMMENT ON TABLESPACE {name} IS {literal(row['comment'])}"
