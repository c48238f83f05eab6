"""Reads PostgreSQL schemas and says what Amazon Aurora DSQL makes of them.

`analyze` gives the readiness report of dumps, folders of migrations or SQL text, as pydantic
models; it prints nothing and executes no SQL.  `verify` proves a rewrite on a scratch server.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dsql_compat.api import analyze, verify
    from dsql_compat.proof.verify import Proof
    from dsql_compat.report.schema import Report
    from dsql_compat.sources.files import InputError
    from dsql_compat.targets import TargetError

__version__ = "0.1.0"
__all__ = ["InputError", "Proof", "Report", "TargetError", "analyze", "verify"]

_HOMES = {
    "analyze": "dsql_compat.api",
    "verify": "dsql_compat.api",
    "Proof": "dsql_compat.proof.verify",
    "Report": "dsql_compat.report.schema",
    "InputError": "dsql_compat.sources.files",
    "TargetError": "dsql_compat.targets",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for and no more: most of a short run's time is imports."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
