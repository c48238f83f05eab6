"""What the application gets: chapters of the guide, each with code that runs."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Part:
    """A replacement: an explanation in Markdown, files by their paths in the guide's folder, and
    the ids of the findings that ask for it.

    `details` is what is too long to stand in the explanation, which refers to it.
    """

    key: str
    title: str
    explanation: str
    files: dict[str, str] = field(default_factory=dict)
    findings: tuple[str, ...] = ()
    details: str = ""
