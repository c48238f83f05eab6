CREATE TABLE account (id serial PRIMARY KEY, balance money NOT NULL, ip inet, tsv tsvector, a int, b int, c int, d int, e int, f int, g int, h int, i int);  -- finds: money-column, network-column, serial-column, text-search-column
CREATE INDEX account_tsv ON account USING gin (tsv) WITH (fastupdate = off);  -- finds: index-method, index-storage-parameter, sync-index
CREATE INDEX account_nine ON account (a, b, c, d, e, f, g, h, i);  -- finds: index-key-columns, sync-index
ALTER TABLE account ADD COLUMN age int CHECK (age > 0);  -- finds: add-column-constraint
CREATE TABLE staging (id bigint PRIMARY KEY, balance money);  -- finds: money-column
MERGE INTO account t USING staging s ON t.id = s.id WHEN MATCHED THEN UPDATE SET balance = s.balance;  -- finds: merge
SELECT pg_advisory_xact_lock(7);  -- finds: advisory-lock
