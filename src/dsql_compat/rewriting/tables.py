"""Tables with their keys and checks inside CREATE TABLE; partitions become part of their root."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dsql_compat.catalog import model as source
from dsql_compat.findings import ObjectRef
from dsql_compat.rewriting.caseless_keys import takes_key
from dsql_compat.rewriting.columns import Columns
from dsql_compat.rewriting.expressions import settled_on
from dsql_compat.rewriting.folding import fold_constraints, root_of
from dsql_compat.rewriting.model import Column, Constraint, Item, Key, Table
from dsql_compat.rewriting.numbering import is_numbered
from dsql_compat.rewriting.query_tables import makes_from_query
from dsql_compat.rewriting.references import needs
from dsql_compat.rewriting.work import Work
from dsql_compat.sql.names import quote, quote_list
from dsql_compat.sql.statements import Statement, parse_statement

_KEYS = ("primary key", "unique")


def rewrite_tables(work: Work) -> None:
    """Decide every table of the catalog."""
    columns = Columns(work)
    for table in list(work.catalog.tables()):
        reason = _unfit(table)
        if table.is_partition:
            _absorb(work, table)
        elif reason:
            if not table.columns_known and makes_from_query(work, table):
                continue
            work.settle(table.ref, "left", reason, table.statement, key=_key(table))
        else:
            _rewrite(work, table, columns)
    for table in work.catalog.tables():
        if table.is_partition:
            _bring_rows(work, table)


def _unfit(table: source.Table) -> str:
    if table.kind == "foreign table":
        return "a foreign table: its rows are elsewhere"
    if table.persistence == "t":
        return "a temporary table"
    if not table.columns_known:
        return "its columns are not in the source: a query or another table decides them"
    return ""


def _key(table: source.Table) -> Key:
    return Key("relation", table.name)


def _absorb(work: Work, table: source.Table) -> None:
    root = root_of(work, table)
    work.settle(table.ref, "absorbed", f"its rows go to {root}", table.statement, key=_key(table))


def _bring_rows(work: Work, table: source.Table) -> None:
    target = work.tables.get(root_of(work, table))
    if target is not None:
        target.sources.append(table)


def _rewrite(work: Work, table: source.Table, columns: Columns) -> None:
    made = Table(table.name, [], sources=[table])
    for column in table.columns.values():
        new, checks = columns.rewritten(column)
        made.columns += new
        made.constraints += checks
        _settle_column(work, column, new, columns.sequences)
    taken_over = fold_constraints(work, table) if table.is_partitioned else []
    for constraint in [*table.constraints.values(), *taken_over]:
        if constraint.kind in (*_KEYS, "check"):
            _add_constraint(work, made, constraint)
        elif constraint.kind == "exclude":
            what = "DSQL has no exclusion constraints"
            work.settle(constraint.ref, "left", what, constraint.statement)
    work.taken_over[table.name] = [c for c in taken_over if c.kind == "foreign key"]
    for number, new_column in enumerate(made.columns):
        if work.lacks(_needs_of(work, new_column)) is not None:
            made.columns[number] = _without_default(work, new_column)
    most = next(x.value for x in work.run.catalogue.limits if x.key == "columns-per-table")
    if len(made.columns) > most:
        reason = f"{len(made.columns)} columns, and DSQL takes {most}"
        work.settle(table.ref, "left", reason, table.statement, key=_key(table))
        return
    _accept(work, table, made)


def _needs_of(work: Work, column: Column) -> frozenset[Key]:
    if column.source is None or (column.default is None and column.generated is None):
        return frozenset()
    return needs(work.catalog, column.source.default)


def _without_default(work: Work, column: Column) -> Column:
    assert column.source is not None
    work.settle(
        column.source.ref, "changed", "its default needs what is not there", column.source.statement
    )
    return Column(
        column.name,
        column.type,
        column.not_null,
        source=column.source,
        conversion=column.conversion,
    )


def _settle_column(
    work: Work,
    column: source.Column,
    new: list[Column],
    sequences: Mapping[ObjectRef, source.Sequence],
) -> None:
    if not new:
        work.settle(column.ref, "left", "no type of DSQL stands in for its own", column.statement)
    elif new[0].identity is None and is_numbered(work, column, sequences):
        what = f"{quote(new[0].name)} bigint; the numbers come from the application"
        work.settle(column.ref, "changed", what)
    elif new[0].identity is not None and not work.findings.get(column.ref):
        what = f"{quote(new[0].name)} {new[0].type}, an identity ({new[0].identity.options})"
        work.settle(column.ref, "changed", what)
    elif len(new) > 1 or new[0].conversion != "same" or work.findings.get(column.ref):
        types = ", ".join(f"{quote(c.name)} {c.type}" for c in new)
        work.settle(column.ref, "changed", types)


# -- keys and checks ----------------------------------------------------------------------------


def _add_constraint(work: Work, made: Table, constraint: source.Constraint) -> None:
    if constraint.kind == "check":
        _add_check(work, made, constraint)
        return
    present = {column.name for column in made.columns}
    if not set(constraint.columns) <= present:
        work.settle(constraint.ref, "left", "a column of it is not there", constraint.statement)
        return
    if takes_key(work, constraint):
        return
    words = "PRIMARY KEY" if constraint.kind == "primary key" else "UNIQUE"
    node = constraint.node
    if node.nulls_not_distinct:
        words += " NULLS NOT DISTINCT"
    definition = f"{words} ({quote_list(constraint.columns)})"
    if node.including:
        definition += f" INCLUDE ({quote_list(part.sval for part in node.including)})"
    made.constraints.append(
        Constraint(constraint.name, constraint.kind, definition, constraint.columns)
    )
    if constraint.deferrable:
        work.settle(constraint.ref, "changed", "checked at once, not deferrable")


def _add_check(work: Work, made: Table, constraint: source.Constraint) -> None:
    found = settled_on(work, constraint.node.raw_expr, constraint.table)
    if found.fails:
        work.settle(
            constraint.ref,
            "left",
            found.reason or "DSQL cannot evaluate it",
            constraint.statement,
            cause=found.problem,
        )
        return
    if found.applied or found.is_translated or found.notes:
        work.settle(constraint.ref, "changed", "; ".join([found.sql, *found.notes]))
    if constraint.not_valid:
        what = "holds for every row: those that break it, as NOT VALID let them, are not loaded"
        work.settle(constraint.ref, "changed", what)
    wanted = needs(work.catalog, constraint.node.raw_expr)
    made.constraints.append(
        Constraint(constraint.name, "check", f"CHECK ({found.sql})", constraint.columns, wanted)
    )


# -- CREATE TABLE -------------------------------------------------------------------------------


def _accept(work: Work, table: source.Table, made: Table) -> None:
    """Take the table, without the constraints that DSQL refuses."""
    while True:
        sql, key = create_table(made), _key(table)
        wanted = needs(work.catalog, parse_statement(Statement(sql)).tree) - {key}
        item = Item(made.ref, sql, makes=key, needs=wanted)
        problem = work.refusal(item.sql)
        if problem is None:
            work.items.append(item)
            work.tables[made.name] = made
            what = "; ".join(remarks(work, table, made))
            is_changed = what or work.findings.get(table.ref)
            work.settle(table.ref, "changed" if is_changed else "kept", what)
            return
        at_fault = next((c for c in made.constraints if c.name == problem.object.name), None)
        if at_fault is None:
            work.settle(
                table.ref,
                "left",
                "DSQL refuses it",
                table.statement,
                key=_key(table),
                cause=problem,
            )
            return
        made.constraints.remove(at_fault)
        ref = ObjectRef("constraint", at_fault.name, made.name.schema, made.name.name)
        given = table.constraints.get(at_fault.name)
        statements = (given.statement,) if given else ()
        reason = "DSQL refuses it"
        if at_fault.kind == "primary key":
            reason += f", so {made.name} has no primary key, and none can be added later"
        work.settle(ref, "left", reason, *statements, cause=problem)


def remarks(work: Work, table: source.Table, made: Table) -> Iterator[str]:
    """What a reader must know of a table that is there, beside its findings."""
    children = [t for t in work.catalog.tables() if not t.is_partition and table.name in t.parents]
    if children:
        names = ", ".join(str(child.name) for child in children)
        columns = quote_list(column.name for column in made.columns)
        union = " UNION ALL ".join(
            f"SELECT {columns} FROM {name}"  # noqa: S608 - names of the schema, quoted
            for name in (table.name, *(c.name for c in children))
        )
        yield (
            f"its queries no longer see the rows of {names}; "
            f"CREATE VIEW … AS {union} shows them together"
        )
    if table.parents and not table.is_partition:
        parents = ", ".join(map(str, table.parents))
        yield f"a table of its own: changes of {parents} no longer reach it"
    if table.primary_key is not None and not any(c.kind == "primary key" for c in made.constraints):
        yield "without a primary key, which can never be added: DSQL cannot hold the one it has"


def create_table(table: Table) -> str:
    """The statement, a column or constraint a line."""
    lines = [column_definition(column) for column in table.columns]
    lines += [
        f"CONSTRAINT {quote(constraint.name)} {constraint.definition}"
        for constraint in sorted(table.constraints, key=lambda c: _RANK.get(c.kind, 9))
    ]
    body = ",\n".join(f"    {line}" for line in lines)
    return f"CREATE TABLE {table.name} (\n{body}\n)"


_RANK = {"primary key": 0, "unique": 1, "check": 2}


def column_definition(column: Column) -> str:
    """A column as CREATE TABLE has it."""
    words = [quote(column.name), column.type]
    if column.storage is not None:
        words.append(f"STORAGE {column.storage}")
    if column.identity is not None:
        when = "ALWAYS" if column.identity.always else "BY DEFAULT"
        words.append(f"GENERATED {when} AS IDENTITY ({column.identity.options})")
        return " ".join(words)
    if column.generated is not None:
        words.append(f"GENERATED ALWAYS AS ({column.generated}) STORED")
    elif column.default is not None:
        words.append(f"DEFAULT {column.default}")
    if column.not_null:
        words.append("NOT NULL")
    return " ".join(words)
