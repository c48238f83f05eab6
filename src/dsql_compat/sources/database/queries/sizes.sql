-- What the server knows of how much tables hold and how busy they are, without looking.
SELECT c.oid::bigint AS relation, c.reltuples::float8 AS rows,
       c.relpages::bigint + COALESCE(t.relpages, 0)::bigint AS pages,
       pg_catalog.pg_stat_get_live_tuples(c.oid) AS live,
       pg_catalog.pg_stat_get_tuples_inserted(c.oid) AS inserted
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_class t ON t.oid = c.reltoastrelid
WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't'
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
ORDER BY c.oid
