"""citext becomes text: what compared without regard to case still does, or is left with a reason."""

from __future__ import annotations

import pytest

from .database import fate, rewritten
from .whole import refusals, text_of

USERS = """
CREATE EXTENSION citext;
CREATE TABLE users (
    id integer PRIMARY KEY, tenant integer, name text, email citext UNIQUE, nick citext,
    UNIQUE (tenant, nick)
);
"""
CHECKS = {
    "email <> 'Root'": "lower(email) <> 'root'",
    "email = nick": "lower(email) = lower(nick)",
    "email OPERATOR(public.=) 'A'::public.citext": "lower(email) = 'a'",
    "email ~ '^A'": "email ~* '^A'",
    "email !~ '^A'::citext": "email !~* '^A'",
    "email LIKE 'A%'": "email ~~* 'A%'",
    "email NOT LIKE 'A%' || 'b'": "email !~~* ('A%' || 'b')",
    "nick IN ('A', 'b')": "lower(nick) IN ('a', 'b')",
    "nick = ANY (ARRAY['A'::citext, 'b'::citext])": "lower(nick) = ANY(ARRAY['a', 'b'])",
    "nick BETWEEN 'A' AND 'C'": "lower(nick) BETWEEN 'a' AND 'c'",
    "nick IS DISTINCT FROM email": "lower(nick) IS DISTINCT FROM lower(email)",
    "strpos(nick, 'X') = 0": "strpos(lower(nick), 'x') = 0",
    "regexp_replace(nick, 'X', '') <> ''": "regexp_replace(nick, 'X', '', 'i') <> ''",
    "name::citext = 'Bob'": "lower(name::text) = 'bob'",
    "email = 'Ä'": "lower(email) = lower('Ä')",
    # against text PostgreSQL compares text
    "email = btrim(email)": "email = btrim(email)",
    "email = name": "email = name",
    "name ~ email": "name ~ email",
    "length(email) < 9": "length(email) < 9",
}


@pytest.mark.parametrize(("given", "wanted"), CHECKS.items(), ids=CHECKS)
def test_a_check_means_what_it_meant(given: str, wanted: str) -> None:
    found = rewritten(f"{USERS} ALTER TABLE users ADD CONSTRAINT k CHECK ({given});")
    (check,) = [c for c in found.tables[0].constraints if c.kind == "check"]
    assert check.definition == f"CHECK ({wanted})"


LEFT = {
    "SELECT DISTINCT email FROM users": "DISTINCT compares email",
    "SELECT email, count(*) FROM users GROUP BY email": "it groups by",
    "SELECT email AS e FROM users GROUP BY e": "it groups by",
    "SELECT email FROM users UNION SELECT nick FROM users": "it tells rows apart by email",
    "SELECT email FROM users INTERSECT ALL SELECT nick FROM users": "it tells rows apart by",
    "SELECT a.id FROM users a JOIN users b USING (email)": "USING compares email",
    "SELECT max(email) FROM users": "max() orders citext",
    "SELECT id FROM users WHERE email IN (SELECT nick FROM users)": "it looks for a value",
    "SELECT CASE email WHEN 'A' THEN 1 END FROM users": "CASE compares",
    "SELECT email FROM users ORDER BY 1": "it sorts by what it gives",
    "SELECT greatest(email, nick) FROM users": "it picks the least",
}


@pytest.mark.parametrize(("query", "reason"), LEFT.items(), ids=LEFT)
def test_what_has_no_match_is_left_with_the_reason(query: str, reason: str) -> None:
    outcome, what = fate(rewritten(f"{USERS} CREATE VIEW v AS {query};"), "v")
    assert outcome == "left"
    assert what.startswith(reason)


QUERIES = {
    "SELECT email FROM users WHERE email = 'A' ORDER BY nick": (
        "SELECT email FROM users WHERE lower(email) = 'a' ORDER BY lower(nick)"
    ),
    "SELECT count(DISTINCT email) FROM users": "SELECT count(DISTINCT lower(email)) FROM users",
    "SELECT e FROM (SELECT coalesce(email, nick) AS e FROM users) q WHERE e = 'X'": (
        "SELECT e FROM (SELECT coalesce(email, nick) AS e FROM users) q WHERE lower(e) = 'x'"
    ),
    "SELECT row_number() OVER (PARTITION BY nick) FROM users": (
        "SELECT row_number() OVER (PARTITION BY lower(nick)) FROM users"
    ),
}


@pytest.mark.parametrize(("given", "wanted"), QUERIES.items(), ids=QUERIES)
def test_a_view_says_lower(given: str, wanted: str) -> None:
    found = rewritten(f"{USERS} CREATE VIEW v AS {given};")
    assert f"CREATE VIEW v AS {wanted}" in [item.sql for item in found.items]
    assert refusals(text_of(found), "latest") == []


KEYS = """
CREATE EXTENSION citext;
CREATE TABLE hosts (name citext PRIMARY KEY, alias citext UNIQUE NULLS NOT DISTINCT);
CREATE TABLE visits (id integer PRIMARY KEY, host citext REFERENCES hosts, note citext);
CREATE INDEX visits_note ON visits (note);
"""


def test_keys_stay_unique_without_regard_to_case() -> None:
    found = rewritten(KEYS)
    late = [item.sql for item in found.items if item.phase == "after-load"]
    assert late[:3] == [
        "CREATE INDEX ASYNC visits_note ON public.visits (lower(note))",
        "CREATE UNIQUE INDEX ASYNC hosts_name_lower_idx ON public.hosts (lower(name))",
        "CREATE UNIQUE INDEX ASYNC hosts_alias_key ON public.hosts (lower(alias))"
        " NULLS NOT DISTINCT",
    ]
    assert [c.definition for c in found.tables[0].constraints] == ["PRIMARY KEY (name)"]
    absorbed = [f for f in found.fates if f.ref.name == "hosts_alias_key"]
    assert [f.outcome for f in absorbed] == ["absorbed", "changed"]
    assert "ON CONFLICT (alias) becomes ON CONFLICT (lower(alias))" in absorbed[0].what
    assert fate(found, "visits_host_fkey")[1].startswith("tells upper and lower case apart")


def test_before_indexes_on_expressions_the_loss_is_said() -> None:
    found = rewritten(KEYS, "2026-03")
    assert [c.kind for c in found.tables[0].constraints] == ["primary key", "unique"]
    for name in ("hosts_pkey", "hosts_alias_key", "visits_note"):
        assert "tells upper and lower case apart" in fate(found, name)[1]


def test_on_conflict_and_arguments_of_citext_are_left() -> None:
    found = rewritten(
        USERS + "CREATE FUNCTION a() RETURNS void LANGUAGE sql AS"
        " $$INSERT INTO users (id, email) VALUES (1, 'x') ON CONFLICT (email) DO NOTHING$$;"
        "CREATE FUNCTION b(who citext) RETURNS bigint LANGUAGE sql AS"
        " $$SELECT count(*) FROM users WHERE email = who$$;"
        "CREATE FUNCTION c(who text) RETURNS bigint LANGUAGE sql AS"
        " $$SELECT count(*) FROM users WHERE email = who AND nick = 'Q'$$;"
    )
    assert fate(found, ".a") == (
        "left",
        "ON CONFLICT (email) has to be ON CONFLICT (lower(email)) now",
    )
    assert fate(found, ".b")[1].startswith("its argument who is citext")
    (made,) = [item.sql for item in found.items if item.ref.name == "c"]
    assert "email = who AND lower(nick) = 'q'" in made


DOMAINS = {
    "mail AS citext CHECK (VALUE OPERATOR(public.~) '^A'::public.citext)": (
        "mail AS text CHECK (VALUE ~* '^A')"
    ),
    "ip AS inet CHECK (VALUE << '10.0.0.0/8')": ("ip AS text CHECK (VALUE::inet << '10.0.0.0/8')"),
    "tags AS text[] DEFAULT '{}' CHECK (cardinality(VALUE) < 3)": (
        "tags AS jsonb DEFAULT '[]'::jsonb CHECK (jsonb_array_length(VALUE) < 3)"
    ),
    "few AS text[] CHECK (VALUE[1:2] = '{a}')": "few AS jsonb",
}


@pytest.mark.parametrize(("given", "wanted"), DOMAINS.items(), ids=DOMAINS)
def test_a_domain_keeps_the_checks_that_have_a_match(given: str, wanted: str) -> None:
    found = rewritten(f"CREATE EXTENSION citext; CREATE DOMAIN {given};")
    head, _, rest = wanted.partition(" ")
    assert [item.sql for item in found.items] == [f"CREATE DOMAIN public.{head} {rest}"]
    lost = [f for f in found.left if f.ref.kind == "constraint"]
    assert len(lost) == ("CHECK" not in wanted)


def test_names_that_nobody_gave_are_those_of_postgresql() -> None:
    found = rewritten(
        "CREATE TABLE t (id integer PRIMARY KEY, a integer UNIQUE CHECK (a > 0));"
        "ALTER TABLE t RENAME TO old;"
        "CREATE TABLE t (id integer PRIMARY KEY, a integer UNIQUE CHECK (a > 0));"
        "CREATE INDEX ON t (a); CREATE INDEX ON t (a); CREATE INDEX ON t (lower('x' || a));"
        f"CREATE TABLE {'x' * 40} ({'y' * 40} integer UNIQUE, id integer PRIMARY KEY);"
    )
    names = [[c.name for c in table.constraints] for table in found.tables]
    assert names[:2] == [
        ["t_pkey", "t_a_key", "t_a_check"],
        ["t_pkey1", "t_a_key1", "t_a_check1"],
    ]
    assert f"{'x' * 29}_{'y' * 29}_key" in names[2]
    indexes = [item.ref.name for item in found.items if item.phase == "after-load"]
    assert indexes == ["t_a_idx", "t_a_idx1", "t_lower_idx"]


def test_a_key_that_is_renamed_later_still_widens_what_refers_to_it() -> None:
    found = rewritten(
        "CREATE TABLE a (id serial PRIMARY KEY);"
        "CREATE TABLE b (id uuid PRIMARY KEY, a_id integer REFERENCES a (id));"
        "ALTER TABLE a RENAME COLUMN id TO number; ALTER TABLE b RENAME COLUMN a_id TO a_number;"
    )
    assert {c.name: c.type for c in found.tables[1].columns}["a_number"] == "bigint"
    about = [f.object.name for f in found.report.findings if f.rule == "key-reference-type"]
    assert about == ["a_id"]  # as it is called where it is declared
    assert any("REFERENCES public.a (number)" in item.sql for item in found.items)


def test_a_comment_on_a_key_that_became_an_index_is_said_of_the_index() -> None:
    found = rewritten(
        f"{USERS} COMMENT ON CONSTRAINT users_email_key ON users IS 'one ON each';\n"
        "COMMENT ON CONSTRAINT users_pkey ON users IS 'kept';"
    )
    sql = [item.sql for item in found.items]
    assert "COMMENT ON INDEX public.users_email_key IS 'one ON each'" in sql
    assert "COMMENT ON CONSTRAINT users_pkey ON users IS 'kept'" in sql
    made = next(n for n, text in enumerate(sql) if text.startswith("CREATE UNIQUE INDEX"))
    assert made < sql.index("COMMENT ON INDEX public.users_email_key IS 'one ON each'")
    assert not [f for f in found.fates if f.ref.kind == "comment"]


def test_a_comment_on_a_key_stays_behind_where_no_index_can_take_its_place() -> None:
    sql = f"{USERS} COMMENT ON CONSTRAINT users_email_key ON users IS 'one';"
    found = rewritten(sql, "2026-06")
    assert not [item for item in found.items if "COMMENT ON INDEX" in item.sql]
    assert any("COMMENT ON CONSTRAINT users_email_key" in item.sql for item in found.items)
