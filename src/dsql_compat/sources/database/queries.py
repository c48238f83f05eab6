"""The queries, kept as files.  A line marked `-- from 15` or `-- before 15` is for such servers."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

MARK = re.compile(r"--(?: from (?P<least>\d+))?(?: before (?P<most>\d+))?$")


@cache
def source_of(name: str) -> str:
    """The query of this name as it is kept, with marks and remarks."""
    return (files("dsql_compat.sources.database") / "queries" / f"{name}.sql").read_text("utf-8")


@cache
def query(name: str, major: int) -> str:
    """The query of this name as a server of this major version takes it."""
    kept = []
    for line in source_of(name).splitlines():
        mark = MARK.search(line)
        if mark is None:
            kept.append(line.partition("-- ")[0] if line.startswith("--") else line)
        elif int(mark["least"] or 0) <= major < int(mark["most"] or 99):
            kept.append(line[: mark.start()])
    return "\n".join(kept).strip()
