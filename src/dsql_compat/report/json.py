"""The report as JSON, the form that other programs rely on (docs/report.schema.json)."""

from __future__ import annotations

import dataclasses
import json
from datetime import date
from functools import cache
from typing import Any

from dsql_compat.report.model import Report
from dsql_compat.report.visible import in_json


def render(report: Report) -> str:
    """The report as one JSON document, with a line end."""
    return in_json(json.dumps(report, default=_plain, ensure_ascii=False, indent=2)) + "\n"


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return {
        name: content
        for name, is_omitted in _fields(value.__class__)
        if (content := getattr(value, name)) is not None or not is_omitted
    }


@cache
def _fields(cls: type) -> tuple[tuple[str, bool], ...]:
    """The fields, each with whether it is left out when empty."""
    return tuple((field.name, "omitted" in field.metadata) for field in dataclasses.fields(cls))
