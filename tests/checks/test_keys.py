"""Keys of types that DSQL has no keys of: what replaces the index, and what is one decision."""

from __future__ import annotations

from dsql_compat.pipeline import analyze_text
from dsql_compat.report.model import FindingInfo

HOSTS = "CREATE TABLE hosts (id uuid PRIMARY KEY, mac bytea, subnet bigint);\n"


def found(rule: str, sql: str) -> list[FindingInfo]:
    return [f for f in analyze_text(sql).findings if f.rule == rule]


def after(finding: FindingInfo) -> list[str]:
    assert finding.rewrite
    return finding.rewrite.after


def test_the_index_that_replaces_one_stays_unique_and_partial() -> None:
    sql = HOSTS + "CREATE UNIQUE INDEX once ON hosts (mac, subnet) WHERE (subnet > 0);"
    assert after(found("key-type", sql)[0]) == [
        "CREATE UNIQUE INDEX ASYNC once ON hosts ((encode(sha256(mac), 'hex')), subnet)"
        " WHERE (subnet > 0);"
    ]


def test_a_column_in_several_keys_is_one_decision() -> None:
    sql = HOSTS + "CREATE INDEX a ON hosts (mac);\nCREATE INDEX b ON hosts (subnet, mac);"
    first, second = found("key-type", sql)
    assert (first.cause, second.cause) == (None, first.id)
    assert {f.cause for f in found("sync-index", sql)} == {first.id, second.id}


def test_a_domain_in_several_tables_is_one_decision() -> None:
    sql = """CREATE DOMAIN digest AS bytea;
CREATE TABLE blobs (id digest NOT NULL PRIMARY KEY);
CREATE TABLE files (id digest NOT NULL PRIMARY KEY);"""
    first, second = found("key-type", sql)
    assert (first.cause, second.cause) == (None, first.id)
    assert after(second) == ["id text NOT NULL PRIMARY KEY"]


def test_a_type_altered_later_is_not_looked_for_in_create_table() -> None:
    sql = """CREATE TABLE pages (id serial PRIMARY KEY);
CREATE TABLE states (page_id integer REFERENCES pages, note text);
ALTER TABLE states ALTER COLUMN page_id TYPE varchar(255);"""
    assert not found("key-reference-type", sql)


def test_a_column_that_is_renamed_later_has_the_name_of_its_statement() -> None:
    sql = """
        CREATE TABLE agents (id serial PRIMARY KEY);
        CREATE TABLE tickets (
            id bigint PRIMARY KEY, num integer GENERATED ALWAYS AS IDENTITY,
            agent_id integer REFERENCES agents (id)
        );
        ALTER TABLE tickets RENAME COLUMN agent_id TO assignee_id;
        ALTER TABLE tickets RENAME COLUMN num TO number;
        ALTER TABLE tickets RENAME TO cases;
    """
    found = {f.rule: f for f in analyze_text(sql).findings}
    for rule, name in (("key-reference-type", "agent_id"), ("identity-column-type", "num")):
        finding = found[rule]
        assert finding.rewrite is not None
        assert finding.rewrite.before is not None
        assert finding.rewrite.before.startswith(f"{name} integer")
        assert finding.rewrite.after[0].startswith(f"{name} bigint")
        assert f"Column {name} of public.tickets" in finding.message
        assert (finding.object.table, finding.object.name) == ("tickets", name)
