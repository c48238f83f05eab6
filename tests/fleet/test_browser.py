"""Pages of a fleet and of a comparison in Chromium: filters, links, dark, paper, without scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from dsql_compat.fleet import diff_html, html
from dsql_compat.fleet.comparing import compare
from dsql_compat.fleet.merging import Fleet
from dsql_compat.fleet.reading import read_report
from tests.fleet.reports import SAMPLES, evil, fleet_of, of_sample, of_sql, write
from tests.report.browser import MISSING, Browser, browser
from tests.report.test_html_browser import _axe, _violations, anchor, choose, found

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}"),
]

Page = tuple[Path, Fleet]
A4 = 704, 1017  # without its margins, in CSS pixels


@pytest.fixture(scope="module")
def window() -> Iterator[Browser]:
    with browser() as opened:
        yield opened


@pytest.fixture
def desk(window: Browser) -> Browser:
    window.scripts(on=True)
    window.size(1440, 1000)
    window.media(prefers_color_scheme="light")
    return window


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Page:
    folder = tmp_path_factory.mktemp("fleet")
    reports = {name: of_sample(name) for name in SAMPLES}
    reports["shop of march"] = of_sample("shop", "2026-03")
    reports["plain"] = of_sql("CREATE TABLE a (id uuid PRIMARY KEY);")
    fleet = fleet_of(write(folder, reports), {"saas": "./saas.html"})
    fleet.unread = ["broken.json: no JSON"]
    made = folder / "fleet.html"
    made.write_text(html.render(fleet), "utf-8")
    return made, fleet


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Page:
    folder = tmp_path_factory.mktemp("hostile")
    one = of_sample("hostile")
    paths = write(folder, {"<img src=x onerror=alert(1)>": one, "b": evil(one)})
    fleet = fleet_of(paths, {"b": "./javascript%3Aalert(1).html"})
    made = folder / "fleet.html"
    made.write_text(html.render(fleet), "utf-8")
    old, new = (read_report(path, path.stem) for path in paths)
    (folder / "diff.html").write_text(diff_html.render(compare(old, new)), "utf-8")
    return made, fleet


@pytest.fixture(scope="module")
def diff(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("diff")
    old, new = of_sample("shop", "2026-03"), of_sample("shop")
    new["findings"] = [f for f in new["findings"] if f["rule"] != "enum-type"]
    one, other = write(folder, {"old": old, "new": new})
    made = folder / "diff.html"
    made.write_text(
        diff_html.render(compare(read_report(one, "old"), read_report(other, "new"))), "utf-8"
    )
    return made


def shown(window: Browser) -> list[str]:
    names = window.run(
        "return [...document.querySelectorAll('.schema:not([hidden]) h3')].map(h => h.textContent)"
    )
    return [str(name) for name in names]


def test_filters_count_and_stay_in_the_address(desk: Browser, page: Page) -> None:
    made, fleet = page
    desk.open(made)
    assert found(desk) == "5 of 5 schemas"
    choose(desk, "rule", "extension")
    wanted = {m.name for m in fleet.members if any(c.rule == "extension" for c in m.cells)}
    assert 0 < len(wanted) < 5 and set(shown(desk)) == wanted
    assert anchor(desk) == "#schemas?rule=extension"
    choose(desk, "status", "ready")
    assert found(desk) == "0 of 5 schemas with Extension"
    desk.open(made, "#schemas?status=manual&target=2026-03-31")
    assert shown(desk) == ["shop of march"]
    desk.click("#clear")
    assert anchor(desk) == "#schemas" and len(shown(desk)) == 5


def test_search_and_order(desk: Browser, page: Page) -> None:
    made, fleet = page
    desk.open(made, "#schemas?q=shop&sort=name")
    assert shown(desk) == ["shop", "shop of march"]
    desk.open(made)
    assert shown(desk) == [member.name for member in fleet.members]
    desk.run(
        "const s = document.getElementById('sort'); s.value = 'name';"
        "s.dispatchEvent(new Event('change'))"
    )
    assert shown(desk) == sorted(member.name for member in fleet.members)
    assert anchor(desk) == "#schemas?sort=name"
    desk.run("document.getElementById('search').focus()")
    desk.keys("no-such-word")
    desk.wait("setTimeout(arguments[0], 200)")
    assert shown(desk) == [] and "q=no-such-word" in anchor(desk)


def test_an_address_that_is_wrong_shows_all(desk: Browser, page: Page) -> None:
    desk.log()
    desk.open(page[0], "#schemas?rule=no-such&sort=constructor&target=")
    assert len(shown(desk)) == 5
    assert desk.log() == []


def test_links_lead_to_schemas_and_rules(desk: Browser, page: Page) -> None:
    made, _ = page
    desk.open(made, "#schema-shop-of-march")
    assert desk.run("return document.querySelector('.schema.this details').open")
    top = "return document.querySelector('.schema.this').getBoundingClientRect().top"
    assert 0 <= desk.run(top) < 500
    desk.run("document.querySelector('[data-rule=trigger] a').click()")
    desk.wait("setTimeout(arguments[0], 50)")
    assert anchor(desk) == "#schemas?rule=trigger"
    links = desk.run(
        "return [...document.querySelectorAll('a[href^=\"#\"]')].map(a => a.hash.slice(1))"
        ".filter(h => !h.includes('?') && !document.getElementById(h))"
    )
    assert links == []
    desk.open(made, "#schemas?status=ready")
    desk.run("location.hash = 'schema-shop'")
    desk.wait("setTimeout(arguments[0], 50)")
    assert not desk.run("return document.getElementById('schema-shop').hidden")


def test_its_own_page_is_linked_where_there_is_one(desk: Browser, page: Page) -> None:
    desk.open(page[0])
    pages = "return [...document.querySelectorAll('#list a:not([href^=\"#\"])')].map(a => a.getAttribute('href'))"
    assert desk.run(pages) == ["./saas.html"]


def test_the_drawing_tells_what_is_under_the_pointer(desk: Browser, page: Page) -> None:
    made, fleet = page
    desk.open(made)
    desk.run(
        "const s = document.querySelector('.grid'); s.scrollIntoView();"
        "const b = s.getBoundingClientRect();"
        "const at = {clientX: b.left + 3, clientY: b.top + 3, bubbles: true};"
        "s.dispatchEvent(new PointerEvent('pointermove', at)); s.dispatchEvent(new MouseEvent('click', at))"
    )
    said = desk.run("return document.getElementById('pointed').textContent")
    assert re.fullmatch(rf"{fleet.members[0].name} · .+: (none|\d+ findings?, \S+)", said)
    desk.wait("setTimeout(arguments[0], 50)")
    assert anchor(desk) == f"#schema-{fleet.members[0].name}"
    marks = desk.run("return document.querySelectorAll('.grid path.fill-manual').length")
    assert marks > 3


def test_each_drawing_fits_on_a_page_of_paper(desk: Browser, page: Page) -> None:
    desk.open(page[0])
    desk.run("for (const fold of document.querySelectorAll('details')) fold.open = true")
    rows = "return [...document.querySelectorAll('.matrix')].map(m => m.getBoundingClientRect().height)"
    heights = desk.run(rows)
    assert len(heights) > 1
    assert all(100 < height < A4[1] for height in heights[:-1])
    names = "return [...document.querySelectorAll('.matrix .scroll')].map(m => m.ariaLabel)"
    assert len(set(desk.run(names))) == len(heights)


def test_dark_is_the_systems_or_the_readers_choice(desk: Browser, page: Page) -> None:
    colour = "return getComputedStyle(document.body).backgroundColor"
    desk.open(page[0])
    light = desk.run(colour)
    desk.media(prefers_color_scheme="dark")
    assert desk.run(colour) != light
    desk.click("#theme")
    assert desk.run(colour) == light
    assert desk.run("return [localStorage.length, document.cookie]") == [0, ""]


@pytest.mark.parametrize("what", ["page", "diff"])
def test_without_scripts_everything_is_there(
    desk: Browser, page: Page, diff: Path, what: str
) -> None:
    desk.scripts(on=False)
    try:
        desk.open(page[0] if what == "page" else diff)
        snapshot = desk.devtools("DOMSnapshot.captureSnapshot", computedStyles=["display"])
    finally:
        desk.scripts(on=True)
    strings = snapshot["strings"]
    layout = {strings[n] for n in snapshot["documents"][0]["layout"]["text"] if n >= 0}
    assert not {"any rule", "any severity"} & layout
    if what == "page":
        text = " ".join(strings)
        for member in page[1].members:
            assert member.name in text and member.formula in text
        assert "broken.json: no JSON" in text
    else:
        assert {"New", "Fixed", "Changed", "Unchanged"} <= {line.strip() for line in layout}


def test_paper_has_the_summary_on_its_first_page_and_then_all(desk: Browser, page: Page) -> None:
    desk.size(*A4)
    desk.open(page[0], "#schemas?q=plain")
    desk.devtools("Emulation.setEmulatedMedia", media="print", features=[])
    desk.run("dispatchEvent(new Event('beforeprint'))")
    try:
        box = "return document.querySelector('.summary').getBoundingClientRect().height"
        assert 400 < desk.run(box) <= A4[1]
        heights = "return [...document.querySelectorAll('.schema')].map(s => s.offsetHeight > 40)"
        assert desk.run(heights) == [True] * 5
        assert desk.run("return document.documentElement.scrollWidth") <= A4[0]
        assert desk.run("return document.querySelector('#explore').offsetHeight") == 0
    finally:
        desk.run("dispatchEvent(new Event('afterprint'))")
        desk.devtools("Emulation.setEmulatedMedia", media="", features=[])
    assert desk.pdf().startswith(b"%PDF")


@pytest.mark.parametrize("width", [390, 768, 1440, 2400])
def test_nothing_is_wider_than_the_screen(
    desk: Browser, page: Page, hostile: Page, diff: Path, width: int
) -> None:
    desk.size(width, 900)
    for made in (page[0], hostile[0], diff, hostile[0].with_name("diff.html")):
        desk.open(made)
        desk.run("for (const fold of document.querySelectorAll('details')) fold.open = true")
        assert desk.run("return document.documentElement.scrollWidth") <= width
        outside = desk.run(
            "return [...document.querySelectorAll('main *, .summary *')].filter(e =>"
            "!e.closest('.scroll, svg, .unseen, thead, .names') && e.getBoundingClientRect().right > innerWidth + 1)"
            ".map(e => e.outerHTML.slice(0, 120))"
        )
        assert outside == []


def test_nothing_of_a_hostile_report_runs(desk: Browser, hostile: Page) -> None:
    made, fleet = hostile
    desk.log()
    for one in (made, made.with_name("diff.html")):
        desk.open(one)
        desk.run("for (const fold of document.querySelectorAll('details')) fold.open = true")
        assert desk.run("return window.ran === undefined")
        tags = desk.run("return [...new Set([...document.all].map(e => e.localName))]")
        assert not {"img", "b", "iframe", "object", "embed"} & set(tags)
        assert desk.run("return document.querySelectorAll('script').length") == 2
        handlers = "return document.querySelectorAll('[onload], [onerror]').length"
        assert desk.run(handlers) == 0
        links = desk.run("return [...document.links].map(a => a.protocol)")
        assert set(links) == {"file:"}
    desk.open(made)
    options = desk.run("return [...document.querySelector('[data-filter=rule]').options].length")
    assert options == 1 + len(fleet.rules)
    for number in range(options):
        desk.run(
            "const s = document.querySelector('[data-filter=rule]'); s.selectedIndex = arguments[0];"
            "s.dispatchEvent(new Event('change'))",
            number,
        )
        assert not found(desk).startswith("0 of")
    assert desk.log() == []


def test_the_policy_stops_a_script_that_got_in(desk: Browser, page: Page, tmp_path: Path) -> None:
    evil_part = "<img src=x onerror='window.ran=1'><script>window.ran=1</script>"
    bad = tmp_path / "bad.html"
    text = page[0].read_text("utf-8")
    bad.write_text(text.replace("<main>", f"<main>{evil_part}", 1), "utf-8")
    desk.open(bad)
    assert desk.run("return window.ran === undefined")
    assert any("Content Security Policy" in line for line in desk.log())


def test_a_comparison_filters_by_severity_reason_and_words(desk: Browser, diff: Path) -> None:
    desk.open(diff)
    total = desk.run("return document.querySelectorAll('.entries > li').length")
    assert found(desk) == f"{total:,} of {total:,} findings"
    choose(desk, "why", "date")
    visible = "return [...document.querySelectorAll('.entries > li:not([hidden])')].map(i => i.dataset.why)"
    why = desk.run(visible)
    assert set(why) == {"date"} and 0 < len(why) < total
    assert anchor(desk) == "#?why=date"
    desk.open(diff, "#?q=enum+type")
    rows = desk.run(
        "return [...document.querySelectorAll('.entries > li:not([hidden])')].map(i => i.id)"
    )
    assert rows and all(row.startswith("fixed-enum-type") for row in rows if "enum-type" in row)
    desk.click("#clear")
    assert found(desk) == f"{total:,} of {total:,} findings"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("what", ["fleet", "diff", "hostile"])
def test_axe_finds_nothing(
    desk: Browser, page: Page, hostile: Page, diff: Path, scheme: str, width: int, what: str
) -> None:
    source = _axe()
    desk.size(width, 900)
    desk.media(prefers_color_scheme=scheme)
    desk.open({"fleet": page[0], "diff": diff, "hostile": hostile[0]}[what])
    desk.run("for (const fold of document.querySelectorAll('details')) fold.open = true")
    assert _violations(desk, source) == []
