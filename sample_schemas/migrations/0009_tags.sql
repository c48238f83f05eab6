-- Tags as an array; nobody wanted a join table.
BEGIN;

ALTER TABLE tickets ADD COLUMN tags text[] NOT NULL DEFAULT '{}';
CREATE INDEX tickets_tags_idx ON tickets USING gin (tags);

CREATE FUNCTION touch_ticket() RETURNS trigger AS $$
BEGIN
    UPDATE tickets SET last_message_at = NEW.sent_at WHERE id = NEW.ticket_id;
    RETURN NEW;
END;
$$ LANGUAGE plpgsql;

CREATE TRIGGER messages_touch_ticket AFTER INSERT ON messages
    FOR EACH ROW EXECUTE PROCEDURE touch_ticket();

COMMIT;
