"""Reads PostgreSQL schemas and says what Amazon Aurora DSQL makes of them.

`analyze` gives the readiness report of dumps, folders of migrations or SQL text, as pydantic
models; nothing is printed, and no SQL is ever executed.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dsql_compat.api import analyze
    from dsql_compat.report.schema import Report
    from dsql_compat.sources.files import InputError
    from dsql_compat.targets import TargetError

__version__ = "0.1.0"
__all__ = ["InputError", "Report", "TargetError", "analyze"]

_HOMES = {
    "analyze": "dsql_compat.api",
    "Report": "dsql_compat.report.schema",
    "InputError": "dsql_compat.sources.files",
    "TargetError": "dsql_compat.targets",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for and no more: most of a short run's time is imports."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
