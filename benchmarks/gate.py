"""Measures `dsql-compat check` on a repository of migrations, beside dsql-lint and squawk.

python benchmarks/gate.py [--files N] [--runs N] [--squawk PROGRAM] [--profile]

The repository is made: a file a migration, five statements in each, as teams write them: tables,
columns that come later, indexes, constraints, rows.  Every second file has something that Aurora
DSQL refuses.  `--profile` says where the time of one run goes.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from measure import BenchmarkError, Command, Figures, alternate, run

_NOUNS = ("order", "parcel", "invoice", "ticket", "driver", "depot", "route", "refund", "audit")
_GOAL = 2.0  # seconds for 1,000 files


def migration(number: int) -> str:
    """The text of one migration of five statements."""
    name = f"{_NOUNS[number % len(_NOUNS)]}_{number:04}"
    earlier = f"{_NOUNS[(number - 1) % len(_NOUNS)]}_{number - 1:04}" if number > 1 else name
    refused = number % 2 == 0
    key = "id bigserial PRIMARY KEY" if refused else "id uuid PRIMARY KEY DEFAULT gen_random_uuid()"
    index = "CREATE INDEX" if refused else "CREATE INDEX ASYNC"
    last = f"TRUNCATE {earlier};" if number % 10 == 0 else f"UPDATE {name} SET state = 'new';"
    return (
        f"-- {number:04}: {name}\n"
        f"CREATE TABLE {name} (\n"
        f"    {key},\n"
        "    name varchar(120) NOT NULL,\n"
        "    state text NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'done')),\n"
        "    amount numeric(12,2),\n"
        "    made_at timestamptz NOT NULL DEFAULT now()\n"
        ");\n"
        f"ALTER TABLE {earlier} ADD COLUMN note_{number} text;\n"
        f"{index} {name}_state ON {name} (state, made_at);\n"
        f"INSERT INTO {name} (name) VALUES ('it''s the first; of many');\n"
        f"{last}\n"
    )


def make_repository(folder: Path, files: int) -> Path:
    """Write the migrations; the folder they are in."""
    migrations = folder / "migrations"
    migrations.mkdir(parents=True)
    for number in range(1, files + 1):
        path = migrations / f"{number:04}_change.sql"
        path.write_text(migration(number), "utf-8")
    return migrations


def commands(folder: Path, squawk: str | None) -> dict[str, Command]:
    """The calls to compare, all on the same files."""
    names = [f"migrations/{path.name}" for path in sorted((folder / "migrations").iterdir())]
    ok = frozenset({0, 1})
    found = {
        "dsql-compat": Command([_program("dsql-compat"), "check", "migrations"], ok, folder=folder)
    }
    if _has("dsql-lint"):
        found["dsql-lint"] = Command([_program("dsql-lint"), *names], ok, folder=folder)
    if squawk:
        found["squawk"] = Command([squawk, *names], ok, folder=folder)
    return found


def _has(name: str) -> bool:
    return bool(shutil.which(_program(name)))


def _program(name: str) -> str:
    beside = Path(sys.executable).with_name(name)
    return str(beside) if beside.exists() else name


def _profile(folder: Path) -> None:
    """Where the time of one run goes, by the parts of the program."""
    code = (
        "import gc, sys, time; gc.disable(); t = [time.perf_counter()]\n"
        "def lap(what): t.append(time.perf_counter()); print(f'{what:28}{t[-1] - t[-2]:8.3f} s')\n"
        "import dsql_compat.cli.app; lap('command line')\n"
        "import pglast.parser, pglast.ast; lap('parser')\n"
        "import dsql_compat.gate.run; lap('rest of the program')\n"
        "from pathlib import Path; from dsql_compat.gate import run, layouts, settings\n"
        "from dsql_compat.rules import load_catalogue; c = load_catalogue(); lap('catalogue')\n"
        "s = settings.read_settings(Path.cwd(), run.known_rules(c), layouts.NAMES,"
        " {'paths': ('migrations',)}); p = run.plan(s); lap('settings and files')\n"
        "from dsql_compat.sources.reader import Reader\n"
        "from dsql_compat.sql.statements import unchecked_nodes\n"
        "with unchecked_nodes():\n"
        "    for step in p.steps: list(Reader(step.source))\n"
        "lap('read, split, parse')\n"
        "j = run.judge(s, p); lap('the same and judge, report')\n"
        "from dsql_compat.report.check_text import render; render(j.outcome); lap('text')\n"
        "print(len(j.outcome.report.findings), 'findings')\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=folder, check=True)


def _report(figures: dict[str, Figures], files: int) -> None:
    print(f"{files:,} files, {files * 5:,} statements")
    ours = figures["dsql-compat"]
    for name, found in figures.items():
        print(
            f"{name:14}{found.wall:8.3f} s wall {found.cpu:8.3f} s CPU {found.memory / 1e6:7.0f} MB"
            f"  {found.wall / ours.wall:6.2f} ×"
        )
    if files == 1000:
        print(f"goal of {_GOAL} s: {'met' if ours.wall <= _GOAL else 'MISSED'}")


def main() -> int:
    """Make the repository, measure, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--squawk", default=shutil.which("squawk"), help="the program, if not here")
    parser.add_argument("--profile", action="store_true", help="where the time goes")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dsql-compat-gate-") as made:
        folder = Path(made)
        make_repository(folder, options.files)
        try:
            calls = commands(folder, options.squawk)
            for command in calls.values():
                run(command, 600)  # none pays for the first reading of its own files
            _report(alternate(calls, options.runs, 600), options.files)
        except BenchmarkError as error:
            print(f"benchmarks: {error}", file=sys.stderr)
            return 1
        if options.profile:
            _profile(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
