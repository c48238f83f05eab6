"""What the smaller parts are put together from."""

from __future__ import annotations

from dsql_compat.findings import Finding
from dsql_compat.guide.application.model import Part
from dsql_compat.guide.application.python import source_of
from dsql_compat.report.excerpt import mask_secrets
from dsql_compat.report.markdown import code


def part_of(
    key: str,
    title: str,
    lines: list[str],
    found: list[Finding],
    files: dict[str, str] | None = None,
) -> Part:
    """A part with retry.py; `found` asks for it."""
    ids = tuple(dict.fromkeys(finding.id for finding in found if finding.id))
    everything = {"retry.py": source_of("retry")} | (files or {})
    return Part(key, title, "\n".join([*lines, ""]), everything, ids)


def places(found: list[Finding]) -> list[str]:
    """Where something was found, each object once."""
    named = dict.fromkeys(map(place, found))
    return ["", "Found in:", "", *(f"- {name}" for name in named)]


def sql_block(text: str) -> list[str]:
    """SQL as a block of Markdown."""
    return ["", "```sql", text.strip(), "```"]


def place(finding: Finding) -> str:
    """Where something was found: an object, or a statement of the workload."""
    if finding.object.kind == "workload":
        return f"workload: {code(mask_secrets(finding.span.statement.outermost.text.strip()))}"
    return f"{finding.object.kind} {code(str(finding.object))}"
