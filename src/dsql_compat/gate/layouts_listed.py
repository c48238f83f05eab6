"""Tools that list their migrations in a file of their own: sqitch and Liquibase."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from dsql_compat.gate.folders import Folder
from dsql_compat.gate.steps import Found, Step, blanked, line_of, step, text_of
from dsql_compat.sources.files import InputError, Wrap, natural

# -- sqitch -------------------------------------------------------------------------------------

_SETTING = re.compile(r"^\s*(top_dir|deploy_dir|revert_dir|plan_file)\s*=\s*\"?([^\"\n#;]+)", re.M)
_CHANGE = re.compile(r"\+?\s*(?P<name>[^\s@\[#%+-][^\s\[#]*)")


class Sqitch:
    """deploy/ in the order of sqitch.plan; a change that was reworked keeps its old file for the
    tag behind it.  The files say themselves where a transaction begins and ends."""

    name = "sqitch"

    def recognises(self, folder: Folder) -> bool:
        """By the plan, or by the configuration that names it."""
        return folder.has("sqitch.plan") or _sqitch(folder)["plan"].is_file()

    def found(self, folder: Folder) -> Found:
        """deploy/ forward, revert/ back.  Raises InputError without a plan."""
        places = _sqitch(folder)
        if not folder.holds(places["plan"]):
            raise InputError(f"{places['plan']}: outside of the repository; not read")
        try:
            text = places["plan"].read_text("utf-8", "replace")
        except OSError as error:
            raise InputError(f"{places['plan']}: {error.strerror or error}") from None
        names = list(_changes(text))
        forward = [places["deploy"] / f"{name}.sql" for name in names]
        back = [places["revert"] / f"{name}.sql" for name in reversed(names)]
        lost = [path for path in forward if not path.is_file()]
        return Found(
            tuple(step(path) for path in forward if path.is_file()),
            tuple(step(path, is_back=True) for path in back if path.is_file()),
            tuple(f"{path.as_posix()}: in the plan, but not there" for path in lost),
        )


def _sqitch(folder: Folder) -> dict[str, Path]:
    try:
        text = (folder.path / "sqitch.conf").read_text("utf-8", "replace")
    except OSError:
        text = ""
    settings = {key: value.strip() for key, value in _SETTING.findall(text)}
    top = folder.path / settings.get("top_dir", ".")
    if not (top / "sqitch.plan").is_file() and folder.has("sqitch.plan"):
        top = folder.path
    return {
        "plan": folder.path / settings["plan_file"]
        if "plan_file" in settings
        else top / "sqitch.plan",
        "deploy": folder.path / settings["deploy_dir"]
        if "deploy_dir" in settings
        else top / "deploy",
        "revert": folder.path / settings["revert_dir"]
        if "revert_dir" in settings
        else top / "revert",
    }


def _changes(plan: str) -> Iterator[str]:
    """The names of the files of a plan, in order, without .sql."""
    entries: list[tuple[str, str]] = []
    for line in plan.splitlines():
        line = line.strip()
        if line.startswith("@"):
            entries.append(("tag", line.split()[0]))
        elif found := _CHANGE.match(line):
            entries.append(("change", found["name"]))
    for number, (kind, name) in enumerate(entries):
        if kind != "change":
            continue
        later = entries[number + 1 :]
        tags = [other for what, other in later if what == "tag"]
        yield name + (tags[0] if ("change", name) in later and tags else "")


# -- Liquibase ----------------------------------------------------------------------------------

_FORMATTED = re.compile(rb"\A\s*--[ \t]*liquibase[ \t]+formatted[ \t]+sql", re.I)
_CHANGESET = re.compile(rb"^[ \t]*--[ \t]*changeset[ \t]+(?P<words>[^\r\n]*)", re.I | re.M)
_ALONE = re.compile(rb"\brunInTransaction:[\"']?false", re.I)
_DBMS = re.compile(rb"\bdbms:(?:\"([^\"]*)\"|'([^']*)'|(\S+))", re.I)
_CHANGELOG = re.compile(r".*changelog.*\.(?:xml|ya?ml|json)\Z", re.I)
_SHOWN = re.compile(  # in XML, YAML and JSON alike: an include, or a file of plain SQL
    r"<(?P<xml>include(?:All)?|sqlFile)\b[^>]*?\b(?:file|path)\s*=\s*[\"'](?P<at>[^\"']+)[\"']"
    r"|(?P<key>include(?:All)?|sqlFile)[\"']?\s*:\s*\{?\s*"
    r"(?:[\"']?(?!file|path)\w+[\"']?\s*:[^\n]*\n\s*)*"
    r"[\"']?(?:file|path)[\"']?\s*:\s*[\"']?(?P<to>[^\"'\n,}]+)"
)
_OWN_CHANGES = re.compile(
    r"<(?:createTable|addColumn|createIndex|sql)\b|^\s*-?\s*(?:createTable|addColumn|createIndex|sql)\s*:",
    re.M,
)
_COMMENT = re.compile(r"<!--.*?-->|^\s*#[^\n]*", re.S | re.M)


@dataclass(slots=True)
class _Walk:
    """The changelogs while their includes are followed."""

    folder: Folder
    paths: dict[Path, None] = field(default_factory=dict)
    logs: set[Path] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)


class Liquibase:
    """Formatted SQL, changeset by changeset, in the order that the changelogs include it.

    Changes written in XML, YAML or JSON are no SQL; a note says that they were left out.
    """

    name = "liquibase"

    def recognises(self, folder: Folder) -> bool:
        """By the first line of an SQL file, or a changelog that includes something."""
        if any(_FORMATTED.match(folder.head(path)) for path in folder.sql[:3]):
            return True
        logs = [path for path in folder.files if _CHANGELOG.match(path.name)]
        return any(_SHOWN.search(_read(path)) for path in logs[:20])

    def found(self, folder: Folder) -> Found:
        """What the changelogs lead to; without one, all SQL files by path, as includeAll has it."""
        walk = _Walk(folder)
        logs = [path for path in folder.files if _CHANGELOG.match(path.name)]
        included = {p for path in logs for p, _ in _targets(path, folder)}
        for path in logs:
            if path.resolve() not in included:
                _follow(path, walk)
        paths = list(walk.paths) or sorted(folder.everything(), key=_as_listed)
        left = len({path.resolve() for path in folder.everything()} - {p.resolve() for p in paths})
        if left:
            walk.notes.append(
                f"{folder.path.as_posix()}: {left:,} SQL files that no changelog includes left out"
            )
        return Found(tuple(self._step(path) for path in paths), notes=tuple(walk.notes))

    def _step(self, path: Path) -> Step:
        whole = step(path, Wrap(self.name))
        data = text_of(whole.source)
        if data is None or not _FORMATTED.match(data):
            return whole
        found = list(_CHANGESET.finditer(data))
        ends = [mark.start() for mark in found[1:]] + [len(data)]
        wraps, hidden = [], []
        for mark, end in zip(found, ends, strict=False):
            if not _is_for_postgres(mark["words"]):
                hidden.append((mark.start(), end))
            elif not _ALONE.search(mark["words"]):
                last = line_of(data, max(0, end - 1))
                wraps.append(Wrap(self.name, line_of(data, mark.start()), last))
        content = blanked(data, hidden) if hidden else None
        return replace(whole, source=replace(whole.source, wraps=tuple(wraps), content=content))


def _is_for_postgres(words: bytes) -> bool:
    found = _DBMS.search(words)
    if found is None:
        return True
    names = {name.strip().lower() for name in (found[1] or found[2] or found[3]).split(b",")}
    if b"!postgresql" in names:
        return False
    wanted = {name for name in names if not name.startswith(b"!")}
    return not wanted or bool(wanted & {b"postgresql", b"all"})


def _as_listed(path: Path) -> tuple[str, list[tuple[int, int, str]]]:
    return path.as_posix(), natural(path.name)


def _read(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return _COMMENT.sub("", stream.read(1 << 20).decode("utf-8", "replace"))
    except OSError:
        return ""


def _targets(log: Path, folder: Folder) -> Iterator[tuple[Path, str]]:
    """What a changelog includes, in order: the path, and what is not there as text."""
    for found in _SHOWN.finditer(_read(log)):
        name = (found["at"] or found["to"]).strip().removeprefix("classpath:").lstrip("/")
        bases = [log.parent, folder.path, *folder.path.resolve().parents]
        path = next(
            (b / name for b in bases if folder.holds(b / name) and (b / name).exists()), None
        )
        if path is None:
            yield Path(), name
        else:
            yield path.resolve(), ""


def _follow(log: Path, walk: _Walk) -> None:
    log = log.resolve()
    if log in walk.logs:
        return
    walk.logs.add(log)
    text = _read(log)
    if _OWN_CHANGES.search(text):
        walk.notes.append(
            f"{log.name}: its changes are no SQL files; check the output of liquibase update-sql"
        )
    for path, lost in _targets(log, walk.folder):
        if lost:
            walk.notes.append(f"{log.name}: includes {lost}, which is not there")
        elif path.is_dir():
            inner = [p for p in path.rglob("*") if p.is_file() and not p.is_symlink()]
            for member in sorted(inner, key=_as_listed):
                _take(member, walk)
        else:
            _take(path, walk)


def _take(path: Path, walk: _Walk) -> None:
    if path.suffix.lower() == ".sql":
        walk.paths.setdefault(path)
    elif path.suffix.lower() in (".xml", ".yaml", ".yml", ".json"):
        _follow(path, walk)
