"""Where collected schemas are kept, and what is known about each.

::

    CACHE/packages/REGISTRY/...       package files as they came
    CACHE/schemas/NAME/inputs/*.sql   the authors' own SQL, placeholders put in
    CACHE/schemas/NAME/dumps/...      pg_dump's output, one per format
    CACHE/schemas/NAME/result.json    written last: its presence means complete
    CACHE/schemas/NAME/failed.json    instead of it, why there is none
    CACHE/cluster/all.sql             pg_dumpall
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from .manifest import Schema
from .server import FORMATS

VARIABLE = "DSQL_COMPAT_REAL_CACHE"


def default() -> Path:
    """The cache directory when none is named."""
    if named := os.environ.get(VARIABLE):
        return Path(named)
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "dsql-compat-real"


@dataclass(frozen=True)
class Result:
    """What was seen while collecting a schema."""

    name: str
    fingerprint: str
    packages: list[str]
    load_errors: list[str]
    tables: int
    rows: int
    seeded: str | None
    seconds: float


@dataclass(frozen=True)
class Cache:
    """A cache directory."""

    root: Path

    @property
    def packages(self) -> Path:
        """Package files, by registry."""
        return self.root / "packages"

    @property
    def cluster(self) -> Path:
        """The pg_dumpall script."""
        return self.root / "cluster" / "all.sql"

    def folder(self, name: str) -> Path:
        """Everything about one schema."""
        return self.root / "schemas" / name

    def inputs(self, name: str) -> list[Path]:
        """The authors' own SQL files, in the order they were loaded."""
        return sorted((self.folder(name) / "inputs").glob("*.sql"))

    def dump(self, name: str, format_: str) -> Path:
        """The dump of a schema in one of server.FORMATS."""
        return self.folder(name) / "dumps" / FORMATS[format_][0]

    def result(self, schema: Schema) -> Result | None:
        """The complete and current collection of a schema, if there is one."""
        path = self.folder(schema.name) / "result.json"
        if not path.exists():
            return None
        result = Result(**json.loads(path.read_text()))
        return result if result.fingerprint == schema.fingerprint() else None

    def missing(self, schema: Schema) -> str | None:
        """Why a schema is not here, or None if it is."""
        if self.result(schema):
            return None
        failed = self.folder(schema.name) / "failed.json"
        if failed.exists():
            return str(json.loads(failed.read_text())["reason"])
        return f"{schema.name} is not collected: run python -m tests.real.collect"

    def write_result(self, result: Result) -> None:
        """Mark a schema as complete."""
        (self.folder(result.name) / "result.json").write_text(json.dumps(asdict(result), indent=1))

    def write_failure(self, name: str, reason: str) -> None:
        """Keep the reason why a schema could not be collected, for tests to skip with."""
        self.folder(name).mkdir(parents=True, exist_ok=True)
        (self.folder(name) / "failed.json").write_text(json.dumps({"reason": reason}))
