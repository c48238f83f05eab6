"""The library: the same engine as the command, typed, without printing or exiting."""

from __future__ import annotations

import os
from collections.abc import Iterable

from dsql_compat.pipeline import analyze_sources
from dsql_compat.report.schema import Report


def analyze(
    *sources: str | os.PathLike[str] | Iterable[str | os.PathLike[str]], target: str = "latest"
) -> Report:
    """The readiness report of dumps, SQL files or folders of migrations, read as one history.

    `target` is `latest`, `YYYY-MM` or `YYYY-MM-DD`.  Raises InputError for what cannot be read and
    TargetError for a target that is no date of Aurora DSQL.
    """
    names: list[str] = []
    for source in sources:
        if isinstance(source, str | os.PathLike):
            names.append(os.fspath(source))
        else:
            names.extend(os.fspath(item) for item in source)
    report = analyze_sources(names, target)
    return Report.model_validate(report)
