"""What rows to look at, to learn how wide they are, and for how long."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

ROWS = 1000
SECONDS = 120
EXACT_SECONDS = 3600
TABLE_SECONDS = 10  # for one table, unless all of it is read


@dataclass(frozen=True, slots=True)
class Measuring:
    """`sample` rows of each table, or with `exact` all of them, in so many `seconds` together.

    No sample and not exact: nothing is looked at.  `on_table` is told how many tables are done,
    and of how many.  `with_globals`: roles and tablespaces of the server are read, too.
    """

    sample: int = ROWS
    exact: bool = False
    seconds: float = SECONDS
    on_table: Callable[[int, int], None] | None = None
    with_globals: bool = False

    def __bool__(self) -> bool:
        return self.exact or self.sample > 0

    def seconds_for_table(self, left: float) -> float:
        """What one query may take while so much of the time is left."""
        return left if self.exact else min(left, TABLE_SECONDS)
