"""Foreign keys: added once the rows are there, so that any order of loading will do."""

from __future__ import annotations

from dsql_compat.catalog import model as source
from dsql_compat.rewriting.caseless_keys import reference_note
from dsql_compat.rewriting.folding import root_of
from dsql_compat.rewriting.model import Item, Key, Table
from dsql_compat.rewriting.numbering import referenced_columns
from dsql_compat.rewriting.work import Work
from dsql_compat.sql.names import Name, quote, quote_list

_ACTIONS = {"r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}


def rewrite_foreign_keys(work: Work) -> None:
    """ADD CONSTRAINT … NOT VALID, then VALIDATE, for every foreign key that can be kept."""
    order = {id(statement): number for number, statement in enumerate(work.statements)}
    constraints = [
        constraint
        for name in work.tables
        for table in [work.catalog.table(name)]
        if table is not None
        for constraint in (*table.constraints_of("foreign key"), *work.taken_over.get(name, ()))
    ]
    for constraint in sorted(constraints, key=lambda c: order.get(id(c.statement), 0)):
        _rewrite(work, constraint)


def _rewrite(work: Work, constraint: source.Constraint) -> None:
    if work.choices.foreign_keys == "app-checks":
        work.settle(constraint.ref, "left", "the application checks it", constraint.statement)
        return
    aim = work.catalog.table(constraint.referenced) if constraint.referenced else None
    target = work.tables.get(root_of(work, aim)) if aim is not None else None
    key = _referenced_key(work, constraint, target) if target is not None else None
    if target is None or isinstance(key, str):
        reason = key if isinstance(key, str) else f"{constraint.referenced} is not there"
        work.settle(constraint.ref, "left", reason, constraint.statement)
        return
    own, name = constraint.table.name, quote(constraint.name)
    added = f"ALTER TABLE {own} ADD CONSTRAINT {name} {definition(constraint, target)} NOT VALID"
    both = frozenset({Key("relation", own), Key("relation", target.name)} | (key or set()))
    made = Key("constraint", Name(str(own), constraint.name))
    problem = work.add(Item(constraint.ref, added, "after-load", made, both))
    if problem is not None:
        work.settle(constraint.ref, "left", "DSQL refuses it", constraint.statement, cause=problem)
        return
    if not constraint.not_valid:  # rows that break it may be there, and may stay
        validated = f"ALTER TABLE ASYNC {own} VALIDATE CONSTRAINT {name}"
        work.items.append(
            Item(constraint.ref, validated, "after-load", None, frozenset({made}), waits=True)
        )
    if aim is not None and aim.is_partition:
        what = f"refers to {target.name} now, where rows of other partitions would do, too"
        work.settle(constraint.ref, "changed", what)
        return
    note = reference_note(work, constraint)
    work.settle(constraint.ref, "changed" if note else "kept", note)


def _referenced_key(
    work: Work, constraint: source.Constraint, target: Table
) -> frozenset[Key] | str:
    """The unique index that a foreign key needs, none for a key of the table; or what lacks."""
    pairs = referenced_columns(work, constraint)
    own = work.tables[constraint.table.name]
    types = [(_type(own, mine.name), _type(target, theirs.name)) for mine, theirs in pairs]
    if not pairs or any(None in pair for pair in types):
        return "a column of it is not there"
    wanted = frozenset(theirs.name for _, theirs in pairs)
    keys = [c for c in target.constraints if c.kind in ("primary key", "unique")]
    if any(wanted == frozenset(c.columns) for c in keys):
        return frozenset()
    indexes = work.unique_indexes.get(target.name, ())
    index = next((made for columns, made in indexes if columns == wanted), None)
    if index is None:
        return f"no key of {target.name} over {quote_list(sorted(wanted))} to refer to"
    return frozenset({index})


def _type(table: Table, column: str) -> str | None:
    return next((c.type for c in table.columns if c.name == column), None)


def definition(constraint: source.Constraint, target: Table) -> str:
    """FOREIGN KEY (…) REFERENCES … with its actions."""
    node = constraint.node
    columns = constraint.referenced_columns
    words = f"FOREIGN KEY ({quote_list(constraint.columns)}) REFERENCES {target.name}"
    if columns:
        words += f" ({quote_list(columns)})"
    if node.fk_matchtype == "f":
        words += " MATCH FULL"
    if node.fk_upd_action in _ACTIONS:
        words += f" ON UPDATE {_ACTIONS[node.fk_upd_action]}"
    if node.fk_del_action in _ACTIONS:
        words += f" ON DELETE {_ACTIONS[node.fk_del_action]}"
        if node.fk_del_set_cols:
            words += f" ({quote_list(part.sval for part in node.fk_del_set_cols)})"
    if constraint.deferrable:
        words += " DEFERRABLE"
    if constraint.initially_deferred:
        words += " INITIALLY DEFERRED"
    return words
