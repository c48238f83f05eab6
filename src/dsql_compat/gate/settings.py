"""Settings of the gate: `dsql-compat.toml` or `[tool.dsql-compat]`, below the command line.

Every value remembers where it came from, and a wrong one says where it stands and what was meant.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

OWN_FILE = "dsql-compat.toml"
SHARED_FILE = "pyproject.toml"
_TABLE = "tool.dsql-compat"
BASELINE = "dsql-compat-baseline.jsonl"
DEFAULT = "default"


class SettingsError(ValueError):
    """A setting that cannot be used; the message says where, why, and what to write."""


@dataclass(frozen=True, slots=True)
class PathIgnore:
    """Rules that are suppressed in the files of a pattern; `where` it is written."""

    pattern: str
    rules: tuple[str, ...]
    reason: str
    where: str


@dataclass(frozen=True, slots=True)
class Settings:
    """What a run goes by.  `origins` says for each key where its value comes from.

    `root` is what paths are named from; `home` the folder that those in the file are relative to.
    """

    root: Path
    home: Path
    target: str = "latest"
    paths: tuple[str, ...] = (".",)
    layout: str = "auto"
    judged_as: str = "history"
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    per_path_ignores: tuple[PathIgnore, ...] = ()
    fail_on: str = "error"
    baseline: str | None = None
    foreign_keys: str | None = None
    json: str | None = None
    identity_cache: int = 65536
    enums: str = "domain"
    arrays: str | None = None
    origins: Mapping[str, str] = field(default_factory=dict)


_CHOICES: dict[str, tuple[object, ...]] = {
    "as": ("history", "state"),
    "fail-on": ("error", "warning", "info", "never"),
    "foreign-keys": ("keep", "app-checks"),
    "json": ("keep", "text"),
    "identity-cache": (1, 65536),
    "enums": ("domain", "check"),
    "arrays": ("jsonb", "text", "manual"),
}
_LISTS = ("paths", "select", "ignore")
KEYS: tuple[str, ...] = (
    *("target", "paths", "layout", "as", "select", "ignore", "per-path-ignores", "fail-on"),
    *("baseline", "foreign-keys", "json", "identity-cache", "enums", "arrays"),
)


@dataclass(frozen=True, slots=True)
class _File:
    """A configuration file: its values, and its lines to find them in.

    `name` is as the user would type it, `rooted` the same from the root.
    """

    name: str
    rooted: str
    values: dict[str, Any]
    lines: tuple[str, ...]
    table: str

    def where(self, key: str, inner: str = "", *, rooted: bool = False) -> str:
        """The place of a key, as `file:line`."""
        line = _line_of(self.lines, self.table, key, inner)
        name = self.rooted if rooted else self.name
        return f"{name}:{line}" if line else name


def repository_root(start: Path) -> Path | None:
    """The folder upwards from here that holds `.git`; None outside of a repository."""
    return next((p for p in (start, *start.parents) if (p / ".git").exists()), None)


def read_settings(
    start: Path,
    rules: Collection[str],
    layouts: Collection[str],
    overrides: Mapping[str, Any] | None = None,
) -> Settings:
    """The settings that hold in a folder, with those of the command line on top.

    `rules` are the known ids and families, `layouts` the known names.  Raises SettingsError.
    """
    start = start.resolve()
    root = repository_root(start)
    found = _find(start, root)
    home = found[0] if found else start
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    if found:
        values = _checked(found[1], rules, layouts)
        origins = {key: found[1].where(key) for key in values}
    for key, value in (overrides or {}).items():
        if value is None or value == ():
            continue
        values[key] = _given(key, value, rules, layouts)
        origins[key] = "command line"
    names = {"as": "judged_as"}
    fields = {names.get(key, key.replace("-", "_")): value for key, value in values.items()}
    return Settings(root or home, home, origins=origins, **fields)


def _find(start: Path, root: Path | None) -> tuple[Path, _File] | None:
    """The nearest configuration upwards, but never above the repository."""
    for folder in (start, *start.parents):
        for name, table in ((OWN_FILE, ""), (SHARED_FILE, _TABLE)):
            path = folder / name
            if not path.is_file():
                continue
            name = Path(os.path.relpath(path, start)).as_posix()
            rooted = Path(os.path.relpath(path, root or folder)).as_posix()
            read = _read(path, table, name, rooted)
            if read is not None:
                return folder, read
        if folder == root:
            break
    return None


def _read(path: Path, table: str, name: str, rooted: str) -> _File | None:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SettingsError(f"{name}: {error.strerror or error}") from None
    if table and b"dsql-compat" not in data:
        return None
    import tomllib

    try:
        text = data.decode("utf-8")
        values: Any = tomllib.loads(text)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{name}: no TOML: {error}") from None
    for part in table.split(".") if table else ():
        values = values.get(part) if isinstance(values, dict) else None
    if values is None:
        return None
    if not isinstance(values, dict):
        raise SettingsError(f"{name}: [{table}] is no table")
    return _File(name, rooted, values, tuple(text.split("\n")), table)


def _line_of(lines: tuple[str, ...], table: str, key: str, inner: str) -> int:
    """The line of a key, from 1; of its table, where it is written some other way."""
    name = rf"""["']?{re.escape(key)}["']?"""
    prefix = re.escape(table + ".") if table else ""
    section, last = not table, 0
    header = re.compile(rf"\s*\[\s*{prefix}{name}\s*\]")
    plain = re.compile(rf"\s*{name}\s*[.=]")
    wanted = re.compile(rf"""\s*(?:{name}\s*\.\s*)?["']?{re.escape(inner)}["']?\s*=""")
    is_inside = False
    for number, line in enumerate(lines, 1):
        if line.lstrip().startswith("["):
            section = bool(re.match(rf"\s*\[\s*{re.escape(table)}\s*\]", line)) if table else False
            is_inside = bool(header.match(line))
            if is_inside:
                last = number
        elif section and plain.match(line):
            last = number
        if last and inner and wanted.match(line) and (is_inside or last == number):
            return number
        if last and not inner:
            return last
    return last


# -- values -----------------------------------------------------------------------------------


def _checked(file: _File, rules: Collection[str], layouts: Collection[str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, value in file.values.items():
        where = file.where(key)
        if key not in KEYS:
            raise SettingsError(f"{where}: no setting is called {key!r}{hint(key, KEYS)}")
        if key == "per-path-ignores":
            values[key] = _path_ignores(file, value, rules)
            continue
        try:
            values[key] = _value(key, value, rules, layouts)
        except SettingsError as error:
            raise SettingsError(f"{where}: {error}") from None
    return values


def _given(key: str, value: Any, rules: Collection[str], layouts: Collection[str]) -> Any:
    try:
        value = list(value) if isinstance(value, tuple) else value
        return _value(key, value, rules, layouts)
    except SettingsError as error:
        raise SettingsError(f"--{key}: {error}") from None


def _value(key: str, value: Any, rules: Collection[str], layouts: Collection[str]) -> Any:
    if key in _LISTS:
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise SettingsError(f'{key} is a list of texts, such as ["{_SAMPLES[key]}"]')
        if key == "paths":
            if not value:
                raise SettingsError('paths is empty; leave it out, or write ["migrations"]')
            return tuple(value)
        for name in value:
            _known_rule(name, rules)
        return tuple(value)
    if key in _CHOICES:
        choices = _CHOICES[key]
        if value not in choices or isinstance(value, bool):
            shown = ", ".join(map(str, choices))
            guess = hint(str(value), [str(choice) for choice in choices])
            raise SettingsError(f"{key} is {value!r}; choose {shown}{guess}")
        return value
    if not isinstance(value, str) or not value:
        raise SettingsError(f'{key} is a text, such as "{_SAMPLES[key]}"')
    if key == "layout" and value not in layouts:
        shown = ", ".join(layouts)
        raise SettingsError(f"layout is {value!r}; choose {shown}{hint(value, layouts)}")
    return value


_SAMPLES = {
    "paths": "migrations",
    "select": "jsonb-column",
    "ignore": "jsonb-column",
    "target": "2026-09",
    "layout": "auto",
    "baseline": BASELINE,
}


def _known_rule(name: str, rules: Collection[str]) -> None:
    if name not in rules:
        raise SettingsError(f"no rule or family is called {name!r}{hint(name, rules)}")


def _path_ignores(file: _File, value: Any, rules: Collection[str]) -> tuple[PathIgnore, ...]:
    key = "per-path-ignores"
    form = '"db/old/*.sql" = { rules = ["truncate"], reason = "…" }'
    if not isinstance(value, dict):
        raise SettingsError(f"{file.where(key)}: {key} is a table of entries such as {form}")
    entries = []
    for pattern, entry in value.items():
        where = file.where(key, pattern)
        names = entry.get("rules") if isinstance(entry, dict) else entry
        reason = entry.get("reason", "") if isinstance(entry, dict) else ""
        odd = set(entry) - {"rules", "reason"} if isinstance(entry, dict) else set()
        is_list = isinstance(names, list) and all(isinstance(name, str) for name in names)
        if not is_list or not names or odd:
            raise SettingsError(f"{where}: write {form}")
        if not isinstance(reason, str) or not reason.strip():
            raise SettingsError(f"{where}: {pattern!r} gives no reason; write {form}")
        for name in names:
            try:
                _known_rule(name, rules)
            except SettingsError as error:
                raise SettingsError(f"{where}: {error}") from None
        place = file.where(key, pattern, rooted=True)
        entries.append(PathIgnore(pattern, tuple(names), reason.strip(), place))
    return tuple(entries)


def hint(word: str, known: Collection[str]) -> str:
    """What may have been meant, to put behind a message; empty if nothing is near."""
    near = difflib.get_close_matches(word, sorted(known), n=1, cutoff=0.5)
    return f"; did you mean {near[0]}?" if near else ""


def show(settings: Settings) -> str:
    """All settings as TOML, each with where it came from."""
    lines = [f"# paths are named from {settings.root.as_posix()}"]
    rows = []
    for key in KEYS:
        name = "judged_as" if key == "as" else key.replace("-", "_")
        value = getattr(settings, name)
        origin = settings.origins.get(key, DEFAULT)
        if key == "per-path-ignores":
            rows += [(_path_row(entry), entry.where) for entry in value]
            continue
        rows.append((f"{key} = {_toml(value)}" if value is not None else f"# {key}", origin))
    width = max(len(text) for text, _ in rows)
    lines += [f"{text.ljust(width)}  # {origin}" for text, origin in rows]
    return "\n".join(lines) + "\n"


def _path_row(entry: PathIgnore) -> str:
    inner = f"rules = {_toml(entry.rules)}, reason = {_toml(entry.reason)}"
    return f"per-path-ignores.{_toml(entry.pattern)} = {{ {inner} }}"


def _toml(value: object) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, str):
        import json

        return json.dumps(value, ensure_ascii=False)
    return str(value)
