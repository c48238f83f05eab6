SET ROLE app;  -- finds: set-role
SET SESSION AUTHORIZATION app;  -- finds: session-authorization
SET session_replication_role = replica;  -- finds: unsupported-setting
DECLARE cur CURSOR FOR SELECT 1;  -- finds: cursor
FETCH NEXT FROM cur;  -- finds: cursor
CLOSE cur;  -- finds: cursor
CREATE ROLE admin LOGIN PASSWORD 'hunter2' SUPERUSER;  -- finds: role-attribute, role-password
BEGIN;  -- accepted
PREPARE TRANSACTION 'move';  -- finds: two-phase-commit
COMMIT PREPARED 'move';  -- finds: two-phase-commit
ALTER DATABASE shop SET search_path = shop;  -- finds: multiple-databases
CREATE USER reader WITH PASSWORD 'hunter3';  -- finds: role-password
VACUUM ANALYZE t;  -- finds: vacuum
PREPARE find AS SELECT 1;  -- finds: prepare
EXECUTE find;  -- finds: prepare
DEALLOCATE find;  -- finds: deallocate
DISCARD ALL;  -- finds: discard
LISTEN news;  -- finds: listen-notify
NOTIFY news, 'hello';  -- finds: listen-notify
UNLISTEN *;  -- finds: listen-notify
LOCK TABLE t IN EXCLUSIVE MODE;  -- finds: lock-table
SAVEPOINT s;  -- finds: savepoint
SET TRANSACTION ISOLATION LEVEL SERIALIZABLE;  -- finds: isolation-level
SET statement_timeout = '5s';  -- finds: unsupported-setting
SET search_path = shop;  -- accepted
SHOW lc_collate;  -- finds: show-setting
