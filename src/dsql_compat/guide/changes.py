"""Chapter 5: what the application takes over, with code, and what its frameworks need."""

from __future__ import annotations

from collections.abc import Iterator

from dsql_compat.guide.application.model import Part
from dsql_compat.guide.frameworks import settings_of
from dsql_compat.guide.model import Chapter
from dsql_compat.guide.view import View, name_of
from dsql_compat.guide.words import all_listed, heading, plural, sentences
from dsql_compat.report.markdown import code, fence, prose, table
from dsql_compat.report.views import rule_title

STEM, TITLE = "05-application", "Application changes"
# Rules about what the application does, whatever has to be decided.
_OF_THE_APPLICATION = {
    "trigger", "plpgsql-function", "procedure", "policy", "advisory-lock", "listen-notify",
    "skip-locked", "savepoint", "truncate", "temporary-table", "materialized-view", "set-config",
    "lock-table", "isolation-level", "cursor", "prepared-statement", "do-block",
    "text-search-function", "operator", "aggregate", "large-object",
}  # fmt: skip


def chapter(view: View) -> Chapter:
    """The chapter."""
    parts = [heading(1, TITLE), *_overview(view), *_tools(view), *_parts(view.parts)]
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
        first = next((f for f in group.findings if f.cause is None), group.findings[0])
        names = [name_of(f.object) for f in group.findings]
        rows.append([prose(rule_title(group.rule)), all_listed(names, 6), sentences(first.advice)])
    yield "What PostgreSQL does for the application today and Aurora DSQL does not:"
    yield table(["What", "Where", "What to do"], rows)


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


def _parts(parts: list[Part]) -> Iterator[str]:
    for part in parts:
        yield heading(2, prose(part.title))
        yield part.explanation.strip()
        if part.files:
            links = [
                f"- [{code(path)}](application/{path}), {_lines(text)}"
                for path, text in part.files.items()
            ]
            yield "\n".join(links)


def _lines(text: str) -> str:
    return plural(len(text.splitlines()), "line")
