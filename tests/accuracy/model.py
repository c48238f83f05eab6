"""The probes as `probes.yaml` holds them, and what a report says about one."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter, model_validator

from dsql_compat.pipeline import analyze_text

FILE = Path(__file__).parent / "probes.yaml"
Verdict = Literal["refused", "accepted"]
Known = Literal["recorded", "documented", "inferred"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Repeated(_Strict):
    """A text written out several times: one statement each, or the items of a list."""

    text: str
    times: int

    def __str__(self) -> str:
        joint = "\n" if self.text.endswith(";") else ", "
        return joint.join(self.text.replace("#", str(n)) for n in range(1, self.times + 1))


def written_out(sql: str, many: tuple[Repeated, ...]) -> str:
    """The SQL with the repeated texts in place of {0}, {1} and so on."""
    for number, repeated in enumerate(many):
        sql = sql.replace(f"{{{number}}}", str(repeated))
    return sql


class Probe(_Strict):
    """SQL and what Aurora DSQL makes of it: today, and before `since` the opposite.

    `known` is how sure that is: a cluster's answer is published, the user guide says so, or it
    follows from what they say of something else, which is all that is claimed if it is left out.
    """

    name: str
    sql: str
    verdict: Verdict
    known: Known = "inferred"
    since: date | None = None
    many: tuple[Repeated, ...] = ()
    note: str = ""
    unseen: str = ""

    @model_validator(mode="after")
    def _words_fit_the_verdict(self) -> Self:
        if self.unseen and self.verdict == "accepted":
            raise ValueError(f"{self.name}: only a refusal can be unseen")
        return self

    @property
    def script(self) -> str:
        """The SQL with the repeated texts written out."""
        return written_out(self.sql, self.many)

    @property
    def is_single(self) -> bool:
        """Whether it is one statement, needing nothing before it."""
        return not self.many and ";\n" not in self.sql

    def dated(self) -> list[tuple[str, Verdict]]:
        """Every target to ask for, and the verdict there."""
        asked: list[tuple[str, Verdict]] = [("latest", self.verdict)]
        if self.since:
            before: Verdict = "accepted" if self.verdict == "refused" else "refused"
            asked.append(((self.since - timedelta(days=1)).isoformat(), before))
        return asked


@cache
def probes() -> dict[str, list[Probe]]:
    """All probes by area."""
    return TypeAdapter(dict[str, list[Probe]]).validate_python(yaml.safe_load(FILE.read_text()))


def errors(probe: Probe, target: str) -> list[str]:
    """The rules that say that Aurora DSQL refuses the probe at the target."""
    found = analyze_text(probe.script, target).findings
    return sorted({f.rule for f in found if f.severity == "error"})
