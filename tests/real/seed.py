"""Puts a few awkward rows into a schema that came without any.

Dumps of empty tables say nothing about quoting. Any table with a wide enough text column will do;
its other columns get whatever their type accepts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import LiteralString

import psycopg
from psycopg import sql

ENOUGH_ROWS = 5

# Each of these has broken a reader of dumps that went by lines or by quotes alone.
AWKWARD = [
    "it's an apostrophe, and ''two''",
    r"back\slash, \n, \\, C:\new\table and a trailing \\",
    "\\.",
    "before\n\\.\nafter",
    "one; two; three;\nCREATE TABLE not_a_table (id serial);",
    "-- not a comment\n/* nor is this */ --",
    "COPY public.nothing (a, b) FROM stdin;\n1\t2\n\\.\n",
    "\\connect elsewhere\n\\restrict xyz",
    "$$ dollar $body$ quotes $body$ $$",
    "tab\there, CR\rthere, \u00e9\u00df\u4e2d, \U0001f418",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467 is one glyph of five code points",
    "$1 :name :'name' %s ? {{ x }}",
    "\\N",
    "",
]
WIDTH = max(map(len, AWKWARD))

COLUMNS: LiteralString = """
SELECT n.nspname, c.relname, a.attname, coalesce(b.typname, t.typname),
       (SELECT enumlabel FROM pg_enum WHERE enumtypid = t.oid ORDER BY enumsortorder LIMIT 1),
       a.attnotnull OR t.typnotnull,
       a.attidentity <> '' OR a.attgenerated <> '' OR a.atthasdef,
       CASE WHEN t.typname IN ('varchar', 'bpchar') AND a.atttypmod > 4
            THEN a.atttypmod - 4 ELSE -1 END
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_type b ON t.typtype = 'd' AND b.oid = t.typbasetype
WHERE c.relkind = 'r' AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
ORDER BY n.nspname, c.relname, a.attnum
"""

# A value per type, from the row's number, so that unique keys stay unique.
VALUES = {
    "int2": "{n}", "int4": "{n}", "int8": "{n}", "numeric": "{n}.5", "float4": "{n}.5",
    "float8": "{n}.25", "bool": "true", "text": "t{n}", "varchar": "v{n}", "bpchar": "{n}",
    "bytea": "\\x{n:040x}", "date": "2024-02-29", "timestamp": "2024-02-29 12:34:56.{n:06d}",
    "timestamptz": "2024-02-29 12:34:56.{n:06d}+05:30", "time": "12:34:{n:02d}",
    "uuid": "00000000-0000-4000-8000-{n:012d}", "json": '{{"it\'s": "{n};"}}',
    "jsonb": '{{"it\'s": "{n};"}}', "inet": "10.0.0.{n}", "cidr": "10.0.{n}.0/24",
    "interval": "{n} hours",
}  # fmt: skip


@dataclass
class Column:
    """What matters of a column for making up a value."""

    name: str
    type: str
    label: str | None  # the first label of an enum
    required: bool
    width: int

    @property
    def holds_awkward(self) -> bool:
        """Whether every awkward text fits."""
        return self.type in ("text", "varchar") and (self.width < 0 or self.width >= WIDTH)

    def value(self, number: int) -> str:
        """An ordinary value for the row of this number."""
        if self.label is not None:
            return self.label
        value = VALUES[self.type].format(n=number)
        return value[-self.width :] if self.width > 0 else value


Table = tuple[str, str]


def seed(url: str) -> tuple[int, str | None]:
    """The rows found, and the table that was seeded if those were too few to matter."""
    with psycopg.connect(url, autocommit=True) as connection:
        tables = _tables(connection)
        found = sum(_count(connection, table) for table in tables)
        if found >= ENOUGH_ROWS:
            return found, None
        # Triggers and foreign keys are beside the point here.
        connection.execute("SET session_replication_role = replica")
        for table in sorted(tables, key=lambda one: _effort(tables[one])):
            if _insert(connection, table, tables[table]):
                return found, ".".join(table)
    return found, None


def _tables(connection: psycopg.Connection) -> dict[Table, list[Column]]:
    tables: dict[Table, list[Column]] = {}
    for schema, table, name, type_, label, not_null, filled, width in connection.execute(COLUMNS):
        column = Column(name, type_, label, not_null and not filled, width)
        tables.setdefault((schema, table), []).append(column)
    return tables


def _count(connection: psycopg.Connection, table: Table) -> int:
    row = connection.execute(
        sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(*table))
    ).fetchone()
    return int(row[0]) if row else 0


def _effort(columns: list[Column]) -> tuple[bool, int]:
    return not any(c.holds_awkward for c in columns), sum(c.required for c in columns)


def _insert(connection: psycopg.Connection, table: Table, columns: list[Column]) -> bool:
    """Whether the awkward rows went into this table."""
    awkward = next((c for c in columns if c.holds_awkward), None)
    others = [c for c in columns if c.required and c is not awkward]
    if awkward is None or any(not c.label and c.type not in VALUES for c in others):
        return False
    into = sql.SQL(", ").join(sql.Identifier(c.name) for c in (awkward, *others))
    # Literals, not parameters: an untyped literal fits a domain, an enum or an inet alike.
    rows = [[text, *(c.value(n) for c in others)] for n, text in enumerate(AWKWARD, 1)]
    values = sql.SQL(", ").join(
        sql.SQL("({})").format(sql.SQL(", ").join(map(_literal, row))) for row in rows
    )
    statement = sql.SQL("INSERT INTO {} ({}) VALUES {}").format(
        sql.Identifier(*table), into, values
    )
    try:
        connection.execute(statement)
    except psycopg.Error:
        return False  # a check or a unique index was in the way; there are more tables
    return True


def _literal(value: str) -> sql.SQL:
    return sql.SQL("'" + value.replace("'", "''") + "'")
