"""Draws findings and silent statements of the real schemas, to be held by hand against the facts.

python -m tests.real.sample --seed N [--target DATE] [--count N] [--silent N] [--first N]

The same seed draws the same sample from the same collection. Findings are spread over the schemas,
and within a schema over its rules; --first adds the first hits of each rule, --silent statements
of each schema about which nothing is said. What was not analysed is always shown. The output
quotes third-party SQL: keep it out of the repository.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from dsql_compat.pipeline import analyze_sources
from dsql_compat.report.model import FindingInfo, NotAnalysed, Report
from dsql_compat.sources.files import find_inputs
from dsql_compat.sources.reader import Reader
from dsql_compat.sql.statements import Statement
from tests.real import cache as caches
from tests.real import manifest
from tests.real.cache import Cache


@dataclass(frozen=True)
class Judged:
    """One text of a collected schema, and what is said about it."""

    name: str
    path: Path
    report: Report

    def statements(self) -> Iterator[Statement]:
        """Its statements, in order."""
        (source,) = find_inputs([str(self.path)])
        return (event for event in Reader(source) if isinstance(event, Statement))

    @cached_property
    def lines(self) -> list[str]:
        """The text."""
        return self.path.read_text(encoding="utf-8").split("\n")

    def marked(self, finding: FindingInfo) -> str:
        """The words a finding points at."""
        at = finding.location
        text = "\n".join(self.lines[at.line - 1 : at.end_line])
        cut = len(self.lines[at.end_line - 1]) - at.end_column + 1
        return text[at.column - 1 : len(text) - cut]

    def silent(self) -> list[Statement]:
        """Statements in which nothing was found."""
        lines = {finding.location.line for finding in self.report.findings}
        return [
            statement
            for statement in self.statements()
            if not lines & set(range(statement.line, statement.line + _height(statement)))
        ]


def judged(cache: Cache, target: str, inputs: bool) -> list[Judged]:
    """Every collected schema: its dump, or the files its authors wrote."""
    found = []
    for schema in manifest.load().schemas:
        if cache.result(schema) is None:
            continue
        dump = [cache.dump(schema.name, "schema")]
        for path in cache.inputs(schema.name) if inputs else dump:
            if path.stat().st_size:
                name = f"{schema.name}/{path.name}" if inputs else schema.name
                found.append(Judged(name, path, analyze_sources([str(path)], target)))
    return found


def draw(
    parts: list[Judged], count: int, chance: random.Random
) -> list[tuple[Judged, FindingInfo]]:
    """Findings, one schema after the other, each time of the rule that was drawn least."""
    left = {part.name: chance.sample(part.report.findings, len(part.report.findings))
            for part in parts}  # fmt: skip
    drawn: list[tuple[Judged, FindingInfo]] = []
    seen: Counter[str] = Counter()
    while len(drawn) < count and any(left.values()):
        for part in parts:
            if left[part.name] and len(drawn) < count:
                finding = min(left[part.name], key=lambda f: seen[f.rule])
                left[part.name].remove(finding)
                seen[finding.rule] += 1
                drawn.append((part, finding))
    return drawn


def first(parts: list[Judged], count: int) -> list[tuple[Judged, FindingInfo]]:
    """The first hits of each rule, in different schemas where there are enough."""
    hits: dict[str, list[tuple[int, int, Judged, FindingInfo]]] = defaultdict(list)
    for order, part in enumerate(parts):
        nth: Counter[str] = Counter()
        for finding in part.report.findings:
            hits[finding.rule].append((nth[finding.rule], order, part, finding))
            nth[finding.rule] += 1
    return [
        (part, finding)
        for rule in sorted(hits)
        for _, _, part, finding in sorted(hits[rule], key=lambda hit: hit[:2])[:count]
    ]


def shown(part: Judged, finding: FindingInfo) -> str:
    """A finding with all a reader needs to judge it."""
    place = f"{part.name}:{finding.location.line}:{finding.location.column}"
    lines = [
        f"{place} {finding.rule} {finding.severity} {finding.disposition}"
        f" [{finding.object.kind} {finding.object.schema}.{finding.object.name}]"
        f" {finding.id}{f' <- {finding.cause}' if finding.cause else ''}",
        f"  mark: {_short(part.marked(finding))}",
        f"  says: {finding.message}",
    ]
    if finding.rewrite:
        lines.append(f"  was:  {_short(finding.rewrite.before)}")
        lines += [f"  now:  {_short(line)}" for line in finding.rewrite.after]
    return "\n".join(lines)


def unread(part: Judged, missing: NotAnalysed) -> str:
    """A place that was not looked into."""
    return f"{part.name}:{missing.line} not analysed: {missing.what}: {missing.reason}"


def _short(text: str, limit: int = 600) -> str:
    text = " ".join(text.split())
    return text if len(text) <= limit else f"{text[:limit]}…"


def _height(statement: Statement) -> int:
    return statement.text.count("\n") + 1


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--target", default="latest")
    parser.add_argument("--count", type=int, default=200, help="findings (default: %(default)s)")
    parser.add_argument("--first", type=int, default=0, help="first hits of each rule")
    parser.add_argument("--silent", type=int, default=0, help="silent statements of each schema")
    parser.add_argument("--inputs", action="store_true", help="the authors' files, not the dumps")
    options = parser.parse_args()
    chance = random.Random(options.seed)
    parts = judged(Cache(caches.default()), options.target, options.inputs)
    for part, finding in [*draw(parts, options.count, chance), *first(parts, options.first)]:
        print(shown(part, finding))
    for part in parts:
        for missing in part.report.not_analysed:
            print(unread(part, missing))
        silent = part.silent() if options.silent else []
        for statement in chance.sample(silent, min(options.silent, len(silent))):
            print(f"{part.name}:{statement.line} silent: {_short(statement.text)}")


if __name__ == "__main__":
    main()
