"""The guide as one HTML file, made of the same Markdown; it needs no network and no script.

Markdown may hold a few harmless HTML elements, and nothing else gets through: any other markup is
shown as text.
"""

from __future__ import annotations

import base64
import hashlib
import html
import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from typing import Any

from dsql_compat.guide.drawing import svg_inline
from dsql_compat.guide.html_tables import cell_tag, lay_out, open_tag, width_rules
from dsql_compat.guide.model import Chapter, Picture
from dsql_compat.guide.words import Anchors
from dsql_compat.report.model import Report
from dsql_compat.report.views import VERDICTS
from dsql_compat.report.visible import is_web_address, visible

_LANGUAGES = {".sql": "sql", ".py": "python", ".md": "markdown", ".toml": "toml"}
_ALLOWED = re.compile(
    r"</?(?:code|details|summary)>|<br>|<a id=\"[a-z0-9-]+\">|</a>"
)  # what our own Markdown holds


def render_page(
    title: str,
    report: Report,
    chapters: Sequence[Chapter],
    pictures: Mapping[str, Picture],
    files: Mapping[str, str],
) -> str:
    """The page; `files` are those that chapters link to, shown at its end."""
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    anchors = Anchors()
    addresses = {path: anchors.of("file", path) for path in files}
    renderer = _Renderer({chapter.path: chapter.stem for chapter in chapters}, addresses, pictures)
    environment = Environment(
        loader=PackageLoader("dsql_compat.guide", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    shown = [(c.stem, c.title, renderer.render(c)) for c in chapters]
    style = resources.files(__package__).joinpath("templates", "guide.css").read_text("utf-8")
    style += f"{width_rules(''.join(body for _, _, body in shown))}\n"
    policy = f"default-src 'none'; style-src '{_hash(style)}'; base-uri 'none'; form-action 'none'"
    return environment.get_template("guide.html.j2").render(
        title=visible(title),
        report=report,
        verdict=VERDICTS[report.readiness.verdict],
        style=Markup(style),  # noqa: S704  our own file
        policy=policy,
        chapters=[(stem, name, Markup(body)) for stem, name, body in shown],  # noqa: S704
        files=[(addresses[path], path, visible(text)) for path, text in files.items()],
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


class _Renderer:
    """Markdown as HTML for one page: links between files lead within the page."""

    def __init__(
        self, chapters: Mapping[str, str], files: Mapping[str, str], pictures: Mapping[str, Picture]
    ) -> None:
        from markdown_it import MarkdownIt

        self._chapters, self._files, self._pictures = chapters, files, pictures
        self._parser = MarkdownIt("commonmark", {"html": True}).enable(["table"])
        rules = {
            "html_inline": self._html,
            "html_block": self._html,
            "image": self._image,
            "link_open": self._link,
            "table_open": lambda tokens, at, *_: open_tag(tokens[at]),
            "thead_open": lambda *_: '<thead role="rowgroup">',
            "tbody_open": lambda *_: '<tbody role="rowgroup">',
            "tr_open": lambda *_: '<tr role="row">',
            "td_open": lambda tokens, at, *_: cell_tag(tokens[at]),
            "th_open": lambda tokens, at, *_: cell_tag(tokens[at]),
            "text": self._text,
        }
        for name, rule in rules.items():
            self._parser.renderer.rules[name] = rule  # type: ignore[attr-defined]

    def render(self, chapter: Chapter) -> str:
        """The chapter's body."""
        tokens = self._parser.parse(chapter.text)
        _lower_headings(tokens)
        _drop_title(tokens)
        lay_out(tokens)
        _open_paragraphs(tokens)
        made: str = self._parser.renderer.render(tokens, self._parser.options, {})
        # A picture stands by itself, and a paragraph cannot hold a figure.
        return re.sub(r"<p>(<figure.*?</figure>)</p>", r"\1", made, flags=re.S)

    def _html(self, tokens: Sequence[Any], at: int, *_: Any) -> str:
        text = tokens[at].content
        parts, end = [], 0
        for found in _ALLOWED.finditer(text):
            parts += [html.escape(text[end : found.start()]), found[0]]
            end = found.end()
        return "".join([*parts, html.escape(text[end:])])

    def _text(self, tokens: Sequence[Any], at: int, *_: Any) -> str:
        text = html.escape(tokens[at].content, quote=False)
        return re.sub(r"\A\[ \] ", '<span class="task">☐</span> ', text)

    def _image(self, tokens: Sequence[Any], at: int, *_: Any) -> str:
        name = posixpath.basename(tokens[at].attrs["src"]).removesuffix(".svg")
        picture = self._pictures.get(name)
        return svg_inline(picture) if picture else html.escape(tokens[at].content)

    def _link(self, tokens: Sequence[Any], at: int, *_: Any) -> str:
        address = self._address(tokens[at].attrs["href"])
        outside = ' rel="noreferrer"' if "://" in address else ""
        return f'<a href="{html.escape(address)}"{outside}>'

    def _address(self, href: str) -> str:
        path, _, mark = href.partition("#")
        if path in self._chapters:
            return f"#{mark or self._chapters[path]}"
        if path in self._files:
            return f"#{self._files[path]}"
        return href if href.startswith("#") or is_web_address(href) else "#"


def _lower_headings(tokens: Iterable[Any]) -> None:
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{int(token.tag[1]) + 1}"


def _open_paragraphs(tokens: Sequence[Any]) -> None:
    """A paragraph cannot hold what is folded away in it, so it is a block of another kind."""
    for before, inline, after in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if before.type == "paragraph_open" and "<details>" in inline.content and not before.hidden:
            before.tag = after.tag = "div"
            before.attrs["class"] = "folding"


def _drop_title(tokens: list[Any]) -> None:
    """The page writes the title of a chapter itself."""
    if tokens and tokens[0].type == "heading_open":
        del tokens[:3]
