"""Times whole processes from outside: wall clock, CPU of the process, and its peak memory."""

from __future__ import annotations

import contextlib
import os
import resource
import shlex
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO

_HEAD = 4096
_RSS_UNIT = 1 if sys.platform == "darwin" else 1024


class BenchmarkError(Exception):
    """A program did not do what is measured; the message says so in one line."""


@dataclass(frozen=True)
class Command:
    """A program's call: its words, the exit codes that mean it worked, and who feeds its stdin.

    `refusal` is what it prints when it gives an input up unread.
    """

    words: Sequence[str]
    accepted: frozenset[int] = frozenset({0})
    feeder: Sequence[str] | None = None
    folder: Path | None = None
    refusal: bytes | None = None


@dataclass(frozen=True)
class Sample:
    """One run: seconds of wall clock and of CPU (user and system), and peak memory in bytes."""

    wall: float
    cpu: float
    memory: int
    timed_out: bool = False
    gave_up: bool = False


@dataclass
class Figures:
    """All runs of one program on one input."""

    samples: list[Sample] = field(default_factory=list)

    @property
    def wall(self) -> float:
        """The median of the wall clock times."""
        return statistics.median(sample.wall for sample in self.samples)

    @property
    def cpu(self) -> float:
        """The median of the CPU times."""
        return statistics.median(sample.cpu for sample in self.samples)

    @property
    def memory(self) -> float:
        """The median of the memory peaks."""
        return statistics.median(sample.memory for sample in self.samples)

    @property
    def timed_out(self) -> bool:
        """Whether a run was ended: then the figures are lower bounds."""
        return any(sample.timed_out for sample in self.samples)

    @property
    def gave_up(self) -> bool:
        """Whether the program refused the input: then its figures say nothing about speed."""
        return any(sample.gave_up for sample in self.samples)


def own_peak() -> int:
    """The peak memory of this process: no child can be seen to use less.

    Linux counts what the parent held at the fork as the child's.
    """
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _RSS_UNIT


def run(command: Command, timeout: float) -> Sample:
    """Run a program once, its output going to a file.  Raises BenchmarkError."""
    with tempfile.TemporaryFile() as output:
        sample, code = _timed(command, timeout, output)
        output.seek(0)
        start = output.read(_HEAD)
        if code not in command.accepted and not sample.timed_out:
            output.seek(-min(_HEAD, output.seek(0, os.SEEK_END)), os.SEEK_END)
            said = (output.read().decode(errors="replace").split("\n")[-2:-1] or [""])[0]
            call = shlex.join([Path(command.words[0]).name, *command.words[1:4]])
            raise BenchmarkError(f"exit code {code} of: {call}: {said}")
    gave_up = command.refusal is not None and command.refusal in start
    return replace(sample, gave_up=gave_up)


def _timed(command: Command, timeout: float, output: IO[bytes]) -> tuple[Sample, int]:
    feeder = _start_feeder(command.feeder)
    start = time.perf_counter()
    process = subprocess.Popen(
        command.words,
        stdin=feeder.stdout if feeder else subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        cwd=command.folder,
    )
    if feeder and feeder.stdout:
        feeder.stdout.close()  # the program has its own end; ours would keep the pipe open
    watch = threading.Timer(timeout, _end, [process.pid])
    watch.start()
    try:
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
    finally:
        watch.cancel()
    process.returncode = code = os.waitstatus_to_exitcode(status)
    if feeder:
        feeder.kill()
        feeder.wait()
    timed_out = code == -signal.SIGKILL and wall >= timeout
    cpu = usage.ru_utime + usage.ru_stime
    return Sample(wall, cpu, usage.ru_maxrss * _RSS_UNIT, timed_out), code


def _end(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):  # it ended at the very same moment
        os.kill(pid, signal.SIGKILL)


def _start_feeder(words: Sequence[str] | None) -> subprocess.Popen[bytes] | None:
    if words is None:
        return None
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)


def alternate(commands: Mapping[str, Command], runs: int, timeout: float) -> dict[str, Figures]:
    """Run the programs in turn, A B A B, so that a busy moment of the machine hits all of them.

    A program that ran into the time limit is not run again.
    """
    figures = {name: Figures() for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            if not figures[name].timed_out:
                figures[name].samples.append(run(command, timeout))
    return figures
