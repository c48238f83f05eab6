"""Golden reports of the sample schemas; `--update-golden` rewrites them, for review."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dsql_compat.pipeline import analyze_sources
from dsql_compat.report.json import render as render_json
from dsql_compat.report.text import render as render_text

ROOT = Path(__file__).parents[1]
SAMPLES = ("shop", "saas", "analytics", "bookings", "migrations")


def source(name: str) -> str:
    path = Path("sample_schemas") / name / "schema.sql"
    return path.as_posix() if (ROOT / path).exists() else path.parent.as_posix()


@pytest.mark.parametrize("target", ["latest", "2026-03"])
@pytest.mark.parametrize("name", SAMPLES)
def test_the_report_of_a_sample(
    name: str, target: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.chdir(ROOT)
    report = analyze_sources([source(name)], target)
    folder = ROOT / "sample_schemas" / name / "expected"
    data: dict[str, Any] = json.loads(render_json(report))
    data["tool"]["version"] = "0"
    written = {
        f"report-{target}.json": json.dumps(data, indent=1, ensure_ascii=False) + "\n",
        f"report-{target}.txt": render_text(report, everything=True),
    }
    for file, text in written.items():
        path = folder / file
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, "utf-8")
        assert path.read_text("utf-8") == text, f"{file}: pytest --update-golden, then review"
