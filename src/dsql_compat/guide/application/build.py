"""From a rewrite to the parts that its application needs, on one screen."""

from __future__ import annotations

from dataclasses import replace

from dsql_compat.guide.application.foreign_keys import foreign_key_parts
from dsql_compat.guide.application.model import Part
from dsql_compat.guide.application.others import json_part, other_parts
from dsql_compat.guide.application.python import source_of
from dsql_compat.guide.application.triggers import trigger_part
from dsql_compat.rewriting.model import Rewrite


def application_parts(rewrite: Rewrite) -> list[Part]:
    """Every replacement that this schema needs, the largest first; none if it needs none.

    Files are named below `application/`; those of the same name in several parts are the same.
    """
    parts = [
        *foreign_key_parts(rewrite),
        trigger_part(rewrite),
        *other_parts(rewrite),
        json_part(rewrite),
    ]
    return [_as_package(part) for part in parts if part is not None]


def _as_package(part: Part) -> Part:
    """The part with the file that makes its folder a package."""
    if not any(path.endswith(".py") for path in part.files):
        return part
    return replace(part, files={"__init__.py": source_of("__init__")} | part.files)
