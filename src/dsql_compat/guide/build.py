"""From a rewrite to the files of a guide, on one screen.  Pure: nothing is written here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from dsql_compat.fleet.reading import ReadReport
from dsql_compat.guide import (
    changes,
    choosing,
    gaps,
    left,
    moving,
    operations,
    progress,
    schema,
    summary,
    testing,
)
from dsql_compat.guide import checklist as tasks
from dsql_compat.guide.application import application_parts
from dsql_compat.guide.application.telling import DETAILS
from dsql_compat.guide.checking import check_files
from dsql_compat.guide.drawing import svg_file
from dsql_compat.guide.html import render_page
from dsql_compat.guide.model import Chapter
from dsql_compat.guide.view import View, view_of
from dsql_compat.guide.words import all_listed, heading, plural
from dsql_compat.report.excerpt import mask_secrets
from dsql_compat.report.markdown import prose, table
from dsql_compat.rewriting.model import Rewrite

_BASIS = "What it goes by"
_ABOUT = {
    summary.STEM: "one page for whoever decides: verdict, effort, what blocks, next steps",
    choosing.STEM: "questions with options and consequences",
    gaps.STEM: "every difference found, and the foreign keys as a picture",
    schema.STEM: "before, after, why and effort, object by object",
    changes.STEM: "what the application takes over, with code",
    moving.STEM: "order, batches, conversions, checks, cut-over and way back",
    operations.STEM: "roles, connections, retries, monitoring, limits",
    testing.STEM: "what to try before the cut-over",
    tasks.STEM: "all of it as tasks, owners left blank",
    left.STEM: "what has no counterpart, with its source",
    progress.STEM: "fixed, new and left since an older report",
    DETAILS: "the code that stays untranslated, step by step",
}


def guide_files(
    rewrite: Rewrite, sources: list[str], old: ReadReport | None = None, *, alone: bool = True
) -> dict[str, str]:
    """Every file of the guide to one database, by its path; `sources` as the user named them.

    With `old` there is a chapter on progress since that report.  `alone`: the sources hold no
    other database.
    """
    view = view_of(rewrite, [mask_secrets(name) for name in sources], alone=alone)
    view.parts = application_parts(rewrite)
    chapters = list(_chapters(view, old))
    code_files = {_below(path): text for part in view.parts for path, text in part.files.items()}
    code_files |= check_files(view) | left.files(view)
    files = {"README.md": _readme(view, chapters)}
    files |= {chapter.path: f"{chapter.text.rstrip()}\n" for chapter in chapters}
    pictures = {p.name: p for chapter in chapters for p in chapter.pictures}
    files |= {f"images/{name}.svg": svg_file(picture) for name, picture in pictures.items()}
    files |= code_files
    files["guide.html"] = render_page(
        title_of(view),
        view.report,
        [*chapters, Chapter("basis", _BASIS, f"# {_BASIS}\n\n{_basis(view)}")],
        pictures,
        code_files,
    )
    return files


def _chapters(view: View, old: ReadReport | None) -> Iterator[Chapter]:
    shown = schema.chapter(view)  # first, since the others refer to its sections
    yield summary.chapter(view)
    yield choosing.chapter(view)
    yield gaps.chapter(view)
    yield shown
    yield changes.chapter(view)
    yield moving.chapter(view)
    yield operations.chapter(view)
    yield testing.chapter(view)
    yield tasks.chapter(view)
    yield left.chapter(view)
    if old is not None:
        yield progress.chapter(view, old)
    details = changes.details_chapter(view)
    if details is not None:
        yield details


def _below(path: str) -> str:
    return path if path.startswith("application/") else f"application/{path}"


def _readme(view: View, chapters: list[Chapter]) -> str:
    report = view.report
    parts = [
        heading(1, prose(title_of(view))),
        f"**{prose(report.readiness.sentence)}**",
        "[guide.html](guide.html) has all of it on one page, for the browser and for printing.",
        heading(2, "Contents"),
        table(
            ["", "Chapter", "What is in it"],
            [
                [f"{number}", f"[{c.title}]({c.path})", _ABOUT[c.stem]]
                for number, c in enumerate(chapters, 1)
            ],
        ),
        heading(2, _BASIS),
        _basis(view),
        f"Written by {report.tool.name} {report.tool.version}. The same source, "
        "target and choices give the same "
        "files, so that this folder can be kept in a repository and compared.",
    ]
    return "\n\n".join(parts) + "\n"


def _basis(view: View) -> str:
    """What the guide was made from."""
    choices = view.rewrite.choices
    read = len(view.report.sources)
    files = f" ({plural(read, 'file')})" if read > len(view.sources) else ""
    return table(
        ["Basis", ""],
        [
            ["Source", all_listed(view.sources, 5) + files],
            ["Target", f"Aurora DSQL as of {view.report.target.date}"],
            ["Foreign keys", choices.foreign_keys],
            ["json and jsonb", choices.json],
            ["Identity CACHE", str(choices.identity_cache)],
            ["Enums", choices.enums],
            ["Arrays", choices.arrays],
        ],
    )


def title_of(view: View) -> str:
    """`Moving shop/schema.sql to Aurora DSQL`."""
    if view.rewrite.database:
        return f"Moving the database {view.rewrite.database} to Aurora DSQL"
    return f"Moving {_source(view.sources)} to Aurora DSQL"


def _source(names: list[str]) -> str:
    """What is moved, as people call it: no addresses, no long paths."""
    first = names[0] if names else ""
    if "://" in first:
        database = first.partition("?")[0].partition("://")[2].partition("/")[2]
        return f"the database {database}" if database else "a database"
    if first in ("", "-", "<stdin>"):
        return "a dump"
    paths = [PurePosixPath(name) for name in names]
    if len(paths) == 1:
        return "/".join(_last_parts(paths[0]))
    if len({path.parent for path in paths}) == 1 and paths[0].parent.name:
        return f"{paths[0].parent.name} ({len(paths):,} files)"
    return f"{'/'.join(_last_parts(paths[0]))} and {plural(len(paths) - 1, 'other source')}"


def _last_parts(path: PurePosixPath) -> list[str]:
    """A file with its folder, since many are called schema.sql; a folder by itself."""
    parts = [part for part in path.parts if part not in ("/", ".", "..")]
    return (parts[-2:] if path.suffix else parts[-1:]) or [str(path)]
