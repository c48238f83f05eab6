SELECT i.indexrelid::bigint AS oid, n.nspname AS schema, c.relname AS name,
       i.indrelid::bigint AS relation, pg_catalog.pg_get_indexdef(i.indexrelid) AS definition,
       i.indisclustered AS is_clustered, i.indisreplident AS is_replica_identity,
       i.indisvalid AS is_valid, i.indisready AS is_ready, ts.spcname AS tablespace,
       c.relkind::text AS kind, c.reloptions AS options, k.oid::bigint AS constraint_oid,
       (SELECT pg_catalog.array_agg(ARRAY[a.attnum::int, a.attstattarget::int] ORDER BY a.attnum)
        FROM pg_catalog.pg_attribute a
        WHERE a.attrelid = i.indexrelid AND a.attstattarget >= 0) AS statistics
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_tablespace ts ON ts.oid = c.reltablespace
LEFT JOIN pg_catalog.pg_constraint k
       ON k.conindid = i.indexrelid AND k.conrelid = i.indrelid AND k.contype IN ('p', 'u', 'x')
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
ORDER BY i.indexrelid
