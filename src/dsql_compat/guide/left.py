"""The appendix: what has no counterpart, with its source, and what was not looked into."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from dsql_compat.guide.model import Chapter
from dsql_compat.guide.view import View, name_of
from dsql_compat.guide.words import heading, plural, sentences
from dsql_compat.report.excerpt import mask_secrets
from dsql_compat.report.markdown import code, fence, prose, table
from dsql_compat.rewriting.model import Fate

STEM, TITLE = "10-left-behind", "Left behind"


def chapter(view: View) -> Chapter:
    """The chapter."""
    parts = [heading(1, TITLE), *_left(view), *_absorbed(view), *_unread(view)]
    return Chapter(STEM, TITLE, "\n\n".join(parts))


def _left(view: View) -> Iterator[str]:
    left = view.rewrite.left
    if not left:
        yield "Nothing: every object of the source has a counterpart."
        return
    yield (
        f"{plural(len(left), 'object or statement', 'objects and statements')} of "
        "the source without a counterpart, with their own SQL."
    )
    seen: set[str] = set()
    for kind in sorted({fate.ref.kind for fate in left}):
        fates = [fate for fate in left if fate.ref.kind == kind]
        yield heading(2, f"{prose(kind.capitalize())} ({len(fates)})")
        for fate in fates:
            yield from _fate(view, fate, seen)


def _fate(view: View, fate: Fate, seen: set[str]) -> Iterator[str]:
    places = [s.outermost.position(0) for s in fate.statements[:1]]
    where = f", {code(f'{fate.statements[0].outermost.source}:{places[0].line}')}" if places else ""
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
        names = Counter(f"{fate.ref.kind} {name_of(fate.ref)}" for fate in fates)
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
