-- Customers write more than a subject line, and their old tickets come with them.
BEGIN;

CREATE TABLE messages (
    id bigserial PRIMARY KEY,
    ticket_id bigint NOT NULL,
    body text NOT NULL,
    headers json,
    sent_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE import_queue (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id integer NOT NULL REFERENCES accounts (id),
    raw json NOT NULL
);

ALTER TABLE messages
    ADD CONSTRAINT messages_ticket_id_fkey FOREIGN KEY (ticket_id) REFERENCES tickets (id) ON DELETE CASCADE;

ALTER TABLE tickets
    ADD COLUMN priority smallint NOT NULL DEFAULT 3,
    ADD COLUMN last_message_at timestamptz;

COMMIT;
