-- Customers log in as well now; "agents" is the wrong word.
BEGIN;

ALTER TABLE agents RENAME TO users;
ALTER TABLE users RENAME COLUMN is_admin TO is_agent;
ALTER SEQUENCE agents_id_seq RENAME TO users_id_seq;
ALTER INDEX agents_account_email_key RENAME TO users_account_email_key;
ALTER TABLE tickets RENAME CONSTRAINT tickets_agent_id_fkey TO tickets_assignee_id_fkey;
ALTER TABLE tickets RENAME COLUMN agent_id TO assignee_id;

UPDATE users SET is_agent = true;

COMMIT;
