"""An object's own statements with what follows them: owner, comments, labels, privileges."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from dsql_compat.sources.database import items as at
from dsql_compat.sources.database import tables as write
from dsql_compat.sources.database.grants import Place, grants
from dsql_compat.sources.database.items import Item
from dsql_compat.sources.database.routines import (
    create_aggregate,
    create_routine,
    keyword,
    signature,
)
from dsql_compat.sources.database.session import Row
from dsql_compat.sources.database.tables import Table
from dsql_compat.sources.database.words import ident, qualified
from dsql_compat.sql.names import literal

_NEXT = "\x1e"  # between the statements of an object, in its query
_STANDARD_COMMENT = "standard public schema"
_DEFAULTS = {"r": "TABLES", "S": "SEQUENCES", "f": "FUNCTIONS", "T": "TYPES", "n": "SCHEMAS",
             "L": "LARGE OBJECTS"}  # fmt: skip
_OWN_WORDS = 16  # before, ALTER TABLE gave views and sequences their owner
_PUBLIC_OWNED = 15  # since then public belongs to pg_database_owner


class Dresser:
    """Knows the comments and labels of everything."""

    def __init__(self, comments: list[Row], major: int) -> None:
        self.major = major
        self.domain_checks: dict[Item, list[tuple[Row, Item]]] = {}
        self._remarks: dict[tuple[int, int], list[Row]] = defaultdict(list)
        for row in comments:
            self._remarks[row["classoid"], row["objoid"]].append(row)

    def remarks(self, class_: int, oid: int, address: str) -> Iterator[str]:
        """COMMENT and SECURITY LABEL of one object."""
        for row in self._remarks.get((class_, oid), ()):
            if row["objsubid"] == 0:
                yield _remark(row, address)

    # -- one kind after the other -------------------------------------------------------------

    def schema(self, row: Row) -> Iterator[str]:
        """CREATE SCHEMA; of public, only what is not as it was made."""
        name = ident(row["name"])
        is_public = row["name"] == "public"
        if not is_public:
            yield f"CREATE SCHEMA {name}"
        if not is_public or row["owner"] != "pg_database_owner":
            yield f"ALTER SCHEMA {name} OWNER TO {ident(row['owner'])}"
        told = list(self.remarks(at.NAMESPACE, row["oid"], f"SCHEMA {name}"))
        standard = f"COMMENT ON SCHEMA {name} IS {literal(_STANDARD_COMMENT)}"
        if is_public and not any(line.startswith("COMMENT") for line in told):
            yield f"COMMENT ON SCHEMA {name} IS ''"
        yield from (line for line in told if not is_public or line != standard)

    def schema_grants(self, row: Row) -> list[str]:
        """GRANT and REVOKE of a schema."""
        base = row["initial"] or row["base"]
        if row["name"] == "public" and self.major >= _PUBLIC_OWNED:
            owner = row["owner"]
            base = [f"{owner}=UC/{owner}", f"=U/{owner}"]
        place = Place("SCHEMA", ident(row["name"]))
        return grants(place, row["owner"], row["acl"], base, self.major)

    def table(self, table: Table) -> Iterator[str]:
        """A table, view or sequence."""
        kind = table.row["kind"]
        address = f"{table.words} {table.name}"
        match kind:
            case "v":
                yield from write.create_view(table)
            case "S":
                yield from write.create_sequence(table)
            case _:
                yield from write.create_table(table, self.major)
        if table.sequence is None or table.sequence["owned"] != "i":
            told = f"TABLE {table.name}" if kind in "vmS" and self.major < _OWN_WORDS else address
            yield f"ALTER {told} OWNER TO {ident(table.row['owner'])}"
        if kind == "S":
            yield from write.owned_by(table)
        for row in self._remarks.get((at.CLASS, table.row["oid"]), ()):
            if row["objsubid"] == 0:
                yield _remark(row, address)
            else:
                column = next(
                    (c for c in table.columns if c.row["number"] == row["objsubid"]), None
                )
                if column is not None:
                    yield _remark(row, f"COLUMN {table.name}.{column.name}")
        for check, item in table.checks:
            if item.is_merged and check["is_local"]:
                name = f"CONSTRAINT {ident(check['name'])} ON {table.name}"
                yield from self.remarks(at.CONSTRAINT, check["oid"], name)

    def table_grants(self, table: Table) -> Iterator[str]:
        """GRANT and REVOKE of a table and of its columns."""
        row = table.row
        if row["kind"] == "c":
            return
        kind = "SEQUENCE" if row["kind"] == "S" else "TABLE"
        base = row["initial"] or row["base"]
        yield from grants(Place(kind, table.name), row["owner"], row["acl"], base, self.major)
        for column in table.columns:
            if column.row["acl"]:
                place = Place("TABLE", table.name, column.name)
                yield from grants(place, row["owner"], column.row["acl"], [], self.major)

    def attach(self, table: Table) -> Iterator[str]:
        """ATTACH PARTITION."""
        for parent in table.parents:
            yield (
                f"ALTER TABLE ONLY {parent.name} ATTACH PARTITION {table.name} {table.row['bound']}"
            )

    def default(self, table: Table, column: write.Column) -> Iterator[str]:
        """A default that the table's own statement does not tell."""
        yield (
            f"{table.alter} ONLY {table.name} ALTER COLUMN {column.name}"
            f" SET DEFAULT {column.default_text}"
        )

    def routine(self, row: Row, aggregate: Row | None) -> Iterator[str]:
        """A function, procedure or aggregate."""
        if row["kind"] == "a":
            if aggregate is not None:
                yield from create_aggregate(row, aggregate)
        else:
            yield from create_routine(row)
        address = f"{keyword(row)} {signature(row)}"
        yield f"ALTER {address} OWNER TO {ident(row['owner'])}"
        yield from self.remarks(at.PROC, row["oid"], address)

    def routine_grants(self, row: Row, item: Item) -> list[str]:
        """GRANT and REVOKE of a routine."""
        del item
        word = "PROCEDURE" if row["kind"] == "p" else "FUNCTION"
        name = f"{qualified(row['schema'], row['name'])}({row['identity']})"
        base = row["initial"] or row["base"]
        return grants(Place(word, name), row["owner"], row["acl"], base, self.major)

    def type(self, row: Row, item: Item) -> Iterator[str]:
        """A type of any sort."""
        text = str(row["sql"])
        checks = self.domain_checks.get(item, [])
        if row["kind"] == "d":
            if row["not_null"]:
                named = row["not_null_name"]
                usual = f"{row['name']}_not_null"
                text += f" CONSTRAINT {ident(named)}" if named and named != usual else ""
                text += " NOT NULL"
            if row["default_text"] is not None:
                text += f" DEFAULT {row['default_text']}"
            for check, part in checks:
                if part.is_merged and check["kind"] != "n":
                    text += f"\n\tCONSTRAINT {ident(check['name'])} {check['definition']}"
        yield text
        word = "DOMAIN" if row["kind"] == "d" else "TYPE"
        address = f"{word} {qualified(row['schema'], row['name'])}"
        yield f"ALTER {address} OWNER TO {ident(row['owner'])}"
        yield from self.remarks(at.TYPE, row["oid"], address)
        yield from self._attributes(row)
        for check, part in checks:
            if part.is_merged:
                of = f"CONSTRAINT {ident(check['name'])} ON {address}"
                yield from self.remarks(at.CONSTRAINT, check["oid"], of)

    def _attributes(self, row: Row) -> Iterator[str]:
        """Comments on the columns of a composite type."""
        names = dict(row["attributes"] or ())
        for remark in self._remarks.get((at.CLASS, row["relation"]), ()):
            name = names.get(str(remark["objsubid"]))
            if name is not None:
                of = f"{qualified(row['schema'], row['name'])}.{ident(name)}"
                yield _remark(remark, f"COLUMN {of}")

    def type_grants(self, row: Row) -> list[str]:
        """GRANT and REVOKE of a type."""
        base = row["initial"] or row["base"]
        place = Place("TYPE", qualified(row["schema"], row["name"]))
        return grants(place, row["owner"], row["acl"], base, self.major)

    def object(self, row: Row) -> Iterator[str]:
        """An object whose query says all about it."""
        yield from str(row["sql"]).split(_NEXT)
        if row["owner"] is not None:
            yield f"ALTER {row['address']} OWNER TO {ident(row['owner'])}"
        yield from self.remarks(row["class"], row["oid"], row["address"])

    def object_grants(self, row: Row) -> list[str]:
        """GRANT and REVOKE of such an object."""
        kind = {"server": "FOREIGN SERVER", "fdw": "FOREIGN DATA WRAPPER"}.get(
            row["kind"], "LANGUAGE"
        )
        base = row["initial"] or row["base"]
        place = Place(kind, ident(row["name"]))
        return grants(place, row["owner"], row["acl"], base, self.major)

    def default_grants(self, row: Row) -> list[str]:
        """ALTER DEFAULT PRIVILEGES."""
        role = ident(row["role"])
        in_schema = f"IN SCHEMA {ident(row['schema'])} " if row["schema"] else ""
        prefix = f"ALTER DEFAULT PRIVILEGES FOR ROLE {role} {in_schema}"
        place = Place(_DEFAULTS[row["kind"]], "", prefix=prefix)
        return grants(place, row["role"], row["acl"], row["base"], self.major)

    def system_grants(self, row: Row) -> list[str]:
        """GRANT and REVOKE of one of the server's own objects."""
        arguments = f"({row['arguments']})" if row["kind"] == "FUNCTION" else ""
        place = Place(row["kind"], f"{qualified('pg_catalog', row['name'])}{arguments}")
        return grants(place, row["owner"], row["acl"], row["base"], self.major)


def _remark(row: Row, address: str) -> str:
    if row["provider"] is not None:
        provider = ident(row["provider"])
        return f"SECURITY LABEL FOR {provider} ON {address} IS {literal(row['text'])}"
    return f"COMMENT ON {address} IS {literal(row['text'])}"
