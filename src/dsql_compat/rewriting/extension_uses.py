"""Extensions: gone in any case, but no loss where all that used one is said without it."""

from __future__ import annotations

from dsql_compat.catalog.model import Extension, Table
from dsql_compat.catalog.types import resolve
from dsql_compat.rewriting.work import Work, replacement


def settle_extension(work: Work, extension: Extension) -> None:
    """Say that an extension is left, or what stands in the place of all its uses."""
    uses = [
        finding
        for finding in work.run.findings
        if finding.facts.get("extension") == extension.name
        and finding.rule != "extension"
        and finding.database == work.catalog.database
    ]
    is_settled = bool(uses) and all(
        use.status.rewrite and use.before and not use.status.rewrite[0].startswith("--")
        for use in uses
    )
    if not is_settled or _has_columns(work, extension):
        work.settle(extension.ref, "left", "DSQL has no extensions", extension.statement)
        return
    said = ", ".join(dict.fromkeys(map(replacement, uses)))
    what = f"what used it is said without it: {said}"
    work.settle(extension.ref, "absorbed", what, extension.statement)


def _has_columns(work: Work, extension: Extension) -> bool:
    """Whether a column has one of its types, or an index one of its operator classes."""
    for table in work.catalog.tables():
        for column in table.columns.values():
            known = resolve(work.catalog, column.type) if column.type is not None else None
            if known is not None and known.extension == extension.name:
                return True
        if _has_opclass(table):
            return True
    return False


def _has_opclass(table: Table) -> bool:
    return any(key.opclass for index in table.indexes.values() for key in index.keys)
