"""The HTML report in Chromium: filters, links, keys, dark mode, paper, without scripts, axe-core."""

from __future__ import annotations

import json
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from dsql_compat.pipeline import analyze_sources
from dsql_compat.report import html, model
from tests.report.browser import MISSING, Browser, browser

ROOT = Path(__file__).parents[2]
SHOP = ROOT / "sample_schemas" / "shop" / "schema.sql"
HOSTILE = Path(__file__).parent / "hostile.sql"
AXE = "4.14.1"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}"),
]

Sample = tuple[Path, model.Report]


@pytest.fixture(scope="module")
def window() -> Iterator[Browser]:
    with browser() as opened:
        yield opened


@pytest.fixture
def desk(window: Browser) -> Browser:
    """The window as wide as a desk's screen, with scripts, in light colours."""
    window.scripts(on=True)
    window.size(1440, 1000)
    window.media(prefers_color_scheme="light")
    return window


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    return _page(tmp_path_factory, SHOP, "2026-03")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    return _page(tmp_path_factory, HOSTILE)


def _page(folder: pytest.TempPathFactory, source: Path, *dates: str) -> Sample:
    report = analyze_sources([str(source)])
    others = [analyze_sources([str(source)], day) for day in dates]
    page = folder.mktemp("page") / "report.html"
    page.write_text(html.render(report, others), "utf-8")
    return page, report


def found(window: Browser) -> str:
    return str(window.run("return document.getElementById('found').textContent"))


def heading(window: Browser) -> str:
    return str(window.run("return document.querySelector('#detail h3')?.textContent || ''"))


def anchor(window: Browser) -> str:
    return str(window.run("return location.hash"))


def choose(window: Browser, name: str, value: str) -> None:
    window.run(
        "const s = document.querySelector(`[data-filter=${arguments[0]}]`);"
        "s.value = arguments[1]; s.dispatchEvent(new Event('change'));",
        name,
        value,
    )


def test_filters_count_and_stay_in_the_address(desk: Browser, shop: Sample) -> None:
    page, report = shop
    desk.open(page)
    total = len(report.findings)
    assert found(desk) == f"{total} of {total} findings"
    choose(desk, "severity", "error")
    choose(desk, "disposition", "manual")
    wanted = [f for f in report.findings if f.severity == "error" and f.disposition == "manual"]
    assert 0 < len(wanted) < total
    assert found(desk) == f"{len(wanted)} of {total} findings"
    assert anchor(desk) == "#findings?severity=error&disposition=manual"
    desk.open(page, anchor(desk))
    assert found(desk) == f"{len(wanted)} of {total} findings"
    desk.click("#clear")
    assert found(desk) == f"{total} of {total} findings"


def test_search_looks_into_messages_and_sql(desk: Browser, shop: Sample) -> None:
    page, report = shop
    desk.open(page, "#findings?q=stacked_discount+aggregate")
    rules = desk.run("return [...document.querySelectorAll('.row strong')].map(r => r.textContent)")
    assert any(f.rule == "aggregate" for f in report.findings)
    assert "Aggregate" in rules
    rows = desk.run("return [...document.querySelectorAll('.row')].map(r => r.textContent)")
    assert all("stacked_discount" in row for row in rows)
    desk.open(page, "#findings?q=no-such-word")
    assert found(desk).startswith("0 of ")


def test_a_link_to_a_finding_opens_it(desk: Browser, shop: Sample) -> None:
    page, report = shop
    finding = next(f for f in report.findings if f.rule == "enum-type")
    desk.open(page, f"#finding-{finding.id}")
    assert heading(desk) == "Enum type"
    detail = desk.run("return document.getElementById('detail').textContent")
    assert finding.message in detail
    assert finding.why in detail
    assert finding.rewrite is not None
    shown = desk.run("return document.querySelector('#detail .sides pre:last-child').textContent")
    assert shown == "\n\n".join(finding.rewrite.after)
    marked = desk.run("return document.querySelector('#detail .hit.this').textContent")
    assert marked == "public.order_status"[: len(marked)]


def test_a_link_to_a_table_shows_its_ddl_with_the_words_marked(desk: Browser, shop: Sample) -> None:
    page, report = shop
    desk.open(page, "#table-public.orders")
    assert heading(desk) == "public.orders"
    table = next(o for o in report.objects if (o.kind, o.name) == ("table", "orders"))
    assert desk.run("return document.querySelector('#detail pre').textContent") == table.ddl
    marks = desk.run("return [...document.querySelectorAll('#detail pre .hit')].map(m => m.text)")
    assert {"id bigint NOT NULL", "integer", "public.order_status", "numeric"} <= set(marks)
    desk.click("#detail pre .hit")
    assert anchor(desk).startswith("#finding-")
    assert heading(desk)


def test_a_link_to_an_index_opens_its_table(desk: Browser, shop: Sample) -> None:
    page, _ = shop
    desk.open(page, "#index-public.orders.orders_open_idx")
    assert heading(desk) == "public.orders"


def test_a_rule_lists_its_findings(desk: Browser, shop: Sample) -> None:
    page, report = shop
    desk.open(page)
    desk.click(".top a")
    rule = desk.run("return document.querySelector('.top a').hash").removeprefix("#rule-")
    count = sum(1 for f in report.findings if f.rule == rule)
    assert found(desk) == f"{count} of {len(report.findings)} findings"


def test_keys_search_step_and_go_back(desk: Browser, shop: Sample) -> None:
    page, _ = shop
    desk.open(page)
    desk.keys("j")
    first = anchor(desk)
    desk.keys("j")
    second = anchor(desk)
    assert first.startswith("#finding-")
    assert second not in (first, "#findings")
    desk.keys("k")
    assert anchor(desk) == first
    desk.keys("/")
    desk.keys("enum")
    desk.wait("setTimeout(arguments[0], 200)")
    assert desk.run("return document.activeElement.id") == "search"
    assert "q=enum" in anchor(desk)
    desk.keys("\ue00c")  # Escape
    assert "q=" not in anchor(desk)
    desk.run("document.getElementById('keys').click(); document.activeElement.blur()")
    desk.keys("/")
    assert desk.run("return document.activeElement.id") != "search"


def test_dark_is_the_systems_or_the_readers_choice(desk: Browser, shop: Sample) -> None:
    page, _ = shop
    colour = "return getComputedStyle(document.body).backgroundColor"
    desk.open(page)
    light = desk.run(colour)
    desk.media(prefers_color_scheme="dark")
    dark = desk.run(colour)
    assert light != dark
    desk.click("#theme")
    assert desk.run(colour) == light
    desk.click("#theme")
    desk.media(prefers_color_scheme="light")
    assert desk.run(colour) == dark
    assert desk.run("return [localStorage.length, document.cookie]") == [0, ""]


def test_the_drawing_zooms_moves_and_links(desk: Browser, shop: Sample) -> None:
    page, report = shop
    desk.open(page)
    box = "return document.querySelector('#drawing svg').getAttribute('viewBox')"
    full = desk.run(box)
    desk.click("[data-zoom='1.4']")
    near = desk.run(box)
    assert float(near.split()[2]) < float(full.split()[2])
    desk.run("document.querySelector('.canvas').focus()")
    desk.keys("\ue014")  # arrow to the right
    assert float(desk.run(box).split()[0]) > float(near.split()[0])
    desk.keys("0")
    assert desk.run(box) == full
    joined = {n for r in report.relations for n in (r.table, r.to_table)}
    assert desk.run("return document.querySelectorAll('#drawing .box').length") == len(joined)


def test_dates_stand_side_by_side(desk: Browser, shop: Sample) -> None:
    page, _ = shop
    desk.open(page)
    dates = desk.run(
        "return [...document.querySelectorAll('.compared tbody time')].map(t => t.dateTime)"
    )
    assert len(dates) == 2
    assert dates[0].startswith("2026-03")
    assert dates[1] == str(shop[1].target.date)


def test_without_scripts_everything_is_there(desk: Browser, shop: Sample) -> None:
    page, report = shop
    desk.scripts(on=False)
    try:
        desk.open(page)
        snapshot = desk.devtools("DOMSnapshot.captureSnapshot", computedStyles=["display"])
        strings = " ".join(snapshot["strings"])
        for finding in report.findings:
            assert f"finding-{finding.id}" in strings
            assert finding.message in strings
        names = snapshot["documents"][0]["nodes"]["nodeName"]
        articles = sum(snapshot["strings"][n] == "ARTICLE" for n in names)
        assert articles > len(report.findings)
        layout = snapshot["documents"][0]["layout"]["text"]
        assert not any("any severity" in snapshot["strings"][n] for n in layout if n >= 0)
    finally:
        desk.scripts(on=True)


def test_paper_has_the_summary_first_and_then_all(desk: Browser, shop: Sample) -> None:
    page, report = shop
    desk.open(page)
    pdf = desk.pdf()
    assert pdf.startswith(b"%PDF")
    assert pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page ") > 10
    desk.run("dispatchEvent(new Event('beforeprint'))")
    printed = desk.run("return document.querySelectorAll('#all article.finding').length")
    assert printed == len(report.findings)
    desk.run("dispatchEvent(new Event('afterprint'))")
    assert desk.run("return document.getElementById('all').children.length") == 0


def test_paper_leaves_long_lists_of_causes_to_the_findings(desk: Browser, shop: Sample) -> None:
    desk.open(shop[0])
    shut = "return [...document.querySelectorAll('#blockers details')].map(d => d.open)"
    desk.run("dispatchEvent(new Event('beforeprint'))")
    causes = desk.run(shut)
    other = desk.run("return document.querySelector('#limits details').open")
    desk.run("dispatchEvent(new Event('afterprint'))")
    assert causes
    assert not any(causes)
    assert other is True


@pytest.mark.parametrize("width", [390, 620, 768, 900, 1100])
def test_no_word_of_a_table_breaks_into_letters(desk: Browser, shop: Sample, width: int) -> None:
    desk.size(width, 1000)
    desk.open(shop[0])
    narrow = desk.run(
        "return [...document.querySelectorAll('.compared .verdict, .gaps tbody th, .limits tbody th')]"
        ".filter(c => c.offsetParent && c.textContent.trim().length > 3)"
        ".map(c => c.getBoundingClientRect().width).filter(w => w < 40)"
    )
    assert narrow == []
    assert desk.run("return document.documentElement.scrollWidth") <= width


def test_the_summary_fits_on_one_page(desk: Browser, shop: Sample) -> None:
    page, _ = shop
    width, height = 704, 1017  # A4 without its margins, in CSS pixels
    desk.size(width, height)
    desk.open(page)
    desk.devtools("Emulation.setEmulatedMedia", media="print", features=[])
    desk.run("dispatchEvent(new Event('beforeprint'))")
    box = "return document.querySelector('.summary').getBoundingClientRect().height"
    try:
        assert 400 < desk.run(box) <= height
    finally:
        desk.devtools("Emulation.setEmulatedMedia", media="", features=[])


def test_nothing_of_a_hostile_schema_runs(desk: Browser, hostile: Sample) -> None:
    page, report = hostile
    desk.log()
    desk.open(page)
    assert desk.run("return document.title").startswith("Not ready")
    data = json.loads(desk.run("return document.getElementById('data').textContent"))
    for name in [*(f"finding-{f.id}" for f in report.findings), *(o[0] for o in data["objects"])]:
        desk.run("location.hash = arguments[0]", name)
        desk.wait("setTimeout(arguments[0], 20)")
        assert heading(desk)
        assert anchor(desk).startswith(f"#{name}")
    assert len(data["objects"]) > 5
    desk.run("dispatchEvent(new Event('beforeprint'))")
    tags = desk.run("return [...new Set([...document.all].map(e => e.localName))]")
    assert not {"img", "b", "iframe", "object", "embed"} & set(tags)
    assert desk.run("return document.querySelectorAll('script').length") == 2
    assert desk.run("return document.querySelectorAll('svg[onload], [onerror]').length") == 0
    assert desk.log() == []


def test_the_policy_stops_a_script_that_got_in(desk: Browser, shop: Sample, tmp_path: Path) -> None:
    page, _ = shop
    evil = "<img src=x onerror='window.ran=1'><script>window.ran=1</script>"
    bad = tmp_path / "bad.html"
    bad.write_text(page.read_text("utf-8").replace("<main>", f"<main>{evil}", 1), "utf-8")
    desk.open(bad)
    assert desk.run("return window.ran === undefined")
    assert any("Content Security Policy" in line for line in desk.log())


@pytest.mark.parametrize("width", [390, 768, 1440])
def test_nothing_is_wider_than_the_screen(desk: Browser, shop: Sample, width: int) -> None:
    page, _ = shop
    desk.size(width, 900)
    desk.open(page)
    assert desk.run("return document.documentElement.scrollWidth") <= width
    desk.open(page, "#table-public.orders")
    assert desk.run("return document.documentElement.scrollWidth") <= width


@cache
def _axe() -> str:
    """axe-core (MPL-2.0) from the npm registry, kept outside the repository."""
    store = Path.home() / ".cache" / "dsql-compat-tests"
    kept = store / f"axe-core-{AXE}.tgz"
    if not kept.is_file():
        npm = shutil.which("npm")
        if npm is None:
            pytest.skip("npm is not installed: axe-core cannot be fetched")
        store.mkdir(parents=True, exist_ok=True)
        wanted = [npm, "pack", f"axe-core@{AXE}", "--silent"]
        done = subprocess.run(wanted, cwd=store, capture_output=True, text=True, timeout=120)
        if done.returncode or not kept.is_file():
            pytest.skip(f"axe-core could not be fetched: {done.stderr.strip()[-200:]}")
    with tarfile.open(kept) as archive:
        file = archive.extractfile("package/axe.min.js")
        assert file is not None
        return file.read().decode()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("where", ["", "#table-public.orders", "#rule-enum-type"])
def test_axe_finds_nothing(
    desk: Browser, shop: Sample, scheme: str, width: int, where: str
) -> None:
    source = _axe()
    page, _ = shop
    desk.size(width, 900)
    desk.media(prefers_color_scheme=scheme)
    desk.open(page, where)
    desk.run("for (const fold of document.querySelectorAll('details')) fold.open = true")
    assert _violations(desk, source) == []


def test_axe_finds_nothing_in_what_is_printed(desk: Browser, hostile: Sample) -> None:
    source = _axe()
    desk.open(hostile[0])
    desk.run("dispatchEvent(new Event('beforeprint')); document.getElementById('explore').remove()")
    assert _violations(desk, source) == []


def _violations(window: Browser, source: str) -> list[str]:
    window.run(source + "; window.axe = axe;")
    found = window.wait(
        "const done = arguments[1];"
        "axe.run({runOnly: {type: 'tag', values: arguments[0]}}).then(r => done(JSON.stringify("
        "r.violations.map(v => `${v.id}: ${v.nodes.slice(0, 3).map(n => n.html.slice(0, 200))}`))))",
        RULES,
    )
    return [str(line) for line in json.loads(found)]
