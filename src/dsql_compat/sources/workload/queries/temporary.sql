-- Temporary tables that exist now, by name.
SELECT c.relname::text AS name, count(*) AS count
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relpersistence = 't' AND c.relkind = 'r' AND n.nspname LIKE 'pg\_temp\_%'
GROUP BY c.relname
ORDER BY c.relname
