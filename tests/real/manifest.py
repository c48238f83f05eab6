"""The manifest: which schemas there are and how each is had.

Read from ``schemas.toml`` next to this file; an unknown or ill-typed key is an error, so that a
typing mistake does not silently turn into a schema that is collected another way than meant.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from dataclasses import asdict, dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PRODUCERS = HERE / "producers"
REGISTRIES = ("debian", "pypi", "npm")

# Part of every fingerprint: raise it when the way of loading, seeding or dumping changes.
LAYOUT = 1


@dataclass(frozen=True)
class Schema:
    """One entry of the manifest."""

    name: str
    registry: str
    package: str
    license: str
    note: str
    version: str = ""
    also: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    script: str = ""
    prints_sql: bool = False
    arguments: list[str] = field(default_factory=list)
    requires: list[str] = field(default_factory=list)
    replace: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    single_transaction: bool = False
    extensions: list[str] = field(default_factory=list)
    before: str = ""
    after: str = ""
    known_errors: str = ""

    def fingerprint(self) -> str:
        """Changes whenever a cached collection of this schema would be out of date."""
        parts = {k: v for k, v in asdict(self).items() if k not in ("license", "note")}
        if self.script:
            parts["script_text"] = (PRODUCERS / self.script).read_text()
        text = json.dumps([LAYOUT, parts], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Manifest:
    """Everything ``schemas.toml`` says."""

    schemas: tuple[Schema, ...]
    stub_extensions: dict[str, str]
    dumpall: tuple[str, ...]

    def named(self, names: list[str]) -> list[Schema]:
        """The schemas of these names, or all of them for no names at all."""
        known = {schema.name: schema for schema in self.schemas}
        unknown = [name for name in names if name not in known]
        if unknown:
            raise ValueError(f"no such schema: {', '.join(unknown)} (known: {', '.join(known)})")
        return [known[name] for name in names] if names else list(self.schemas)


@cache
def load() -> Manifest:
    """Read and check the manifest."""
    raw = tomllib.loads((HERE / "schemas.toml").read_text())
    schemas = tuple(_schema(entry) for entry in raw["schema"])
    if len({schema.name for schema in schemas}) != len(schemas):
        raise ValueError("a name is used twice in schemas.toml")
    return Manifest(schemas, raw["stub_extension"], tuple(raw["dumpall"]))


def _schema(entry: dict[str, Any]) -> Schema:
    known = {f.name: f for f in fields(Schema)}
    unknown = entry.keys() - known.keys()
    if unknown:
        raise ValueError(f"{entry.get('name')}: unknown keys {sorted(unknown)}")
    schema = Schema(**entry)
    if schema.registry not in REGISTRIES:
        raise ValueError(f"{schema.name}: registry {schema.registry!r} is none of {REGISTRIES}")
    if bool(schema.files) == bool(schema.script):
        raise ValueError(f"{schema.name}: exactly one of files and script")
    if schema.registry != "debian" and not schema.version:
        raise ValueError(f"{schema.name}: a {schema.registry} package needs a pinned version")
    return schema
