"""PostgreSQL's logs as entries, whatever their form: csvlog, jsonlog, or lines of text."""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from dsql_compat.sources.workload.messages import understand
from dsql_compat.sources.workload.model import Grouping, Query, Sent

CSV_FIELDS = 22  # PostgreSQL 13 has 23, and later versions more; some cut the last ones off
_SEVERITIES = "DEBUG[1-5]?|INFO|NOTICE|WARNING|ERROR|LOG|FATAL|PANIC"
# Two spaces stand behind the colon; continuation lines begin with a tab, so none of them matches.
ENTRY = re.compile(
    rf"(?P<prefix>[^\t].*?|)\b(?P<severity>{_SEVERITIES}|DETAIL|HINT|CONTEXT|STATEMENT|QUERY"
    r"|LOCATION|BACKTRACE):  (?P<message>.*)",
    re.S,
)
_PID = re.compile(r"\[(\d+)(?:-\d+)?\]|\b(?:pid|p)=(\d+)")
# Programs whose statements are no application's.
_TOOLS = {"dsql-compat", "pg_dump", "pg_dumpall", "pg_restore"}
_SESSIONS = 10_000  # whose last statement is remembered for a duration that comes later


class Entry(NamedTuple):
    """One entry: the line it begins on, whose it is, and its message."""

    line: int
    session: str
    application: str
    severity: str
    message: str


def csv_entries(lines: Iterable[str]) -> Iterator[Entry]:
    """The entries of a csvlog."""
    csv.field_size_limit(sys.maxsize)
    reader = csv.reader(lines)
    start = 1
    for row in reader:
        if len(row) >= CSV_FIELDS:
            application = row[22] if len(row) > 22 else ""
            yield Entry(start, row[5], application, row[11], row[13])
        start = reader.line_num + 1


def json_entries(lines: Iterable[str]) -> Iterator[Entry]:
    """The entries of a jsonlog: an object a line."""
    for number, line in enumerate(lines, 1):
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if isinstance(row, dict) and isinstance(row.get("message"), str):
            yield Entry(
                number,
                str(row.get("session_id", "")),
                str(row.get("application_name", "")),
                str(row.get("error_severity", "")),
                row["message"],
            )


def text_entries(lines: Iterable[str]) -> Iterator[Entry]:
    """The entries of a log that stderr or syslog received, with any log_line_prefix."""
    begun: tuple[int, re.Match[str]] | None = None
    rest: list[str] = []
    for number, line in enumerate(lines, 1):
        line = line.rstrip("\r\n")
        found = ENTRY.fullmatch(line) if ":  " in line else None
        if found is None:
            rest.append(line.removeprefix("\t"))
            continue
        if begun is not None:
            yield _text_entry(*begun, rest)
        begun, rest = (number, found), []
    if begun is not None:
        yield _text_entry(*begun, rest)


def _text_entry(line: int, found: re.Match[str], rest: list[str]) -> Entry:
    pid = _PID.search(found["prefix"])
    session = (pid[1] or pid[2]) if pid else ""
    application = next((tool for tool in _TOOLS if tool in found["prefix"]), "")
    return Entry(
        line, session, application, found["severity"], "\n".join([found["message"], *rest])
    )


def collect(entries: Iterable[Entry], grouping: Grouping) -> int:
    """Put the statements of a log into groups; how many entries there were.

    log_statement tells of a statement before it runs, and its duration may come later, in an entry
    of its own; auto_explain tells of the same run once more, which is counted only where nothing
    else told of it.
    """
    seen = 0
    running: dict[str, Query | None] = {}
    explained = Grouping(grouping.source)
    for entry in entries:
        seen += 1
        if entry.severity != "LOG" or entry.application in _TOOLS:
            continue
        said = understand(entry.message)
        if said is None:
            continue
        sent = Sent(said.text or "", entry.line, 1, said.rows, said.ms, said.ms, said.rows)
        if said.text is None:
            query = running.pop(entry.session, None)
            if query is not None and said.ms is not None:
                query.lasted(said.ms)
        elif said.is_plan:
            explained.add(sent)
        else:
            names = grouping.add(sent)
            if said.ms is None and len(running) < _SESSIONS:
                running[entry.session] = grouping.find(names[0]) if names else None
    for query in explained.ranked():
        grouping.explain(query)
    return seen
