"""A target is the state of Aurora DSQL at a date."""

from __future__ import annotations

import calendar
import datetime
import re
from dataclasses import dataclass

PREVIEW = datetime.date(2024, 12, 3)
ALIASES = {"2026-03": "the state of the March 2026 guide"}


class TargetError(ValueError):
    """The text does not name a date that Aurora DSQL can be judged at."""


@dataclass(frozen=True, slots=True)
class Target:
    """A day, the words the user named it with, and the last day the catalogue knows about."""

    date: datetime.date
    alias: str | None
    verified: datetime.date

    @property
    def is_beyond_knowledge(self) -> bool:
        """Whether the day lies after everything the catalogue has verified."""
        return self.date > self.verified

    def __str__(self) -> str:
        return f"{self.date} ({self.alias})" if self.alias else str(self.date)


def parse_target(text: str, verified: datetime.date) -> Target:
    """Read `latest`, `YYYY-MM` (the state at that month's end) or `YYYY-MM-DD`.

    `verified` is the newest day the catalogue was checked at.  Raises TargetError with a remedy.
    """
    if text == "latest":
        return Target(verified, "latest", verified)
    found = re.fullmatch(r"(\d{4})-(\d{2})(?:-(\d{2}))?", text)
    if not found:
        raise TargetError(f"{text!r} is no target: write latest, YYYY-MM or YYYY-MM-DD")
    year, month = int(found[1]), int(found[2])
    try:
        day = int(found[3]) if found[3] else calendar.monthrange(year, month)[1]
        when = datetime.date(year, month, day)
    except (ValueError, calendar.IllegalMonthError) as error:
        raise TargetError(f"{text!r} is no date: {error}") from None
    if when < PREVIEW:
        raise TargetError(f"{text} lies before Aurora DSQL: its preview began on {PREVIEW}")
    return Target(when, text if not found[3] else None, verified)
