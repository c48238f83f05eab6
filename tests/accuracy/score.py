"""How often the verdicts are right, beside dsql-lint where it is installed.

`python -m tests.accuracy.score` prints the tables of docs/accuracy.md; `--detail` lists every probe
on which one of the two errs, `--write` puts the tables into the page and `--check` says whether
they are there.  Those of dsql-lint are only compared with the version that the page names.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import get_args

from tests.accuracy.model import Known, Probe, errors, probes

PAGE = Path(__file__).parents[2] / "docs" / "accuracy.md"
Says = Callable[[Probe], bool]  # whether a tool holds that the probe is refused
Group = tuple[str, list[Probe]]


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
        recall = f" ({self.found / refused:.1%})" if refused else ""
        return f"{self.found} of {refused}{recall} | {self.false_alarms} of {accepted}"


def score(listed: list[Probe], says: Says) -> Score:
    """What a tool says of the newest state."""
    result = Score()
    for probe in listed:
        result.add(probe.verdict, says(probe))
    return result


@cache
def today(probe: Probe) -> bool:
    """What dsql-compat says of the newest state."""
    return bool(errors(probe, "latest"))


def everything() -> list[Probe]:
    """All probes."""
    return [probe for listed in probes().values() for probe in listed]


def by_knowledge() -> list[Group]:
    """The probes by how sure their verdicts are, then all."""
    groups = [(k, [p for p in everything() if p.known == k]) for k in get_args(Known)]
    return [*groups, ("all", everything())]


def dsql_lint() -> Path | None:
    """The peer's command, beside this Python or on the path."""
    beside = Path(sys.executable).parent / "dsql-lint"
    found = beside if beside.exists() else shutil.which("dsql-lint")
    return Path(found) if found else None


def peer(command: Path) -> Says:
    """What the peer says: anything it reports counts as a refusal."""
    with tempfile.TemporaryDirectory() as folder:
        listed = everything()
        files = [Path(folder, f"{number:04}.sql") for number in range(len(listed))]
        for file, probe in zip(files, listed, strict=True):
            file.write_text(probe.script)
        ran = subprocess.run(
            [command, "--format", "json", *files], capture_output=True, text=True, check=False
        )
        reported = {
            Path(row["file"]).name
            for row in json.loads(ran.stdout)["files"]
            if row["diagnostics"] or row["error"]
        }
    refused = {p.script for file, p in zip(files, listed, strict=True) if file.name in reported}
    return lambda probe: probe.script in refused


def version(command: Path) -> str:
    """The version of the package that brought the command, which has no option to tell it."""
    python = command.parent / "python"
    code = "from importlib.metadata import version; print(version('dsql-lint'))"
    ran = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    return ran.stdout.strip()


def own_table() -> Iterator[str]:
    """By area, today; then the days before a change."""
    yield "| area | probes | refused, found | refused, missed | accepted, silent | false alarms |"
    yield "|---|--:|--:|--:|--:|--:|"
    for area, listed in [*probes().items(), ("all", everything())]:
        yield _row(area, score(listed, today))
    before = Score()
    for probe in everything():
        for target, verdict in probe.dated()[1:]:
            before.add(verdict, bool(errors(probe, target)))
    yield _row("the day before a change", before)


def _row(title: str, result: Score) -> str:
    numbers = (result.found, result.missed, result.accepted, result.false_alarms)
    return f"| {title} | {sum(numbers)} | " + " | ".join(map(str, numbers)) + " |"


def known_table() -> Iterator[str]:
    """By how sure the verdict is."""
    yield "| verdict | probes | refused, found | false alarms |"
    yield "|---|--:|--:|--:|"
    for known, listed in by_knowledge():
        yield f"| {known} | {len(listed)} | {score(listed, today).cells} |"


def peer_table(command: Path) -> Iterator[str]:
    """Both tools on the same statements: single ones, small scripts, and by knowledge."""
    says, ours, theirs = peer(command), "dsql-compat", f"dsql-lint {version(command)}"
    yield f"| | probes | {ours}: found | false alarms | {theirs}: found | false alarms |"
    yield "|---|--:|--:|--:|--:|--:|"
    single = [p for p in everything() if p.is_single]
    scripts = [p for p in everything() if not p.is_single]
    groups = [("single statements", single), ("scripts and limits", scripts), *by_knowledge()]
    for title, listed in groups:
        mine, peers = score(listed, today), score(listed, says)
        yield f"| {title} | {len(listed)} | {mine.cells} | {peers.cells} |"


def detail(name: str, says: Says) -> Iterator[str]:
    """Every probe that a tool judges otherwise than the service."""
    for area, listed in probes().items():
        for probe in listed:
            if says(probe) is not (probe.verdict == "refused"):
                yield f"{name} errs on {area}/{probe.name}, which is {probe.verdict}"


def named_version(text: str) -> str:
    """The version of dsql-lint whose numbers a page holds."""
    found = re.search(r"\| dsql-lint (\S+): found", text)
    return found[1] if found else ""


def filled(text: str, command: Path | None) -> str:
    """A page with the tables as they are now between their markers."""
    tables = {"scores": own_table, "scores-by-knowledge": known_table}
    if command is not None:
        tables["scores-of-dsql-lint"] = lambda: peer_table(command)
    for name, table in tables.items():
        begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
        head, rest = text.split(begin)
        text = head + begin + "\n".join(table()) + "\n" + end + rest.split(end)[1]
    return text


def is_up_to_date() -> bool:
    """Whether the page holds the tables of today, as far as they can be made here."""
    text, command = PAGE.read_text("utf-8"), dsql_lint()
    comparable = command if command and version(command) == named_version(text) else None
    return filled(text, comparable) == text


def main() -> None:
    """Print the tables, write them, check them, or say with --detail what is wrong."""
    command = dsql_lint()
    lines: list[str] = []
    if "--check" in sys.argv:
        if not is_up_to_date():
            sys.exit("docs/accuracy.md is out of date: make generate")
    elif "--write" in sys.argv:
        PAGE.write_text(filled(PAGE.read_text("utf-8"), command), "utf-8")
    elif "--detail" in sys.argv:
        lines += detail("dsql-compat", today)
        lines += detail("dsql-lint", peer(command)) if command else []
    else:
        lines += [*own_table(), "", *known_table()]
        lines += ["", *peer_table(command)] if command else []
    print(*lines, sep="\n", end="\n" if lines else "")


if __name__ == "__main__":
    main()
