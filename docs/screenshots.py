"""Takes the pictures of docs/images: the report of every sample in headless Chromium.

    PYTHONPATH=. python docs/screenshots.py [NAME...]

Needs Debian's chromium and chromium-driver, and Pillow, which makes the files small.
"""

from __future__ import annotations

import io
import sys
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from dsql_compat.pipeline import analyze_sources
from dsql_compat.report import html
from dsql_compat.report.html_dates import other_days
from tests.report.browser import Browser, browser

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
MOST_BYTES = 200_000  # of a picture
COLOURS = 128


@dataclass(frozen=True)
class Picture:
    """One picture: of which sample, how wide and high, and where on the page."""

    name: str
    sample: str
    width: int
    height: int
    anchor: str = ""
    scheme: str = "light"


PICTURES = (
    *(Picture(f"report-{s}-desktop", s, 1400, 1340) for s in ("shop", "saas", "analytics")),
    *(Picture(f"report-{s}-desktop", s, 1400, 1340) for s in ("bookings", "migrations")),
    *(Picture(f"report-{s}-phone", s, 390, 844) for s in ("shop", "saas", "analytics")),
    *(Picture(f"report-{s}-phone", s, 390, 844) for s in ("bookings", "migrations")),
    Picture("report-shop-findings", "shop", 1400, 900, "#table-public.orders"),
    Picture("report-shop-dark", "shop", 1400, 1340, scheme="dark"),
)


def page_of(sample: str, folder: Path) -> Path:
    """The report of a sample, with the other dates, as the command line writes it."""
    source = Path("sample_schemas", sample)
    name = str(source / "schema.sql" if (ROOT / source / "schema.sql").exists() else source)
    page = folder / f"{sample}.html"
    if not page.exists():
        report = analyze_sources([name])
        others = [analyze_sources([name], day.isoformat()) for day in other_days(report)]
        page.write_text(html.render(report, others), "utf-8")
    return page


def take(window: Browser, picture: Picture, page: Path) -> bytes:
    """The picture as PNG with few colours."""
    from PIL import Image

    window.size(picture.width, picture.height)
    window.media(prefers_color_scheme=picture.scheme)
    window.open(page, picture.anchor)
    window.wait("setTimeout(arguments[0], 150)")
    shot = Image.open(io.BytesIO(window.screenshot())).convert("RGB")
    small = io.BytesIO()
    shot.quantize(COLOURS, dither=Image.Dither.NONE).save(small, "PNG", optimize=True)
    return small.getvalue()


def main(names: list[str]) -> None:
    """Take those pictures, or all."""
    with chdir(ROOT), TemporaryDirectory() as folder, browser() as window:
        for picture in PICTURES:
            if names and picture.name not in names:
                continue
            content = take(window, picture, page_of(picture.sample, Path(folder)))
            if len(content) > MOST_BYTES:
                raise SystemExit(f"{picture.name}: {len(content):,} bytes")
            (IMAGES / f"{picture.name}.png").write_bytes(content)


if __name__ == "__main__":
    main(sys.argv[1:])
