"""pg_stat_statements as somebody exported it: CSV with a header, or JSON."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from dsql_compat.sources.workload.model import Sent

NEEDED = frozenset({"query", "calls"})
HIDDEN_TEXT = "<insufficient privilege>"


def sent_of(row: Mapping[str, Any], line: int) -> Sent | None:
    """A row of the view, of any of its versions; None where it holds no statement.

    The text of other roles' statements is hidden from roles that may not read all statistics.
    """
    text = row.get("query")
    if not isinstance(text, str) or not text.strip() or text == HIDDEN_TEXT:
        return None
    # Up to 1.7 there was one time, since then that of planning is apart.
    times = [_number(row.get(name)) for name in ("total_time", "total_exec_time")]
    longest = [_number(row.get(name)) for name in ("max_time", "max_exec_time")]
    rows = _number(row.get("rows"))
    return Sent(
        text,
        line,
        max(1, round(_number(row.get("calls")) or 1)),
        None if rows is None else round(rows),
        next((time for time in times if time is not None), None),
        next((time for time in longest if time is not None), None),
    )


def csv_rows(lines: Iterable[str]) -> Iterator[Sent]:
    """The statements of a CSV export."""
    csv.field_size_limit(sys.maxsize)
    reader = csv.DictReader(lines)
    reader.fieldnames = [name.strip().lower() for name in reader.fieldnames or ()]
    line = reader.line_num + 1
    for row in reader:
        sent = sent_of(row, line)
        line = reader.line_num + 1
        if sent is not None:
            yield sent


def json_rows(lines: Iterable[str]) -> Iterator[Sent]:
    """The statements of a JSON export: an array of objects, or an object a line.

    Raises ValueError for text that is neither.
    """
    text = "".join(lines).strip()
    if text.startswith("["):
        for number, row in enumerate(json.loads(text), 1):
            if isinstance(row, dict) and (sent := sent_of(row, number)):
                yield sent
        return
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            row = json.loads(line)
            if isinstance(row, dict) and (sent := sent_of(row, number)):
                yield sent


def _number(value: object) -> float | None:
    if isinstance(value, int | float):
        return float(value)
    try:
        return float(str(value)) if value not in (None, "") else None
    except ValueError:
        return None
