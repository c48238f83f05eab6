"""One JSON report as a fleet or a comparison needs it.

Nothing in it is taken on trust: what has not the type that the published schema gives it makes the
file no report.  Texts stay as they are; whoever writes them escapes them.
"""

from __future__ import annotations

import json
import math
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

from dsql_compat.report.model import ObjectCounts
from dsql_compat.rules import DISPOSITIONS, SEVERITIES

VERDICTS = ("ready", "automatic", "review", "manual")
STATUSES = ("supported", "partial", "different", "unsupported")
_SUPPORTED = 1
_LARGEST = 10**15
_HEAD = 4_000  # bytes of a page in which its head says what it is


class ReportError(ValueError):
    """A file that is no report of this program; the message says why, in one line."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A finding of a report, as far as it is listed; `table` is the one it belongs to, if any."""

    id: str
    rule: str
    severity: str
    disposition: str
    is_cause: bool
    object: str
    table: str
    source: str
    line: int
    message: str


@dataclass(frozen=True, slots=True)
class Gap:
    """A row of the gap list: how often its feature was found."""

    key: str
    feature: str
    status: str
    found: int


@dataclass(frozen=True, slots=True)
class Change:
    """A day on which Aurora DSQL changed its mind about something of this source."""

    date: str
    rule: str
    title: str
    status: str
    found: int


@dataclass(frozen=True, slots=True)
class ReadReport:
    """One report; `name` tells it apart from the others.

    `objects` counts all of them, `counts` by what they need.  `catalogue` is the day for which the
    rules were verified, and empty in reports that do not say.  `definitions` are the objects of
    the schema with the statement that made each.
    """

    name: str
    sources: tuple[str, ...]
    target: str
    alias: str
    catalogue: str
    tool: str
    verdict: str
    low_hours: float
    high_hours: float
    formula: str
    objects: int
    tables: int
    counts: ObjectCounts
    statements: int
    not_analysed: int
    entries: tuple[Entry, ...]
    gaps: tuple[Gap, ...]
    changes: tuple[Change, ...]
    definitions: dict[str, str]

    def count(self, severity: str) -> int:
        """The findings of a severity."""
        return sum(1 for entry in self.entries if entry.severity == severity)


def report_files(arguments: Iterable[str], output: Path | None = None) -> list[Path]:
    """The files named, and all .json files of the folders named, without the one that is going to
    be written.  Raises ReportError.
    """
    found: list[Path] = []
    own = output.resolve() if output else None
    for argument in arguments:
        path = Path(argument)
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*.json") if p.is_file() and p.resolve() != own)
            if not inside:
                raise ReportError(f"{argument}: the folder holds no .json file")
            found += inside
        else:
            found.append(path)
    return list(dict.fromkeys(found))


def names_of(paths: list[Path]) -> Iterator[str]:
    """A short name for each file: its own, or as much of the path as tells them apart."""
    stems = Counter(path.stem for path in paths)
    longer = Counter(path.with_suffix("").as_posix() for path in paths)
    for path in paths:
        longer_name = path.with_suffix("").as_posix()
        if stems[path.stem] == 1:
            yield path.stem
        else:
            yield longer_name if longer[longer_name] == 1 else path.as_posix()


def page_beside(path: Path, target: str, output: Path) -> str:
    """The address of a report's own HTML page, seen from the folder of `output`; empty where
    beside the JSON file lies none of the same name, or one that speaks of another date.
    """
    page = path.with_suffix(".html")
    try:
        if page.resolve() == output.resolve():
            return ""
        with page.open("rb") as stream:
            start = stream.read(_HEAD).decode("utf-8", "replace")
        way = os.path.relpath(page.resolve(), output.resolve().parent)
    except (OSError, ValueError):  # there is none, or it is on another drive
        return ""
    is_one = 'name="generator" content="dsql-compat' in start
    if not is_one or f"Aurora DSQL readiness as of {target}" not in start:
        return ""
    return "./" + quote(os.fsencode(Path(way).as_posix()))


def read_report(path: Path, name: str) -> ReadReport:
    """Read one report.  Raises ReportError."""
    try:
        values = json.loads(path.read_bytes())
    except OSError as error:
        raise ReportError(f"{path}: {error.strerror or error}") from None
    except (ValueError, RecursionError) as error:
        raise ReportError(f"{path}: no JSON: {str(error).splitlines()[0]}") from None
    if not isinstance(values, dict) or "schema_version" not in values:
        what = _kind(values)
        raise ReportError(f"{path}: {what}; write one with dsql-compat analyze --format json")
    version = values["schema_version"]
    if version != _SUPPORTED or isinstance(version, bool):
        shown = str(version)[:20]
        raise ReportError(f"{path}: schema_version {shown}, and this program reads {_SUPPORTED}")
    try:
        return _read(values, name)
    except KeyError as error:
        raise ReportError(f"{path}: an incomplete report: {error} is missing") from None
    except (TypeError, AttributeError, ValueError, OverflowError) as error:
        said = " ".join(str(error).split())[:120]
        raise ReportError(f"{path}: not a report as it should be: {said}") from None


def _kind(values: object) -> str:
    """What a file is that is no report."""
    if isinstance(values, dict) and "fleet_version" in values:
        return "what merge wrote, not a report"
    if isinstance(values, dict) and "diff_version" in values:
        return "what diff wrote, not a report"
    return "not a report"


def _read(values: dict[str, Any], name: str) -> ReadReport:
    readiness = values["readiness"]
    effort, kinds = readiness["effort"], readiness["objects"]
    catalogue = values.get("catalogue") or {}
    return ReadReport(
        name,
        tuple(_text(source["name"]) for source in values["sources"]),
        _day(values["target"]["date"]),
        _text(values["target"].get("alias") or ""),
        _day(catalogue["verified"]) if catalogue else "",
        _text(values.get("tool", {}).get("version", "")),
        _one_of(VERDICTS, readiness["verdict"]),
        _hours(effort["low_hours"]),
        _hours(effort["high_hours"]),
        _text(effort.get("formula", "")),
        sum(_number(counts["total"]) for counts in kinds.values()),
        _number(kinds.get("table", {}).get("total", 0)),
        _counts(kinds.values()),
        sum(_number(source["statements"]) for source in values["sources"]),
        len(values["not_analysed"]),
        tuple(_entry(finding) for finding in values["findings"]),
        tuple(_gap(row) for row in values["gap_list"]),
        tuple(_change(row) for row in values.get("timeline", ())),
        {_about(item): _text(item.get("ddl") or "") for item in values.get("objects", ())},
    )


def _counts(kinds: Iterable[dict[str, Any]]) -> ObjectCounts:
    rows = list(kinds)
    fields = ("total", "as_is", "automatic", "review", "manual")
    return ObjectCounts(*(sum(_number(row.get(field, 0)) for row in rows) for field in fields))


def _gap(row: dict[str, Any]) -> Gap:
    status = _one_of(STATUSES, row["status"])
    return Gap(_text(row["key"]), _text(row["feature"]), status, _number(row["found"]))


def _change(row: dict[str, Any]) -> Change:
    status = _one_of(STATUSES, row["status"])
    about = _text(row["rule"]), _text(row["title"])
    return Change(_day(row["date"]), *about, status, _number(row["found"]))


def _entry(finding: dict[str, Any]) -> Entry:
    at = finding["location"]
    return Entry(
        _text(finding["id"]),
        _text(finding["rule"]),
        _one_of(SEVERITIES, finding["severity"]),
        _one_of(DISPOSITIONS, finding["disposition"]),
        finding["cause"] is None,
        _about(finding["object"]),
        _table(finding["object"]),
        _text(at["source"]),
        _number(at["line"]),
        _text(finding["message"]),
    )


def _about(about: dict[str, Any]) -> str:
    """An object in words: its kind, and its name with schema and table."""
    parts = (about["schema"], about["table"], about["name"])
    return f"{_text(about['kind'])} {'.'.join(_text(part) for part in parts if part)}"


def _table(about: dict[str, Any]) -> str:
    """The table of a column, an index and the like, as `_about` says it."""
    parts = (about["schema"], about["table"])
    return f"table {'.'.join(_text(part) for part in parts if part)}" if about["table"] else ""


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{str(value)[:40]} where a text belongs")
    return value


def _one_of(known: tuple[str, ...], value: object) -> str:
    if value not in known:
        raise ValueError(f"{str(value)[:40]!r} is none of {', '.join(known)}")
    return str(value)


def _number(value: object) -> int:
    if type(value) is not int or not 0 <= value <= _LARGEST:
        raise ValueError(f"{str(value)[:40]} where a number belongs")
    return value


def _hours(value: object) -> float:
    if type(value) not in (int, float) or not 0 <= (hours := float(str(value))) <= _LARGEST:
        raise ValueError(f"{str(value)[:40]} where hours belong")
    if not math.isfinite(hours):
        raise ValueError(f"{hours} where hours belong")
    return hours


def _day(value: object) -> str:
    return date.fromisoformat(_text(value)).isoformat()
