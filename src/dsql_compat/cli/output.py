"""Where reports go: standard output or one file, whole or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from pathlib import Path

from dsql_compat.cli import fail

WIDE = 100  # columns of a terminal that does not say


def use_colour() -> bool:
    """Colour on a terminal only; NO_COLOR and FORCE_COLOR have their usual say."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def terminal_width() -> int | None:
    """The columns of the terminal that standard output goes to; None for a pipe or a file."""
    return shutil.get_terminal_size((WIDE, 24)).columns if sys.stdout.isatty() else None


def write_report(text: str, output: Path | None) -> None:
    """Print the text, or put it in place of a file in one step."""
    data = text.encode("utf-8", "replace")
    if output is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    try:
        _replace(output, data)
    except OSError as error:
        fail(f"{output}: {error.strerror or error}")


def _replace(output: Path, data: bytes) -> None:
    if output.exists() and not output.is_file():  # a device or a pipe cannot be replaced
        output.write_bytes(data)
        return
    handle, name = tempfile.mkstemp(prefix=f".{output.name}.", dir=output.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        mode = output.stat().st_mode & 0o777 if output.exists() else 0o666 & ~_umask()
        Path(name).chmod(mode)
        Path(name).replace(output)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
