"""The table of what real schemas hold, for docs/real-schemas.md.

python -m tests.real.collect && python -m tests.real.table > docs/real-schemas.md
"""

from __future__ import annotations

from collections import Counter

from dsql_compat.pipeline import analyze_sources
from dsql_compat.report.model import Report
from tests.real import cache as caches
from tests.real import manifest
from tests.real.cache import Cache

HEAD = """# Real schemas

What the analysis finds in schemas that nobody here wrote. They come from packages of Debian, PyPI and
npm (`tests/real/schemas.toml`), are loaded into PostgreSQL 18 and dumped by its own pg_dump; none of
their SQL is part of this repository. `make real` fetches them, `python -m tests.real.table` writes this
page. Each is judged in seven forms (plain with and without data, two forms of INSERT, custom, tar,
directory), and the tests hold the forms against each other.

| schema | from | statements | tables | verdict | errors | of them causes | warnings | info | not analysed | hours | what stands in the way most |
|---|---|---:|---:|---|---:|---:|---:|---:|---:|---|---|
"""


def row(name: str, origin: str, report: Report) -> str:
    """One schema's line."""
    counts = report.readiness.findings
    errors = [f for f in report.findings if f.severity == "error"]
    causes = [f for f in errors if f.cause is None]
    most = ", ".join(
        f"{rule} {count}" for rule, count in Counter(f.rule for f in causes).most_common(4)
    )
    tables = report.readiness.objects.get("table")
    effort = report.readiness.effort
    return (
        f"| {name} | {origin} | {report.sources[0].statements:,} | {tables.total if tables else 0} "
        f"| {report.readiness.verdict} | {counts.error} | {len(causes)} | {counts.warning} "
        f"| {counts.info} | {len(report.not_analysed)} "
        f"| {effort.low_hours:g}–{effort.high_hours:g} | {most} |"
    )


def main() -> None:
    """Print the page."""
    cache = Cache(caches.default())
    total: Counter[str] = Counter()
    rules: Counter[str] = Counter()
    schemas_with: Counter[str] = Counter()
    lines = []
    for schema in manifest.load().schemas:
        if cache.result(schema) is None:
            continue
        report = analyze_sources([str(cache.dump(schema.name, "schema"))])
        lines.append(row(schema.name, f"{schema.registry}: {schema.package}", report))
        total["statements"] += report.sources[0].statements
        total["syntax errors"] += report.sources[0].syntax_errors
        total["schemas"] += 1
        rules.update(f.rule for f in report.findings)
        schemas_with.update({f.rule for f in report.findings})
    print(HEAD + "\n".join(lines))
    print(
        f"\n{total['schemas']} schemas, {total['statements']:,} statements, "
        f"{total['syntax errors']} that do not parse.\n"
    )
    print("## Rules by the number of schemas they concern\n")
    print("| rule | schemas | findings |\n|---|---:|---:|")
    for rule, count in sorted(schemas_with.items(), key=lambda item: (-item[1], item[0])):
        print(f"| [{rule}](rules/{rule}.md) | {count} | {rules[rule]} |")


if __name__ == "__main__":
    main()
