"""Two objects of the result that would have one name: a clear word instead of a broken run."""

from __future__ import annotations

from dsql_compat.rewriting.choices import ChoiceError
from dsql_compat.rewriting.free_names import LONGEST, shortened
from dsql_compat.rewriting.model import Item, Key


def demand_own_names(items: list[Item]) -> None:
    """Raise ChoiceError where the names of two objects are one after 63 bytes, naming both."""
    seen: dict[tuple[str, str | None, str], Key] = {}
    for item in items:
        key = item.makes
        if key is None or key.namespace == "function":  # these may share a name
            continue
        cut = (key.namespace, key.name.schema, shortened(key.name.name))
        other = seen.setdefault(cut, key)
        if other is not key:
            raise ChoiceError(
                f"{other.name} and {key.name} would be one object on DSQL, which keeps the first "
                f"{LONGEST} bytes of a name: rename one of them in the source"
            )
