BEGIN;  -- accepted
CREATE TABLE a (id bigint PRIMARY KEY);  -- accepted
CREATE TABLE b (id bigint PRIMARY KEY);  -- finds: multiple-ddl-per-transaction
INSERT INTO a VALUES (1);  -- finds: ddl-with-dml
COMMIT;  -- accepted
BEGIN;  -- accepted
INSERT INTO b VALUES (1);  -- accepted
COMMIT;  -- accepted
BEGIN;  -- accepted
CREATE TABLE c (id bigint PRIMARY KEY);  -- accepted
COMMIT;  -- accepted
