"""The report as one HTML file that needs no network, no script and no second file.

Here the report is brought into the order a page shows; `templates/` lays it out.  Everything that
comes from a source is escaped by Jinja2, after `visible` has made its control characters readable.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

from dsql_compat.report.grouping import Group, group_findings
from dsql_compat.report.model import FindingInfo, LimitRow, ObjectCounts, Report
from dsql_compat.report.phrases import calls, clip, covered, sessions
from dsql_compat.rules import DISPOSITIONS, SEVERITIES, load_catalogue

if TYPE_CHECKING:
    from jinja2 import Environment

VERDICTS = {
    "ready": "Ready",
    "automatic": "Ready after automatic rewriting",
    "review": "Ready after review",
    "manual": "Not ready",
}
MEANINGS = {
    "as-is": "nothing to change",
    "automatic": "the rewrite means the same",
    "review": "rewritten, but behaviour changes: read it",
    "manual": "a person decides",
}
STATUSES = {
    "supported": "supported",
    "partial": "partly",
    "different": "different",
    "unsupported": "unsupported",
}
STATES = {"ok": "within", "near": "near", "exceeded": "exceeded", "unknown": "not known"}
FIRST = 20  # findings of one group that are listed before the rest is folded away
LONG = 1_000  # characters from which a statement that was shown is linked, not repeated

_THIN = 0.8  # per cent: a part of a bar that is there is seen
_SIZES = ((1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"))
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)


def visible(text: str) -> str:
    r"""The text with unseen characters written out: C0 as ␀ and the like, bidi marks as \u202E.

    Line ends and tabs stay.  The joiners U+200C and U+200D stay too: scripts and emoji need them.
    """
    return _UNSEEN.sub(_written_out, text.replace("\r\n", "\n"))


def one_line(text: str) -> str:
    """Like `visible`, with line ends and tabs written out as well."""
    return visible(text).replace("\n", "␊").replace("\t", "␉")


def _written_out(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    return f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}"


def is_web_address(text: str) -> bool:
    """Whether the text may become a link."""
    return re.fullmatch(r"https?://[^\s\x00-\x20\x7f]+", text, re.I) is not None


def rule_title(rule: str) -> str:
    """The title the catalogue gives a rule; its id in words for a rule it does not know."""
    known = load_catalogue().rules.get(rule)
    return known.title if known else rule.replace("-", " ").capitalize()


def object_name(finding: FindingInfo) -> str:
    """The object of a finding with its schema and table."""
    parts = (finding.object.schema, finding.object.table, finding.object.name)
    return ".".join(part for part in parts if part)


def place(finding: FindingInfo) -> str:
    """Where a finding stands, as `source:line:column`."""
    at = finding.location
    return f"{at.source}:{at.line}:{at.column}"


def amount(value: int, unit: str) -> str:
    """A number with its unit; bytes in the largest unit that keeps the number readable."""
    if unit != "bytes":
        return f"{value:,} {unit}".rstrip()
    for size, name in _SIZES:
        if value >= size:
            return f"{value / size:.1f}".removesuffix(".0") + f" {name}"
    return f"{value:,} byte" + "s" * (value != 1)


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a stacked bar; `start` and `width` in per cent."""

    name: str
    count: int
    start: float
    width: float


def segments(counts: ObjectCounts) -> list[Segment]:
    """The parts of a bar of objects by disposition."""
    numbers = {name: getattr(counts, name.replace("-", "_")) for name in DISPOSITIONS}
    widths = {name: max(n / counts.total * 100, _THIN) for name, n in numbers.items() if n}
    scale = 100 / sum(widths.values()) if widths else 0
    parts, start = [], 0.0
    for name, number in numbers.items():
        width = widths.get(name, 0) * scale
        parts.append(Segment(name, number, round(start, 2), round(width, 2)))
        start += width
    return parts


def all_objects(report: Report) -> ObjectCounts:
    """The objects of all kinds together."""
    rows = report.readiness.objects.values()
    return ObjectCounts(
        sum(row.total for row in rows),
        sum(row.as_is for row in rows),
        sum(row.automatic for row in rows),
        sum(row.review for row in rows),
        sum(row.manual for row in rows),
    )


def filled(row: LimitRow) -> float:
    """How much of a limit is used, in per cent of a bar."""
    if not row.observed:
        return 0
    return round(min(100, max(_THIN, row.observed / row.value * 100)), 2)


@dataclass(frozen=True, slots=True)
class Cause:
    """A finding that follows from no other, and how many do from it, over any number of steps."""

    finding: FindingInfo
    consequences: int


@dataclass(frozen=True, slots=True)
class Blocker:
    """The causes of severity error under one rule."""

    rule: str
    causes: list[Cause]

    @property
    def consequences(self) -> int:
        """Findings that follow from any of the causes."""
        return sum(cause.consequences for cause in self.causes)

    @property
    def rank(self) -> tuple[int, int]:
        """Sort key: more work for a person before less, much before little."""
        work = max(DISPOSITIONS.index(cause.finding.disposition) for cause in self.causes)
        return -work, -len(self.causes) - self.consequences


def blockers(report: Report, groups: Iterable[Group]) -> list[Blocker]:
    """What Aurora DSQL refuses and what hangs on it, what needs a person first."""
    following = _consequences(report.findings)
    rows = []
    for group in groups:
        causes = [
            Cause(finding, following[finding.id])
            for finding in group.findings
            if finding.severity == "error" and finding.cause is None
        ]
        if causes:
            rows.append(Blocker(group.rule, causes))
    return sorted(rows, key=lambda row: row.rank)


def _consequences(findings: Iterable[FindingInfo]) -> Counter[str]:
    """How many findings lead back to each, by id."""
    causes = {finding.id: finding.cause for finding in findings}
    count: Counter[str] = Counter()
    for name in causes:
        seen = {name}
        while (above := causes.get(name)) is not None and above not in seen:
            count[above] += 1
            seen.add(above)
            name = above
    return count


@dataclass(frozen=True, slots=True)
class Variant:
    """Findings of one rule to which the same explanation applies."""

    why: str
    advice: str
    findings: list[FindingInfo]


def variants(group: Group) -> list[Variant]:
    """A group split by explanation, so that each is given once."""
    parts: dict[tuple[str, str], Variant] = {}
    for finding in group.findings:
        key = finding.why, finding.advice
        parts.setdefault(key, Variant(*key, [])).findings.append(finding)
    return list(parts.values())


def _statements(groups: Iterable[Group]) -> dict[str, str]:
    """For findings whose long statement an earlier one shows: the id of that one."""
    shown: dict[tuple[str, str], str] = {}
    repeated = {}
    for group in groups:
        for finding in group.findings:
            if len(finding.statement) < LONG:
                continue
            first = shown.setdefault((finding.location.source, finding.statement), finding.id)
            if first != finding.id:
                repeated[finding.id] = first
    return repeated


def _followers(findings: Iterable[FindingInfo]) -> dict[str, list[FindingInfo]]:
    """The findings that follow directly from each, by id."""
    following: dict[str, list[FindingInfo]] = {}
    for finding in findings:
        if finding.cause is not None:
            following.setdefault(finding.cause, []).append(finding)
    return following


def render(report: Report) -> str:
    """The report as one HTML document."""
    from markupsafe import Markup

    style, script = _read("report.css"), _read("report.js")
    groups = group_findings(report)
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            report=report,
            style=Markup(style),  # noqa: S704  our own file
            script=Markup(script),  # noqa: S704  our own file
            policy=_policy(style, script),
            groups=groups,
            blockers=blockers(report, groups),
            everything=all_objects(report),
            by_id={finding.id: finding for finding in report.findings},
            followers=_followers(report.findings),
            repeated=_statements(groups),
        )
    )


def _policy(style: str, script: str) -> str:
    """What the page may do: apply its own style, run its own script, and nothing else."""
    return (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _read(name: str) -> str:
    return resources.files(__package__).joinpath("templates", name).read_text("utf-8")


def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    def finalize(value: object) -> object:
        return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value

    environment = Environment(
        loader=PackageLoader("dsql_compat.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        visible=visible, one_line=one_line, title_of=rule_title, name=object_name, place=place
    )
    environment.tests["web_address"] = is_web_address
    environment.globals.update(
        VERDICTS=VERDICTS,
        MEANINGS=MEANINGS,
        STATUSES=STATUSES,
        STATES=STATES,
        FIRST=FIRST,
        SEVERITIES=SEVERITIES,
        DISPOSITIONS=DISPOSITIONS,
        amount=amount,
        segments=segments,
        filled=filled,
        variants=variants,
        calls=calls,
        clip=clip,
        covered=covered,
        sessions=sessions,
    )
    return environment
