"""Takes the pictures of docs/images: reports, a guide and a fleet of the samples, in Chromium.

    PYTHONPATH=. python docs/screenshots.py [NAME...]

Needs Debian's chromium and chromium-driver, and Pillow, which makes the files small.
"""

from __future__ import annotations

import io
import subprocess
import sys
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.report.browser import Browser, browser

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
MOST_BYTES = 200_000  # of a picture
COLOURS = 128
SAMPLES = ("shop", "saas", "analytics", "bookings", "migrations")


@dataclass(frozen=True)
class Picture:
    """One picture: of which page, how wide and high, and where on it.

    A page is a sample's report, `guide-` and a sample, or `fleet`, all samples together.
    """

    name: str
    page: str
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
    Picture("guide-desktop", "guide-saas", 1400, 1420),
    Picture("guide-changes", "guide-saas", 1400, 1000, "#table-core-documents"),
    Picture("guide-phone", "guide-saas", 390, 844),
    Picture("fleet-desktop", "fleet", 1400, 1180),
)


def page_of(name: str, folder: Path) -> Path:
    """A page as the command line writes it; made once."""
    kind, _, sample = name.rpartition("-")
    page = folder / name / "guide.html" if kind == "guide" else folder / f"{name}.html"
    if page.exists():
        return page
    if name == "fleet":
        for each in SAMPLES:
            _run("analyze", source_of(each), "--output", folder / "fleet" / f"{each}.json")
        _run("merge", folder / "fleet", "--output", page)
    elif kind == "guide":
        _run("guide", source_of(sample), "--output", page.parent)
    else:
        _run("analyze", source_of(name), "--output", page)
    return page


def source_of(sample: str) -> Path:
    """What a sample is read from: its dump, or the folder of its migrations."""
    folder = Path("sample_schemas", sample)
    return folder / "schema.sql" if (folder / "schema.sql").exists() else folder


def _run(*arguments: str | Path) -> None:
    command = [sys.executable, "-m", "dsql_compat", *map(str, arguments)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


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
        Path(folder, "fleet").mkdir()
        for picture in PICTURES:
            if names and picture.name not in names:
                continue
            content = take(window, picture, page_of(picture.page, Path(folder)))
            if len(content) > MOST_BYTES:
                raise SystemExit(f"{picture.name}: {len(content):,} bytes")
            (IMAGES / f"{picture.name}.png").write_bytes(content)


if __name__ == "__main__":
    main(sys.argv[1:])
