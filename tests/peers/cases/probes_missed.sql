CREATE TYPE mood AS ENUM ('sad', 'ok');  -- finds: enum-type
CREATE TABLE p01 (id bigint PRIMARY KEY, v mood);  -- finds: enum-column
CREATE TABLE p02 (id bigint PRIMARY KEY, v money);  -- finds: money-column
CREATE TABLE p03 (id bigint PRIMARY KEY, v xml);  -- finds: xml-column
CREATE TABLE p04 (id bigint PRIMARY KEY, v inet);  -- finds: network-column
CREATE TABLE p05 (id bigint PRIMARY KEY, v cidr);  -- finds: network-column
CREATE TABLE p06 (id bigint PRIMARY KEY, v macaddr);  -- finds: network-column
CREATE TABLE p07 (id bigint PRIMARY KEY, v point);  -- finds: geometric-column
CREATE TABLE p08 (id bigint PRIMARY KEY, v line);  -- finds: geometric-column
CREATE TABLE p09 (id bigint PRIMARY KEY, v lseg);  -- finds: geometric-column
CREATE TABLE p10 (id bigint PRIMARY KEY, v box);  -- finds: geometric-column
CREATE TABLE p11 (id bigint PRIMARY KEY, v path);  -- finds: geometric-column
CREATE TABLE p12 (id bigint PRIMARY KEY, v polygon);  -- finds: geometric-column
CREATE TABLE p13 (id bigint PRIMARY KEY, v circle);  -- finds: geometric-column
CREATE TABLE p14 (id bigint PRIMARY KEY, v tsvector);  -- finds: text-search-column
CREATE TABLE p15 (id bigint PRIMARY KEY, v tsquery);  -- finds: text-search-column
CREATE TABLE p16 (id bigint PRIMARY KEY, v int4range);  -- finds: range-column
CREATE TABLE p17 (id bigint PRIMARY KEY, v tsrange);  -- finds: range-column
CREATE TABLE p18 (id bigint PRIMARY KEY, v bit(4));  -- finds: bit-column
CREATE TABLE p19 (id bigint PRIMARY KEY, v varbit(4));  -- finds: bit-column
CREATE TABLE p20 (id bigint PRIMARY KEY, v pg_lsn);  -- finds: system-type-column
SELECT 'sad'::mood;  -- finds: missing-type-cast
CREATE TABLE good (id bigint PRIMARY KEY, a integer, b integer);  -- accepted
ALTER TABLE good ADD COLUMN m money;  -- finds: money-column
ALTER TABLE good ADD COLUMN c integer CHECK (c > 0);  -- finds: add-column-constraint
ALTER TABLE good ADD COLUMN u integer UNIQUE;  -- finds: add-column-constraint
CREATE INDEX ASYNC public.good_a ON good (a);  -- finds: syntax-error
SELECT a, count(*) FROM good GROUP BY ALL;  -- finds: syntax-error
SELECT to_tsvector('english', 'a cat');  -- finds: text-search-function
SELECT to_tsquery('english', 'cat');  -- finds: text-search-function
SELECT websearch_to_tsquery('english', 'cat');  -- finds: text-search-function
SELECT 'a cat' @@ 'cat';  -- finds: text-search-function
SELECT line(point(0, 0), point(1, 1));  -- finds: geometric-value
SELECT circle(point(0, 0), 1);  -- finds: geometric-value
SELECT * FROM good TABLESAMPLE SYSTEM (10);  -- finds: tablesample
INSERT INTO good SELECT n, n, n FROM generate_series(1, 3001) AS n;  -- finds: insert-rows
BEGIN;  -- accepted
INSERT INTO good SELECT n, n, n FROM generate_series(1, 3001) AS n;  -- finds: insert-rows
COMMIT;  -- accepted
SHOW lc_collate;  -- finds: show-setting
SELECT * FROM good FOR SHARE;  -- finds: row-locking
MERGE INTO good g USING p01 p ON g.id = p.id WHEN MATCHED THEN UPDATE SET a = 1;  -- finds: merge
