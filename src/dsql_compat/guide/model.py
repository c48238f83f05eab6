"""The values of a guide: chapters in Markdown, pictures, and files with code."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing: `body` is what stands inside of its svg element.

    `upright` is the same for a narrow screen, on which a wide one cannot be read.
    """

    name: str
    title: str
    width: int
    height: int
    body: str
    upright: Picture | None = None


@dataclass(frozen=True, slots=True)
class Chapter:
    """A file of Markdown; `stem` is its name without the ending, and its address."""

    stem: str
    title: str
    text: str
    pictures: tuple[Picture, ...] = ()

    @property
    def path(self) -> str:
        """The file."""
        return f"{self.stem}.md"


@dataclass(frozen=True)
class Option:
    """One way, and what follows from it; `is_taken`: what the rewrite goes by."""

    title: str
    consequences: str
    is_taken: bool = False
    sql: str = ""


@dataclass(frozen=True)
class Decision:
    """A question, in Markdown: what raises it, the ways to go, and what speaks for which."""

    key: str
    title: str
    raised: str
    options: list[Option]
    advice: str
