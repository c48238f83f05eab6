"""Tools that keep a migration in a file and its order in the name."""

from __future__ import annotations

import json
import re
from pathlib import Path

from dsql_compat.editing.markers import is_way_back
from dsql_compat.gate.folders import Folder
from dsql_compat.gate.steps import Found, Step, step, text_of
from dsql_compat.sources.files import InputError, Wrap

_FLYWAY = re.compile(r"(?P<kind>[VUB])(?P<version>\d[\d._]*)__(?P<text>.*)\.sql\Z", re.S)
_FLYWAY_REPEATED = re.compile(r"R__(?P<text>.*)\.sql\Z", re.S)
_FLYWAY_CALLBACK = re.compile(r"(?P<when>before|after)(?:Each)?Migrate(?:__.*)?\.sql\Z", re.S)
_NO_TRANSACTION = re.compile(rb"^\s*executeInTransaction\s*[=:]\s*false", re.I | re.M)
_GOLANG = re.compile(r"(?P<version>\d+)_.*\.(?P<way>up|down)\.sql\Z", re.S)
_NUMBERED = re.compile(r"\d+[_-].*\.sql\Z", re.S)
_ATLAS_MODE = re.compile(rb"^--[ \t]*atlas:txmode[ \t]+none\b", re.M)


class Flyway:
    """V1.2__text.sql by version, part by part; R__text.sql by text, behind them; U1.2__ goes back.

    A B file stands for the versions up to its own, so it is read where none of those is there.
    """

    name = "flyway"

    def recognises(self, folder: Folder) -> bool:
        """By one versioned or repeatable migration, here or in the folders of releases."""
        if any(_FLYWAY.match(path.name) for path in folder.sql):
            return True
        if folder.sql and not any(_FLYWAY_REPEATED.match(path.name) for path in folder.sql):
            return False
        below = [f for f in folder.folders if any(_FLYWAY.match(p.name) for p in f.sql)]
        return len(below) > 1 or (bool(folder.sql) and bool(below))

    def found(self, folder: Folder) -> Found:
        """All of a location, which Flyway searches with the folders in it."""
        versioned: dict[str, list[tuple[tuple[int, ...], Path]]] = {"V": [], "U": [], "B": []}
        repeated: list[tuple[str, Path]] = []
        around: dict[str, list[Path]] = {"before": [], "after": []}
        others = 0
        for path in folder.everything():
            if match := _FLYWAY.match(path.name):
                versioned[match["kind"]].append((_parts(match["version"]), path))
            elif match := _FLYWAY_REPEATED.match(path.name):
                repeated.append((match["text"], path))
            elif match := _FLYWAY_CALLBACK.match(path.name):
                around[match["when"]].append(path)
            else:
                others += 1
        ups, base = sorted(versioned["V"]), max(versioned["B"], default=None)
        paths = [path for _, path in ups]
        if base is not None and not any(version <= base[0] for version, _ in ups):
            paths.insert(0, base[1])
        paths += [path for _, path in sorted(repeated)]
        forward = [
            *map(step, around["before"]),
            *(step(path, *_flyway_wrap(path)) for path in paths),
        ]
        back = [path for _, path in sorted(versioned["U"], reverse=True)]
        return Found(
            (*forward, *map(step, around["after"])),
            tuple(step(path, *_flyway_wrap(path), is_back=True) for path in back),
            _left_out(folder, others, "not named as Flyway names migrations"),
        )


def _parts(version: str) -> tuple[int, ...]:
    numbers = [int(part) for part in re.split(r"[._]", version) if part]
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)


def _flyway_wrap(path: Path) -> tuple[Wrap, ...]:
    try:
        with path.with_name(path.name + ".conf").open("rb") as stream:
            settings = stream.read(1 << 16)
    except OSError:
        settings = b""
    return () if _NO_TRANSACTION.search(settings) else (Wrap("flyway"),)


class GolangMigrate:
    """NNN_text.up.sql by number; .down.sql goes back."""

    name = "golang-migrate"

    def recognises(self, folder: Folder) -> bool:
        """By one file with .up.sql behind number and text."""
        return any((m := _GOLANG.match(p.name)) and m["way"] == "up" for p in folder.sql)

    def found(self, folder: Folder) -> Found:
        """The files of the folder itself, as the tool reads no others."""
        ways: dict[str, list[tuple[int, Path]]] = {"up": [], "down": []}
        others = 0
        for path in folder.sql:
            if match := _GOLANG.match(path.name):
                ways[match["way"]].append((int(match["version"]), path))
            else:
                others += 1
        wrap = Wrap(self.name)
        return Found(
            tuple(step(path, wrap) for _, path in sorted(ways["up"])),
            tuple(step(p, wrap, is_back=True) for _, p in sorted(ways["down"], reverse=True)),
            _left_out(folder, others, "neither .up.sql nor .down.sql"),
        )


class Prisma:
    """migrations/20240101000000_text/migration.sql, by the names of the folders."""

    name = "prisma"

    def recognises(self, folder: Folder) -> bool:
        """By a folder with migration.sql in it."""
        return any(f.has("migration.sql") for f in folder.folders)

    def found(self, folder: Folder) -> Found:
        """migration.sql of every folder; down.sql beside it goes back."""
        forward = sorted(f.path / "migration.sql" for f in folder.folders if f.has("migration.sql"))
        back = [
            p.with_name("down.sql") for p in reversed(forward) if p.with_name("down.sql").is_file()
        ]
        wrap = Wrap(self.name)
        return Found(
            tuple(step(path, wrap) for path in forward),
            tuple(step(path, wrap, is_back=True) for path in back),
        )


class Supabase:
    """supabase/migrations/20240101000000_text.sql, by name."""

    name = "supabase"

    def recognises(self, folder: Folder) -> bool:
        """By where it stands."""
        path = folder.path.resolve()
        return path.name == "migrations" and path.parent.name == "supabase" and bool(folder.sql)

    def found(self, folder: Folder) -> Found:
        """The files with a number in front; the CLI takes no others."""
        taken = sorted(path for path in folder.sql if _NUMBERED.match(path.name))
        left = len(folder.sql) - len(taken)
        wrap = Wrap(self.name, writes_row=True)
        return Found(
            tuple(step(path, wrap) for path in taken),
            notes=_left_out(folder, left, "without a number in front"),
        )


class Drizzle:
    """0000_text.sql in the order of meta/_journal.json."""

    name = "drizzle"

    def recognises(self, folder: Folder) -> bool:
        """By the journal."""
        return (folder.path / "meta" / "_journal.json").is_file()

    def found(self, folder: Folder) -> Found:
        """What the journal lists; without one that can be read, all by name."""
        wrap = Wrap(self.name, writes_row=True)
        tags = _journal(folder.path / "meta" / "_journal.json")
        known = {path.name: path for path in folder.sql}
        if tags is None:
            note = (f"{folder.path / 'meta/_journal.json'}: not readable; files go by name",)
            return Found(tuple(step(path, wrap) for path in folder.sql), notes=note)
        names = [f"{tag}.sql" for tag in tags]
        lost = [name for name in names if name not in known]
        notes = tuple(f"{folder.path / name}: in the journal, but not there" for name in lost)
        return Found(
            tuple(step(known[name], wrap) for name in names if name in known),
            notes=(*notes, *_left_out(folder, len(set(known) - set(names)), "not in the journal")),
        )


def _journal(path: Path) -> list[str] | None:
    try:
        entries = json.loads(path.read_text("utf-8"))["entries"]
        return [str(e["tag"]) for e in sorted(entries, key=lambda e: e["idx"])]
    except (OSError, ValueError, KeyError, TypeError):
        return None


class Atlas:
    """Files by name beside atlas.sum; checkpoints stand for all before them."""

    name = "atlas"

    def recognises(self, folder: Folder) -> bool:
        """By atlas.sum."""
        return folder.has("atlas.sum") and bool(folder.sql)

    def found(self, folder: Folder) -> Found:
        """All files but those that go back."""
        paths = sorted(path for path in folder.sql if not is_way_back(path))
        down = sorted((path for path in folder.sql if is_way_back(path)), reverse=True)
        kept = [p for p in paths if not folder.head(p).startswith(b"-- atlas:checkpoint")]
        return Found(
            tuple(step(path, *_atlas_wrap(folder, path)) for path in kept or paths),
            tuple(step(path, Wrap(self.name), is_back=True) for path in down),
        )


def _atlas_wrap(folder: Folder, path: Path) -> tuple[Wrap, ...]:
    return () if _ATLAS_MODE.search(folder.head(path)) else (Wrap("atlas"),)


class Rails:
    """db/structure.sql: the schema as a whole, which psql loads."""

    name = "rails"

    def recognises(self, folder: Folder) -> bool:
        """By structure.sql beside the folder of migrations, or with their table in it."""
        if not folder.has("structure.sql"):
            return False
        if (folder.path / "migrate").is_dir():
            return True
        source = step(folder.path / "structure.sql").source
        return b"schema_migrations" in (text_of(source) or b"")

    def found(self, folder: Folder) -> Found:
        """structure.sql, and those of further databases."""
        taken = [path for path in folder.sql if path.name.endswith("structure.sql")]
        left = len(folder.everything()) - len(taken)
        return Found(
            tuple(step(path) for path in taken or folder.sql),
            notes=_left_out(folder, left, "not structure.sql"),
        )


class Plain:
    """SQL files in the order of their names, numbers counted as numbers."""

    name = "plain"

    def recognises(self, folder: Folder) -> bool:
        """Everything that no tool's layout claims."""
        del folder
        return True

    def found(self, folder: Folder) -> Found:
        """All .sql files below a folder; those that by their name go back come last."""
        return plain(folder.everything())


def plain(paths: list[Path]) -> Found:
    """Files in the order given; one that cannot be read as SQL is a note."""
    forward: list[Step] = []
    back: list[Step] = []
    notes: list[str] = []
    for path in paths:
        try:
            made = step(path, is_back=is_way_back(path))
        except InputError as error:
            notes.append(f"{error}; left out")
            continue
        (back if made.is_back else forward).append(made)
    return Found(tuple(forward), tuple(reversed(back)), tuple(notes))


def _left_out(folder: Folder, number: int, why: str) -> tuple[str, ...]:
    if not number:
        return ()
    files = "1 SQL file" if number == 1 else f"{number:,} SQL files"
    return (f"{folder.path.as_posix()}: {files} left out: {why}",)
