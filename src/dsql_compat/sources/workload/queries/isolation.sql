-- Isolation levels that this database or its roles begin with.
SELECT DISTINCT split_part(entry, '=', 2) AS level
FROM pg_catalog.pg_db_role_setting s, unnest(s.setconfig) AS entry
WHERE entry LIKE 'default_transaction_isolation=%'
  AND s.setdatabase IN
    (0, (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()))
