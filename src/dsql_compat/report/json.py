"""The report as JSON, the form that other programs rely on (docs/report.schema.json)."""

from __future__ import annotations

import dataclasses
import json
from datetime import date
from functools import cache
from typing import Any

from dsql_compat.report.model import Report


def render(report: Report) -> str:
    """The report as one JSON document, with a line end."""
    return json.dumps(report, default=_plain, ensure_ascii=False, indent=2) + "\n"


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return {name: getattr(value, name) for name in _field_names(value.__class__)}


@cache
def _field_names(cls: type) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(cls))
