"""How often the verdicts are right, beside dsql-lint where it is installed.

`python -m tests.probes.score` prints the tables of docs/accuracy.md; `--detail` lists every
probe on which one of the two errs.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.probes.model import Probe, errors, probes

Says = Callable[[Probe], bool]  # whether a tool holds that the probe is refused


@dataclass
class Score:
    """What a tool said of a group of probes."""

    found: int = 0
    missed: int = 0
    accepted: int = 0
    false_alarms: int = 0

    def add(self, verdict: str, says_refused: bool) -> None:
        """Count one answer."""
        match verdict, says_refused:
            case "refused", True:
                self.found += 1
            case "refused", False:
                self.missed += 1
            case _, True:
                self.false_alarms += 1
            case _:
                self.accepted += 1

    @property
    def cells(self) -> str:
        """Found of the refused, false alarms of the accepted."""
        refused, accepted = self.found + self.missed, self.accepted + self.false_alarms
        return f"{self.found} of {refused} | {self.false_alarms} of {accepted}"


def today(probe: Probe) -> bool:
    """What dsql-compat says of the newest state."""
    return bool(errors(probe, "latest"))


def dsql_lint() -> Path | None:
    """The peer's command, beside this Python or on the path."""
    beside = Path(sys.executable).parent / "dsql-lint"
    found = beside if beside.exists() else shutil.which("dsql-lint")
    return Path(found) if found else None


def peer(command: Path) -> tuple[str, Says]:
    """The peer's version, and what it says: anything it reports counts as a refusal."""
    everything = [probe for listed in probes().values() for probe in listed]
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder, f"{number:04}.sql") for number in range(len(everything))]
        for file, probe in zip(files, everything, strict=True):
            file.write_text(probe.script)
        ran = subprocess.run(
            [command, "--format", "json", *files], capture_output=True, text=True, check=False
        )
        reported = {
            Path(row["file"]).name
            for row in json.loads(ran.stdout)["files"]
            if row["diagnostics"] or row["error"]
        }
    refused = {
        probe.script for file, probe in zip(files, everything, strict=True) if file.name in reported
    }
    return version(command), lambda probe: probe.script in refused


def version(command: Path) -> str:
    """The version of the package that brought the command, which has no option to tell it."""
    python = command.parent / "python"
    code = "from importlib.metadata import version; print(version('dsql-lint'))"
    ran = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    return ran.stdout.strip()


def by_area(says: Says) -> Iterator[tuple[str, Score]]:
    """The score of each area, then of all together."""
    total = Score()
    for area, listed in probes().items():
        score = Score()
        for probe in listed:
            answer = says(probe)
            score.add(probe.verdict, answer)
            total.add(probe.verdict, answer)
        yield area, score
    yield "all", total


def own_table() -> Iterator[str]:
    """By area, today; then the days before an acceptance."""
    yield "| area | probes | refused, found | refused, missed | accepted, silent | false alarms |"
    yield "|---|--:|--:|--:|--:|--:|"
    for area, score in by_area(today):
        numbers = (score.found, score.missed, score.accepted, score.false_alarms)
        row = f"{area} | {sum(numbers)} | " + " | ".join(str(number) for number in numbers)
        yield f"| {row} |"
    dated = [probe for listed in probes().values() for probe in listed if probe.since]
    found = sum(bool(errors(probe, probe.dated()[1][0])) for probe in dated)
    yield f"| the day before a date | {len(dated)} | {found} | {len(dated) - found} | | |"


def peer_table(command: Path) -> Iterator[str]:
    """Both tools on the same statements: single ones, then small scripts."""
    number, says = peer(command)
    yield f"| | probes | dsql-compat: refused, found | false alarms | dsql-lint {number}: refused, found | false alarms |"
    yield "|---|--:|--:|--:|--:|--:|"
    for title, wanted in (("single statements", True), ("scripts and limits", False)):
        mine, theirs, count = Score(), Score(), 0
        for listed in probes().values():
            for probe in listed:
                if probe.is_single is wanted:
                    count += 1
                    mine.add(probe.verdict, today(probe))
                    theirs.add(probe.verdict, says(probe))
        yield f"| {title} | {count} | {mine.cells} | {theirs.cells} |"


def detail(name: str, says: Says) -> Iterator[str]:
    """Every probe that a tool judges otherwise than the service."""
    for area, listed in probes().items():
        for probe in listed:
            if says(probe) is not (probe.verdict == "refused"):
                yield f"{name} errs on {area}/{probe.name}, which is {probe.verdict}"


def main() -> None:
    """Print the tables, or with --detail what is wrong."""
    command = dsql_lint()
    lines: list[str] = []
    if "--detail" in sys.argv:
        lines += detail("dsql-compat", today)
        if command:
            lines += detail("dsql-lint", peer(command)[1])
    else:
        lines += own_table()
        if command:
            lines += ["", *peer_table(command)]
    print("\n".join(lines))


if __name__ == "__main__":
    main()
