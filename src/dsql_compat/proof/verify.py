"""From sources to a proof, on one screen."""

from __future__ import annotations

import contextlib
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple

import psycopg

from dsql_compat.catalog.model import Catalog, Table, View
from dsql_compat.findings import ObjectRef
from dsql_compat.pipeline import Progress
from dsql_compat.proof.catalogs import Key, Snapshot, read_catalog
from dsql_compat.proof.compare import Comparison, Difference, Open, compare
from dsql_compat.proof.data import compare_rows, events_of, play
from dsql_compat.proof.declared import Declarations, Declared, key_of
from dsql_compat.proof.faults import Faults
from dsql_compat.proof.load import Connection, Refused, connected, run
from dsql_compat.proof.probes import Sides
from dsql_compat.proof.roles import compare_roles
from dsql_compat.proof.server import Scratch, scratch_server
from dsql_compat.proof.session import SearchPath
from dsql_compat.proof.standins import install_standins
from dsql_compat.proof.statements import role_names, runnable
from dsql_compat.rewriting.build import rewrite_inputs
from dsql_compat.rewriting.choices import Wishes
from dsql_compat.rewriting.loading import write_rows
from dsql_compat.rewriting.model import Item, Rewrite
from dsql_compat.rewriting.references import needs
from dsql_compat.rewriting.row_log import RowLog
from dsql_compat.rules import Conversion
from dsql_compat.sources.files import Input, find_inputs, spooled
from dsql_compat.sources.reader import Reader
from dsql_compat.sql.names import Name
from dsql_compat.sql.statements import Statement, parse_statement, unchecked_nodes

Stage = Literal["source", "rewrite", "compare"]
OnStage = Callable[[Stage, int, int], None]


@dataclass(slots=True)
class Proof:
    """What was proved of one database.  It holds if `undeclared` is empty."""

    database: str | None
    server: str
    statements: tuple[int, int] = (0, 0)  # run of the source and of the rewrite
    compared: Counter[str] = field(default_factory=Counter)
    declared: list[Declared] = field(default_factory=list)
    undeclared: list[Difference] = field(default_factory=list)
    open: list[Open] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)

    @property
    def holds(self) -> bool:
        """Whether every difference was declared."""
        return not self.undeclared


def verify_inputs(
    inputs: list[Input],
    target: str = "latest",
    wishes: Wishes | None = None,
    server: str | None = None,
    on_progress: Progress | None = None,
    on_stage: OnStage | None = None,
    *,
    data: bool = False,
) -> list[Proof]:
    """Rewrite inputs and prove the result on a scratch server: a proof for each database.

    With `data` rows are loaded, too, and compared by counts and checksums.

    Raises InputError, TargetError, ChoiceError, DataError and ServerError.
    """
    with contextlib.ExitStack() as stack:
        if not data:
            rewrites = rewrite_inputs(inputs, target, wishes, on_progress)
            rows: list[Rows | None] = [None] * len(rewrites)
        else:
            inputs = stack.enter_context(spooled(inputs))
            log = RowLog()
            rewrites = rewrite_inputs(inputs, target, wishes, on_progress, log)
            home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dsqlv-")))
            folders = [(rewrite, home / str(n)) for n, rewrite in enumerate(rewrites)]
            write_rows(folders, inputs, log)
            rows = [Rows(inputs, folder / "load") for _, folder in folders]
        scratch = stack.enter_context(scratch_server(server))
        return [
            prove(scratch, rewrite, on_stage, more)
            for rewrite, more in zip(rewrites, rows, strict=True)
        ]


class Rows(NamedTuple):
    """Where rows come from: the source itself, and the files that `rewrite --data` writes."""

    inputs: list[Input]
    load: Path


def prove(
    scratch: Scratch,
    rewrite: Rewrite,
    on_stage: OnStage | None = None,
    rows: Rows | None = None,
) -> Proof:
    """Load a source and its rewrite into databases of their own and compare them."""
    report = on_stage or (lambda stage, done, total: None)
    items = [parse_statement(Statement(item.sql)) for item in rewrite.items]
    scratch.ensure_roles({*role_names(rewrite.statements), *role_names(items)})
    proof = Proof(rewrite.database, "shared" if scratch.is_shared else "embedded")
    try:
        place = scratch.create()
        standins = install_standins(scratch, place, rewrite.catalog)
        with (
            connected(place) as source,
            connected(scratch.create()) as result,
        ):
            faults = _load_source(source, rewrite, proof, scratch.is_shared, report, rows, standins)
            failed = _load_rewrite(result, rewrite.items, items, scratch.is_shared, report, rows)
            before, after = read_catalog(source), read_catalog(result)
            sides = Sides(source, result, before, after, _conversions(rewrite), _paths(rewrite))
            rows_found = Comparison()
            if rows is not None:
                compare_rows(source, result, rewrite, before, after, rows_found)
            steps = _steps(report, "compare", len(before.things))
            found = compare(sides, steps)
            found.differences += failed
            found.differences += planned_types(result, rewrite, after)
            found.differences += rows_found.differences
            found.open += rows_found.open
            found.compared += rows_found.compared
    finally:
        scratch.drop_all()
    compare_roles(rewrite, items, before, after, found, is_shared=scratch.is_shared)
    _settle(proof, rewrite, before, found, faults)
    proof.statements = (proof.statements[0], len(items))
    return proof


def _steps(report: OnStage, stage: Stage, total: int) -> Callable[[], None]:
    done = 0

    def step() -> None:
        nonlocal done
        done += 1
        report(stage, done, total)

    return step


# -- loading ------------------------------------------------------------------------------------


def _load_source(
    connection: Connection,
    rewrite: Rewrite,
    proof: Proof,
    is_shared: bool,
    report: OnStage,
    rows: Rows | None,
    standins: frozenset[str] = frozenset(),
) -> Faults:
    """Run the source; what PostgreSQL here does not take of it."""
    made = _made_by(rewrite.catalog)
    faults = Faults()
    step = _steps(report, "source", len(rewrite.statements))
    ran = 0
    path = SearchPath(connection)

    def refuse(words: str, refused: Refused) -> None:
        proof.open.append(Open(words, f"the source's own statement fails: {refused.message}"))

    def take(statement: Statement) -> None:
        nonlocal ran
        step()
        path.follow(statement.tree)
        sql, skip = runnable(statement, shared=is_shared, data=rows is not None)
        if skip == "unreadable":
            message = statement.problem.message if statement.problem else "it does not parse"
            refused: Refused | None = Refused("42601", message)
        elif skip is not None:
            proof.skipped[skip] += 1
            return
        elif getattr(statement.tree, "extname", None) in standins:
            return
        else:
            ran += 1
            refused = run(connection, sql)
        if refused is None:
            return
        refuse(" ".join(statement.excerpt.split())[:100], refused)
        refs = made.get(id(statement)) or _touched(rewrite.catalog, statement)
        faults.add(refused, map(key_of, refs))

    events = rewrite.statements if rows is None else events_of(rows.inputs, rewrite)
    play(connection, events, take, refuse)
    proof.statements = (ran, 0)
    return faults


def _load_rewrite(
    connection: Connection,
    items: list[Item],
    statements: list[Statement],
    is_shared: bool,
    report: OnStage,
    rows: Rows | None,
) -> list[Difference]:
    """Run the rewrite, rows between the two phases: whatever fails is a difference of its own."""
    failed: list[Difference] = []
    step = _steps(report, "rewrite", len(items))
    is_loaded = rows is None
    for item, statement in zip(items, statements, strict=True):
        step()
        if item.phase == "after-load" and not is_loaded and rows is not None:
            is_loaded = True
            failed += _load_rows(connection, rows.load)
        sql, skip = runnable(statement, shared=is_shared, data=True)
        if skip is not None and skip != "unreadable":
            continue
        refused = run(connection, sql)
        if refused is not None:
            key = key_of(item.ref)
            failed.append(Difference(key, item.ref.kind, "loads", "", refused.message))
    if not is_loaded and rows is not None:
        failed += _load_rows(connection, rows.load)
    return failed


def _load_rows(connection: Connection, folder: Path) -> list[Difference]:
    """Run the files of `rewrite --data`."""
    failed: list[Difference] = []

    def refuse(words: str, refused: Refused) -> None:
        key = Key("other", None, None, words, "statement")
        failed.append(Difference(key, "statement", "loads", "", refused.message))

    def take(statement: Statement) -> None:
        sql, skip = runnable(statement, shared=True, data=True)
        refused = run(connection, sql) if skip is None else None
        if refused is not None:
            refuse(" ".join(statement.excerpt.split())[:60], refused)

    for path in sorted(folder.glob("*.sql")):
        for source in find_inputs([str(path)]):
            with unchecked_nodes():
                play(connection, Reader(source, keep_rows=True), take, refuse)
    return failed


def _made_by(catalog: Catalog) -> dict[int, list[ObjectRef]]:
    """The objects of a catalog by the statement that made them."""
    made: dict[int, list[ObjectRef]] = {}
    for thing in _objects(catalog):
        made.setdefault(id(thing.statement), []).append(thing.ref)  # type: ignore[attr-defined]
    return made


def _objects(catalog: Catalog) -> Iterator[object]:
    yield from catalog.schemas.values()
    yield from catalog.types.values()
    yield from catalog.extensions.values()
    yield from catalog.others.values()
    for overloads in catalog.functions.values():
        yield from overloads
    for relation in catalog.relations.values():
        yield relation
        if isinstance(relation, Table):
            yield from relation.constraints.values()
            yield from relation.triggers.values()
        if isinstance(relation, Table | View):
            yield from relation.indexes.values()


def _touched(catalog: Catalog, statement: Statement) -> list[ObjectRef]:
    """The relations and types that a statement changes or names."""
    found: list[ObjectRef] = []
    for key in needs(catalog, statement.tree):
        match key.namespace:
            case "relation":
                found.append(ObjectRef("table", key.name.name, key.name.schema))
            case "type":
                found.append(ObjectRef("type", key.name.name, key.name.schema))
            case "function":
                found.append(ObjectRef("function", key.name.name, key.name.schema))
    return found


def _paths(rewrite: Rewrite) -> dict[Name, tuple[str, ...]]:
    """The search paths of functions that were not made under PostgreSQL's own."""
    made = (f for overloads in rewrite.catalog.functions.values() for f in overloads)
    return {function.name: function.path for function in made if function.path != ("public",)}


def _conversions(rewrite: Rewrite) -> dict[tuple[str | None, str | None, str], Conversion]:
    return {
        (table.name.schema or "public", table.name.name, column.source.name): column.conversion
        for table in rewrite.tables
        for column in table.columns
        if column.source is not None
    }


# -- types --------------------------------------------------------------------------------------


def planned_types(
    connection: Connection, rewrite: Rewrite, after: Snapshot
) -> Iterator[Difference]:
    """Columns of the result that are not of the type that the rewrite's own plan gives them."""
    for table in rewrite.tables:
        schema = table.name.schema or "public"
        there = after.columns(schema, table.name.name)
        for column in table.columns:
            thing = there.get(column.name)
            key = Key("column", schema, table.name.name, column.name)
            if thing is None:
                if there:
                    yield Difference(key, "column", "planned", column.type, None)
                continue
            planned = _type_shown(connection, column.type)
            if planned is not None and planned != thing.row["type"]:
                yield Difference(key, "column", "planned type", planned, thing.row["type"])


def _type_shown(connection: Connection, written: str) -> str | None:
    """A type as PostgreSQL prints it."""
    connection.execute("BEGIN")
    try:
        connection.execute("SET LOCAL search_path TO ''")
        connection.execute(f"CREATE TEMP TABLE dsql_compat_type (c {written})".encode())
        row = connection.execute(
            "SELECT format_type(atttypid, atttypmod) AS type FROM pg_attribute"
            " WHERE attrelid = 'pg_temp.dsql_compat_type'::regclass AND attnum = 1"
        ).fetchone()
        return row["type"] if row else None
    except psycopg.Error:
        return None
    finally:
        connection.execute("ROLLBACK")


# -- the verdict --------------------------------------------------------------------------------


def _settle(
    proof: Proof,
    rewrite: Rewrite,
    before: Snapshot,
    found: Comparison,
    faults: Faults,
) -> None:
    declarations = Declarations(rewrite, before, found.differences)
    proof.compared = found.compared
    proof.open += found.open
    for difference in sorted(found.differences, key=lambda d: d.aspect != "loads"):
        by = declarations.explain(difference)
        if by is not None:
            proof.declared.append(Declared(difference, by))
            continue
        reason = faults.explain(difference, before)
        if reason is not None:
            what = f"{difference.kind} {difference.key}: {difference.aspect}"
            proof.open.append(Open(what, reason, difference.key))
        else:
            proof.undeclared.append(difference)
