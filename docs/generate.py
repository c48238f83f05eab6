"""Writes what the docs take from the code: a page a rule, the timeline, the JSON Schema.

`python docs/generate.py` writes; with `--check` it only says what is out of date.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from dsql_compat.report.schema import json_schema
from dsql_compat.rule_files import RULES, RuleEntry
from dsql_compat.rules import Catalogue, Example, Form, Rule, Status, load_catalogue

DOCS = Path(__file__).resolve().parent
SCHEMA_IN_PACKAGE = DOCS.parent / "src/dsql_compat/report/report.schema.json"


def pages() -> Iterator[tuple[Path, str]]:
    """Every generated file and what it must hold."""
    catalogue = load_catalogue()
    yield DOCS / "rules" / "README.md", index_page(catalogue)
    for rule in catalogue.rules.values():
        yield DOCS / "rules" / f"{rule.id}.md", rule_page(rule)
    yield DOCS / "timeline.md", timeline_page(catalogue)
    yield DOCS / "gap-list.md", gap_page(catalogue)
    yield DOCS / "types.md", types_page(catalogue)
    schema = json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"
    yield SCHEMA_IN_PACKAGE, schema
    file_schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **RuleEntry.model_json_schema(),
    }
    yield RULES / "rule.schema.json", json.dumps(file_schema, indent=2, ensure_ascii=False) + "\n"


def index_page(catalogue: Catalogue) -> str:
    """The list of rules by family."""
    lines = [
        "# Rules",
        "",
        f"{len(catalogue.rules)} rules, by family. Generated from `rules/` by `make generate`.",
        "",
    ]
    family = ""
    for rule in catalogue.rules.values():
        if rule.family != family:
            family = rule.family
            lines += [f"## {family}", "", "| rule | finds | today |", "|---|---|---|"]
        elif lines[-1] == "":
            lines.pop()
        today = sorted(
            {s.status for case in rule.cases if (s := rule.at(catalogue.verified, case))}
        )
        lines.append(f"| [{rule.id}]({rule.id}.md) | {cell(rule.feature)} | {', '.join(today)} |")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def rule_page(rule: Rule) -> str:
    """One rule for readers: the same headings on every page."""
    lines = [f"# {rule.id}", "", f"**{rule.title}**: {rule.feature}.", ""]
    lines += ["## History", "", "| since | form | DSQL | finding | answer | known |"]
    lines += ["|---|---|---|---|---|---|"]
    for status in rule.support:
        finding = f"{status.severity}, {status.disposition}" if status.severity else "none"
        form = status.case.replace("-", " ") or "–"
        row = (status.since, form, status.status, finding, answer(status), known(status))
        lines.append("| " + " | ".join(map(str, row)) + " |")
    lines += ["", "## Problem and way out", ""]
    newest = [next(s for s in reversed(rule.support) if s.case == case) for case in rule.cases]
    for status in newest:
        lines += list(status_text(status, only=len(newest) == 1))
    lines += ["## Examples", ""]
    for example in rule.examples:
        lines += list(example_text(example))
    lines += ["## Sources", ""]
    sources = dict.fromkeys([rule.reference, *(status.source for status in rule.support)])
    lines += [f"- <{s}>" if s.startswith("https://") else f"- `{s}`" for s in sources]
    return "\n".join(lines).rstrip() + "\n"


def answer(status: Status) -> str:
    """DSQL's error, for a table: SQLSTATE and message."""
    if status.error:
        return f"`{cell(status.error)}`"
    return "refused; words not published" if status.refuses else "–"


def known(status: Status) -> str:
    """How a status is known, from where, and when that was looked at."""
    source = status.source
    how = status.confidence
    told = f"[{how}]({source})" if source.startswith("https://") else f"{how}, `{cell(source)}`"
    return f"{told}, verified {status.verified}"


def status_text(status: Status, *, only: bool) -> Iterator[str]:
    """Why, advice and DSQL's own words of a status."""
    if not only:
        yield f"### {(status.case or 'in general').replace('-', ' ').capitalize()}"
        yield ""
    yield f"{status.why} {status.advice}"
    yield ""
    for note in status.notes:
        yield f"- {note}"
    if status.notes:
        yield ""


def example_text(example: Example) -> Iterator[str]:
    """A statement that is found, and what to write instead."""
    yield f"### {example.name.capitalize()}"
    yield ""
    yield from fenced(example.bad)
    if example.good:
        yield "becomes"
        yield ""
        yield from fenced(example.good)


def fenced(sql: str) -> Iterator[str]:
    """A block of SQL."""
    yield "```sql"
    yield sql.strip()
    yield "```"
    yield ""


def cell(text: str) -> str:
    """Text for a table cell."""
    return text.replace("|", "\\|")


def timeline_page(catalogue: Catalogue) -> str:
    """The dates at which an answer changes."""
    lines = [
        "# Timeline of Aurora DSQL",
        "",
        "The days on which the catalogue's answers change. "
        f"Last verified: {catalogue.verified}. Generated from `rules/`.",
        "",
        "| since | feature | before | after | rule |",
        "|---|---|---|---|---|",
    ]
    rows = []
    for rule in catalogue.rules.values():
        for before, after in rule.changes():
            form = f", {after.case.replace('-', ' ')}" if after.case else ""
            rows.append(
                f"| {after.since} | {cell(rule.title)}{form} | {before.status} | "
                f"{after.status} | [{rule.id}](rules/{rule.id}.md) |"
            )
    return "\n".join([*lines, *sorted(rows)]) + "\n"


def gap_page(catalogue: Catalogue) -> str:
    """The gap list of March 2026, and how each row stands."""
    lines = [
        "# The gap list of March 2026",
        "",
        "The 19 rows of AWS's migration guide of that month, and how they stand on "
        f"{catalogue.verified}. Every report shows them all. Generated from `rules/gap-list.yaml`.",
        "",
        "| feature | since | today | rule |",
        "|---|---|---|---|",
    ]
    for gap in catalogue.gaps:
        since = catalogue.rules[gap.rule].supported_since(gap.case) or "–"
        rule = f"[{gap.rule}](rules/{gap.rule}.md)"
        lines.append(f"| {cell(gap.feature)} | {since} | {cell(gap.today)} | {rule} |")
    return "\n".join(lines) + "\n"


def types_page(catalogue: Catalogue) -> str:
    """What becomes of every type that DSQL does not store as it is."""
    lines = [
        "# Types",
        "",
        "What `dsql-compat rewrite` puts in place of a type, and what the findings go by. "
        "Types that DSQL stores as they are stand in no row. Generated from `rules/types.yaml`.",
        "",
        "| type | becomes | what is lost | values | queries |",
        "|---|---|---|---|---|",
    ]
    entries = {id(entry): entry for entry in catalogue.types.values()}.values()
    for entry in entries:
        forms = [form_text(form, catalogue) for form in entry.forms]
        if forms == ["the same"]:
            continue
        names = ", ".join(
            f"`{name}` (`{to}`)" if to else f"`{name}`"
            for name, to in entry.types.items()
            if name != "*"
        )
        names = names or f"{entry.family}: all others"
        rule = f" [{entry.rule}](rules/{entry.rule}.md)" if entry.rule else ""
        texts = (names + rule, "; ".join(forms), entry.lost, entry.values, entry.queries)
        lines.append("| " + " | ".join(cell(text) or "–" for text in texts) + " |")
    return "\n".join(lines) + "\n"


def form_text(form: Form, catalogue: Catalogue) -> str:
    """A form in words: the type, and when it is taken."""
    text = "no column" if form.type is None else f"`{form.type}`"
    text = "the same" if form.type == "{type}" else text
    if form.parts:
        text = " and ".join(f"`…{ending} {form.type}`" for ending, _ in form.parts)
    if form.check:
        text += f" with `CHECK ({form.check})`"
    conditions = [f"`--{form.choice[0]} {form.choice[1]}`"] if form.choice else []
    if form.needs:
        since = catalogue.rules[form.needs].supported_since()
        conditions.append(f"since {since}")
    if form.sized is False:
        conditions.append("without a precision")
    if form.over:
        conditions.append(f"over {form.over}")
    if form.asks:
        conditions.append("for a person to decide")
    return f"{text} ({', '.join(conditions)})" if conditions else text


def main() -> int:
    """Write all pages, or say which differ."""
    check = "--check" in sys.argv[1:]
    wanted = dict(pages())
    existing = set((DOCS / "rules").glob("*.md"))
    stale = [
        path
        for path, text in wanted.items()
        if not path.exists() or path.read_text("utf-8") != text
    ]
    extra = sorted(existing - set(wanted))
    if check:
        for path in [*stale, *extra]:
            print(
                f"out of date: {path.relative_to(DOCS.parent)}; run `make generate`",
                file=sys.stderr,
            )
        return 1 if stale or extra else 0
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(wanted[path], "utf-8")
    for path in extra:
        path.unlink()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
