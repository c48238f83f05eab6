CREATE TABLE account (id serial PRIMARY KEY, balance money NOT NULL, ip inet);  -- finds: money-column, network-column, serial-column
ALTER TABLE account ADD COLUMN age int CHECK (age > 0);  -- finds: add-column-constraint
SELECT pg_advisory_xact_lock(7);  -- finds: advisory-lock
