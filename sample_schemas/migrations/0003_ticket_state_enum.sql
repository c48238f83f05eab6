-- Free text was a mistake: somebody typed 'Opne'.
BEGIN;
SET LOCAL lock_timeout = '5s';

CREATE TYPE ticket_state AS ENUM ('open', 'waiting', 'solved');

UPDATE tickets SET state = 'open' WHERE state NOT IN ('open', 'waiting', 'solved');

ALTER TABLE tickets ALTER COLUMN state DROP DEFAULT;
ALTER TABLE tickets ALTER COLUMN state TYPE ticket_state USING state::ticket_state;
ALTER TABLE tickets ALTER COLUMN state SET DEFAULT 'open';

COMMIT;
