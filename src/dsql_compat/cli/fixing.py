"""`check --fix` and `check --diff`: what is edited, and what is said about it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from dsql_compat.cli import fail
from dsql_compat.cli.editing import summary, unified

if TYPE_CHECKING:
    from dsql_compat.gate.layouts import Plan
    from dsql_compat.gate.run import Judged
    from dsql_compat.gate.settings import Settings


def apply_fixes(
    settings: Settings, plan: Plan, judged: Judged, *, is_unsafe: bool, shows_only: bool
) -> bool:
    """Edit the files with new findings, or print the difference; whether any was written."""
    from dsql_compat.gate.fixing import fixed
    from dsql_compat.rewriting.choices import ChoiceError
    from dsql_compat.sources.files import InputError
    from dsql_compat.targets import TargetError

    try:
        fix = fixed(settings, plan, judged, is_unsafe=is_unsafe)
        if shows_only:
            for result in fix.results:
                sys.stdout.buffer.write(unified(result).encode(result.codec))
            sys.stdout.flush()
        else:
            fix.write()
    except (InputError, TargetError, ChoiceError) as error:
        fail(str(error))
    for line in summary(list(fix.results), in_place=not shows_only):
        print(f"dsql-compat: {line}", file=sys.stderr)
    return bool(fix.changed) and not shows_only
