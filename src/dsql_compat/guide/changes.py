"""Chapter 5: what the application takes over, with code, and what its frameworks need."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from dsql_compat.guide.application.model import Part
from dsql_compat.guide.application.telling import DETAILS
from dsql_compat.guide.frameworks import check_of, settings_of, traces
from dsql_compat.guide.model import Chapter
from dsql_compat.guide.view import View, name_of
from dsql_compat.guide.words import first_sentence, heading, listed, plural, sentences
from dsql_compat.report.grouping import Group
from dsql_compat.report.markdown import code, fence, prose, table
from dsql_compat.report.model import FindingInfo
from dsql_compat.report.views import rule_title

STEM, TITLE = "05-application", "Application changes"
_DETAILS = "Line by line"
# Rules about what the application does, whatever has to be decided.
_OF_THE_APPLICATION = {
    "trigger", "plpgsql-function", "procedure", "policy", "advisory-lock", "listen-notify",
    "skip-locked", "savepoint", "truncate", "temporary-table", "materialized-view", "set-config",
    "lock-table", "isolation-level", "cursor", "prepared-statement", "do-block",
    "text-search-function", "operator", "aggregate", "large-object", "rule", "event-trigger",
}  # fmt: skip
_NAMED = 3  # objects in a row of the table; the gap list has all of them
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
        names = [_name(f) for f in group.findings]
        where = listed(names, _NAMED)
        links = list(_code_of(view, group))
        what = [_advice(group, is_short=bool(links)), *links]
        rows.append([prose(rule_title(group.rule)), where, "<br>".join(what)])
    yield (
        "What PostgreSQL does for the application today and Aurora DSQL does not, in short; the "
        "parts below explain it, and the [gap list](03-gaps.md) names every place."
    )
    yield table(["What", "Where", "What to do"], rows)


def _name(finding: FindingInfo) -> str:
    """The object; of what an application sends, the statement, as its name says nothing here."""
    if finding.object.kind == "workload":
        return " ".join(finding.statement.split())
    return name_of(finding.object)


def _advice(group: Group, *, is_short: bool) -> str:
    """What to do: the commonest kinds of advice, all of it where nothing below goes on with it."""
    found = Counter(f.advice for f in group.findings if f.cause is None)
    found = found or Counter(f.advice for f in group.findings)
    if is_short:
        short = [(sentences(_in_short(advice)), number) for advice, number in found.most_common(2)]
        if len(found) == 1:
            return short[0][0]
        return "<br>".join(f"{number:,}: {text}" for text, number in short)
    return "<br>".join(sentences(advice) for advice, _ in found.most_common())


def _in_short(advice: str) -> str:
    """The sentence that says what to do; the first one may say what the thing is."""
    first = first_sentence(advice)
    rest = advice.removeprefix(first).strip()
    return first_sentence(rest) if rest and first.startswith(("A ", "An ")) else first


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
    catalog = view.rewrite.catalog
    names = [t.name.name for t in catalog.tables()] + [s.name.name for s in catalog.sequences()]
    others = list(traces(names, [finding.object.name for finding in found]))
    if not found and not others:
        return
    yield heading(2, "Frameworks and migration tools")
    for finding in found:
        yield f"**{sentences(finding.message)}** {sentences(finding.why, finding.advice)}"
        known = settings_of(view.by_id[finding.id].status.case)
        if known is not None:
            language, text = known
            yield fence(text, language)
        check = check_of(view.by_id[finding.id].facts.get("tool", ""))
        if check:
            yield check
    for name, tool, check in others:
        yield f"**{code(name)} looks like {tool}.** {check}"


def details_chapter(view: View) -> Chapter | None:
    """What is too long for its part; None where every part holds its own."""
    parts = [part for part in view.parts if part.details]
    if not parts:
        return None
    text = [heading(1, _DETAILS)]
    text.append(
        "What the code that nobody could translate does, step by step, for those who write its "
        "replacement; each opens by itself. Line numbers count from the first line of the body."
    )
    for part in parts:
        text += [heading(2, prose(part.title)), part.details.strip()]
    return Chapter(DETAILS, _DETAILS, "\n\n".join(text))


def part_link(view: View, part: Part) -> str:
    """Where a part of this chapter stands, from another one."""
    return f"{STEM}.md#{view.anchors.of('part', part.title)}"


def _parts(view: View) -> Iterator[str]:
    shared = _shared(view.parts)
    for part in view.parts:
        yield heading(2, prose(part.title), view.anchors.of("part", part.title))
        yield part.explanation.strip()
        if part.details:
            yield (
                f"What each of them does, line by line, is [a chapter of its own]({DETAILS}.md)."
            )
        own = {path: text for path, text in part.files.items() if path not in shared}
        sql = {path: text for path, text in part.files.items() if path.endswith(".sql")}
        if own or sql:
            yield "\n".join(_links(own | sql))


def _links(files: dict[str, str]) -> Iterator[str]:
    for path, text in files.items():
        yield f"- [{code(path)}](application/{path}), {_lines(text)}"


def _lines(text: str) -> str:
    return plural(len(text.splitlines()), "line")
