"""Rows into files, each of them one transaction that DSQL takes.

A transaction may change 3,000 rows and 10 MiB, and what unique constraints write counts towards
the bytes.  Rows are written as they come, so no batch is ever held in memory.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

MOST_ROWS = 3000
ROWS_OF_INSERT = 1000  # one statement, which is parsed as a whole
MOST_BYTES = 8 << 20  # of the 10 MiB: values may take more room inside than as text
LONGEST_KEY = 1024
_OF_A_ROW, _OF_A_VALUE = 24, 8
_OPEN_FILES = 32


@dataclass(frozen=True, slots=True)
class Shape:
    """What rows of one batch have in common: the words around them, and what each takes besides."""

    head: bytes
    between: bytes
    tail: bytes
    most_rows: int
    overhead: int
    keys: int

    def size(self, rows: list[bytes]) -> int:
        """What rows count for in a transaction, guessed high."""
        text = sum(map(len, rows))
        return text + len(rows) * self.overhead + self.keys * min(text, len(rows) * LONGEST_KEY)


def overhead(columns: int, keys: int) -> int:
    """Bytes of a row besides its text."""
    return (_OF_A_ROW + columns * _OF_A_VALUE) * (1 + keys)


class Files:
    """Open files, of which only so many are open at a time."""

    def __init__(self) -> None:
        self._open: OrderedDict[Path, BinaryIO] = OrderedDict()

    def write(self, path: Path, data: bytes) -> None:
        """Append to a file."""
        stream = self._open.get(path)
        if stream is None:
            if len(self._open) >= _OPEN_FILES:
                self._open.popitem(last=False)[1].close()
            stream = self._open[path] = path.open("ab", buffering=1 << 16)
        else:
            self._open.move_to_end(path)
        stream.write(data)

    def close(self, path: Path) -> None:
        """Done with a file."""
        stream = self._open.pop(path, None)
        if stream is not None:
            stream.close()

    def close_all(self) -> None:
        """Done with all of them."""
        while self._open:
            self._open.popitem()[1].close()


@dataclass(slots=True)
class Batches:
    """The files of one table: `stem` is how their names begin."""

    files: Files
    folder: Path
    stem: str
    count: int = 0
    rows: int = 0
    text_size: int = 0
    widest: int = 0
    _shape: Shape | None = None
    _rows: int = 0
    _size: int = 0
    _names: list[str] = field(default_factory=list)

    def add(self, shape: Shape, rows: list[bytes]) -> None:
        """Append rows, beginning another batch wherever one is full."""
        at = 0
        while at < len(rows):
            if self._shape != shape or self._rows >= shape.most_rows:
                self._begin(shape)
            part = rows[at : at + shape.most_rows - self._rows]
            size = shape.size(part)
            if self._size + size > MOST_BYTES:
                part = self._fitting(shape, part)
                if not part:
                    self._begin(shape)
                    continue
                size = shape.size(part)
            self._write(shape, part, size)
            at += len(part)

    def _fitting(self, shape: Shape, rows: list[bytes]) -> list[bytes]:
        """As many rows as there is room for; at least one in an empty batch."""
        size = self._size
        for number, row in enumerate(rows):
            size += shape.size([row])
            if size > MOST_BYTES:
                return rows[: max(number, 0 if self._rows else 1)]
        return rows

    def _write(self, shape: Shape, rows: list[bytes], size: int) -> None:
        lead = shape.between if self._rows else b""
        self.files.write(self._path, lead + shape.between.join(rows))
        self._rows += len(rows)
        self._size += size
        self.rows += len(rows)
        self.text_size += sum(map(len, rows))
        self.widest = max(self.widest, *map(len, rows))

    @property
    def _path(self) -> Path:
        return self.folder / self._names[-1]

    def _begin(self, shape: Shape) -> None:
        self.end()
        self.count += 1
        self._shape, self._rows, self._size = shape, 0, 0
        self._names.append(f"{self.stem}-{self.count:05}.sql")
        self.files.write(self._path, shape.head)

    def end(self) -> None:
        """Finish the batch at hand."""
        if self._shape is not None:
            self.files.write(self._path, self._shape.tail)
            self.files.close(self._path)
            self._shape = None

    def finish(self) -> list[str]:
        """Finish all; the names of the files.  A single one needs no number of its own."""
        self.end()
        if len(self._names) == 1:
            only = f"{self.stem}.sql"
            self._path.rename(self.folder / only)
            self._names = [only]
        return self._names
