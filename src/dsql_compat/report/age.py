"""How old the catalogue is on the day of a report, and from when on that is worth a warning."""

from __future__ import annotations

from datetime import date

from dsql_compat.report.model import CatalogueInfo

STALE_AFTER = 60  # days


def catalogue_info(verified: date, today: date | None) -> CatalogueInfo:
    """The catalogue's date; without a day to compare it with, nothing is said of its age."""
    if today is None:
        return CatalogueInfo(verified, None, None)
    days = (today - verified).days
    return CatalogueInfo(verified, days, _warning(verified, days) if days > STALE_AFTER else None)


def _warning(verified: date, days: int) -> str:
    return (
        f"The catalogue was verified on {verified}, {days} days ago: Aurora DSQL may take more by "
        "now than this report says. Look for a newer version of dsql-compat."
    )
