"""A folder as the layouts look at it: listed once, never through links, never into another
repository."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from dsql_compat.sources.files import natural

SQL_SUFFIXES = (".sql", ".sql.gz", ".pgsql", ".ddl")
_HEAD = 8192
_SKIPPED = frozenset({"node_modules", "__pycache__", "venv", "site-packages"})


def _is_file(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file()
    except OSError:  # a link to itself
        return False


class Folder:
    """A folder with its files and folders in the order of their names, numbers as numbers.

    `root` is what no path may lead out of.
    """

    def __init__(self, path: Path, root: Path) -> None:
        self.path = path
        self.root = root
        self.submodules: list[Path] = []
        self.outside: list[Path] = []  # links to files that are not below the root
        self._heads: dict[Path, bytes] = {}

    @cached_property
    def _entries(self) -> tuple[list[Path], list[Path]]:
        files, folders = [], []
        try:
            with os.scandir(self.path) as listing:
                for entry in listing:
                    path = self.path / entry.name
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(path)
                    elif _is_file(entry) and self._takes(path, is_link=entry.is_symlink()):
                        files.append(path)
        except OSError:
            return [], []

        def order(path: Path) -> list[tuple[int, int, str]]:
            return natural(path.name)

        return sorted(files, key=order), sorted(folders, key=order)

    def _takes(self, path: Path, *, is_link: bool) -> bool:
        if not is_link or self.holds(path):
            return True
        if path.name.lower().endswith(SQL_SUFFIXES):
            self.outside.append(path)
        return False

    @property
    def files(self) -> list[Path]:
        """All files; links to files too."""
        return self._entries[0]

    @cached_property
    def sql(self) -> list[Path]:
        """The files whose names say that they are SQL."""
        return [
            path
            for path in self.files
            if path.name.lower().endswith(SQL_SUFFIXES) and not path.name.startswith(".")
        ]

    @cached_property
    def folders(self) -> list[Folder]:
        """The folders in it that may hold migrations."""
        found = []
        for path in self._entries[1]:
            if path.name.startswith(".") or path.name in _SKIPPED:
                continue
            if (path / ".git").exists():
                self.submodules.append(path)
            else:
                found.append(Folder(path, self.root))
        return found

    def has(self, name: str) -> bool:
        """Whether there is such a file."""
        return any(path.name == name for path in self.files)

    def holds(self, path: Path) -> bool:
        """Whether a path that a file names stays below the root, links followed."""
        return path.resolve().is_relative_to(self.root.resolve())

    def everything(self) -> list[Path]:
        """The SQL files of this folder and of all below it."""
        below = [path for folder in self.folders for path in folder.everything()]
        return sorted(
            [*self.sql, *below], key=lambda path: natural(path.relative_to(self.path).as_posix())
        )

    def remarks(self) -> Iterator[str]:
        """What was not looked into, as far as its folders were listed."""
        for path in self.outside:
            yield f"{path.as_posix()}: a link out of the repository; not read"
        for path in self.submodules:
            yield f"{path.as_posix()}: a repository of its own; not looked into"
        if "folders" in self.__dict__:
            for folder in self.folders:
                yield from folder.remarks()

    def head(self, path: Path) -> bytes:
        """How a file begins; nothing where it cannot be read."""
        if path not in self._heads:
            try:
                with path.open("rb") as stream:
                    self._heads[path] = stream.read(_HEAD)
            except OSError:
                self._heads[path] = b""
        return self._heads[path]
