"""What is measured: the inputs, and the goals set for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from measure import Figures

OURS = "dsql-compat"
PEER = "dsql-lint"
COUNTER = "wc -l"

_MB = 1_000_000


@dataclass(frozen=True)
class Job:
    """One input, made by `inputs.py MAKER SIZE`, and the programs that read it."""

    label: str
    maker: str
    size: int
    programs: tuple[str, ...] = (OURS, PEER)
    statements: int | None = None
    through_pipe: bool = False


Results = Mapping[str, Mapping[str, Figures]]


def _schema(label: str, statements: int) -> Job:
    return Job(label, "schema", statements, statements=statements)


def jobs(quick: bool) -> dict[str, list[Job]]:
    """The cases by name; with `quick`, twenty times smaller."""
    part = 20 if quick else 1
    return {
        "copy-data": [
            Job(label, maker, 110 * _MB // part, (OURS, PEER, COUNTER))
            for label, maker in (("copy-data", "copy-tame"), ("copy-data, any text", "copy"))
        ],
        "schema-only": [_schema("schema-only", 18_000 // part)],
        "small-cold": [Job("small-cold", "lines", 100)],
        "linear": [
            _schema(f"linear {count:,}", count)
            for count in (size // part for size in (2_000, 4_000, 8_000, 16_000))
        ],
        "inserts": [Job("inserts", "inserts", 34 * _MB // part)],
        "migrations": [Job("migrations", "migrations", 1_000 // part)],
        "stream": [
            Job(f"stream {size // _MB:,} MB", "copy", size, (OURS,), through_pipe=True)
            for size in (100 * _MB // part, 1_000 * _MB // part)
        ],
    }


CASES = tuple(jobs(quick=False))


@dataclass(frozen=True)
class Goal:
    """A goal, the figure measured for it, and whether that meets it (None: cannot be told)."""

    text: str
    measured: str
    met: bool | None


def goals(results: Results) -> Iterator[Goal]:
    """The goals for which there are figures, at full size."""
    for label, judges in _GOALS.items():
        programs = results.get(label)
        if programs is not None:
            for judge in judges:
                goal = judge(programs)
                if goal:
                    yield replace(goal, text=f"{label}: {goal.text}")
    yield from _linear(results)
    yield from _stream(results)


Programs = Mapping[str, Figures]


def _copy_to_peer(programs: Programs) -> Goal | None:
    if PEER not in programs or programs[PEER].gave_up:
        return None
    peer, ours = programs[PEER], programs[OURS]
    ratio = peer.wall / ours.wall
    least = "at most " if peer.timed_out else ""
    met = True if ratio >= 50 else None if peer.timed_out else False
    return Goal("at most 1/50 of dsql-lint's time", f"{least}1/{ratio:.0f}", met)


def _copy_to_counter(programs: Programs) -> Goal:
    ratio = programs[OURS].wall / programs[COUNTER].wall
    return Goal("within 3 times `wc -l`", f"{ratio:.2f} times", ratio <= 3)


def _schema_to_peer(programs: Programs) -> Goal | None:
    if PEER not in programs:
        return None
    ratio = programs[OURS].wall / programs[PEER].wall
    return Goal("no slower than dsql-lint", f"{ratio:.2f} times its time", ratio <= 1)


def _cold(programs: Programs) -> Goal:
    wall = programs[OURS].wall
    return Goal("at most 0.30 s", f"{wall:.2f} s", wall <= 0.30)


_GOALS: dict[str, tuple[Callable[[Programs], Goal | None], ...]] = {
    "copy-data": (_copy_to_peer, _copy_to_counter),
    "copy-data, any text": (_copy_to_counter,),
    "schema-only": (_schema_to_peer,),
    "small-cold": (_cold,),
}


def _linear(results: Results) -> Iterator[Goal]:
    """Compares what a further statement costs in the large and in the small; start-up cancels."""
    cpu = {job.size: results[job.label][OURS].cpu for job in _done("linear", results)}
    if not cpu:
        return
    counts = sorted(cpu)
    first, last = (
        (cpu[more] - cpu[fewer]) / (more - fewer)
        for fewer, more in ((counts[0], counts[1]), (counts[-2], counts[-1]))
    )
    yield Goal(
        "linear: a further statement costs the same at 16,000 as at 2,000 (within 25 %)",
        f"{last * 1e6:.0f} µs and {first * 1e6:.0f} µs of CPU",
        last <= 1.25 * first,
    )


def _stream(results: Results) -> Iterator[Goal]:
    peaks = [results[job.label][OURS].memory for job in _done("stream", results)]
    if peaks:
        low, high = peaks[0], peaks[-1]
        yield Goal(
            "stream: ten times the rows take no more memory (within 10 %)",
            f"{low / _MB:.0f} MB, then {high / _MB:.0f} MB",
            high <= 1.1 * low,
        )


def _done(case: str, results: Results) -> list[Job]:
    return [job for job in jobs(quick=False)[case] if job.label in results]
