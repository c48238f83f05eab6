"""A small application: orders, a queue of jobs, a search, a nightly import.

Everything it knows of its customers holds SECRET, which no report may show.
"""

from __future__ import annotations

import psycopg

SECRET = "secret-4711"
NUMBER = 47110815  # as much a secret

SCHEMA = """
CREATE TABLE customers (id bigint PRIMARY KEY, name text NOT NULL, words tsvector);
CREATE TABLE orders (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  customer_id bigint NOT NULL REFERENCES customers,
  state text NOT NULL DEFAULT 'new',
  total numeric(12,2) NOT NULL DEFAULT 0
);
CREATE TABLE jobs (id bigint PRIMARY KEY, payload text, taken_by text);
CREATE TABLE stock (id bigint PRIMARY KEY, amount bigint NOT NULL);
CREATE TABLE visits (id bigint PRIMARY KEY, seen_at timestamptz NOT NULL DEFAULT now());
"""
ORDERS = 40


def work(url: str) -> None:
    """Use the database as an application does, through plain and prepared statements."""
    with psycopg.connect(url, autocommit=True, application_name="shop") as db:
        _fill(db)
        _sell(db)
        _queue(db)
        _look(db)
        _import(db)
        _change(db)
    with psycopg.connect(url, application_name="shop") as db:
        _transactions(db)


def _fill(db: psycopg.Connection) -> None:
    db.execute(f"INSERT INTO customers SELECT n, '{SECRET} ' || n FROM generate_series(1, 50) AS n")
    db.execute("INSERT INTO stock SELECT n, 1000 FROM generate_series(1, 10) AS n")
    db.execute(f"INSERT INTO jobs SELECT n, '{SECRET}' FROM generate_series(1, 20) AS n")
    db.execute("INSERT INTO visits (id) SELECT n FROM generate_series(1, 5000) AS n")


def _sell(db: psycopg.Connection) -> None:
    for number in range(ORDERS):
        db.execute(
            "INSERT INTO orders (customer_id, total) VALUES (%s, %s) /*route='secret-4711'*/",
            (number % 50 + 1, 9.5),
            prepare=True,
        )
        db.execute(f"UPDATE stock SET amount = amount - 1 WHERE id = {number % 10 + 1}")
    db.execute(f"SELECT * FROM orders WHERE state = '{SECRET}' AND total > {NUMBER} FOR SHARE")


def _queue(db: psycopg.Connection) -> None:
    db.execute("LISTEN jobs")
    for _ in range(7):
        with db.transaction():
            job = db.execute(
                "SELECT id FROM jobs WHERE taken_by IS NULL ORDER BY id LIMIT 1"
                " FOR UPDATE SKIP LOCKED"
            ).fetchone()
            assert job is not None
            db.execute("UPDATE jobs SET taken_by = %s WHERE id = %s", (SECRET, job[0]))
    db.execute(f"NOTIFY jobs, '{SECRET}'")
    db.execute(f"SELECT pg_notify('jobs', '{SECRET}')")
    db.execute("UNLISTEN jobs")
    for _ in range(3):
        db.execute(f"SELECT pg_try_advisory_lock({NUMBER})")
        db.execute(f"SELECT pg_advisory_unlock({NUMBER})")


def _look(db: psycopg.Connection) -> None:
    db.execute(f"SELECT name FROM customers WHERE to_tsvector(name) @@ to_tsquery('{SECRET}')")
    db.execute("SELECT pg_size_pretty(pg_total_relation_size('orders'))")
    db.execute(f"SELECT count(*) FROM pg_stat_user_tables WHERE relname <> '{SECRET}'")
    db.execute("SELECT * FROM customers WHERE name = ANY(%s)", ([SECRET],), prepare=True)
    db.execute(f"EXPLAIN SELECT * FROM customers WHERE name = '{SECRET}'")


def _import(db: psycopg.Connection) -> None:
    db.execute(f"CREATE TEMP TABLE import (id bigint, name text DEFAULT '{SECRET}')")
    with db.cursor().copy("COPY import (id, name) FROM STDIN") as copy:
        copy.write_row((900, SECRET))
    db.execute(
        "MERGE INTO customers c USING import i ON c.id = i.id"
        f" WHEN MATCHED THEN UPDATE SET name = '{SECRET}'"
        " WHEN NOT MATCHED THEN INSERT (id, name) VALUES (i.id, i.name)"
    )
    db.execute("TRUNCATE import")
    db.execute(f"DELETE FROM visits WHERE id < {NUMBER}")


def _change(db: psycopg.Connection) -> None:
    db.execute(f"DO $$ BEGIN PERFORM set_config('app.who', '{SECRET}', false); END $$")
    db.execute(f"SET app.tenant = '{SECRET}'")
    db.execute("SET lock_timeout = 5000")
    db.execute(f"COMMENT ON TABLE jobs IS '{SECRET}'")


def _transactions(db: psycopg.Connection) -> None:
    db.execute("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
    db.execute("SAVEPOINT before_it")
    db.execute("ROLLBACK TO SAVEPOINT before_it")
    with db.cursor(name="reader") as cursor:
        cursor.execute(f"SELECT id FROM customers WHERE name <> '{SECRET}'")
        cursor.fetchmany(5)
    db.execute("PREPARE TRANSACTION 'secret-4711'")
    db.rollback()
    db.autocommit = True
    db.execute("ROLLBACK PREPARED 'secret-4711'")
