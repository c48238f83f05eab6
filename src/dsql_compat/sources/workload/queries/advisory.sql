-- Advisory locks that are held; their keys stay where they are.
SELECT mode, count(*) AS count
FROM pg_catalog.pg_locks
WHERE locktype = 'advisory' AND granted
  AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
GROUP BY mode
ORDER BY mode
