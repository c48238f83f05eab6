"""What the source's own faults keep from being proved: they spoil no verdict and pass no check."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from dsql_compat.proof.catalogs import Key, Snapshot
from dsql_compat.proof.compare import MISSING, Difference
from dsql_compat.proof.load import Refused
from dsql_compat.sql.names import Name, name_from_text

_NOT_THERE = re.compile(
    r'^(?:relation|type|schema) "(?P<quoted>.+)" does not exist$'
    r"|^function (?P<called>[^(]+)\(.*\) does not exist$"
)


@dataclass(slots=True)
class Faults:
    """What PostgreSQL does not take of the source: objects with the reason, and all its words."""

    objects: dict[Key, str] = field(default_factory=dict)  # functions without arguments
    messages: set[str] = field(default_factory=set)
    absent: dict[Key, str] = field(default_factory=dict)  # from the rewrite's database, therefore

    def add(self, refused: Refused, keys: Iterable[Key]) -> None:
        """A statement of the source that failed, and what it made or touched."""
        self.messages.add(refused.message)
        for key in keys:
            self.objects.setdefault(_plain(key), refused.message)

    def explain(self, difference: Difference, before: Snapshot) -> str | None:
        """Why nothing can be said of a difference; None where the source is not to blame.

        Ask of statements that fail first: other differences follow from those.
        """
        key = _plain(difference.key)
        if difference.aspect == "loads":
            reason = self._same_fault(difference.rewrite or "", before)
            if reason is not None:
                self.absent.setdefault(key, reason)
            return reason
        if difference.rewrite is None and difference.aspect == MISSING and key in self.absent:
            return self.absent[key]
        hangs_on = [key]
        if key.table is not None:
            hangs_on.append(Key("relation", key.schema, None, key.table))
        if difference.rewrite is None and difference.aspect == MISSING and key not in self.objects:
            return None  # it is in the source's database, whatever else is not
        for candidate in hangs_on:
            if candidate in self.objects:
                return (
                    f"{candidate} is not whole in the source's database: "
                    + (self.objects[candidate])
                )
        return None

    def _same_fault(self, message: str, before: Snapshot) -> str | None:
        """A statement of the rewrite that fails as one of the source does, or by its failure."""
        if message in self.messages:
            return f"a statement of the source fails like this, too: {message}"
        found = _NOT_THERE.match(message)
        if found is None:
            return None
        wanted = name_from_text(found["quoted"] or found["called"])
        for key, reason in self.absent.items():
            if _is_called(key, wanted):
                return reason
        for key, reason in self.objects.items():
            if _is_called(key, wanted) and not any(
                _is_called(_plain(there), wanted) for there in before.things
            ):
                return f"{key} is not in the source's database either: {reason}"
        return None


def _is_called(key: Key, name: Name) -> bool:
    named = key.cls in ("relation", "type", "function", "schema") and key.name == name.name
    return named and name.schema in (None, key.schema)


def _plain(key: Key) -> Key:
    return key._replace(kind="") if key.cls == "function" else key
