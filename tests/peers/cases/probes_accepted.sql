CREATE SCHEMA archive;  -- accepted
CREATE TABLE good (id bigint PRIMARY KEY, a integer CONSTRAINT positive CHECK (a > 0), b integer);  -- accepted
SELECT a, b, count(*) FROM good GROUP BY DISTINCT a, b;  -- accepted
COMMENT ON CONSTRAINT positive ON good IS 'no negatives';  -- accepted
ALTER TABLE good RENAME CONSTRAINT positive TO above_zero;  -- accepted
SELECT * FROM good FOR UPDATE;  -- accepted
SELECT * FROM good FOR KEY SHARE;  -- accepted
CREATE STATISTICS good_stats ON a, b FROM good;  -- accepted
CREATE TABLE copied (LIKE good INCLUDING ALL);  -- accepted
ALTER TABLE good SET SCHEMA archive;  -- accepted
