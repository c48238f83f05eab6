"""The catalogue of rules as the program reads it: what DSQL does with a feature, and since when.

The facts are written in `rules/`, a YAML file a rule; `rule_files` checks them and compiles them
into `catalogue.json` beside this module, which is all that a run reads (a hundred YAML files take
longer to load than most dumps take to judge).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

Severity = Literal["error", "warning", "info"]
Disposition = Literal["as-is", "automatic", "review", "manual"]
Support = Literal["supported", "partial", "different", "unsupported"]
Confidence = Literal["recorded", "documented", "inferred"]
# How a value of the source becomes one of the target.
Conversion = Literal[
    "same",
    "text",
    "array",
    "hstore",
    "money",
    "composite",
    "range-lower",
    "range-upper",
    "unpadded",
    "point-x",
    "point-y",
]

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")
DISPOSITIONS: tuple[Disposition, ...] = ("as-is", "automatic", "review", "manual")


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another way out, for those whose target or taste differs."""

    title: str
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Status:
    """How DSQL treats a feature from a day on; every text is complete, nothing is inherited.

    `severity` is None when the feature needs no word.  `case` tells apart forms of the feature
    with a history of their own.  Texts hold {facts} in braces.

    `error` is DSQL's own answer, SQLSTATE first; without one `refuses` tells a refusal whose words
    nobody has published from an acceptance.  `confidence` is how this is known (a cluster's answer
    is published, documented, or it follows from those) and `verified` when it was last looked at.
    """

    since: date
    case: str
    status: Support
    severity: Severity | None
    disposition: Disposition
    error: str | None
    message: str
    why: str
    advice: str
    rewrite: tuple[str, ...]
    notes: tuple[str, ...]
    alternatives: tuple[Alternative, ...]
    effort: tuple[int, int] | None
    source: str
    confidence: Confidence
    verified: date

    @property
    def refuses(self) -> bool:
        """Whether DSQL answers with an error, known or not."""
        return self.severity == "error"


@dataclass(frozen=True, slots=True)
class Example:
    """A statement the rule speaks of, the words it must point at, and what to write instead.

    `repeat` keeps examples of limits short: (line, times), with the number for every `#` in it
    and a text of that size for `<4 KiB>`.  With `called` the statement is one of a workload, and
    that often it ran: calls, and all rows and seconds together.  `tool` is the migration tool that
    runs the script.
    """

    name: str
    case: str
    bad: str
    marks: tuple[str, ...]
    good: str | None
    after: tuple[str, ...] | None
    repeat: tuple[int, int] | None = None
    called: dict[str, int | None] | None = None
    tool: str | None = None

    @property
    def script(self) -> str:
        """The bad example in full."""
        if self.repeat is None:
            return self.bad
        line, times = self.repeat
        lines = self.bad.split("\n")
        text = lines[line - 1].replace("<4 KiB>", "x" * 4096)
        lines[line - 1 : line] = [text.replace("#", str(n + 1)) for n in range(times)]
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Rule:
    """One PostgreSQL feature and how Aurora DSQL treats it over time, oldest status first."""

    id: str
    family: str
    title: str
    feature: str
    gap: str | None
    confidence: Confidence
    verified: date
    reference: str
    support: tuple[Status, ...]
    examples: tuple[Example, ...]

    def at(self, when: date, case: str = "") -> Status | None:
        """The status in force on a day; None before the first one."""
        in_force = None
        for status in self.support:
            if status.case == case and status.since <= when:
                in_force = status
        return in_force

    @property
    def cases(self) -> tuple[str, ...]:
        """The names of the forms this rule tells apart, in the order written."""
        return tuple(dict.fromkeys(status.case for status in self.support))

    def changes(self) -> Iterator[tuple[Status, Status]]:
        """Each change of the answer, form by form: the status before and the one after it."""
        for case in self.cases:
            for before, after in pairwise(s for s in self.support if s.case == case):
                if before.status != after.status:
                    yield before, after

    def supported_since(self, case: str = "") -> date | None:
        """The day DSQL began to accept the feature, if it was ever refused and now is not."""
        history = [status for status in self.support if status.case == case]
        refused = [status for status in history if status.status == "unsupported"]
        if not refused or history[-1].status == "unsupported":
            return None
        accepted = [s.since for s in history if s.status != "unsupported"]
        return accepted[0]


@dataclass(frozen=True, slots=True)
class Gap:
    """A row of the March 2026 gap list; `rule` is the one whose status the row shows.

    `before` says what became of the feature while DSQL refused it, `today` how things stand.
    """

    key: str
    feature: str
    rule: str
    case: str
    before: str | None
    today: str


@dataclass(frozen=True, slots=True)
class Limit:
    """A quota of Aurora DSQL; `counts` names what is measured against it in a schema."""

    key: str
    subject: str
    value: int
    unit: str
    counts: str
    error: str | None
    source: str


@dataclass(frozen=True, slots=True)
class Form:
    """A type that may stand in for another, and when.

    `needs` is a rule whose feature the target must have, `choice` what the user must have chosen;
    `sized` asks for a length or precision (or its absence), `over` for one above a figure or a
    scale outside of 0 to `scale`.  `parts` are the endings of several columns, each with its
    conversion.  `asks` says that a person should decide.  `rule` says so to the reader.
    """

    type: str | None
    needs: str | None = None
    choice: tuple[str, str] | None = None
    sized: bool | None = None
    over: int | None = None
    scale: int | None = None
    conversion: str = "same"
    parts: tuple[tuple[str, str], ...] = ()
    check: str | None = None
    asks: bool = False
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class TypeMapping:
    """What becomes of the types of a family that are treated alike: the first form that fits.

    `types` are their names, `*` for all others of the family, each with the text for `{to}`.
    `lost`, `values` and `queries` are sentences for readers.
    """

    family: str
    types: dict[str, str]
    forms: tuple[Form, ...]
    rule: str | None = None
    case: str = ""
    lost: str = ""
    values: str = ""
    queries: str = ""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All rules by id, the gap list, the limits, and the types by family and name."""

    rules: dict[str, Rule]
    gaps: tuple[Gap, ...]
    limits: tuple[Limit, ...]
    types: dict[tuple[str, str], TypeMapping]

    def type(self, family: str, name: str) -> TypeMapping:
        """What becomes of a type.  KeyError for a family that no type has."""
        return self.types.get((family, name)) or self.types[family, "*"]

    @property
    def verified(self) -> date:
        """The newest day at which any rule was held against its source."""
        return max(rule.verified for rule in self.rules.values())


def parse_catalogue(data: dict[str, Any]) -> Catalogue:
    """Build the catalogue from compiled data, which `rule_files` has already checked."""
    return Catalogue(
        rules={row["id"]: _rule(row) for row in data["rules"]},
        gaps=tuple(Gap(**row) for row in data["gaps"]),
        limits=tuple(Limit(**row) for row in data["limits"]),
        types={
            (row["family"], name): mapping
            for row in data["types"]
            for mapping in [_mapping(row)]
            for name in mapping.types
        },
    )


@cache
def load_catalogue() -> Catalogue:
    """The catalogue this version of the program ships."""
    text = Path(__file__).with_name("catalogue.json").read_text("utf-8")
    return parse_catalogue(json.loads(text))


def _rule(row: dict[str, Any]) -> Rule:
    return Rule(
        **{
            **row,
            "verified": date.fromisoformat(row["verified"]),
            "support": tuple(_status(status) for status in row["support"]),
            "examples": tuple(_example(example) for example in row["examples"]),
        }
    )


def _status(row: dict[str, Any]) -> Status:
    return Status(
        **{
            **row,
            "since": date.fromisoformat(row["since"]),
            "verified": date.fromisoformat(row["verified"]),
            "rewrite": tuple(row["rewrite"]),
            "notes": tuple(row["notes"]),
            "alternatives": tuple(
                Alternative(a["title"], tuple(a["after"])) for a in row["alternatives"]
            ),
            "effort": tuple(row["effort"]) if row["effort"] else None,
        }
    )


def _mapping(row: dict[str, Any]) -> TypeMapping:
    return TypeMapping(**{**row, "forms": tuple(_form(form) for form in row["forms"])})


def _form(row: dict[str, Any]) -> Form:
    choice, parts = row.get("choice"), row.get("parts", {})
    return Form(
        **{
            **row,
            "choice": next(iter(choice.items())) if choice else None,
            "parts": tuple(parts.items()),
        }
    )


def _example(row: dict[str, Any]) -> Example:
    after = row["after"]
    return Example(
        **{
            **row,
            "marks": tuple(row["marks"]),
            "after": None if after is None else tuple(after),
            "repeat": tuple(row["repeat"]) if row.get("repeat") else None,
        }
    )
