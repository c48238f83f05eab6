"""The HTML report in Chromium: what is open at first, dates, copying, dead links, the drawing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dsql_compat.pipeline import analyze_sources, analyze_text
from dsql_compat.report import html, model
from dsql_compat.report.html_dates import other_days, stands
from tests.report.browser import MISSING, Browser, browser

SHOP = Path(__file__).parents[2] / "sample_schemas" / "shop" / "schema.sql"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}"),
]


@pytest.fixture(scope="module")
def window() -> Iterator[Browser]:
    with browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def report() -> model.Report:
    return analyze_sources([str(SHOP)])


@pytest.fixture(scope="module")
def others(report: model.Report) -> list[model.Report]:
    return [analyze_sources([str(SHOP)], day.isoformat()) for day in other_days(report)]


@pytest.fixture(scope="module")
def page(
    report: model.Report, others: list[model.Report], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    made = tmp_path_factory.mktemp("page") / "report.html"
    made.write_text(html.render(report, others), "utf-8")
    return made


@pytest.fixture
def desk(window: Browser) -> Browser:
    window.size(1440, 1000)
    return window


def heading(window: Browser) -> str:
    return str(window.run("return document.querySelector('#detail h3')?.textContent || ''"))


def test_the_first_finding_is_open_and_nothing_has_moved(desk: Browser, page: Path) -> None:
    desk.open(page)
    first = desk.run("return document.querySelector('.row strong').textContent")
    assert first
    assert heading(desk) == first
    assert desk.run("return document.querySelectorAll('.row[aria-current]').length") == 1
    assert desk.run("return location.hash") == ""
    assert desk.run("return document.activeElement === document.body")
    desk.size(390, 844)
    desk.open(page)
    assert desk.run("return getComputedStyle(document.getElementById('detail')).display") == "none"


def test_a_list_of_nothing_says_so(desk: Browser, page: Path) -> None:
    desk.open(page, "#findings?q=no-such-word-anywhere")
    assert "Nothing" in desk.run("return document.getElementById('detail').textContent")


@pytest.mark.parametrize("width", [390, 768, 1440])
def test_no_filter_is_cut(desk: Browser, page: Path, width: int) -> None:
    desk.size(width, 900)
    desk.open(page, "#findings")
    cut = desk.run(
        "const box = document.createElement('select'); document.body.append(box);"
        "box.style.font = getComputedStyle(document.querySelector('.toolbar select')).font;"
        "box.style.padding = '.2rem .6rem'; const narrow = [];"
        "for (const select of document.querySelectorAll('.toolbar select')) {"
        "  box.replaceChildren(new Option(select.options[0].textContent));"
        "  if (select.offsetWidth < box.offsetWidth - 1) narrow.push(select.dataset.filter); }"
        "return [document.querySelectorAll('.toolbar select').length, narrow]"
    )
    assert cut[0] >= 5
    assert cut[1] == []


@pytest.mark.parametrize(
    ("anchor", "said"),
    [
        ("finding-trigger-0123456789", "Not in this report: trigger-0123456789"),
        ("table-public.no%20such", "Not in this report: table-public.no such"),
        ("rule-no-such-rule", "Not in this report: rule-no-such-rule"),
        ("finding-%E0%A4%A", "Not in this report: %E0%A4%A"),
        ("table-<img src=x onerror=alert(1)>", "onerror"),
    ],
)
def test_a_link_to_what_is_gone_says_so(desk: Browser, page: Path, anchor: str, said: str) -> None:
    desk.open(page)
    line = "return document.getElementById('missing')"
    assert desk.run(f"{line}.hidden") is True
    desk.run("location.hash = arguments[0]", anchor)
    desk.wait("setTimeout(arguments[0], 50)")
    assert said in desk.run(f"{line}.textContent")
    assert desk.run(f"{line}.getAttribute('role')") == "alert"
    assert desk.run(f"const box = {line[7:]}.getBoundingClientRect(); return box.top") < 1000
    if anchor.startswith("finding-trigger"):
        assert desk.run(f"{line}.querySelector('a').hash") == "#rule-trigger"
    desk.click(".row")
    assert desk.run(f"{line}.hidden") is True


def test_a_known_link_says_nothing_is_missing(desk: Browser, page: Path) -> None:
    desk.open(page, "#limits")
    assert desk.run("return document.getElementById('missing').hidden") is True


@pytest.mark.parametrize("allowed", [True, False])
def test_the_rewrite_is_copied(
    desk: Browser, page: Path, report: model.Report, allowed: bool
) -> None:
    finding = next(f for f in report.findings if f.rule == "enum-type")
    assert finding.rewrite is not None
    desk.open(page, f"#finding-{finding.id}")
    for name, setting in (("clipboard-read", "granted"), ("clipboard-write", None)):
        state = setting or ("granted" if allowed else "denied")
        wanted = {"name": name, "allowWithoutGesture": True} if allowed else {"name": name}
        desk.devtools("Browser.setPermission", permission=wanted, setting=state)
    if not allowed:  # as a browser without the interface, or a page in a frame, refuses
        desk.run("Clipboard.prototype.writeText = () => Promise.reject(new Error('refused'))")
    desk.click("#detail .copy")
    desk.wait("setTimeout(arguments[0], 100)")
    assert desk.run("return document.querySelector('#detail .copy').textContent") == "Copied"
    copied = desk.wait(
        "navigator.clipboard.readText().then(arguments[0], e => arguments[0](`${e}`))"
    )
    assert copied == "\n\n".join(finding.rewrite.after)
    assert (
        desk.run("return document.querySelector('#detail [role=status]').textContent") == "Copied"
    )


def test_where_nothing_may_copy_the_text_stays_selected(
    desk: Browser, page: Path, report: model.Report
) -> None:
    finding = next(f for f in report.findings if f.rule == "enum-type")
    assert finding.rewrite is not None
    desk.open(page, f"#finding-{finding.id}")
    desk.run(
        "Clipboard.prototype.writeText = () => Promise.reject(new Error('refused'));"
        "document.execCommand = () => false"
    )
    desk.click("#detail .copy")
    desk.wait("setTimeout(arguments[0], 100)")
    button = "return document.querySelector('#detail .copy').textContent"
    assert desk.run(button).startswith("Selected")
    assert (
        desk.run("return getSelection().toString()")
        .strip()
        .endswith(finding.rewrite.after[-1][-20:])
    )


def test_dates_are_judged_counted_and_chosen(
    desk: Browser, page: Path, report: model.Report, others: list[model.Report]
) -> None:
    rows = stands(report, others)
    assert len(rows) > 4
    assert [row.is_own for row in rows].count(True) == 1
    desk.open(page)
    shown = desk.run(
        "return [...document.querySelectorAll('.strip strong')].map(s => +s.textContent)"
    )
    assert shown == [row.refused for row in rows]
    errors = [f for f in others[0].findings if f.severity == "error" and f.cause is None]
    assert shown[0] == len(errors) > shown[-1]
    visible = (
        "return [...document.querySelectorAll('.compared tbody tr:not([hidden])')].map(r => r.id)"
    )
    own = f"as-of-{report.target.date}"
    assert desk.run(visible) == ["as-of-2026-03-31", own]
    desk.run("document.querySelectorAll('.strip a')[2].click()")
    second = f"as-of-{rows[2].report.target.date}"
    assert desk.run(visible) == [second, own]
    assert desk.run("return location.hash") == f"#{second}"
    desk.open(page, f"#{second}")
    assert desk.run(visible) == [second, own]
    desk.click("#all-dates button")
    assert len(desk.run(visible)) == len(rows)


def test_changes_between_dates_add_up(report: model.Report, others: list[model.Report]) -> None:
    own = next(row for row in stands(report, others) if row.is_own)
    assert own.changes == []
    for row in stands(report, others):
        if not row.left:
            assert row.refused - own.refused == sum(change.more for change in row.changes)
    assert stands(report, []) == []


def test_days_start_with_the_gap_list_and_leave_the_own_out(report: model.Report) -> None:
    days = other_days(report)
    assert str(days[0]) == "2026-03-31"
    assert report.target.date not in days
    assert days == sorted(set(days))
    assert {row.date for row in report.timeline if row.date > days[0]} <= {
        *days,
        report.target.date,
    }


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tables = [f"CREATE TABLE t{n} (id int PRIMARY KEY, p int);" for n in range(300)]
    keys = [f"ALTER TABLE t{n} ADD FOREIGN KEY (p) REFERENCES t{n // 4};" for n in range(1, 300)]
    made = tmp_path_factory.mktemp("page") / "many.html"
    made.write_text(html.render(analyze_text("".join(tables + keys))), "utf-8")
    return made


@pytest.mark.parametrize("width", [390, 1440])
def test_300_tables_can_be_read_fitted_moved_and_searched(
    desk: Browser, many: Path, width: int
) -> None:
    desk.size(width, 900)
    desk.open(many)
    scale = (
        "const s = document.querySelector('#drawing svg');"
        "return s.getBoundingClientRect().width / s.viewBox.baseVal.width"
    )
    assert desk.run(scale) >= 0.69
    desk.click("[data-zoom='0']")
    box = "const b = document.querySelector('#drawing svg').viewBox.baseVal; return [b.x, b.y, b.width, b.height]"
    x, y, wide, high = desk.run(box)
    last = desk.run(
        "return [...document.querySelectorAll('.box rect.frame')].map(r => r.getBBox())"
        ".map(b => [b.x, b.y, b.x + b.width, b.y + b.height])"
    )
    assert len(last) == 300
    assert all(x <= b[0] and y <= b[1] and b[2] <= x + wide and b[3] <= y + high for b in last)
    desk.run("document.querySelector('.canvas').focus()")
    desk.keys("\ue014")  # arrow to the right
    assert desk.run(box)[0] > x
    desk.click("#find-table")
    desk.keys("t299")
    assert desk.run("return document.getElementById('drawn').textContent") == "1 of 300 tables"
    assert desk.run(scale) >= 0.99
    frame = "document.querySelector('.box.found rect').getBoundingClientRect()"
    canvas = "document.querySelector('.canvas').getBoundingClientRect()"
    assert desk.run(f"const a = {frame}, b = {canvas}; return a.left > b.left && a.right < b.right")
    assert desk.run("return document.querySelectorAll('.lines .near').length") == 1
