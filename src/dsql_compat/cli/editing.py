"""`rewrite --in-place` and `rewrite --diff`: files edited where they stand."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from dsql_compat.cli import fail

if TYPE_CHECKING:
    from dsql_compat.editing.model import FixResult
    from dsql_compat.rewriting.choices import Wishes


def edit(sources: list[str], target: str, wishes: Wishes, *, in_place: bool) -> None:
    """Change files, or print what would change; a summary goes to standard error."""
    from dsql_compat.editing.engine import fix_files
    from dsql_compat.editing.outcome import write_result
    from dsql_compat.rewriting.choices import ChoiceError
    from dsql_compat.sources.files import InputError, find_inputs
    from dsql_compat.targets import TargetError

    try:
        inputs = find_inputs(sources)
        results = fix_files(inputs, target=target, wishes=wishes)
        for source, result in zip(inputs, results, strict=True):
            if not in_place:
                sys.stdout.buffer.write(unified(result).encode(result.codec))
            elif result.is_changed and source.path is not None:
                write_result(result, source.path)
    except (InputError, TargetError, ChoiceError) as error:
        fail(str(error))
    sys.stdout.flush()
    for line in summary(results, in_place=in_place):
        print(line, file=sys.stderr)


def unified(result: FixResult) -> str:
    """What changed in a file, as `patch` takes it."""
    from difflib import unified_diff

    lines = []
    for line in unified_diff(
        _lines(result.before), _lines(result.after), f"a/{result.name}", f"b/{result.name}"
    ):
        lines.append(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n")
    return "".join(lines)


def _lines(text: str) -> list[str]:
    """Lines as `patch` counts them: only a line feed ends one."""
    found = text.split("\n")
    return [f"{line}\n" for line in found[:-1]] + ([found[-1]] if found[-1] else [])


def summary(results: list[FixResult], *, in_place: bool) -> Iterator[str]:
    """A line for each statement that was left, and one for the whole."""
    for result in results:
        for remark in result.left:
            yield f"{result.name}:{remark.line}: left: {remark.rule}: {remark.reason}"
        for note in (result.refusal, *result.notes):
            if note:
                yield f"{result.name}: note: {note}"
    changed = sum(result.is_changed for result in results)
    edited = sum(len(result.edited) for result in results)
    left = sum(len(result.left) for result in results)
    verb = "edited" if in_place else "to edit"
    statements = "1 statement" if edited == 1 else f"{edited} statements"
    files = "1 file" if len(results) == 1 else f"{len(results)} files"
    findings = "1 finding" if left == 1 else f"{left} findings"
    yield f"{statements} {verb} in {changed} of {files}; {findings} left"


def conflict(path: Path | None, *, in_place: bool, diff: bool) -> str:
    """Why these options do not go together; empty if they do."""
    if path is None and not (in_place or diff):
        return "say where the result goes: --output DIR, --in-place or --diff"
    if path is not None and (in_place or diff):
        return "--output writes a folder; leave it out with --in-place and --diff"
    if in_place and diff:
        return "--diff changes nothing and --in-place does: choose one"
    return ""
