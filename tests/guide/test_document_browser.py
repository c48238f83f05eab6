"""The guide in Chromium: on a phone, on a desk in the dark, and on paper."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dsql_compat.guide.build import guide_files
from dsql_compat.rewriting.build import rewrite_inputs
from dsql_compat.sources.files import find_inputs
from tests.guide.test_document import SOURCES, guide_to, hostile_schema
from tests.report.browser import MISSING, Browser, browser
from tests.report.test_html_browser import _axe, _violations

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}"),
]

LONG = "a_name_that_goes_on_and_on_" * 2
LONG_NAMES = (
    f"CREATE TABLE {LONG} (id serial PRIMARY KEY, {LONG}x xml, tags text[]);\n"
    f"CREATE INDEX {LONG}i ON {LONG} USING gin (tags);\n"
    f"CREATE TABLE {LONG}2 (id bigint PRIMARY KEY, p int REFERENCES {LONG} ON DELETE CASCADE);\n"
)
# What reaches out of the window; code may scroll, and headings of stacked rows are only heard.
OUTSIDE = """
return [...document.querySelectorAll('body *')].filter(e => {
  const box = e.getBoundingClientRect();
  return box.width > 0 && (box.right > innerWidth + 1 || box.left < -1)
    && !e.closest('pre, thead, .skip, svg *');
}).map(e => `${e.tagName} ${e.textContent.slice(0, 60)}`)"""
# What scrolls sideways or is cut in a box of its own.
CUT = """
return [...document.querySelectorAll('body *')].filter(e =>
  e.clientWidth > 0 && e.scrollWidth > e.clientWidth + 1 && !e.closest('pre, thead, svg')
).map(e => `${e.tagName} ${e.textContent.slice(0, 60)}`)"""
SQUEEZED = """
return [...document.querySelectorAll('main tr > :first-child')].filter(e => {
  const words = e.textContent.trim().split(/[\\s._]+/).map(word => word.length);
  const need = Math.min(Math.max(...words), 10) * parseFloat(getComputedStyle(e).fontSize) * .5;
  return e.clientWidth > 0 && e.clientWidth < need;
}).map(e => `${e.textContent.slice(0, 60)} in ${e.clientWidth}`)"""
ONLY_THE_SUMMARY = """
document.querySelectorAll('main > section:not(:first-of-type), footer').forEach(e => e.remove())"""


@pytest.fixture(scope="module")
def window() -> Iterator[Browser]:
    with browser() as opened:
        yield opened


@pytest.fixture(scope="module", params=[*SOURCES, "hostile", "long names"])
def page(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    name = str(request.param)
    if name in SOURCES:
        (rewrite,) = rewrite_inputs(find_inputs([str(SOURCES[name])]))
        files = guide_files(rewrite, [f"{name}/schema.sql"])
    else:
        files = guide_to(hostile_schema() if name == "hostile" else LONG_NAMES)
    path = tmp_path_factory.mktemp("guide") / "guide.html"
    path.write_text(files["guide.html"], "utf-8")
    return path


def on_paper(window: Browser) -> None:
    """As wide as what an A4 page has between its margins."""
    window.size(672, 1000)
    window.devtools("Emulation.setEmulatedMedia", media="print")


@pytest.fixture(autouse=True)
def on_screen(window: Browser) -> Iterator[None]:
    window.devtools("Emulation.setEmulatedMedia", media="")
    yield
    window.devtools("Emulation.setEmulatedMedia", media="")


def sheets(pdf: bytes) -> int:
    return pdf.count(b"/Type /Page\n")


def test_nothing_is_cut_on_a_phone(window: Browser, page: Path) -> None:
    window.size(390, 844)
    window.open(page)
    assert window.run(OUTSIDE) == []
    assert window.run(CUT) == []
    assert window.run("return document.documentElement.scrollWidth") == 390
    assert window.log() == []


def test_rows_are_stacked_on_a_phone_with_their_headings(window: Browser, page: Path) -> None:
    window.size(390, 844)
    window.open(page)
    stacked = window.run("return getComputedStyle(document.querySelector('td')).display")
    labels = window.run(
        "return [...document.querySelectorAll('td[data-label=Where]')]"
        ".map(e => getComputedStyle(e, '::before').content)"
    )
    assert stacked == "block"
    assert set(labels) == {'"Where: "'}


@pytest.mark.parametrize("width", [768, 1400])
def test_nothing_is_cut_on_a_desk(window: Browser, page: Path, width: int) -> None:
    window.size(width, 1000)
    window.open(page)
    assert window.run(OUTSIDE) == []
    assert window.run(CUT) == []
    assert window.run(SQUEEZED) == []


def test_nothing_is_cut_on_paper(window: Browser, page: Path) -> None:
    window.open(page)
    on_paper(window)
    assert window.run(OUTSIDE) == []
    assert window.run(CUT) == []
    assert window.run(SQUEEZED) == []


def test_pages_break_where_a_reader_would(window: Browser, page: Path) -> None:
    window.open(page)
    on_paper(window)
    assert window.run(
        "return [...new Set([...document.querySelectorAll('tr, figure, h3, h4')]"
        ".map(e => getComputedStyle(e).breakInside))]"
    ) == ["avoid"]
    assert window.run(
        "return [...new Set([...document.querySelectorAll('h2, h3, h4')]"
        ".map(e => getComputedStyle(e).breakAfter))]"
    ) == ["avoid"]


def test_cover_and_summary_are_one_sheet(window: Browser, page: Path) -> None:
    window.open(page)
    whole = sheets(window.pdf())
    window.run(ONLY_THE_SUMMARY)
    assert sheets(window.pdf()) == 1
    assert whole > 5


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1400])
def test_axe_finds_nothing(window: Browser, page: Path, scheme: str, width: int) -> None:
    source = _axe()
    window.size(width, 900)
    window.media(prefers_color_scheme=scheme)
    window.open(page)
    assert _violations(window, source) == []
