"""Break one thing of a rewrite at a time: the proof names exactly that."""

from __future__ import annotations

import pytest

from dsql_compat.proof.server import Scratch
from dsql_compat.proof.verify import prove
from tests.proof.mutants import broken, rewritten, undeclared

pytestmark = pytest.mark.postgres

SOURCE = """
CREATE SCHEMA app;
CREATE TYPE app.state AS ENUM ('new', 'paid', 'sent');
CREATE DOMAIN app.positive AS integer CHECK (VALUE > 0);
CREATE TABLE app.customers (
    id integer NOT NULL,
    email text NOT NULL,
    region text DEFAULT 'eu',
    country text,
    city text
);
CREATE SEQUENCE app.customers_id_seq AS integer OWNED BY app.customers.id;
ALTER TABLE app.customers ALTER COLUMN id SET DEFAULT nextval('app.customers_id_seq');
SELECT setval('app.customers_id_seq', 41, true);
ALTER TABLE app.customers ADD CONSTRAINT customers_pkey PRIMARY KEY (id);
ALTER TABLE app.customers ADD CONSTRAINT customers_place_key UNIQUE (country, city);
CREATE TABLE app.orders (
    no bigint PRIMARY KEY,
    customer_id integer NOT NULL,
    total numeric(12,2) DEFAULT 0 NOT NULL,
    quantity app.positive,
    state app.state DEFAULT 'new'::app.state,
    low integer,
    high integer,
    placed_at timestamptz DEFAULT now(),
    net numeric(12,2) GENERATED ALWAYS AS (total * 0.8) STORED,
    note varchar(40),
    CONSTRAINT orders_total_check CHECK (total > 0),
    CONSTRAINT orders_range_check CHECK (low < high),
    CONSTRAINT orders_note_check CHECK (note IS NULL OR note LIKE 'N-%'),
    CONSTRAINT orders_customer_fkey FOREIGN KEY (customer_id) REFERENCES app.customers (id)
        ON DELETE CASCADE
);
CREATE INDEX orders_open_idx ON app.orders (customer_id, placed_at) WHERE state <> 'sent';
CREATE INDEX customers_email_idx ON app.customers (lower(email));
CREATE VIEW app.totals AS SELECT customer_id, sum(total) AS total FROM app.orders GROUP BY 1;
CREATE FUNCTION app.twice(n integer) RETURNS integer LANGUAGE sql IMMUTABLE
    AS $$ SELECT n * 2 $$;
CREATE SEQUENCE app.tickets START WITH 1000 INCREMENT BY 10;
COMMENT ON TABLE app.orders IS 'What was bought';
COMMENT ON COLUMN app.orders.total IS 'With tax';
CREATE ROLE clerk;
GRANT SELECT ON app.orders TO clerk;
"""

MUTATIONS = [
    ("email text NOT NULL", "email text", "app.customers.email", "not null"),
    ("DEFAULT 'eu'", "DEFAULT 'us'", "app.customers.region", "default"),
    ("DEFAULT 'eu'", "", "app.customers.region", "default"),
    ("total > 0", "total >= 0", "app.orders.orders_total_check", "rows it takes"),
    ("low < high", "low <= high", "app.orders.orders_range_check", "rows it takes"),
    ("'N-%'", "'N%'", "app.orders.orders_note_check", "rows it takes"),
    (
        ",\n    CONSTRAINT orders_total_check CHECK (total > 0)",
        "",
        "app.orders.orders_total_check",
        "there",
    ),
    ("PRIMARY KEY (id)", "PRIMARY KEY (id, email)", "app.customers.customers_pkey", "columns"),
    ("UNIQUE (country, city)", "UNIQUE (city, country)", "*", "columns"),
    ("WHERE state <> 'sent'", "", "app.orders_open_idx", "predicate"),
    ("WHERE state <> 'sent'", "WHERE state <> 'paid'", "app.orders_open_idx", "predicate"),
    ("(customer_id, placed_at)", "(placed_at, customer_id)", "app.orders_open_idx", "keys"),
    ("(lower(email))", "(upper(email))", "app.customers_email_idx", "keys"),
    ("ON DELETE CASCADE", "ON DELETE SET NULL", "app.orders.orders_customer_fkey", "on delete"),
    (",\n    region text DEFAULT 'eu'", "", "app.customers.region", "there"),
    ("START WITH 42 ", "START WITH 41 ", "app.customers.id", "next value"),
    ("START WITH 1000", "START WITH 1001", "app.tickets", "next value"),
    ("INCREMENT BY 10", "INCREMENT BY 1", "app.tickets", "increment"),
    ("numeric(12,2) DEFAULT 0", "numeric(12,4) DEFAULT 0", "app.orders.total", "type"),
    ("total * 0.8", "total * 0.9", "app.orders.net", "generated values"),
    ("COMMENT ON TABLE", None, "app.orders", "comment"),
    ("'With tax'", "'Without tax'", "app.orders.total", "comment"),
    ("'new', 'paid', 'sent')", "'new', 'paid')", "app.state", "values it takes"),
    ("VALUE > 0", "VALUE >= 0", "app.positive", "values it takes"),
    ("n * 2", "n * 3", "app.twice", "results"),
    ("IMMUTABLE", "VOLATILE", "app.twice", "volatility"),
    ("GRANT SELECT", "GRANT UPDATE", "app.orders", "grants"),
    ("DEFAULT now()", "DEFAULT '2020-01-01'", "app.orders.placed_at", "default"),
    ("CREATE INDEX ASYNC orders_open_idx", None, "app.orders_open_idx", "there"),
    ("ADD CONSTRAINT orders_customer_fkey", None, "app.orders.orders_customer_fkey", "there"),
    ("VALIDATE CONSTRAINT orders_customer_fkey", None, "*", "validated"),
]
# What a broken statement brings with it, besides the aspect that was broken.
ALSO = {
    "PRIMARY KEY (id, email)": {"loads", "there"},  # nothing is left to refer to
    "(lower(email))": set(),
}


def test_the_rewrite_itself_is_proved(scratch: Scratch) -> None:
    proof = prove(scratch, rewritten(SOURCE))
    assert undeclared(proof) == []
    assert proof.open == []
    assert proof.compared["column"] == 17
    assert proof.compared["check constraint"] == 3
    assert proof.compared["index"] == 2


@pytest.mark.parametrize(
    ("old", "new", "subject", "aspect"), MUTATIONS, ids=lambda value: str(value)[:30]
)
def test_a_broken_rewrite_is_found(
    scratch: Scratch, old: str, new: str | None, subject: str, aspect: str
) -> None:
    rewrite = broken(rewritten(SOURCE), old, new)
    found = undeclared(prove(scratch, rewrite))
    aspects = {name for _, name in found}
    # The plan says what a column's type is, so a wrong type or a lost column shows there as well.
    extra = {"planned", "planned type"} | ALSO.get(new or "", set())
    if aspect == "validated" or (new is None and old.startswith("ADD CONSTRAINT")):
        extra |= {"loads"}
    assert aspect in aspects
    assert aspects - extra == {aspect}
    if subject != "*":
        assert (subject, aspect) in found
    assert len([1 for name, what in found if what == aspect]) == 1
