"""What a finding's rewrite changes in a file: stretches of text, or the reason why nothing can."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pglast import ast, enums

from dsql_compat.catalog.model import Table
from dsql_compat.editing.documents import comments_in
from dsql_compat.editing.model import JOINT, Edit, Placed
from dsql_compat.editing.wording import (
    applied,
    as_named,
    closed,
    commented_out,
    differences,
    likeness,
    reworded,
    same_words,
)
from dsql_compat.findings import Finding
from dsql_compat.rules import Disposition, Rule
from dsql_compat.sql import spans
from dsql_compat.sql.names import literal, quote_list

# Rules of which a statement alone cannot be rewritten: what they find spans several statements,
# or rows that lie elsewhere.
_WHOLE_SCHEMA = {
    "partitioned-table": "its partitions and their rows have to move as well",
    "partition": "its rows belong to the table it is a part of",
    "table-inheritance": "the family's rows lie in several tables",
    "temporary-table": "who uses it has to be looked at",
}
_SEQUENCE_CASES = ("integer-sequence", "bigint-sequence")
# Automatic without a rewrite is no statement to leave out in these: they follow from another one
# or are a part of their statement.
_NOT_TO_DROP = {
    *("enum-column", "domain-column", "domain-base-type", "missing-type-cast", "function-type"),
    *("newer-function", "primary-key-added", "unique-added", "primary-key-using-index"),
    *("on-commit", "concurrent-index", "sync-index", "transform", "language"),
}
# Review without a rewrite, where the advice is to do without the statement.
_TO_DROP = {
    ("unsupported-setting", "timeout"),
    ("unsupported-setting", "lock-timeout"),
    ("unsupported-setting", "idle-timeout"),
    ("unsupported-setting", "unknown"),
    ("alter-type", "label"),
    ("alter-index", "statistics"),
    ("role-setting", ""),
}
_FOLDED = {"primary-key-added", "unique-added", "primary-key-using-index", "set-not-null"}
_BLANKS_TO_FILL = re.compile(r"<[a-z][\w -]*>|\$\d")
_ALIKE = 0.6  # from here on a step is the statement itself, a little changed
_WAIT = "CALL sys.wait_for_job("
BLOCK_RULES = frozenset({"multiple-ddl-per-transaction", "ddl-with-dml"})


@dataclass(frozen=True, slots=True)
class Proposal:
    """Edits that settle one finding together; `rank` says which kind goes first."""

    finding: Finding
    edits: tuple[Edit, ...]
    rank: int = 0
    is_step: bool = False  # the finding is to be settled by a later one
    goes_with: Finding | None = None  # holds only together with what settles this one


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a finding's rewrite cannot be put into the file."""

    reason: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What may be edited: dispositions, and the user's choices."""

    dispositions: frozenset[Disposition]
    identity_cache: int = 65536
    enums: str = "domain"
    arrays: str = "jsonb"


def key_of(finding: Finding) -> tuple[str, ...]:
    """What tells findings of one statement apart, also once it was edited elsewhere."""
    return (finding.rule, finding.status.case, str(finding.object), finding.key)


def propose(
    finding: Finding, here: Placed, made_by: Placed | None, rule: Rule, wanted: Wanted
) -> Proposal | Refused | None:
    """The edit that a finding offers.

    `made_by` is the statement of the same file that made the table which this one alters, as it
    stood at that moment.  None where the finding asks for nothing.
    """
    status = finding.status
    if finding.rule in BLOCK_RULES or status.disposition not in wanted.dispositions:
        return None
    if status.severity != "error" and not _is_mended_in_place(finding):
        return None
    if reason := _kept_away(finding, here, wanted):
        return Refused(reason)
    if not status.rewrite or not (lines := _lines(finding, wanted)):
        return _left_out(finding, here)
    if finding.rule in _FOLDED and lines[0].startswith("--"):
        return _folded(finding, here, made_by, lines) or _later(finding, here, rule)
    if any("{copy_rows}" in line for line in status.rewrite):
        return Refused("the table has to be copied, which a person plans")
    if lines[0].startswith("--") or not _can_run(lines, here):
        return Refused("its rewrite has blanks for a person to fill")
    return _fragment(finding, here, lines) or _whole(finding, here, lines)


def _is_mended_in_place(finding: Finding) -> bool:
    """Warnings are settled where the declaration itself says it better."""
    return finding.rule in ("key-reference-type", "numeric-without-precision", "index-named-async")


def _kept_away(finding: Finding, here: Placed, wanted: Wanted) -> str:
    if here.unit.rows_follow:
        return "rows follow it, which stay as they are"
    if finding.rule in _WHOLE_SCHEMA:
        return f"{_WHOLE_SCHEMA[finding.rule]}: see rewrite --output"
    if finding.rule == "serial-column" and finding.status.case in _SEQUENCE_CASES:
        return "its sequence and default are statements of their own: see rewrite --output"
    if finding.rule == "enum-type" and wanted.enums == "check":
        return "--enums check changes every column of the type: see rewrite --output"
    tree = here.statement.tree
    if isinstance(tree, ast.CreateEnumStmt):
        labels = finding.facts.get("labels", "")
        if finding.rule == "enum-type" and any(
            literal(value.sval) not in labels for value in tree.vals or ()
        ):
            return "a label is renamed later, and rows hold the earlier one"
    if finding.rule == "array-column" and wanted.arrays == "manual":
        return "--arrays manual leaves it to a person"
    if any(shift for _, shift in finding.span.statement.shifts):
        return "it stands in a text with doubled quotes"
    return ""


def _lines(finding: Finding, wanted: Wanted) -> list[str]:
    """The rewrite in full, under the user's choices."""
    found = [line.format_map(finding.facts).strip() for line in finding.status.rewrite]
    lines = [line for line in found if line and line != ";"]
    if wanted.identity_cache != 65536:
        lines = [line.replace("CACHE 65536", f"CACHE {wanted.identity_cache}") for line in lines]
    if finding.rule == "array-column" and wanted.arrays == "text":
        lines = [re.sub(r"\bjsonb\b", "text", line) for line in lines]
    return lines


def _can_run(lines: list[str], here: Placed) -> bool:
    new = " ".join(line for line in lines if not line.startswith(_WAIT))
    blanks = set(_BLANKS_TO_FILL.findall(new))
    return not blanks - set(_BLANKS_TO_FILL.findall(here.statement.text))


# -- parts of a statement -----------------------------------------------------------------------


def _fragment(finding: Finding, here: Placed, lines: list[str]) -> Proposal | None:
    """The words a finding names, wherever in its statement they stand around its span."""
    before, span = finding.before, finding.span
    if before is None or len(lines) != 1 or lines[0].upper().startswith("ALTER TABLE"):
        return None
    text = span.statement.text
    at = text.find(before, max(0, span.end - len(before)))
    if at < 0 or at > span.start:
        return None
    base = here.offset + _depth(finding) + at
    return Proposal(
        finding, tuple(_minimal(here, base, before, as_named(lines[0], here.statement.text)))
    )


def _minimal(here: Placed, base: int, old: str, new: str) -> list[Edit]:
    stretches = differences(old, new)
    if stretches is None or not same_words(applied(old, stretches), new):
        return [Edit(here.unit, base, base + len(old), new)]
    return [Edit(here.unit, base + start, base + end, text) for start, end, text in stretches]


def _depth(finding: Finding) -> int:
    """Where the finding's own statement begins in the outermost one."""
    depth, statement = 0, finding.span.statement
    while statement.outer is not None:
        depth, statement = depth + statement.offset, statement.outer
    return depth


# -- whole statements ---------------------------------------------------------------------------


def _whole(finding: Finding, here: Placed, lines: list[str]) -> Proposal | Refused:
    span = spans.whole(finding.span.statement)
    if finding.before is not None and not _is_own_text(finding, lines):
        return _taken_apart(finding, here)
    start, end, old = here.offset + _depth(finding) + span.start, 0, span.text
    end = start + len(old)
    named = [as_named(line, here.statement.text) for line in lines]
    if len(named) == 1:
        new = named[0].rstrip().removesuffix(";")
        return Proposal(finding, tuple(_minimal(here, start, old, new)))
    if finding.span.statement.outer is not None:
        return Proposal(
            finding, (Edit(here.unit, start, end, "\n".join(named).removesuffix(";")),), 1
        )
    return Proposal(finding, (Edit(here.unit, start, end, steps(old, named)),), 1)


def _is_own_text(finding: Finding, lines: list[str]) -> bool:
    """Whether a rewrite beside a named part is the whole statement after all."""
    return len(lines) == 1 and lines[0] == finding.facts.get("without", "").strip()


def steps(old: str, lines: list[str]) -> str:
    """Several statements in place of one, with its comments above them; no last semicolon.

    A step that waits for a job needs an answer that only the run gives.  What comes behind it
    would be refused before the job is done, so both are left as comments for a later migration.
    """
    best = max(lines, key=lambda line: likeness(old, line))
    comments: list[str] = []
    if likeness(old, best) >= _ALIKE:
        lines = [closed(reworded(old, line[:-1])) if line is best else line for line in lines]
    else:
        comments = [old[start:end].rstrip() for start, end in comments_in(old)]
    waits = next((n for n, line in enumerate(lines) if line.startswith(_WAIT)), None)
    if waits is not None:
        for line in lines[waits + 1 :]:
            comments.append(f"-- in a later migration, once the index below is built: {line}")
        lines = lines[:waits]
    return JOINT.join([*comments, *lines]).removesuffix(";")


def _taken_apart(finding: Finding, here: Placed) -> Proposal | Refused:
    """An ALTER TABLE of several actions as one each, so that each can be rewritten by itself."""
    statement = here.statement
    tree = statement.tree
    if not isinstance(tree, ast.AlterTableStmt) or len(tree.cmds) < 2:
        return Refused("its rewrite does not stand by itself")
    tokens = statement.tokens
    at = next((i for i, t in enumerate(tokens) if t.start == tree.relation.location), None)
    if at is None or statement.extension:
        return Refused("its rewrite does not stand by itself")
    while at + 2 < len(tokens) and tokens[at + 1].text == ".":
        at += 2
    head = statement.text[: tokens[at].end]
    actions = spans.listed(statement, tokens[at].end)
    if len(actions) != len(tree.cmds):
        return Refused("its actions cannot be told apart")
    drops = (enums.AlterTableType.AT_DropColumn, enums.AlterTableType.AT_DropConstraint)
    pairs = sorted(  # as PostgreSQL runs them: what goes makes room for what comes
        zip(tree.cmds, actions, strict=True), key=lambda pair: pair[0].subtype not in drops
    )
    old = spans.whole(statement).text
    new = [closed(f"{head} {action.text}") for _, action in pairs]
    inner = {(a.start, a.end) for a in actions}
    comments = [
        old[start:end].rstrip()
        for start, end in comments_in(old)
        if not any(first <= start < last for first, last in inner)
    ]
    text = JOINT.join([*comments, *new]).removesuffix(";")
    return Proposal(finding, (Edit(here.unit, here.offset, here.offset + len(old), text),), 1, True)


def _left_out(finding: Finding, here: Placed) -> Proposal | Refused | None:
    """A statement that means nothing to DSQL, as a comment."""
    status = finding.status
    is_alone = finding.span.statement.outer is None and not isinstance(
        here.statement.tree, ast.CreateFunctionStmt | ast.CreateStmt | ast.IndexStmt | ast.ViewStmt
    )
    if status.severity != "error" or not is_alone:
        return None
    goes = status.disposition == "automatic" and finding.rule not in _NOT_TO_DROP
    if status.rewrite and "without" not in finding.facts and finding.rule != "drop-type":
        goes = False
    if not goes and (finding.rule, status.case) not in _TO_DROP:
        return None
    old = here.statement.text.rstrip()
    text = commented_out(old, finding.rule)
    return Proposal(
        finding,
        (Edit(here.unit, here.offset, here.offset + len(old), text),),
        2,
        goes_with=finding.cause,
    )


# -- what belongs into CREATE TABLE -------------------------------------------------------------


def _folded(
    finding: Finding, here: Placed, made_by: Placed | None, lines: list[str]
) -> Proposal | None:
    """A key or NOT NULL of its own statement, moved to where the table is made."""
    tree = here.statement.tree
    if made_by is None or not isinstance(tree, ast.AlterTableStmt):
        return None
    if len(tree.cmds) > 1:
        apart = _taken_apart(finding, here)
        return apart if isinstance(apart, Proposal) else None
    place = _place_in_table(finding, made_by)
    if place is None or _merges(finding, made_by):
        return None
    text = as_named(lines[-1], made_by.statement.text)
    text = f" {text}" if finding.rule == "set-not-null" else f",{_indent(made_by)}{text}"
    at = made_by.offset + place
    old = here.statement.text.rstrip()
    note = commented_out(old, "part of CREATE TABLE now")
    return Proposal(
        finding,
        (
            Edit(made_by.unit, at, at, text),
            Edit(here.unit, here.offset, here.offset + len(old), note),
        ),
        2,
    )


def _merges(finding: Finding, made_by: Placed) -> bool:
    """Whether the table has another key on the same columns: CREATE TABLE would keep only one."""
    table = made_by.table
    if finding.rule != "unique-added" or not isinstance(table, Table):
        return False
    alike = [
        constraint
        for constraint in table.constraints.values()
        if constraint.kind in ("primary key", "unique")
        and quote_list(constraint.columns) == finding.facts.get("columns")
    ]
    return len(alike) > 1


def _place_in_table(finding: Finding, made_by: Placed) -> int | None:
    """Behind the column that becomes NOT NULL, or behind the last element of the table."""
    node = made_by.statement.tree
    if not isinstance(node, ast.CreateStmt) or not isinstance(made_by.table, Table):
        return None
    elements = node.tableElts or ()
    if finding.rule == "set-not-null":
        wanted = finding.facts.get("column", "").strip('"')
        elements = [e for e in elements if isinstance(e, ast.ColumnDef) and e.colname == wanted]
    if not elements or getattr(elements[-1], "location", None) is None:
        return None
    return spans.element(made_by.statement, elements[-1].location).end


def _indent(made_by: Placed) -> str:
    """A line of its own, if the table's elements have lines of their own."""
    node, text = made_by.statement.tree, made_by.statement.text
    elements = node.tableElts if isinstance(node, ast.CreateStmt) else ()
    start = elements[-1].location if elements else 0
    line = text.rfind("\n", 0, start) + 1
    blank = text[line:start]
    return f"\n{blank}" if line and not blank.strip() else " "


def _later(finding: Finding, here: Placed, rule: Rule) -> Proposal | Refused:
    """The way for a table that is there already, as the rule has it for that case."""
    found = [s for s in rule.support if s.case == "existing" and s.since <= finding.status.since]
    found = found or [s for s in rule.support if s.case == "existing"]
    away = Refused("the table is not made in this file, and the change belongs into CREATE TABLE")
    if not found or any("{copy_rows}" in line for line in found[-1].rewrite):
        return away
    try:
        lines = [line.format_map(finding.facts).strip() for line in found[-1].rewrite]
    except KeyError:
        return away
    if finding.before is not None:
        return _taken_apart(finding, here)
    named = [as_named(line, here.statement.text) for line in lines if line]
    old = spans.whole(here.statement).text
    return Proposal(
        finding, (Edit(here.unit, here.offset, here.offset + len(old), steps(old, named)),), 1
    )
