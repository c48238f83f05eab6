-- Licence: do as you please.
/* Users of the shop,
   one row each. */
CREATE TABLE users (
    id serial PRIMARY KEY, -- the key
    email text NOT NULL, /* never shown */
    -- at birth it is zero
    age int CHECK (age >= 0)
);
-- squawk-ignore require-concurrent-index-creation: approved by the DBA
CREATE INDEX users_email_idx ON users (email); -- looked up at login
-- before
SELECT 1; /* after */
-- footer: SELECT pg_advisory_lock(1); CREATE TABLE in_comment (id serial);
