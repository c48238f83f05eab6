"""Reports as `analyze` writes them, and reports that somebody with bad intentions edited."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from dsql_compat.fleet.merging import Fleet, merge
from dsql_compat.fleet.reading import names_of, read_report
from dsql_compat.pipeline import analyze_sources, analyze_text
from dsql_compat.report.json import render

ROOT = Path(__file__).parents[2]
HOSTILE = ROOT / "tests" / "report" / "hostile.sql"
SAMPLES = ("saas", "shop", "bookings")
EVIL = (
    "<script>window.ran=1</script><img src=x onerror='window.ran=1'>\"'`</style></script>"
    "javascript:alert(1) \u202etxet\u2066 \x1b[31m\x1b]8;;https://evil.example\x07x\x9b1m\r\n"
    "| a ``` b | @everyone #1 [x](javascript:alert(1)) {{ 7 * 7 }} ${1}"
)


def of_sql(sql: str, target: str = "latest") -> dict[str, Any]:
    """A report as JSON holds it."""
    values: dict[str, Any] = json.loads(render(analyze_text(sql, target=target)))
    return values


def of_sample(name: str, target: str = "latest") -> dict[str, Any]:
    """The report of a sample schema, or of the hostile one."""
    source = HOSTILE if name == "hostile" else ROOT / "sample_schemas" / name / "schema.sql"
    values: dict[str, Any] = json.loads(render(analyze_sources([str(source)], target)))
    return values


def evil(report: dict[str, Any]) -> dict[str, Any]:
    """The report with every text that may be any text replaced by one that wants to break out."""
    made = copy.deepcopy(report)
    made["tool"]["version"] = made["target"]["alias"] = EVIL
    made["readiness"]["effort"]["formula"] = EVIL
    made["readiness"]["objects"][EVIL] = {"total": 1, "manual": 1}
    for source in made["sources"]:
        source["name"] = EVIL
    for number, finding in enumerate(made["findings"]):
        finding["id"] = f"{EVIL}{number}"
        finding["message"] = finding["location"]["source"] = EVIL
        finding["object"]["name"] = finding["object"]["kind"] = EVIL
        if number % 2:
            finding["rule"] = EVIL
    for row in made["gap_list"]:
        row["feature"] = EVIL
    for row in made["timeline"]:
        row["title"] = EVIL
    return made


def write(folder: Path, reports: dict[str, dict[str, Any]]) -> list[Path]:
    """Reports as files, by name."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, values in reports.items():
        path = folder / f"{name}.json"
        path.write_text(json.dumps(values), "utf-8")
        paths.append(path)
    return paths


def fleet_of(paths: list[Path], pages: dict[str, str] | None = None) -> Fleet:
    """The fleet of some files."""
    known = pages or {}
    names = names_of(paths)
    return merge(
        (read_report(path, name), known.get(name, ""))
        for path, name in zip(paths, names, strict=True)
    )
