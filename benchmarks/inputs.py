"""The inputs of the benchmarks: made, not stored, and the same on every machine.

As a program, writes one of them: `python inputs.py copy 110000000 dump.sql` (`-` for stdout).
Rows come from a fixed seed: per table a few thousand different ones, each numbered afresh.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import inputs_schema
from inputs_schema import END, START, header

SEED = 20_261_016
_POOL = 3_000  # different rows per table
_BATCH = 200  # rows written at once

Make = Callable[[random.Random], "str | None"]

_SENTENCES = (
    "it's the customer's second order this week and she won't take \\ as an answer; "
    "please don't leave the parcel with the neighbours' dog (again) -- call first, "
    "we're happy to wait until o'clock whatever; price $$ agreed, see /* ticket */ below"
)
_WORDS = _SENTENCES.split()
_PEOPLE = ("O'Brien", "D'Angelo", "Müller", "Ng", "Smith", "N'Diaye", "García", "Kowalski")
_PLACES = ("Coeur d'Alene", "São Paulo", "Kyiv", "'s-Hertogenbosch", "Leeds", "Nuku'alofa")
_STATES = ("new", "paid", "sent", "done", "lost")


@dataclass(frozen=True)
class Kind:
    """A kind of column: its SQL type, how a value is made, and whether SQL quotes it."""

    sql: str
    make: Make
    quoted: bool = True


def _prose(least: int, most: int) -> Make:
    return lambda rng: " ".join(rng.choices(_WORDS, k=rng.randint(least, most)))


def _maybe(make: Make) -> Make:
    return lambda rng: None if rng.random() < 0.3 else make(rng)


def _pick(values: tuple[str, ...]) -> Make:
    return lambda rng: rng.choice(values)


def _stamp(rng: random.Random) -> str:
    day = f"20{rng.randint(18, 26)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
    return f"{day} {rng.randint(0, 23):02}:{rng.randint(0, 59):02}:{rng.uniform(0, 59):09.6f}+00"


def _uuid(rng: random.Random) -> str:
    digits = f"{rng.getrandbits(128):032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def _json(rng: random.Random) -> str:
    return f'{{"note": "isn\'t {rng.choice(_WORDS[:6])}", "count": {rng.randint(0, 999)}}}'


_KEY = Kind("integer", lambda rng: str(rng.randint(1, 900_000)), quoted=False)
_COUNT = Kind("integer DEFAULT 0", _maybe(lambda rng: str(rng.randint(0, 99))), quoted=False)
_PRICE = Kind("numeric(12,2)", lambda rng: f"{rng.uniform(0, 9999):.2f}", quoted=False)
_FLAG = Kind("boolean DEFAULT false", lambda rng: rng.choice("tf"))
_TIME = Kind("timestamp with time zone DEFAULT now()", _stamp)
_LATER = Kind("timestamp with time zone", _maybe(_stamp))
_UUID = Kind("uuid", _uuid)
_PERSON = Kind("character varying(120)", _pick(_PEOPLE))
_PLACE = Kind("character varying(120)", _pick(_PLACES))
_STATE = Kind("character varying(16) DEFAULT 'new'::character varying", _pick(_STATES))
_NOTE = Kind("text", _maybe(_prose(2, 12)))
_TEXT = Kind("text", lambda rng: f"{_prose(10, 60)(rng)}\n\t{_prose(2, 5)(rng)}")
_JSON = Kind("jsonb", _json)
_BYTES = Kind("bytea", lambda rng: f"\\x{rng.getrandbits(256):064x}")

_TABLES: dict[str, dict[str, Kind]] = {
    "customers": {"ref": _UUID, "name": _PERSON, "city": _PLACE, "vip": _FLAG, "made_at": _TIME},
    "addresses": {"customer_id": _KEY, "city": _PLACE, "hint": _NOTE, "main": _FLAG},
    "products": {"title": _NOTE, "price": _PRICE, "stock": _COUNT, "about": _TEXT},
    "prices": {"product_id": _KEY, "amount": _PRICE, "starts_at": _TIME, "ends_at": _LATER},
    "orders": {"customer_id": _KEY, "state": _STATE, "note": _NOTE, "made_at": _TIME},
    "order_lines": {"order_id": _KEY, "product_id": _KEY, "amount": _COUNT, "price": _PRICE},
    "payments": {"order_id": _KEY, "amount": _PRICE, "proof": _BYTES, "paid_at": _LATER},
    "parcels": {"order_id": _KEY, "city": _PLACE, "state": _STATE, "sent_at": _LATER},
    "reviews": {"product_id": _KEY, "author": _PERSON, "stars": _COUNT, "body": _TEXT},
    "visits": {"session": _UUID, "customer_id": _KEY, "data": _JSON, "seen_at": _TIME},
    "events": {"name": _STATE, "data": _JSON, "by_whom": _PERSON, "made_at": _TIME},
    "messages": {"customer_id": _KEY, "subject": _NOTE, "body": _TEXT, "read_at": _LATER},
}


def copy_dump(size: int) -> Iterator[bytes]:
    """A plain pg_dump of twelve tables, about `size` bytes, nearly all of them COPY rows.

    Its rows hold any text: single apostrophes, comment signs, dollars.
    """
    yield from _dump(size, _copy_rows)


def tame_copy_dump(size: int) -> Iterator[bytes]:
    """The same with rows that also pass as SQL tokens.

    dsql-lint takes rows for SQL, and gives a file up at the first quote that does not close.
    """
    yield from _dump(size, _tame_copy_rows)


def insert_dump(size: int) -> Iterator[bytes]:
    """The same twelve tables as `pg_dump --inserts` writes them: one row per statement."""
    yield from _dump(size, _insert_rows)


Rows = Callable[[str, dict[str, Kind], int], Iterator[bytes]]


def _dump(size: int, rows: Rows) -> Iterator[bytes]:
    yield START.encode()
    for table, columns in _TABLES.items():
        yield _create(table, columns).encode()
    for table, columns in _TABLES.items():
        yield (header(table, "TABLE DATA").replace("Name", "Data for Name")).encode()
        yield from rows(table, columns, size // len(_TABLES))
    for table, columns in _TABLES.items():
        yield _constraints(table, columns).encode()
    yield END.encode()


def _create(table: str, columns: dict[str, Kind]) -> str:
    body = ",\n".join(f"    {name} {kind.sql}" for name, kind in columns.items())
    return (
        f"{header(table, 'TABLE')}CREATE TABLE public.{table} (\n    id bigint NOT NULL,\n{body}\n"
        f");\n\n\nALTER TABLE public.{table} OWNER TO shop;\n\n"
    )


def _constraints(table: str, columns: dict[str, Kind]) -> str:
    first = next(iter(columns))
    return (
        f"{header(f'{table} {table}_pkey', 'CONSTRAINT')}ALTER TABLE ONLY public.{table}\n"
        f"    ADD CONSTRAINT {table}_pkey PRIMARY KEY (id);\n\n\n"
        f"{header(f'{table}_{first}_idx', 'INDEX')}"
        f"CREATE INDEX {table}_{first}_idx ON public.{table} USING btree ({first});\n\n\n"
    )


def _values(table: str, columns: dict[str, Kind]) -> Iterator[list[tuple[Kind, str | None]]]:
    rng = random.Random(f"{SEED} {table}")
    for _ in range(_POOL):
        yield [(kind, kind.make(rng)) for kind in columns.values()]


def _copy_rows(table: str, columns: dict[str, Kind], size: int) -> Iterator[bytes]:
    pool = ["\t".join(_copied(value) for _, value in row) for row in _values(table, columns)]
    yield from _copy(table, columns, pool, size)


def _tame_copy_rows(table: str, columns: dict[str, Kind], size: int) -> Iterator[bytes]:
    pool = [_tame("\t".join(_copied(value) for _, value in row)) for row in _values(table, columns)]
    yield from _copy(table, columns, pool, size)


def _tame(row: str) -> str:
    """Each apostrophe twice, and nothing that opens a comment or a dollar quote."""
    for sign in ("/*", "*/", "--", "$$"):
        row = row.replace(sign, "...")
    return row.replace("'", "''")


def _copy(table: str, columns: dict[str, Kind], rows: list[str], size: int) -> Iterator[bytes]:
    pool = [row.encode() for row in rows]
    yield f"COPY public.{table} (id, {', '.join(columns)}) FROM stdin;\n".encode()
    yield from _filled(b"%d\t%b\n", pool, size)
    yield b"\\.\n\n\n"


def _copied(value: str | None) -> str:
    if value is None:
        return "\\N"
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t")


def _insert_rows(table: str, columns: dict[str, Kind], size: int) -> Iterator[bytes]:
    pool = [
        ", ".join(_quoted(kind, value) for kind, value in row).encode()
        for row in _values(table, columns)
    ]
    start = f"INSERT INTO public.{table} VALUES (".encode()
    yield from _filled(start + b"%d, %b);\n", pool, size)
    yield b"\n\n"


def _quoted(kind: Kind, value: str | None) -> str:
    if value is None:
        return "NULL"
    return "'" + value.replace("'", "''") + "'" if kind.quoted else value


def _filled(template: bytes, pool: list[bytes], size: int) -> Iterator[bytes]:
    """Blocks of numbered rows until `size` bytes are reached."""
    row = written = 0
    while written < size:
        block = b"".join(
            template % (number + 1, pool[number % _POOL]) for number in range(row, row + _BATCH)
        )
        row += _BATCH
        written += len(block)
        yield block


def write(name: str, size: int, path: Path) -> None:
    """Make the input of that name and size at `path`; `-` is standard output."""
    if name == "migrations":
        path.mkdir(exist_ok=True)
        for number, text in enumerate(inputs_schema.migrations(size), start=1):
            (path / f"{number:04}_change.sql").write_bytes(text.encode())
    elif path == Path("-"):
        sys.stdout.buffer.writelines(MAKERS[name](size))
    else:
        with path.open("wb") as stream:
            stream.writelines(MAKERS[name](size))


MAKERS: dict[str, Callable[[int], Iterable[bytes]]] = {
    "copy": copy_dump,
    "copy-tame": tame_copy_dump,
    "inserts": insert_dump,
    "schema": inputs_schema.schema_dump,
    "lines": inputs_schema.small_file,
}

if __name__ == "__main__":
    write(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
