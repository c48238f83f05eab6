"""`dsql-compat init`: puts the gate up in a repository."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dsql_compat.cli import fail
from dsql_compat.cli.output import write_report

if TYPE_CHECKING:
    from dsql_compat.gate.starting import Draft, Start


def init(
    target: Annotated[
        str,
        typer.Option(
            "--target", "-t", help="Aurora DSQL at which date: latest, YYYY-MM or YYYY-MM-DD."
        ),
    ] = "latest",
    force: Annotated[
        bool, typer.Option("--force", help="Write files anew that are there already.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print what would be written, and write nothing.")
    ] = False,
) -> None:
    """Look at a repository and write configuration, baseline and workflow for the gate.

    Files that are there stay as they are, unless --force is given.
    """
    from dsql_compat.gate.settings import repository_root
    from dsql_compat.gate.starting import configured

    here = Path.cwd().resolve()
    root = repository_root(here) or here
    known = configured(root)
    if known and not force:
        fail(f"{known} configures the gate already; --force writes anew what init writes")
    found = _look(root, target)
    print(f"{found.files:,} files, {found.layout} in {', '.join(found.paths)}")
    for draft in found.drafts:
        _write(root, draft, force=force, dry_run=dry_run)
    for hint in found.hints:
        print(f"dsql-compat: note: {hint}", file=sys.stderr)
    if not dry_run:
        print("Commit them; dsql-compat check fails on what is new from now on.")


def _look(root: Path, target: str) -> Start:
    from dsql_compat.gate.starting import start
    from dsql_compat.rewriting.choices import ChoiceError
    from dsql_compat.sources.files import InputError
    from dsql_compat.targets import TargetError

    try:
        return start(root, target)
    except (InputError, TargetError, ChoiceError) as error:
        fail(str(error))


def _write(root: Path, draft: Draft, *, force: bool, dry_run: bool) -> None:
    path = root / draft.name
    is_there = path.exists() or path.is_symlink()
    if is_there and not force:
        print(f"kept {draft.name}: it is there already; --force writes it anew")
        return
    if not path.resolve().is_relative_to(root.resolve()):
        fail(f"{draft.name}: a link out of the repository; not written")
    if dry_run:
        print(f"\nwould write {draft.name}: {draft.remark}\n\n{draft.text}", end="")
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        fail(f"{path.parent}: {error.strerror or error}")
    write_report(draft.text, path)
    print(f"wrote {draft.name}: {draft.remark}")
