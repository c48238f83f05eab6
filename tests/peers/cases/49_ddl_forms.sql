CREATE SCHEMA archive;  -- accepted
CREATE TABLE t (id bigint PRIMARY KEY, a integer, b text, c integer DEFAULT 1 NOT NULL);  -- accepted
CREATE TABLE base (id bigint PRIMARY KEY, a integer, b text, c integer);  -- accepted
CREATE INDEX ASYNC t_a ON t (a);  -- accepted
ALTER TABLE t SET SCHEMA archive;  -- accepted
ALTER TABLE archive.t SET SCHEMA public;  -- accepted
DROP INDEX CONCURRENTLY t_a;  -- finds: drop-index-concurrently
ALTER TABLE t INHERIT base;  -- finds: table-inheritance
ALTER TABLE t NO INHERIT base;  -- finds: table-inheritance
ALTER TABLE parts DETACH PARTITION parts_2024;  -- finds: partition
ALTER TABLE t ALTER COLUMN a TYPE bigint;  -- finds: alter-column-type
ALTER TABLE t ALTER COLUMN a SET NOT NULL;  -- finds: set-not-null
ALTER TABLE t ALTER COLUMN c DROP NOT NULL;  -- accepted
ALTER TABLE t ALTER COLUMN c SET DEFAULT 2;  -- accepted
ALTER TABLE t ALTER COLUMN c DROP DEFAULT;  -- accepted
ALTER TABLE t ALTER COLUMN b SET STORAGE external;  -- accepted
ALTER TABLE t ALTER COLUMN b SET COMPRESSION lz4;  -- finds: column-compression
ALTER TABLE t ALTER COLUMN a SET STATISTICS 500;  -- finds: column-statistics-target
ALTER TABLE t ADD COLUMN d integer;  -- accepted
ALTER TABLE t DROP COLUMN d;  -- accepted
ALTER TABLE t RENAME COLUMN b TO bb;  -- accepted
ALTER TABLE t RENAME TO t2;  -- accepted
ALTER TABLE t2 SET (fillfactor = 70);  -- finds: table-option
ALTER TABLE t2 SET TABLESPACE fast;  -- finds: tablespace
ALTER TABLE t2 SET UNLOGGED;  -- finds: set-logged
ALTER TABLE t2 CLUSTER ON t2_pkey;  -- finds: cluster
ALTER TABLE t2 ENABLE ROW LEVEL SECURITY;  -- finds: row-level-security
ALTER TABLE t2 REPLICA IDENTITY FULL;  -- finds: replica-identity
ALTER TABLE t2 DISABLE TRIGGER ALL;  -- accepted
ALTER TABLE t2 OWNER TO app;  -- accepted
CREATE POLICY mine ON t2 USING (true);  -- finds: policy
REASSIGN OWNED BY app TO other;  -- finds: reassign-owned
DROP OWNED BY app;  -- finds: reassign-owned
CREATE SUBSCRIPTION feed CONNECTION 'host=x' PUBLICATION feed;  -- finds: subscription
CREATE DOMAIN label AS citext;  -- finds: domain-base-type
CREATE DOMAIN numbers AS int[];  -- finds: domain-base-type
CREATE DOMAIN positive AS integer CHECK (VALUE > 0);  -- accepted
CREATE SERVER elsewhere FOREIGN DATA WRAPPER postgres_fdw;  -- finds: foreign-server
CREATE USER MAPPING FOR app SERVER elsewhere;  -- finds: foreign-server
IMPORT FOREIGN SCHEMA public FROM SERVER elsewhere INTO archive;  -- finds: foreign-server
CREATE STATISTICS t2_stats ON a, c FROM t2;  -- accepted
CREATE TYPE pair AS (a integer, b integer);  -- finds: composite-type
ALTER TYPE mood ADD VALUE 'glad';  -- finds: alter-type
CREATE LANGUAGE plperl;  -- finds: extension
CREATE TRANSFORM FOR hstore LANGUAGE plperl (FROM SQL WITH FUNCTION f(internal));  -- finds: transform
CREATE ACCESS METHOD heap2 TYPE TABLE HANDLER heap_tableam_handler;  -- finds: access-method
CREATE OPERATOR CLASS ops FOR TYPE integer USING btree AS OPERATOR 1 <;  -- finds: operator-class-definition
CREATE CONVERSION conv FOR 'UTF8' TO 'LATIN1' FROM f;  -- finds: conversion
CREATE DATABASE other;  -- finds: multiple-databases
DROP DATABASE other;  -- finds: multiple-databases
LOAD 'auto_explain';  -- finds: load
CHECKPOINT;  -- finds: checkpoint
COMMENT ON TABLE t2 IS 'kept';  -- accepted
