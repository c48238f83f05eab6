"""Generated parts of samples and real schemas: SQL that DSQL takes, Python that type-checks."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from dsql_compat.guide.application import Part, application_parts
from dsql_compat.pipeline import analyze_text
from dsql_compat.rewriting.build import rewrite_inputs
from dsql_compat.rewriting.choices import Wishes
from dsql_compat.rewriting.model import Rewrite
from dsql_compat.sources.files import find_inputs
from tests.real.cache import Cache, default
from tests.rewriting.whole import text_of

from .application_code import SAMPLES, SOURCES, written

TARGETS = ("latest", "2026-06-30", "2026-03")
REAL = (
    *("bacula", "icinga2-ido", "procrastinate", "mediawiki", "tt-rss", "logto", "pgq", "kea"),
    *("message-db", "pgmq", "synapse", "dbos", "graphile-worker", "davical", "pg-boss", "oauth"),
)


def rewrite_of(source: Path, target: str = "latest", wishes: Wishes | None = None) -> Rewrite:
    [rewrite] = rewrite_inputs(find_inputs([str(source)]), target, wishes)
    return rewrite


def refusals(rewrite: Rewrite, target: str) -> list[tuple[str, str, str]]:
    """What our own rules say of the SQL files, behind the schema that they are about."""
    found = []
    for part in application_parts(rewrite):
        for path, text in part.files.items():
            if path.endswith(".sql"):
                schema = text_of(rewrite)
                report = analyze_text(schema + text, target)
                found += [
                    (path, f.rule, f.message)
                    for f in report.findings
                    if f.severity == "error" and f.location.line > schema.count("\n")
                ]
    return found


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("source", SOURCES, ids=lambda s: str(s.relative_to(SAMPLES)))
def test_sql_is_accepted_at_the_target(source: Path, target: str) -> None:
    rewrite = rewrite_of(source, target)
    assert refusals(rewrite, target) == []
    if target == "2026-03":
        assert any(part.key == "foreign-keys" for part in application_parts(rewrite))


@pytest.mark.real
@pytest.mark.parametrize("name", REAL)
def test_sql_of_real_schemas_is_accepted(name: str) -> None:
    dump = Cache(default()).dump(name, "schema")
    if not dump.is_file():
        pytest.skip(f"{name} is not in the cache")
    assert refusals(rewrite_of(dump, "2026-03"), "2026-03") == []


def test_modules_type_check_and_are_the_same_twice(tmp_path: Path) -> None:
    """One run of mypy --strict over the packages of all samples and the real schemas there are."""
    sources = [*SOURCES, *(Cache(default()).dump(name, "schema") for name in REAL)]
    count = 0
    for source in sources:
        if not source.exists():
            continue
        for target in ("latest", "2026-03"):
            rewrite = rewrite_of(source, target)
            package = written(rewrite, tmp_path)
            first = {p.name: p.read_text() for p in package.iterdir()}
            second = written(rewrite_of(source, target), tmp_path / "again")
            assert first == {p.name: p.read_text() for p in second.iterdir()}
            count += sum(path.endswith(".py") for path in first)
    assert count > 60
    packages = sorted(p for p in tmp_path.iterdir() if p.name != "again")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", *map(str, packages)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout


def part(rewrite: Rewrite, key: str) -> Part:
    [found] = [p for p in application_parts(rewrite) if p.key == key]
    return found


def test_every_feature_of_the_samples_has_its_part() -> None:
    keys = {
        source.parent.name if source.is_file() else source.name: [
            p.key for p in application_parts(rewrite_of(source))
        ]
        for source in SOURCES
    }
    assert keys["bookings"] == ["foreign-keys-kept", "numbers"]
    assert {"triggers", "batches", "foreign-keys-kept"} <= set(keys["shop"])
    assert {"advisory-locks", "listen-notify", "queues", "search", "triggers"} <= set(keys["saas"])
    assert {"materialized-views", "temporary-tables"} <= set(keys["analytics"])
    assert {"triggers", "temporary-tables", "transactions", "batches"} <= set(keys["migrations"])


def test_parts_name_findings_of_the_report() -> None:
    rewrite = rewrite_of(SAMPLES / "shop" / "schema.sql")
    known = {f.id for found in rewrite.findings.values() for f in found}
    for found in application_parts(rewrite):
        assert set(found.findings) <= known
    assert part(rewrite, "triggers").findings


def test_locks_follow_the_target() -> None:
    source = SAMPLES / "shop" / "schema.sql"
    wishes = Wishes(foreign_keys="app-checks")
    for date, clause in (("2026-08-24", "FOR UPDATE"), ("2026-08-25", "FOR KEY SHARE")):
        files = part(rewrite_of(source, date, wishes), "foreign-keys").files
        for path in ("foreign_keys.py", "foreign_keys.sql"):
            assert re.findall(r"FOR UPDATE|FOR KEY SHARE", files[path])
            assert set(re.findall(r"FOR UPDATE|FOR KEY SHARE", files[path])) == {clause}


def test_a_key_beside_the_primary_key_is_looked_up_first_before_any_lock_would_do() -> None:
    from tests.rewriting.database import rewritten

    sql = (
        "CREATE TABLE p (id integer PRIMARY KEY, code text UNIQUE);"
        "CREATE TABLE c (id integer PRIMARY KEY, code text REFERENCES p (code));"
    )
    text = part(rewritten(sql, "2026-03"), "foreign-keys").files["foreign_keys.sql"]
    assert "SELECT id FROM public.p WHERE code = $1;" in text
    assert "SELECT 1 FROM public.p WHERE id = $1 FOR UPDATE;" in text
    assert (
        "lock_by_key=True"
        in part(rewritten(sql, "2026-03"), "foreign-keys").files["foreign_keys.py"]
    )


def test_advice_for_kept_keys_names_what_is_there() -> None:
    text = part(rewrite_of(SAMPLES / "saas" / "schema.sql"), "foreign-keys-kept").explanation
    assert "`core.tenants`: 4 relations refer to it" in text
    assert "CREATE INDEX ASYNC ON core.memberships (invited_by)" in text
    assert "CREATE INDEX ASYNC ON core.memberships (user_id)" not in text


def test_a_part_lists_its_own_files_and_the_head_what_is_shared() -> None:
    from dsql_compat.guide.build import guide_files

    rewrite = rewrite_of(SAMPLES / "saas" / "schema.sql")
    text = guide_files(rewrite, ["schema.sql"])["05-application.md"]
    head, *parts = text.split("\n## ")
    assert text.count("[`__init__.py`]") == text.count("[`retry.py`]") == 1
    assert "Of 1 triggers" not in text
    assert "The one here is in `triggers.py`" in text
    advice = next(line for line in head.split("\n") if line.startswith("| Row level security"))
    what = advice.split(" | ")[-1]
    assert re.search(r"<br>→ \[Row policies[^\]]*\]\(05-application.md#part-row-policies", what)
    for text in what.split("<br>→ ")[0].split("<br>"):
        assert len(re.findall(r"[.!?](?: |$)", text.rstrip(" |"))) == 1, text
    [numbers] = [part for part in parts if part.startswith("Sequences")]
    assert "(application/retry.py)" not in numbers


WORKLOAD = """
SAVEPOINT a;
BEGIN ISOLATION LEVEL SERIALIZABLE;
LISTEN jobs;
SELECT lastval();
CREATE TEMPORARY TABLE best AS SELECT id FROM public.orders WHERE customer_id = 3;
TRUNCATE public.orders;
"""


def test_what_only_a_workload_shows_has_its_part(tmp_path: Path) -> None:
    from dsql_compat.sources.workload.files import read_queries

    sent = tmp_path / "sent.sql"
    sent.write_text(WORKLOAD)
    source = tmp_path / "schema.sql"
    source.write_text(
        "CREATE TABLE public.orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
        " customer_id bigint NOT NULL);"
    )
    [plain] = rewrite_inputs(find_inputs([str(source)]))
    workloads = [read_queries(str(sent))]
    [rewrite] = rewrite_inputs(find_inputs([str(source)]), workloads=workloads)
    keys = {p.key for p in application_parts(rewrite)}
    wanted = {"listen-notify", "batches", "temporary-tables", "transactions"}
    assert wanted | {"numbers"} <= keys
    assert not wanted & {p.key for p in application_parts(plain)}
    found = part(rewrite, "temporary-tables")
    assert "workload: `CREATE TEMPORARY TABLE best" in found.explanation
    assert "WHERE customer_id = $1" in found.files["temporary_tables.sql"]
    assert 'Listener(["jobs"]' in part(rewrite, "listen-notify").explanation
    assert "workload: `SELECT lastval()`" in part(rewrite, "numbers").explanation


def test_triggers_of_views_rules_and_event_triggers_are_named() -> None:
    from tests.rewriting.database import rewritten

    rewrite = rewritten(
        """
        CREATE TABLE t (id integer PRIMARY KEY, n integer);
        CREATE VIEW v AS SELECT id, n FROM t;
        CREATE FUNCTION write() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN INSERT INTO t VALUES (NEW.id, NEW.n); RETURN NEW; END $$;
        CREATE TRIGGER instead INSTEAD OF INSERT ON v FOR EACH ROW EXECUTE FUNCTION write();
        CREATE RULE keep AS ON DELETE TO t DO INSTEAD NOTHING;
        CREATE RULE also AS ON UPDATE TO t WHERE new.n > 1 DO ALSO DELETE FROM t WHERE id = old.n;
        CREATE FUNCTION ddl() RETURNS event_trigger LANGUAGE plpgsql AS $$
        BEGIN PERFORM pg_notify('ddl', TG_TAG); END $$;
        CREATE EVENT TRIGGER told ON ddl_command_end WHEN TAG IN ('CREATE TABLE')
            EXECUTE FUNCTION ddl();
        """
    )
    triggers = part(rewrite, "triggers").explanation
    assert "There is one here." in triggers
    assert "| `instead` on `public.v` | INSTEAD OF INSERT |" in triggers
    assert "runs `INSERT INTO t VALUES (NEW.id, NEW.n)`" in triggers
    rules = part(rewrite, "rules").explanation
    assert "`keep`** on `public.t`: a DELETE of it did nothing. Take DELETE on it" in rules
    assert "`also`** on `public.t`: an UPDATE of it, where `new.n > 1`, was followed by" in rules
    assert "`told`: at `ddl_command_end` for CREATE TABLE it called `ddl`" in rules
