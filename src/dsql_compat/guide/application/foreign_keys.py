"""Foreign keys that the application checks, and advice about those that DSQL checks."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterator

from dsql_compat.guide.application.model import Part
from dsql_compat.guide.application.python import literal, module, source_of
from dsql_compat.guide.application.relations import Relation, key_of, pair, relations
from dsql_compat.guide.application.triggers import trigger_modules
from dsql_compat.guide.words import plural
from dsql_compat.report.markdown import code
from dsql_compat.rewriting.model import Rewrite
from dsql_compat.sql.names import Name, quote, quote_list

KEY_SHARE = datetime.date(2026, 8, 25)  # FOR KEY SHARE
ANY_LOCK = datetime.date(2026, 8, 24)  # FOR UPDATE by other columns than the primary key
MOST_ROWS = 3000
HOT = 3  # relations to one table from which on it is named as a busy parent


def foreign_key_parts(rewrite: Rewrite) -> Iterator[Part]:
    """The part for relations the application checks, and the one for those that DSQL checks."""
    found = relations(rewrite)
    checked = [relation for relation in found if not relation.is_kept]
    kept = [relation for relation in found if relation.is_kept]
    if checked:
        yield _checked(rewrite, checked)
    if kept:
        yield _kept(rewrite, kept)


def lock(rewrite: Rewrite) -> str:
    """The clause that holds on to a row at the target."""
    return "FOR KEY SHARE" if rewrite.report.target.date >= KEY_SHARE else "FOR UPDATE"


def _ids(rewrite: Rewrite, listed: list[Relation]) -> tuple[str, ...]:
    return tuple(
        finding.id
        for relation in listed
        for finding in rewrite.findings.get(relation.ref, [])
        if finding.id
    )


# -- checked by the application -----------------------------------------------------------------


def _checked(rewrite: Rewrite, listed: list[Relation]) -> Part:
    clause = lock(rewrite)
    by_key = rewrite.report.target.date < ANY_LOCK
    files = {
        "retry.py": source_of("retry"),
        "rows.py": source_of("rows"),
        "checks.py": source_of("checks"),
        **trigger_modules(rewrite),
        "foreign_keys.py": _module(listed, clause, by_key=by_key),
        "foreign_keys.sql": _script(listed, clause, by_key=by_key),
    }
    lines = [
        _who_checks(len(listed)),
        "",
        "| Foreign key | From | To | On delete | On update | Of note |",
        "|---|---|---|---|---|---|",
        *(_row(relation) for relation in listed),
        "",
        *_how(clause, listed),
        *_example(listed[0]),
        "**Every night**, run the orphan queries of `foreign_keys.sql`. They must find nothing; "
        "what they find was written by code that goes around the checks.",
        "",
    ]
    return Part(
        "foreign-keys",
        "Foreign keys checked by the application",
        "\n".join(lines),
        files,
        _ids(rewrite, listed),
    )


def _who_checks(number: int) -> str:
    one = number == 1
    them = "it" if one else "them"
    return (
        f"{plural(number, 'foreign key')} {'is' if one else 'are'} not in the database: the "
        f"application keeps {'this relation' if one else 'these relations'} whole. "
        f"`foreign_keys.py` names {them}, `checks.py` is what PostgreSQL did for {them}, and "
        "`foreign_keys.sql` has the same as SQL for other languages."
    )


def _row(relation: Relation) -> str:
    return (
        f"| {code(relation.name)} "
        f"| {code(str(relation.table.name))} ({code(quote_list(relation.columns))}) "
        f"| {code(str(relation.parent.name))} ({code(quote_list(relation.parent_columns))}) "
        f"| {relation.on_delete} | {relation.on_update} | {', '.join(_notes(relation))} |"
    )


def _notes(relation: Relation) -> Iterator[str]:
    if len(relation.columns) > 1:
        yield "composite"
    if relation.table is relation.parent:
        yield "refers to its own table"
    if relation.deferred:
        yield "checked before COMMIT"
    if relation.match_full:
        yield "MATCH FULL"
    if not relation.is_indexed:
        yield "no index leads with its columns"


def _how(clause: str, listed: list[Relation]) -> Iterator[str]:
    yield (
        f"- **Insert and update** look for the parent with `SELECT … {clause}`. It waits for "
        "nobody. If another transaction deletes that parent before this one commits, one of both "
        "fails with 40001, and `retry.run` does it again: a deleted parent cannot get a new child."
    )
    if clause == "FOR UPDATE":
        yield (
            "- At this date there is no `FOR KEY SHARE`: two inserts for the same parent conflict, "
            "too, and one of them runs again. Keep transactions that insert children short."
        )
    rules = Counter(relation.on_delete for relation in listed)
    if rules["RESTRICT"] or rules["NO ACTION"]:
        yield "- **RESTRICT and NO ACTION** refuse the delete with `ForeignKeyError`."
    if rules["CASCADE"]:
        yield (
            f"- **CASCADE** takes the children along. Up to {MOST_ROWS:,} rows it is one "
            "transaction, as before. Above that, `checks.delete` first makes sure that nothing "
            "forbids it, then works from the farthest rows upwards in transactions below the "
            "limit: readers see it happen, and after a crash it goes on when called again."
        )
    if rules["SET NULL"] or rules["SET DEFAULT"]:
        yield "- **SET NULL and SET DEFAULT** free the children first, in batches where needed."
    if any(relation.deferred for relation in listed):
        yield (
            "- **INITIALLY DEFERRED** keys are checked by `finish()`, which `in_transaction` calls "
            "before COMMIT: rows that refer to each other can go in in any order."
        )
    yield (
        "- What is written another way (psql, a bulk load, an UPDATE of many rows) is not checked. "
        "Send writes of these tables through `CheckedRows`, one place for each table."
    )
    yield ""


def _example(relation: Relation) -> list[str]:
    child, parent = pair(relation.table.name), pair(relation.parent.name)
    values = ", ".join(f'"{c}": …' for c in relation.columns)
    key = ", ".join(f'"{c}": …' for c in key_of(relation.parent) or relation.parent_columns)
    return [
        "```python",
        "from application.checks import delete, in_transaction",
        "from application.foreign_keys import SCHEMA",
        "",
        f"child, parent = {child!r}, {parent!r}",
        f"in_transaction(connection, SCHEMA, lambda rows: rows.insert(child, {{{values}, …}}))",
        f"delete(connection, SCHEMA, parent, {{{key}}})",
        "```",
        "",
    ]


def _module(listed: list[Relation], clause: str, *, by_key: bool) -> str:
    lines = [
        "from __future__ import annotations",
        "",
        "from .checks import ForeignKey, Schema",
        "from .tables import TABLES",
        "from .triggers import TRIGGERS",
        "",
        "FOREIGN_KEYS = (",
    ]
    for relation in listed:
        lines += ["    ForeignKey(", *_arguments(relation, by_key=by_key), "    ),"]
    lines += [")", f"SCHEMA = Schema(TABLES, FOREIGN_KEYS, TRIGGERS, {literal(clause)})"]
    return module("The relations of this database that the application keeps whole.", lines)


def _arguments(relation: Relation, *, by_key: bool) -> Iterator[str]:
    yield f"        name={literal(relation.name)},"
    yield f"        table={literal(pair(relation.table.name))},"
    yield f"        columns={literal(relation.columns)},"
    yield f"        parent={literal(pair(relation.parent.name))},"
    yield f"        parent_columns={literal(relation.parent_columns)},"
    if relation.on_delete != "NO ACTION":
        yield f"        on_delete={literal(relation.on_delete)},"
    if relation.on_update != "NO ACTION":
        yield f"        on_update={literal(relation.on_update)},"
    for name, is_so in (
        ("match_full", relation.match_full),
        ("deferred", relation.deferred),
        ("lock_by_key", by_key and not relation.is_to_key and bool(key_of(relation.parent))),
        ("unlocked", by_key and not key_of(relation.parent)),
    ):
        if is_so:
            yield f"        {name}=True,"
    if relation.set_columns:
        yield f"        set_columns={literal(relation.set_columns)},"


# -- as SQL -------------------------------------------------------------------------------------


def _script(listed: list[Relation], clause: str, *, by_key: bool) -> str:
    return "\n".join(
        [
            "-- The checks of the application as SQL.  $1, $2 … are values of the key.",
            "-- Each block belongs into the transaction of the write, which is repeated on 40001.",
            "",
            *(line for relation in listed for line in _block(relation, clause, by_key=by_key)),
        ]
    )


def _block(relation: Relation, clause: str, *, by_key: bool) -> Iterator[str]:
    child, parent = relation.table.name, relation.parent.name
    arrow = f"{child} ({quote_list(relation.columns)}) -> {parent}"
    yield f"-- {' '.join(relation.name.split())}: {' '.join(arrow.split())}"
    words = f"ON DELETE {relation.on_delete} ON UPDATE {relation.on_update}"
    yield f"-- {words}{' MATCH FULL' if relation.match_full else ''}"
    yield ""
    yield "-- Insert, or update of the key: one row, or there is no such parent."
    yield from _hold(relation, clause, by_key=by_key)
    yield ""
    yield from _delete_rule(relation)
    yield ""
    yield "-- Every night: rows that refer to nothing."
    yield f"{orphans(relation)};"
    yield ""


def _hold(relation: Relation, clause: str, *, by_key: bool) -> Iterator[str]:
    match = _match(relation.parent_columns)
    key = key_of(relation.parent)
    if by_key and not key:
        yield "-- (without a primary key, nothing holds on to it at this date)"
        yield f"SELECT 1 FROM {relation.parent.name} WHERE {match};"
        return
    if not by_key or relation.is_to_key:
        yield f"SELECT 1 FROM {relation.parent.name} WHERE {match} {clause};"
        return
    yield "-- (its primary key first: at this date FOR UPDATE takes rows by nothing else)"
    yield f"SELECT {quote_list(key)} FROM {relation.parent.name} WHERE {match};"
    yield f"SELECT 1 FROM {relation.parent.name} WHERE {_match(key)} {clause};"


def _match(columns: tuple[str, ...]) -> str:
    return " AND ".join(f"{quote(c)} = ${n}" for n, c in enumerate(columns, 1))


def _delete_rule(relation: Relation) -> Iterator[str]:
    """What comes before the DELETE of a parent with the values $1 …"""
    child, match = relation.table.name, _match(relation.columns)
    key = key_of(relation.table)
    some = f"SELECT {quote_list(key)} FROM {child} WHERE {match} LIMIT 1000"
    names = quote_list(key) if len(key) == 1 else f"({quote_list(key)})"
    within = f"{names} IN ({some})" if key else match
    if relation.on_delete == "CASCADE":
        yield "-- Delete of the parent: its children first, again until no row goes."
        yield f"DELETE FROM {child} WHERE {within};"
    elif relation.on_delete in ("SET NULL", "SET DEFAULT"):
        value = relation.on_delete.removeprefix("SET ")
        pairs = ", ".join(f"{quote(c)} = {value}" for c in relation.set_columns or relation.columns)
        yield "-- Delete of the parent: its children are freed first, again until no row changes."
        yield f"UPDATE {child} SET {pairs} WHERE {within};"
    else:
        yield "-- Delete of the parent: refused if this finds a row."
        yield f"SELECT 1 FROM {child} WHERE {match} LIMIT 1;"


def orphans(relation: Relation) -> str:
    """A query for the children without a parent."""
    present = " AND ".join(f"c.{quote(c)} IS NOT NULL" for c in relation.columns)
    some = " OR ".join(f"c.{quote(c)} IS NULL" for c in relation.columns)
    join = " AND ".join(
        f"p.{quote(p)} = c.{quote(c)}"
        for c, p in zip(relation.columns, relation.parent_columns, strict=True)
    )
    lonely = f"{present} AND NOT EXISTS (SELECT 1 FROM {relation.parent.name} p WHERE {join})"
    if relation.match_full and len(relation.columns) > 1:
        any_value = " OR ".join(f"c.{quote(c)} IS NOT NULL" for c in relation.columns)
        lonely = f"({lonely}) OR (({some}) AND ({any_value}))"
    columns = ", ".join(f"c.{quote(c)}" for c in key_of(relation.table) or relation.columns)
    return f"SELECT {columns} FROM {relation.table.name} c WHERE {lonely}"


# -- kept ---------------------------------------------------------------------------------------


def _kept(rewrite: Rewrite, listed: list[Relation]) -> Part:
    hot = _hot(listed)
    lines = [
        f"DSQL checks {plural(len(listed), 'foreign key')} itself. It waits for nobody: an "
        "insert and a delete of its parent at the same time end with 40001 for one of them, so "
        "every transaction goes through `retry.run`. Rows that a cascade changes count toward the "
        f"{MOST_ROWS:,} of a transaction.",
        "",
    ]
    files = {"retry.py": source_of("retry")}
    advice = [line for relation in listed for line in _advice(relation, listed)]
    if advice:
        lines += ["| Foreign key | Advice |", "|---|---|", *advice, ""]
    if hot:
        lines += [
            "Busy parents: each insert of a child depends on the parent's row, and a change of "
            "that row's key or its delete makes one side run again.",
            "",
            *(f"- {code(str(name))}: {count} relations refer to it" for name, count in hot),
            "",
        ]
    cascades = [r for r in listed if r.on_delete in ("CASCADE", "SET NULL", "SET DEFAULT")]
    if cascades:
        files["large_deletes.sql"] = _large_deletes(cascades)
        lines += [
            "`large_deletes.sql` empties a parent's children in batches before the parent goes. "
            "Run it where the count at the head of a block comes near the limit.",
            "",
        ]
    title = "Foreign keys that DSQL checks"
    return Part("foreign-keys-kept", title, "\n".join(lines), files, _ids(rewrite, listed))


def _hot(listed: list[Relation]) -> list[tuple[Name, int]]:
    counted = Counter(r.parent.name for r in listed if r.parent is not r.table)
    return [(name, count) for name, count in counted.most_common() if count >= HOT]


def _advice(relation: Relation, listed: list[Relation]) -> Iterator[str]:
    advice: list[str] = []
    if relation.on_delete in ("CASCADE", "SET NULL", "SET DEFAULT"):
        rows = sum(source.data.rows for source in relation.table.sources)
        steps = _depth(relation, listed)
        what = f"{relation.on_delete} reaches {plural(steps, 'step')} down"
        if rows:
            is_safe = rows < MOST_ROWS and steps == 1
            what += f"; {code(str(relation.table.name))} has {plural(rows, 'row')}"
            what += ", so it stays below the limit for now" if is_safe else ""
        advice.append(what)
    if not relation.is_indexed:
        sql = f"CREATE INDEX ASYNC ON {relation.table.name} ({quote_list(relation.columns)})"
        advice.append(
            "no index leads with its columns, so a delete in the parent reads the whole child: "
            + code(sql, 400)
        )
    if relation.deferred:
        advice.append("checked at COMMIT: the error comes there, not at the statement")
    if advice:
        yield f"| {code(str(relation.name))} | {'; '.join(advice)} |"


def _depth(relation: Relation, listed: list[Relation]) -> int:
    """How many tables down a delete of the parent reaches through this relation."""
    seen, edge, steps = {relation.parent.name}, [relation], 0
    while edge:
        steps += 1
        tables = {r.table.name for r in edge if r.on_delete == "CASCADE"} - seen
        seen |= tables
        edge = [r for r in listed if r.parent.name in tables and r.on_delete not in _REFUSALS]
    return steps


_REFUSALS = ("RESTRICT", "NO ACTION")


def _large_deletes(listed: list[Relation]) -> str:
    lines = [
        "-- Large deletes with foreign keys in place.  $1, $2 … are the values of the parent's",
        "-- key.  Each statement is a transaction of its own: repeat it until no row changes.",
        "",
    ]
    for relation in listed:
        lines += [
            f"-- {' '.join(relation.name.split())}: how many?",
            f"SELECT count(*) FROM {relation.table.name} WHERE {_match(relation.columns)};",
            *_delete_rule(relation),
            "",
        ]
    return "\n".join(lines)
