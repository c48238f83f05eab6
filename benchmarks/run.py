"""Measures dsql-compat beside dsql-lint, both on the same inputs and in the same minutes.

python benchmarks/run.py [--only CASE] [--runs N] [--quick] [--markdown] [--json FILE]
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

from cases import CASES, COUNTER, OURS, PEER, Goal, Job, Results, goals, jobs
from measure import BenchmarkError, Command, Figures, alternate, own_peak, run

_INPUTS = Path(__file__).with_name("inputs.py")
_NO_PEER = 2


def main() -> int:
    """Run the cases the user wants; 2 when dsql-lint is missing, 1 when something fails."""
    options = _parser().parse_args()
    peer = _program(PEER)
    if peer is None:
        print(f"benchmarks: {PEER} is not installed (pip install {PEER})", file=sys.stderr)
    try:
        with _folder(options.dir) as folder:
            _measure_and_report(options, folder)
    except BenchmarkError as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 1
    return 0 if peer else _NO_PEER


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", action="append", choices=CASES, help="this case; may be repeated")
    parser.add_argument("--runs", type=int, default=5, help="runs per program (default 5)")
    parser.add_argument("--quick", action="store_true", help="small inputs, to try the benchmarks")
    parser.add_argument(
        "--timeout", type=float, default=600, help="seconds until a run is ended (default 600)"
    )
    parser.add_argument("--markdown", action="store_true", help="print Markdown tables")
    parser.add_argument("--json", type=Path, help="write all figures to this file as well")
    parser.add_argument("--dir", type=Path, help="make the inputs here and keep them")
    return parser


@contextlib.contextmanager
def _folder(wanted: Path | None) -> Iterator[Path]:
    if wanted is not None:
        wanted.mkdir(parents=True, exist_ok=True)
        yield wanted.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="dsql-compat-benchmark-") as made:
        yield Path(made)


def _program(name: str) -> str | None:
    """The program beside this Python, else the one on the PATH."""
    beside = Path(sys.executable).with_name(name)
    return str(beside) if beside.exists() else shutil.which(name)


def _required(name: str) -> str:
    program = _program(name)
    if program is None:
        raise BenchmarkError(f"{name} is not installed")
    return program


def _measure_and_report(options: argparse.Namespace, folder: Path) -> None:
    _warm_up(folder, options.timeout)
    wanted = options.only or CASES
    chosen = [job for case, some in jobs(options.quick).items() if case in wanted for job in some]
    results: dict[str, dict[str, Figures]] = {}
    for job in chosen:
        print(f"{job.label} ...", file=sys.stderr, flush=True)
        results[job.label] = alternate(_commands(job, folder), options.runs, options.timeout)
    judged = [] if options.quick else list(goals(results))
    _print_report(chosen, results, judged, options)
    if options.json:
        report = {
            "machine": _machine(),
            "runs": options.runs,
            "quick": options.quick,
            "smallest_memory_seen": own_peak(),
            "results": {
                label: {name: asdict(figures)["samples"] for name, figures in programs.items()}
                for label, programs in results.items()
            },
            "goals": [asdict(goal) for goal in judged],
        }
        options.json.write_text(json.dumps(report, indent=2) + "\n")


def _warm_up(folder: Path, timeout: float) -> None:
    """Run every program once, so that none pays for the first reading of its own files."""
    job = Job("warm-up", "lines", 100, (OURS, PEER, COUNTER))
    for command in _commands(job, folder).values():
        run(command, timeout)


def _commands(job: Job, folder: Path) -> dict[str, Command]:
    """The calls of a job's programs; makes the input, in a process of its own (memory!)."""
    if job.through_pipe:
        feeder = [sys.executable, str(_INPUTS), job.maker, str(job.size), "-"]
        return {OURS: Command([_required(OURS), "analyze", "-"], feeder=feeder)}
    path = folder / (f"{job.maker}-{job.size}" + ("" if job.maker == "migrations" else ".sql"))
    subprocess.run(
        [sys.executable, "-B", str(_INPUTS), job.maker, str(job.size), str(path)], check=True
    )
    found = {OURS: Command([_required(OURS), "analyze", path.name], folder=folder)}
    if PEER in job.programs and (peer := _program(PEER)):
        files = sorted(path.iterdir()) if path.is_dir() else [path]
        names = [file.relative_to(folder).as_posix() for file in files]
        found[PEER] = Command(
            [peer, *names], frozenset({0, 1}), folder=folder, refusal=b"Failed to tokenize SQL"
        )
    if COUNTER in job.programs:
        found[COUNTER] = Command(["wc", "-l", path.name], folder=folder)
    return found


def _machine() -> dict[str, str | int | None]:
    versions = {
        name: subprocess.run(
            [program, "--version"], capture_output=True, text=True, check=True
        ).stdout.split()[-1]
        for name in (OURS, PEER)
        if (program := _program(name))
    }
    python = platform.python_version()
    return {"system": platform.platform(), "cores": os.cpu_count(), "python": python, **versions}


_HEADINGS = (
    "input",
    "program",
    "wall s",
    "CPU s",
    "peak MB",
    "wall ×",
    "CPU ×",
    "memory ×",
    "µs/stmt",
)
_GOAL_HEADINGS = ("goal", "measured", "")


def _print_report(
    chosen: list[Job], results: Results, judged: list[Goal], options: argparse.Namespace
) -> None:
    rows = [row for job in chosen for row in _rows(job, results[job.label])]
    show = _markdown if options.markdown else _plain
    print("; ".join(f"{name} {value}" for name, value in _machine().items()))
    print(f"Median of {options.runs} runs; × is relative to {OURS}; dump sizes as in cases.py.\n")
    print(show(_HEADINGS, rows))
    if judged:
        words = {True: "met", False: "MISSED", None: "not told: time limit"}
        print()
        print(
            show(_GOAL_HEADINGS, [(goal.text, goal.measured, words[goal.met]) for goal in judged])
        )
    for label, programs in results.items():
        for name, figures in programs.items():
            if figures.gave_up:
                print(f"\n{label}: {name} gave the file up unread; its figures say nothing.")
            if figures.timed_out:
                print(f"\n{label}: {name} was ended after {options.timeout:.0f} s (--timeout).")


def _rows(job: Job, programs: Mapping[str, Figures]) -> Iterator[tuple[str, ...]]:
    ours = programs[OURS]
    floor = own_peak()
    for name, figures in programs.items():
        more = "> " if figures.timed_out else ""
        few = "≤ " if figures.memory <= floor else ""
        cost = f"{figures.wall / job.statements * 1e6:.0f}" if job.statements else ""
        yield (
            job.label,
            f"{name} (gave up)" if figures.gave_up else name,
            f"{more}{figures.wall:.3f}",
            f"{more}{figures.cpu:.3f}",
            f"{more or few}{figures.memory / 1e6:.0f}",
            f"{more}{figures.wall / ours.wall:.2f}",
            f"{more}{figures.cpu / ours.cpu:.2f}",
            f"{more or few}{figures.memory / ours.memory:.2f}",
            more + cost if cost else "",
        )


def _plain(headings: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    table = [headings, *rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in table
    )


def _markdown(headings: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [headings, tuple("---" for _ in headings), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    sys.exit(main())
