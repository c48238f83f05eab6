"""Numbers of sequences, JSON in texts, and searches: values that are asked for otherwise now."""

from __future__ import annotations

import re

from dsql_compat.findings import Finding
from dsql_compat.guide.application.model import Part
from dsql_compat.guide.application.pieces import part_of, place, places, sql_block
from dsql_compat.guide.application.relations import key_of
from dsql_compat.guide.words import all_listed
from dsql_compat.report.markdown import code
from dsql_compat.rewriting.model import Rewrite, Table
from dsql_compat.sql.names import quote, quote_list


def numbers(rewrite: Rewrite, found: list[Finding]) -> Part:
    """Numbers drawn by INSERT, and who asks for them afterwards."""
    tables = [(t, c) for t in rewrite.tables for c in t.columns if c.identity is not None]
    readers = _number_readers(rewrite, found)
    inserts = [_insert(table, column.name) for table, column in tables]
    lines = []
    if readers or any(finding.rule == "serial-column" for finding in found):
        lines += [
            "`currval` and `lastval` ask for a number that the same connection drew before; "
            "behind a pool, or after a retry, it is another connection or another number. Ask "
            "the INSERT"
            + (": `numbers.sql` has one for each of these tables." if inserts else "."),
        ]
        for insert in inserts[:2]:
            lines += sql_block(insert)
        lines.append("")
    if readers:
        lines += ["Read by:", "", *(f"- {reader}" for reader in readers), ""]
    if tables:
        names = all_listed(
            [str(table.name) + "." + quote(column.name) for table, column in tables], 12
        )
        lines += [f"Columns that draw numbers: {names}.", ""]
    lines += [
        "Where thousands of rows a second go in, let the key be a uuid: numbers of a sequence "
        "with CACHE 1 are handed out one by one, and rows with neighbouring keys are neighbours in "
        "storage. In a new table:",
        *sql_block("id uuid DEFAULT gen_random_uuid() PRIMARY KEY"),
    ]
    files = {"numbers.sql": "\n".join(inserts)} if inserts else None
    return part_of("numbers", "Sequences: RETURNING and uuid", lines, found, files)


def _insert(table: Table, drawn: str) -> str:
    """An INSERT of what a row must have, which gives back the number it got."""
    given = [
        column.name
        for column in table.columns
        if column.name != drawn
        and column.not_null
        and column.default is None
        and column.generated is None
        and column.identity is None
    ]
    key = {name for name in key_of(table) if name != drawn}
    named = [c.name for c in table.columns if c.name in given or (c.name in key and not c.default)]
    named = [name for name in named if name != drawn]
    marks = ", ".join(f"${number}" for number in range(1, len(named) + 1))
    values = f"({quote_list(named)}) VALUES ({marks})" if named else "DEFAULT VALUES"
    return f"INSERT INTO {table.name} {values} RETURNING {quote(drawn)};\n"


_READ = re.compile(r"\b(currval|lastval)\s*\(", re.I)


def _number_readers(rewrite: Rewrite, found: list[Finding]) -> list[str]:
    """The routines, and the statements of the workload, that ask for the number drawn last."""
    readers = [
        f"{function.kind} {code(str(function.name))}"
        for functions in rewrite.catalog.functions.values()
        for function in functions
        if _READ.search(function.statement.text)
    ]
    sent = [
        place(finding)
        for finding in found
        if finding.object.kind not in ("function", "procedure")
        and _READ.search(finding.span.statement.outermost.text)
    ]
    return list(dict.fromkeys([*readers, *sent]))


def json_text(rewrite: Rewrite, found: list[Finding]) -> Part:
    """Columns of JSON that are text now."""
    columns = [
        (table, column)
        for table in rewrite.tables
        for column in table.columns
        if column.type == "text" and _was_json(column.source)
    ]
    lines = [
        "These columns hold JSON as text. Operators need a cast, values of Python go in through "
        "`json.dumps`, and nothing but the cast says whether a text is JSON.",
        "",
    ]
    for table, column in columns:
        lines.append(f"- {code(str(table.name) + '.' + quote(column.name))}")
    script = []
    for table, column in columns:
        name, key = quote(column.name), key_of(table)
        script.append(
            f"SELECT {name}::jsonb ->> 'key' FROM {table.name} WHERE {name}::jsonb @> $1::jsonb;"
        )
        if key:
            where = " AND ".join(f"{quote(k)} = ${n}" for n, k in enumerate(key, 3))
            script.append(
                f"UPDATE {table.name}\n"
                f"SET {name} = jsonb_set({name}::jsonb, ARRAY[$1::text], $2::jsonb)::text\n"
                f"WHERE {where};"
            )
    for sql in script[:2]:
        lines += sql_block(sql)
    lines += [
        "",
        "`json_text.sql` has these for every column. A key that queries look for becomes a column "
        "of its own with an index: the cast of every row is a scan of the table.",
    ]
    files = {"json_text.sql": "\n\n".join(script) + "\n"} if script else None
    return part_of("json-text", "JSON in text columns", lines, found, files)


def _was_json(column: object) -> bool:
    node = getattr(column, "type", None)
    return node is not None and node.names[-1].sval in ("json", "jsonb")


def search(rewrite: Rewrite, found: list[Finding]) -> Part:
    """Searches for words and vectors."""
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
    lines += sql_block("\n\n".join(script)) if script else []
    files = {"search.sql": "\n\n".join(script) + "\n"} if script else None
    return part_of("search", "Full-text and vector search", [*lines, *places(found)], found, files)
