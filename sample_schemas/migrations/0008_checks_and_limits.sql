BEGIN;

ALTER TABLE tickets ADD CONSTRAINT tickets_priority_range CHECK (priority BETWEEN 1 AND 5) NOT VALID;
ALTER TABLE tickets VALIDATE CONSTRAINT tickets_priority_range;
ALTER TABLE tickets ALTER COLUMN subject TYPE varchar(500);
ALTER TABLE messages DROP COLUMN headers;

-- Not on every server does the reporting role exist.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'desk_reports') THEN
        CREATE ROLE desk_reports NOLOGIN;
    END IF;
    GRANT SELECT ON tickets TO desk_reports;
END
$$;

COMMIT;
