"""One JSON report as a fleet or a comparison needs it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dsql_compat.rules import DISPOSITIONS, SEVERITIES

VERDICTS = ("ready", "automatic", "review", "manual")
_SUPPORTED = 1


class ReportError(ValueError):
    """A file that is no report of this program; the message says why, in one line."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A finding of a report, as far as it is listed."""

    id: str
    rule: str
    severity: str
    disposition: str
    is_cause: bool
    object: str
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
class ReadReport:
    """One report; `name` tells it apart from the others."""

    name: str
    sources: tuple[str, ...]
    target: str
    verdict: str
    low_hours: float
    high_hours: float
    objects: int
    statements: int
    not_analysed: int
    entries: tuple[Entry, ...]
    gaps: tuple[Gap, ...]

    def count(self, severity: str) -> int:
        """The findings of a severity."""
        return sum(1 for entry in self.entries if entry.severity == severity)


def report_files(arguments: Iterable[str]) -> list[Path]:
    """The files named, and all .json files of the folders named.  Raises ReportError."""
    found: list[Path] = []
    for argument in arguments:
        path = Path(argument)
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*.json") if p.is_file())
            if not inside:
                raise ReportError(f"{argument}: the folder holds no .json file")
            found += inside
        else:
            found.append(path)
    return list(dict.fromkeys(found))


def names_of(paths: list[Path]) -> Iterator[str]:
    """A short name for each file: its own, or as much of the path as tells them apart."""
    shortest: dict[str, int] = {}
    for path in paths:
        shortest[path.stem] = shortest.get(path.stem, 0) + 1
    for path in paths:
        yield path.stem if shortest[path.stem] == 1 else path.with_suffix("").as_posix()


def read_report(path: Path, name: str) -> ReadReport:
    """Read one report.  Raises ReportError."""
    try:
        values = json.loads(path.read_bytes())
    except OSError as error:
        raise ReportError(f"{path}: {error.strerror or error}") from None
    except (ValueError, RecursionError) as error:
        raise ReportError(f"{path}: no JSON: {str(error).splitlines()[0]}") from None
    version = values.get("schema_version") if isinstance(values, dict) else None
    if version is None:
        raise ReportError(f"{path}: not a report; write one with dsql-compat analyze --format json")
    if version != _SUPPORTED:
        raise ReportError(f"{path}: schema_version {version}, and this program reads {_SUPPORTED}")
    try:
        return _read(values, name)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ReportError(f"{path}: an incomplete report: {error!r} is missing or wrong") from None


def _read(values: dict[str, Any], name: str) -> ReadReport:
    readiness = values["readiness"]
    if readiness["verdict"] not in VERDICTS:
        raise ValueError(readiness["verdict"])
    return ReadReport(
        name,
        tuple(str(source["name"]) for source in values["sources"]),
        str(values["target"]["date"]),
        readiness["verdict"],
        float(readiness["effort"]["low_hours"]),
        float(readiness["effort"]["high_hours"]),
        sum(int(counts["total"]) for counts in readiness["objects"].values()),
        sum(int(source["statements"]) for source in values["sources"]),
        len(values["not_analysed"]),
        tuple(_entry(finding) for finding in values["findings"]),
        tuple(
            Gap(row["key"], row["feature"], row["status"], int(row["found"]))
            for row in values["gap_list"]
        ),
    )


def _entry(finding: dict[str, Any]) -> Entry:
    if finding["severity"] not in SEVERITIES or finding["disposition"] not in DISPOSITIONS:
        raise ValueError(finding["severity"])
    about, at = finding["object"], finding["location"]
    parts = (about["schema"], about["table"], about["name"])
    return Entry(
        str(finding["id"]),
        str(finding["rule"]),
        finding["severity"],
        finding["disposition"],
        finding["cause"] is None,
        f"{about['kind']} {'.'.join(part for part in parts if part)}",
        str(at["source"]),
        int(at["line"]),
        str(finding["message"]),
    )
