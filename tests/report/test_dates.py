"""Which other dates a page compares without being asked, and when it cannot."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from dsql_compat.cli import analyze

SAMPLE = Path(__file__).parents[2] / "sample_schemas" / "bookings" / "schema.sql"


def page(*arguments: str, stdin: bytes = b"") -> str:
    command = [sys.executable, "-m", "dsql_compat", "analyze", *arguments, "--format", "html"]
    done = subprocess.run(command, input=stdin, capture_output=True, check=True)
    return done.stdout.decode()


def test_a_small_file_is_judged_again_for_each_day_that_matters() -> None:
    text = page(str(SAMPLE))
    assert 'id="as-of-2026-03-31"' in text
    assert 'id="as-of-2026-08-26"' in text
    assert "On <time" in text


def test_named_dates_are_taken_instead() -> None:
    text = page(str(SAMPLE), "--compare-target", "2026-05")
    assert 'id="as-of-2026-05-31"' in text
    assert 'id="as-of-2026-03-31"' not in text


def test_what_can_be_read_once_only_is_not_read_again() -> None:
    text = page("-", stdin=SAMPLE.read_bytes())
    assert 'id="as-of-' not in text
    assert "What would another date change?" in text


def test_large_files_are_read_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    output = tmp_path / "report.html"
    for most, again in ((10, False), (1 << 20, True)):
        monkeypatch.setattr(analyze, "READ_AGAIN", most)
        analyze.analyze([str(SAMPLE)], output=output)
        assert ('id="as-of-2026-03-31"' in output.read_text("utf-8")) is again
