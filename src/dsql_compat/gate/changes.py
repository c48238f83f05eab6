"""What a branch touches, as the git command tells: nothing is fetched, nothing is written."""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from pathlib import Path

from dsql_compat.gate.layouts import Plan

_TIME = 60  # seconds that git may take
# Nothing that a repository configures may run, and no lock is taken.
_SAFE = (
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.quotePath=false",
    "-c",
    "core.hooksPath=/dev/null",
)
_FETCH = "in actions/checkout set fetch-depth: 0, elsewhere run git fetch --unshallow"


class ChangesError(Exception):
    """Git cannot tell what changed; the message says why, and the remedy, in one line."""


def changed_files(root: Path, ref: str) -> frozenset[str]:
    """The files, named from the root of the repository, whose content differs from where this
    branch left `ref`; those not committed and not yet known to git are among them.

    A file that was only renamed is not.  Raises ChangesError.
    """
    top = _top(root)
    base = _merge_base(root, ref)
    touched = _diffed(root, base) | _untracked(root)
    names = set()
    for name in touched:
        path = top / os.fsdecode(name)
        if path.is_relative_to(root):
            relative = path.relative_to(root).as_posix()
            names.add(os.fsencode(relative).decode("utf-8", "backslashreplace"))
    return frozenset(names)


def only_changed(plan: Plan, changed: frozenset[str], *, keeps_all: bool) -> Plan:
    """The plan with findings wanted of changed files only, without what runs behind them, unless
    the schema that all result in is asked for.

    What a migration says in files of its own beside it (executeInTransaction=false) counts for it.
    """
    judged = frozenset(
        step.source.name
        for step in plan.steps
        if step.source.name in changed or f"{step.source.name}.conf" in changed
    )
    last = max((n for n, s in enumerate(plan.steps, 1) if s.source.name in judged), default=0)
    steps = plan.steps if keeps_all else plan.steps[:last]
    return replace(plan, steps=steps, judged=judged)


def _top(root: Path) -> Path:
    code, output, message = _git(root, "rev-parse", "--show-toplevel")
    if code:
        if "dubious ownership" in message:
            raise ChangesError(
                f"{root}: git does not trust the owner of this folder; "
                f"run git config --global --add safe.directory {root}"
            )
        raise ChangesError(
            f"{root}: no git repository, so --changed-since cannot be told: {message}"
        )
    return Path(os.fsdecode(output.rstrip(b"\n"))).resolve()


def _merge_base(root: Path, ref: str) -> str:
    code, output, _ = _git(root, "rev-parse", "--is-shallow-repository")
    is_shallow = output.strip() == b"true"
    if ref.startswith("-") or not ref.strip() or "\0" in ref:
        raise ChangesError(f"--changed-since {ref!r} is no name of a commit")
    code, output, _ = _git(
        root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}"
    )
    if code:
        more = f"the clone is shallow: {_FETCH}" if is_shallow else _how_to_fetch(ref)
        raise ChangesError(f"--changed-since {ref}: no such commit here; {more}")
    commit = output.strip().decode("ascii")
    code, _, _ = _git(root, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")
    if code:
        raise ChangesError("--changed-since: this branch has no commit yet")
    code, output, message = _git(root, "merge-base", commit, "HEAD")
    if code or not output.strip():
        why = f"the clone is shallow: {_FETCH}" if is_shallow else message or "unrelated histories"
        raise ChangesError(f"--changed-since {ref}: no commit in common with HEAD; {why}")
    return output.split()[0].decode("ascii")


def _how_to_fetch(ref: str) -> str:
    remote, _, branch = ref.partition("/")
    return (
        f"run git fetch {remote} {branch}" if branch else "git branch --all shows those there are"
    )


def _diffed(root: Path, base: str) -> set[bytes]:
    """Names of what differs between a commit and the files as they are."""
    code, output, message = _git(
        root,
        "diff",
        "--name-status",
        "-z",
        "--find-renames",
        "--diff-filter=d",
        "--no-ext-diff",
        "--no-textconv",
        "--ignore-submodules=all",
        "--no-relative",
        base,
        "--",
    )
    if code:
        raise ChangesError(f"git diff failed: {message}")
    fields = output.split(b"\0")
    names: set[bytes] = set()
    at = 0
    while at < len(fields) and fields[at]:
        status = fields[at]
        is_pair = status[:1] in (b"R", b"C")
        if status != b"R100":
            names.add(fields[at + (2 if is_pair else 1)])
        at += 3 if is_pair else 2
    return names


def _untracked(root: Path) -> set[bytes]:
    command = ("ls-files", "--others", "--exclude-standard", "--full-name", "-z", "--")
    code, output, message = _git(root, *command)
    if code:
        raise ChangesError(f"git ls-files failed: {message}")
    return {name for name in output.split(b"\0") if name}


def _git(root: Path, *arguments: str) -> tuple[int, bytes, str]:
    """Exit code, output, and the first line of what git says besides.  Raises ChangesError."""
    settings = {"GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C", "GIT_PAGER": "cat"}
    try:
        done = subprocess.run(
            ["git", *_SAFE, *arguments],
            cwd=root,
            env={**os.environ, **settings},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_TIME,
            check=False,
        )
    except FileNotFoundError:
        raise ChangesError("--changed-since needs git, which is not on the PATH") from None
    except subprocess.TimeoutExpired:
        raise ChangesError(f"git {arguments[0]} took over {_TIME} seconds") from None
    lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return done.returncode, done.stdout, lines[0].removeprefix("fatal: ") if lines else ""
