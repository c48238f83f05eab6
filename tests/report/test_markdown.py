"""The markdown report: the same numbers, inside one comment, and proof against hostile names."""

from __future__ import annotations

import dataclasses
import re
from html.parser import HTMLParser

import pytest

from dsql_compat.report import markdown, model
from tests.report.test_html import HOSTILE, linked_findings, make_finding, make_report
from tests.test_report import GAP_KEYS

GENERATED = {
    "h1", "h2", "h3", "p", "strong", "em", "code", "pre", "ul", "li", "a",
    "table", "thead", "tbody", "tr", "th", "td", "details", "summary",
}  # fmt: skip


class Rendered(HTMLParser):
    """What a markdown renderer makes of a report."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        tool = pytest.importorskip("markdown_it")
        parser = tool.MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
        self.tags: list[str] = []
        self.links: list[str] = []
        self.rows: list[list[str]] = []
        self.open: list[str] = []
        self.shown = ""
        self.feed(parser.render(text))
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name == "href"]
        self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ("br", "hr")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.shown += data
        if "td" in self.open or "th" in self.open:
            self.rows[-1][-1] += data


@pytest.fixture(scope="module")
def hostile() -> tuple[model.Report, str, Rendered]:
    report = make_report(linked_findings(24, HOSTILE), HOSTILE)
    text = markdown.render(report)
    return report, text, Rendered(text)


def test_hostile_names_stay_text(hostile: tuple[model.Report, str, Rendered]) -> None:
    _, text, page = hostile
    assert set(page.tags) <= GENERATED
    assert set(page.links) == {"https://example.org/a?b=1&c=2"}
    assert "<script>alert(1)</script>" in page.shown
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)
    assert "␇\\u202Egnp.exe\\u2066" in page.shown
    assert "@root #1 **b** $x$ 🦔" in page.shown


def test_table_cells_hold_their_names(hostile: tuple[model.Report, str, Rendered]) -> None:
    report, _, page = hostile
    widths = {len(row) for row in page.rows}
    assert widths <= {4, 5, 6}
    kind = list(report.readiness.objects)[1]
    shown = markdown.clip(kind)
    assert [shown, "7", "0", "0", "0", "7"] in page.rows
    assert ["all", "104", "41", "23", "19", "21"] in page.rows
    assert [row[-1] for row in page.rows if row[0] == "Size of a row"] == [markdown.clip(kind, 80)]


def test_numbers_are_the_reports(hostile: tuple[model.Report, str, Rendered]) -> None:
    report, _, page = hostile
    for row in report.gap_list:
        shown = [cells for cells in page.rows if cells[0] == row.feature]
        assert [cells[1] for cells in shown] == [f"{row.found:,}"]
    counts = report.readiness.findings
    assert f"Findings: {counts.error} error, {counts.warning} warning, {counts.info} info" in (
        page.shown
    )
    assert "1.5–1234.5 hours" in page.shown
    assert report.readiness.effort.formula in page.shown
    assert next(
        [row[0].split()[0], row[1], row[2]] for row in page.rows if row[0].endswith(" trigger")
    ) == ["Trigger", "6", "2"]


def test_gap_list_has_all_its_rows(hostile: tuple[model.Report, str, Rendered]) -> None:
    _, _, page = hostile
    assert [r[0][12:] for r in page.rows if r[0].startswith("The feature")] == GAP_KEYS


def test_every_finding_is_there_while_there_is_room() -> None:
    report = make_report(linked_findings(40))
    text = markdown.render(report)
    for finding in report.findings:
        assert f"`{finding.id}`" in text
    assert "further" not in text


@pytest.mark.parametrize("name", ["orders", HOSTILE, "🦔" * 60, "`" * 63, "|" * 63])
def test_it_fits_into_a_comment(name: str) -> None:
    report = make_report([make_finding(n, name) for n in range(2_000)], name)
    many = dataclasses.replace(
        report, sources=report.sources * 200, not_analysed=report.not_analysed * 500
    )
    text = markdown.render(many)
    assert markdown.size(text) <= markdown.LIMIT
    page = Rendered(text)
    assert set(page.tags) <= GENERATED
    further = re.search(r"([\d,]+) further findings are in the JSON/HTML report", text)
    assert further
    listed = sum(f"{f.id}\n" in text.replace("`", "") for f in report.findings)
    assert int(further[1].replace(",", "")) == 2_000 - listed
    assert "further sources are in the JSON/HTML report" in text
    for rule in ("trigger", "enum-type", "made-up-rule"):
        assert f"`{rule}` · worst" in text


def test_room_is_shared_by_the_rules() -> None:
    loud = [make_finding(4 * n) for n in range(3_000)]
    text = markdown.render(make_report([*loud, make_finding(1), make_finding(2)]))
    assert make_finding(1).id in text
    assert make_finding(2).id in text
    assert text.count("Column id of orders") > 20


def test_each_explanation_is_given_once() -> None:
    findings = [make_finding(4 * n, why=f"Reason {n % 3}.") for n in range(9)]
    text = markdown.render(make_report(findings))
    assert [text.count(f"Reason {n}.") for n in range(3)] == [1, 1, 1]
    assert "<details><summary>all 9 findings</summary>" in text


def test_empty_report_says_so() -> None:
    report = dataclasses.replace(make_report([]), sources=[], timeline=[], not_analysed=[])
    page = Rendered(markdown.render(report))
    assert "refuses nothing that was found" in page.shown
    assert "None." in page.shown


@pytest.mark.parametrize("text", ["SELECT 1;", "a ``` b", "`````\nx", "", "~~~", "</details>"])
def test_fences_hold(text: str) -> None:
    block = markdown.fence(text)
    longest = max(map(len, re.findall("`+", text)), default=0)
    ticks = block.split("sql\n")[0]
    assert set(ticks) == {"`"}
    assert len(ticks) > max(longest, 2)
    assert Rendered(block).tags == ["pre", "code"]


@pytest.mark.parametrize(
    "text",
    [
        "snake_case _emphasis_ __init__ *b*",
        "[a](http://x) <b> &amp; www.example.org ~~x~~",
        "@someone and #12, see GH-7 \\| `x` $y$",
        "![i](x) <!-- no --> <https://example.org>",
    ],
)
def test_prose_and_names_are_shown_as_they_are(text: str) -> None:
    for made in (markdown.prose(text), markdown.code(text), markdown.markup(text)):
        page = Rendered(f"| a |\n|---|\n| {made} |")
        assert page.rows[1] == [text]
        assert not set(page.tags) & {"em", "strong", "s", "a", "img", "b"}
    assert not re.search(r"(?<!>)@someone|(?<![>&])#12", markdown.prose(text))


def test_what_is_suppressed_is_folded_with_its_reason() -> None:
    hushed = model.SuppressedInfo("known since <May> @root", "a.sql:3")
    report = make_report([make_finding(0, suppressed=hushed), make_finding(1)])
    text = markdown.render(report)
    assert "<details><summary>Suppressed: 1</summary>" in text
    assert "known since <May> @root (a.sql:3)" in Rendered(text).shown
    assert "Suppressed" not in markdown.render(make_report([make_finding(1)]))


def test_causes_and_what_follows_add_up() -> None:
    findings = linked_findings(9)
    errors = [f for f in findings if f.severity == "error"]
    follow = sum(1 for f in errors if f.cause)
    assert follow
    shown = Rendered(markdown.render(make_report(findings))).shown
    assert f"(errors: {len(errors) - follow} causes, {follow} that follow)" in shown


def test_blockers_come_first_and_long_sections_are_folded() -> None:
    text = markdown.render(make_report(linked_findings(9)))
    order = ["# Not ready", "## Blockers", "## Objects", "## Gap list", "## Limits", "## Findings"]
    places = [text.index(f"\n{head}" if number else head) for number, head in enumerate(order)]
    assert places == sorted(places)
    for head in ("## Gap list", "## Limits", "## Timeline"):
        assert text.split(head, 1)[1].lstrip().startswith("<details><summary>")
    assert text.count("<details>") == text.count("</details>")


def test_room_that_is_left_goes_to_the_worst_rules() -> None:
    long = "CREATE TABLE t (" + "x" * 14_000 + ");"
    findings = [make_finding(n, statement=long, rewrite=None) for n in range(12)]
    text = markdown.render(make_report(findings))
    assert 2 <= text.count("x" * 14_000) < 8
    assert markdown.size(text) > markdown.LIMIT - 16_000
