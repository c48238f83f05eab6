-- Not in a transaction: CONCURRENTLY refuses to run in one.
SET lock_timeout = '2s';
SET statement_timeout = 0;

CREATE INDEX CONCURRENTLY IF NOT EXISTS messages_ticket_id_idx ON messages USING btree (ticket_id);
CREATE UNIQUE INDEX CONCURRENTLY agents_account_email_key ON agents (account_id, lower(email));
CREATE INDEX CONCURRENTLY tickets_unassigned_idx ON tickets (created_at) WHERE agent_id IS NULL;

RESET lock_timeout;
