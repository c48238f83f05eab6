"""Replacements for what a schema uses beside foreign keys and triggers."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator

from pglast import ast

from dsql_compat.findings import Finding
from dsql_compat.guide.application.model import Part
from dsql_compat.guide.application.pieces import part_of, places, sql_block
from dsql_compat.guide.application.python import literal as constant
from dsql_compat.guide.application.python import source_of
from dsql_compat.guide.application.queues import queue_module
from dsql_compat.guide.application.relations import key_of, pair
from dsql_compat.guide.application.trigger_code import OUTBOX
from dsql_compat.guide.application.values import json_text, numbers, search
from dsql_compat.report.markdown import code
from dsql_compat.rewriting.model import Rewrite
from dsql_compat.rewriting.printing import statement
from dsql_compat.sql.names import literal, quote
from dsql_compat.sql.walk import walk

JSONB = datetime.date(2026, 6, 5)  # jsonb columns
Maker = Callable[[Rewrite, list[Finding]], Part]


def other_parts(rewrite: Rewrite) -> Iterator[Part]:
    """A part for every such feature that was found."""
    for rules, maker in _MAKERS:
        found = [
            finding
            for findings in rewrite.findings.values()
            for finding in findings
            if finding.rule in rules
        ]
        if found:
            yield maker(rewrite, sorted(found, key=_place))


def _place(finding: Finding) -> tuple[str, int, int, str]:
    where = finding.span.statement.position(finding.span.start)
    return (finding.span.statement.outermost.source, where.line, where.column, finding.rule)


# -- locks, messages, queues --------------------------------------------------------------------

LEASES = """-- Who may do what, and until when.
CREATE TABLE application_leases (
    name varchar(200) PRIMARY KEY,
    holder varchar(200) NOT NULL,
    held_until timestamp with time zone NOT NULL
);
"""
_OUTBOX = f"""-- Messages of transactions; one index for the listeners.
CREATE TABLE {OUTBOX} (
    id uuid DEFAULT gen_random_uuid() PRIMARY KEY,
    channel varchar(63) NOT NULL,
    payload text DEFAULT '' NOT NULL,
    sent_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
CREATE INDEX ASYNC {OUTBOX}_sent ON {OUTBOX} (channel, sent_at);
"""


def _leases(rewrite: Rewrite, found: list[Finding]) -> Part:
    lines = [
        "DSQL has no advisory locks. A row in `application_leases` takes their place: `take` "
        "says whether the caller may go on, and a lease that nobody gives back ends by itself. "
        "A number that was hashed from a name becomes the name.",
        *places(found),
        "",
        "```python",
        "from application.leases import held",
        "",
        'with held(connection, "billing run", "worker 7", seconds=600) as is_mine:',
        "    if is_mine:",
        "        ...",
        "```",
    ]
    files = {"leases.py": source_of("leases"), "leases.sql": LEASES}
    return part_of("advisory-locks", "Advisory locks: leases", lines, found, files)


def _outbox(rewrite: Rewrite, found: list[Finding]) -> Part:
    lines = [
        f"DSQL has no LISTEN and NOTIFY. A message is a row of `{OUTBOX}` that the writing "
        "transaction inserts; a `Listener` asks for new ones and gives each once. For work that "
        "only one worker may do, claim rows of a queue instead.",
        *places(found),
        "",
        "```python",
        "from datetime import UTC, datetime",
        "from application.outbox import Listener",
        "",
        f"listener = Listener([{', '.join(_channels(found))}], since=datetime.now(UTC))",
        "for message in listener.poll(connection):",
        "    ...",
        "```",
    ]
    files = {"outbox.py": source_of("outbox"), "outbox.sql": _OUTBOX}
    return part_of("listen-notify", "LISTEN and NOTIFY: an outbox", lines, found, files)


def _channels(found: list[Finding]) -> list[str]:
    """The channels that LISTEN, NOTIFY and pg_notify name, as Python has them."""
    names: dict[str, None] = {}
    for finding in found:
        for node in walk(finding.span.statement.tree) if finding.span.statement.tree else ():
            if isinstance(node, ast.ListenStmt | ast.NotifyStmt):
                names[node.conditionname] = None
            elif isinstance(node, ast.FuncCall) and node.funcname[-1].sval == "pg_notify":
                first = node.args[0] if node.args else None
                value = getattr(getattr(first, "val", None), "sval", None)
                if value is not None:
                    names[value] = None
    return [constant(name) for name in sorted(names)] or ["…"]


def _queues(rewrite: Rewrite, found: list[Finding]) -> Part:
    made = queue_module(rewrite, found)
    lines = [
        "`SKIP LOCKED` is accepted and skips nothing: workers that ask at the same time get the "
        "same row, and all but one fail at COMMIT. `Queue.claim` picks one of the next rows by "
        "chance and takes it with an UPDATE; a claim ends by itself when a worker dies. With many "
        "workers, raise `CHOICE`.",
        *places(found),
        "",
        *made.notes,
    ]
    files = {"claims.py": source_of("claims")} | made.files
    return part_of("queues", "Queues: claim by UPDATE", lines, found, files)


# -- rows by the thousand -----------------------------------------------------------------------


def _batches(rewrite: Rewrite, found: list[Finding]) -> Part:
    lines = [
        "A transaction changes at most 3,000 rows, 10 MiB and lasts 5 minutes, and there is no "
        "TRUNCATE. `batches.py` deletes and updates in transactions of 1,000 rows; between them, "
        "others see a part of it done. In test suites, deleting the few rows of a test, or a "
        "schema of its own for each run, is faster than emptying every table.",
        *places(found),
        "",
        "```python",
        "from application.batches import delete_where, update_where",
        "",
        *_calls(rewrite, found),
        "```",
    ]
    files = {"batches.py": source_of("batches")}
    return part_of("batches", "TRUNCATE and large changes: batches", lines, found, files)


def _calls(rewrite: Rewrite, found: list[Finding]) -> Iterator[str]:
    """A call for each table that TRUNCATE or a large change names."""
    calls: dict[str, None] = {}
    for finding in found:
        tree = finding.span.statement.tree
        for node in getattr(tree, "relations", None) or [getattr(tree, "relation", None)]:
            if isinstance(node, ast.RangeVar):
                for table in rewrite.tables:
                    if table.name.name == node.relname and key_of(table):
                        key = list(key_of(table))
                        calls[f"delete_where(connection, {pair(table.name)!r}, {key!r})"] = None
    yield from calls or ["delete_where(connection, (…), […])"]


def _temporary(rewrite: Rewrite, found: list[Finding]) -> Part:
    lines = [
        "DSQL has no temporary tables. What one statement reads belongs into its WITH; what "
        "several read goes to a permanent table with a column for the run, which the end of the "
        "run deletes.",
        *places(found),
    ]
    script: dict[str, None] = {}
    for finding in found:
        tree = finding.span.statement.tree
        if isinstance(tree, ast.CreateTableAsStmt):
            name = quote(tree.into.rel.relname)
            query = statement(tree.query).replace("\n", "\n    ")
            script[f"WITH {name} AS (\n    {query}\n)\nSELECT * FROM {name};"] = None
    for sql in script:
        lines += sql_block(sql)
    files = {"temporary_tables.sql": "\n\n".join(script) + "\n"} if script else None
    return part_of("temporary-tables", "Temporary tables: WITH", lines, found, files)


def _refresh(rewrite: Rewrite, found: list[Finding]) -> Part:
    views = [v for v in rewrite.catalog.views() if v.kind == "materialized view"]
    there = {item.makes.name for item in rewrite.items if item.makes is not None}
    present = [v for v in views if v.name in there]
    content = "jsonb" if rewrite.report.target.date >= JSONB else "text"
    cast = "" if content == "jsonb" else "::jsonb"
    script = f"""-- Rows of the last runs, and which run readers see.
CREATE TABLE application_summaries (
    name varchar(200) NOT NULL,
    run varchar(36) NOT NULL,
    position bigint NOT NULL,
    content {content} NOT NULL,
    PRIMARY KEY (name, run, position)
);
CREATE TABLE application_summary_runs (
    name varchar(200) PRIMARY KEY,
    run varchar(36) NOT NULL,
    finished_at timestamp with time zone DEFAULT now() NOT NULL
);
"""
    for view in present:
        name = literal(".".join(pair(view.name)))
        script += f"""
-- {view.name} as of its last refresh
SELECT stored.*
FROM application_summary_runs AS last
JOIN application_summaries AS s ON s.name = last.name AND s.run = last.run
CROSS JOIN LATERAL jsonb_populate_record(NULL::{view.name}, s.content{cast}) AS stored
WHERE last.name = {name};
"""
    lines = [
        "DSQL has no materialized views; they are plain views here, computed at every read. Where "
        "that is too slow, `refresh.py` stores their rows, and a scheduled job calls it: readers "
        "see the last whole run. `refresh.sql` has the tables and the queries that read them.",
        "",
        *(
            f"- {code(str(view.name))}" + ("" if view in present else ": left behind")
            for view in views
        ),
        "",
        "```python",
        "from application.refresh import refresh",
        "",
        *(f"refresh(connection, {pair(view.name)!r})" for view in present),
        "```",
    ]
    files = {"refresh.py": source_of("refresh"), "refresh.sql": script}
    return part_of("materialized-views", "Materialized views: a refresh job", lines, found, files)


# -- transactions -------------------------------------------------------------------------------


def _transactions(rewrite: Rewrite, found: list[Finding]) -> Part:
    lines = [
        "Every transaction of DSQL is REPEATABLE READ, and there are no savepoints. Take "
        "`ISOLATION LEVEL` and `SAVEPOINT` out, turn nested transactions of the ORM off, and run "
        "each transaction as one function through `retry.run`.",
        "",
        "- What SERIALIZABLE guarded (two transactions read the same rows and write different "
        "ones) needs a row that both change, or `SELECT … FOR UPDATE` on the rows read.",
        "- What READ COMMITTED saw change in the middle of a transaction, it no longer sees: read "
        "again in a new one.",
        "- A savepoint around an INSERT that may fail becomes `ON CONFLICT DO NOTHING`; around a "
        "part that may be left out, two transactions.",
        *places(found),
        "",
        "```python",
        "import psycopg",
        "",
        "from application import retry",
        "",
        "order = retry.run(connection, place_order)",
        "try:  # what a savepoint kept apart",
        "    retry.run(connection, lambda c: send_voucher(c, order))",
        "except psycopg.IntegrityError:",
        "    pass  # the order stands",
        "```",
    ]
    return part_of("transactions", "Savepoints and isolation levels", lines, found)


_MAKERS: list[tuple[set[str], Maker]] = [
    ({"advisory-lock"}, _leases),
    ({"listen-notify"}, _outbox),
    ({"skip-locked"}, _queues),
    ({"truncate", "whole-table-change", "transaction-size"}, _batches),
    ({"temporary-table"}, _temporary),
    ({"sequence-function", "serial-column", "monotonic-key", "sequence-order"}, numbers),
    ({"materialized-view", "refresh-materialized-view"}, _refresh),
    ({"text-search-column", "text-search-function", "vector-column"}, search),
    ({"savepoint", "isolation-level", "set-transaction", "lock-table"}, _transactions),
]


def json_part(rewrite: Rewrite) -> Part | None:
    """JSON that is text now; None where it is not."""
    if rewrite.choices.json != "text":
        return None
    found = [
        finding
        for findings in rewrite.findings.values()
        for finding in findings
        if finding.rule in ("json-column", "jsonb-column")
    ]
    return json_text(rewrite, found) if found else None
