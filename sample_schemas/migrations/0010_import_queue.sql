-- The old importer left half a million rows behind; start again with an empty queue.
BEGIN;
LOCK TABLE import_queue IN ACCESS EXCLUSIVE MODE;
TRUNCATE TABLE import_queue RESTART IDENTITY CASCADE;

ALTER TABLE import_queue ALTER COLUMN raw TYPE jsonb USING raw::jsonb;
ALTER TABLE import_queue ADD COLUMN cost numeric;

COMMIT;

ANALYZE;
