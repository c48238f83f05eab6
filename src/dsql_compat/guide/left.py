"""The appendix: what has no counterpart, with its source, and what was not looked into."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from dsql_compat.guide.left_source import FILE, Place, is_large, left_file, source_of, where
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


_FOLDED = 25  # rows of a table from which on it is folded away

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
    places = _places(view)
    if places:
        yield (
            f"That is too much for a page: the SQL is in [{code(FILE)}]({FILE}), "
            "and this chapter says what stands where in it."
        )
    seen: set[str] = set()
    for kind in sorted({fate.ref.kind for fate in own}, key=_rank):
        fates = [fate for fate in own if fate.ref.kind == kind]
        many = (PLURALS.get(kind) or f"{kind}s").capitalize()
        yield heading(2, f"{prose(many)} ({len(fates):,})")
        told = [fate for fate in fates if not (places and view.link(fate.ref))]
        yield from _index(view, [fate for fate in fates if fate not in told], places, seen)
        for fate in told:
            yield from _fate(view, fate, seen, places.get(id(fate)))
    yield from _about_others(view, about)


def files(view: View) -> dict[str, str]:
    """The file for the SQL of what is left behind, where the chapter does not show it."""
    return {FILE: left_file(view.rewrite, _own(view))[0]} if _places(view) else {}


def _own(view: View) -> list[Fate]:
    own = [fate for fate in view.rewrite.left if not _is_about_others(fate)]
    return sorted(own, key=lambda fate: _rank(fate.ref.kind))


def _places(view: View) -> dict[int, Place]:
    """Where each stands in the file; nothing where the chapter shows them itself."""
    own = _own(view)
    return left_file(view.rewrite, own)[1] if is_large(view.rewrite, own) else {}


def _index(
    view: View, fates: list[Fate], places: dict[int, Place], seen: set[str]
) -> Iterator[str]:
    """What the chapter on the schema explains: a row for each; a reason they share is said once."""
    if not fates:
        return
    reasons = {fate.what for fate in fates}
    rows = [
        [
            f"{_mark(view, fate, seen)}[{code(name_of(fate.ref))}]({view.link(fate.ref)})",
            code(_place_of(view, fate)),
            _file_link(places.get(id(fate))),
            prose(fate.what),
        ]
        for fate in fates
    ]
    heads = ["Object", "In the source", "Its SQL", "Why"]
    if len(reasons) == 1:
        reason = reasons.pop()
        heads, rows = heads[:3], [row[:3] for row in rows]
        if reason:
            yield f"{prose(reason[:1].upper() + reason[1:])}."
    shown = table(heads, rows)
    if len(rows) > _FOLDED:
        yield f"<details><summary>{len(rows):,} objects</summary>"
        yield shown
        yield "</details>"
    else:
        yield shown


def _file_link(place: Place | None) -> str:
    if place is None:
        return "–"
    lines = f"{place.first}–{place.last}" if place.last > place.first else f"{place.first}"
    return f"[{FILE}:{lines}]({FILE}#L{place.first})"


def _mark(view: View, fate: Fate, seen: set[str]) -> str:
    mark = f'<a id="{view.anchors.of("left", f"{fate.ref.kind} {name_of(fate.ref)}")}"></a>'
    if mark in seen:  # an overload
        return ""
    seen.add(mark)
    return mark


def _place_of(view: View, fate: Fate) -> str:
    found = where(view.rewrite, fate)
    return _place(view, *found) if found else "–"


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


def _place(view: View, statement: Statement, at: int = 0) -> str:
    """The line, with the name of the file where there are several."""
    outer = statement.outermost
    line = statement.position(at).line if at else outer.position(0).line
    if len(view.report.sources) == 1:
        return f"line {line}"
    return f"{outer.source.rsplit('/', 1)[-1]}:{line}"


def _fate(view: View, fate: Fate, seen: set[str], place: Place | None) -> Iterator[str]:
    stands = f", {code(_place_of(view, fate))}" if fate.statements else ""
    link = view.link(fate.ref)
    name = code(name_of(fate.ref))
    mark = _mark(view, fate, seen)
    reason = f": {prose(fate.what)}." if fate.what else "."
    yield f"{mark}**{f'[{name}]({link})' if link else name}**{stands}{reason}"
    if not link:
        errors = [f for f in fate.findings if f.status.severity == "error"][:3]
        texts = [(f.status.message, f.status.advice, f.facts) for f in errors]
        lines = [
            f"- {sentences(message.format_map(facts), advice.format_map(facts))}"
            for message, advice, facts in texts
        ]
        if lines:
            yield "\n".join(lines)
    text = source_of(view.rewrite, fate)
    if place is not None:
        yield f"Its SQL: {_file_link(place)}"
    elif text:
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
