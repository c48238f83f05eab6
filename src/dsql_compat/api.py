"""The library: the same engine as the command, typed, without printing or exiting."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from dsql_compat.pipeline import analyze_sources
from dsql_compat.report.schema import Report

if TYPE_CHECKING:
    from dsql_compat.proof.verify import Proof
    from dsql_compat.rewriting.choices import Wishes


def analyze(
    *sources: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    target: str = "latest",
    today: date | None = None,
    queries: Iterable[str | os.PathLike[str]] = (),
) -> Report:
    """The readiness report of dumps, SQL files, folders or databases, read as one history.

    `target` is `latest`, `YYYY-MM` or `YYYY-MM-DD`.  Raises InputError for what cannot be read and
    TargetError for a target that is no date of Aurora DSQL.  The report says how old the catalogue
    is on `today`, by default the day of the call.  `queries` are files of what the application
    sends: logs of PostgreSQL, exports of pg_stat_statements, or statements.
    """
    today = today or date.today()
    report = analyze_sources(_names(sources), target, today=today, queries=_names(queries))
    return Report.model_validate(report)


def verify(
    *sources: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    target: str = "latest",
    wishes: Wishes | None = None,
    server: str | None = None,
    data: bool = False,
) -> list[Proof]:
    """Prove the rewrite of sources on a scratch PostgreSQL: a proof for each database in them.

    `server` is a URI of a PostgreSQL that may hold the scratch databases, by default an embedded
    one.  A proof holds if it has no undeclared difference; with `data` it covers rows.  Raises
    InputError, TargetError, ChoiceError for contradicting wishes, DataError for rows and
    ServerError where there is no server to prove on.
    """
    from dsql_compat.proof.verify import verify_inputs
    from dsql_compat.sources.files import find_inputs

    return verify_inputs(find_inputs(_names(sources)), target, wishes, server, data=data)


def _names(
    sources: Iterable[str | os.PathLike[str] | Iterable[str | os.PathLike[str]]],
) -> list[str]:
    names: list[str] = []
    for source in sources:
        if isinstance(source, str | os.PathLike):
            names.append(os.fspath(source))
        else:
            names.extend(os.fspath(item) for item in source)
    return names
