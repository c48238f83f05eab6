"""The command as users run it: exit codes, streams, files."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from html import unescape
from pathlib import Path

import pytest

from dsql_compat.report.schema import Report, json_schema

SAMPLES = Path(__file__).parents[1] / "sample_schemas"
SHOP = str(SAMPLES / "shop" / "schema.sql")
READY = str(SAMPLES / "bookings" / "schema.sql")


def run(*arguments: str, stdin: bytes | None = None) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "dsql_compat", *arguments], input=stdin, capture_output=True
    )
    return subprocess.CompletedProcess(
        done.args, done.returncode, done.stdout.decode(), done.stderr.decode()
    )


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("analyze", READY), 0),
        (("analyze", SHOP), 0),
        (("analyze", SHOP, "--fail-on", "error"), 1),
        (("analyze", READY, "--fail-on", "warning"), 0),
        (("analyze",), 2),
        (("analyze", "missing.sql"), 2),
        (("analyze", SHOP, "--format", "pdf"), 2),
        (("analyze", SHOP, "--target", "soon"), 2),
        (("analyze", SHOP, "--target", "2019-01"), 2),
        (("analyze", SHOP, "--target", "2026-13"), 2),
        (("rules", "serial-colum"), 2),
        (("rules", "serial-column"), 0),
        (("targets",), 0),
        (("--version",), 0),
        (("--help",), 0),
        (("no-such-command",), 2),
    ],
)
def test_exit_codes(arguments: tuple[str, ...], code: int) -> None:
    done = run(*arguments)
    assert done.returncode == code
    assert "Traceback" not in done.stderr
    if code == 2:
        assert done.stdout == ""
        assert done.stderr


def test_reports_go_to_standard_output_and_nothing_else_does() -> None:
    done = run("analyze", SHOP, "--format", "json")
    assert done.stderr == ""
    Report.model_validate_json(done.stdout)


def test_json_meets_its_published_schema() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads(run("analyze", "--json-schema").stdout)
    assert schema == json_schema()
    report = json.loads(run("analyze", SHOP, "-f", "json").stdout)
    jsonschema.validate(report, schema, format_checker=jsonschema.FormatChecker())


def test_standard_input_is_read() -> None:
    done = run("analyze", "-", "--format", "json", stdin=b"TRUNCATE orders;")
    assert json.loads(done.stdout)["sources"][0]["kind"] == "stdin"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("output", ["r.json", "r.html"])
def test_a_pipe_with_a_name_is_read_once(tmp_path: Path, output: str, *, packed: bool) -> None:
    """`analyze <(pg_dump …)`: the shell gives a path that can be opened and read only once."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    content = Path(SHOP).read_bytes()
    command = [sys.executable, "-m", "dsql_compat", "analyze", pipe, "-o", tmp_path / output]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as reader:
        pipe.write_bytes(gzip.compress(content) if packed else content)
        assert (reader.communicate(timeout=60)[1], reader.returncode) == (b"", 0)
    told = run("analyze", SHOP, "--format", "json").stdout
    if output == "r.json":
        found = Report.model_validate_json((tmp_path / output).read_text("utf-8"))
        assert [f.id for f in found.findings] == [f["id"] for f in json.loads(told)["findings"]]


@pytest.mark.parametrize(
    ("name", "start"),
    [("r.json", "{"), ("r.html", "<!doctype html>"), ("r.md", "#"), ("r.txt", "")],
)
def test_the_form_follows_the_name_of_the_output(tmp_path: Path, name: str, start: str) -> None:
    target = tmp_path / name
    done = run("analyze", SHOP, "--output", str(target))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert target.read_text("utf-8").lower().startswith(start)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_failed_run_leaves_the_old_report(tmp_path: Path) -> None:
    target = tmp_path / "r.json"
    target.write_text("old")
    assert run("analyze", str(tmp_path / "missing.sql"), "-o", str(target)).returncode == 2
    assert target.read_text() == "old"


def test_no_colour_in_a_pipe() -> None:
    assert "\x1b" not in run("analyze", SHOP).stdout


def test_numbers_are_the_same_in_every_format() -> None:
    report = json.loads(run("analyze", SHOP, "-f", "json").stdout)
    sentence = report["readiness"]["sentence"]
    for form in ("text", "html", "markdown"):
        text = run("analyze", SHOP, "-f", form).stdout
        assert sentence in unescape(text).replace("\\", ""), form
        for severity, count in report["readiness"]["findings"].items():
            assert f"{count}" in text, (form, severity)


def test_a_target_beyond_the_catalogue_is_said_aloud() -> None:
    done = run("analyze", READY, "--target", "2031-01")
    assert done.returncode == 0
    assert "last verified" in done.stderr


def test_an_unknown_rule_gets_a_suggestion() -> None:
    assert "serial-column" in run("rules", "serial-colum").stderr


def test_passwords_are_masked(tmp_path: Path) -> None:
    sql = tmp_path / "roles.sql"
    sql.write_text(
        "CREATE ROLE app LOGIN PASSWORD 'hunter2';\nALTER ROLE app PASSWORD 'hunter2';\n"
    )
    for form in ("text", "json", "html", "markdown"):
        assert "hunter2" not in run("analyze", str(sql), "-f", form, "--all").stdout
