"""Chapter 2: the decisions, each with its options and what follows from them."""

from __future__ import annotations

from collections.abc import Iterator

from dsql_compat.guide.decisions import decisions
from dsql_compat.guide.model import Chapter, Decision, Option
from dsql_compat.guide.view import View
from dsql_compat.guide.words import heading, plural
from dsql_compat.report.markdown import fence, table

STEM, TITLE = "02-decisions", "Decisions to take first"


def chapter(view: View) -> Chapter:
    """The chapter."""
    found = decisions(view)
    parts = [heading(1, TITLE)]
    if not found:
        parts.append("None: nothing in this schema leaves a choice.")
    else:
        parts.append(
            f"This schema raises {plural(len(found), 'question')}; what shapes the most comes "
            "first. **Taken** marks what this guide and the rewrite go by; another choice is an "
            "option of `dsql-compat guide` and `dsql-compat rewrite`, or work by hand."
        )
        parts.append(_overview(view, found))
    for number, decision in enumerate(found, 1):
        parts += _decision(view, number, decision)
    return Chapter(STEM, TITLE, "\n\n".join(parts))


def _overview(view: View, found: list[Decision]) -> str:
    rows = []
    for number, decision in enumerate(found, 1):
        address = view.anchors.of("decision", decision.key)
        taken = next((option.title for option in decision.options if option.is_taken), "open")
        rows.append([f"D{number}", f"[{decision.title}](#{address})", taken])
    return table(["", "Question", "This guide goes by"], rows)


def _decision(view: View, number: int, decision: Decision) -> Iterator[str]:
    address = view.anchors.of("decision", decision.key)
    yield heading(2, f"D{number}. {decision.title}", address)
    yield decision.raised
    if decision.options:
        yield "\n".join(map(_option, decision.options))
    yield f"**Advice:** {decision.advice}"


def _option(option: Option) -> str:
    mark = " **Taken.**" if option.is_taken else ""
    stop = "." if option.consequences or mark else ""
    line = f"- **{option.title}**{stop}{mark} {option.consequences}".rstrip()
    if not option.sql:
        return line
    return line + "".join(f"\n  {part}" for part in fence(option.sql).splitlines())
