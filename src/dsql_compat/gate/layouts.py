"""Which files of a folder are migrations, and in which order their tool runs them.

A layout turns a folder into steps.  Each tool's layout says what it knows of the tool: the order,
and what it wraps in a transaction; what to do about that, the rules say.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from dsql_compat.gate import layouts_listed as listed
from dsql_compat.gate import layouts_named as by_name
from dsql_compat.gate import layouts_sections as sections
from dsql_compat.gate.folders import Folder
from dsql_compat.gate.steps import Found, Step
from dsql_compat.sources.database.names import is_database
from dsql_compat.sources.files import Input, InputError, find_inputs, natural

__all__ = ["LAYOUTS", "NAMES", "Layout", "Plan", "Step", "plan_of"]


@dataclass(frozen=True, slots=True)
class Plan:
    """All steps in order.  `judged` names the files that findings are wanted of (None: all of
    them); the others are replayed for what they leave behind.  `notes` are for standard error,
    `homes` the folders found, each with the name of its layout."""

    layout: str
    steps: tuple[Step, ...]
    judged: frozenset[str] | None = None
    notes: tuple[str, ...] = ()
    homes: tuple[tuple[str, Path], ...] = ()


class Layout(Protocol):
    """How one tool lays out its migrations."""

    @property
    def name(self) -> str:
        """The tool, as settings name it."""

    def recognises(self, folder: Folder) -> bool:
        """Whether a folder is laid out so."""

    def found(self, folder: Folder) -> Found:
        """The migrations of a folder, in order.  Raises InputError."""


PLAIN = by_name.Plain()
# The first that recognises a folder has it: places and lists before names, names before marks.
LAYOUTS: tuple[Layout, ...] = (
    by_name.Prisma(),
    by_name.Drizzle(),
    by_name.Supabase(),
    listed.Sqitch(),
    listed.Liquibase(),
    by_name.Flyway(),
    by_name.GolangMigrate(),
    sections.GOOSE,
    sections.DBMATE,
    sections.SQL_MIGRATE,
    sections.NODE_PG_MIGRATE,
    by_name.Atlas(),
    by_name.Rails(),
    PLAIN,
)
NAMES = ("auto", *(layout.name for layout in LAYOUTS))


def plan_of(
    paths: Sequence[Path | str], root: Path, layout: str = "auto", *, include_down: bool = False
) -> Plan:
    """The steps of all paths, each under its layout; ways back at the end, if they are wanted.

    Raises InputError.
    """
    search = _Search(root, layout)
    for path in paths:
        if is_database(str(path)):
            raise InputError("check reads files; `dsql-compat analyze` judges a running database")
        if path == "-":
            search.forward += [Step(source) for source in find_inputs(["-"])]
        else:
            search.take(Path(path))
    steps = [*search.forward, *(reversed(search.back) if include_down else ())]
    steps = list(search.within(steps))
    if not steps:
        left = search.back and not include_down
        why = "; ".join(search.notes) or "no SQL file was found"
        raise InputError(
            "nothing to read: " + ("only ways back, see --include-down" if left else why)
        )
    return Plan(
        ", ".join(search.used) or PLAIN.name,
        tuple(steps),
        None,
        tuple(search.notes),
        tuple(search.homes),
    )


@dataclass(slots=True)
class _Search:
    """What was found so far.  `back` is kept in the order of the ways forward."""

    root: Path
    layout: str
    forward: list[Step] = field(default_factory=list)
    back: list[Step] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    used: dict[str, None] = field(default_factory=dict)
    homes: list[tuple[str, Path]] = field(default_factory=list)
    known: dict[Path, tuple[Layout, Found] | None] = field(default_factory=dict)

    def take(self, path: Path) -> None:
        """Add the steps of a folder or file.  Raises InputError."""
        if not path.exists():
            raise InputError(f"{path}: No such file or directory")
        if not path.is_dir() or (path / "toc.dat").exists():
            self._take_file(path)
            return
        folder = Folder(path, self._bound(path))
        found = list(self._in(folder))
        if not found and self.layout != "auto":
            chosen = next(known for known in LAYOUTS if known.name == self.layout)
            found = [(chosen, chosen.found(folder))]
        for chosen, part in found:
            self._add(chosen, part)
        for remark in folder.remarks():
            self._tell(remark)

    def _bound(self, path: Path) -> Path:
        return self.root if path.resolve().is_relative_to(self.root.resolve()) else path

    def _in(self, folder: Folder) -> Iterator[tuple[Layout, Found]]:
        """The parts of a tree that tools claim, among files in the order of their names."""
        chosen = self._layout_of(folder)
        if chosen is not None:
            self.homes.append((chosen.name, folder.path))
            yield chosen, chosen.found(folder)
            return
        entries: list[Path | Folder] = [*folder.folders]
        if self.layout in ("auto", PLAIN.name):
            entries += folder.sql
        if len(entries) > len(folder.folders):
            self.homes.append((PLAIN.name, folder.path))
        entries.sort(key=lambda entry: natural(_path(entry).name))
        files: list[Path] = []
        for entry in entries:
            if isinstance(entry, Folder):
                yield from _plain(files)
                files = []
                yield from self._in(entry)
            else:
                files.append(entry)
        yield from _plain(files)

    def _layout_of(self, folder: Folder) -> Layout | None:
        if self.layout != "auto":
            wanted = next(known for known in LAYOUTS if known.name == self.layout)
            return wanted if wanted is PLAIN or wanted.recognises(folder) else None
        claims = [known for known in LAYOUTS if known is not PLAIN and known.recognises(folder)]
        if len(claims) > 1:
            others = " and ".join(known.name for known in claims[1:])
            self._tell(
                f"{folder.path.as_posix()}: taken as {claims[0].name}, though it may be {others}; "
                f"--layout says otherwise"
            )
        return claims[0] if claims else None

    def _take_file(self, path: Path) -> None:
        """One file, as the layout of a folder above it has it."""
        wanted = path.resolve()
        for parent in list(wanted.parents)[:4]:
            if not parent.is_relative_to(self.root.resolve()):
                break
            if parent not in self.known:
                self.known[parent] = self._claim(Folder(parent, self.root))
            claim = self.known[parent]
            if claim is None:
                continue
            part = Found(
                tuple(s for s in claim[1].forward if s.path and s.path.resolve() == wanted),
                tuple(s for s in claim[1].back if s.path and s.path.resolve() == wanted),
            )
            if part.forward or part.back:
                self._add(claim[0], part)
                return
        self.used[PLAIN.name] = None
        self.forward += [Step(source) for source in find_inputs([str(path)])]

    def _claim(self, folder: Folder) -> tuple[Layout, Found] | None:
        chosen = self._layout_of(folder)
        return None if chosen is None or chosen is PLAIN else (chosen, chosen.found(folder))

    def _add(self, layout: Layout, found: Found) -> None:
        if found.forward or found.back:
            self.used[layout.name] = None
        self.forward += found.forward
        self.back += reversed(found.back)
        for note in found.notes:
            self._tell(note)

    def _tell(self, note: str) -> None:
        """Take a note, with names from the root."""
        root = self.root.as_posix()
        note = note.removeprefix(f"{root}/").removeprefix(f"{root}: ")
        if note not in self.notes:
            self.notes.append(note)

    def within(self, steps: list[Step]) -> Iterator[Step]:
        """The steps under their names from the root, each once; not those that lead out of it."""
        seen: set[tuple[str, bool]] = set()
        for step in steps:
            source = named(step.source, self.root)
            if _leads_out(source, self.root):
                self.notes.append(f"{source.name}: a link out of the repository; not read")
            elif (source.name, step.is_back) not in seen:
                seen.add((source.name, step.is_back))
                yield replace(step, source=source)


def _path(entry: Path | Folder) -> Path:
    return entry.path if isinstance(entry, Folder) else entry


def _plain(files: list[Path]) -> Iterator[tuple[Layout, Found]]:
    if files:
        yield PLAIN, by_name.plain(files)


def named(source: Input, root: Path) -> Input:
    """The input under the name it has from the root; as it was, if it lies elsewhere."""
    if source.path is None:
        return source
    path = source.path if source.path.is_absolute() else Path.cwd() / source.path
    if ".." in path.parts or not path.is_relative_to(root):
        path = path.parent.resolve() / path.name
    name = path.relative_to(root).as_posix() if path.is_relative_to(root) else source.name
    return replace(source, name=os.fsencode(name).decode("utf-8", "backslashreplace"))


def _leads_out(source: Input, root: Path) -> bool:
    """Whether a file is named inside the repository, but a link takes it out."""
    path = source.path
    if path is None or Path(source.name).is_absolute():
        return False
    inside = (root / source.name).exists() or path.is_symlink()
    return inside and not path.resolve().is_relative_to(root.resolve())
