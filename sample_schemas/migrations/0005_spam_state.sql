-- A new enum value cannot be used in the transaction that adds it, hence no BEGIN.
ALTER TYPE ticket_state ADD VALUE IF NOT EXISTS 'spam' AFTER 'waiting';
ALTER TYPE ticket_state RENAME VALUE 'solved' TO 'closed';
