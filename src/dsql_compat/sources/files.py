"""Opens what the user named: a file of any dump format, a folder, or standard input.

Every format becomes one stream of plain SQL: gzip is unpacked on the fly, pg_dump's own archives
go through `pg_restore`, which writes SQL and connects to nothing.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import re
import shutil
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Literal, NamedTuple, cast

from dsql_compat.sources.database.measuring import Measuring
from dsql_compat.sources.database.names import is_database, masked
from dsql_compat.sources.database.selection import Selection
from dsql_compat.sources.encoding import codec_of_bom, utf8_reader

Read = Callable[[int], bytes]
Kind = Literal["dump", "migration", "stdin", "database"]
Format = Literal["plain", "gzip", "custom", "tar", "directory", "catalog", "collected"]

STDIN = "-"
COLLECTED = b"-- dsql-compat collected "  # how the output of `dsql-compat collect`'s script begins
_HEAD = 4096
_SQL_SUFFIXES = (".sql", ".sql.gz", ".pgsql", ".ddl")
_PACKED = {
    b"\x28\xb5\x2f\xfd": ("zstd", "zstd -d"),
    b"\xfd7zXZ": ("xz", "xz -d"),
    b"BZh": ("bzip2", "bzip2 -d"),
    b"PK\x03\x04": ("zip", "unzip"),
    b"\x04\x22\x4d\x18": ("lz4", "lz4 -d"),
}


class InputError(Exception):
    """The input cannot be read; the message says why, and the remedy, in one line."""


class Wrap(NamedTuple):
    """Lines of a file that a migration tool runs in one transaction; `last` None: to the end.

    With `writes_row` the tool notes the migration in a table of its own in that transaction.
    """

    tool: str
    first: int = 1
    last: int | None = None
    writes_row: bool = False


@dataclass(frozen=True, slots=True)
class Input:
    """One stream of SQL to read: its name for the report, what it is, and how to open it.

    `content` holds SQL that is in memory already, `pipe` is open and can be read once: standard
    input, or the shell's `<(…)`.  Without a `path` otherwise it is a running database with
    `conninfo`, of which `selection` is wanted and `measuring` done; with `names_itself` it tells
    its name, as one of several does.  A pipe that was put aside has both, a `path` without a
    folder worth looking in.  What psql collected is a database with a `path` or `pipe`.  `wraps`
    are the transactions that a migration tool puts around lines of it, in their order.
    """

    name: str
    kind: Kind
    format: Format
    path: Path | None
    size: int | None
    content: bytes | None = None
    pipe: io.BufferedReader | None = field(default=None, repr=False, compare=False)
    conninfo: str | None = field(default=None, repr=False)
    selection: Selection | None = None
    measuring: Measuring | None = None
    names_itself: bool = False
    wraps: tuple[Wrap, ...] = ()


def find_inputs(
    arguments: list[str],
    selection: Selection | None = None,
    measuring: Measuring | None = None,
) -> list[Input]:
    """The inputs that the user's arguments mean, in order.  Raises InputError.

    `selection` says what is wanted of databases, and is an error without one; `measuring` how
    their rows are to be looked at.
    """
    found = _inputs(arguments)
    several = len(arguments) > 1
    if selection and not any(source.kind == "database" for source in found):
        raise InputError(
            "--schema, --exclude-schema and --tables choose from a running database;"
            " no source here is one"
        )
    return [
        replace(source, selection=selection, measuring=measuring, names_itself=several)
        if source.kind == "database"
        else source
        for source in found
    ]


def _inputs(arguments: list[str]) -> list[Input]:
    found: list[Input] = []
    for argument in arguments:
        if is_database(argument):
            name = masked(argument)
            found.append(Input(name, "database", "catalog", None, None, conninfo=argument))
            continue
        if argument == STDIN:
            found.append(_piped("<stdin>", "stdin", cast(io.BufferedReader, sys.stdin.buffer)))
            continue
        path = Path(argument)
        try:
            if path.is_dir() and not (path / "toc.dat").exists():
                found += _folder(path)
            elif path.exists() and not path.is_file() and not path.is_dir():
                stream = path.open("rb")
                found.append(_piped(path.as_posix(), "dump", stream))
            else:
                found.append(_file(path, path.as_posix(), "dump"))
        except OSError as error:
            raise InputError(f"{argument}: {error.strerror or error}") from None
    return found


def _piped(name: str, kind: Kind, pipe: io.BufferedReader) -> Input:
    """What can be read once only; nothing of it is taken away yet."""
    peek = getattr(pipe, "peek", None)  # a stream put in place of standard input may lack it
    if peek is not None and peek(len(COLLECTED)).startswith(COLLECTED):
        return Input(name, "database", "collected", None, None, pipe=pipe)
    return Input(name, kind, "plain", None, None, pipe=pipe)


def migration(path: Path) -> Input:
    """One file of a history, which may be empty.  Raises InputError, also for what is no file."""
    try:
        if not path.is_file():
            raise InputError(f"{path}: no file")
        return _file(path, path.as_posix(), "migration")
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from None


def natural(name: str) -> list[tuple[int, int, str]]:
    """A sort key of file names by which 2 comes before 10."""
    return [
        (0, int(part), "") if part.isdigit() and part.isascii() else (1, 0, part)
        for part in re.split(r"(\d+)", name)
        if part
    ]


def _folder(folder: Path) -> list[Input]:
    files = [
        path
        for path in folder.rglob("*")
        if path.name.lower().endswith(_SQL_SUFFIXES)
        and path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    ]
    if not files:
        raise InputError(f"{folder}: the folder holds no .sql file")
    files.sort(key=lambda path: natural(path.relative_to(folder).as_posix()))
    return [_file(path, path.as_posix(), "migration") for path in files]


def _file(path: Path, name: str, kind: Kind) -> Input:
    if path.is_dir():
        return Input(name, "dump", "directory", path, None)
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    size = path.stat().st_size if path.is_file() else None
    if not head and size == 0 and kind == "dump":
        raise InputError(f"{name}: the file is empty")
    shape = _format(head, name)
    if kind == "dump" and _is_collected(path, head, shape):
        return Input(name, "database", "collected", path, size)
    return Input(name, kind, shape, path, size)


def _is_collected(path: Path, head: bytes, shape: Format) -> bool:
    """Whether psql wrote a file by the script of `dsql-compat collect`."""
    if shape == "gzip":
        with contextlib.suppress(OSError, EOFError, zlib.error), gzip.open(path, "rb") as stream:
            head = stream.read(_HEAD)
    return head.removeprefix(b"\xef\xbb\xbf").startswith(COLLECTED)


def _format(head: bytes, name: str) -> Format:
    if head.startswith(b"\x1f\x8b"):
        return "gzip"
    if head.startswith(b"PGDMP"):
        return "custom"
    if head[257:262] == b"ustar":
        return "tar"
    for magic, (packer, remedy) in _PACKED.items():
        if head.startswith(magic):
            raise InputError(f"{name}: a {packer} file; unpack it first: {remedy}")
    _refuse_binary(head, name)
    return "plain"


def _refuse_binary(head: bytes, name: str) -> None:
    if b"\0" in head and codec_of_bom(head) != "utf-16":
        raise InputError(f"{name}: not SQL: the file holds binary data")


@contextlib.contextmanager
def spooled(inputs: list[Input]) -> Iterator[list[Input]]:
    """The same inputs for reading their rows, too: what is piped goes to a temporary file first.

    Raises InputError for a database, which is read without its rows.
    """
    for source in inputs:
        if source.kind == "database":
            raise InputError(
                f"{source.name}: --data takes rows from a dump, not from a database: write one with"
                " pg_dump and name that"
            )
    with contextlib.ExitStack() as stack:
        yield [
            source if source.pipe is None else stack.enter_context(_spooled(source, source.pipe))
            for source in inputs
        ]


@contextlib.contextmanager
def _spooled(source: Input, pipe: io.BufferedReader) -> Iterator[Input]:
    with tempfile.NamedTemporaryFile(prefix="dsql-compat-") as spool:
        shutil.copyfileobj(pipe, spool, 1 << 20)
        spool.flush()
        spool.seek(0)
        shape = _format(spool.read(_HEAD), source.name)
        yield replace(source, format=shape, path=Path(spool.name), size=spool.seek(0, 2))


@contextlib.contextmanager
def open_input(source: Input) -> Iterator[Read]:
    """A reader of plain SQL bytes for an input.  Raises InputError, also while reading."""
    try:
        with _open(source) as read:
            yield _without_bom(read, source)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(f"{source.name}: broken gzip file: {error}") from None
    except OSError as error:
        raise InputError(f"{source.name}: {error.strerror or error}") from None


def _open(source: Input) -> contextlib.AbstractContextManager[Read]:
    if source.content is not None:
        return contextlib.nullcontext(io.BytesIO(source.content).read)
    if source.path is None:
        assert source.pipe is not None, "a database is not opened as a file"
        return _open_pipe(source.pipe, source.name)
    match source.format:
        case "gzip":
            return _open_gzip(source)
        case "custom" | "tar" | "directory":
            return _open_archive(source.path, source.name)
    return _open_plain(source.path)


@contextlib.contextmanager
def _open_plain(path: Path) -> Iterator[Read]:
    with path.open("rb", buffering=0) as stream:
        yield cast(Read, stream.read)


@contextlib.contextmanager
def _open_gzip(source: Input) -> Iterator[Read]:
    with gzip.open(cast(Path, source.path), "rb") as stream:
        head = stream.peek(_HEAD)[:_HEAD]
        if head.startswith(b"PGDMP") or head[257:262] == b"ustar":
            raise InputError(f"{source.name}: a gzipped archive; unpack it first: gunzip")
        _refuse_binary(head, source.name)
        yield stream.read


@contextlib.contextmanager
def _open_pipe(stream: io.BufferedReader, name: str) -> Iterator[Read]:
    head = stream.peek(_HEAD)[:_HEAD]
    shape = _format(head, name)
    if shape == "plain":
        yield stream.read
    elif shape == "gzip":
        with gzip.open(stream, "rb") as unpacked:
            yield unpacked.read
    else:  # pg_restore wants to seek
        with tempfile.NamedTemporaryFile() as spool:
            shutil.copyfileobj(stream, spool)
            spool.flush()
            with _open_archive(Path(spool.name), name) as read:
                yield read


@contextlib.contextmanager
def _open_archive(path: Path, name: str) -> Iterator[Read]:
    program = shutil.which("pg_restore")
    if program is None:
        raise InputError(
            f"{name}: a pg_dump archive needs pg_restore, which is not on the PATH: install the"
            " PostgreSQL client (Debian: postgresql-client), or dump as plain SQL (pg_dump -Fp)"
        )
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            [program, "--file=-", "--", str(path)],
            stdout=subprocess.PIPE,
            stderr=errors,
            stdin=subprocess.DEVNULL,
        )
        stream = cast("IO[bytes]", process.stdout)

        def read(size: int) -> bytes:
            block = stream.read(size)
            if not block and process.wait() != 0:
                raise InputError(f"{name}: {_restore_error(errors)}")
            return block

        try:
            yield read
        finally:
            process.kill()
            process.wait()
            stream.close()


def _restore_error(errors: IO[bytes]) -> str:
    errors.seek(0)
    lines = errors.read().decode(errors="replace").strip().splitlines() or ["pg_restore failed"]
    text = lines[0]
    if "unsupported version" in text:
        text += "; use the pg_restore of the PostgreSQL version that wrote the dump, or a newer one"
    return text


def _without_bom(read: Read, source: Input) -> Read:
    head = read(_HEAD)
    codec = codec_of_bom(head)
    pending = [head]

    def rest(size: int) -> bytes:
        return pending.pop() if pending else read(size)

    if codec is None:
        return rest
    if codec == "utf-8-sig":
        pending[0] = head[3:] or b"\n"
        return rest
    return utf8_reader(codec)(rest)
