"""What the user may choose of a rewrite; where nothing is chosen, the target decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dsql_compat.checks.context import Run

ForeignKeys = Literal["keep", "app-checks"]
Json = Literal["keep", "text"]
Enums = Literal["domain", "check"]
Arrays = Literal["jsonb", "text", "manual"]

CACHES = (1, 65536)


class ChoiceError(ValueError):
    """Choices that contradict each other or the target; the message names the remedy."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the user asked for; None is whatever the target supports best."""

    foreign_keys: ForeignKeys | None = None
    json: Json | None = None
    identity_cache: int = 65536
    enums: Enums = "domain"
    arrays: Arrays | None = None

    @property
    def refused(self) -> frozenset[str]:
        """The rules to go by as if DSQL did not support their feature yet."""
        rules: set[str] = set()
        if self.foreign_keys == "app-checks":
            rules.add("foreign-key")
        if self.json == "text":
            rules |= {"json-column", "jsonb-column"}
        return frozenset(rules)


@dataclass(frozen=True, slots=True)
class Choices:
    """What a rewrite goes by: every wish granted or settled."""

    foreign_keys: ForeignKeys
    json: Json
    identity_cache: int
    enums: Enums
    arrays: Arrays


def settle(wishes: Wishes, run: Run) -> Choices:
    """The choices at a run's target.  Raises ChoiceError."""
    if wishes.identity_cache not in CACHES:
        raise ChoiceError(
            f"--identity-cache {wishes.identity_cache}: write 1 (numbers nearly in order) "
            "or 65536 (a block for each session)"
        )
    if wishes.foreign_keys == "keep":
        _demand(run, "foreign-key", "--foreign-keys keep", "--foreign-keys app-checks")
    if wishes.json == "keep":
        _demand(run, "jsonb-column", "--json keep", "--json text")
    stores_json = run.is_accepted("jsonb-column")
    if wishes.arrays == "jsonb" and not stores_json:
        if wishes.json == "text":
            raise ChoiceError("--arrays jsonb contradicts --json text: choose --arrays text")
        _demand(run, "jsonb-column", "--arrays jsonb", "--arrays text")
    return Choices(
        wishes.foreign_keys or ("keep" if run.is_accepted("foreign-key") else "app-checks"),
        wishes.json or ("keep" if stores_json else "text"),
        wishes.identity_cache,
        wishes.enums,
        wishes.arrays or ("jsonb" if stores_json else "text"),
    )


def _demand(run: Run, rule: str, choice: str, instead: str) -> None:
    if run.is_accepted(rule):
        return
    since = run.rule(rule).supported_since("")
    raise ChoiceError(
        f"{choice} needs a target from {since} on, and this one is {run.target}: "
        f"choose {instead}, or a later --target"
    )
