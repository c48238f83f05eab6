CREATE TABLE account (id bigint PRIMARY KEY, a integer);  -- accepted
ALTER TABLE account ADD COLUMN age integer CHECK (age > 0);  -- finds: add-column-constraint
ALTER TABLE account ADD COLUMN code text UNIQUE;  -- finds: add-column-constraint
ALTER TABLE account ADD COLUMN other bigint PRIMARY KEY;  -- finds: add-column-constraint
ALTER TABLE account ADD COLUMN twice integer GENERATED ALWAYS AS (a * 2) STORED;  -- finds: add-column-constraint
ALTER TABLE account ADD COLUMN balance money;  -- finds: money-column
CREATE INDEX ASYNC public.account_a ON account (a);  -- finds: syntax-error
ALTER TABLE account ADD COLUMN plain text;  -- accepted
