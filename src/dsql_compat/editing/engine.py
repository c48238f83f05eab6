"""Edits files round by round: analyse them as one history, edit, analyse again, keep what held.

A round's edits stay only where the statement parses, is rid of what the edits were for, and has
no error that it did not have.  So what comes out was judged as it stands, among its neighbours.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from dsql_compat.catalog.model import Table
from dsql_compat.checks.context import Run
from dsql_compat.editing import blocks, markers
from dsql_compat.editing.caseless import CASELESS_RULES
from dsql_compat.editing.documents import (
    spelled,
)
from dsql_compat.editing.model import (
    EDITABLE,
    JOINT,
    Document,
    Edit,
    FixResult,
    Placed,
    Scope,
    Unit,
)
from dsql_compat.editing.opening import File, opened
from dsql_compat.editing.outcome import Record, outcome
from dsql_compat.editing.proposals import (
    BLOCK_RULES,
    Proposal,
    Refused,
    Wanted,
    key_of,
    propose,
)
from dsql_compat.editing.view import View, look
from dsql_compat.findings import Finding
from dsql_compat.rewriting.choices import Wishes, settle
from dsql_compat.rules import Catalogue, Disposition, load_catalogue
from dsql_compat.sources.files import Input
from dsql_compat.targets import Target, parse_target

_MOST_ROUNDS = 24
_TEXT = "<text>"


def fix_text(
    sql: str,
    dispositions: frozenset[Disposition] = EDITABLE,
    target: str = "latest",
    wishes: Wishes | None = None,
) -> FixResult:
    """SQL with every rewrite of these dispositions put in; see `fix_files`."""
    source = Input(_TEXT, "migration", "plain", None, None, sql.encode("utf-8", "surrogatepass"))
    return fix_files([source], dispositions, target, wishes)[0]


def fix_files(
    inputs: list[Input],
    dispositions: frozenset[Disposition] = EDITABLE,
    target: str = "latest",
    wishes: Wishes | None = None,
    history: frozenset[str] = frozenset(),
    scope: Scope | None = None,
) -> list[FixResult]:
    """Edit files, read as one history; nothing is written.  One result a file, in their order.

    Files named in `history` are read for what they make, and stay as they are; `scope` says which
    findings are to be settled, all but suppressed ones by default.  Raises
    InputError, TargetError and ChoiceError.
    """
    catalogue = load_catalogue()
    when = parse_target(target, catalogue.verified)
    wishes = wishes or Wishes()
    choices = settle(wishes, Run(catalogue, when, wishes.refused))
    wanted = Wanted(dispositions, choices.identity_cache, choices.enums, choices.arrays)
    files = [opened(source, fixed=source.name in history) for source in inputs]
    work = _Work(catalogue, when, wishes.refused, wanted, files, scope)
    work.is_large = sum(len(file.before) for file in files) > 1 << 20
    if any(file.document for file in files):
        work.run()
    return [
        outcome(file, work.first, work.view, work.record, work.dispositions_of(file))
        for file in files
    ]


@dataclass(slots=True)
class _Change:
    """The units that one or more proposals changed together, as they were before."""

    proposals: list[Proposal]
    units: dict[Unit, str]
    is_block: bool = False


@dataclass(slots=True)
class _Work:
    """The files while they are edited."""

    catalogue: Catalogue
    when: Target
    refused: frozenset[str]
    wanted: Wanted
    files: list[File]
    scope: Scope | None = None
    record: Record = field(default_factory=Record)
    homes: dict[Unit, File] = field(default_factory=dict)
    is_large: bool = False
    view: View = field(default_factory=View)
    first: View = field(default_factory=View)

    def run(self) -> None:
        """Edit until nothing more changes."""
        self.view = self.first = self._look()
        for file in self.files:
            for unit in file.document.units if file.document is not None else ():
                self.homes[unit] = file
        for _ in range(_MOST_ROUNDS):
            changes = self._edit_statements() or self._edit_blocks()
            if not changes:
                return
            before, self.view = self.view, self._look()
            failed = [c for c in changes if self._went_wrong(c, before)]
            if failed:
                for change in failed:
                    self._take_back(change)
                self.view = self._look()

    def dispositions_of(self, file: File) -> frozenset[Disposition]:
        """Those wanted; without review where the tool's transaction has to stay."""
        if self.scope is None or file.source.name in self.scope.unwraps:
            return self.wanted.dispositions
        return self.wanted.dispositions - {"review"}

    def _allows(self, file: File, unit: Unit, finding: Finding) -> bool:
        if finding.suppressed is not None:
            return False
        return self.scope is None or self.scope.allows(file.source.name, unit, finding.rule)

    def _look(self) -> View:
        if self.is_large:
            gc.collect()  # a program that runs once may have switched it off
        return look(Run(self.catalogue, self.when, self.refused), self.files)

    # -- edits ----------------------------------------------------------------------------------

    def _edit_statements(self) -> list[_Change]:
        proposals = sorted(self._proposals(), key=lambda proposal: proposal.rank)
        taken: dict[Unit, list[tuple[int, int]]] = {}
        ranks: dict[Unit, int] = {}
        chosen: list[Proposal] = []
        for proposal in proposals:
            if self._fits(proposal, taken, ranks):
                chosen.append(proposal)
                for edit in proposal.edits:
                    taken.setdefault(edit.unit, []).append((edit.start, edit.end))
                    ranks[edit.unit] = proposal.rank
        return self._apply(self._in_company(chosen))

    def _in_company(self, chosen: list[Proposal]) -> list[Proposal]:
        """Without those that follow from a finding which nothing settles."""
        settled = {id(proposal.finding) for proposal in chosen}
        kept = []
        for proposal in chosen:
            cause = proposal.goes_with
            if cause is None or cause.status.severity != "error" or id(cause) in settled:
                kept.append(proposal)
                continue
            for edit in proposal.edits:
                reason = f"it follows from {cause.rule}, which stays"
                self.record.findings[edit.unit, key_of(proposal.finding)] = reason
        return kept

    def _proposals(self) -> Iterator[Proposal]:
        for file in self.files:
            if file.document is None or file.refusal is not None:
                continue
            for unit in file.document.units:
                for finding, placed in self.view.findings.get(unit, ()):
                    key = key_of(finding)
                    if key in unit.banned or not self._allows(file, unit, finding):
                        continue
                    made_by = self._made_by(placed, file.document)
                    rule = self.catalogue.rules[finding.rule]
                    stays = self.view.caseless.get(finding.object)
                    if stays is not None and finding.rule in CASELESS_RULES:
                        self.record.findings[unit, key] = stays
                        continue
                    offer = propose(finding, placed, made_by, rule, self.wanted)
                    if isinstance(offer, Proposal) and self._sent_whole(file, offer):
                        offer = Refused(
                            "Liquibase sends its changeset whole: splitStatements:false"
                        )
                    if isinstance(offer, Refused):
                        self.record.findings[unit, key] = offer.reason
                    elif offer is not None and offer.edits:
                        yield offer

    @staticmethod
    def _sent_whole(file: File, proposal: Proposal) -> bool:
        """Whether several statements would stand where the tool sends all as one."""
        assert file.document is not None
        return file.tool.name == "liquibase" and any(
            f";{JOINT}" in edit.text
            and markers.sends_changeset_whole(file.document, edit.unit.start)
            for edit in proposal.edits
        )

    def _made_by(self, placed: Placed, document: Document) -> Placed | None:
        """The statement of the same file that made the table which another one alters."""
        table: object = placed.table
        if not isinstance(table, Table):
            return None
        maker = self.view.made.get(id(table.statement))
        if maker is None or maker.unit is placed.unit:
            return None
        if self.homes[maker.unit].document is not document:
            return None
        return Placed(maker.unit, maker.statement, maker.offset, table)

    def _fits(
        self,
        proposal: Proposal,
        taken: dict[Unit, list[tuple[int, int]]],
        ranks: dict[Unit, int],
    ) -> bool:
        """Whether a proposal goes with those chosen: apart from them, and of one kind."""
        for edit in proposal.edits:
            if edit.unit in taken and (edit.unit.one_by_one or ranks[edit.unit] != proposal.rank):
                return False
            for start, end in taken.get(edit.unit, ()):
                if edit.start < end and start < edit.end:
                    return False
                if edit.start == start and (edit.start == edit.end or start == end):
                    return False
        return True

    def _apply(self, chosen: list[Proposal]) -> list[_Change]:
        changes: list[_Change] = []
        by_unit: dict[Unit, list[Edit]] = {}
        for proposal in chosen:
            units = {edit.unit: edit.unit.current for edit in proposal.edits}
            joined = [
                change
                for change in changes
                if change.units.keys() & units.keys() or _go_together(change, proposal)
            ]
            change = _Change([proposal], units)
            for other in joined:
                change.proposals += other.proposals
                change.units.update(other.units)
                changes.remove(other)
            changes.append(change)
            for edit in proposal.edits:
                by_unit.setdefault(edit.unit, []).append(edit)
        for unit, edits in by_unit.items():
            self._write(unit, edits)
        return [c for c in changes if any(u.current != text for u, text in c.units.items())]

    def _write(self, unit: Unit, edits: Iterable[Edit]) -> None:
        file = self.homes[unit]
        assert file.document is not None
        for edit in sorted(edits, key=lambda e: (e.start, e.end), reverse=True):
            new = self._laid_out(file, unit, edit)
            unit.current = unit.current[: edit.start] + new + unit.current[edit.end :]

    def _laid_out(self, file: File, unit: Unit, edit: Edit) -> str:
        """Generated text with the file's line ends, the statement's indentation and, between
        statements, what the migration tool wants there."""
        document = file.document
        assert document is not None
        text = edit.text
        line = document.text.rfind("\n", 0, unit.start) + 1
        indent = document.text[line : unit.start]
        indent = indent if not indent.strip() else ""
        if file.tool.joint is not None and edit.end - edit.start > 1:
            joint = file.tool.joint(document.text, unit.start)
            text = text.replace(f";{JOINT}", f";\n{joint}{JOINT}").replace(f"\n{JOINT}", JOINT)
        text = text.replace(JOINT, f"\n{indent}")
        ends_line = document.text[unit.end : unit.end + 1] in ("", "\n", "\r")
        last = text.rsplit("\n", 1)[-1]
        if last.startswith("--") and edit.end >= len(unit.current) and not ends_line:
            text += "\n"
        return spelled(document, text)

    def _edit_blocks(self) -> list[_Change]:
        changes: list[_Change] = []
        if "review" not in self.wanted.dispositions:
            return changes
        for document, statements in self.view.statements.items():
            file = next(f for f in self.files if f.document is document)
            if file.refusal is not None:
                continue
            for block in blocks.blocks_of(statements):
                if block.begin.unit in self.record.blocks or not blocks.is_refused(block):
                    continue
                held = [
                    finding
                    for placed in block.inner
                    for finding, _ in self.view.findings.get(placed.unit, ())
                    if finding.rule in BLOCK_RULES and not self._allows(file, placed.unit, finding)
                ]
                if held:
                    continue
                reason = blocks.obstacle(block)
                if reason:
                    self.record.blocks[block.begin.unit] = reason
                    continue
                edits = blocks.split(block)
                units = dict.fromkeys([block.begin.unit, *(edit.unit for edit in edits)])
                change = _Change([], {u: u.current for u in units}, is_block=True)
                for unit in change.units:
                    self._write(unit, [e for e in edits if e.unit is unit])
                block.begin.unit.applied.append("multiple-ddl-per-transaction")
                changes.append(change)
        return changes

    # -- the second look ------------------------------------------------------------------------

    def _went_wrong(self, change: _Change, before: View) -> bool:
        """Whether a change broke a statement, left what it was for, or brought a new error."""
        for unit in change.units:
            if unit in self.view.broken and unit not in before.broken:
                return True
            old, new = before.errors(unit), self.view.errors(unit)
            if any(count > old[rule] for rule, count in new.items()):
                return True
        for proposal in change.proposals:
            if proposal.is_step:
                continue
            key = key_of(proposal.finding)
            units = [edit.unit for edit in proposal.edits]
            had = sum(before.errors(u)[proposal.finding.rule] for u in units)
            has = sum(self.view.errors(u)[proposal.finding.rule] for u in units)
            if has and has >= had and any(key in self.view.keys(unit) for unit in units):
                return True
        return False

    def _take_back(self, change: _Change) -> None:
        for unit, text in change.units.items():
            unit.current = text
        if change.is_block:
            unit = next(iter(change.units))
            self.record.blocks[unit] = "split, its parts would be refused"
            return
        if len(change.proposals) > 1 and not all(unit.one_by_one for unit in change.units):
            for unit in change.units:
                unit.one_by_one = True
            return
        self._ban(change)

    def _ban(self, change: _Change) -> None:
        for proposal in change.proposals:
            key = key_of(proposal.finding)
            for edit in proposal.edits:
                edit.unit.banned[key] = "its rewrite does not hold beside the rest of the file"
                self.record.findings[edit.unit, key] = edit.unit.banned[key]


def _go_together(change: _Change, proposal: Proposal) -> bool:
    """Whether one settles what the other follows from."""
    return any(
        other.goes_with is proposal.finding or proposal.goes_with is other.finding
        for other in change.proposals
    )
