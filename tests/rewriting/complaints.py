"""What dsql-lint says of rewritten schemas, and why each complaint is wrong.

`python -m tests.rewriting.complaints FILE...` prints the complaints about the rewrites of files.
The page is docs/dsql-lint-complaints.md.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from .whole import complaints, dsql_lint, rewritten, text_of

PAGE = Path(__file__).parents[2] / "docs" / "dsql-lint-complaints.md"


@dataclass(frozen=True)
class Group:
    """Complaints of one kind: a rule of the linter, its message, and the statement's first words."""

    key: str
    rule: str
    message: str
    statement: str


GROUPS = (
    Group("function arguments", "parse_error", r"Expected: \), found: \w+$", "(GRANT|REVOKE)"),
    Group("comment on a function", "parse_error", r"Expected: IS, found: \($", "COMMENT ON"),
    Group(
        "default privileges",
        "parse_error",
        "Expected: TABLES, found: (SEQUENCES|FUNCTIONS|TYPES)$",
        "ALTER DEFAULT PRIVILEGES",
    ),
    Group("cost", "parse_error", "Expected: end of statement, found: COST$", "CREATE FUNCTION"),
    Group("domain", "parse_error", "Expected: end of statement, found: NOT$", "CREATE DOMAIN"),
    Group("variadic", "parse_error", r"Expected: \), found: \($", "CREATE TABLE"),
)


def group_of(complaint: tuple[str, str, str]) -> str:
    """The group of a complaint; the complaint itself where it belongs to none."""
    rule, message, statement = complaint
    for group in GROUPS:
        if rule != group.rule or not re.match(group.statement, statement):
            continue
        if re.search(group.message, message):
            return group.key
    return f"{rule}: {message} ({statement})"


def by_group(found: Counter[tuple[str, str, str]]) -> Counter[str]:
    """How many complaints of each group there are."""
    counted: Counter[str] = Counter()
    for complaint, count in found.items():
        counted[group_of(complaint)] += count
    return counted


def listed() -> dict[str, set[str]]:
    """The page's list: the groups of each schema that has complaints."""
    rows = re.findall(r"^\| `([\w-]+)` \| (.+) \|$", PAGE.read_text("utf-8"), re.M)
    return {name: set(groups.split(", ")) for name, groups in rows}


def main() -> None:
    """Print the complaints about the rewrites of the files named."""
    program = dsql_lint()
    assert program is not None, "dsql-lint is not installed"
    for path in map(Path, sys.argv[1:]):
        for rewrite in rewritten(path):
            for group, count in sorted(by_group(complaints(program, text_of(rewrite))).items()):
                print(f"{path}: {count} {group}")


if __name__ == "__main__":
    main()
