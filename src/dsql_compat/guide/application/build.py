"""From a rewrite to the parts that its application needs, on one screen."""

from __future__ import annotations

from dataclasses import replace

from dsql_compat.guide.application.foreign_keys import foreign_key_parts
from dsql_compat.guide.application.model import Part
from dsql_compat.guide.application.others import json_part, other_parts
from dsql_compat.guide.application.policy_part import policy_part
from dsql_compat.guide.application.python import source_of
from dsql_compat.guide.application.routines import routine_part
from dsql_compat.guide.application.rules import rule_part
from dsql_compat.guide.application.triggers import trigger_part
from dsql_compat.rewriting.model import Rewrite


def application_parts(rewrite: Rewrite) -> list[Part]:
    """Every replacement that this schema needs, the largest first; none if it needs none.

    Files are named below `application/`; those of the same name in several parts are the same.
    """
    parts = [
        *foreign_key_parts(rewrite),
        trigger_part(rewrite),
        rule_part(rewrite),
        policy_part(rewrite),
        routine_part(rewrite),
        *other_parts(rewrite),
        json_part(rewrite),
    ]
    return [_as_package(part) for part in parts if part is not None]


def _as_package(part: Part) -> Part:
    """The part with what makes its folder a package, and the retries that all of it needs."""
    if not any(path.endswith(".py") for path in part.files):
        return part
    common = {f"{name}.py": source_of(name) for name in ("__init__", "retry")}
    return replace(part, files=common | part.files)
