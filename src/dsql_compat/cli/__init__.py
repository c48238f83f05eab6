"""The command line: options in, exit code out.  What the commands do is done elsewhere."""

from __future__ import annotations

import gc
import os
import sys
from typing import NoReturn

DONE = 0
FOUND = 1
UNUSABLE = 2
INTERRUPTED = 130


def main() -> NoReturn:
    """Run the program; the one place that turns errors into exit codes."""
    from dsql_compat.cli.app import app

    gc.disable()  # a run is short, and what it makes is needed to the end
    code = DONE
    try:
        app(prog_name="dsql-compat", standalone_mode=True)
    except BrokenPipeError:  # the reader of a pipe (head, less) has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        code = INTERRUPTED
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else DONE if end.code is None else UNUSABLE
    _leave(code)


def _leave(code: int) -> NoReturn:
    """End at once: taking a large catalog apart, object by object, is a tenth of a run."""
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        pass
    os._exit(code)


def fail(message: str) -> NoReturn:
    """One clear line on standard error, and the exit code for what cannot be used."""
    print(f"dsql-compat: {message}", file=sys.stderr)
    raise SystemExit(UNUSABLE)
