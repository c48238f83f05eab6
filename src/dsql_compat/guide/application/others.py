"""Replacements for what a schema uses beside foreign keys and triggers."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterator

from pglast import ast

from dsql_compat.findings import Finding
from dsql_compat.guide.application.model import Part
from dsql_compat.guide.application.python import source_of
from dsql_compat.guide.application.queues import queue_module
from dsql_compat.guide.application.relations import key_of, pair
from dsql_compat.guide.application.trigger_code import OUTBOX
from dsql_compat.report.markdown import code
from dsql_compat.rewriting.model import Rewrite
from dsql_compat.rewriting.printing import statement
from dsql_compat.sql.names import literal, quote, quote_list

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


def _part(
    key: str,
    title: str,
    lines: list[str],
    found: list[Finding],
    files: dict[str, str] | None = None,
) -> Part:
    ids = tuple(dict.fromkeys(finding.id for finding in found if finding.id))
    everything = {"retry.py": source_of("retry")} | (files or {})
    return Part(key, title, "\n".join([*lines, ""]), everything, ids)


def _places(found: list[Finding]) -> list[str]:
    """Where something was found, each object once."""
    named = dict.fromkeys(f"{f.object.kind} {code(str(f.object))}" for f in found)
    return ["", "Found in:", "", *(f"- {name}" for name in named)]


def _sql(text: str) -> list[str]:
    return ["", "```sql", text.strip(), "```"]


# -- locks, messages, queues --------------------------------------------------------------------

_LEASES = """-- Who may do what, and until when.
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
        *_places(found),
        "",
        "```python",
        "from application.leases import held",
        "",
        'with held(connection, "billing run", "worker 7", seconds=600) as is_mine:',
        "    if is_mine:",
        "        ...",
        "```",
    ]
    files = {"leases.py": source_of("leases"), "leases.sql": _LEASES}
    return _part("advisory-locks", "Advisory locks: leases", lines, found, files)


def _outbox(rewrite: Rewrite, found: list[Finding]) -> Part:
    lines = [
        f"DSQL has no LISTEN and NOTIFY. A message is a row of `{OUTBOX}` that the writing "
        "transaction inserts; a `Listener` asks for new ones and gives each once. For work that "
        "only one worker may do, claim rows of a queue instead.",
        *_places(found),
        "",
        "```python",
        "from datetime import UTC, datetime",
        "from application.outbox import Listener",
        "",
        'listener = Listener(["jobs"], since=datetime.now(UTC))',
        "for message in listener.poll(connection):",
        "    ...",
        "```",
    ]
    files = {"outbox.py": source_of("outbox"), "outbox.sql": _OUTBOX}
    return _part("listen-notify", "LISTEN and NOTIFY: an outbox", lines, found, files)


def _queues(rewrite: Rewrite, found: list[Finding]) -> Part:
    made = queue_module(rewrite, found)
    lines = [
        "`SKIP LOCKED` is accepted and skips nothing: workers that ask at the same time get the "
        "same row, and all but one fail at COMMIT. `Queue.claim` picks one of the next rows by "
        "chance and takes it with an UPDATE; a claim ends by itself when a worker dies. With many "
        "workers, raise `CHOICE`.",
        *_places(found),
        "",
        *made.notes,
    ]
    files = {"claims.py": source_of("claims")} | made.files
    return _part("queues", "Queues: claim by UPDATE", lines, found, files)


# -- rows by the thousand -----------------------------------------------------------------------


def _batches(rewrite: Rewrite, found: list[Finding]) -> Part:
    lines = [
        "A transaction changes at most 3,000 rows, 10 MiB and lasts 5 minutes, and there is no "
        "TRUNCATE. `batches.py` deletes and updates in transactions of 1,000 rows; between them, "
        "others see a part of it done. In test suites, deleting the few rows of a test, or a "
        "schema of its own for each run, is faster than emptying every table.",
        *_places(found),
        "",
        "```python",
        "from application.batches import delete_where, update_where",
        "",
        *_calls(rewrite, found),
        "```",
    ]
    files = {"batches.py": source_of("batches")}
    return _part("batches", "TRUNCATE and large changes: batches", lines, found, files)


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
        *_places(found),
    ]
    for finding in found:
        tree = finding.span.statement.tree
        if isinstance(tree, ast.CreateTableAsStmt):
            name = quote(tree.into.rel.relname)
            query = statement(tree.query).replace("\n", "\n    ")
            lines += _sql(f"WITH {name} AS (\n    {query}\n)\nSELECT * FROM {name};")
    return _part("temporary-tables", "Temporary tables: WITH", lines, found)


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
    return _part("materialized-views", "Materialized views: a refresh job", lines, found, files)


# -- numbers, texts, searches -------------------------------------------------------------------


def _numbers(rewrite: Rewrite, found: list[Finding]) -> Part:
    tables = [(t, c) for t in rewrite.tables for c in t.columns if c.identity is not None]
    lines = []
    readers = _number_readers(rewrite)
    if readers or any(finding.rule == "serial-column" for finding in found):
        lines += [
            "`currval` and `lastval` ask for a number that the same connection drew before; "
            "behind a pool, or after a retry, it is another connection or another number. Ask "
            "the INSERT:",
        ]
        for table, column in tables[:3]:
            name = quote(column.name)
            lines += _sql(f"INSERT INTO {table.name} (…) VALUES (…) RETURNING {name};")
        lines.append("")
    if readers:
        lines += ["Read by:", "", *(f"- {reader}" for reader in readers), ""]
    if tables:
        names = ", ".join(
            f"{code(str(table.name) + '.' + quote(column.name))}" for table, column in tables
        )
        lines += [f"Columns that draw numbers: {names}.", ""]
    lines += [
        "Where thousands of rows a second go in, let the key be a uuid: numbers of a sequence "
        "with CACHE 1 are handed out one by one, and rows with neighbouring keys are neighbours in "
        "storage. In a new table:",
        *_sql("id uuid DEFAULT gen_random_uuid() PRIMARY KEY"),
    ]
    return _part("numbers", "Sequences: RETURNING and uuid", lines, found)


def _number_readers(rewrite: Rewrite) -> list[str]:
    """The routines that ask for the number drawn last."""
    return [
        f"{function.kind} {code(str(function.name))}"
        for functions in rewrite.catalog.functions.values()
        for function in functions
        if re.search(r"\b(currval|lastval)\s*\(", function.statement.text, re.I)
    ]


def _json_text(rewrite: Rewrite, found: list[Finding]) -> Part:
    columns = [
        (table, column)
        for table in rewrite.tables
        for column in table.columns
        if column.conversion == "text" and _was_json(column.source)
    ]
    lines = [
        "These columns hold JSON as text. Operators need a cast, values of Python go in through "
        "`json.dumps`, and nothing but the cast says whether a text is JSON.",
        "",
    ]
    for table, column in columns:
        lines.append(f"- {code(str(table.name) + '.' + quote(column.name))}")
    for table, column in columns[:2]:
        name = quote(column.name)
        lines += _sql(
            f"SELECT {name}::jsonb ->> 'key' FROM {table.name} WHERE {name}::jsonb @> $1::jsonb;"
        )
    lines += [
        "",
        "A key that queries look for becomes a column of its own with an index: the cast of every "
        "row is a scan of the table.",
    ]
    return _part("json-text", "JSON in text columns", lines, found)


def _was_json(column: object) -> bool:
    node = getattr(column, "type", None)
    return node is not None and node.names[-1].sval in ("json", "jsonb")


def _search(rewrite: Rewrite, found: list[Finding]) -> Part:
    tables = {f.object.table or f.object.name: f.object.schema for f in found}
    texts = []
    for table in rewrite.tables:
        if table.name.name in tables:
            names = [c.name for c in table.columns if c.type.split("(")[0] in ("text", "varchar")]
            if names:
                texts.append((table, names))
    lines = [
        "DSQL has no index for words or vectors and no text search configuration but `simple`. "
        "Searches over more than some thousand rows belong into a search service, fed from the "
        "outbox or a change stream, with the primary key as its document id; DSQL then reads the "
        "hits by key. The query to start with reads every row of its condition, so narrow it "
        "first, by tenant or by date:",
    ]
    script = []
    for table, names in texts:
        joined = " || ' ' || ".join(f"coalesce({quote(name)}, '')" for name in names)
        key = quote_list(key_of(table) or tuple(names[:1]))
        script.append(
            f"SELECT {key} FROM {table.name}\n"
            f"WHERE to_tsvector('simple', {joined}) @@ plainto_tsquery('simple', $1)\n"
            f"LIMIT 20;"
        )
    lines += _sql("\n\n".join(script)) if script else []
    files = {"search.sql": "\n\n".join(script) + "\n"} if script else None
    return _part("search", "Full-text and vector search", [*lines, *_places(found)], found, files)


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
        *_places(found),
    ]
    return _part("transactions", "Savepoints and isolation levels", lines, found)


_MAKERS: list[tuple[set[str], Maker]] = [
    ({"advisory-lock"}, _leases),
    ({"listen-notify"}, _outbox),
    ({"skip-locked"}, _queues),
    ({"truncate", "whole-table-change", "transaction-size"}, _batches),
    ({"temporary-table"}, _temporary),
    ({"sequence-function", "serial-column", "monotonic-key", "sequence-order"}, _numbers),
    ({"materialized-view", "refresh-materialized-view"}, _refresh),
    ({"text-search-column", "text-search-function", "vector-column"}, _search),
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
    return _json_text(rewrite, found) if found else None
