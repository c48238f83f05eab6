"""The HTML report: complete, well-formed, self-contained and proof against hostile names."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import importlib
import itertools
import json
import re
from datetime import date
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest

from dsql_compat.pipeline import analyze_sources, analyze_text
from dsql_compat.report import html, model, views, visible
from dsql_compat.report.grouping import group_findings
from dsql_compat.report.html_graph import Graph, draw
from dsql_compat.report.html_marks import Mark, marked, marks_in, merged_diff, word_diff
from dsql_compat.report.html_objects import places
from dsql_compat.report.html_pictures import segments
from dsql_compat.report.json import render as as_json
from tests.test_report import GAP_KEYS

SHOP = Path(__file__).parents[2] / "sample_schemas" / "shop" / "schema.sql"
HOSTILE_SQL = Path(__file__).parent / "hostile.sql"
# Everything a name may hold to break out of a page, a table cell or a line.
HOSTILE = "<script>alert(1)</script>\"'`` | \\| & \x07\u202egnp.exe\u2066 @root #1 **b** $x$ 🦔"
VOID = {"meta", "link", "br", "hr", "img", "input", "path", "rect", "circle"}
ADDRESSES = {"href", "src", "srcset", "action", "formaction", "data", "poster", "style"}


def make_finding(number: int, name: str = "orders", **changes: object) -> model.FindingInfo:
    """A finding under a rule that depends on the number."""
    rule = ("trigger", "json-column", "enum-type", "made-up-rule")[number % 4]
    severity = ("error", "warning", "error", "info")[number % 4]
    statement = f"CREATE TABLE {name} (id integer);\n-- {name}"
    finding = model.FindingInfo(
        id=f"{rule}-{number:010x}",
        rule=rule,
        severity=severity,  # type: ignore[arg-type]
        disposition=("manual", "review", "automatic", "as-is")[number % 4],  # type: ignore[arg-type]
        cause=None,
        object=model.ObjectInfo("column", "public", name, name),
        location=model.Location(f"{name}.sql", number + 1, 5, number + 2, 1),
        statement=statement,
        message=f"Column id of {name} is number {number}.",
        why=f"Why {name} is so.",
        advice=f"What {name} needs.",
        error=f"0A000 {name} not supported",
        rewrite=model.Rewrite(
            f"id integer -- {name}",
            [f"id bigint -- {name}", f"SELECT '``` {name}';"],
            [f"Note on {name}."],
        ),
        alternatives=[model.AlternativeInfo(f"Without {name}", [f"DROP TABLE {name};"])],
        supported_since=date(2026, 2, 13),
        reference=f"javascript:alert('{name}')",
    )
    return dataclasses.replace(finding, **changes)  # type: ignore[arg-type]


def make_report(findings: list[model.FindingInfo], name: str = "orders") -> model.Report:
    """A report around findings, with every section filled."""
    count = {s: sum(1 for f in findings if f.severity == s) for s in ("error", "warning", "info")}
    return model.Report(
        schema_version=1,
        tool=model.Tool("dsql-compat", "0.1.0"),
        target=model.TargetInfo(date(2026, 10, 16), "latest"),
        sources=[
            model.SourceInfo(f"{name}.sql", "dump", "plain", 2_048_000, 4321, 1, 98_765, "18.4"),
            *(
                model.SourceInfo(f"{n}-{name}", "migration", "gzip", n, n, 0, 0, None)
                for n in range(4)
            ),
        ],
        readiness=model.Readiness(
            "manual",
            f"Not ready: {count['error']} things that Aurora DSQL refuses, in {name}.",
            {
                "table": model.ObjectCounts(97, 41, 23, 19, 14),
                name: model.ObjectCounts(7, 0, 0, 0, 7),
            },
            model.SeverityCounts(**count),
            model.Effort(1.5, 1234.5, "3 manual × 30–240 min = 90–720 min"),
        ),
        gap_list=[
            model.GapRow(
                key,
                f"The feature {key}",
                ("supported", "partial", "different", "unsupported")[n % 4],  # type: ignore[arg-type]
                date(2026, 2, 13) if n % 4 == 0 else None,
                1000 + n,
                [key, "trigger"],
                f"{key} and {name}",
            )
            for n, key in enumerate(GAP_KEYS)
        ],
        limits=[
            model.LimitRow("tables", "Tables", 1000, "tables", 97, "ok", None),
            model.LimitRow("columns", "Columns", 255, "columns", 240, "near", name),
            model.LimitRow("row", "Size of a row", 2 << 20, "bytes", 5 << 20, "exceeded", name),
            model.LimitRow("time", "Duration", 300, "seconds", None, "unknown", None),
        ],
        timeline=[
            model.TimelineRow(
                date(2026, 2, 13), "trigger", "Trigger", "supported", 3, f"It came: {name}."
            ),
            model.TimelineRow(
                date(2027, 1, 1), "vector", "Vector", "supported", 31, f"It comes: {name}."
            ),
        ],
        not_analysed=[model.NotAnalysed(f"{name}.sql", 7, f"DO {name}", f"because {name}")],
        findings=findings,
        objects=[
            model.SchemaObject(
                "table",
                "public",
                name,
                None,
                None,
                "manual",
                [f.id for f in findings],
                f"CREATE TABLE {name} ();",
                model.Location(f"{name}.sql", 1, 1, 1, 20),
                rows=7,
                bytes=4096,
            ),
            model.SchemaObject("trigger", "public", name, name, None, "as-is", [], None, None),
        ],
        relations=[
            model.RelationInfo(name, None, "public", name, [name], "public", name, [name]),
        ],
    )


def linked_findings(count: int, name: str = "orders") -> list[model.FindingInfo]:
    """Findings of which the second and third follow from the first and from each other."""
    findings = [make_finding(n, name) for n in range(count)]
    findings[1] = dataclasses.replace(findings[1], cause=findings[0].id)
    findings[2] = dataclasses.replace(findings[2], cause=findings[1].id)
    findings[3] = dataclasses.replace(findings[3], reference="https://example.org/a?b=1&c=2")
    return findings


class Page(HTMLParser):
    """Reads a page strictly: every tag closed in order, ids and links collected."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs), f"an attribute twice in {tag}"
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in VOID
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing, line {self.getpos()}"
        assert self.open.pop() == tag, f"</{tag}> out of order, line {self.getpos()}"

    def handle_data(self, data: str) -> None:
        if self.open:
            self.texts.setdefault(self.open[-1], []).append(data)

    def values(self, attribute: str) -> list[str]:
        return [value for _, a in self.tags if (value := a.get(attribute)) is not None]

    def text(self) -> str:
        return " ".join(
            part
            for tag, parts in self.texts.items()
            if tag not in ("style", "script")
            for part in parts
        )


@pytest.fixture(scope="module")
def hostile() -> tuple[model.Report, str, Page]:
    report = make_report(linked_findings(60, HOSTILE), HOSTILE)
    text = html.render(report)
    return report, text, Page(text)


def test_every_finding_has_one_anchor_and_no_link_is_dead(
    hostile: tuple[model.Report, str, Page],
) -> None:
    report, _, page = hostile
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    for finding in report.findings:
        assert f"finding-{finding.id}" in ids
    fragments = {value[1:] for value in page.values("href") if value.startswith("#")}
    assert fragments <= set(ids)


def test_numbers_are_the_reports(hostile: tuple[model.Report, str, Page]) -> None:
    report, text, page = hostile
    shown = re.sub(r"\s+", " ", page.text())
    for counts in report.readiness.objects.values():
        for number in dataclasses.astuple(counts):
            assert f"<td>{number:,}</td>" in text or f'<td class="none">{number}</td>' in text
    for severity, number in dataclasses.asdict(report.readiness.findings).items():
        assert re.search(rf">{severity}</span> <strong>{number}</strong>", text)
    for row in report.gap_list:
        assert f"{row.found:,}" in shown
    assert "1.5–1234.5 hours" in shown
    assert report.readiness.effort.formula in shown
    assert "4,321 statements" in shown
    assert "98,765 data rows" in shown
    assert all(str(row.date) in shown for row in report.timeline)


def test_gap_list_has_all_its_rows(hostile: tuple[model.Report, str, Page]) -> None:
    _, _, page = hostile
    assert [i[4:] for i in page.values("id") if re.match(r"gap-(?!list(-title)?$)", i)] == GAP_KEYS


def test_hostile_names_stay_text(hostile: tuple[model.Report, str, Page]) -> None:
    report, text, page = hostile
    assert [tag for tag, _ in page.tags if tag == "script"] == ["script"] * 2
    assert not {tag for tag, _ in page.tags} & {"b", "iframe", "img", "object", "embed", "form"}
    assert not [name for _, a in page.tags for name in a if name.startswith("on")]
    assert "<script>alert(1)</script>" in page.text()
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", text)
    assert not re.search("[\u200e\u200f\u202a-\u202e\u2066-\u2069]", text)
    assert "␇\\u202Egnp.exe\\u2066" in page.text()
    assert "🦔" in page.text()
    assert report.findings[0].object.name not in text


def test_nothing_is_fetched(hostile: tuple[model.Report, str, Page]) -> None:
    _, text, page = hostile
    assert not {tag for tag, _ in page.tags} & {"link", "img", "iframe", "object", "image", "use"}
    assert "@import" not in text
    css = "".join(page.texts["style"])
    assert "url(" not in css
    for tag, attributes in page.tags:
        for name in ADDRESSES & attributes.keys():
            assert tag == "a"
            assert name == "href"
            assert re.match(r"#|https?://", attributes[name] or "")


def test_policy_names_the_hashes_of_style_and_script(
    hostile: tuple[model.Report, str, Page],
) -> None:
    _, text, page = hostile
    policies = [a["content"] for _, a in page.tags if "http-equiv" in a]
    assert len(policies) == 1
    policy = policies[0] or ""
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    for tag in ("style", "script"):
        (own,) = re.findall(f"<{tag}>(.*?)</{tag}>", text, re.S)
        digest = hashlib.sha256(own.encode()).digest()
        assert f"{tag}-src 'sha256-{base64.b64encode(digest).decode()}'" in policy


def test_only_web_addresses_become_links(hostile: tuple[model.Report, str, Page]) -> None:
    _, text, page = hostile
    outward = [value for value in page.values("href") if not value.startswith("#")]
    assert outward == ["https://example.org/a?b=1&c=2"]
    assert "javascript:alert(" in page.text()
    assert "b=1&amp;c=2" in text


def test_tables_have_captions_and_scopes(hostile: tuple[model.Report, str, Page]) -> None:
    _, _, page = hostile
    tags = [tag for tag, _ in page.tags]
    assert tags.count("table") == tags.count("caption")
    assert all(a.get("scope") in ("row", "col") for tag, a in page.tags if tag == "th")
    assert tags.count("h1") == 1
    levels = [int(tag[1]) for tag in tags if re.fullmatch("h[1-6]", tag)]
    assert all(below - above <= 1 for above, below in itertools.pairwise(levels))


def test_consequences_are_counted_over_all_steps() -> None:
    report = make_report(linked_findings(8))
    rows = {b.rule: b for b in views.blockers(report, group_findings(report))}
    assert [(c.finding.id, c.consequences) for c in rows["trigger"].causes] == [
        (report.findings[0].id, 2),
        (report.findings[4].id, 0),
    ]
    assert rows["trigger"].consequences == 2
    assert [c.finding.id for c in rows["enum-type"].causes] == [report.findings[6].id]


def test_blockers_that_need_a_person_come_first() -> None:
    findings = [
        make_finding(2),
        make_finding(6),
        make_finding(0, disposition="automatic"),
        make_finding(3, severity="error", disposition="manual"),
    ]
    rows = views.blockers(make_report(findings), group_findings(make_report(findings)))
    assert [row.rule for row in rows] == ["made-up-rule", "enum-type", "trigger"]


def test_a_circle_of_causes_ends() -> None:
    one, two = make_finding(0), make_finding(4)
    findings = [dataclasses.replace(one, cause=two.id), dataclasses.replace(two, cause=one.id)]
    assert views.blockers(make_report(findings), group_findings(make_report(findings))) == []
    Page(html.render(make_report(findings)))


def test_empty_report_says_so() -> None:
    report = dataclasses.replace(
        make_report([]),
        sources=[],
        gap_list=[],
        limits=[],
        timeline=[],
        not_analysed=[],
        readiness=model.Readiness(
            "ready", "Ready.", {}, model.SeverityCounts(), model.Effort(0, 0, "nothing to do")
        ),
    )
    page = Page(html.render(report))
    assert "refuses nothing that was found" in page.text()
    assert "0–0 hours" in page.text()


def test_explanations_are_given_once() -> None:
    text = html.render(make_report([make_finding(4 * n) for n in range(50)]))
    assert text.count("Why orders is so.") == 1
    assert text.count("What orders needs.") == 1


def test_a_long_statement_is_shown_once() -> None:
    statement = "CREATE TABLE wide (" + ", ".join(f"c{n} json" for n in range(300)) + ");"
    findings = [make_finding(4 * n, statement=statement) for n in range(10)]
    where = findings[0].location
    report = make_report([dataclasses.replace(f, location=where) for f in findings])
    text = html.render(dataclasses.replace(report, objects=[]))
    assert text.count("c299 json") == 1


def test_the_scripts_data_holds_no_tag_and_names_no_object_raw(
    hostile: tuple[model.Report, str, Page],
) -> None:
    report, text, _ = hostile
    (data,) = re.findall('<script type="application/json" id="data">(.*?)</script>', text, re.S)
    assert "<" not in data
    known = json.loads(data)
    assert len(known["findings"]) == len(report.findings)
    assert sum(count for _, _, count in known["ways"]) == len(report.findings)
    assert not [name for name in re.findall(r'"([^"]*)"', data) if name == report.findings[0].id]
    assert "\u202e" not in data


def test_what_somebody_suppressed_is_shown_with_the_reason() -> None:
    hushed = make_finding(0, suppressed=model.SuppressedInfo("known since <May>", "a.sql:3"))
    text = html.render(make_report([hushed, make_finding(1)]))
    assert 'id="suppressed"' in text
    assert text.count("known since &lt;May&gt;") == 2
    assert 'id="suppressed"' not in html.render(make_report([make_finding(1)]))


def test_notes_of_a_source_are_shown() -> None:
    source = model.SourceInfo("db", "database", "catalog", 1, 1, 0, 7, "17", notes=["a <standby>"])
    report = dataclasses.replace(make_report([make_finding(1)]), sources=[source])
    assert "a &lt;standby&gt;" in html.render(report)
    assert "about 7 data rows" in re.sub(r"\s+", " ", html.render(report))


def test_several_dates_are_compared() -> None:
    report = make_report([make_finding(0)])
    earlier = dataclasses.replace(
        report,
        target=model.TargetInfo(date(2026, 3, 31), None),
        readiness=dataclasses.replace(report.readiness, verdict="review"),
    )
    text = html.render(report, [earlier])
    assert text.index('datetime="2026-03-31"') < text.index("this report")
    assert "Ready after review" in text
    assert "compared" not in html.render(report).replace(".compared", "")


def test_the_words_of_findings_are_marked() -> None:
    at = model.Location("a.sql", 10, 5, 12, 3)
    ddl = "CREATE TABLE t (\n  a json,\n  b\n);"
    one = make_finding(0, location=model.Location("a.sql", 11, 5, 11, 9))
    two = make_finding(1, location=model.Location("a.sql", 10, 18, 10, 19))
    (first, second) = marks_in(ddl, at, [one, two])
    assert ddl[first.start : first.end] == "t"
    assert ddl[second.start : second.end] == "json"
    shown = marked(ddl, [first, second])
    assert f'href="#finding-{one.id}">json</a>' in shown
    assert re.sub("<[^>]*>", "", shown) == ddl


def test_marks_that_overlap_lead_to_the_worst() -> None:
    error, warning = make_finding(0), make_finding(1)
    shown = marked("abcdef", [Mark(0, 4, (warning,)), Mark(2, 6, (error,))])
    assert re.findall(r'finding-([a-z0-9-]+)"[^>]*>(\w+)</a>', shown) == [
        (warning.id, "ab"),
        (error.id, "cd"),
        (error.id, "ef"),
    ]


@pytest.mark.parametrize(
    ("before", "after", "left", "right"),
    [
        ("id serial", "id bigint", "id <del>serial</del>", "id <ins>bigint</ins>"),
        ("a <b> c", "a <x> c", "a &lt;<del>b</del>&gt; c", "a &lt;<ins>x</ins>&gt; c"),
        ("a b", "a b NOT VALID", "a b", "a b<ins> NOT VALID</ins>"),
        ("same", "same", "same", "same"),
        ("all of it", "quite other", "all of it", "quite other"),
        ("", "new", "", "<ins>new</ins>"),
    ],
)
def test_word_diff(before: str, after: str, left: str, right: str) -> None:
    assert word_diff(before, after) == (left, right)


def test_a_rewrites_text_survives_the_markup() -> None:
    report = analyze_sources([str(SHOP)])
    pairs = [(f.rewrite.before, "\n\n".join(f.rewrite.after)) for f in report.findings if f.rewrite]
    assert len(pairs) > 50
    for before, after in pairs:
        plain = [unescape(re.sub("</?(?:ins|del)>", "", side)) for side in word_diff(before, after)]
        assert plain == [visible.visible(before), visible.visible(after)]


def drawn(sql: str) -> Graph:
    report = analyze_text(sql)
    return draw(places(report), report.relations)


def test_parents_stand_left_of_their_children() -> None:
    graph = drawn(
        "CREATE TABLE c (id int PRIMARY KEY, b int);"
        "CREATE TABLE a (id int PRIMARY KEY);"
        "CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a);"
        "ALTER TABLE c ADD FOREIGN KEY (b) REFERENCES b;"
        "CREATE TABLE lonely (id int PRIMARY KEY);"
    )
    across = {box.entry.object.name: box.x for box in graph.boxes}
    assert across["a"] < across["b"] < across["c"]
    assert [entry.object.name for entry in graph.alone] == ["lonely"]
    assert {(line.child, line.parent) for line in graph.lines} == {
        ("table-public.b", "table-public.a"),
        ("table-public.c", "table-public.b"),
    }


def test_circles_of_references_are_drawn() -> None:
    graph = drawn(
        "CREATE TABLE a (id int PRIMARY KEY, b int, own int REFERENCES a);"
        "CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a);"
        "ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b;"
    )
    assert len(graph.boxes) == 2
    assert len(graph.lines) == 3


def test_no_two_tables_share_a_place() -> None:
    tables = [f"CREATE TABLE t{n} (id int PRIMARY KEY, p int);" for n in range(300)]
    keys = [
        f"ALTER TABLE t{n} ADD FOREIGN KEY (p) REFERENCES t{n * n % n if n > 200 else n // 5};"
        for n in range(1, 300)
    ]
    graph = drawn("".join(tables + keys))
    assert len(graph.boxes) == 300
    spots = sorted((box.x, box.y) for box in graph.boxes)
    apart = [b for a, b in itertools.pairwise(spots) if a[0] == b[0] and b[1] - a[1] < 28]
    assert not apart
    assert len({x for x, _ in spots}) > 3


def test_every_object_of_a_hostile_schema_has_its_place() -> None:
    report = analyze_sources([str(HOSTILE_SQL)])
    page = Page(html.render(report))
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    assert not [name for name in ids if re.search(r"\s|[<>\"']", name)]
    fragments = {value[1:] for value in page.values("href") if value.startswith("#")}
    assert fragments <= set(ids)
    assert len([name for name in ids if name.startswith("table-")]) == 3


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_no_form_lets_control_characters_of_a_hostile_schema_through(form: str) -> None:
    report = analyze_sources([str(HOSTILE_SQL)])
    text = importlib.import_module(f"dsql_compat.report.{form}").render(report)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", text)
    assert not re.search("[\u200e\u200f\u202a-\u202e\u2066-\u2069]", text)
    assert "🦔" in text


def test_json_of_a_hostile_schema_says_what_the_source_says() -> None:
    report = analyze_sources([str(HOSTILE_SQL)])
    known = json.loads(as_json(report))
    assert "--><svg onload=alert(2)>" in {item["name"] for item in known["objects"]}
    assert "\x1b" not in as_json(report)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x00b\x1b[31m", "a␀b␛[31m"),
        ("\x7f\x85", "␡\\u0085"),
        ("\u202eabc\u2069\u200f", "\\u202Eabc\\u2069\\u200F"),
        ("a\r\nb\rc\n\td", "a\nb␍c\n\td"),
        ("\udcff", "\\uDCFF"),
        ("👩‍🚒 é ü 漢", "👩‍🚒 é ü 漢"),
        ("\U000e0041", "\\U000E0041"),
    ],
)
def test_visible(text: str, shown: str) -> None:
    assert visible.visible(text) == shown
    assert "\n" not in visible.one_line(text)


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (1000, "tables", "1,000 tables"),
        (2_097_152, "bytes", "2 MiB"),
        (10_995_116_277_760, "bytes", "10 TiB"),
        (1643, "bytes", "1.6 KiB"),
        (162, "bytes", "162 bytes"),
        (7, "", "7"),
    ],
)
def test_amount(value: int, unit: str, shown: str) -> None:
    assert views.amount(value, unit) == shown


def test_bars_fill_their_width() -> None:
    parts = segments(model.ObjectCounts(100_000, 99_997, 1, 0, 2))
    assert sum(part.width for part in parts) == pytest.approx(100, abs=0.1)
    assert all((part.width > 0.5) == (part.count > 0) for part in parts)
    assert all(part.width == 0 for part in segments(model.ObjectCounts()))


def test_a_real_schema() -> None:
    report = analyze_sources([str(SHOP)])
    page = Page(html.render(report))
    ids = page.values("id")
    assert {f"finding-{f.id}" for f in report.findings} <= set(ids)
    assert {f"gap-{row.key}" for row in report.gap_list} <= set(ids)
    assert report.readiness.sentence in page.text()


def test_a_change_written_once_holds_both_sides() -> None:
    before, after = "CREATE INDEX i ON t USING btree (a DESC);", "CREATE INDEX ASYNC i ON t (a);"
    both = merged_diff(before, after)
    assert both is not None
    assert both.startswith("CREATE INDEX <ins>ASYNC </ins>i ON t ")
    assert re.sub("<ins>.*?</ins>|</?del>", "", both) == before
    assert re.sub("<del>.*?</del>|</?ins>", "", both) == after
    assert merged_diff("<a> b c", "<a> b d") == "&lt;a&gt; b <del>c</del><ins>d</ins>"
    assert merged_diff("one two three", "four five six") is None


def test_parts_that_are_only_names_can_be_linked_to() -> None:
    text = html.render(analyze_text("CREATE TABLE t (a int CONSTRAINT c CHECK (a > 0), b text);"))
    ids = re.findall(' id="([^"]*)"', text.partition("<script")[0])
    assert "constraint-public.t.c" in ids
    assert len(ids) == len(set(ids))
