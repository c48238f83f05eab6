"""Which files can be edited where they stand, and which are read only, with the reason."""

from __future__ import annotations

from dataclasses import dataclass

from dsql_compat.editing import markers
from dsql_compat.editing.documents import LARGEST, document_of
from dsql_compat.editing.model import Document
from dsql_compat.sources.files import Input, InputError


@dataclass(slots=True, eq=False)
class File:
    """An input, and the document made of it.  One with a refusal stays as it is.

    Without `is_history` its statements are not part of what the others build upon.
    """

    source: Input
    document: Document | None = None
    tool: markers.Tool = markers.PLAIN
    refusal: str | None = None
    is_history: bool = True
    before: str = ""


def opened(source: Input, *, fixed: bool) -> File:
    """A file made ready; a `fixed` one is only read for what it makes.  Raises InputError."""
    if source.format != "plain" or (source.path is None and source.content is None):
        return File(source, refusal="only plain SQL files can be edited where they stand")
    if source.path is not None and markers.is_way_back(source.path):
        return File(
            source,
            refusal="by its name it takes another file back; left as it is",
            is_history=False,
        )
    size = source.size or 0
    if source.content is None and size > LARGEST:
        return File(source, refusal=f"larger than {LARGEST >> 20} MiB: read, and left as it is")
    try:
        data = source.content if source.content is not None else _bytes(source)
        document = document_of(source.name, data, source.path)
    except InputError as error:
        return File(source, refusal=str(error).removeprefix(f"{source.name}: "))
    try:
        tool = markers.tool_of(document)
    except markers.UnknownMarksError as error:
        return File(source, refusal=f"left as it is: {error}", before=document.text)
    document.hidden = list(markers.ways_back(document, tool))
    refusal = "" if fixed else None
    return File(source, document, tool, refusal, before=document.text)


def _bytes(source: Input) -> bytes:
    assert source.path is not None
    try:
        return source.path.read_bytes()
    except OSError as error:
        raise InputError(f"{source.name}: {error.strerror or error}") from None
