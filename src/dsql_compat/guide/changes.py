"""Chapter 5: what the application takes over, with code, and what its frameworks need."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from dsql_compat.guide.application.model import Part
from dsql_compat.guide.frameworks import settings_of
from dsql_compat.guide.model import Chapter
from dsql_compat.guide.view import View, name_of
from dsql_compat.guide.words import all_listed, heading, listed, plural, sentences
from dsql_compat.report.grouping import Group
from dsql_compat.report.markdown import code, fence, prose, table
from dsql_compat.report.views import rule_title

STEM, TITLE = "05-application", "Application changes"
# Rules about what the application does, whatever has to be decided.
_OF_THE_APPLICATION = {
    "trigger", "plpgsql-function", "procedure", "policy", "advisory-lock", "listen-notify",
    "skip-locked", "savepoint", "truncate", "temporary-table", "materialized-view", "set-config",
    "lock-table", "isolation-level", "cursor", "prepared-statement", "do-block",
    "text-search-function", "operator", "aggregate", "large-object", "rule", "event-trigger",
}  # fmt: skip
_ADVICES = 3  # of one kind in a row of the table
_BEGIN = """
import psycopg

from application import retry

connection = psycopg.connect(…)  # with an IAM token: see operations


def work(c: retry.Connection) -> None:
    c.execute("UPDATE … SET … WHERE …")


retry.run(connection, work)
"""


def chapter(view: View) -> Chapter:
    """The chapter."""
    parts = [heading(1, TITLE), *_overview(view), *_package(view), *_tools(view), *_parts(view)]
    if len(parts) == 1:
        parts.append(
            "Nothing in this schema asks for it. Two things hold for every application: it tries a "
            "transaction again that ended in 40001, and it logs in with IAM tokens "
            "([operations](07-operations.md))."
        )
    return Chapter(STEM, TITLE, "\n\n".join(parts))


def _overview(view: View) -> Iterator[str]:
    groups = [
        g
        for g in view.groups
        if g.severity != "info"
        and (g.rule in _OF_THE_APPLICATION or any(f.workload for f in g.findings))
    ]
    if not groups:
        return
    rows = []
    for group in groups:
        names = [name_of(f.object) for f in group.findings]
        what = [*_advice(group), *_code_of(view, group)]
        rows.append([prose(rule_title(group.rule)), all_listed(names, 6), "<br>".join(what)])
    yield "What PostgreSQL does for the application today and Aurora DSQL does not:"
    yield table(["What", "Where", "What to do"], rows)


def _advice(group: Group) -> Iterator[str]:
    """What to do; with names where it differs, and where that is long, the commonest first."""
    found: dict[str, list[str]] = {}
    for finding in [f for f in group.findings if f.cause is None] or group.findings:
        found.setdefault(finding.advice, []).append(name_of(finding.object))
    if len(found) == 1:
        yield sentences(*found)
        return
    ordered = sorted(found.items(), key=lambda pair: -len(pair[1]))
    for advice, names in ordered[:_ADVICES]:
        yield f"{all_listed(names, 3)}: {sentences(advice)}"
    if len(ordered) > _ADVICES:
        more = plural(len(ordered) - _ADVICES, "more kind")
        yield f"{more} of advice in the [gap list](03-gaps.md)"


def _code_of(view: View, group: Group) -> Iterator[str]:
    """Where this chapter goes on with it."""
    ids = {finding.id for finding in group.findings}
    for part in view.parts:
        if ids & set(part.findings):
            yield f"→ [{prose(part.title)}]({part_link(view, part)})"


def _package(view: View) -> Iterator[str]:
    """The folder of code, said once for all parts."""
    if not view.parts:
        return
    yield heading(2, "The code: how to begin")
    shared = _shared(view.parts)
    yield (
        "`application/` is a Python package that needs psycopg 3 and nothing else. Copy it into "
        "the application, or read it as a description: each part below has its own modules, and "
        f"all of them share {listed(path for path in shared if path != '__init__.py')}. SQL files "
        "are run once, one statement a transaction. Every unit of work is a function that takes "
        "a connection and does nothing but use it; `retry.run` gives it a transaction, and runs it "
        "again after a conflict."
    )
    yield fence(_BEGIN.strip(), "python")
    yield "\n".join(_links({path: text for path, text in shared.items() if path.endswith(".py")}))


def _shared(parts: list[Part]) -> dict[str, str]:
    """The files that more than one part has."""
    count = Counter(path for part in parts for path in part.files)
    texts = {path: text for part in parts for path, text in part.files.items()}
    always = ("__init__.py", "retry.py")
    return {p: text for p, text in texts.items() if count[p] > 1 or p in always}


def _tools(view: View) -> Iterator[str]:
    """Frameworks and migration tools that left their table in the schema."""
    found = view.of_rule("migration-tool-table")
    if not found:
        return
    yield heading(2, "Frameworks and migration tools")
    for finding in found:
        yield f"**{sentences(finding.message)}** {sentences(finding.why, finding.advice)}"
        known = settings_of(view.by_id[finding.id].status.case)
        if known is not None:
            language, text = known
            yield fence(text, language)


def part_link(view: View, part: Part) -> str:
    """Where a part of this chapter stands, from another one."""
    return f"{STEM}.md#{view.anchors.of('part', part.title)}"


def _parts(view: View) -> Iterator[str]:
    shared = _shared(view.parts)
    for part in view.parts:
        yield heading(2, prose(part.title), view.anchors.of("part", part.title))
        yield part.explanation.strip()
        own = {path: text for path, text in part.files.items() if path not in shared}
        sql = {path: text for path, text in part.files.items() if path.endswith(".sql")}
        if own or sql:
            yield "\n".join(_links(own | sql))


def _links(files: dict[str, str]) -> Iterator[str]:
    for path, text in files.items():
        yield f"- [{code(path)}](application/{path}), {_lines(text)}"


def _lines(text: str) -> str:
    return plural(len(text.splitlines()), "line")
