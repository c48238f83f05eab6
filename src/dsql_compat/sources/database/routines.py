"""Functions, procedures and aggregates in pg_dump's words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dsql_compat.sources.database.session import Row
from dsql_compat.sources.database.words import dollar_quoted, ident, qualified
from dsql_compat.sql.names import literal

_VOLATILITY = {"i": " IMMUTABLE", "s": " STABLE", "v": ""}
_PARALLEL = {"s": " PARALLEL SAFE", "r": " PARALLEL RESTRICTED", "u": ""}
_MODIFY = {"r": "READ_ONLY", "s": "SHAREABLE", "w": "READ_WRITE"}
_LISTS = {
    "local_preload_libraries",
    "search_path",
    "session_preload_libraries",
    "shared_preload_libraries",
    "temp_tablespaces",
    "unix_socket_directories",
}
_PART = re.compile(r'\s*(?:"((?:[^"]|"")*)"|([^,]*))\s*(?:,|$)')


def keyword(row: Row) -> str:
    """FUNCTION, PROCEDURE or AGGREGATE."""
    return {"p": "PROCEDURE", "a": "AGGREGATE"}.get(row["kind"], "FUNCTION")


def signature(row: Row) -> str:
    """The routine as ALTER, COMMENT and GRANT name it."""
    arguments = row["identity"]
    if row["kind"] == "a":
        arguments = arguments or "*"
    return f"{qualified(row['schema'], row['name'])}({arguments})"


def create_routine(row: Row) -> Iterator[str]:
    """CREATE FUNCTION or CREATE PROCEDURE."""
    text = f"CREATE {keyword(row)} {qualified(row['schema'], row['name'])}({row['arguments']})"
    if row["kind"] != "p" and row["result"] is not None:
        text += f" RETURNS {row['result']}"
    text += f"\n    LANGUAGE {ident(row['language'])}"
    if row["transforms"]:
        text += " TRANSFORM " + ", ".join(f"FOR TYPE {name}" for name in row["transforms"])
    text += " WINDOW" if row["kind"] == "w" else ""
    text += _VOLATILITY[row["volatility"]]
    text += " STRICT" if row["is_strict"] else ""
    text += " SECURITY DEFINER" if row["is_definer"] else ""
    text += " LEAKPROOF" if row["is_leakproof"] else ""
    usual = "1" if row["language"] in ("internal", "c") else "100"
    if row["cost"] not in ("0", usual):
        text += f" COST {row['cost']}"
    if row["is_set"] and row["rows"] not in ("0", "1000"):
        text += f" ROWS {row['rows']}"
    text += f" SUPPORT {row['support']}" if row["support"] != "-" else ""
    text += _PARALLEL[row["parallel"]]
    text += "".join(_setting(setting) for setting in row["settings"] or ())
    yield f"{text}\n    {_body(row)}"


def _setting(text: str) -> str:
    name, _, value = text.partition("=")
    if name in _LISTS:
        parts = [m[1] if m[1] is not None else m[2] for m in _PART.finditer(value) if m[0]]
        shown = ", ".join(literal((part or "").strip().replace('""', '"')) for part in parts)
    else:
        shown = literal(value)
    return f"\n    SET {ident(name)} TO {shown}"


def _body(row: Row) -> str:
    if row["body"] is not None:
        return str(row["body"])
    if row["library"]:
        text = f"AS {literal(_text(row['library']))}"
        if row["source"] != "-":
            plain = "'" not in row["source"] and "\\" not in row["source"]
            text += ", " + (literal(row["source"]) if plain else dollar_quoted(row["source"]))
        return text
    return f"AS {dollar_quoted(row['source'])}"


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def create_aggregate(routine: Row, row: Row) -> Iterator[str]:
    """CREATE AGGREGATE."""
    name = qualified(routine["schema"], routine["name"])
    lines = [f"SFUNC = {row['sfunc']}", f"STYPE = {row['stype']}"]
    if row["sspace"] != "0":
        lines.append(f"SSPACE = {row['sspace']}")
    if row["initcond"] is not None:
        lines.append(f"INITCOND = {literal(row['initcond'])}")
    lines += _final(row, "finalfunc")
    for key in ("combinefunc", "serialfunc", "deserialfunc"):
        if row[key] != "-":
            lines.append(f"{key.upper()} = {row[key]}")
    if row["msfunc"] != "-":
        lines.append(f"MSFUNC = {row['msfunc']}")
        lines.append(f"MINVFUNC = {row['minvfunc']}")
        lines.append(f"MSTYPE = {row['mstype']}")
        if row["msspace"] != "0":
            lines.append(f"MSSPACE = {row['msspace']}")
        if row["minitcond"] is not None:
            lines.append(f"MINITCOND = {literal(row['minitcond'])}")
        lines += _final(row, "mfinalfunc")
    if row["sortop"]:
        lines.append(f"SORTOP = OPERATOR({row['sortop']})")
    if row["kind"] == "h":
        lines.append("HYPOTHETICAL")
    if routine["parallel"] != "u":
        lines.append(f"PARALLEL = {'safe' if routine['parallel'] == 's' else 'restricted'}")
    body = ",\n    ".join(lines)
    yield f"CREATE AGGREGATE {name}({routine['arguments'] or '*'}) (\n    {body}\n)"


def _final(row: Row, key: str) -> Iterator[str]:
    if row[key] == "-":
        return
    yield f"{key.upper()} = {row[key]}"
    if row[f"{key}_extra"]:
        yield f"{key.upper()}_EXTRA"
    usual = "r" if row["kind"] == "n" else "w"
    if row[f"{key}_modify"] != usual:
        yield f"{key.upper()}_MODIFY = {_MODIFY[row[f'{key}_modify']]}"
