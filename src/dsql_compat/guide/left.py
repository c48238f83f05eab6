"""The appendix: what has no counterpart, with its source, and what was not looked into."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from dsql_compat.guide.model import Chapter
from dsql_compat.guide.schema import PLURALS
from dsql_compat.guide.view import View, name_of
from dsql_compat.guide.words import heading, plural, sentences
from dsql_compat.report.excerpt import mask_secrets
from dsql_compat.report.markdown import code, fence, prose, table
from dsql_compat.rewriting.model import Fate
from dsql_compat.sql.statements import Statement

STEM, TITLE = "10-left-behind", "Left behind"
_SAID_OF_OTHERS = {"grant", "revoke", "comment", "owner"}
_LONGEST = 2_000  # characters of a statement in a table


# What is missed most comes first.
_ORDER = (
    "table", "foreign table", "column", "type", "domain", "collation", "sequence", "view",
    "materialized view", "function", "procedure", "aggregate", "operator", "trigger", "rule",
    "event trigger", "policy", "constraint", "index", "extension", "statement",
)  # fmt: skip


def chapter(view: View) -> Chapter:
    """The chapter."""
    parts = [heading(1, TITLE), *_left(view), *_absorbed(view), *_unread(view)]
    return Chapter(STEM, TITLE, "\n\n".join(parts))


def _left(view: View) -> Iterator[str]:
    left = view.rewrite.left
    if not left:
        yield "Nothing: every object of the source has a counterpart."
        return
    about = [fate for fate in left if _is_about_others(fate)]
    own = [fate for fate in left if not _is_about_others(fate)]
    if own:
        have = "has" if len(own) == 1 else "have"
        yield (
            f"{plural(len(own), 'object or statement', 'objects and statements')} of the source "
            f"{have} no counterpart; each with its own SQL."
        )
    seen: set[str] = set()
    for kind in sorted({fate.ref.kind for fate in own}, key=_rank):
        fates = [fate for fate in own if fate.ref.kind == kind]
        many = (PLURALS.get(kind) or f"{kind}s").capitalize()
        yield heading(2, f"{prose(many)} ({len(fates):,})")
        for fate in fates:
            yield from _fate(view, fate, seen)
    yield from _about_others(view, about)


def _rank(kind: str) -> tuple[int, str]:
    return _ORDER.index(kind) if kind in _ORDER else len(_ORDER) - 1, kind


def _is_about_others(fate: Fate) -> bool:
    """Whether it only says something of another object that is not there either."""
    return fate.ref.kind in _SAID_OF_OTHERS or (
        fate.ref.kind == "statement" and fate.what.startswith("said of")
    )


def _about_others(view: View, fates: list[Fate]) -> Iterator[str]:
    if not fates:
        return
    yield heading(2, f"Said of what is not there ({len(fates):,})", "left-said-of-others")
    yield (
        "Rights, comments and owners of objects that are left behind or part of another one by "
        "now; nothing is lost with them."
    )
    yield table(
        ["Statement", "Where"],
        [
            [code(_one_statement(statement), _LONGEST), code(_place(view, statement))]
            for fate in fates
            for statement in fate.statements
        ],
    )


def _one_statement(statement: Statement) -> str:
    return f"{mask_secrets(statement.excerpt.strip()).removesuffix(';')};"


def _place(view: View, statement: Statement) -> str:
    """The line, with the name of the file where there are several."""
    outer = statement.outermost
    line = outer.position(0).line
    if len(view.report.sources) == 1:
        return f"line {line}"
    return f"{outer.source.rsplit('/', 1)[-1]}:{line}"


def _fate(view: View, fate: Fate, seen: set[str]) -> Iterator[str]:
    where = "".join(f", {code(_place(view, statement))}" for statement in fate.statements[:1])
    link = view.link(fate.ref)
    name = code(name_of(fate.ref))
    mark = f'<a id="{view.anchors.of("left", f"{fate.ref.kind} {name_of(fate.ref)}")}"></a>'
    if mark in seen:  # an overload
        mark = ""
    seen.add(mark)
    reason = f": {prose(fate.what)}." if fate.what else "."
    yield f"{mark}**{f'[{name}]({link})' if link else name}**{where}{reason}"
    if not link:
        errors = [f for f in fate.findings if f.status.severity == "error"][:3]
        texts = [(f.status.message, f.status.advice, f.facts) for f in errors]
        lines = [
            f"- {sentences(message.format_map(facts), advice.format_map(facts))}"
            for message, advice, facts in texts
        ]
        if lines:
            yield "\n".join(lines)
    text = "\n\n".join(mask_secrets(statement.excerpt.strip()) for statement in fate.statements)
    if text:
        yield fence(text)


def _absorbed(view: View) -> Iterator[str]:
    by_reason: dict[str, list[Fate]] = {}
    for fate in view.rewrite.fates:
        if fate.outcome == "absorbed":
            by_reason.setdefault(fate.what, []).append(fate)
    if not by_reason:
        return
    yield heading(2, "Part of something else")
    rows = []
    for reason, fates in by_reason.items():
        names = Counter(
            f"{'' if fate.ref.kind == 'statement' else fate.ref.kind} {name_of(fate.ref)}".strip()
            for fate in fates
        )
        shown = [code(name) + (f" × {count}" if count > 1 else "") for name, count in names.items()]
        rows.append([prose(reason), ", ".join(shown)])
    yield table(["What became of it", "Objects"], rows)


def _unread(view: View) -> Iterator[str]:
    found = view.report.not_analysed
    if not found:
        return
    yield heading(2, "Not looked into")
    rows = [
        [code(f"{item.source}:{item.line}"), code(item.what), prose(item.reason)] for item in found
    ]
    yield table(["Where", "What", "Why"], rows)
