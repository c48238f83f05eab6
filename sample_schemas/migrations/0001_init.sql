-- Support desk: accounts, agents and tickets.
BEGIN;

CREATE TABLE accounts (
    id serial PRIMARY KEY,
    name varchar(100) NOT NULL UNIQUE,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE agents (
    id serial PRIMARY KEY,
    account_id integer NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    email text NOT NULL,
    is_admin boolean NOT NULL DEFAULT false
);

CREATE TABLE tickets (
    id bigserial PRIMARY KEY,
    account_id integer NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    agent_id integer REFERENCES agents (id) ON DELETE SET NULL,
    subject varchar(200) NOT NULL,
    state text NOT NULL DEFAULT 'open',
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX tickets_account_id_idx ON tickets (account_id, created_at DESC);

INSERT INTO accounts (name) VALUES ('Sandbox');

COMMIT;
