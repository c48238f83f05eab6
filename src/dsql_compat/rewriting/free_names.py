"""Names for what the source has no name for, within the 63 bytes that PostgreSQL keeps."""

from __future__ import annotations

from collections.abc import Container

LONGEST = 63


def free_name(stem: str, ending: str, taken: Container[str]) -> str:
    """`stem_ending`, shortened in the stem, with a number where that is taken: always the same."""
    number = 0
    while True:
        behind = f"_{ending}{number or ''}"
        name = shortened(stem, LONGEST - len(behind.encode())) + behind
        if name not in taken:
            return name
        number += 1


def shortened(name: str, longest: int = LONGEST) -> str:
    """A name cut to a number of bytes, at a whole character, as PostgreSQL does."""
    return name.encode()[:longest].decode(errors="ignore")
