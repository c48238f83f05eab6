"""Writes a folder whole or not at all: into one beside it first, then by renaming."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

MARK = ".dsql-compat"  # lists what was written, so that --force removes nothing else


class OutputError(Exception):
    """The folder cannot be written; the message says why, and the remedy."""


def write_folder(folder: Path, files: dict[str, str], *, force: bool = False) -> None:
    """Write files below a folder that is new or empty; `force` replaces an earlier result.

    Raises OutputError.
    """
    with new_folder(folder, force=force) as new:
        write_files(new, files)


@contextlib.contextmanager
def new_folder(folder: Path, *, force: bool = False) -> Iterator[Path]:
    """A temporary folder to write into; what is in it at the end becomes the folder's content.

    Where anything fails, the folder stays as it was.  Raises OutputError.
    """
    try:
        _check(folder, force=force)
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.parent) as new:
            yield Path(new)
            _mark(Path(new))
            if folder.exists():
                _remove_earlier(folder)
            folder.mkdir(exist_ok=True)
            for entry in sorted(Path(new).iterdir()):
                _move(entry, folder / entry.name)
    except OSError as error:
        raise OutputError(f"{folder}: {error.strerror or error}") from None


def write_files(folder: Path, files: dict[str, str]) -> None:
    """Write files below a folder, by their paths."""
    for path, text in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode("utf-8", "surrogateescape"))


def _check(folder: Path, *, force: bool) -> None:
    if not folder.exists():
        return
    if not folder.is_dir():
        raise OutputError(f"{folder}: is a file, and a folder is to be written")
    if any(folder.iterdir()) and not force:
        raise OutputError(f"{folder}: is not empty; choose another folder, or --force")


def _mark(folder: Path) -> None:
    """List what was written."""
    paths = [p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()]
    (folder / MARK).write_text("".join(f"{path}\n" for path in sorted(paths)))


def _remove_earlier(folder: Path) -> None:
    """Remove what an earlier run wrote, and only that."""
    mark = folder / MARK
    if not mark.is_file():
        return
    root = folder.resolve()
    for line in mark.read_text().splitlines():
        file = folder / line
        if root in file.resolve().parents and file.is_file():
            file.unlink()
    mark.unlink()
    for part in sorted((p for p in folder.rglob("*") if p.is_dir()), reverse=True):
        if not any(part.iterdir()):
            part.rmdir()


def _move(entry: Path, to: Path) -> None:
    if entry.is_dir() and to.is_dir():
        for part in sorted(entry.iterdir()):
            _move(part, to / part.name)
    else:
        shutil.move(entry, to)
