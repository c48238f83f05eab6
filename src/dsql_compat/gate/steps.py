"""What layouts make: the files of a plan, each with what its tool does around it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from dsql_compat.sources.encoding import codec_of_bom
from dsql_compat.sources.files import Input, Wrap, migration

_BLANK = bytes(byte if byte in b"\r\n" else 32 for byte in range(256))
LARGEST = 8 << 20  # bytes of a file that is searched for sections; larger ones are read as a whole


@dataclass(frozen=True, slots=True)
class Step:
    """One file, in its place.  Its `wraps` are the transactions that its tool opens for it.

    With `is_back` it takes another step back, or is the part of a file that does.
    """

    source: Input
    is_back: bool = False

    @property
    def path(self) -> Path | None:
        """The file."""
        return self.source.path


@dataclass(frozen=True, slots=True)
class Found:
    """What a layout makes of a folder: the way forward, and notes on what was left out.

    `back` are the steps that take those of `forward` back, the latest first.
    """

    forward: tuple[Step, ...]
    back: tuple[Step, ...] = ()
    notes: tuple[str, ...] = ()


def step(path: Path, *wraps: Wrap, is_back: bool = False) -> Step:
    """A whole file as a step.  Raises InputError."""
    return Step(replace(migration(path), wraps=wraps), is_back)


def text_of(source: Input) -> bytes | None:
    """The bytes of a plain SQL file; None where it is large, packed or not read byte by byte."""
    path = source.path
    if source.format != "plain" or path is None or (source.size or 0) > LARGEST:
        return None
    try:
        with path.open("rb") as stream:
            data = stream.read(LARGEST + 1)
    except OSError:
        return None
    return None if len(data) > LARGEST or codec_of_bom(data[:4]) == "utf-16" else data


def blanked(data: bytes, stretches: list[tuple[int, int]]) -> bytes:
    """The same text with stretches made blank, every line where it was."""
    parts, at = [], 0
    for start, end in stretches:
        parts += [data[at:start], data[start:end].translate(_BLANK)]
        at = end
    return b"".join([*parts, data[at:]])


def line_of(data: bytes, at: int) -> int:
    """The line, from 1, that a byte stands in."""
    return data.count(b"\n", 0, at) + 1
