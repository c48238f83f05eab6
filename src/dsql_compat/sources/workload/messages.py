"""What a message of PostgreSQL's log says of statements: log_statement, durations, auto_explain."""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

_DURATION = re.compile(r"duration: (\d+(?:\.\d+)?) ms(?:  (\w+)(?: [^:\n]*)?:\s?(.*))?", re.S)
_STATEMENT = re.compile(r"(statement|execute)(?: [^:\n]*)?:\s?(.*)", re.S)
# After the query's text auto_explain writes its parameters, its number, and the plan.
_AFTER_TEXT = re.compile(
    r"\n(?:Query Parameters: |Query Identifier: |[^\n]*\((?:cost=|actual |never executed))"
)
_CHANGES = re.compile(r"\A(?:Insert|Update|Delete|Merge) on ")
_ACTUAL_ROWS = re.compile(r"\bactual [^)\n]*?rows=(\d+(?:\.\d+)?) loops=(\d+)")
_XML_TEXT = re.compile(r"<Query-Text>(.*?)</Query-Text>", re.S)
_XML_ENTITIES = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'", "&amp;": "&"}


class Said(NamedTuple):
    """One message: a statement, a duration, or both.  `is_plan` for those of auto_explain."""

    text: str | None
    ms: float | None
    is_plan: bool = False
    rows: int | None = None


def understand(message: str) -> Said | None:
    """What a message says of a statement; None for messages about anything else.

    The parse and bind of a prepared statement are no runs of it.
    """
    found = _DURATION.match(message)
    if found:
        ms, word, rest = float(found[1]), found[2], found[3]
        if word is None:
            return Said(None, ms)
        if word in ("statement", "execute"):
            return Said(rest, ms)
        return _plan(rest, ms) if word == "plan" else None
    found = _STATEMENT.match(message)
    return Said(found[2], None) if found else None


def _plan(text: str, ms: float) -> Said | None:
    text = text.strip()
    if text.startswith("{"):
        return _json_plan(text, ms)
    if text.startswith("<"):
        found = _XML_TEXT.search(text)
        return Said(_from_xml(found[1]), ms, is_plan=True) if found else None
    if not text.startswith("Query Text: "):
        return None
    body = text.removeprefix("Query Text: ")
    if body.startswith('"'):  # YAML
        line = body.partition("\n")[0].strip()
        try:
            return Said(str(json.loads(line)), ms, is_plan=True)
        except ValueError:
            return None
    end = _AFTER_TEXT.search(body)
    query, plan = (body[: end.start()], body[end.start() + 1 :]) if end else (body, "")
    return Said(query, ms, is_plan=True, rows=_changed_rows(plan))


def _json_plan(text: str, ms: float) -> Said | None:
    try:
        data: dict[str, Any] = json.loads(text)
    except ValueError:
        return None
    query = data.get("Query Text")
    if not isinstance(query, str):
        return None
    plan = data.get("Plan") or {}
    rows = None
    if plan.get("Node Type") == "ModifyTable":
        under = (plan.get("Plans") or [{}])[0]
        if "Actual Rows" in under:
            rows = round(under["Actual Rows"] * under.get("Actual Loops", 1))
    return Said(query, ms, is_plan=True, rows=rows)


def _changed_rows(plan: str) -> int | None:
    """How many rows came to the node that changes them, where auto_explain was to count."""
    plan = plan[plan.find("\n") + 1 :] if plan.startswith("Query ") else plan
    if not _CHANGES.match(plan):
        return None
    below = plan.partition("\n")[2]
    found = _ACTUAL_ROWS.search(below)
    return round(float(found[1]) * int(found[2])) if found else None


def _from_xml(text: str) -> str:
    for entity, character in _XML_ENTITIES.items():
        text = text.replace(entity, character)
    return text
