-- Fill tickets.last_message_at from the messages, then insist on it.
BEGIN;

CREATE TEMP TABLE newest ON COMMIT DROP AS
SELECT ticket_id, max(sent_at) AS sent_at FROM messages GROUP BY ticket_id;

SAVEPOINT before_backfill;

UPDATE tickets t SET last_message_at = n.sent_at FROM newest n WHERE n.ticket_id = t.id;
UPDATE tickets SET last_message_at = created_at WHERE last_message_at IS NULL;

RELEASE SAVEPOINT before_backfill;

ALTER TABLE tickets ALTER COLUMN last_message_at SET NOT NULL;

COMMIT;
