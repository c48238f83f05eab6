"""Generated code as a package that runs, on a PostgreSQL with the rules of DSQL it lacks."""

from __future__ import annotations

import importlib
import re
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import psycopg
from psycopg import sql

from dsql_compat.guide.application import application_parts
from dsql_compat.rewriting.model import Rewrite
from tests.real.server import Server
from tests.rewriting.database import database, run, statements

SAMPLES = Path(__file__).parents[2] / "sample_schemas"
SOURCES = [*sorted(SAMPLES.glob("*/schema.sql")), SAMPLES / "migrations"]

# A transaction of DSQL changes 3,000 rows; PostgreSQL does not count.
CAP = """
CREATE FUNCTION dsql_count() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE n int := coalesce(nullif(current_setting('dsql.rows', true), ''), '0')::int + 1;
BEGIN
    PERFORM set_config('dsql.rows', n::text, true);
    IF n > 3000 THEN
        RAISE EXCEPTION 'transaction row limit exceeded' USING ERRCODE = '54000';
    END IF;
    RETURN NULL;
END $$;
DO $$ DECLARE t regclass; BEGIN
    FOR t IN SELECT oid FROM pg_class WHERE relkind = 'r'
        AND relnamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema') LOOP
        EXECUTE format('CREATE TRIGGER zz_cap AFTER INSERT OR UPDATE OR DELETE ON %s '
            'FOR EACH ROW EXECUTE FUNCTION dsql_count()', t);
    END LOOP;
END $$;
"""
_HOLD = re.compile(
    r'SELECT 1 FROM (?P<table>.+?) AS t WHERE (?P<match>"t"\.(?P<column>"[^"]+").+?) '
    r"FOR (?:KEY SHARE|UPDATE)\Z",
    re.S,
)


class Dsql(psycopg.Connection[Any]):
    """A connection on which holding on to a row conflicts with its delete, as in DSQL.

    PostgreSQL's row locks only wait: a delete goes on when the lock is gone, with the snapshot it
    had.  A write of the row, which changes nothing, makes the later one fail with 40001.
    """

    def execute(self, query: Any, params: Any = None, **options: Any) -> psycopg.Cursor[Any]:
        text = query.as_string(self) if isinstance(query, sql.Composable) else query
        held = _HOLD.match(text)
        if held:
            text = (
                f"UPDATE {held['table']} AS t SET {held['column']} = t.{held['column']} "
                f"WHERE {held['match']} RETURNING 1"
            )
        return super().execute(text, params, **options)


@contextmanager
def dsql(server: Server, rewrite: Rewrite, more: str = "") -> Iterator[str]:
    """The name of a database with a rewrite's tables, under DSQL's rules."""
    own = [sql for sql in statements(rewrite) if not sql.startswith(("CREATE ROLE", "AWS IAM"))]
    with database(server, own) as name:
        run(server, name, more + CAP)
        server.execute(
            "postgres",
            f"ALTER DATABASE {name} SET default_transaction_isolation = 'repeatable read'",
        )
        yield name


def connect(server: Server, name: str) -> psycopg.Connection[Any]:
    return Dsql.connect(server.url(name))


def written(rewrite: Rewrite, folder: Path) -> Path:
    """All files of a rewrite's parts in a package of a name of its own."""
    package = folder / f"application_{uuid.uuid4().hex[:8]}"
    package.mkdir(parents=True)
    texts: dict[str, str] = {}
    for part in application_parts(rewrite):
        for path, text in part.files.items():
            assert texts.setdefault(path, text) == text, path
    for path, text in texts.items():
        (package / path).write_text(text)
    return package


def module(package: Path, name: str) -> ModuleType:
    if str(package.parent) not in sys.path:
        sys.path.insert(0, str(package.parent))
    importlib.invalidate_caches()
    return importlib.import_module(f"{package.name}.{name}")
