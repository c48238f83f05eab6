"""The wheel, installed and used from an empty folder."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("build")
    work = tmp_path_factory.mktemp("wheel")
    built = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--outdir", str(work / "dist"), str(ROOT)],
        capture_output=True,
        text=True,
    )
    if built.returncode and "No matching distribution" in built.stdout + built.stderr:
        pytest.skip("the build backend cannot be fetched here")
    assert built.returncode == 0, built.stderr
    (wheel,) = (work / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(work / "site")
    return work / "site"


def run(installed: Path, cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
    )


def test_the_wheel_works_in_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    where = run(installed, tmp_path, "-c", "import dsql_compat; print(dsql_compat.__file__)")
    assert Path(where.stdout.strip()).is_relative_to(installed)
    (tmp_path / "a.sql").write_text("CREATE TABLE t (id serial PRIMARY KEY);")
    for form in ("text", "json", "html", "markdown"):
        done = run(installed, tmp_path, "-m", "dsql_compat", "analyze", "a.sql", "-f", form)
        assert done.returncode == 0, done.stderr
        assert "serial-column" in done.stdout


def test_the_wheel_ships_the_rules(installed: Path) -> None:
    shipped = {path.name for path in (installed / "dsql_compat" / "rules").glob("*/*.yaml")}
    assert shipped == {path.name for path in (ROOT / "rules").glob("*/*.yaml")}
    assert (installed / "dsql_compat" / "py.typed").exists()
    assert (installed / "dsql_compat" / "report" / "report.schema.json").exists()
