"""Tables, views and sequences in pg_dump's words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from dsql_compat.sources.database.items import Item
from dsql_compat.sources.database.session import Row
from dsql_compat.sources.database.words import (
    foreign_options,
    ident,
    qualified,
    storage_options,
)
from dsql_compat.sql.names import literal

_WORDS = {
    **{"r": "TABLE", "p": "TABLE", "f": "FOREIGN TABLE", "v": "VIEW"},
    **{"m": "MATERIALIZED VIEW", "S": "SEQUENCE"},
}
_STORAGE = {"p": "PLAIN", "e": "EXTERNAL", "x": "EXTENDED", "m": "MAIN"}
_COMPRESSION = {"p": "pglz", "l": "lz4"}
_NAMED_NOT_NULL = 18  # since then NOT NULL is a constraint with a name
_OWN_OPTION = "pg_attver="  # the server's own note on a column
_BIGGEST = {"smallint": 2**15, "integer": 2**31, "bigint": 2**63}


@dataclass(slots=True, eq=False)
class Column:
    """A column: its row of the catalog, its default, and what it inherits."""

    row: Row
    default: Item | None = None
    default_text: str | None = None
    is_default_told: bool = True  # false where a parent says the same of a generated column
    inherits_not_null: bool = False

    @property
    def name(self) -> str:
        """As it must be written."""
        return ident(self.row["name"])


@dataclass(slots=True, eq=False)
class Table:
    """A relation with all that its statement holds."""

    row: Row
    item: Item
    columns: list[Column] = field(default_factory=list)
    checks: list[tuple[Row, Item]] = field(default_factory=list)
    parents: list[Table] = field(default_factory=list)
    sequence: Row | None = None
    owner_column: tuple[Table, Column] | None = None

    @property
    def name(self) -> str:
        """As it must be written, with its schema."""
        return qualified(self.row["schema"], self.row["name"])

    @property
    def words(self) -> str:
        """TABLE, VIEW …"""
        return _WORDS[self.row["kind"]]

    @property
    def alter(self) -> str:
        """ALTER TABLE or ALTER FOREIGN TABLE."""
        return "ALTER FOREIGN TABLE" if self.row["kind"] == "f" else "ALTER TABLE"

    def prints(self, column: Column) -> bool:
        """Whether CREATE TABLE tells of the column; else it comes from a parent."""
        return bool(column.row["is_local"] or self.row["is_partition"])


def inherit(table: Table, major: int) -> None:
    """What columns get from parents: not to be told again, or to be told off."""
    for column in table.columns:
        found = [
            above
            for parent in table.parents
            for above in parent.columns
            if above.row["name"] == column.row["name"]
        ]
        if not found:
            continue
        if major < _NAMED_NOT_NULL:
            column.inherits_not_null = any(above.row["not_null"] for above in found)
        generated = [above for above in found if above.row["generated"]]
        same = [above for above in generated if above.default_text == column.default_text]
        if column.row["generated"] and generated and len(same) == len(generated):
            column.is_default_told = bool(table.row["is_partition"])
        has_default = any(
            above.default_text not in (None, "NULL") and not above.row["generated"]
            for above in found
        )
        if has_default and column.default_text is None:
            column.default_text = "NULL"


def create_table(table: Table, major: int) -> Iterator[str]:
    """CREATE TABLE and the ALTERs of the same breath."""
    row = table.row
    unlogged = "UNLOGGED " if row["persistence"] == "u" else ""
    text = f"CREATE {unlogged}{table.words} {table.name}"
    if row["of_type"]:
        text += f" OF {row['of_type']}"
    if row["kind"] != "m":
        lines = [*_column_lines(table, major), *_check_lines(table)]
        if lines:
            text += " (\n    " + ",\n    ".join(lines) + "\n)"
        elif not row["of_type"]:
            text += " (\n)"
        if table.parents and not row["is_partition"]:
            text += f"\nINHERITS ({', '.join(parent.name for parent in table.parents)})"
        if row["kind"] == "p":
            text += f"\nPARTITION BY {row['partition_key']}"
        if row["kind"] == "f":
            text += f"\nSERVER {ident(row['server'])}"
    options = storage_options(row["options"]) + storage_options(row["toast_options"], "toast.")
    if options:
        text += f"\nWITH ({', '.join(options)})"
    if row["foreign_options"]:
        text += f"\nOPTIONS (\n    {foreign_options(row['foreign_options'])}\n)"
    if row["kind"] == "m":
        text += f" AS\n{row['definition'].removesuffix(';')}\n  WITH NO DATA"
    yield text
    for column in table.columns:
        yield from _column_changes(table, column, major)
    identity = {"n": "NOTHING", "f": "FULL"}.get(row["replica_identity"])
    if identity and row["kind"] in "rpm":
        yield f"ALTER TABLE ONLY {table.name} REPLICA IDENTITY {identity}"
    if row["force_row_security"]:
        yield f"ALTER TABLE ONLY {table.name} FORCE ROW LEVEL SECURITY"


def _column_lines(table: Table, major: int) -> Iterator[str]:
    for column in table.columns:
        row = column.row
        is_default = _tells_default(column)
        not_null = _not_null(table, column, major)
        if not table.prints(column):
            if not_null is not None and major >= _NAMED_NOT_NULL:
                words, _, tail = not_null.strip().partition("NOT NULL")
                yield f"{words}NOT NULL {column.name}{tail}"
            continue
        if table.row["of_type"] and not is_default and not_null is None:
            continue
        text = column.name
        if not table.row["of_type"]:
            text += f" {row['type']}"
        if is_default:
            text += _default(column)
        if not_null is not None:
            text += not_null
        if row["collation"]:
            text += f" COLLATE {row['collation']}"
        yield text


def _tells_default(column: Column) -> bool:
    return (
        column.default_text is not None
        and column.is_default_told
        and (column.default is None or column.default.is_merged)
    )


def _default(column: Column) -> str:
    kind = column.row["generated"]
    if kind == "s":
        return f" GENERATED ALWAYS AS ({column.default_text}) STORED"
    if kind == "v":
        return f" GENERATED ALWAYS AS ({column.default_text})"
    return f" DEFAULT {column.default_text}"


def _not_null(table: Table, column: Column, major: int) -> str | None:
    """The NOT NULL of a column that the table's own statement tells."""
    row = column.row
    if major < _NAMED_NOT_NULL:
        is_told = not column.inherits_not_null or table.row["is_partition"]
        return " NOT NULL" if row["not_null"] and is_told else None
    if row["not_null_name"] is None or row["not_null_valid"] is False:
        return None
    if not (row["not_null_local"] or table.row["is_partition"]):
        return None
    usual = f"{table.row['name']}_{row['name']}_not_null"
    named = "" if row["not_null_name"] == usual else f" CONSTRAINT {ident(row['not_null_name'])}"
    return f"{named} NOT NULL{' NO INHERIT' if row['not_null_no_inherit'] else ''}"


def _check_lines(table: Table) -> Iterator[str]:
    for row, item in table.checks:
        if item.is_merged and (row["is_local"] or table.row["is_partition"]):
            yield f"CONSTRAINT {ident(row['name'])} {row['definition']}"


def _column_changes(table: Table, column: Column, major: int) -> Iterator[str]:
    row, only = column.row, f"{table.alter} ONLY {table.name}"
    of_column = f"{only} ALTER COLUMN {column.name} SET"
    if row["statistics"] is not None and row["statistics"] >= 0:
        yield f"{of_column} STATISTICS {row['statistics']}"
    if row["storage"] != row["type_storage"]:
        yield f"{of_column} STORAGE {_STORAGE[row['storage']]}"
    if row["compression"] in _COMPRESSION:
        yield f"{of_column} COMPRESSION {_COMPRESSION[row['compression']]}"
    options = [o for o in row["options"] or () if not o.startswith(_OWN_OPTION)]
    if options:
        yield f"{of_column} ({', '.join(options)})"
    if row["foreign_options"]:
        only = "ONLY " if major >= _NAMED_NOT_NULL else ""
        yield (
            f"ALTER FOREIGN TABLE {only}{table.name} ALTER COLUMN {column.name}"
            f" OPTIONS (\n    {foreign_options(row['foreign_options'])}\n)"
        )


def create_view(table: Table) -> Iterator[str]:
    """CREATE VIEW, or what stands for it until its query can be told."""
    options, check = view_options(table)
    if table.item.is_dummy:
        columns = ",\n".join(f"    NULL::{c.row['type']} AS {c.name}" for c in table.columns)
        yield f"CREATE VIEW {table.name} AS\nSELECT\n{columns}"
    else:
        yield f"CREATE VIEW {table.name}{options} AS\n{_query(table)}{check}"


def replace_view(table: Table) -> Iterator[str]:
    """The query of a view that could not be told before."""
    options, check = view_options(table)
    yield f"CREATE OR REPLACE VIEW {table.name}{options} AS\n{_query(table)}{check}"


def _query(table: Table) -> str:
    return str(table.row["definition"]).removesuffix(";")


def view_options(table: Table) -> tuple[str, str]:
    """What stands before a view's query and behind it."""
    options = [o for o in table.row["options"] or () if not o.startswith("check_option=")]
    check = [o for o in table.row["options"] or () if o.startswith("check_option=")]
    tail = f"\n  WITH {check[0].partition('=')[2].upper()} CHECK OPTION" if check else ""
    return f" WITH ({', '.join(storage_options(options))})" if options else "", tail


def create_sequence(table: Table) -> Iterator[str]:
    """CREATE SEQUENCE, or the identity of the column that it serves."""
    row, sequence = table.row, table.sequence
    if sequence is None:
        return
    options = _sequence_options(sequence)
    if sequence["owned"] == "i" and table.owner_column is not None:
        owner, column = table.owner_column
        when = "ALWAYS" if column.row["identity"] == "a" else "BY DEFAULT"
        logged = ""
        if row["persistence"] != owner.row["persistence"]:
            logged = "    UNLOGGED\n" if row["persistence"] == "u" else "    LOGGED\n"
        yield (
            f"ALTER TABLE {owner.name} ALTER COLUMN {column.name} ADD GENERATED {when}"
            f" AS IDENTITY (\n    SEQUENCE NAME {table.name}\n{logged}{options}\n)"
        )
        return
    unlogged = "UNLOGGED " if row["persistence"] == "u" else ""
    as_type = "" if sequence["type"] == "bigint" else f"    AS {sequence['type']}\n"
    yield f"CREATE {unlogged}SEQUENCE {table.name}\n{as_type}{options}"


def owned_by(table: Table) -> Iterator[str]:
    """The column whose sequence this is."""
    if table.sequence is not None and table.sequence["owned"] == "a" and table.owner_column:
        owner, column = table.owner_column
        yield f"ALTER SEQUENCE {table.name} OWNED BY {owner.name}.{column.name}"


def _sequence_options(row: Row) -> str:
    ascends, size = row["increment"] > 0, _BIGGEST.get(row["type"], 2**63)
    low, high = (1, size - 1) if ascends else (-size, -1)
    least = "NO MINVALUE" if row["minvalue"] == low else f"MINVALUE {row['minvalue']}"
    most = "NO MAXVALUE" if row["maxvalue"] == high else f"MAXVALUE {row['maxvalue']}"
    cycle = "\n    CYCLE" if row["cycle"] else ""
    return (
        f"    START WITH {row['start']}\n    INCREMENT BY {row['increment']}\n"
        f"    {least}\n    {most}\n    CACHE {row['cache']}{cycle}"
    )


def column_comment(table: Table, number: int, text: str) -> str | None:
    """COMMENT ON COLUMN."""
    column = next((c for c in table.columns if c.row["number"] == number), None)
    if column is None:
        return None
    return f"COMMENT ON COLUMN {table.name}.{column.name} IS {literal(text)}"
