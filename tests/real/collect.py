"""Collects the schemas of the manifest into a cache directory.

``python -m tests.real.collect [--cache DIR] [--force] [NAME...]``: fetches each package, loads its
schema into the embedded server and dumps it in every format. What is complete is not done again.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg

from . import cache as caches
from . import fetch, manifest
from .cache import Cache, Result
from .manifest import PRODUCERS, Manifest, Schema
from .seed import seed
from .server import Server, embedded

SCRIPT_TIMEOUT = 300
TABLES = (
    "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE c.relkind IN ('r', 'p') AND n.nspname <> 'information_schema'"
    " AND n.nspname NOT LIKE 'pg\\_%'"
)


def collect(cache: Cache, names: list[str], force: bool = False) -> dict[str, str]:
    """Bring the cache up to date; the reason for each schema that could not be had."""
    known = manifest.load()
    wanted = known.named(names)
    stale = [schema for schema in wanted if force or not cache.result(schema)]
    if not stale and not _cluster_parts(cache, known):
        return {}
    with embedded(known.stub_extensions) as server:
        with ThreadPoolExecutor((os.cpu_count() or 2) + 1) as pool:
            reasons = list(pool.map(lambda schema: _attempt(schema, cache, server), stale))
        if parts := _cluster_parts(cache, known):
            _dump_cluster(cache, server, parts)
    return {s.name: reason for s, reason in zip(stale, reasons, strict=True) if reason}


def _attempt(schema: Schema, cache: Cache, server: Server) -> str | None:
    """Collect one schema; the reason if that did not work out."""
    shutil.rmtree(cache.folder(schema.name), ignore_errors=True)
    try:
        result = _collect_one(schema, cache, server)
    except fetch.UnavailableError as error:
        reason = str(error)
    except (RuntimeError, OSError, subprocess.SubprocessError, psycopg.Error) as error:
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
    else:
        cache.write_result(result)
        print(_line(result), flush=True)
        return None
    cache.write_failure(schema.name, reason)
    print(f"{schema.name}: {reason}", file=sys.stderr, flush=True)
    return reason


def _collect_one(schema: Schema, cache: Cache, server: Server) -> Result:
    start = time.monotonic()
    folder = cache.folder(schema.name)
    for part in ("inputs", "dumps"):
        (folder / part).mkdir(parents=True)
    # With `requires`, pip fetches and installs the package in one go, for the script.
    archives = {} if schema.requires else fetch.packages(schema, cache.packages)
    server.create(schema.name)
    try:
        errors = _load(schema, archives, cache, server)
        rows, seeded = seed(server.url(schema.name))
        tables = server.tool("psql", "-XAtc", TABLES, database=schema.name).stdout
        server.dump(schema.name, folder / "dumps")
    finally:
        server.drop(schema.name)
    return Result(
        name=schema.name,
        fingerprint=schema.fingerprint(),
        packages=[path.name for path in archives.values()] or schema.requires,
        load_errors=errors,
        tables=int(tables),
        rows=rows,
        seeded=seeded,
        seconds=round(time.monotonic() - start, 1),
    )


def _load(schema: Schema, archives: dict[str, Path], cache: Cache, server: Server) -> list[str]:
    """Build the schema in its database; what went wrong in the authors' SQL."""
    for extension in schema.extensions:
        server.execute(schema.name, f'CREATE EXTENSION "{extension}"')
    if schema.before:
        server.execute(schema.name, schema.before)
    inputs = cache.folder(schema.name) / "inputs"
    if schema.script:
        _run_script(schema, archives, cache, server)
        written = cache.inputs(schema.name) if schema.prints_sql else []
    else:
        written = _write_inputs(fetch.sql_files(schema, archives), inputs)
    options = [part for key, value in schema.variables.items() for part in ("-v", f"{key}={value}")]
    options += ["--single-transaction"] if schema.single_transaction else []
    errors = [e for path in written for e in server.load(schema.name, path, options)]
    if schema.after:
        server.execute(schema.name, schema.after)
    return errors


def _write_inputs(files: list[tuple[str, str]], folder: Path) -> list[Path]:
    paths = []
    for number, (name, text) in enumerate(files):
        # Names repeat between directories (schema.sql), and dbconfig-common's have no suffix.
        parts = Path(name.removesuffix(".gz")).parts[-2:]
        path = folder / f"{number:03d}-{'-'.join(parts).removesuffix('.sql')}.sql"
        path.write_text(text, encoding="utf-8")
        paths.append(path)
    return paths


def _run_script(schema: Schema, archives: dict[str, Path], cache: Cache, server: Server) -> None:
    """Let a producer build the schema itself, or print the SQL that does."""
    libraries = cache.packages / "installed" / schema.name
    code = cache.packages / "unpacked" / f"{schema.package}-{schema.version}"
    if schema.requires:
        fetch.install(schema.requires, libraries)
    elif not code.exists():
        fetch.extract(archives[schema.package], code)
    inputs = cache.folder(schema.name) / "inputs"
    env = os.environ | {
        "PYTHONPATH": str(libraries),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PACKAGE_DIR": str(code),
        "INPUTS_DIR": str(inputs),
        "DATABASE_URL": server.url(schema.name),
    }
    interpreter = "node" if schema.script.endswith(".mjs") else sys.executable
    command = [interpreter, str(PRODUCERS / schema.script), *schema.arguments]
    try:
        done = subprocess.run(
            command, env=env, capture_output=True, text=True, timeout=SCRIPT_TIMEOUT, check=False
        )
    except FileNotFoundError:
        raise fetch.UnavailableError(f"{interpreter} is not installed") from None
    except subprocess.TimeoutExpired:
        raise fetch.UnavailableError(f"{schema.script} took over {SCRIPT_TIMEOUT} s") from None
    if done.returncode:
        raise fetch.UnavailableError(f"{schema.script}: {done.stderr.strip().splitlines()[-1]}")
    if schema.prints_sql:
        (inputs / "000-printed.sql").write_text(done.stdout, encoding="utf-8")


def _cluster_parts(cache: Cache, known: Manifest) -> dict[str, Path]:
    """The dumps a new pg_dumpall is to be made of; none if the present one is still good."""
    schemas = known.named(list(known.dumpall))
    if not all(cache.result(schema) for schema in schemas):
        return {}
    if cache.cluster.exists() and _cluster_mark(cache).read_text() == _cluster_print(schemas):
        return {}
    return {schema.name: cache.dump(schema.name, "custom") for schema in schemas}


def _cluster_mark(cache: Cache) -> Path:
    return cache.cluster.with_suffix(".fingerprint")


def _cluster_print(schemas: list[Schema]) -> str:
    return hashlib.sha256("".join(s.fingerprint() for s in schemas).encode()).hexdigest()


def _dump_cluster(cache: Cache, server: Server, parts: dict[str, Path]) -> None:
    cache.cluster.parent.mkdir(parents=True, exist_ok=True)
    server.dumpall(parts, cache.cluster)
    _cluster_mark(cache).write_text(_cluster_print(manifest.load().named(list(parts))))


def _line(result: Result) -> str:
    seeded = f", seeded {result.seeded}" if result.seeded else ""
    errors = f", {len(result.load_errors)} load errors" if result.load_errors else ""
    found = f"{result.tables} tables, {result.rows} rows"
    return f"{result.name}: {found}{seeded}{errors}, {result.seconds} s"


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=caches.default(), help="default: %(default)s")
    parser.add_argument("--force", action="store_true", help="collect again what is there already")
    parser.add_argument("names", nargs="*", metavar="NAME", help="schemas, default all")
    options = parser.parse_args()
    start = time.monotonic()
    cache = Cache(options.cache.resolve())
    try:
        failed = collect(cache, options.names, options.force)
    except ValueError as error:
        parser.error(str(error))
    except (ImportError, RuntimeError, OSError) as error:
        parser.exit(1, f"nothing collected: {error}\n")
    took = time.monotonic() - start
    print(f"{cache.root}: {len(failed)} not collected, {took:.1f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
